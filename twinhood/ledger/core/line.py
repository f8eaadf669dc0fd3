"""The number line of a fund: who takes which cents, and what a refund pushes away.

A line starts at 0. Income extends it; a use covers pieces of it, always the earliest free cents.
Positions, offsets and amounts are whole minor units of the fund's currency, without upper bound.
The rules are those of docs/reference/journal.md.
"""

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

# Who takes what a line seen in part does not show. No key is this: PostgreSQL keeps no NUL.
UNSEEN = "\0"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Cents [start, end)."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """Cents [start, end) taken by `use`; the first of them is its offset `offset`."""

    start: int
    end: int
    use: str
    offset: int

    @property
    def length(self) -> int:
        return self.end - self.start

    def part(self, start: int, end: int) -> "Piece":
        """The cents [start, end) of this piece."""
        return Piece(start, end, self.use, self.offset + start - self.start)


class TooLittleFree(Exception):
    def __init__(self, asked: int, free: int) -> None:
        super().__init__(f"{asked} asked, {free} free")
        self.asked = asked
        self.free = free


class MoreThanIsLeft(Exception):
    def __init__(self, asked: int, left: int) -> None:
        super().__init__(f"{asked} asked, {left} left")
        self.asked = asked
        self.left = left


@dataclass(frozen=True, slots=True)
class Refunded:
    """What a refund does: pieces that end, pieces that begin, income that fills a shortfall."""

    removed: tuple[Piece, ...]
    written: tuple[Piece, ...]
    displaced: int
    advance: Span | None


def image(offsets: Span, amount: int, received: int) -> Span:
    """Where an exchange's offsets are among the cents received: offset o has
    [o·received//amount, (o+1)·received//amount), so both sides partition exactly.
    """
    return Span(offsets.start * received // amount, offsets.end * received // amount)


def preimage(cents: Span, amount: int, received: int) -> Span:
    """The offsets of an exchange that the received cents came from (a superset's hull).

    Each received cent r came from the one offset ((r+1)·amount−1)//received.
    """
    first = ((cents.start + 1) * amount - 1) // received
    last = (cents.end * amount - 1) // received
    return Span(first, last + 1)


class Line:
    """One fund's line: its live pieces by position."""

    def __init__(self, head: int = 0, pieces: Iterable[Piece] = ()) -> None:
        self.head = head
        self._pieces = sorted(pieces)
        self.free = head - sum(piece.length for piece in self._pieces)

    @classmethod
    def seen_in_part(cls, head: int, pieces: Iterable[Piece], known: Iterable[Span]) -> "Line":
        """A line of which only some is shown: `pieces`, and the spans `known`, whose other cents
        are free. All else counts as taken by UNSEEN, so nothing is covered there.

        An action gives the same on it as on the whole line when every cent is shown that it may
        take or push away: so books of any size need only read what one action touches.
        """
        shown = sorted(pieces)
        seen = sorted([*known, *(Span(piece.start, piece.end) for piece in shown)])
        unseen = without([Span(0, head)] if head else [], seen)
        return cls(head, (*shown, *(Piece(s.start, s.end, UNSEEN, s.start) for s in unseen)))

    def pieces(self) -> list[Piece]:
        """Live pieces by position; adjoining ones whose offsets run on are one."""
        joined: list[Piece] = []
        for piece in self._pieces:
            last = joined[-1] if joined else None
            if (
                last is not None
                and last.use == piece.use
                and last.end == piece.start
                and last.offset + last.length == piece.offset
            ):
                joined[-1] = Piece(last.start, piece.end, last.use, last.offset)
            else:
                joined.append(piece)
        return joined

    def extend(self, amount: int) -> Span:
        """Let income take the next interval."""
        span = Span(self.head, self.head + amount)
        self.head += amount
        self.free += amount
        return span

    def free_runs(self, within: Span | None = None) -> Iterator[Span]:
        """Yield what no use covers, by position."""
        whole = within or Span(0, self.head)
        position = whole.start
        for piece in self._overlapping(whole):
            if position < piece.start:
                yield Span(position, piece.start)
            position = piece.end
        if position < whole.end:
            yield Span(position, whole.end)

    def cover(self, use: str, amount: int, offset: int = 0) -> list[Piece]:
        """Take the earliest free cents. Raises TooLittleFree, and then changes nothing."""
        if amount > self.free:
            raise TooLittleFree(amount, self.free)
        return self._take(use, offset, amount, self.free_runs())

    def release(self, use: str, offsets: Span) -> tuple[list[Piece], list[Piece]]:
        """Free the live pieces of these offsets; return pieces that end and what stays of them."""
        ended, kept = [], []
        for piece in self._pieces:
            low = max(piece.offset, offsets.start)
            high = min(piece.offset + piece.length, offsets.end)
            if piece.use == use and low < high:
                ended.append(piece)
                start = piece.start + low - piece.offset
                kept += _outside(piece, Span(start, start + high - low))
        self._replace(ended, kept)
        return ended, kept

    def refund(
        self,
        key: str,
        segment: Span,
        amount: int,
        *,
        refunds: Container[str],
        exchanges: Mapping[str, int],
        exchange_incomes: Sequence[tuple[Span, int]],
    ) -> Refunded:
        """Take back `amount` cents of a gift's or advance's own segment.

        Free cents go first, the latest position first; then used ones, the latest first; cents
        that an earlier refund took (`refunds`) never. Each used cent displaces its use, which
        takes the earliest free cent instead; an offset of an exchange only one whose income is
        not a later exchange (`exchanges` gives each one's place in time, `exchange_incomes` those
        of this line), so that no trace runs in a circle. What finds none, an advance covers.

        Raises MoreThanIsLeft, and then changes nothing.
        """
        used = [p for p in self._overlapping(segment) if p.use not in refunds]
        inside = [p.part(max(p.start, segment.start), min(p.end, segment.end)) for p in used]
        free = list(self.free_runs(segment))
        left = sum(run.length for run in free) + sum(piece.length for piece in inside)
        if amount > left:
            raise MoreThanIsLeft(amount, left)
        taken, rest = _latest(free, amount)
        pushed, _ = _latest([Span(p.start, p.end) for p in inside], rest)
        displaced = [
            piece.part(span.start, span.end)
            for span in pushed
            for piece in inside
            if piece.start <= span.start < piece.end
        ]
        ended = [p for p in used if any(p.start < d.end and d.start < p.end for d in displaced)]
        kept = [part for p in ended for part in _outside_all(p, displaced)]
        written = kept + _laid(key, sorted((*taken, *pushed)))
        self._replace(ended, written)
        moved, advance = self._cover_again(displaced, exchanges, exchange_incomes)
        return Refunded(tuple(ended), (*written, *moved), sum(p.length for p in displaced), advance)

    def _cover_again(
        self,
        displaced: Iterable[Piece],
        exchanges: Mapping[str, int],
        exchange_incomes: Sequence[tuple[Span, int]],
    ) -> tuple[list[Piece], Span | None]:
        moved: list[Piece] = []
        unplaced: list[tuple[str, int, int]] = []
        for piece in displaced:
            runs: Iterable[Span] = list(self.free_runs())
            if piece.use in exchanges:
                later = [span for span, at in exchange_incomes if at > exchanges[piece.use]]
                runs = without(runs, later)
            found = self._take(piece.use, piece.offset, piece.length, runs)
            moved += found
            covered = sum(p.length for p in found)
            if covered < piece.length:
                unplaced.append((piece.use, piece.offset + covered, piece.length - covered))
        if not unplaced:
            return moved, None
        advance = self.extend(sum(length for *_, length in unplaced))
        position = advance.start
        for use, offset, length in unplaced:
            moved += self._take(use, offset, length, [Span(position, position + length)])
            position += length
        return moved, advance

    def _take(self, use: str, offset: int, amount: int, runs: Iterable[Span]) -> list[Piece]:
        """Cover up to `amount` cents from `runs`, in their order."""
        taken: list[Piece] = []
        for run in list(runs) if amount else ():
            length = min(run.length, amount)
            taken.append(Piece(run.start, run.start + length, use, offset))
            offset += length
            amount -= length
            if not amount:
                break
        self._replace([], taken)
        return taken

    def _overlapping(self, span: Span) -> Iterator[Piece]:
        first = bisect_right(self._pieces, span.start, key=lambda piece: piece.start)
        if first and self._pieces[first - 1].end > span.start:
            first -= 1
        for number in range(first, len(self._pieces)):
            if self._pieces[number].start >= span.end:
                return
            yield self._pieces[number]

    def _replace(self, ended: Iterable[Piece], written: Iterable[Piece]) -> None:
        gone = set(ended)
        if gone:
            self._pieces = [piece for piece in self._pieces if piece not in gone]
        new = list(written)
        self._pieces = sorted((*self._pieces, *new))
        self.free += sum(p.length for p in gone) - sum(p.length for p in new)


def _latest(runs: Sequence[Span], amount: int) -> tuple[list[Span], int]:
    """The last `amount` cents of `runs`, by position, and how many more are wanted."""
    taken: list[Span] = []
    for run in reversed(runs):
        length = min(run.length, amount)
        if length:
            taken.append(Span(run.end - length, run.end))
            amount -= length
    return taken[::-1], amount


def _laid(use: str, spans: Iterable[Span]) -> list[Piece]:
    """Pieces of `use` over `spans` by position; its offsets ascend, adjoining spans are one."""
    pieces: list[Piece] = []
    offset = 0
    for span in spans:
        if pieces and pieces[-1].end == span.start:
            pieces[-1] = Piece(pieces[-1].start, span.end, use, pieces[-1].offset)
        else:
            pieces.append(Piece(span.start, span.end, use, offset))
        offset += span.length
    return pieces


def _outside(piece: Piece, hole: Span) -> list[Piece]:
    sides = [(piece.start, min(piece.end, hole.start)), (max(piece.start, hole.end), piece.end)]
    return [piece.part(start, end) for start, end in sides if start < end]


def _outside_all(piece: Piece, holes: Iterable[Piece]) -> list[Piece]:
    parts = [piece]
    for hole in holes:
        parts = [p for part in parts for p in _outside(part, Span(hole.start, hole.end))]
    return parts


def without(runs: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    """What is left of `runs`, by position, when `holes` are taken out."""
    left: list[Span] = []
    sorted_holes = sorted(holes)
    first = 0
    for run in runs:
        while first < len(sorted_holes) and sorted_holes[first].end <= run.start:
            first += 1
        position = run.start
        for number in range(first, len(sorted_holes)):
            hole = sorted_holes[number]
            if hole.start >= run.end:
                break
            if position < hole.start:
                left.append(Span(position, hole.start))
            position = max(position, hole.end)
        if position < run.end:
            left.append(Span(position, run.end))
    return left
