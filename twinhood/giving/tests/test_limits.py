"""Who tries stolen cards is slowed down and stopped; a city hall behind one address is not."""

from datetime import UTC, datetime, timedelta

import pytest

from twinhood.giving import limits, pledging
from twinhood.giving.models import Pledge
from twinhood.giving.tests import pledges, world

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def test_only_many_forms_or_failures_make_one_wait() -> None:
    assert [limits.wait_s(forms, 0) for forms in (1, 119, 120, 600, 9_000)] == [0, 0, 5, 15, 15]
    assert [limits.wait_s(1, failed) for failed in (0, 4, 5, 15, 49)] == [0, 0, 10, 30, 30]


@pytest.mark.django_db
def test_forms_are_counted_by_place_and_stretch_of_time() -> None:
    here, there = b"h" * 16, b"t" * 16

    counts = [limits.count_form(here, NOON) for _ in range(3)]
    elsewhere = limits.count_form(there, NOON)
    later = limits.count_form(here, NOON + timedelta(minutes=10))

    assert (counts, elsewhere, later) == ([1, 2, 3], 1, 1)


@pytest.mark.django_db
def test_a_failure_counts_once_each_time_that_paying_was_begun() -> None:
    here = b"h" * 16
    pledge = pledges.made(world.fund(world.partnership())).pledge
    Pledge.objects.update(sent_from=here)

    for _ in range(2):
        pledging.start(pledge, rail_ref="cs_1")
        pledging.fail(pledge, "card_declined", at=NOON)
        pledging.fail(pledge, "card_declined", at=NOON)

    assert limits.failures(here, NOON) == 2
    assert limits.failures(here, NOON + timedelta(hours=1)) == 0


@pytest.mark.django_db
def test_after_some_hours_nobody_knows_where_a_pledge_came_from() -> None:
    here = b"h" * 16
    pledges.made(world.fund(world.partnership()))
    Pledge.objects.update(sent_from=here, made_at=NOON)

    limits.forget(NOON + timedelta(hours=7))

    assert Pledge.objects.get().sent_from is None


def test_a_pass_is_good_for_its_own_form_and_for_an_hour() -> None:
    written = limits.new_pass("a", NOON)

    assert limits.waited_s(written, "a", NOON + timedelta(seconds=12)) == 12
    assert limits.waited_s(written, "b", NOON + timedelta(seconds=12)) is None
    assert limits.waited_s(written, "a", NOON + timedelta(hours=2)) is None
    assert limits.waited_s(written + "x", "a", NOON) is None
    assert limits.waited_s("", "a", NOON) is None
