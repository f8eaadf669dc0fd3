"""How far a campaign is: its items laid end to end on one line, in campaign order.

The target is the sum of the items. Money that is still free fills the things that are not bought
yet, one after the other; so "next in line" and what it lacks follow from the line alone. All
amounts are minor units of the campaign's currency; a bought thing counts at its item's price.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from twinhood.kit.money import per_head_minor

# "" = nothing given for it yet; "part" = some, not all.
type State = Literal["", "part", "given", "bought", "handed_over"]


@dataclass(frozen=True, slots=True)
class Item:
    """`quantity` things at `unit_price_minor` each. `own_free_minor` lies in its own fund."""

    number: int
    quantity: int
    unit_price_minor: int
    handed_over: int = 0
    bought: int = 0
    own_free_minor: int = 0

    def __post_init__(self) -> None:
        if self.quantity < 1 or self.unit_price_minor < 1:
            message = f"item {self.number} has no quantity or no price"
            raise ValueError(message)
        if min(self.handed_over, self.bought, self.own_free_minor) < 0:
            message = f"item {self.number} has a negative count"
            raise ValueError(message)
        if self.handed_over + self.bought > self.quantity:
            message = f"item {self.number} has more things than it asked for"
            raise ValueError(message)

    @property
    def total_minor(self) -> int:
        return self.quantity * self.unit_price_minor

    @property
    def open_minor(self) -> int:
        """What the things that are not bought yet cost."""
        return (self.quantity - self.handed_over - self.bought) * self.unit_price_minor


@dataclass(frozen=True, slots=True)
class Run:
    """`count` neighbouring things of one item in one state, from `start_minor` of the line.

    `first` counts the things of the item from 0. `given_minor` is what free money each of them
    has: all, a part (then `count` is 1), or nothing.
    """

    number: int
    first: int
    count: int
    state: State
    start_minor: int
    unit_minor: int
    given_minor: int = 0

    @property
    def length_minor(self) -> int:
        return self.count * self.unit_minor

    def units(self) -> Iterator["Run"]:
        """Yield the run thing by thing."""
        for i in range(self.count):
            start = self.start_minor + i * self.unit_minor
            yield Run(
                self.number, self.first + i, 1, self.state, start, self.unit_minor, self.given_minor
            )


@dataclass(frozen=True, slots=True)
class ItemProgress:
    """One item's runs in line order; together they are exactly the item."""

    item: Item
    start_minor: int
    runs: tuple[Run, ...]

    def count(self, state: State) -> int:
        """How many things of the item are in `state`."""
        return sum(run.count for run in self.runs if run.state == state)

    @property
    def given_minor(self) -> int:
        """What is there for this item: bought things at their price, and the free money."""
        return sum(
            run.length_minor if run.state in ("bought", "handed_over") else
            run.given_minor * run.count
            for run in self.runs
        )  # fmt: skip

    @property
    def missing_minor(self) -> int:
        return self.item.total_minor - self.given_minor

    def states(self) -> Iterator[State]:
        """Yield each thing's state, in order."""
        for run in self.runs:
            yield from [run.state] * run.count


@dataclass(frozen=True, slots=True)
class Next:
    """The thing that the next gift goes into, and what it still lacks."""

    number: int
    unit_number: int
    missing_minor: int


@dataclass(frozen=True, slots=True)
class Progress:
    """A campaign's items along the line, and after them its stated costs, which make the target.

    `surplus_minor` is free money that neither an item nor the costs ask for.
    """

    target_minor: int
    items: tuple[ItemProgress, ...]
    surplus_minor: int
    costs_minor: int = 0
    costs_given_minor: int = 0

    @property
    def next(self) -> Next | None:
        """The first thing not fully given, or None when all are."""
        for item in self.items:
            for run in item.runs:
                if run.state in ("", "part"):
                    missing_minor = run.unit_minor - run.given_minor
                    return Next(run.number, run.first + 1, missing_minor)
        return None

    def runs(self) -> Iterator[Run]:
        """Every run of every item, from 0 to where the stated costs begin without a gap."""
        for item in self.items:
            yield from item.runs


@dataclass(frozen=True, slots=True)
class Slogan:
    """ "$25 from each resident": the sum for each, and how many."""

    per_head_minor: int
    heads: int

    def __post_init__(self) -> None:
        if self.per_head_minor < 1 or self.heads < 1:
            message = "a slogan needs people and a sum for each"
            raise ValueError(message)

    @property
    def sum_minor(self) -> int:
        return self.per_head_minor * self.heads


def costs_minor(items_minor: int, costs_per_10k: int) -> int:
    """The stated costs of items worth so much, rounded down to a minor unit."""
    return items_minor * costs_per_10k // 10_000


def with_costs_minor(items_minor: int, costs_per_10k: int) -> int:
    """A target: what the items cost, and the stated costs."""
    return items_minor + costs_minor(items_minor, costs_per_10k)


def target_minor(items: Iterable[Item], costs_per_10k: int = 0) -> int:
    """The campaign's target: the sum of its items, and its stated costs."""
    return with_costs_minor(sum(item.total_minor for item in items), costs_per_10k)


def each_minor(target_minor: int, heads: int, currency: str) -> int:
    """What each resident (or household, or pupil) would give to reach the target, rounded up to a
    minor unit."""
    return per_head_minor(target_minor, heads, currency)


def progress(items: Sequence[Item], free_minor: int, costs_per_10k: int = 0) -> Progress:
    """Lay `items` along the line and let the campaign's free money fill them in order.

    An item's own free money is used before the campaign's; what it has too much stays with it.
    """
    laid = []
    start_minor = 0
    left_minor, surplus_minor = max(free_minor, 0), 0
    for item in items:
        own_minor = min(item.own_free_minor, item.open_minor)
        shared_minor = min(left_minor, item.open_minor - own_minor)
        left_minor -= shared_minor
        surplus_minor += item.own_free_minor - own_minor
        runs = tuple(_runs(item, start_minor, own_minor + shared_minor))
        laid.append(ItemProgress(item, start_minor, runs))
        start_minor += item.total_minor
    asked_minor = costs_minor(start_minor, costs_per_10k)
    costs_given_minor = min(left_minor, asked_minor)
    return Progress(
        start_minor + asked_minor,
        tuple(laid),
        surplus_minor + left_minor - costs_given_minor,
        asked_minor,
        costs_given_minor,
    )


def _runs(item: Item, start_minor: int, free_minor: int) -> Iterator[Run]:
    price_minor = item.unit_price_minor
    full, rest_minor = divmod(free_minor, price_minor)
    empty = item.quantity - item.handed_over - item.bought - full - (1 if rest_minor else 0)
    first = 0
    parts: tuple[tuple[int, State, int], ...] = (
        (item.handed_over, "handed_over", 0),
        (item.bought, "bought", 0),
        (full, "given", price_minor),
        (1 if rest_minor else 0, "part", rest_minor),
        (empty, "", 0),
    )
    for count, state, given_minor in parts:
        if count:
            start = start_minor + first * price_minor
            yield Run(item.number, first, count, state, start, price_minor, given_minor)
            first += count
