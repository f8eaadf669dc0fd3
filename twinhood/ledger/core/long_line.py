"""The number line of a fund as `twinhood replay` keeps it: a million gifts, any fragments.

The rules are those of `line.py`, which holds the few pieces that one action in the database needs
and speaks in rows. This one is built another way, so that it also checks that one: runs in sorted
maps, each with a constant *position − offset*, so that pieces which adjoin become one again.
Whatever happens costs O(log n) for each run that it touches.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from heapq import heappop, heappush

from twinhood.ledger.core.sorted_map import SortedMap

# A part of a use that lost its cents: use, first offset, how many.
Displaced = tuple[str, int, int]
# Cents [start, end).
Run = tuple[int, int]
Find = Callable[[int, int], Run | None]


class LongLine:
    """One fund's line. Positions and amounts are whole minor units, without upper bound."""

    __slots__ = ("_bought", "_clean", "_free_runs", "_limits", "_refunds", "_used", "_where",
                 "free", "head")  # fmt: skip

    def __init__(self) -> None:
        self.head = 0
        self.free = 0
        # start → end, and start → (end, use, offset); maximal runs both.
        self._free_runs: SortedMap[int, int] = SortedMap()
        self._used: SortedMap[int, tuple[int, str, int]] = SortedMap()
        # (use, offset) → start, for each run of `_used`.
        self._where: SortedMap[tuple[str, int], int] = SortedMap()
        # What refunds took stays theirs: nobody looks there again before the end.
        self._refunds: list[tuple[int, int, str, int]] = []
        # For a use that is an exchange: this line's head when it was posted. Income that starts
        # there or later and is an exchange's came from a later one.
        self._limits: dict[str, int] = {}
        self._bought = _Runs()
        self._clean = _Frontier()

    def extend(self, amount: int, *, by_exchange: bool = False) -> int:
        """Let income take the next interval; return where it starts."""
        start = self.head
        self.head = start + amount
        if by_exchange:
            self._bought.append(start, self.head)
        if self._free_runs.last_value() == start:
            # What a gift does nearly always; a million of them take this way.
            self.free += amount
            self._free_runs.set_last_value(self.head)
        else:
            self._set_free(start, self.head)
        return start

    def cover(self, use: str, amount: int, offset: int = 0, *, is_exchange: bool = False) -> None:
        """Take the earliest free cents; the caller has looked that `free` suffices."""
        if is_exchange:
            self._limits[use] = self.head
        while amount:
            start, end = self._free_runs.first() or (0, 0)
            taken = min(end - start, amount)
            self._take(use, offset, start, start + taken)
            offset += taken
            amount -= taken

    def release(self, use: str, first: int, last: int) -> None:
        """Free the live cents at offsets [first, last) of `use`."""
        for start, end, _ in list(self.pieces_of(use, first, last)):
            self._lift(start, end)
            self._set_free(start, end)

    def refund(self, key: str, segment: Run, amount: int) -> int:
        """Take `amount` cents of `segment`; return how long an advance the line grew by.

        The caller has looked that earlier refunds left that much. Free cents go first, then used
        ones, the latest position first. What a used cent was part of takes the earliest free cent
        it may, in ascending order of the old position; the rest lies on the advance in that order.
        """
        taken = _latest(self._free_in(segment), amount)
        pushed = _latest(self._used_in(segment), amount - sum(end - start for start, end in taken))
        for start, end in taken:
            self._cut_free(start, end)
        displaced = [self._lift(start, end) for start, end in reversed(pushed)]
        self._lay_refund(key, sorted(taken + pushed))
        left = [rest for part in displaced for rest in self._cover_again(*part)]
        advance = sum(length for _, _, length in left)
        position = self.extend(advance) if advance else self.head
        for use, offset, length in left:
            self._take(use, offset, position, position + length)
            position += length
        return advance

    def pieces_of(self, use: str, first: int, last: int) -> Iterator[tuple[int, int, int]]:
        """Yield (start, end, offset) of the live cents at offsets [first, last), by offset."""
        before = self._where.floor((use, first))
        key = before[0] if before is not None and before[0][0] == use else (use, first)
        for (name, offset), start in self._where.from_key(key):
            if name != use or offset >= last:
                return
            end = offset + (self._used.get(start) or (start,))[0] - start
            low, high = max(offset, first), min(end, last)
            if low < high:
                yield start + low - offset, start + high - offset, low

    def runs(self) -> list[tuple[int, int, str | None, int]]:
        """All of [0, head) by position as (start, end, use, offset); free runs have no use."""
        found: list[tuple[int, int, str | None, int]] = [
            (start, end, use, offset) for start, (end, use, offset) in self._used.items()
        ]
        found.extend(self._refunds)
        found.extend((start, end, None, 0) for start, end in self._free_runs.items())
        found.sort(key=lambda run: run[0])
        return found

    # Free runs

    def _set_free(self, start: int, end: int) -> None:
        self.free += end - start
        self._clean.freed(start, end)
        before = self._free_runs.floor(start)
        if before is not None and before[1] == start:
            start = before[0]
        if end < self.head:
            after = self._free_runs.get(end)
            if after is not None:
                self._free_runs.remove(end)
                end = after
        self._free_runs.set(start, end)

    def _cut_free(self, start: int, end: int) -> None:
        """Take [start, end) out of the one free run that holds it."""
        self.free -= end - start
        run_start, run_end = self._free_runs.floor(start) or (start, end)
        if run_start == start:
            self._free_runs.remove(start)
        else:
            self._free_runs.set(run_start, start)
        if end < run_end:
            self._free_runs.set(end, run_end)

    def _free_in(self, segment: Run) -> Iterator[Run]:
        """Free runs within `segment`, the latest first."""
        for start, end in self._free_runs.below(segment[1]):
            if end <= segment[0]:
                return
            yield max(start, segment[0]), min(end, segment[1])

    # Used runs

    def _take(self, use: str, offset: int, start: int, end: int) -> None:
        """Let [start, end), which is free, be covered by `use`; join what adjoins."""
        self._cut_free(start, end)
        before = self._used.floor(start)
        if before is not None:
            before_start, (before_end, before_use, before_offset) = before
            runs_on = before_offset + before_end - before_start == offset
            if before_end == start and before_use == use and runs_on:
                start, offset = before_start, before_offset
        after = self._used.get(end)
        if after is not None and after[1] == use and after[2] == offset + end - start:
            self._used.remove(end)
            self._where.remove((use, after[2]))
            end = after[0]
        self._used.set(start, (end, use, offset))
        self._where.set((use, offset), start)

    def _lift(self, start: int, end: int) -> Displaced:
        """Take [start, end) out of the one used run that holds it; what is left stays."""
        found = self._used.floor(start)
        if found is None:
            raise KeyError(start)
        run_start, (run_end, use, run_offset) = found
        offset = run_offset + start - run_start
        if run_start == start:
            self._used.remove(start)
            self._where.remove((use, offset))
        else:
            self._used.set(run_start, (start, use, run_offset))
        if end < run_end:
            self._used.set(end, (run_end, use, offset + end - start))
            self._where.set((use, offset + end - start), end)
        return use, offset, end - start

    def _used_in(self, segment: Run) -> Iterator[Run]:
        """Used runs within `segment`, refunds apart, the latest first."""
        for start, (end, _, _) in self._used.below(segment[1]):
            if end <= segment[0]:
                return
            yield max(start, segment[0]), min(end, segment[1])

    def _lay_refund(self, key: str, spans: list[Run]) -> None:
        """Cover `spans`, by position, with the refund; its offsets ascend."""
        offset = 0
        for start, end in spans:
            last = self._refunds[-1] if self._refunds and offset else None
            if last is not None and last[1] == start:
                self._refunds[-1] = (last[0], end, key, last[3])
            else:
                self._refunds.append((start, end, key, offset))
            offset += end - start

    # What was displaced

    def _cover_again(self, use: str, offset: int, length: int) -> list[Displaced]:
        """Take the earliest free cents that `use` may; return what found none."""
        limit = self._limits.get(use)
        while length:
            run = self._earliest(limit)
            if run is None:
                return [(use, offset, length)]
            taken = min(run[1] - run[0], length)
            self._take(use, offset, run[0], run[0] + taken)
            offset += taken
            length -= taken
        return []

    def _earliest(self, limit: int | None) -> Run | None:
        """The earliest free run, for an exchange without what later exchanges brought.

        If the first free cent lies at its limit or beyond, so do all: then only income that was
        not exchanged will do, whichever exchange asks.
        """
        first = self._free_runs.first()
        if first is None or limit is None:
            return first
        if first[0] < limit:
            return first[0], min(first[1], limit)
        return self._clean.first(self._clean_run, self.head)

    def _clean_run(self, position: int, stop: int) -> Run | None:
        """The first free run in [position, stop) that no exchange brought."""
        while position < stop:
            run = self._free_runs.floor(position)
            if run is None or run[1] <= position:
                run = self._free_runs.ceiling(position)
                if run is None or run[0] >= stop:
                    return None
            start = max(position, run[0])
            bought_end, bought_next = self._bought.around(start)
            if bought_end > start:
                position = bought_end
                continue
            return start, run[1] if bought_next is None else min(run[1], bought_next)
        return None


class _Runs:
    """Runs that only ever come behind one another; those that adjoin are one."""

    __slots__ = ("_ends", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def append(self, start: int, end: int) -> None:
        if self._ends and self._ends[-1] == start:
            self._ends[-1] = end
        else:
            self._starts.append(start)
            self._ends.append(end)

    def around(self, position: int) -> tuple[int, int | None]:
        """Where the last run that starts at or before `position` ends; where the next starts."""
        place = bisect_right(self._starts, position)
        end = self._ends[place - 1] if place else 0
        return end, self._starts[place] if place < len(self._starts) else None


class _Frontier:
    """Remembers where no free income but an exchange's is, so that nobody looks there twice."""

    __slots__ = ("_freed", "_position")

    def __init__(self) -> None:
        # Below `_position` there is none, but perhaps in the runs freed since (a heap).
        self._position = 0
        self._freed: list[Run] = []

    def freed(self, start: int, end: int) -> None:
        if start < self._position:
            heappush(self._freed, (start, min(end, self._position)))

    def first(self, find: Find, head: int) -> Run | None:
        """The earliest such run; `find(start, stop)` looks in one stretch of the line."""
        while self._freed:
            start, stop = heappop(self._freed)
            found = find(start, stop)
            if found is not None:
                heappush(self._freed, (found[0], stop))
                return found
        found = find(self._position, head)
        self._position = head if found is None else found[0]
        return found


def _latest(runs: Iterator[Run], amount: int) -> list[Run]:
    """The first `amount` cents of `runs`, which come with the latest first."""
    taken: list[Run] = []
    while amount:
        run = next(runs, None)
        if run is None:
            break
        length = min(run[1] - run[0], amount)
        taken.append((run[1] - length, run[1]))
        amount -= length
    return taken
