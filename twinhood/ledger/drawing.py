"""A stretch of a line as a picture needs it: every piece if they are few, else one for each step.

So a picture of a line of a million pieces costs what one of a hundred costs. Positions are minor
units of the fund's currency.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from twinhood.ledger.core.line import Span
from twinhood.ledger.models import Fund
from twinhood.ledger.tracing import last_seq_at

# What is live now, or was when the entry `seq` was the last.
ALIVE = {
    False: "p.ended_by_id IS NULL",
    True: "(SELECT e.seq FROM ledger_entry e WHERE e.id = p.begun_by_id) <= %(seq)s"
    " AND coalesce((SELECT e.seq FROM ledger_entry e WHERE e.id = p.ended_by_id) > %(seq)s, true)",
}
IN_SPAN = """
SELECT p.start_minor, p.end_minor, p.offset_minor, p.use_id, u.kind
  FROM ledger_piece p JOIN ledger_use u ON u.id = p.use_id
 WHERE p.fund_id = %(fund)s AND {alive}
   AND int8range(p.start_minor, p.end_minor) && int8range(%(start)s::bigint, %(end)s::bigint)
 LIMIT %(most)s
"""
# At the middle of each step.
AT_STEPS = """
SELECT step.a, step.b, found.offset_minor + step.middle - found.start_minor, found.use_id, u.kind
  FROM (
    SELECT a, least(a + %(step)s, %(end)s) AS b, least(a + %(step)s / 2, %(end)s - 1) AS middle
      FROM generate_series(%(start)s::bigint, %(end)s::bigint - 1, %(step)s::bigint) AS a
  ) AS step
  JOIN LATERAL (
    SELECT p.start_minor, p.offset_minor, p.use_id
      FROM ledger_piece p
     WHERE p.fund_id = %(fund)s AND {alive}
       AND int8range(p.start_minor, p.end_minor)
           && int8range(step.middle::bigint, step.middle::bigint + 1)
     LIMIT 1
  ) AS found ON true
  JOIN ledger_use u ON u.id = found.use_id
"""


@dataclass(frozen=True, slots=True)
class DrawnPiece:
    """Cents [start, end) as drawn, whose first stands for `offset` of the use."""

    start: int
    end: int
    offset: int
    use_id: int
    kind: str


def drawn_pieces(
    *, fund: Fund, span: Span, most: int, as_of: date | datetime | None = None
) -> list[DrawnPiece]:
    """The pieces that overlap a span, by position; two queries at most.

    If there are more than `most`, one for each of `most` equal steps: what lies in its middle.
    """
    seq = None if as_of is None else last_seq_at(fund.partnership, as_of)
    start, end = max(0, span.start), min(span.end, fund.head_minor)
    if start >= end:
        return []
    values = {"fund": fund.pk, "start": start, "end": end, "seq": seq}
    found = _pieces(IN_SPAN, {**values, "most": most + 1}, seq)
    if len(found) > most:
        step = -(-(end - start) // most)
        found = _pieces(AT_STEPS, {**values, "step": step}, seq)
    return sorted(found, key=lambda piece: piece.start)


def _pieces(statement: str, values: dict[str, int | None], seq: int | None) -> list[DrawnPiece]:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(alive=ALIVE[seq is not None]), values)
        return [DrawnPiece(*row) for row in cursor.fetchall()]


HEAD_AT = """
SELECT s.end_minor
  FROM ledger_entry e JOIN ledger_segment s ON s.entry_id = e.id AND s.fund_id = %(fund)s
 WHERE e.partnership_id = %(partnership)s AND e.seq <= %(seq)s
 ORDER BY e.seq DESC LIMIT 1
"""


def head_minor_at(*, fund: Fund, as_of: date | datetime | None = None) -> int:
    """Where a fund's line ends, or ended at a moment or a day (UTC)."""
    if as_of is None:
        return fund.head_minor
    seq = last_seq_at(fund.partnership, as_of)
    values = {"fund": fund.pk, "partnership": fund.partnership_id, "seq": seq}
    with connection.cursor() as cursor:
        cursor.execute(HEAD_AT, values)
        row = cursor.fetchone()
    return int(row[0]) if row else 0
