"""Who paid for a thing: names only where they were asked for, few people not counted, by page."""

from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from twinhood.deliveries.models import Unit
from twinhood.deliveries.tests.world import World
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.tests import world as donors
from twinhood.kit import clock
from twinhood.needs.tests.world import AT
from twinhood.web import thing

pytestmark = pytest.mark.django_db
BORIS = DonorFacts(name="Boris Example")
SHY = DonorFacts(name="Shy Example")


@pytest.fixture
def world(tmp_path: Path, settings: Settings) -> World:
    settings.KEYS_DIR = tmp_path / "keys"
    return World()


def bought(world: World, *gifts: tuple[int, DonorFacts, bool]) -> str:
    """Two ambulances paid for by these gifts first; the address of the first one's givers."""
    rows = [
        donors.cheque(amount, donor, fund_code="main", shows_name=shows, received_date=AT.date())
        for amount, donor, shows in gifts
    ]
    donors.posted(world.partnership, *rows)
    order = world.placed()
    unit = Unit.objects.filter(order=order).order_by("number")[0]
    return f"/en/p/{world.partnership.slug}/units/{unit.code}/gifts/"


def page(client: Client, address: str, **query: str) -> str:
    with clock.showing(AT + timedelta(days=30)):
        answer = client.get(address, query)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_who_asked_for_it_is_named_and_few_others_are_not_even_counted(
    client: Client, world: World
) -> None:
    text = page(client, bought(world, (10000, BORIS, True), (2500, SHY, False)))

    assert "3 gifts made up its $82,500.00." in text
    assert "Boris Example" in text
    assert "$100.00" in text
    assert "And a few people who did not ask to be named." in text
    assert "Shy Example" not in text
    assert "$25.00" not in text


def test_many_others_are_counted_with_their_sum(client: Client, world: World) -> None:
    shy = [(1000, SHY, False)] * 9

    text = page(client, bought(world, (10000, BORIS, True), *shy))

    assert "And 10 gifts whose givers did not ask to be named: $82,400.00." in text


def test_a_long_list_is_read_page_by_page(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thing, "PAGE", 3)
    monkeypatch.setattr(thing, "COUNT_MAX", 4)
    named = [(1000, DonorFacts(name=f"Giver {n}"), True) for n in range(7)]
    address = bought(world, *named)

    first = page(client, address)
    second = page(client, address, after="3000")
    third = page(client, address, after="6000")

    assert "More than a thousand gifts" in first
    assert all(f"Giver {n}" in first for n in (0, 1, 2))
    assert "?after=3000" in first
    assert "Giver 2" not in second
    assert all(f"Giver {n}" in second for n in (3, 4, 5))
    assert "Giver 6" in third
    assert "Next gifts" not in third


def test_a_page_takes_as_many_questions_for_many_gifts_as_for_few(
    client: Client, world: World
) -> None:
    address = bought(world, *[(1000, SHY, False)] * 150)

    with CaptureQueriesContext(connection) as asked:
        page(client, address)

    assert len(asked) <= 12


@pytest.mark.parametrize("after", ["-1", "x", "9" * 19, "1.5", ""])
def test_a_cent_that_is_none_is_not_found(client: Client, world: World, after: str) -> None:
    address = bought(world)

    with clock.showing(AT + timedelta(days=30)):
        assert client.get(address, {"after": after}).status_code == 404
        assert client.get(address, {"after": "9" * 18}).status_code == 200


def test_a_thing_that_is_not_public_yet_tells_nothing_of_its_givers(
    client: Client, world: World
) -> None:
    address = bought(world, (10000, BORIS, True))

    with clock.showing(AT):
        hidden = client.get(address)

    assert hidden.status_code == 404
    assert client.get(address.replace(address.split("/")[-3], "f" * 16)).status_code == 404


def test_a_day_before_it_was_bought_shows_nothing_paid(client: Client, world: World) -> None:
    address = bought(world, (10000, BORIS, True))

    text = page(client, address, on="2001-01-01")

    assert "Nothing had been paid towards it then." in text
    assert "Boris" not in text
