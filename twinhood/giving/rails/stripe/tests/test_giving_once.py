"""A gift of $25 by card (S4): what happens on Stripe's page, and what of it reaches the line."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from twinhood.giving import limits, notices
from twinhood.giving.errors import RailDown, RailRefuses
from twinhood.giving.models import Gift, Notice, Pledge
from twinhood.giving.rails import BY_CODE
from twinhood.giving.rails.stripe import client as door
from twinhood.giving.rails.stripe.amounts import NotAtStripe, from_stripe, to_stripe
from twinhood.giving.rails.stripe.tests import world
from twinhood.giving.words import notice_problem
from twinhood.kit import clock
from twinhood.ledger.models import Segment
from twinhood.practice import Practice

pytestmark = pytest.mark.django_db
CARD = BY_CODE["card"]


def test_a_gift_by_card_is_settled_with_the_fee_that_was_taken(practice: Practice) -> None:
    fund = world.a_fund()
    pledge = world.pledged(fund)

    intent = world.paid(practice, pledge)
    world.heard(world.events_about(intent))

    gift = Gift.objects.get()
    pledge.refresh_from_db()
    assert (gift.amount_minor, gift.fee_minor, gift.intake_key) == (2500, 103, intent)
    assert (pledge.state, pledge.gift) == (Pledge.State.SETTLED, gift)
    segment = Segment.objects.get(entry__key=gift.key)
    assert (segment.start_minor, segment.end_minor) == (0, 2397)
    assert world.balance(fund.partnership, "assets:clearing:card") == 2397


def test_a_double_click_opens_one_page_and_the_back_button_the_same(practice: Practice) -> None:
    pledge = world.pledged(world.a_fund())

    names = {world.begun(pledge) for _ in range(3)}

    assert len(names) == 1


@pytest.mark.parametrize(
    ("language", "is_practice", "locale"),
    [("pl", False, "pl"), ("uk", False, "auto"), ("uk", True, "uk")],
)
def test_the_page_speaks_the_donors_language_if_stripe_does(
    settings: Settings, language: str, is_practice: bool, locale: str
) -> None:
    settings.STRIPE_KEY = "sk_test_x"
    settings.STRIPE_URL = "http://127.0.0.1:1" if is_practice else ""

    assert door.locale_of(language) == locale


def test_a_page_that_expired_is_followed_by_another(practice: Practice) -> None:
    pledge = world.pledged(world.a_fund())
    first = world.begun(pledge)
    practice.control("time", advance_s=25 * 3_600)
    world.heard(world.events_about(first)[-1:])
    pledge.refresh_from_db()
    assert pledge.state == Pledge.State.EXPIRED

    second = world.begun(pledge)

    assert second != first
    practice.control("pay", session=second)
    CARD.online.look(pledge)  # type: ignore[union-attr]
    pledge.refresh_from_db()
    assert pledge.state == Pledge.State.SETTLED


def test_who_paid_and_comes_back_is_thanked_and_not_asked_again(practice: Practice) -> None:
    pledge = world.pledged(world.a_fund())
    world.paid(practice, pledge)

    assert CARD.online is not None
    to = CARD.online.begin(pledge, back_url=world.BACK, thanks_url=world.THANKS)

    assert to == world.THANKS
    assert Gift.objects.count() == 1


def test_a_declined_card_leaves_the_page_open_for_another(practice: Practice) -> None:
    pledge = world.pledged(world.a_fund())
    with pytest.raises(ValueError, match="declined"):
        world.paid(practice, pledge, "4000000000000002")
    intent = door.read("checkout.sessions", pledge.rail_ref)["payment_intent"]
    world.heard(world.events_about(intent))
    assert not Gift.objects.exists()

    world.paid(practice, pledge)
    world.heard(world.events_about(intent))

    assert Gift.objects.count() == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_that_is_lost_leads_to_one_payment_page(practice: Practice, when: str) -> None:
    pledge = world.pledged(world.a_fund())
    practice.control("fault", path="/v1/checkout/sessions", when=when, status=500, times=2)

    with pytest.raises(RailDown):
        world.begun(pledge)
    world.begun(pledge)

    mine = [s for s in door.read_some("checkout.sessions", 5)
            if s["client_reference_id"] == pledge.reference]  # fmt: skip
    assert len(mine) == 1


def test_while_stripe_is_down_notices_wait_and_a_person_is_told_when_it_lasts(
    practice: Practice, settings: Settings
) -> None:
    intent = world.paid(practice, world.pledged(world.a_fund()))
    event = world.events_about(intent)[-1]
    settings.STRIPE_URL = "http://127.0.0.1:9"

    assert world.sent(event) == 200
    for _ in range(notices.TRIES_MAX):
        notices.handle_due()

    notice = Notice.objects.get()
    assert (notice.handled_at, notice.problem) == (None, "rail_down")
    settings.STRIPE_URL = practice.url
    notices.handle_due()
    notice.refresh_from_db()
    assert (notice.outcome, notice.problem) == ("taken_in", "")


def test_a_notice_that_never_comes_is_made_up_for(practice: Practice) -> None:
    pledge = world.pledged(world.a_fund())
    world.paid(practice, pledge)
    assert notices.look_for_missing() == 0  # it may still be on its way

    notices.look_for_missing(at=clock.now() + timedelta(minutes=11))

    assert Gift.objects.count() == 1


def test_notices_that_got_lost_are_fetched_again(practice: Practice) -> None:
    intent = world.paid(practice, world.pledged(world.a_fund()))

    assert notices.fetch_missed() > 0
    assert notices.fetch_missed() == 0
    while notices.handle_due():
        pass

    assert Gift.objects.get().intake_key == intent


def test_a_payment_of_another_amount_is_held_for_a_person_and_can_be_replayed(
    practice: Practice,
) -> None:
    pledge = world.pledged(world.a_fund())
    intent = world.paid(practice, pledge)
    Pledge.objects.update(amount_minor=9_900)
    world.heard(world.events_about(intent)[-1:])
    problems = notices.with_problems(pledge.partnership)
    assert [(n.outcome, n.problem) for n in problems] == [("held", "other_amount")]
    assert not Gift.objects.exists()

    Pledge.objects.update(amount_minor=2_500)
    assert notices.replay(problems) == 1
    notices.handle_due()

    assert Gift.objects.count() == 1
    assert not notices.with_problems(pledge.partnership).exists()


def test_money_that_stripe_changed_on_the_way_is_held_for_a_person(practice: Practice) -> None:
    """Yen become dollars in this account: what arrived is not what was given."""
    intent = world.paid(practice, world.pledged(world.a_fund("JPY"), 2500))

    world.heard(world.events_about(intent)[-1:])

    assert Notice.objects.get().problem == "currency_changed"
    assert not Gift.objects.exists()
    assert "Refund it there" in notice_problem("currency_changed")


def test_what_was_held_and_then_refunded_waits_for_nobody_any_more(practice: Practice) -> None:
    fund = world.a_fund("JPY")
    intent = world.paid(practice, world.pledged(fund, 2500))
    world.heard(world.events_about(intent)[-1:])
    door.do("refunds", "create", key=f"{intent}-part", payment_intent=intent, amount=1000)
    world.heard(world.events_about(intent)[-1:])
    assert notices.with_problems(fund.partnership).exists()

    door.do("refunds", "create", key=f"{intent}-rest", payment_intent=intent)
    world.heard(world.events_about(intent)[-1:])

    assert not notices.with_problems(fund.partnership).exists()
    assert set(Notice.objects.values_list("outcome", flat=True)) == {"given_back"}
    assert not Gift.objects.exists()


def test_a_restored_database_takes_the_same_money_in_again_once(practice: Practice) -> None:
    """Everything after the backup is gone; the notices of the last day bring it back."""
    pledge = world.pledged(world.a_fund())
    world.begun(pledge)
    world.paid(practice, pledge)

    for _ in range(2):
        notices.fetch_missed()
        while notices.handle_due():
            pass

    assert Gift.objects.count() == 1


@pytest.mark.parametrize(
    ("amount_minor", "currency", "at_stripe"),
    [(2500, "USD", 2500), (2500, "JPY", 2500), (2500, "KWD", 2500), (2500, "UAH", 2500)],
)
def test_minor_units_are_stripes_where_they_agree(
    amount_minor: int, currency: str, at_stripe: int
) -> None:
    assert to_stripe(amount_minor, currency) == at_stripe
    assert from_stripe(at_stripe, currency) == amount_minor


def test_an_amount_that_stripe_cannot_take_is_refused_and_never_rounded(
    practice: Practice,
) -> None:
    with pytest.raises(NotAtStripe):
        to_stripe(25_005, "KWD")
    with pytest.raises(NotAtStripe):
        from_stripe(25.0, "USD")  # type: ignore[arg-type]
    pledge = world.pledged(world.a_fund("KWD"), 25_005)

    with pytest.raises(RailRefuses, match="amount"):
        world.begun(pledge)


def test_without_a_key_cards_are_not_offered(settings: Settings) -> None:
    settings.STRIPE_KEY = ""

    assert CARD.online is not None
    assert not CARD.online.is_ready()
    with pytest.raises(RailDown):
        door.read("payment_intents", "pi_1")


@pytest.mark.parametrize(
    ("key", "url", "mode"),
    [
        ("", "", "off"),
        ("sk_live_x", "", "live"),
        ("rk_live_x", "", "live"),
        ("sk_test_x", "", "test"),
        ("sk_test_x", "http://127.0.0.1:1", "practice"),
    ],
)
def test_the_key_says_what_kind_of_money_it_is(
    settings: Settings, key: str, url: str, mode: str
) -> None:
    settings.STRIPE_KEY, settings.STRIPE_URL = key, url

    assert door.mode() == mode


def test_each_refused_card_counts_where_its_form_came_from_and_the_gift_comes_all_the_same(
    practice: Practice,
) -> None:
    pledge = world.pledged(world.a_fund())
    here = b"h" * 16
    Pledge.objects.filter(pk=pledge.pk).update(sent_from=here)
    for _ in range(3):
        with pytest.raises(ValueError, match="declined"):
            world.paid(practice, pledge, "4000000000000002")
    world.paid(practice, pledge)
    intent = door.read("checkout.sessions", pledge.rail_ref)["payment_intent"]

    # All are told before any is handled, and the payment itself among them.
    for event in world.events_about(intent):
        assert world.sent(event) == 200
    notices.handle_due()

    assert limits.failures(here, clock.now()) == 3
    assert Gift.objects.count() == 1
