"""What became of each gift, and where each order's cents came from.

Through an exchange, whole runs go to their images at once. Exchanges are gone through in the order
in which they were posted, each once for a trace: what an exchange brought is only ever covered by
later ones (docs/reference/journal.md, the rule against circles). So there is no recursion, and
thousands of exchanges may follow one another.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from twinhood.ledger.core.journal import Exchange, Fund, Journal, Order
from twinhood.ledger.core.long_line import Run

# (to, key, unit) → cents; "" where there is no unit.
Trace = dict[tuple[str, str, str], int]
# (unit, key) → cents.
Sources = dict[tuple[str, str], int]


class Answer:
    """The journal's lines at rest: nothing may be posted any more."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.runs = {name: fund.line.runs() for name, fund in journal.funds.items()}
        self._starts = {name: [run[0] for run in runs] for name, runs in self.runs.items()}
        # For each exchange, by number: where runs of one giver start, and the givers.
        self._origins: list[tuple[list[int], list[str]]] = []
        # Empty between two traces.
        self._onward = _Onward()

    def trace(self, fund: Fund, start: int, end: int) -> Trace:
        """Sum what became of the cents [start, end) of the fund's line."""
        rows: Trace = {}
        onward = self._onward
        self._sweep(fund, start, end, rows)
        while onward.numbers:
            exchange = self.journal.exchanges[heappop(onward.numbers)]
            for first, last in _joined(onward.offsets.pop(exchange.number)):
                start, end = _image(exchange, first, last)
                if start < end:
                    self._sweep(exchange.target, start, end, rows)
        return rows

    def sources(self, order: Order) -> Sources:
        """Sum an order's cents by unit and by the gift or advance that they came from."""
        rows: Sources = {}
        ends, units = order.ends, order.units
        for fund in order.funds:
            for start, end, offset in fund.line.pieces_of(order.key, 0, ends[-1]):
                shift = start - offset
                place = order.place_at(offset)
                for low, high, giver in self._givers(fund, start, end):
                    while low < high:
                        stop = min(high, ends[place] + shift)
                        row = units[place], giver
                        rows[row] = rows.get(row, 0) + stop - low
                        place += stop == ends[place] + shift
                        low = stop
        return rows

    def _sweep(self, fund: Fund, start: int, end: int, rows: Trace) -> None:
        """Add what [start, end) is used for to `rows`; note what was exchanged, to be followed."""
        runs = self.runs[fund.name]
        keys = self.journal.keys
        place = bisect_right(self._starts[fund.name], start) - 1
        while start < end:
            run_start, run_end, use, offset = runs[place]
            place += 1
            stop = end if end < run_end else run_end
            what = None if use is None else keys[use]
            if isinstance(what, Order):
                _add_units(rows, what, offset + start - run_start, offset + stop - run_start)
            else:
                row = ("free", fund.name, "") if use is None else ("refund", use, "")
                if isinstance(what, Exchange):
                    row = ("exchange", what.key, "")
                    first = offset + start - run_start
                    self._onward.add(what.number, (first, first + stop - start))
                rows[row] = rows.get(row, 0) + stop - start
            start = stop

    def _givers(self, fund: Fund, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """Yield (start, end, key of the gift or advance) over [start, end) of the line."""
        starts, incomes = fund.starts, fund.incomes
        place = bisect_right(starts, start)
        while start < end:
            income = incomes[place - 1]
            stop = starts[place] if place < len(starts) else end
            if stop > end:
                stop = end
            place += 1
            if isinstance(income, str):
                yield start, stop, income
            else:
                yield from _cut(*self._origins_of(income), start, stop)
            start = stop

    def _origins_of(self, exchange: Exchange) -> tuple[list[int], list[str]]:
        """Who gave what an exchange brought: starts on the receiving line, and keys.

        The exchanges before it are worked out first, since its cents can come through them.
        """
        for number in range(len(self._origins), exchange.number + 1):
            self._origins.append(self._find_origins(self.journal.exchanges[number]))
        return self._origins[exchange.number]

    def _find_origins(self, exchange: Exchange) -> tuple[list[int], list[str]]:
        starts: list[int] = []
        givers: list[str] = []
        source = exchange.source
        for start, end, offset in source.line.pieces_of(exchange.key, 0, exchange.amount):
            for low, high, giver in self._givers(source, start, end):
                first, last = _image(exchange, offset + low - start, offset + high - start)
                if first < last and not (givers and givers[-1] == giver):
                    starts.append(first)
                    givers.append(giver)
        return starts, givers


class _Onward:
    """Offsets of exchanges still to be followed, and the exchanges' numbers, the least first."""

    __slots__ = ("numbers", "offsets")

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.offsets: dict[int, list[Run]] = {}

    def add(self, number: int, offsets: Run) -> None:
        if number not in self.offsets:
            self.offsets[number] = []
            heappush(self.numbers, number)
        self.offsets[number].append(offsets)


def rows_of(trace: Trace) -> list[dict[str, object]]:
    """A trace as the answer gives it, sorted by code point."""
    return [
        {"to": to, "key": key, "unit": unit, "amount": amount}
        for (to, key, unit), amount in sorted(trace.items())
    ]


def answer(journal: Journal, rejected: Iterable[int] = ()) -> dict[str, object]:
    """The whole answer as one value. For a million gifts, `verify.replay` writes it in pieces."""
    found = Answer(journal)
    return {
        "rejected": list(rejected),
        "funds": {name: fund_answer(found, fund) for name, fund in journal.funds.items()},
        "gifts": {
            key: gift_answer(found, number)
            for key, number in journal.keys.items()
            if isinstance(number, int)
        },
        "orders": {
            key: order_answer(found, order)
            for key, order in journal.keys.items()
            if isinstance(order, Order) and order.live
        },
    }


def fund_answer(found: Answer, fund: Fund) -> dict[str, object]:
    uses = [
        {"start": start, "end": end, "key": use, "offset": offset}
        for start, end, use, offset in found.runs[fund.name]
        if use is not None
    ]
    line = fund.line
    return {"currency": fund.currency, "head": line.head, "free": line.free, "uses": uses}


def gift_answer(found: Answer, number: int) -> dict[str, object]:
    fund, start, end = found.journal.place_of(number)
    rows = rows_of(found.trace(fund, start, end))
    return {"fund": fund.name, "start": start, "end": end, "trace": rows}


def order_answer(found: Answer, order: Order) -> dict[str, object]:
    rows = sorted(found.sources(order).items())
    return {
        "sources": [{"unit": unit, "key": key, "amount": amount} for (unit, key), amount in rows]
    }


def _image(exchange: Exchange, first: int, last: int) -> Run:
    """Where offsets [first, last) lie on the receiving line; nothing, if they are worth less."""
    amount, received, start = exchange.amount, exchange.received, exchange.start
    return start + first * received // amount, start + last * received // amount


def _joined(runs: list[Run]) -> list[Run]:
    """The same cents in as few runs as can be."""
    runs.sort()
    joined = [runs[0]]
    for start, end in runs[1:]:
        if joined[-1][1] == start:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def _add_units(rows: Trace, order: Order, offset: int, end: int) -> None:
    """Add the offsets [offset, end) of an order to the rows of their units."""
    place = order.place_at(offset)
    while offset < end:
        stop = order.ends[place]
        if stop > end:
            stop = end
        row = ("order", order.key, order.units[place])
        rows[row] = rows.get(row, 0) + stop - offset
        place += 1
        offset = stop


def _cut(
    starts: list[int], givers: list[str], start: int, end: int
) -> Iterator[tuple[int, int, str]]:
    """Yield the runs of givers within [start, end)."""
    place = bisect_right(starts, start) - 1
    while start < end:
        stop = min(end, starts[place + 1]) if place + 1 < len(starts) else end
        yield start, stop, givers[place]
        place += 1
        start = stop
