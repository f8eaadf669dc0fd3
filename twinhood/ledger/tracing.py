"""From a gift to what its cents became: overlap of its segment with pieces, through exchanges.

Amounts are minor units of the currency beside them. One query for each exchange that the cents
went through, whatever the number of gifts. `as_of` shows the books as they stood on another day.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from twinhood.ledger.core.line import Span, image
from twinhood.ledger.lines import segment_of
from twinhood.ledger.models import Fund, Segment, Use
from twinhood.people.models import Partnership


@dataclass(frozen=True, slots=True)
class TracePart:
    """What became of one run of cents of a line.

    `to` is `order`, `refund`, `free` or `exchange`; `key` the use's key (the fund's code for
    `free`); `offsets` the run's offsets within the use; `units` who shares an order's offsets;
    `to_currency` what an exchange brought, which for a move is the same currency.
    """

    fund_code: str
    currency: str
    span: Span
    to: str
    key: str
    offsets: Span
    units: tuple[tuple[str, int], ...] = ()
    to_currency: str = ""


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


# Entries are written one after the other, so their times ascend with `seq` and halving finds the
# last one of a moment: twenty looks into the index for a million entries.
LAST_SEQ_AT = """
WITH RECURSIVE halved (low, high) AS (
  SELECT 0::bigint, last_seq FROM ledger_books WHERE partnership_id = %(partnership)s
  UNION ALL
  SELECT CASE WHEN e.posted_at <= %(at)s THEN e.seq ELSE halved.low END,
         CASE WHEN e.posted_at <= %(at)s THEN halved.high ELSE e.seq - 1 END
    FROM halved
    JOIN ledger_entry e ON e.partnership_id = %(partnership)s
     AND e.seq = (halved.low + halved.high + 1) / 2
   WHERE halved.low < halved.high
)
SELECT max(low) FROM halved
"""


def last_seq_at(partnership: Partnership, as_of: date | datetime) -> int:
    """The last entry that stood in the books at a moment, or at the end of a day (UTC); 0 if none.

    What counts is when it was posted: a late entry of an earlier day was not known before.
    """
    at = as_of
    if not isinstance(at, datetime):
        at = datetime.combine(at, time(), UTC) + timedelta(days=1, microseconds=-1)
    with connection.cursor() as cursor:
        cursor.execute(LAST_SEQ_AT, {"partnership": partnership.pk, "at": at})
        return int(cursor.fetchone()[0] or 0)


@dataclass(slots=True)
class _Books:
    """What a trace needs to know of a partnership's funds and uses, fetched as it goes."""

    partnership: Partnership
    last_seq: int | None
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


# GiST indexes answer the overlap without scanning the line: the exclusion constraint's for the
# live pieces, `piece_of_any_day` for those that were live at another time.
ASKED = """
SELECT asked.fund_id, asked.start_minor, asked.end_minor,
       p.start_minor, p.end_minor, p.offset_minor, p.use_id
  FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS asked (fund_id, start_minor, end_minor)
  JOIN ledger_piece p
    ON p.fund_id = asked.fund_id
   AND int8range(p.start_minor, p.end_minor) && int8range(asked.start_minor, asked.end_minor)
"""
IN_ORDER = " ORDER BY asked.fund_id, asked.start_minor, p.start_minor"
LIVE_NOW = ASKED + "AND p.ended_by_id IS NULL" + IN_ORDER
LIVE_THEN = (
    ASKED
    + """
  JOIN ledger_entry begun ON begun.id = p.begun_by_id AND begun.seq <= %s
  LEFT JOIN ledger_entry ended ON ended.id = p.ended_by_id
 WHERE ended.seq IS NULL OR ended.seq > %s
"""
    + IN_ORDER
)

type PieceRow = tuple[int, int, int, int]


def trace(
    *, partnership: Partnership, key: str, as_of: date | datetime | None = None
) -> Trace | None:
    """Follow a gift, an advance or an exchange's income to what its cents became.

    As of now, or as the books stood at a moment or at the end of a day (UTC). None if no income
    has that key, or had it then.
    """
    segment = segment_of(partnership, key)
    if segment is None:
        return None
    last_seq = None if as_of is None else last_seq_at(partnership, as_of)
    if last_seq is not None and segment.entry.seq > last_seq:
        return None
    return _followed(_Books(partnership, last_seq), [segment])[0]


def traces(*, partnership: Partnership, keys: Iterable[str]) -> dict[str, Trace]:
    """As `trace`, of many gifts at once, by their keys; those that have no segment are left out.

    As many queries as for one: each exchange on the way is asked about for all together.
    """
    wanted = set(keys)
    segments = Segment.objects.filter(
        entry__partnership=partnership, entry__key__in=wanted, key__in=wanted
    ).select_related("fund")
    found = _followed(_Books(partnership, None), list(segments))
    return {one.key: one for one in found}


type Asked = tuple[int, Span]


def _followed(books: _Books, segments: Sequence[Segment]) -> list[Trace]:
    wholes = [Span(one.start_minor, one.end_minor) for one in segments]
    parts: list[list[TracePart]] = [[] for _ in segments]
    asked = {
        place: [(one.fund_id, whole)]
        for place, (one, whole) in enumerate(zip(segments, wholes, strict=True))
    }
    while asked:
        every = list(
            dict.fromkeys(question for questions in asked.values() for question in questions)
        )
        rows = _pieces_overlapping(every, books.last_seq)
        books.learn(row[3] for found in rows.values() for row in found)
        for place, questions in list(asked.items()):
            found = _parts(books, questions, rows)
            parts[place] += found
            asked[place] = _images(books, found)
        asked = {place: questions for place, questions in asked.items() if questions}
    return [
        Trace(one.key, one.fund.code, one.fund.currency, whole, tuple(own))
        for one, whole, own in zip(segments, wholes, parts, strict=True)
    ]


def _parts(
    books: _Books, asked: Sequence[Asked], rows: Mapping[Asked, list["PieceRow"]]
) -> list[TracePart]:
    parts = []
    for fund_id, span in asked:
        fund, position = books.funds[fund_id], span.start
        for start, end, offset, use_id in rows[fund_id, span]:
            low, high = max(start, span.start), min(end, span.end)
            if position < low:
                parts.append(_free(fund, Span(position, low)))
            offsets = Span(offset + low - start, offset + high - start)
            parts.append(_used(books, fund, Span(low, high), books.uses[use_id], offsets))
            position = high
        if position < span.end:
            parts.append(_free(fund, Span(position, span.end)))
    return parts


def _pieces_overlapping(
    asked: Sequence[tuple[int, Span]], last_seq: int | None
) -> dict[tuple[int, Span], list[PieceRow]]:
    found: dict[tuple[int, Span], list[PieceRow]] = {question: [] for question in asked}
    columns = zip(*((fund_id, span.start, span.end) for fund_id, span in asked), strict=True)
    values: list[Any] = [list(column) for column in columns]
    with connection.cursor() as cursor:
        if last_seq is None:
            cursor.execute(LIVE_NOW, values)
        else:
            cursor.execute(LIVE_THEN, [*values, last_seq, last_seq])
        for fund_id, a, b, start, end, offset, use_id in cursor.fetchall():
            found[fund_id, Span(a, b)].append((start, end, offset, use_id))
    return found


def _free(fund: Fund, span: Span) -> TracePart:
    return TracePart(fund.code, fund.currency, span, "free", fund.code, Span(0, span.length))


def _used(books: _Books, fund: Fund, span: Span, use: Use, offsets: Span) -> TracePart:
    units = _units_of(use, offsets) if use.kind == Use.Kind.ORDER else ()
    is_exchange = use.kind == Use.Kind.EXCHANGE
    to = books.funds[use.income.fund_id].currency if is_exchange else ""
    return TracePart(fund.code, fund.currency, span, use.kind, use.key, offsets, units, to)


def _units_of(use: Use, offsets: Span) -> tuple[tuple[str, int], ...]:
    shares = []
    for unit in sorted(use.units.all(), key=lambda u: u.start_offset):
        share = min(unit.end_offset, offsets.end) - max(unit.start_offset, offsets.start)
        if share > 0:
            shares.append((unit.name, share))
    return tuple(shares)


def _images(books: _Books, parts: Iterable[TracePart]) -> list[tuple[int, Span]]:
    """Where the cents of exchanges among `parts` are: on the receiving lines."""
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
