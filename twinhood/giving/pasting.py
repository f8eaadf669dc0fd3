"""From rows that were understood to gifts that can be taken in."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from twinhood.giving.core import sealing
from twinhood.giving.core.offline import OfflineGift
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.core.sheet import RowGift
from twinhood.giving.keys import MasterKeys
from twinhood.giving.rails import Asks, Rail
from twinhood.ledger.models import Fund


@dataclass(frozen=True, slots=True)
class Batch:
    """What all rows of one paste share."""

    rail: Rail
    fund: Fund
    purpose: str
    language: str
    counted_by_id: int | None = None


def offline_gifts(rows: Iterable[RowGift], batch: Batch, keys: MasterKeys) -> list[OfflineGift]:
    """Turn rows into gifts whose keys make the same paste, taken in twice, add nothing.

    Where the rail has a name of its own for a gift (a bank's number), that name is the key. Else
    the key is made from the row's content. Two equal rows of one paste are two gifts: the second
    has its ordinal in its key, and the same paste again gives the same keys.
    """
    seen: Counter[str] = Counter()
    gifts = []
    for row in rows:
        name = _name_of(row, batch, keys)
        seen[name] += 1
        ordinal = f"#{seen[name]}" if seen[name] > 1 else ""
        gifts.append(_gift(row, batch, name + ordinal))
    return gifts


def _name_of(row: RowGift, batch: Batch, keys: MasterKeys) -> str:
    if row.reference and Asks.REFERENCE in batch.rail.asks:
        return batch.rail.name_of(row.reference.upper(), row.amount_minor)
    content = [
        batch.fund.code, str(row.amount_minor), str(row.fee_minor), row.received_date.isoformat(),
        row.name.casefold(), row.email.casefold(), row.reference, row.note,
    ]  # fmt: skip
    return "row:" + sealing.content_key(content, key=keys.indexing)


def _gift(row: RowGift, batch: Batch, intake_key: str) -> OfflineGift:
    return OfflineGift(
        rail=batch.rail.code,
        intake_key=intake_key,
        fund_code=batch.fund.code,
        amount_minor=row.amount_minor,
        currency=batch.fund.currency,
        received_date=row.received_date,
        fee_minor=row.fee_minor,
        donor=DonorFacts(name=row.name, email=row.email),
        donor_language=batch.language,
        shows_name=row.shows_name,
        purpose=batch.purpose,
        note=row.note,
        counted_by_id=batch.counted_by_id,
    )
