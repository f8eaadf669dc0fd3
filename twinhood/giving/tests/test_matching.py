"""A matcher's offer over real gifts: the database's sum is the rule's own, to the cent."""

from datetime import UTC, date, datetime, timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.template import Context, Template
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twinhood.giving import actions, disputes, matching
from twinhood.giving.core.matching_gift import Ratio
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.models import Gift, MatchOffer
from twinhood.giving.tests import world
from twinhood.kit import clock
from twinhood.kit.fields import LocalText
from twinhood.ledger.models import Fund
from twinhood.people.models import Partnership

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 20, 12, tzinfo=UTC)
ROTARY = DonorFacts(name="Example Rotary", email="rotary@example.org")


@pytest.fixture
def pair() -> Partnership:
    made = world.partnership()
    world.fund(made)
    return made


def offer(
    pair: Partnership,
    cap_minor: int = 10_000,
    ratio: Ratio = Ratio(),  # noqa: B008 (it is frozen)
) -> MatchOffer:
    terms = matching.Terms(
        fund=Fund.objects.get(partnership=pair, code="kramatorsk-usd"),
        matcher=ROTARY,
        sentence=LocalText({"en": "Rotary doubles every gift"}),
        cap_minor=cap_minor,
        from_at=NOW - timedelta(days=1),
        until_at=NOW + timedelta(days=1),
        ratio=ratio,
    )
    return matching.record(partnership=pair, form_key=uuid4(), terms=terms, person=None)


def given_now(pair: Partnership, *amounts: int, donor: DonorFacts = world.ANNA) -> list[Gift]:
    day = date(2026, 9, 20)
    rows = [world.cheque(amount, donor, received_date=day) for amount in amounts]
    with clock.showing(NOW):
        return world.posted(pair, *rows)


def test_gifts_are_doubled_whole_until_the_cap(pair: Partnership) -> None:
    made = offer(pair)
    given_now(pair, 2_500, 6_000, 4_000)

    figure = matching.figure(made)

    assert (figure.given_minor, figure.matched_minor, figure.due_minor) == (12_500, 10_000, 10_000)
    assert figure.left_minor == 0


def test_what_is_given_back_is_owed_no_more_and_makes_room(pair: Partnership) -> None:
    made = offer(pair)
    first, _, _ = given_now(pair, 2_500, 6_000, 4_000)
    actions.refund_gift(gift=first, person=None, amount_minor=2_500, reason="a", earlier=0)

    assert matching.figure(made).matched_minor == 10_000
    assert matching.figure(made).given_minor == 10_000


def test_a_lost_dispute_is_not_matched_and_one_won_back_is(pair: Partnership) -> None:
    made = offer(pair)
    (gift,) = given_now(pair, 2_500)
    for _ in range(2):
        disputes.lost(gift=gift, key="d1", amount_minor=2_500, fee_minor=0, at=NOW)
    lost = matching.figure(made).matched_minor
    disputes.won(gift=gift, key="d1", at=NOW + timedelta(days=2))

    assert lost == 0
    assert matching.figure(made).matched_minor == 2_500
    assert matching.of_offer(made).matched_minor == 2_500


def test_the_matchers_gifts_double_nothing_and_pay_when_they_are_linked(
    pair: Partnership,
) -> None:
    made = offer(pair)
    given_now(pair, 2_500)
    (paid,) = given_now(pair, 2_000, donor=ROTARY)
    before = matching.figure(made)

    for _ in range(2):
        matching.link_payment(offer=made, ref=paid.ref, person=None)

    assert (before.matched_minor, before.due_minor) == (2_500, 2_500)
    assert matching.figure(made).due_minor == 500
    with pytest.raises(matching.CannotLink, match="linked"):
        matching.link_payment(offer=offer(pair), ref=paid.ref, person=None)


@given(
    st.lists(st.tuples(st.integers(1, 5_000), st.integers(0, 5_000)), max_size=6),
    st.integers(1, 12_000),
    st.builds(Ratio.of, st.integers(1, 20), st.integers(1, 20)),
)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_databases_sum_is_the_rules_own(
    pair: Partnership, amounts: list[tuple[int, int]], cap_minor: int, ratio: Ratio
) -> None:
    Gift.objects.update(settled_at=NOW - timedelta(days=9))  # of the examples before
    made = offer(pair, cap_minor, ratio)
    for gift, (_, back) in zip(given_now(pair, *(a for a, _ in amounts)), amounts, strict=True):
        if 0 < back <= gift.amount_minor:
            actions.refund_gift(gift=gift, person=None, amount_minor=back, reason="a", earlier=0)

    exact, figure = matching.of_offer(made), matching.figure(made)

    assert figure.matched_minor == exact.matched_minor == sum(exact.shares().values())
    assert figure.due_minor == exact.due_minor


def test_half_of_each_gift_is_added_and_rounded_down(pair: Partnership) -> None:
    made = offer(pair, cap_minor=3_000, ratio=Ratio(1, 2))
    given_now(pair, 2_501, 3_001)
    figure = matching.figure(made)
    given_now(pair, 9_999)

    assert (figure.given_minor, figure.matched_minor) == (5_502, 1_250 + 1_500)
    assert matching.figure(made).matched_minor == 3_000
    with pytest.raises(IntegrityError, match="match_offer_has_a_ratio"), transaction.atomic():
        MatchOffer.objects.update(gives=201)


def test_a_ratio_is_entered_as_people_say_it_and_told_on_pages_of_giving(
    pair: Partnership, client: Client
) -> None:
    desk, page = world.signed_in(client, world.tom(pair)), f"/en/desk/{pair.slug}/matching/"
    form = {
        "step": "record", "form_key": str(uuid4()), "fund": Fund.objects.get().pk, "cap": "100",
        "gives": "0.50", "per": "1", "from_date": "2026-09-01", "until_date": "2026-09-30",
        "name": "Rotary", "email": "rotary@example.org",
        "sentence_en": "Rotary adds half of every gift",
    }  # fmt: skip
    given_now(pair, 2_500)
    with clock.showing(NOW):
        wrong = desk.post(page, form | {"gives": "101"})
        desk.post(page, form)
        told = desk.get(page).content.decode()
        drawn = Template("{% load matching %}{% matching p %}").render(Context({"p": pair}))

    made = MatchOffer.objects.get()
    assert wrong.status_code == 422
    assert "at most 100 for each 1" in wrong.content.decode()
    assert (made.gives, made.per) == (1, 2)
    assert "For each $1 given, $0.50 is added." in unescape(drawn)
    assert "Added so far: $12.50 of $100; $87.50 can still be added." in unescape(drawn)
    assert "Added for each $1.00 given" in unescape(told)


def test_the_desk_records_an_offer_and_pages_of_giving_tell_it(
    pair: Partnership, client: Client
) -> None:
    desk, page = world.signed_in(client, world.tom(pair)), f"/en/desk/{pair.slug}/matching/"
    form = {
        "step": "record", "form_key": str(uuid4()), "fund": Fund.objects.get().pk, "cap": "100",
        "gives": "1", "per": "1", "from_date": "2026-09-01", "until_date": "2026-09-30",
        "name": "Rotary",
        "email": "rotary@example.org", "sentence_en": "Rotary doubles every gift",
    }  # fmt: skip
    given_now(pair, 2_500)
    with clock.showing(NOW):
        wrong = desk.post(page, form | {"until_date": "2026-08-30", "cap": "x"})
        for _ in range(2):
            made = desk.post(page, form, follow=True)
        (paid,) = given_now(pair, 2_000, donor=ROTARY)
        number = MatchOffer.objects.get().pk
        linked = desk.post(page, {"step": "link", "offer": number, "ref": paid.ref}, follow=True)
        drawn = Template("{% load matching %}{% matching p %}").render(Context({"p": pair}))

    assert wrong.status_code == 422
    assert "The offer is recorded" in made.content.decode()
    assert "The gift pays this offer." in linked.content.decode()
    said = unescape(drawn)
    assert "Rotary doubles every gift" in said
    assert "Doubled so far: $25 of $100. $75 can still be doubled." in said
