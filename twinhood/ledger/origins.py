"""From a thing back to the gifts that paid for it: overlap of its pieces with segments.

An order's cents are gone through in order of their offsets, and each income behind them as it
comes, so that an order over a million gifts is read a page at a time. Through exchanges the way
leads back cent by cent. Amounts are minor units of the order's currency.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Q, Sum

from twinhood.ledger.core.line import Span, image, preimage
from twinhood.ledger.models import UnitReduction, Use, UseUnit
from twinhood.ledger.tracing import last_seq_at
from twinhood.people.models import Partnership

PAGE = 100
BATCH_MAX = 2_000

# Incomes partition a line, so the last that starts at or before a cent is the first to look at;
# without that bound a btree would be read from the line's beginning. The same for the offsets of
# a use's live pieces.
INCOMES = """
SELECT p.offset_minor, p.start_minor, p.end_minor, s.start_minor, s.end_minor, s.key,
       s.source_use_id, u.amount_minor
  FROM ({pieces}) AS p
 CROSS JOIN LATERAL (
   SELECT i.start_minor, i.end_minor, i.key, i.source_use_id
     FROM ledger_segment i
    WHERE i.fund_id = p.fund_id AND i.start_minor < p.end_minor
      AND i.start_minor >= (
        SELECT before.start_minor FROM ledger_segment before
         WHERE before.fund_id = p.fund_id AND before.start_minor <= p.start_minor
         ORDER BY before.start_minor DESC LIMIT 1
      )
    ORDER BY i.start_minor LIMIT %(limit)s
 ) AS s
  LEFT JOIN ledger_use u ON u.id = s.source_use_id
 ORDER BY p.place, s.start_minor LIMIT %(limit)s
"""
# Each clipped to the offsets asked for.
PIECES = """
  SELECT c.fund_id, c.offset_minor AS place, greatest(c.offset_minor, %(low)s) AS offset_minor,
         c.start_minor + greatest(%(low)s - c.offset_minor, 0) AS start_minor,
         least(c.end_minor, c.start_minor + %(high)s - c.offset_minor) AS end_minor
    FROM ledger_piece c {joined}
   WHERE c.use_id = %(use)s AND {alive} AND c.offset_minor < %(high)s
     AND c.offset_minor + c.end_minor - c.start_minor > %(low)s
   ORDER BY c.offset_minor
"""
INCOMES_NOW = INCOMES.format(
    pieces=PIECES.format(
        joined="",
        alive="""c.ended_by_id IS NULL AND c.offset_minor >= coalesce((
          SELECT before.offset_minor FROM ledger_piece before
           WHERE before.use_id = %(use)s AND before.ended_by_id IS NULL
             AND before.offset_minor <= %(low)s
           ORDER BY before.offset_minor DESC LIMIT 1
        ), %(low)s)""",
    )
)
INCOMES_THEN = INCOMES.format(
    pieces=PIECES.format(
        joined="""
    JOIN ledger_entry begun ON begun.id = c.begun_by_id AND begun.seq <= %(seq)s
    LEFT JOIN ledger_entry ended ON ended.id = c.ended_by_id""",
        alive="(ended.seq IS NULL OR ended.seq > %(seq)s)",
    )
)


@dataclass(frozen=True, slots=True)
class GiftShare:
    """`amount_minor` of an order's cents, from `offset_minor` on, that one gift or advance paid."""

    key: str
    offset_minor: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class _Step:
    """How offsets of an exchange become offsets of what its income was used for.

    Image among the cents received, which begin at `start` of the receiving line; only `clip` of
    them was used there; offset = position + `shift`.
    """

    amount: int
    received: int
    start: int
    clip: Span
    shift: int

    def applied(self, offsets: Span) -> Span:
        mapped = image(offsets, self.amount, self.received)
        low = max(mapped.start + self.start, self.clip.start)
        high = max(low, min(mapped.end + self.start, self.clip.end))
        return Span(low + self.shift, high + self.shift)


type _Steps = tuple[_Step, ...]


@dataclass(frozen=True, slots=True)
class _Income:
    """Offsets of a use, where the first of them lies, and the income that its cents are of."""

    offsets: Span
    position: int
    segment: Span
    key: str
    # The exchange that the income came by, and how much went into it.
    exchange_id: int | None
    exchange_minor: int


def gifts_of(
    *,
    partnership: Partnership,
    order_key: str,
    unit: str | None = None,
    after_minor: int = 0,
    limit: int = PAGE,
    as_of: date | datetime | None = None,
) -> list[GiftShare]:
    """The gifts and advances behind an order or one of its units, by the order's offsets.

    At most `limit`, from the offset `after_minor` on: the next page begins where the last share
    ends. A cancelled unit has none. Two queries, and one for each exchange on the way.
    """
    use = Use.objects.filter(partnership=partnership, key=order_key, kind=Use.Kind.ORDER).first()
    if use is None:
        return []
    whole = _offsets(use, unit)
    seq = None if as_of is None else last_seq_at(partnership, as_of)
    asked = Span(max(whole.start, after_minor), whole.end)
    return _first(shares(use.pk, asked, limit, seq), limit)


def freed_by(
    *, partnership: Partnership, key: str, after_minor: int = 0, limit: int = PAGE
) -> list[GiftShare]:
    """Whose cents were freed when a unit became cheaper by the entry of this key.

    As `gifts_of`, from the offset `after_minor` on; none if no entry reduced a unit by that key.
    """
    found = UnitReduction.objects.filter(entry__partnership=partnership, entry__key=key)
    one = found.select_related("unit", "entry").first()
    if one is None:
        return []
    earlier = one.unit.reductions.filter(entry__seq__lt=one.entry.seq)
    last = one.unit.end_offset - int(earlier.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
    asked = Span(max(last - one.amount_minor, after_minor), max(last, after_minor))
    return _first(shares(one.unit.use_id, asked, limit, one.entry.seq - 1), limit)


def _offsets(use: Use, unit: str | None) -> Span:
    if unit is None:
        return Span(0, use.amount_minor)
    found = use.units.filter(name=unit).first()
    return Span(found.start_offset, found.end_offset) if found else Span(0, 0)


def _first(found: Iterator[GiftShare], limit: int) -> list[GiftShare]:
    """The first `limit` shares, neighbours of one gift joined."""
    page: list[GiftShare] = []
    for share in found:
        last = page[-1] if page else None
        if (
            last
            and last.key == share.key
            and last.offset_minor + last.amount_minor == share.offset_minor
        ):
            amount_minor = last.amount_minor + share.amount_minor
            page[-1] = GiftShare(last.key, last.offset_minor, amount_minor)
        elif len(page) == limit:
            break
        else:
            page.append(share)
    return page


def shares(
    use_id: int, offsets: Span, batch: int = BATCH_MAX, seq: int | None = None
) -> Iterator[GiftShare]:
    """Yield who paid for the offsets of an order, in their order.

    A stack of readings, one for each exchange on the way back, and no recursion: thousands of
    exchanges may follow one another.
    """
    stack: list[tuple[Iterator[_Income], _Steps]] = [(_incomes(use_id, offsets, batch, seq), ())]
    while stack:
        incomes, steps = stack[-1]
        income = next(incomes, None)
        if income is None:
            stack.pop()
            continue
        if income.exchange_id is None:
            there = income.offsets
            for step in reversed(steps):
                there = step.applied(there)
            if there.length:
                yield GiftShare(income.key, there.start, there.length)
        else:
            step, wanted = _before(income)
            stack.append((_incomes(income.exchange_id, wanted, batch, seq), (*steps, step)))


def _before(income: _Income) -> tuple[_Step, Span]:
    """One exchange back: how to come here again, and which offsets of the exchange to ask for."""
    start, received = income.segment.start, income.segment.length
    clip = Span(income.position, income.position + income.offsets.length)
    shift = income.offsets.start - income.position
    step = _Step(income.exchange_minor, received, start, clip, shift)
    cents = Span(clip.start - start, clip.end - start)
    return step, preimage(cents, income.exchange_minor, received)


def _incomes(use_id: int, offsets: Span, batch: int, seq: int | None) -> Iterator[_Income]:
    """Yield the incomes behind these offsets of a use, in their order, read in batches."""
    statement = INCOMES_NOW if seq is None else INCOMES_THEN
    low = offsets.start
    while low < offsets.end:
        values = {"use": use_id, "low": low, "high": offsets.end, "limit": batch, "seq": seq}
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            rows = cursor.fetchall()
        for row in rows:
            income = _clipped(*row)
            low = income.offsets.end
            yield income
        if len(rows) < batch:
            return


def _clipped(
    offset: int, start: int, end: int, income_start: int, income_end: int, key: str,
    exchange_id: int | None, exchange_minor: int | None,
) -> _Income:  # fmt: skip
    """What a piece [start, end) from `offset` on and an income have in common."""
    low, high = max(start, income_start), min(end, income_end)
    offsets = Span(offset + low - start, offset + high - start)
    segment = Span(income_start, income_end)
    return _Income(offsets, low, segment, key, exchange_id, exchange_minor or 0)


def sources(
    *, partnership: Partnership, order_key: str, as_of: date | datetime | None = None
) -> list[dict[str, object]]:
    """An order's cents by unit and by the gift or advance they came from, through exchanges.

    Rows as the journal's output states them, without units that are cancelled (or were, then).
    For one page of a long order, `gifts_of` reads less.
    """
    seq = None if as_of is None else last_seq_at(partnership, as_of)
    units = UseUnit.objects.filter(use__partnership=partnership, use__key=order_key)
    is_live = Q(cancelled_by=None) if seq is None else ~Q(cancelled_by__seq__lte=seq)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for unit in units.filter(is_live).order_by("start_offset"):
        offsets = Span(unit.start_offset, unit.end_offset)
        for share in shares(unit.use_id, offsets, seq=seq):
            sums[unit.name, share.key] += share.amount_minor
    return [
        {"unit": unit, "key": key, "amount": amount} for (unit, key), amount in sorted(sums.items())
    ]
