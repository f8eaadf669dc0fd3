"""Promises of dual use: no order before a licence was attached by one and read by another."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import translation
from PIL import Image

from twinhood.deliveries import actions, errors, licences
from twinhood.deliveries.models import Licence, Order
from twinhood.deliveries.tests.world import World
from twinhood.documents import files
from twinhood.documents.models import StoredFile
from twinhood.kit import clock
from twinhood.needs.core import catalogue
from twinhood.needs.tests.world import AT, DAY
from twinhood.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """A need of dual use, with the money for it."""
    world = World()
    world.need = licences.flag(world.need)
    world.give(90_000_000)
    return world


def sent(name: str = "licence.png") -> SimpleUploadedFile:
    picture = io.BytesIO()
    Image.new("RGB", (320, 200), (220, 220, 210)).save(picture, "PNG")
    return SimpleUploadedFile(name, picture.getvalue(), "image/png")


def attached(world: World, by: Person, until: date | None = None) -> Licence:
    return licences.enter(
        need=world.need,
        kind=Licence.Kind.NOT_NEEDED,
        file=files.keep(sent(), partnership=world.partnership, by=by),
        said_by="Invented authority, no. 17",
        until_date=until,
        by=by,
        at=AT,
    )


def why_not(world: World, order: Order) -> str:
    with pytest.raises(errors.NotLicensed) as problem:
        actions.approve(order=order, by=world.lesia, seen_hash=order.content_hash, at=AT)
    return problem.value.code


def test_what_is_of_dual_use_is_ordered_once_another_has_read_its_paper(world: World) -> None:
    order = world.proposed(1)
    world.approved_by(order, world.tom)

    assert why_not(world, order) == "none"
    refused = attached(world, world.iryna)
    assert why_not(world, order) == "unread"
    licences.read(licence=refused, is_accepted=False, by=world.tom, at=AT, reason="Another thing.")
    assert why_not(world, order) == "refused"
    over = attached(world, world.iryna, DAY - timedelta(days=1))
    licences.read(licence=over, is_accepted=True, by=world.tom, at=AT)
    assert why_not(world, order) == "expired"
    licences.read(licence=attached(world, world.iryna, DAY), is_accepted=True, by=world.tom, at=AT)

    world.approved_by(order, world.lesia)
    order.refresh_from_db()
    assert order.state == Order.State.PLACED


def test_who_attached_a_paper_does_not_read_it_with_any_account(world: World) -> None:
    paper = attached(world, world.iryna)
    second = world.person("I. Second", world.checkers)
    world.make_known(world.iryna, "Iryna")
    world.make_known(second, "Iryna")

    for person in (world.iryna, second):
        with pytest.raises(errors.MayNotRead):
            licences.read(licence=paper, is_accepted=True, by=person, at=AT)
    with pytest.raises(errors.ReasonMissing):
        licences.read(licence=paper, is_accepted=False, by=world.tom, at=AT, reason=" ")
    licences.read(licence=paper, is_accepted=True, by=world.tom, at=AT)
    with pytest.raises(errors.WrongState):
        licences.read(licence=paper, is_accepted=True, by=world.lesia, at=AT)
    with pytest.raises(IntegrityError, match="read once by another"), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO deliveries_licence (need_id, kind, file_id, said_by, entered_by_id,"
            " entered_at, is_accepted, read_by_id, read_at, reason) SELECT need_id, kind,"
            " file_id + 1, said_by, entered_by_id, entered_at, is_accepted, read_by_id, read_at, ''"
            " FROM deliveries_licence"
        )


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE deliveries_licence SET is_accepted = true, read_by_id = entered_by_id,"
        " read_at = now()",
        "UPDATE deliveries_licence SET until_date = '2099-01-01'",
        "DELETE FROM deliveries_licence",
        "UPDATE needs_need SET may_need_licence = false",
    ],
)
def test_the_database_keeps_papers_and_the_flag(world: World, sql: str) -> None:
    attached(world, world.iryna)

    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(sql)


def test_the_database_itself_places_nothing_unlicensed(world: World) -> None:
    world.approved_by(world.proposed(1), world.tom)
    attached(world, world.iryna)

    with pytest.raises(IntegrityError, match="two read a licence"), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO deliveries_approval (order_id, content_hash, proposed_by_id,"
            " approved_by_id, organisation_id, approved_at, statement) SELECT id, content_hash,"
            " proposed_by_id, %s, %s, now(), 'no-interest-1' FROM deliveries_order;"
            " UPDATE deliveries_order SET state = 'placed', placed_at = %s",
            [world.lesia.pk, world.city_s.pk, AT],
        )


def test_the_catalogue_flags_what_is_of_dual_use() -> None:
    flagged = {code for code, kind in catalogue.kinds().items() if kind.may_need_licence}

    assert flagged == {"body-armour", "radio", "satellite-terminal", "drone"}


def test_a_paper_is_attached_read_and_found_unfit_on_the_orders_page(world: World) -> None:
    order = world.proposed(1)
    iryna, tom, lesia = (world.signed_in(p) for p in (world.iryna, world.tom, world.lesia))

    def at(name: str, *more: Any) -> str:
        return reverse(f"deliveries:{name}", args=[world.partnership.slug, order.number, *more])

    said = {"licence-kind": "licence", "licence-said_by": "Invented authority, no. 17"}
    with clock.showing(AT), translation.override("en"):
        empty = iryna.post(at("attach_licence"), said)
        old = iryna.post(
            at("attach_licence"),
            said | {"licence-until_date": "2020-01-01", "licence-file": sent()},
        )
        kept = next(iter(StoredFile.objects.values_list("code", flat=True)))
        page = iryna.post(at("attach_licence"), said | {f"licence-file-{kept}": "1"}, follow=True)
        paper = Licence.objects.get()
        seen = tom.get(at("order")).content.decode()
        desk = tom.get(
            reverse("web:desk_partnership", args=[world.partnership.slug])
        ).content.decode()
        unsaid = tom.post(at("read_licence", paper.pk), {})
        done = tom.post(at("read_licence", paper.pk), {"accept": "1"}, follow=True)
        late = lesia.post(at("read_licence", paper.pk), {"accept": "1"}, follow=True)
        none = tom.post(at("read_licence", paper.pk + 1), {"accept": "1"}, follow=True)

    assert empty.status_code == old.status_code == unsaid.status_code == 422
    assert "Invented authority, no. 17" in empty.content.decode()
    assert "This day is over" in old.content.decode()
    assert "Nothing is ordered before somebody else has read it." in page.content.decode()
    assert "I read it: it does" in seen
    assert "I read it: it does" not in page.content.decode()
    assert "Read a licence" in desk
    assert "Read by two" in done.content.decode()
    assert "This has moved on meanwhile" in late.content.decode()
    assert "This has moved on meanwhile" in none.content.decode()


def test_an_approver_says_that_a_need_may_ask_for_a_licence() -> None:
    world = World()
    order = world.proposed(1)
    url = reverse("deliveries:licence_flag", args=[world.partnership.slug, order.number])

    with clock.showing(AT), translation.override("en"):
        page = world.signed_in(world.tom).post(url, follow=True).content.decode()
        again = world.signed_in(world.bondar).post(url, follow=True).content.decode()

    world.need.refresh_from_db()
    assert world.need.may_need_licence
    assert "Nothing is ordered now before two have read a licence." in page
    assert "This has moved on meanwhile" in again
