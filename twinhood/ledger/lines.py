"""A fund's line between database and core: show what one action touches, write what comes of it.

The whole of a long line is never read. The earliest free cents stand in `FreeRun` and behind the
last used cent; pieces of a segment and of a use are found by range. The core is shown those
(`core.line.Line.seen_in_part`); docs/decisions/0005 says why this gives the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from twinhood.ledger.core import line as core_line
from twinhood.ledger.core.entry import ADVANCE
from twinhood.ledger.core.line import Span
from twinhood.ledger.models import Entry, FreeRun, Fund, Piece, Segment, Use
from twinhood.people.models import Partnership

BATCH_MAX = 4_096

# Both ranges are those of the exclusion constraints, whose indexes answer without a scan.
LIVE_PIECES = """
SELECT p.id, p.start_minor, p.end_minor, p.offset_minor, u.key, u.id, u.kind, e.seq
  FROM ledger_piece p
  JOIN ledger_use u ON u.id = p.use_id
  JOIN ledger_entry e ON e.id = u.entry_id
 WHERE p.fund_id = %s AND p.ended_by_id IS NULL AND {}
 ORDER BY p.start_minor
"""
IN_SEGMENT = LIVE_PIECES.format(
    "int8range(p.start_minor, p.end_minor) && int8range(%s::bigint, %s::bigint)"
)
OF_OFFSETS = LIVE_PIECES.format(
    "p.use_id = %s AND int8range(p.offset_minor, p.offset_minor + p.end_minor - p.start_minor)"
    " && int8range(%s::bigint, %s::bigint)"
)


@dataclass(slots=True)
class FundLine:
    """A fund's line as one action sees it. The books' lock keeps it still until the end.

    Reading costs as much as the action touches, not as much as there are gifts or pieces.
    """

    fund: Fund
    # What was read: the row behind each piece of the core, and the uses that they are of.
    rows: dict[core_line.Piece, int] = field(default_factory=dict)
    uses: dict[str, int] = field(default_factory=dict)
    _kinds: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def free_minor(self) -> int:
        return self.fund.free_minor

    def cover(self, key: str, amount_minor: int, offset: int) -> list[core_line.Piece]:
        """Take the earliest free cents; raises core.line.TooLittleFree."""
        return self._shown((), self._earliest(amount_minor)).cover(key, amount_minor, offset)

    def release(self, use: Use, offsets: Sequence[Span]) -> "Change":
        """Free these offsets of a use; a piece that two of them share ends once."""
        pieces = [
            piece
            for span in joined(offsets)
            for piece in self._read(OF_OFFSETS, use.pk, span.start, span.end)
        ]
        line = self._shown(pieces, ())
        ended: list[core_line.Piece] = []
        written: list[core_line.Piece] = []
        for span in joined(offsets):
            gone, kept = line.release(use.key, span)
            ended += [piece for piece in gone if piece not in written]
            written = [piece for piece in written if piece not in gone] + kept
        return Change(tuple(ended), tuple(written))

    def refund(self, key: str, segment: Span, amount_minor: int) -> core_line.Refunded:
        """Take cents of a segment back; raises core.line.MoreThanIsLeft."""
        pieces = self._read(IN_SEGMENT, segment.start, segment.end)
        refunds = {k for k, (kind, _) in self._kinds.items() if kind == Use.Kind.REFUND}
        exchanges = {k: at for k, (kind, at) in self._kinds.items() if kind == Use.Kind.EXCHANGE}
        later = self._exchange_incomes(min(exchanges.values())) if exchanges else []
        # At most `amount_minor` cents are pushed away, and each finds one of these or none at all.
        free = self._earliest(amount_minor, besides=[segment, *(span for span, _ in later)])
        return self._shown(pieces, [segment, *free]).refund(
            key,
            segment,
            amount_minor,
            refunds=refunds,
            exchanges=exchanges,
            exchange_incomes=later,
        )

    def write(self, change: "Change", by: Entry, new_uses: Mapping[str, Use] | None = None) -> None:
        """End and write pieces; a piece that ends and begins unchanged is left as it is."""
        uses = self.uses | {key: use.pk for key, use in (new_uses or {}).items()}
        ended, written = set(change.ended), set(change.written)
        rows = [self.rows[piece] for piece in ended - written if piece in self.rows]
        if rows:
            Piece.objects.filter(pk__in=rows).update(ended_by=by)
        Piece.objects.bulk_create(
            Piece(
                use_id=uses[piece.use],
                fund=self.fund,
                start_minor=piece.start,
                end_minor=piece.end,
                offset_minor=piece.offset,
                begun_by=by,
            )
            for piece in sorted(written - ended)
        )

    def _read(self, statement: str, *values: int) -> list[core_line.Piece]:
        with connection.cursor() as cursor:
            cursor.execute(statement, [self.fund.pk, *values])
            rows = cursor.fetchall()
        pieces = []
        for pk, start, end, offset, key, use_id, kind, seq in rows:
            piece = core_line.Piece(start, end, key, offset)
            self.rows[piece] = pk
            self.uses[key] = use_id
            self._kinds[key] = kind, seq
            pieces.append(piece)
        return pieces

    def _shown(self, pieces: Iterable[core_line.Piece], known: Iterable[Span]) -> core_line.Line:
        return core_line.Line.seen_in_part(self.fund.head_minor, set(pieces), known)

    def _earliest(self, amount_minor: int, besides: Sequence[Span] = ()) -> list[Span]:
        """The earliest free runs, until `amount_minor` cents of them lie outside `besides`."""
        holes = sorted(besides)
        found: list[Span] = []
        for run in free_runs(self.fund):
            if amount_minor <= 0:
                break
            found.append(run)
            amount_minor -= sum(span.length for span in core_line.without([run], holes))
        return found

    def _exchange_incomes(self, after_seq: int) -> list[tuple[Span, int]]:
        """What exchanges posted after that brought to this line, and each one's place in time."""
        incomes = Segment.objects.filter(
            fund=self.fund, source_use__isnull=False, entry__seq__gt=after_seq
        )
        rows = incomes.order_by("start_minor").values_list("start_minor", "end_minor", "entry__seq")
        return [(Span(start, end), seq) for start, end, seq in rows]


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


def free_runs(fund: Fund) -> Iterator[Span]:
    """Yield what no use covers, by position: runs between uses, then all behind the last one."""
    last, batch = -1, 16
    while True:
        rows = list(
            FreeRun.objects.filter(fund=fund, start_minor__gt=last)
            .order_by("start_minor")
            .values_list("start_minor", "end_minor")[:batch]
        )
        yield from (Span(start, end) for start, end in rows)
        if len(rows) < batch:
            break
        last, batch = rows[-1][0], min(batch * 4, BATCH_MAX)
    if fund.laid_minor < fund.head_minor:
        yield Span(fund.laid_minor, fund.head_minor)


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same cents in as few spans as can be, by position."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def segment_of(partnership: Partnership, key: str) -> Segment | None:
    """The segment that a gift, an advance or an exchange brought in, by its key."""
    # By the entry's key, which has an index; an advance came with the refund that needed it.
    entry_key = key.removeprefix(ADVANCE)
    found = Segment.objects.filter(entry__partnership=partnership, entry__key=entry_key, key=key)
    return found.select_related("fund", "entry").first()
