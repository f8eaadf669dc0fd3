"""Reads over the books: traces both ways, the drawn line, balances, the records of the journal."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from twinhood.ledger.core.line import Span, image, preimage
from twinhood.ledger.lines import segment_of
from twinhood.ledger.models import Account, Fund, Piece, Segment, Use, UseUnit
from twinhood.people.models import Partnership


@dataclass(frozen=True, slots=True)
class TracePart:
    """What became of one run of cents of a line.

    `to` is `order`, `refund`, `free` or `exchange`; `key` the use's key (the fund's code for
    `free`); `offsets` the run's offsets within the use; `units` who shares an order's offsets.
    """

    fund_code: str
    currency: str
    span: Span
    to: str
    key: str
    offsets: Span
    units: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """A segment and everything that its cents became, in order of the lines they went through."""

    key: str
    fund_code: str
    currency: str
    span: Span
    parts: tuple[TracePart, ...]

    def rows(self) -> list[dict[str, object]]:
        """The trace as the journal's output states it: summed by (`to`, `key`, `unit`), sorted."""
        sums: dict[tuple[str, str, str], int] = defaultdict(int)
        for part in self.parts:
            for unit, amount in part.units or (("", part.span.length),):
                sums[part.to, part.key, unit] += amount
        return [
            {"to": to, "key": key, "unit": unit, "amount": amount}
            for (to, key, unit), amount in sorted(sums.items())
        ]


@dataclass(slots=True)
class _Books:
    """What a trace needs to know of a partnership's funds and uses, fetched as it goes."""

    partnership: Partnership
    funds: dict[int, Fund] = field(default_factory=dict)
    uses: dict[int, Use] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.funds = {f.pk: f for f in Fund.objects.filter(partnership=self.partnership)}

    def learn(self, use_ids: Iterable[int]) -> None:
        missing = set(use_ids) - self.uses.keys()
        if missing:
            found = Use.objects.filter(pk__in=missing)
            self.uses.update(
                (u.pk, u) for u in found.prefetch_related("units").select_related("income")
            )


# The GiST index of the exclusion constraint answers the overlap without scanning the line.
PIECES_OVERLAPPING = """
SELECT asked.fund_id, asked.start_minor, asked.end_minor,
       p.start_minor, p.end_minor, p.offset_minor, p.use_id
  FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS asked (fund_id, start_minor, end_minor)
  JOIN ledger_piece p
    ON p.fund_id = asked.fund_id AND p.ended_by_id IS NULL
   AND int8range(p.start_minor, p.end_minor) && int8range(asked.start_minor, asked.end_minor)
 ORDER BY asked.fund_id, asked.start_minor, p.start_minor
"""
# Segments follow one another, so the one before the first asked cent bounds them from below.
SEGMENTS_OVERLAPPING = """
SELECT asked.number, s.key, s.start_minor, s.end_minor, s.source_use_id
  FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
       AS asked (number, fund_id, start_minor, end_minor)
  JOIN ledger_segment s
    ON s.fund_id = asked.fund_id
   AND s.start_minor < asked.end_minor
   AND s.start_minor >= (
     SELECT max(b.start_minor) FROM ledger_segment b
      WHERE b.fund_id = asked.fund_id AND b.start_minor <= asked.start_minor
   )
 ORDER BY asked.number, s.start_minor
"""

type PieceRow = tuple[int, int, int, int]


def trace(*, partnership: Partnership, key: str) -> Trace | None:
    """Follow a gift, an advance or an exchange's income to what its cents became, as of now.

    One query for each exchange that the cents went through, whatever the number of gifts.
    """
    segment = segment_of(partnership, key)
    if segment is None:
        return None
    books = _Books(partnership)
    whole = Span(segment.start_minor, segment.end_minor)
    parts: list[TracePart] = []
    asked = [(segment.fund_id, whole)]
    while asked:
        found = _parts(books, asked)
        parts += found
        asked = _images(books, found)
    return Trace(key, segment.fund.code, segment.fund.currency, whole, tuple(parts))


def _parts(books: _Books, asked: Sequence[tuple[int, Span]]) -> list[TracePart]:
    rows = _pieces_overlapping(asked)
    books.learn(row[3] for found in rows.values() for row in found)
    parts = []
    for fund_id, span in asked:
        fund, position = books.funds[fund_id], span.start
        for start, end, offset, use_id in rows[fund_id, span]:
            low, high = max(start, span.start), min(end, span.end)
            if position < low:
                parts.append(_free(fund, Span(position, low)))
            offsets = Span(offset + low - start, offset + high - start)
            parts.append(_used(fund, Span(low, high), books.uses[use_id], offsets))
            position = high
        if position < span.end:
            parts.append(_free(fund, Span(position, span.end)))
    return parts


def _pieces_overlapping(
    asked: Sequence[tuple[int, Span]],
) -> dict[tuple[int, Span], list[PieceRow]]:
    found: dict[tuple[int, Span], list[PieceRow]] = {question: [] for question in asked}
    with connection.cursor() as cursor:
        columns = zip(*((fund_id, span.start, span.end) for fund_id, span in asked), strict=True)
        cursor.execute(PIECES_OVERLAPPING, [list(column) for column in columns])
        for fund_id, a, b, start, end, offset, use_id in cursor.fetchall():
            found[fund_id, Span(a, b)].append((start, end, offset, use_id))
    return found


def _free(fund: Fund, span: Span) -> TracePart:
    return TracePart(fund.code, fund.currency, span, "free", fund.code, Span(0, span.length))


def _used(fund: Fund, span: Span, use: Use, offsets: Span) -> TracePart:
    units = _units_of(use, offsets) if use.kind == Use.Kind.ORDER else ()
    return TracePart(fund.code, fund.currency, span, use.kind, use.key, offsets, units)


def _units_of(use: Use, offsets: Span) -> tuple[tuple[str, int], ...]:
    shares = []
    for unit in sorted(use.units.all(), key=lambda u: u.start_offset):
        share = min(unit.end_offset, offsets.end) - max(unit.start_offset, offsets.start)
        if share > 0:
            shares.append((unit.name, share))
    return tuple(shares)


def _images(books: _Books, parts: Iterable[TracePart]) -> list[tuple[int, Span]]:
    """Where the cents of exchanges among `parts` are now: on the receiving lines."""
    by_key = {use.key: use for use in books.uses.values()}
    images = []
    for part in parts:
        if part.to != "exchange":
            continue
        use = by_key[part.key]
        received = image(part.offsets, use.amount_minor, _received(use.income))
        if received.length:
            start = use.income.start_minor
            images.append((use.income.fund_id, Span(start + received.start, start + received.end)))
    return sorted(set(images), key=lambda asked: (asked[0], asked[1].start))


def _received(income: Segment) -> int:
    return income.end_minor - income.start_minor


@dataclass(frozen=True, slots=True)
class _Run:
    """Cents of an order on some line, with the way back to how many order cents they are."""

    number: int
    fund_id: int
    span: Span
    # One step for each exchange between this line and the order's:
    # (where the use's offsets start on this line, amount, received, clip on the later line).
    steps: tuple[tuple[int, int, int, int, Span], ...] = ()

    def length_in_order(self, span: Span) -> int:
        """How many of the order's cents the part `span` of this run is."""
        for shift, amount, received, start, clip in reversed(self.steps):
            mapped = image(Span(span.start + shift, span.end + shift), amount, received)
            low, high = max(mapped.start + start, clip.start), min(mapped.end + start, clip.end)
            if low >= high:
                return 0
            span = Span(low, high)
        return span.length


def sources(*, partnership: Partnership, order_key: str) -> list[dict[str, object]]:
    """An order's cents by unit and by the gift or advance they came from, through exchanges.

    Rows as the journal's output states them, without cancelled units.
    """
    units = UseUnit.objects.filter(
        use__partnership=partnership, use__key=order_key, cancelled_by__isnull=True
    ).order_by("start_offset")
    names = {unit.pk: unit for unit in units}
    runs: list[_Run] = []
    unit_of: dict[int, str] = {}
    for piece in _live_pieces(partnership, order_key):
        for unit in names.values():
            low = max(unit.start_offset, piece.offset)
            high = min(unit.end_offset, piece.offset + piece.length)
            if low < high:
                start = piece.start + low - piece.offset
                run = _Run(len(unit_of), piece.fund_id, Span(start, start + high - low))
                unit_of[run.number] = unit.name
                runs.append(run)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    while runs:
        runs = _step_back(runs, unit_of, sums)
    return [
        {"unit": unit, "key": key, "amount": amount} for (unit, key), amount in sorted(sums.items())
    ]


@dataclass(frozen=True, slots=True)
class _LivePiece:
    use_id: int
    fund_id: int
    start: int
    offset: int
    length: int


def _live_pieces(partnership: Partnership, key: str) -> list[_LivePiece]:
    rows = Piece.objects.filter(
        use__partnership=partnership, use__key=key, ended_by__isnull=True
    ).order_by("offset_minor")
    return [
        _LivePiece(p.use_id, p.fund_id, p.start_minor, p.offset_minor, p.end_minor - p.start_minor)
        for p in rows
    ]


def _step_back(
    runs: Sequence[_Run], unit_of: dict[int, str], sums: dict[tuple[str, str], int]
) -> list[_Run]:
    """Credit what came from gifts and advances; return what came from exchanges, one line back."""
    by_number = dict(enumerate(runs))
    with connection.cursor() as cursor:
        cursor.execute(
            SEGMENTS_OVERLAPPING,
            [
                list(by_number),
                [run.fund_id for run in runs],
                [run.span.start for run in runs],
                [run.span.end for run in runs],
            ],
        )
        rows = cursor.fetchall()
    earlier: list[_Run] = []
    pieces: dict[int, list[_LivePiece]] = {}
    exchanged = {use_id for *_, use_id in rows if use_id is not None}
    uses = {u.pk: u for u in Use.objects.filter(pk__in=exchanged).select_related("income")}
    for use in uses.values():
        pieces[use.pk] = _live_pieces(use.partnership, use.key)
    for number, key, start, end, use_id in rows:
        run = by_number[number]
        part = Span(max(start, run.span.start), min(end, run.span.end))
        if use_id is None:
            amount = run.length_in_order(part)
            if amount:
                sums[unit_of[run.number], key] += amount
        else:
            earlier += _before_exchange(run, part, uses[use_id], pieces[use_id])
    return earlier


def _before_exchange(
    run: _Run, part: Span, use: Use, pieces: Iterable[_LivePiece]
) -> Iterable[_Run]:
    start, received = use.income.start_minor, _received(use.income)
    offsets = preimage(Span(part.start - start, part.end - start), use.amount_minor, received)
    for piece in pieces:
        low, high = max(offsets.start, piece.offset), min(offsets.end, piece.offset + piece.length)
        if low < high:
            position = piece.start + low - piece.offset
            step = (piece.offset - piece.start, use.amount_minor, received, start, part)
            yield _Run(
                run.number,
                piece.fund_id,
                Span(position, position + high - low),
                (*run.steps, step),
            )


# Time first, by its index: a plan that begins with all gifts of the fund grows with their number.
RECENT_GIFTS = """
WITH recent AS MATERIALIZED (
  SELECT id FROM ledger_entry
   WHERE partnership_id = %(partnership)s AND happened_at > %(since)s AND kind = 'gift'
)
SELECT coalesce(sum(s.end_minor - s.start_minor), 0)
  FROM recent JOIN ledger_segment s ON s.entry_id = recent.id
 WHERE s.fund_id = %(fund)s AND s.kind = 'gift'
"""


def orderable_minor(*, fund: Fund, at: datetime) -> int:
    """What may be ordered from a fund: its free length less a reserve for refunds and disputes.

    The reserve is a published percentage (TWINHOOD_RESERVE_PERCENT) of the last 120 days' gifts,
    rounded up.
    """
    since = at - timedelta(days=120)
    with connection.cursor() as cursor:
        cursor.execute(
            RECENT_GIFTS, {"partnership": fund.partnership_id, "since": since, "fund": fund.pk}
        )
        recent_minor = int(cursor.fetchone()[0])
    reserve = -(-recent_minor * settings.RESERVE_PERCENT // 100)
    return max(0, fund.free_minor - reserve)


def balances(partnership: Partnership) -> list[Account]:
    """Every account with its balance, by code and currency."""
    return list(Account.objects.filter(partnership=partnership).order_by("code", "currency"))
