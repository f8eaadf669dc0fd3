"""A gift each month: never twice for one period, changed, paused, skipped, ended, refused."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from twinhood.giving import letters, notices, pledging, recurring
from twinhood.giving.core.monthly import first_due
from twinhood.giving.errors import RailRefuses
from twinhood.giving.models import Gift, Mail, Notice, Pledge, RecurringGift, RecurringPeriod
from twinhood.giving.rails.stripe import client as door
from twinhood.giving.rails.stripe import monthly
from twinhood.giving.rails.stripe.tests import world
from twinhood.practice import Practice

pytestmark = pytest.mark.django_db
State = RecurringGift.State


def begun(practice: Practice, number: str = world.CARD) -> RecurringGift:
    pledge = world.pledged(world.a_fund(), 2500, is_monthly=True)
    world.heard(world.events_about(world.paid(practice, pledge, number)))
    return RecurringGift.objects.select_related("pledge__donor").get(pledge=pledge)


def a_month(practice: Practice, gift: RecurringGift) -> None:
    practice.control("month", subscription=gift.rail_ref)
    news(gift)


def news(gift: RecurringGift) -> None:
    known = set(Notice.objects.values_list("rail_ref", flat=True))
    world.heard(e for e in world.events_about(gift.rail_ref) if e["id"] not in known)
    gift.refresh_from_db()


def amounts(gift: RecurringGift) -> list[int]:
    periods = gift.periods.order_by("begins_date")
    return list(periods.values_list("gift__amount_minor", flat=True))


def test_the_first_payment_is_taken_in_once_whatever_tells_of_it(practice: Practice) -> None:
    gift = begun(practice)

    world.heard(reversed(world.events_about(gift.rail_ref)))

    assert Gift.objects.count() == RecurringPeriod.objects.count() == 1
    assert gift.pledge.gift == Gift.objects.get()
    assert (gift.state, gift.amount_minor, gift.problem) == (State.ACTIVE, 2500, "")
    assert gift.next_date is not None
    assert gift.next_date > date.today()  # noqa: DTZ011 (practice's clock only runs ahead)


def test_each_month_brings_one_gift(practice: Practice) -> None:
    gift = begun(practice)

    for _ in range(2):
        a_month(practice, gift)
        notices.replay(Notice.objects.all())
        notices.handle_due()

    assert amounts(gift) == [2500] * 3
    assert Gift.objects.count() == 3


def test_a_second_payment_of_one_period_is_held_for_a_person(practice: Practice) -> None:
    gift = begun(practice)
    (invoice,) = door.read_all("invoices", subscription=gift.rail_ref)
    other = world.paid(practice, world.pledged(gift.pledge.fund, 2500))
    period = RecurringPeriod.objects.get()
    Gift.objects.filter(pk=period.gift_id).update(intake_key=other)

    world.heard([world.events_about(gift.rail_ref)[-1] | {"id": f"evt_{invoice['id']}"}])

    assert Notice.objects.exclude(problem="").get().problem == "period_paid_already"
    assert RecurringPeriod.objects.count() == 1


def test_another_amount_counts_from_the_next_month(practice: Practice) -> None:
    gift = begun(practice)

    for _ in range(2):
        recurring.change(recurring=gift, amount_minor=4000, cover_minor=150)
    a_month(practice, gift)
    recurring.change(recurring=gift, amount_minor=2500)

    assert amounts(gift) == [2500, 4000]
    gift.refresh_from_db()
    assert (gift.amount_minor, gift.cover_minor) == (2500, 0)


def test_a_pause_brings_nothing_until_its_end(practice: Practice) -> None:
    gift = begun(practice)
    assert gift.next_date is not None
    until = gift.next_date + timedelta(days=40)

    recurring.pause(recurring=gift, until=until)

    assert (gift.state, gift.paused_until_date) == (State.PAUSED, until)
    assert gift.next_date >= until
    for _ in range(3):
        a_month(practice, gift)
    assert (gift.state, len(amounts(gift))) == (State.ACTIVE, 2)


def test_a_pause_without_an_end_lasts_until_it_is_resumed(practice: Practice) -> None:
    gift = begun(practice)

    recurring.pause(recurring=gift, until=None)
    a_month(practice, gift)
    assert (gift.state, gift.next_date, len(amounts(gift))) == (State.PAUSED, None, 1)
    for _ in range(2):
        recurring.resume(recurring=gift)
    a_month(practice, gift)

    assert (gift.state, len(amounts(gift))) == (State.ACTIVE, 2)


def test_one_month_is_skipped_and_the_day_stays(practice: Practice) -> None:
    gift = begun(practice)
    due = gift.next_date
    assert due is not None

    for _ in range(2):
        recurring.skip(recurring=gift)

    assert gift.state == State.ACTIVE
    assert gift.next_date == first_due(gift.day, due + timedelta(days=1))
    a_month(practice, gift)
    assert len(amounts(gift)) == 1
    a_month(practice, gift)
    assert len(amounts(gift)) == 2


def test_held_payments_wait_for_the_donors_decision(practice: Practice) -> None:
    gift = begun(practice)

    recurring.hold(recurring=gift)
    a_month(practice, gift)

    assert (gift.state, len(amounts(gift))) == (State.HELD, 1)
    assert recurring.resume(recurring=gift).state == State.ACTIVE


def test_an_ended_gift_comes_no_more_and_cannot_be_changed(practice: Practice) -> None:
    gift = begun(practice)

    for _ in range(2):
        recurring.end(recurring=gift)
    news(gift)

    assert (gift.state, gift.next_date) == (State.ENDED, None)
    assert gift.ended_at is not None
    with pytest.raises(RailRefuses, match="ended"):
        recurring.change(recurring=gift, amount_minor=4000)


def test_a_refused_card_is_told_kindly_and_tried_again(practice: Practice) -> None:
    gift = begun(practice, "4000000000000341")

    a_month(practice, gift)

    assert (gift.state, gift.problem) == (State.FAILING, "card_refused")
    letter = Mail.objects.get(kind=recurring.CARD_REFUSED)
    assert letter.facts["again_date"] == (gift_due(gift) + timedelta(days=3)).isoformat()
    sub = door.read("subscriptions", gift.rail_ref)
    practice.control("card", payment_method=sub["default_payment_method"], number=world.CARD)
    practice.control("time", advance_s=4 * 86_400)
    news(gift)
    assert (gift.state, gift.problem, len(amounts(gift))) == (State.ACTIVE, "", 2)


def gift_due(gift: RecurringGift) -> date:
    sub = door.read("subscriptions", gift.rail_ref)
    start = sub["items"]["data"][0]["current_period_start"]
    return datetime.fromtimestamp(start, UTC).date()


def test_after_the_last_try_it_has_ended_and_the_letter_says_so(practice: Practice) -> None:
    gift = begun(practice, "4000000000000341")

    practice.control("month", subscription=gift.rail_ref)
    practice.control("time", advance_s=16 * 86_400)
    news(gift)

    assert (gift.state, gift.problem) == (State.ENDED, "payment_failed")
    assert Mail.objects.filter(kind=recurring.CARD_REFUSED, facts__again_date="").count() == 1
    assert len(amounts(gift)) == 1


def test_a_declined_first_card_begins_nothing(practice: Practice) -> None:
    pledge = world.pledged(world.a_fund(), is_monthly=True)

    with pytest.raises(ValueError, match="declined"):
        world.paid(practice, pledge, "4000000000000002")

    assert not RecurringGift.objects.exists()
    pledge.refresh_from_db()
    assert pledge.state == Pledge.State.STARTED


def test_a_subscription_that_is_not_ours_is_left_alone(practice: Practice) -> None:
    gift = begun(practice)
    Pledge.objects.filter(pk=gift.pledge_id).update(reference="RF00OTHER")

    assert monthly.take_in_terms(gift.rail_ref) is None


@given(day=st.integers(1, 31), start=st.dates(date(2024, 1, 1), date(2099, 12, 1)))
def test_a_day_that_a_month_lacks_is_its_last(day: int, start: date) -> None:
    due = first_due(day, start)

    assert start <= due <= start + timedelta(days=31)
    assert due.day == day or (due.day < day and (due + timedelta(days=1)).day == 1)


BACK = "http://localhost/monthly"


def card_typed(practice: Practice, gift: RecurringGift, number: str = world.CARD) -> world.Event:
    """The donor follows the button and types a card; return Stripe's page."""
    address = recurring.new_card(recurring=gift, back_url=BACK)
    name = address.rpartition("/")[2]
    return practice.control("pay", session=name, number=number)


def card_news(session: world.Event) -> list[world.Event]:
    return world.events_about(session["id"])


def test_another_card_pays_at_once_what_the_old_one_refused(practice: Practice) -> None:
    gift = begun(practice, "4000000000000341")
    a_month(practice, gift)
    assert gift.state == State.FAILING

    session = card_typed(practice, gift)
    world.heard(card_news(session))
    news(gift)

    assert (gift.state, gift.problem, amounts(gift)) == (State.ACTIVE, "", [2500, 2500])
    assert session["mode"] == "setup"
    a_month(practice, gift)
    assert len(amounts(gift)) == 3


def test_the_card_that_was_typed_last_counts_in_whatever_order_it_is_told(
    practice: Practice,
) -> None:
    gift = begun(practice)
    first = card_typed(practice, gift)
    practice.control("time", advance_s=5)
    last = card_typed(practice, gift, "5555555555554444")
    typed = door.read("setup_intents", str(last["setup_intent"]))["payment_method"]

    for _ in range(2):
        world.heard([*card_news(last), *card_news(first)])

    assert door.read("subscriptions", gift.rail_ref)["default_payment_method"] == typed


def test_another_card_that_is_refused_too_leaves_it_failing_and_a_letter_says_so(
    practice: Practice,
) -> None:
    gift = begun(practice, "4000000000000341")
    a_month(practice, gift)
    letters = Mail.objects.filter(kind=recurring.CARD_REFUSED)
    assert letters.count() == 1

    world.heard(card_news(card_typed(practice, gift, "4000000000000341")))
    news(gift)

    assert (gift.state, letters.count()) == (State.FAILING, 2)
    assert not Notice.objects.exclude(problem="").exists()


def test_a_card_for_what_has_ended_changes_nothing(practice: Practice) -> None:
    gift = begun(practice)
    session = card_typed(practice, gift)
    recurring.end(recurring=gift)

    world.heard(card_news(session))

    gift.refresh_from_db()
    assert gift.state == State.ENDED
    with pytest.raises(RailRefuses, match="ended"):
        recurring.new_card(recurring=gift, back_url=BACK)


def test_the_donors_link_leads_to_the_page_for_another_card(practice: Practice) -> None:
    gift = begun(practice, "4000000000000341")
    a_month(practice, gift)
    own = f"/en/giver/monthly/by/{pledging.secret_of(gift.pledge)}/"

    page = Client().get(own)
    sent = Client().post(own, {"act": "card"})

    assert "Enter another card" in page.content.decode()
    assert practice.url in page["Content-Security-Policy"]
    assert sent.status_code == 303
    session = door.read("checkout.sessions", sent["Location"].rpartition("/")[2])
    assert session["success_url"].endswith(own)


def test_who_gives_is_told_of_another_amount_since_whoever_has_the_link_can_change_it(
    practice: Practice,
) -> None:
    gift = begun(practice)
    own = f"/uk/giver/monthly/by/{pledging.secret_of(gift.pledge)}/"

    for _ in range(2):
        Client().post(own, {"act": "change", f"m{gift.pk}-amount": "99"})
    letters.send_due()

    gift.refresh_from_db()
    assert gift.amount_minor == 9_900
    assert Mail.objects.filter(kind=recurring.CHANGED, state=Mail.State.SENT).count() == 1
    (letter,) = [sent for sent in mail.outbox if "$99.00" in sent.body]
    assert "monthly/by/" in str(letter.body)
