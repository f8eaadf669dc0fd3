"""What an order gives back to its funds: a unit is cancelled, or costs less from now on.

Verbs of the books beside those of `actions`; each is one transaction under the books' lock.
Amounts are minor units of the order's funds.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from twinhood.ledger import actions, errors
from twinhood.ledger.core import entry as core_entry
from twinhood.ledger.core import leaf as core_leaf
from twinhood.ledger.core.line import Span
from twinhood.ledger.models import Entry, UnitReduction, Use
from twinhood.people.models import Partnership


@transaction.atomic
def cancel(
    *, partnership: Partnership, key: str, order_key: str, unit: str | None, at: datetime
) -> int:
    """Free the live pieces of one unit, or of all units left; return the minor units freed.

    Raises Unknown, AlreadyCancelled, KeyUsed.
    """
    posting = actions.Posting(partnership)
    use = posting.use_of(order_key, Use.Kind.ORDER)
    chosen = list(use.units.filter(**({"name": unit} if unit is not None else {})))
    if not chosen:
        raise errors.Unknown("unit", unit or "")
    left = [u for u in chosen if u.cancelled_by_id is None]
    if not left:
        raise errors.AlreadyCancelled(order_key, unit)
    freed = _Freed(posting, use, [Span(unit.start_offset, unit.end_offset) for unit in left])
    row = posting.enter(
        core_entry.unit_cancelled(
            key=key, order_key=order_key, parts=freed.parts, currency=freed.currency
        ),
        at,
        [core_leaf.cancel_record(key=key, order=order_key, units=[u.name for u in left])],
    )
    freed.write(row)
    for released in left:
        released.cancelled_by = row
        released.save(update_fields=["cancelled_by"])
    return freed.amount_minor


class _Freed:
    """What an order gives back to each of its funds when some of its offsets are freed."""

    def __init__(self, posting: actions.Posting, use: Use, offsets: Sequence[Span]) -> None:
        lines = [posting.line_of(code) for code in use.fund_codes]
        self._changes = [(line, line.release(use, offsets)) for line in lines]
        self.parts = [
            (line.fund.code, change.freed_minor) for line, change in self._changes if change.ended
        ]
        self.currency = lines[0].fund.currency
        self.amount_minor = sum(length for _, length in self.parts)

    def write(self, by: Entry) -> None:
        for line, change in self._changes:
            line.write(change, by)


@transaction.atomic
def reduce(
    *,
    partnership: Partnership,
    key: str,
    order_key: str,
    unit: str,
    amount_minor: int,
    at: datetime,
) -> int:
    """Free the last cents of one unit, which stays and costs so much less; return what it costs.

    Raises Unknown, AlreadyCancelled, MoreThanIsLeft (a unit that costs nothing is cancelled),
    KeyUsed, ValueError for an amount that is not positive.
    """
    if amount_minor <= 0:
        raise ValueError(amount_minor)
    posting = actions.Posting(partnership)
    use = posting.use_of(order_key, Use.Kind.ORDER)
    reduced = use.units.filter(name=unit).first()
    if reduced is None:
        raise errors.Unknown("unit", unit)
    if reduced.cancelled_by_id is not None:
        raise errors.AlreadyCancelled(order_key, unit)
    earlier_minor = reduced.reductions.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    last = reduced.end_offset - int(earlier_minor)
    left_minor = last - reduced.start_offset - amount_minor
    if left_minor <= 0:
        raise errors.MoreThanIsLeft(unit, amount_minor, last - reduced.start_offset - 1)
    freed = _Freed(posting, use, [Span(last - amount_minor, last)])
    row = posting.enter(
        core_entry.unit_reduced(
            key=key, order_key=order_key, parts=freed.parts, currency=freed.currency
        ),
        at,
        [
            core_leaf.reduction_record(
                key=key, order=order_key, unit=unit, amount_minor=amount_minor
            )
        ],
    )
    freed.write(row)
    UnitReduction.objects.create(unit=reduced, entry=row, amount_minor=amount_minor)
    return left_minor
