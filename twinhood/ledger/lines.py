"""A fund's line between database and core: load it, ask the core, write the difference."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from twinhood.ledger.core import line as core_line
from twinhood.ledger.core.line import Span
from twinhood.ledger.models import Entry, Fund, Piece, Segment, Use
from twinhood.people.models import Partnership


@dataclass(slots=True)
class LoadedLine:
    """A fund's live pieces as the core sees them, and the rows behind them.

    The books' lock keeps them still until the transaction ends. Loading costs as much as there
    are live pieces (orders and what refunds tore), not gifts.
    """

    fund: Fund
    line: core_line.Line
    rows: dict[core_line.Piece, Piece]
    uses: dict[str, Use]

    def cover(self, key: str, amount_minor: int, offset: int) -> list[core_line.Piece]:
        return self.line.cover(key, amount_minor, offset)

    def release(self, key: str, offsets: Span) -> "Change":
        ended, kept = self.line.release(key, offsets)
        return Change(tuple(ended), tuple(kept))

    def refund(self, key: str, segment: Span, amount_minor: int) -> core_line.Refunded:
        """Ask the core; raises core.line.MoreThanIsLeft."""
        kinds = {use.key: use for use in self.uses.values()}
        incomes = Segment.objects.filter(fund=self.fund, kind=Segment.Kind.EXCHANGE)
        return self.line.refund(
            key,
            segment,
            amount_minor,
            refunds={k for k, use in kinds.items() if use.kind == Use.Kind.REFUND},
            exchanges={
                k: use.entry.seq for k, use in kinds.items() if use.kind == Use.Kind.EXCHANGE
            },
            exchange_incomes=[
                (Span(s.start_minor, s.end_minor), s.entry.seq)
                for s in incomes.select_related("entry").order_by("start_minor")
            ],
        )

    def write(self, change: "Change", by: Entry, new_uses: Mapping[str, Use] | None = None) -> None:
        """End and write pieces; a piece that ends and begins unchanged is left as it is."""
        uses = self.uses | dict(new_uses or {})
        ended, written = set(change.ended), set(change.written)
        rows = [self.rows[piece].pk for piece in ended - written if piece in self.rows]
        Piece.objects.filter(pk__in=rows).update(ended_by=by)
        Piece.objects.bulk_create(
            Piece(
                use=uses[piece.use],
                fund=self.fund,
                start_minor=piece.start,
                end_minor=piece.end,
                offset_minor=piece.offset,
                begun_by=by,
            )
            for piece in sorted(written - ended)
        )


@dataclass(frozen=True, slots=True)
class Change:
    """Pieces that an entry ends and pieces that it writes."""

    ended: tuple[core_line.Piece, ...] = ()
    written: tuple[core_line.Piece, ...] = ()

    @property
    def freed_minor(self) -> int:
        return _length(self.ended) - _length(self.written)


def _length(pieces: Iterable[core_line.Piece]) -> int:
    return sum(piece.length for piece in pieces)


def load_line(fund: Fund) -> LoadedLine:
    """Read a fund's live pieces and their uses; the caller holds the books' lock."""
    found = Piece.objects.filter(fund=fund, ended_by__isnull=True)
    rows = {
        core_line.Piece(p.start_minor, p.end_minor, p.use.key, p.offset_minor): p
        for p in found.select_related("use__entry").order_by("start_minor")
    }
    uses = {row.use.key: row.use for row in rows.values()}
    return LoadedLine(fund, core_line.Line(fund.head_minor, rows), rows, uses)


def segment_of(partnership: Partnership, key: str) -> Segment | None:
    """The segment that a gift, an advance or an exchange brought in, by its key."""
    found = Segment.objects.filter(fund__partnership=partnership, key=key)
    return found.select_related("fund").first()
