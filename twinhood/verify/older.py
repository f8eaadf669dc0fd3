"""What the reader kept from before: an older public file, a proof of one gift, or a checkpoint."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from twinhood.verify.errors import Fails, Said
from twinhood.verify.tree import OTHERS, Subtree

# Positions [start, end) in the log.
type Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Older:
    """An older checkpoint, and which leaves below it were shown as the partnership's own.

    The tree shows that no leaf has changed, but not that each is still told: whoever has the log's
    key could hand out a leaf of the partnership as a bare hash among those of others.
    """

    note: bytes
    # What was others' in an older file; None where that is not known.
    elsewhere: tuple[Span, ...] | None = None
    # Where the gift of a proof stands.
    index: int | None = None

    def look(self, size: int, elsewhere: Iterable[Span]) -> None:
        """Raise Fails unless all that was told, of the first `size` leaves, is told again."""
        now = list(clipped(elsewhere, size))
        if self.elsewhere is not None:
            was = list(clipped(self.elsewhere, size))
            if now != was:
                leaf = _first_hidden(was, now)
                raise Fails(OTHERS, f"leaf {leaf} told as in the older file", Said("another way"))
        if self.index is not None and any(start <= self.index < end for start, end in now):
            raise Fails(OTHERS, f"the gift at leaf {self.index} told", Said("a bare hash"))


def clipped(spans: Iterable[Span], size: int) -> Iterator[Span]:
    """The part of spans that lies below `size`."""
    for start, end in spans:
        if start < size:
            yield start, min(end, size)


def joined(subtrees: Iterable[Subtree]) -> Iterator[Span]:
    """What the subtrees cover, neighbours made one."""
    span: Span | None = None
    for start, level, _ in subtrees:
        end = start + (1 << level)
        if span is not None and span[1] == start:
            span = span[0], end
            continue
        if span is not None:
            yield span
        span = start, end
    if span is not None:
        yield span


def _first_hidden(was: list[Span], now: list[Span]) -> int:
    """The first position that one covers and the other does not."""
    edges = sorted(set(_edges(was)) ^ set(_edges(now)))
    return edges[0]


def _edges(spans: list[Span]) -> Iterator[int]:
    for start, end in spans:
        yield start
        yield end
