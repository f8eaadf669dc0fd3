"""The money core as a state machine over journal records: docs/reference/journal.md.

`Journal.post` takes one record after the other, in posting order. A record that breaks a rule
raises `Rejected` and changes nothing. `answer.py` says what became of each cent.

Amounts are whole minor units of the fund's currency, without upper bound. For a million gifts
the memory counts: a gift is a key, a place in two arrays and an interval of its fund's line.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate

from twinhood.ledger.core.fields import (
    Record,
    Rejected,
    optional_text,
    shown,
    some,
    some_texts,
    text,
    whole,
)
from twinhood.ledger.core.long_line import LongLine

ADVANCE = "advance:"


@dataclass(eq=False, slots=True)
class Exchange:
    """`amount` cents of one fund became `received` cents of another, from `start` on its line."""

    key: str
    number: int
    source: "Fund"
    amount: int
    target: "Fund"
    start: int
    received: int


@dataclass(eq=False, slots=True)
class Fund:
    """A line, and what brought each interval of it: a gift's or advance's key, or an exchange."""

    name: str
    number: int
    currency: str
    line: LongLine = field(default_factory=LongLine)
    starts: list[int] = field(default_factory=list)
    incomes: list[str | Exchange] = field(default_factory=list)

    def end_of(self, place: int) -> int:
        """Where the income at `place` ends."""
        return self.starts[place + 1] if place + 1 < len(self.starts) else self.line.head


@dataclass(eq=False, slots=True)
class Order:
    """Units divide the offsets in turn: unit n has [ends[n − 1], ends[n]).

    So do the funds that it took something from: a displaced offset stays on its fund's line.
    """

    key: str
    units: list[str]
    ends: list[int]
    funds: list[Fund] = field(default_factory=list)
    fund_ends: list[int] = field(default_factory=list)
    # Place of each unit that is not cancelled.
    live: dict[str, int] = field(default_factory=dict)
    # By how much a unit became cheaper: so many of its last offsets are covered no more.
    reduced: dict[str, int] = field(default_factory=dict)

    def cover(self, fund: Fund) -> None:
        """Take what is still wanted from the earliest free cents of this fund."""
        offset = self.fund_ends[-1] if self.fund_ends else 0
        taken = min(fund.line.free, self.ends[-1] - offset)
        if taken:
            fund.line.cover(self.key, taken, offset)
            self.funds.append(fund)
            self.fund_ends.append(offset + taken)

    def release(self, unit: str) -> None:
        self._free(*self.bounds(self.live.pop(unit)))

    def left_of(self, unit: str) -> int:
        """What a unit that is not cancelled costs now."""
        first, last = self.bounds(self.live[unit])
        return last - first - self.reduced.get(unit, 0)

    def reduce(self, unit: str, amount: int) -> None:
        """Free the last `amount` of the unit's offsets that are covered."""
        last = self.bounds(self.live[unit])[1] - self.reduced.get(unit, 0)
        self.reduced[unit] = self.reduced.get(unit, 0) + amount
        self._free(last - amount, last)

    def _free(self, first: int, last: int) -> None:
        part = bisect_right(self.fund_ends, first)
        while part < len(self.funds) and first < last:
            end = min(last, self.fund_ends[part])
            self.funds[part].line.release(self.key, first, end)
            first = end
            part += 1

    def bounds(self, place: int) -> tuple[int, int]:
        return self.ends[place - 1] if place else 0, self.ends[place]

    def place_at(self, offset: int) -> int:
        """The unit that has this offset."""
        return bisect_right(self.ends, offset)


class Journal:
    """Everything that the records posted so far have made."""

    def __init__(self) -> None:
        self.funds: dict[str, Fund] = {}
        self.exchanges: list[Exchange] = []
        # Keys used: a gift's number, an order, an exchange; None for what nobody names again.
        self.keys: dict[str, int | Order | Exchange | None] = {}
        self._funds: list[Fund] = []
        # By gift number: the number of its fund, and its place among that fund's incomes.
        self._gift_funds = array("I")
        self._gift_places = array("I")
        # By gift number: what refunds have taken so far.
        self._refunded: dict[int, int] = {}
        self._kinds: dict[str, Callable[[Record], None]] = {
            "fund": self._fund,
            "gift": self._gift,
            "order": self._order,
            "cancel": self._cancel,
            "reduction": self._reduction,
            "refund": self._refund,
            "exchange": self._exchange,
        }

    def post(self, record: object) -> None:
        """Take one record, as decoded from JSON. Raises Rejected, and then nothing is changed."""
        if type(record) is not dict:
            raise Rejected("not an object")
        kind = text(record, "kind")
        act = self._kinds.get(kind)
        if act is None:
            raise Rejected(f"unknown kind {shown(kind)}")
        act(record)

    def place_of(self, gift: int) -> tuple[Fund, int, int]:
        """The fund and the interval [start, end) of a gift or advance, by its number."""
        fund = self._funds[self._gift_funds[gift]]
        place = self._gift_places[gift]
        return fund, fund.starts[place], fund.end_of(place)

    def _fund(self, record: Record) -> None:
        name, currency = text(record, "fund"), text(record, "currency")
        if name in self.funds:
            raise Rejected(f"fund {shown(name)} is open already")
        fund = Fund(name, len(self._funds), currency)
        self.funds[name] = fund
        self._funds.append(fund)

    def _gift(self, record: Record) -> None:
        key = self._new_key(record)
        fund = self._open_fund(record, "fund")
        amount = whole(record, "amount")
        fee = whole(record, "fee", least=0) if "fee" in record else 0
        if fee >= amount:
            raise Rejected("'fee' leaves nothing of 'amount'")
        self._add_income(key, fund, fund.line.extend(amount - fee))

    def _order(self, record: Record) -> None:
        key = self._new_key(record)
        funds = [self._named_fund(name) for name in some_texts(record, "funds")]
        units, ends = _units_of(record)
        if len({fund.currency for fund in funds}) > 1:
            raise Rejected("the funds are of different currencies")
        _look_free(sum(fund.line.free for fund in funds), ends[-1])
        order = Order(key, units, ends)
        order.live = {unit: place for place, unit in enumerate(units)}
        self.keys[key] = order
        for fund in funds:
            order.cover(fund)

    def _cancel(self, record: Record) -> None:
        key = self._new_key(record)
        order = self._named_order(record)
        unit = optional_text(record, "unit")
        if unit is not None and unit not in order.live:
            raise Rejected(f"no unit {shown(unit)} that could be cancelled")
        if not order.live:
            raise Rejected(f"order {shown(order.key)} has no unit left")
        self.keys[key] = None
        for name in list(order.live) if unit is None else [unit]:
            order.release(name)

    def _reduction(self, record: Record) -> None:
        key = self._new_key(record)
        order = self._named_order(record)
        unit, amount = text(record, "unit"), whole(record, "amount")
        if unit not in order.live:
            raise Rejected(f"no unit {shown(unit)} that could become cheaper")
        if amount >= (left := order.left_of(unit)):
            raise Rejected(f"{shown(amount)} off a unit that costs {shown(left)}")
        self.keys[key] = None
        order.reduce(unit, amount)

    def _refund(self, record: Record) -> None:
        key = self._new_key(record)
        gift = self.keys.get(text(record, "source"))
        amount = whole(record, "amount")
        if not isinstance(gift, int):
            raise Rejected(f"no gift or advance {shown(record['source'])}")
        fund, start, end = self.place_of(gift)
        refunded = self._refunded.get(gift, 0)
        if amount > end - start - refunded:
            raise Rejected(f"more than is left of {shown(record['source'])}")
        self.keys[key] = None
        self._refunded[gift] = refunded + amount
        advance = fund.line.refund(key, (start, end), amount)
        if advance:
            self._add_income(ADVANCE + key, fund, fund.line.head - advance)

    def _exchange(self, record: Record) -> None:
        key = self._new_key(record)
        source, target = self._open_fund(record, "fund"), self._open_fund(record, "to")
        amount, received = whole(record, "amount"), whole(record, "received")
        if source is target:
            raise Rejected("an exchange of a fund with itself")
        if source.currency == target.currency and amount != received:
            raise Rejected("a move whose 'received' is not its 'amount'")
        _look_free(source.line.free, amount)
        source.line.cover(key, amount, is_exchange=True)
        start = target.line.extend(received, by_exchange=True)
        made = Exchange(key, len(self.exchanges), source, amount, target, start, received)
        self.keys[key] = made
        self.exchanges.append(made)
        target.starts.append(start)
        target.incomes.append(made)

    def _add_income(self, key: str, fund: Fund, start: int) -> None:
        self.keys[key] = len(self._gift_funds)
        self._gift_funds.append(fund.number)
        self._gift_places.append(len(fund.starts))
        fund.starts.append(start)
        fund.incomes.append(key)

    def _new_key(self, record: Record) -> str:
        key = text(record, "key")
        if key in self.keys:
            raise Rejected(f"key {shown(key)} is used already")
        if key.startswith(ADVANCE):
            raise Rejected(f"key {shown(key)} begins with {ADVANCE!r}")
        return key

    def _named_order(self, record: Record) -> Order:
        order = self.keys.get(text(record, "order"))
        if not isinstance(order, Order):
            raise Rejected(f"no order {shown(record['order'])}")
        return order

    def _open_fund(self, record: Record, name: str) -> Fund:
        return self._named_fund(text(record, name))

    def _named_fund(self, name: str) -> Fund:
        fund = self.funds.get(name)
        if fund is None:
            raise Rejected(f"fund {shown(name)} is not open")
        return fund


def _units_of(record: Record) -> tuple[list[str], list[int]]:
    """The names of an order's units and where each ends among the order's offsets."""
    names, amounts = [], []
    for unit in some(record, "units"):
        if type(unit) is not dict:
            raise Rejected("a unit must be an object")
        names.append(text(unit, "unit"))
        amounts.append(whole(unit, "amount"))
    if len(set(names)) < len(names):
        raise Rejected("two units have one name")
    return names, list(accumulate(amounts))


def _look_free(free: int, amount: int) -> None:
    if free < amount:
        raise Rejected(f"too little free: {shown(amount)} asked, {shown(free)} free")
