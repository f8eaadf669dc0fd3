"""A matcher doubles the gifts of others exactly, up to a cap, whatever comes back and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.giving.core.matching_gift import (
    Change,
    GivenBack,
    MatchedGift,
    Matching,
    MatchPledge,
    NotMatched,
    Ratio,
    changes,
)

START = datetime(2023, 9, 1, tzinfo=UTC)
PLEDGE = MatchPledge(15_000_00, "USD", START, START + timedelta(30), matcher_key="rotary")


def gift(key: str, amount_minor: int, *, day: float = 1.0, **facts: str) -> MatchedGift:
    standing = {"currency": "USD", **facts}
    return MatchedGift(key, amount_minor, settled_at=START + timedelta(day), **standing)


type Fact = MatchedGift | GivenBack | tuple[str, int]


def after(facts: list[Fact], pledge: MatchPledge = PLEDGE) -> Matching:
    matching = Matching(pledge)
    for fact in facts:
        matching = with_fact(matching, fact)
    return matching


def with_fact(matching: Matching, fact: Fact) -> Matching:
    match fact:
        case MatchedGift():
            return matching.with_gift(fact)
        case GivenBack():
            return matching.with_given_back(fact)
        case _:
            return matching.with_paid(*fact)


gifts = st.lists(
    st.builds(gift, st.integers(0, 9).map("g{}".format), st.integers(1, 1000),
              day=st.integers(0, 40).map(float), donor_key=st.sampled_from(["anna", "rotary"])),
    max_size=8, unique_by=lambda one: one.key,
)  # fmt: skip
backs = st.lists(
    st.builds(GivenBack, st.integers(0, 9).map("r{}".format), st.integers(0, 9).map("g{}".format),
              st.integers(1, 1000), st.booleans()),
    max_size=8, unique_by=lambda one: one.key,
)  # fmt: skip
ratios = st.builds(Ratio.of, st.integers(1, 100), st.integers(1, 100))
pledges = st.builds(
    lambda cap, ratio: replace(PLEDGE, cap_minor=cap, ratio=ratio), st.integers(1, 4000), ratios
)


@given(pledges, gifts, backs)
def test_what_is_matched_is_what_others_gave_and_kept_up_to_the_cap(
    pledge: MatchPledge, given_gifts: list[MatchedGift], given_back: list[GivenBack]
) -> None:
    matching = after([*given_gifts, *given_back], pledge)

    kept_minor = 0
    for one in given_gifts:
        if one.donor_key == "anna" and one.settled_at < pledge.until_at:
            back = [b for b in given_back if b.gift_key == one.key and not b.is_undone]
            left_minor = max(0, one.amount_minor - sum(b.amount_minor for b in back))
            kept_minor += left_minor * pledge.ratio.gives // pledge.ratio.per
    assert matching.matched_minor == min(pledge.cap_minor, kept_minor)
    assert sum(matching.shares().values()) == matching.matched_minor
    assert all(0 <= share <= pledge.ratio.added_to(matching.gifts[key].amount_minor)
               for key, share in matching.shares().items())  # fmt: skip


@given(ratios, st.integers(0, 10**15))
def test_a_ratio_adds_the_most_whole_minor_units_that_it_allows(
    ratio: Ratio, amount_minor: int
) -> None:
    added_minor = ratio.added_to(amount_minor)

    assert added_minor * ratio.per <= amount_minor * ratio.gives
    assert (added_minor + 1) * ratio.per > amount_minor * ratio.gives


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 1000))
def test_a_ratio_is_the_same_however_large_the_amounts_that_say_it(
    gives_minor: int, per_minor: int, times: int
) -> None:
    try:
        plain = Ratio.of(gives_minor, per_minor)
    except NotMatched:
        with pytest.raises(NotMatched):
            Ratio.of(gives_minor * times, per_minor * times)
        return

    assert Ratio.of(gives_minor * times, per_minor * times) == plain
    assert Ratio.of(*plain.spoken(100)) == plain


@pytest.mark.parametrize(
    ("gives", "per", "spoken"),
    [(1, 1, (100, 100)), (1, 2, (50, 100)), (2, 1, (200, 100)), (2, 3, (200, 300)),
     (3333, 10_000, (3333, 10_000))],
)  # fmt: skip
def test_a_ratio_is_said_by_two_amounts_that_people_say(
    gives: int, per: int, spoken: tuple[int, int]
) -> None:
    assert Ratio(gives, per).spoken(100) == spoken


@pytest.mark.parametrize(("gives", "per"), [(0, 1), (1, 0), (-1, 1), (2, 2), (101, 1), (1, 10_001)])
def test_a_ratio_that_nobody_can_mean_is_refused(gives: int, per: int) -> None:
    with pytest.raises(NotMatched, match="ratio"):
        Ratio(gives, per)


@given(pledges, gifts, backs, st.randoms(use_true_random=False))
def test_late_twice_and_in_any_order_the_end_is_the_same(
    pledge: MatchPledge, given_gifts: list[MatchedGift], given_back: list[GivenBack], random: object
) -> None:
    facts: list[Fact] = [*given_gifts, *given_back]
    shuffled = [*facts, *facts]
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert after(shuffled, pledge) == after(facts, pledge)


@given(pledges, gifts, backs, st.lists(st.integers(-500, 900).filter(bool), max_size=5))
def test_paid_and_due_make_matched_at_every_step(
    pledge: MatchPledge,
    given_gifts: list[MatchedGift],
    given_back: list[GivenBack],
    paid: list[int],
) -> None:
    payments: list[Fact] = [(f"p{n}", amount) for n, amount in enumerate(paid)]
    matching = Matching(pledge)

    for fact in [*given_gifts, *payments, *given_back]:
        before, matching = matching, with_fact(matching, fact)

        balance_minor = matching.paid_minor + matching.due_minor - matching.over_minor
        assert balance_minor == matching.matched_minor
        assert min(matching.due_minor, matching.over_minor) == 0
        moved_minor = sum(change.amount_minor for change in changes(before, matching))
        assert moved_minor == matching.matched_minor - before.matched_minor


@given(pledges, gifts, backs)
def test_a_refund_takes_from_its_own_gift_only_and_others_never_lose(
    pledge: MatchPledge, given_gifts: list[MatchedGift], given_back: list[GivenBack]
) -> None:
    matching = after(list(given_gifts), pledge)

    for back in given_back:
        before, matching = matching, matching.with_given_back(back)
        lost = {one.gift_key for one in changes(before, matching) if one.amount_minor < 0}
        assert lost <= {back.gift_key}


def test_the_cap_cuts_the_last_gift_and_a_refund_makes_room_for_it() -> None:
    pledge = replace(PLEDGE, cap_minor=10_000)
    facts: list[Fact] = [gift("boris", 6000, day=2), gift("anna", 7000, day=1)]
    matching = after(facts, pledge)
    assert matching.shares() == {"anna": 7000, "boris": 3000}

    refunded = matching.with_given_back(GivenBack("r1", "anna", 2500))

    assert refunded.shares() == {"anna": 4500, "boris": 5500}
    assert changes(matching, refunded) == [Change("anna", -2500), Change("boris", 2500)]
    assert (refunded.matched_minor, refunded.due_minor) == (10_000, 10_000)


def test_a_refund_that_comes_before_its_gift_waits_for_it() -> None:
    matching = after([GivenBack("r1", "anna", 1000)])
    assert matching.matched_minor == 0

    assert matching.with_gift(gift("anna", 2500)).matched_minor == 1500


def test_a_dispute_won_counts_again_and_stays_won() -> None:
    dispute = GivenBack("d1", "clara", 5000)
    facts: list[Fact] = [gift("clara", 5000), dispute, replace(dispute, is_undone=True)]

    assert {after(list(order)).matched_minor for order in permutations(facts)} == {5000}


def test_money_that_left_twice_leaves_nothing_not_less() -> None:
    facts: list[Fact] = [
        gift("anna", 2500), gift("boris", 100), GivenBack("r", "anna", 2500),
        GivenBack("d", "anna", 2500),
    ]  # fmt: skip

    assert after(facts).matched_minor == 100


def test_what_the_matcher_paid_too_much_is_kept_for_the_next_gifts() -> None:
    paid = after([gift("anna", 2500), ("wire", 2500), GivenBack("r", "anna", 1000)])
    assert (paid.due_minor, paid.over_minor) == (0, 1000)

    more = paid.with_gift(gift("boris", 1500, day=2))

    assert (more.due_minor, more.over_minor) == (500, 0)


def test_gifts_outside_the_time_or_of_the_matcher_double_nothing() -> None:
    facts: list[Fact] = [
        gift("early", 100, day=-0.001), gift("first", 200, day=0), gift("late", 400, day=30),
        gift("own", 800, donor_key="rotary"),
    ]  # fmt: skip

    assert after(facts).shares() == {"first": 200}


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        (gift("anna", 0), "amount"),
        (gift("anna", 100, currency="EUR"), "currency"),
        (gift("boris", 101), "another"),
        (GivenBack("r", "boris", 0), "amount"),
        (GivenBack("r1", "boris", 51), "another"),
        (("wire", 0), "amount"),
        (("wire", 101), "another"),
    ],
)
def test_a_fact_that_cannot_be_is_refused(fact: Fact, code: str) -> None:
    standing = after([gift("boris", 100), GivenBack("r1", "boris", 50), ("wire", 100)])

    with pytest.raises(NotMatched) as refusal:
        with_fact(standing, fact)

    assert refusal.value.code == code


@pytest.mark.parametrize("change", [{"cap_minor": 0}, {"until_at": START}])
def test_a_pledge_that_can_match_nothing_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(NotMatched):
        replace(PLEDGE, **change)  # type: ignore[arg-type]
