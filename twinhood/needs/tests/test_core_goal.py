"""Promises of a campaign's arithmetic."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.needs.core import goal
from twinhood.needs.core.goal import Item, Slogan, each_minor, progress, target_minor

CARS = Item(number=1, quantity=8, unit_price_minor=8_250_000, handed_over=4, bought=2)
TRUCKS = Item(number=2, quantity=12, unit_price_minor=9_500_000, bought=2)
SCANNER = Item(number=3, quantity=1, unit_price_minor=170_000_000)


@st.composite
def items(draw: st.DrawFn) -> Item:
    quantity = draw(st.integers(1, 50))
    handed_over = draw(st.integers(0, quantity))
    return Item(
        number=draw(st.integers(1, 10**6)),
        quantity=quantity,
        unit_price_minor=draw(st.integers(1, 10**9)),
        handed_over=handed_over,
        bought=draw(st.integers(0, quantity - handed_over)),
        own_free_minor=draw(st.integers(0, 10**10)),
    )


def test_eight_ambulances_twelve_trucks_and_a_scanner_are_three_and_a_half_million() -> None:
    assert target_minor([CARS, TRUCKS, SCANNER]) == 350_000_000


def test_the_slogan_is_a_sum_of_its_own_and_each_residents_share_is_rounded_up() -> None:
    items = [
        Item(number=1, quantity=2, unit_price_minor=6_727_000),
        Item(number=2, quantity=3, unit_price_minor=14_500_000),
        Item(number=3, quantity=1, unit_price_minor=115_000_000),
        Item(number=4, quantity=1, unit_price_minor=5_158_620),
    ]

    assert Slogan(2_500, 135_470).sum_minor == 338_675_000
    assert target_minor(items) == 177_112_620
    assert each_minor(target_minor(items), 135_470, "USD") == 1308


def test_free_money_fills_what_is_not_bought_in_campaign_order() -> None:
    found = progress([CARS, TRUCKS, SCANNER], free_minor=60_145_000)

    cars, trucks, scanner = found.items
    assert list(cars.states()) == ["handed_over"] * 4 + ["bought"] * 2 + ["given"] * 2
    assert list(trucks.states()) == ["bought"] * 2 + ["given"] * 4 + ["part"] + [""] * 5
    assert list(scanner.states()) == [""]
    assert found.next is not None
    assert (found.next.number, found.next.unit_number) == (2, 7)
    assert found.next.missing_minor == 9_500_000 - (60_145_000 - 2 * 8_250_000 - 4 * 9_500_000)


def test_a_needs_own_money_goes_to_that_need_alone() -> None:
    scanner = Item(number=3, quantity=1, unit_price_minor=170_000_000, own_free_minor=200_000_000)

    found = progress([TRUCKS, scanner], free_minor=0)

    assert found.items[0].count("given") == 0
    assert list(found.items[1].states()) == ["given"]
    assert found.surplus_minor == 30_000_000


def test_when_all_is_given_nothing_is_next_and_the_rest_is_surplus() -> None:
    found = progress([SCANNER], free_minor=170_000_001)

    assert found.next is None
    assert found.surplus_minor == 1


@given(st.lists(items(), max_size=6), st.integers(0, 10**11))
def test_the_runs_cover_the_line_from_0_to_the_target_without_gap_or_overlap(
    asked: list[Item], free_minor: int
) -> None:
    found = progress(asked, free_minor)

    runs = list(found.runs())
    edges = [0, *(run.start_minor + run.length_minor for run in runs)]
    assert [run.start_minor for run in runs] == edges[:-1]
    assert edges[-1] == found.target_minor == target_minor(asked)


@given(st.lists(items(), max_size=6), st.integers(0, 10**11))
def test_every_free_cent_is_given_to_a_thing_or_is_surplus(
    asked: list[Item], free_minor: int
) -> None:
    found = progress(asked, free_minor)

    used = sum(run.given_minor * run.count for run in found.runs())
    own = sum(item.own_free_minor for item in asked)
    assert used + found.surplus_minor == free_minor + own


@given(st.lists(items(), min_size=1, max_size=6), st.integers(0, 10**11))
def test_shared_money_reaches_an_item_only_when_the_ones_before_lack_nothing(
    asked: list[Item], free_minor: int
) -> None:
    laid = progress(asked, free_minor).items

    for earlier, later in pairwise(laid):
        own = min(later.item.own_free_minor, later.item.open_minor)
        has_shared = sum(run.given_minor * run.count for run in later.runs) > own
        assert not has_shared or earlier.missing_minor == 0


@given(items(), st.integers(0, 10**11))
def test_a_run_taken_apart_is_the_same_cells(item: Item, free_minor: int) -> None:
    for run in progress([item], free_minor).runs():
        cells = list(run.units())

        assert len(cells) == run.count
        assert sum(cell.length_minor for cell in cells) == run.length_minor
        assert cells[0].start_minor == run.start_minor
        assert [cell.first for cell in cells] == list(range(run.first, run.first + run.count))


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": 0},
        {"unit_price_minor": 0},
        {"handed_over": 2},
        {"bought": -1},
        {"own_free_minor": -1},
    ],
)
def test_an_impossible_item_cannot_be_built(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="item 1"):
        Item(**({"number": 1, "quantity": 1, "unit_price_minor": 5} | wrong))


def test_s3_the_target_is_the_items_and_the_stated_costs_for_each_resident_rounded_up() -> None:
    # S3.1: two ambulances of EUR 62,000 at 1.0850, three trash trucks, an MRI; 3 % of costs.
    items = [
        goal.Item(1, 2, 6_727_000),
        goal.Item(2, 3, 14_500_000),
        goal.Item(3, 1, 115_000_000),
    ]

    assert goal.target_minor(items) == 171_954_000
    assert goal.costs_minor(171_954_000, 300) == 5_158_620
    assert goal.target_minor(items, 300) == 177_112_620
    assert goal.each_minor(177_112_620, 135_470, "USD") == 1_308
    assert goal.Slogan(2_500, 135_470).sum_minor == 338_675_000


@given(
    prices=st.lists(st.integers(1, 10**9), min_size=1, max_size=5),
    free_minor=st.integers(0, 10**10),
    per_10k=st.integers(0, 3_000),
)
def test_free_money_fills_the_items_then_the_costs_and_the_rest_is_surplus(
    prices: list[int], free_minor: int, per_10k: int
) -> None:
    items = [goal.Item(number, 1, price) for number, price in enumerate(prices, 1)]

    laid = goal.progress(items, free_minor, per_10k)

    given_minor = sum(item.given_minor for item in laid.items)
    assert given_minor + laid.costs_given_minor + laid.surplus_minor == free_minor
    assert laid.target_minor == sum(prices) + laid.costs_minor
    assert 0 <= laid.costs_given_minor <= laid.costs_minor
    if laid.surplus_minor:
        assert laid.costs_given_minor == laid.costs_minor
