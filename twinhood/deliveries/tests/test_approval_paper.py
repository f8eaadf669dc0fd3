"""The record of an order's approvals: a paper that the log seals and anybody can check."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from twinhood.deliveries import actions, approval_paper
from twinhood.deliveries.models import Order
from twinhood.deliveries.terms import Terms
from twinhood.deliveries.tests.test_exchange import RATE, Shop
from twinhood.deliveries.tests.world import World
from twinhood.documents.core.typesetting import NotTypeset
from twinhood.documents.models import Document
from twinhood.needs.tests.world import AT
from twinhood.translog import actions as translog

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = World()
    made.give(90_000_000)
    return made


@pytest.fixture(autouse=True)
def _own_log(settings: Any, tmp_path: Path) -> None:
    settings.LOG_DIR = tmp_path / "log"


def address(world: World, order: Order) -> str:
    with override("en"):
        return reverse("deliveries:approvals_pdf", args=[world.partnership.slug, order.number])


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def bring(client: Client, data: bytes) -> str:
    return words(client.post("/en/v/", {"paper": SimpleUploadedFile("a.pdf", data)}))


def text_in(data: bytes, folder: Path) -> str:
    path = folder / "approvals.pdf"
    path.write_bytes(data)
    told = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return " ".join(told.stdout.decode().split())


def test_it_says_who_approved_what_for_whom_in_both_languages(world: World, tmp_path: Path) -> None:
    order = world.placed()
    client = world.signed_in(world.iryna)

    page = words(client.get(reverse("deliveries:order", args=[world.partnership.slug, 1])))
    response = client.get(address(world, order))

    assert address(world, order) in page
    assert response.headers["Content-Type"] == "application/pdf"
    assert "no-store" in response.headers["Cache-Control"]
    text = text_in(response.content, tmp_path)
    for said in (
        f"Approvals of order {order}", f"Схвалення замовлення {order}", "$165,000.00",
        order.content_hash, world.tom.name, world.lesia.name, "Neither I nor anybody close to me",
    ):  # fmt: skip
        assert said in text


def test_there_is_none_before_two_have_approved(world: World) -> None:
    order = world.proposed()
    world.approved_by(order, world.tom)
    client = world.signed_in(world.iryna)

    assert client.get(address(world, order)).status_code == 404
    assert not Document.objects.exists()


def test_a_stranger_gets_none(world: World) -> None:
    order = world.placed()

    assert Client().get(address(world, order)).status_code in (302, 404)


def test_whoever_holds_it_is_told_that_it_is_good_and_names_stay_on_it(world: World) -> None:
    order = world.placed()
    data = approval_paper.render(order)
    translog.seal()

    page = bring(Client(), data)
    code = Document.objects.get().code
    by_code = words(Client().get(f"/en/v/{code}/"))

    assert "verdict holds" in page
    assert "The approvals stand, and the order was placed." in page
    assert "It names people and accounts" in by_code
    for private in (world.tom.name, "165,000", order.content_hash):
        assert private not in by_code
    assert approval_paper.render(order) == data


def test_one_bit_makes_another_paper(world: World) -> None:
    data = approval_paper.render(world.placed())
    translog.seal()
    middle = len(data) // 2

    changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]

    assert "verdict holds" not in bring(Client(), changed)


def test_a_changed_order_leaves_the_old_record_genuine_and_void(tmp_path: Path) -> None:
    shop = Shop()
    order = shop.approved()
    data = approval_paper.render(order)
    translog.seal()
    before = bring(Client(), data)

    changed = actions.edit_order(
        order=order,
        quote=shop.euros[0],
        quantity=1,
        by=shop.iryna,
        at=AT,
        terms=Terms(source_fund=shop.fund, rate=RATE, delivery_terms="To Sloviansk."),
    )
    after = bring(Client(), data)

    assert "€62,000.00" in text_in(data, tmp_path)
    assert "The approvals stand; the money waits to be exchanged." in before
    assert "The order was changed afterwards: these approvals are void." in after
    assert "The paper holds, and is no longer in force" in after
    assert approval_paper.approvals_of(changed) == []


def test_a_sign_that_cannot_stand_on_paper_is_told_and_stops_no_purchase(world: World) -> None:
    said = "To the door \N{PERSON WITH FOLDED HANDS}"
    order = world.proposed(delivery_terms=said)
    world.approved_by(order, world.tom, world.lesia)
    order.refresh_from_db()
    client = world.signed_in(world.iryna)

    with pytest.raises(NotTypeset):
        approval_paper.render(order)
    response = client.get(address(world, order), follow=True)

    assert "This cannot stand on a paper" in words(response)
