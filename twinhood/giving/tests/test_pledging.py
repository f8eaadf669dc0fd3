"""A pledge is made once, and settled once, whatever order the rail tells things in."""

from collections.abc import Callable
from datetime import date
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest

from twinhood.giving import actions, errors, keys, pledging, queries
from twinhood.giving.core import names, reference
from twinhood.giving.core.pledged import Told
from twinhood.giving.models import Donor, Gift, Pledge, RecurringPeriod
from twinhood.giving.tests import pledges, world
from twinhood.giving.tests.test_posting import in_threads
from twinhood.ledger.models import Fund


def a_fund() -> Fund:
    return world.fund(world.partnership())


pytestmark = pytest.mark.django_db

# --- making


def test_a_pledge_keeps_what_was_filled_in_and_seals_who_said_so() -> None:
    fund = a_fund()
    told = Told("Anna", "anna@example.org", honour="Olena", employer="Example Ltd")

    made = pledges.made(fund, told=told, cover_minor=103, is_monthly=True, shows_name=True)

    pledge = Pledge.objects.get()
    assert made.is_new
    assert reference.is_iso_11649(pledge.reference)
    assert (pledge.amount_minor, pledge.cover_minor, pledge.rhythm) == (2500, 103, "monthly")
    assert (pledge.shows_name, pledge.state, pledge.purpose) == (True, "made", "Ambulances")
    assert pledging.told_with(pledge) == told
    assert b"Olena" not in bytes(pledge.sealed_words or b"")
    assert pledge.donor is not None
    assert keys.open_donor(pledge.donor, keys.master_keys()) == told.donor


def test_the_pledges_secret_is_found_again_and_stored_only_as_a_hash() -> None:
    made = pledges.made(a_fund())

    assert names.secret_hash(made.secret) == bytes(made.pledge.secret_hash)
    assert pledging.secret_of(Pledge.objects.get()) == made.secret


def test_the_same_form_sent_twice_is_one_pledge() -> None:
    fund, form_key = a_fund(), uuid4()

    first = pledges.made(fund, form_key=form_key)
    again = pledges.made(fund, form_key=form_key)

    assert (again.pledge, again.secret, again.is_new) == (first.pledge, first.secret, False)
    assert (Pledge.objects.count(), Donor.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "other",
    [{"amount_minor": 5000}, {"told": Told("Anna", "other@example.org")}, {"is_monthly": True}],
)
def test_the_same_form_with_other_entries_is_refused(other: dict[str, object]) -> None:
    fund, form_key = a_fund(), uuid4()
    first = pledges.made(fund, form_key=form_key)

    with pytest.raises(errors.FormSentOtherwise) as refused:
        pledges.made(fund, form_key=form_key, **other)

    assert refused.value.reference == first.pledge.reference
    assert Pledge.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_eight_times_at_once_is_one_pledge_of_one_donor() -> None:
    fund, form_key = a_fund(), uuid4()

    results = in_threads(8, lambda: pledges.made(fund, form_key=form_key))

    made = [result for result in results if isinstance(result, pledging.Made)]
    assert len(made) == 8
    assert len({result.secret for result in made}) == 1
    assert sum(result.is_new for result in made) == 1
    assert (Pledge.objects.count(), Donor.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_eight_forms_of_one_address_at_once_are_eight_pledges_of_one_donor() -> None:
    fund = a_fund()

    results = in_threads(8, lambda: pledges.made(fund))

    assert all(isinstance(result, pledging.Made) for result in results), results
    assert (Pledge.objects.count(), Donor.objects.count()) == (8, 1)


def test_a_taken_reference_number_is_drawn_anew() -> None:
    fund = a_fund()
    numbers = iter([7, 7, 8])

    for _ in range(2):
        pledging.make(
            partnership=fund.partnership,
            form_key=uuid4(),
            choice=pledges.choice(fund),
            number_below=lambda _: next(numbers),
        )

    drawn = set(Pledge.objects.values_list("reference", flat=True))
    assert drawn == {reference.reference_for(7), reference.reference_for(8)}


def test_who_tells_nothing_is_no_donor_and_shows_no_name() -> None:
    made = pledges.made(a_fund(), told=Told(), shows_name=True)

    assert made.pledge.donor is None
    assert made.pledge.sealed_words is None
    assert not made.pledge.shows_name


def test_a_dedication_without_a_donor_is_sealed_too() -> None:
    made = pledges.made(a_fund(), told=Told(honour="Olena"))

    assert made.pledge.donor is None
    assert pledging.told_with(made.pledge) == Told(honour="Olena")
    assert b"Olena" not in bytes(made.pledge.sealed_words or b"")


def test_a_form_alone_changes_nothing_that_is_known_of_a_donor() -> None:
    fund = a_fund()
    pledges.made(fund, told=Told(email="anna@example.org"))

    pledges.made(fund, told=Told("Somebody else", "anna@example.org"))

    donor = Donor.objects.get()
    assert keys.open_donor(donor, keys.master_keys()).name == ""


# --- settling


def test_a_settled_pledge_is_a_gift_under_the_same_link() -> None:
    made = pledges.made(a_fund(), shows_name=True)

    taken = pledges.settled(made.pledge)
    actions.post_settled()

    gift = Gift.objects.get()
    pledge = Pledge.objects.get()
    assert (pledge.state, pledge.gift, taken.ref) == ("settled", gift, gift.ref)
    assert (gift.amount_minor, gift.fee_minor, gift.purpose) == (2500, 103, "Ambulances")
    assert (gift.rail, gift.intake_key, gift.donor) == ("wire", "py_1", pledge.donor)
    assert queries.gift_by_secret(made.secret) == gift
    assert pledging.secret_of_gift(gift) == made.secret
    assert queries.names_for([gift.key]) == {gift.key: "Anna"}


def test_settling_is_a_reading_a_gift_and_a_mark_and_nothing_more(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Callable[[int], Any]
) -> None:
    pledge = pledges.made(a_fund()).pledge
    monkeypatch.setattr(actions, "_asked_at", float("inf"))  # posting was asked for just now

    # And the begin and the end of its transaction.
    with django_assert_num_queries(3 + 2):
        pledges.settled(pledge)


def test_settling_twice_is_one_gift() -> None:
    made = pledges.made(a_fund())

    first = pledges.settled(made.pledge)
    again = pledges.settled(made.pledge)

    assert first.new is not None
    assert (again.ref, again.new) == (first.ref, None)
    assert Gift.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_settling_eight_times_at_once_is_one_gift() -> None:
    made = pledges.made(a_fund())

    results = in_threads(8, lambda: pledges.settled(made.pledge))

    assert {type(result) for result in results} == {actions.Intake}
    assert Gift.objects.count() == 1


MESSAGES: dict[str, Callable[[Pledge], object]] = {
    "start": lambda pledge: pledging.start(pledge, rail_ref=f"cs_{pledge.pk}"),
    "fail": lambda pledge: pledging.fail(pledge, "card_declined"),
    "expire": pledging.expire,
    "settle": pledges.settled,
    "settle again": pledges.settled,
}


def test_in_every_order_of_messages_money_that_came_is_one_settled_gift() -> None:
    fund = a_fund()

    for number, order in enumerate(permutations(MESSAGES)):
        pledge = pledges.made(fund).pledge
        for name in order:
            if name.startswith("settle"):
                pledges.settled(pledge, f"py_{number}")
            else:
                MESSAGES[name](pledge)
        pledge.refresh_from_db()
        assert (pledge.state, pledge.problem) == ("settled", ""), order
        assert Gift.objects.filter(pledge=pledge).count() == 1

    assert Gift.objects.count() == 120


def test_a_failed_pledge_says_why_and_can_be_begun_anew() -> None:
    pledge = pledges.made(a_fund()).pledge

    failed = pledging.fail(pledge, "card_declined")
    begun = pledging.start(pledge, rail_ref="cs_2")

    assert (failed.state, failed.problem) == ("failed", "card_declined")
    assert (begun.state, begun.problem, begun.rail_ref) == ("started", "", "cs_2")


def test_another_amount_than_pledged_is_booked_as_it_came() -> None:
    pledge = pledges.made(a_fund()).pledge

    pledges.settled(pledge, amount_minor=2000, fee_minor=0)

    assert Gift.objects.get().amount_minor == 2000


def test_another_currency_than_the_funds_is_refused() -> None:
    pledge = pledges.made(a_fund()).pledge

    with pytest.raises(errors.BadGift):
        pledges.settled(pledge, currency="EUR")

    pledge.refresh_from_db()
    assert (pledge.state, Gift.objects.count()) == ("made", 0)


def test_the_same_payment_with_another_amount_is_refused() -> None:
    pledge = pledges.made(a_fund()).pledge
    pledges.settled(pledge)

    with pytest.raises(errors.TakenInAlready):
        pledges.settled(pledge, amount_minor=2501)


def test_a_payment_settles_one_pledge_only() -> None:
    fund = a_fund()
    pledges.settled(pledges.made(fund).pledge, "py_1")
    other = pledges.made(fund).pledge

    with pytest.raises(errors.TakenInAlready):
        pledges.settled(other, "py_1")

    other.refresh_from_db()
    assert (other.state, other.gift) == ("made", None)


def test_paid_twice_a_pledge_brings_two_gifts_with_links_of_their_own() -> None:
    made = pledges.made(a_fund())

    pledges.settled(made.pledge, "py_1")
    second = pledges.settled(made.pledge, "py_2")
    actions.post_settled()

    first_gift, second_gift = Gift.objects.order_by("id")
    assert second.new is not None
    assert queries.gift_by_secret(made.secret) == first_gift
    assert queries.gift_by_secret(second.new.secret) == second_gift
    assert pledging.secret_of_gift(second_gift) == second.new.secret


def test_a_gift_of_a_renewed_or_unknown_link_has_no_secret_that_we_know() -> None:
    fund = a_fund()
    pledges.settled(pledges.made(fund).pledge)
    gift = Gift.objects.get()
    actions.renew_secret(gift=gift)
    gift.refresh_from_db()
    (by_cheque,) = world.taken_in(fund.partnership, world.cheque())

    assert pledging.secret_of_gift(gift) is None
    assert pledging.secret_of_gift(by_cheque) is None


def test_money_teaches_what_a_donor_had_not_told_and_changes_nothing_that_they_had() -> None:
    fund = a_fund()
    pledges.settled(pledges.made(fund, told=Told(email="anna@example.org")).pledge, "py_1")
    named = pledges.made(fund, told=Told("Anna", "anna@example.org", "1 Main St")).pledge
    renamed = pledges.made(fund, told=Told("Mallory", "anna@example.org")).pledge

    pledges.settled(named, "py_2")
    pledges.settled(renamed, "py_3")

    facts = keys.open_donor(Donor.objects.get(), keys.master_keys())
    assert (facts.name, facts.address) == ("Anna", "1 Main St")


def test_a_forgotten_donors_pledge_still_settles_and_names_nobody() -> None:
    made = pledges.made(a_fund(), shows_name=True)
    assert made.pledge.donor is not None
    actions.erase(donor=made.pledge.donor)

    pledges.settled(made.pledge)

    gift = Gift.objects.get()
    assert not gift.shows_name
    assert pledging.told_with(Pledge.objects.get()) == Told()


# --- monthly

APRIL, MAY = date(2023, 4, 6), date(2023, 5, 6)


def test_each_month_brings_one_gift_in_whatever_order_they_are_told() -> None:
    made = pledges.made(a_fund(), is_monthly=True)
    recurring = pledges.recurring(made.pledge)

    for key, begins in [("in_2", MAY), ("in_1", APRIL), ("in_2", MAY), ("in_1", APRIL)]:
        pledges.settled(made.pledge, key, period_begins=begins)

    periods = RecurringPeriod.objects.filter(recurring=recurring).order_by("begins_date")
    assert [(p.begins_date, p.gift.intake_key) for p in periods] == [(APRIL, "in_1"), (MAY, "in_2")]
    assert Gift.objects.count() == 2


def test_two_payments_of_one_period_are_never_both_taken_in() -> None:
    made = pledges.made(a_fund(), is_monthly=True)
    pledges.recurring(made.pledge)
    pledges.settled(made.pledge, "in_1", period_begins=APRIL)

    with pytest.raises(errors.PeriodPaidAlready):
        pledges.settled(made.pledge, "in_9", period_begins=APRIL)

    assert Gift.objects.count() == 1


def test_a_months_payment_of_what_is_not_recurring_is_refused() -> None:
    made = pledges.made(a_fund())

    with pytest.raises(errors.NotRecurring):
        pledges.settled(made.pledge, "in_1", period_begins=APRIL)
