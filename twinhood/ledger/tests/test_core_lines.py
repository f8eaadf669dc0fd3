"""Two lines, built differently, agree on every cent: the one of the books and that of replay."""

from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twinhood.ledger.core.line import (
    Line,
    MoreThanIsLeft,
    Piece,
    Span,
    TooLittleFree,
    image,
    preimage,
)
from twinhood.ledger.core.long_line import LongLine

seeds = st.integers(0, 10**9)


@dataclass
class Both:
    """The same history on two lines."""

    random: Random
    line: Line = field(default_factory=Line)
    long: LongLine = field(default_factory=LongLine)
    gifts: list[Span] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    refunds: set[str] = field(default_factory=set)
    exchanges: dict[str, int] = field(default_factory=dict)
    incomes: list[tuple[Span, int]] = field(default_factory=list)
    at: int = 0

    def act(self) -> None:
        """Do one thing, at random, on both."""
        self.at += 1
        act = self.random.choice(
            [self.give, self.give, self.receive, self.order, self.sell, self.cancel]
            + [self.refund] * 3
        )
        act()

    def give(self) -> None:
        amount = self.random.randint(1, 30)
        self.gifts.append(self.line.extend(amount))
        self.long.extend(amount)

    def receive(self) -> None:
        amount = self.random.randint(1, 30)
        self.incomes.append((self.line.extend(amount), self.at))
        self.long.extend(amount, by_exchange=True)

    def order(self) -> None:
        self._cover(f"order:{self.at}", is_exchange=False)

    def sell(self) -> None:
        self._cover(f"exchange:{self.at}", is_exchange=True)

    def _cover(self, key: str, *, is_exchange: bool) -> None:
        if not self.line.free:
            return
        amount = self.random.randint(1, self.line.free)
        self.line.cover(key, amount)
        self.long.cover(key, amount, is_exchange=is_exchange)
        if is_exchange:
            self.exchanges[key] = self.at
        else:
            self.orders.append(key)

    def cancel(self) -> None:
        if self.orders:
            key = self.random.choice(self.orders)
            start = self.random.randint(0, 20)
            offsets = Span(start, start + self.random.randint(1, 20))
            self.line.release(key, offsets)
            self.long.release(key, offsets.start, offsets.end)

    def refund(self) -> None:
        if not self.gifts:
            return
        key, segment = f"refund:{self.at}", self.random.choice(self.gifts[-6:])
        try:
            done = self.line.refund(
                key, segment, self.random.randint(1, segment.length),
                refunds=self.refunds, exchanges=self.exchanges, exchange_incomes=self.incomes,
            )  # fmt: skip
        except MoreThanIsLeft:
            return
        self.refunds.add(key)
        taken = sum(piece.length for piece in self.line.pieces() if piece.use == key)
        advance = self.long.refund(key, (segment.start, segment.end), taken)
        assert advance == (done.advance.length if done.advance is not None else 0)
        if done.advance is not None:
            self.gifts.append(done.advance)


@given(seed=seeds)
@settings(max_examples=80, deadline=None)
def test_the_two_lines_hold_the_same_pieces_after_any_history(seed: int) -> None:
    both = Both(Random(seed))  # noqa: S311

    for _ in range(60):
        both.act()

        runs = [run for run in both.long.runs() if run[2] is not None]
        assert runs == [(p.start, p.end, p.use, p.offset) for p in both.line.pieces()]
        assert (both.long.head, both.long.free) == (both.line.head, both.line.free)


@given(seed=seeds)
@settings(max_examples=40, deadline=None)
def test_runs_partition_the_line_and_each_offset_is_found_where_it_lies(seed: int) -> None:
    both = Both(Random(seed))  # noqa: S311
    for _ in range(60):
        both.act()

    runs = both.long.runs()

    assert [run[0] for run in runs] == [0, *[run[1] for run in runs[:-1]]][: len(runs)]
    assert sum(run[1] - run[0] for run in runs) == both.long.head
    for start, end, use, offset in runs:
        if use is not None and use not in both.refunds:
            found = list(both.long.pieces_of(use, offset, offset + end - start))
            assert found == [(start, end, offset)]


def the_worked_example() -> Line:
    line = Line()
    for amount in (2402, 10000, 5000):
        line.extend(amount)
    line.cover("X", 9000)
    return line


def test_a_refund_displaces_and_an_advance_fills_what_no_free_cent_does() -> None:
    line = the_worked_example()

    done = line.refund(
        "R", Span(2402, 12402), 10000, refunds=(), exchanges={}, exchange_incomes=()
    )  # fmt: skip

    assert (done.displaced, done.advance) == (6598, Span(17402, 19000))
    assert line.pieces() == [
        Piece(0, 2402, "X", 0),
        Piece(2402, 12402, "R", 0),
        Piece(12402, 19000, "X", 2402),
    ]
    assert (line.head, line.free) == (19000, 0)


def test_more_than_is_free_or_left_is_refused_and_changes_nothing() -> None:
    line = the_worked_example()
    before = line.pieces()

    with pytest.raises(TooLittleFree) as too_little:
        line.cover("Y", 8403)
    with pytest.raises(MoreThanIsLeft) as more:
        line.refund("R", Span(0, 2402), 2403, refunds=(), exchanges={}, exchange_incomes=())

    assert (too_little.value.asked, too_little.value.free) == (8403, 8402)
    assert (more.value.asked, more.value.left) == (2403, 2402)
    assert (line.pieces(), line.free) == (before, 8402)


@given(amount=st.integers(1, 10**30), received=st.integers(1, 10**30), data=st.data())
def test_images_of_neighbours_meet_and_partition_what_was_received(
    amount: int, received: int, data: st.DataObject
) -> None:
    middle = data.draw(st.integers(0, amount))

    left = image(Span(0, middle), amount, received)
    right = image(Span(middle, amount), amount, received)

    assert (left.start, right.end) == (0, received)
    assert left.end == right.start


@given(amount=st.integers(1, 300), received=st.integers(1, 300), data=st.data())
def test_each_received_cent_lies_in_the_image_of_the_one_offset_it_came_from(
    amount: int, received: int, data: st.DataObject
) -> None:
    cent = data.draw(st.integers(0, received - 1))

    source = preimage(Span(cent, cent + 1), amount, received)

    assert source.length == 1
    found = image(source, amount, received)
    assert found.start <= cent < found.end
