"""Who tries stolen cards is slowed down and stopped; a city hall behind one address is not."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from twinhood.giving import limits, pledging
from twinhood.giving.keys import master_keys
from twinhood.giving.models import Pledge, Tally
from twinhood.giving.tests import pledges, world

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def place(address: str, forwarded: str = "") -> str:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return limits.place_of(RequestFactory(headers=headers).get("/", REMOTE_ADDR=address))


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_a_place_is_an_address_or_a_network(address: str, counted: str) -> None:
    assert place(address) == counted


def test_what_a_visitor_says_of_itself_counts_only_behind_our_proxies(settings: Settings) -> None:
    assert place("203.0.113.7", "198.51.100.1") == "203.0.113.7"

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    assert place("10.0.0.1", "198.51.100.9, 198.51.100.1") == "198.51.100.1"
    assert place("10.0.0.1") == ""


def test_only_many_forms_or_failures_make_one_wait() -> None:
    assert [limits.wait_s(forms, 0) for forms in (1, 119, 120, 600, 9_000)] == [0, 0, 5, 15, 15]
    assert [limits.wait_s(1, failed) for failed in (0, 4, 5, 15, 49)] == [0, 0, 10, 30, 30]


@pytest.mark.django_db
def test_forms_are_counted_by_place_and_stretch_of_time() -> None:
    keys = master_keys()
    here, there = b"h" * 16, b"t" * 16

    counts = [limits.count_form(here, NOON, keys) for _ in range(3)]
    elsewhere = limits.count_form(there, NOON, keys)
    later = limits.count_form(here, NOON + timedelta(minutes=10), keys)

    assert (counts, elsewhere, later) == ([1, 2, 3], 1, 1)


@pytest.mark.django_db
def test_a_failure_counts_once_each_time_that_paying_was_begun() -> None:
    keys, here = master_keys(), b"h" * 16
    pledge = pledges.made(world.fund(world.partnership())).pledge
    Pledge.objects.update(sent_from=here)

    for _ in range(2):
        pledging.start(pledge, rail_ref="cs_1")
        pledging.fail(pledge, "card_declined", at=NOON)
        pledging.fail(pledge, "card_declined", at=NOON)

    assert limits.failures(here, NOON, keys) == 2
    assert limits.failures(here, NOON + timedelta(hours=1), keys) == 0


@pytest.mark.django_db
def test_after_some_hours_nobody_knows_where_a_pledge_came_from() -> None:
    keys, here = master_keys(), b"h" * 16
    pledges.made(world.fund(world.partnership()))
    Pledge.objects.update(sent_from=here, made_at=NOON)
    limits.count_form(here, NOON, keys)

    limits.forget(NOON + timedelta(hours=7))

    assert Pledge.objects.get().sent_from is None
    assert not Tally.objects.exists()


def test_a_pass_is_good_for_its_own_form_and_for_an_hour() -> None:
    written = limits.new_pass("a", NOON)

    assert limits.waited_s(written, "a", NOON + timedelta(seconds=12)) == 12
    assert limits.waited_s(written, "b", NOON + timedelta(seconds=12)) is None
    assert limits.waited_s(written, "a", NOON + timedelta(hours=2)) is None
    assert limits.waited_s(written + "x", "a", NOON) is None
    assert limits.waited_s("", "a", NOON) is None
