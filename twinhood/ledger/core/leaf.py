"""What an entry of the books says in the log: its journal records, and its leaf.

A leaf is canonical JSON (RFC 8785) of public facts. A donor is in it only as a salted commitment.
The SQL of the migration `0003_leaves` writes a gift's leaf a second time, for whole batches; a
test holds the two together, byte for byte. Amounts are minor units; `date` is in UTC.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from twinhood.ledger.core.entry import Entry
from twinhood.translog.core import b64, canonical

# A record as docs/reference/journal.md describes it, without its date.
type Record = dict[str, Any]

# The largest integer that means the same in every reader of JSON (RFC 8785 by way of I-JSON).
AMOUNT_MINOR_MAX = canonical.INTEGER_MAX


def fund_record(*, fund: str, currency: str) -> Record:
    return {"kind": "fund", "fund": fund, "currency": currency}


def gift_record(*, key: str, fund: str, amount_minor: int, fee_minor: int) -> Record:
    return {"kind": "gift", "key": key, "fund": fund, "amount": amount_minor, "fee": fee_minor}


def order_record(*, key: str, funds: Sequence[str], units: Sequence[tuple[str, int]]) -> Record:
    """`units` are (name, amount) in turn; the names are the opaque codes."""
    rows = [{"unit": name, "amount": amount} for name, amount in units]
    return {"kind": "order", "key": key, "funds": list(funds), "units": rows}


def cancel_record(*, key: str, order: str, units: Sequence[str]) -> Record:
    """`units` are all that this entry cancels: one is named, several are all that were left."""
    record = {"kind": "cancel", "key": key, "order": order}
    return record | {"unit": units[0]} if len(units) == 1 else record


def reduction_record(*, key: str, order: str, unit: str, amount_minor: int) -> Record:
    return {"kind": "reduction", "key": key, "order": order, "unit": unit, "amount": amount_minor}


def refund_record(*, key: str, source: str, amount_minor: int) -> Record:
    return {"kind": "refund", "key": key, "source": source, "amount": amount_minor}


def exchange_record(
    *, key: str, fund: str, amount_minor: int, to: str, received_minor: int
) -> Record:
    return {
        "kind": "exchange",
        "key": key,
        "fund": fund,
        "amount": amount_minor,
        "to": to,
        "received": received_minor,
    }


def entry_leaf(
    *,
    partnership: str,
    seq: int,
    date: date,
    key: str,
    entry: Entry | None,
    journal: Sequence[Record],
    donor: bytes | None = None,
) -> bytes:
    """The leaf of one entry; `entry` is None where nothing moves (a fund is opened).

    `partnership` is the name of the books, `donor` the commitment to what the donor of a gift
    told (32 bytes). Raises canonical.NotCanonical.
    """
    moves = entry.transfers if entry is not None else ()
    leaf: dict[str, Any] = {
        "date": date.isoformat(),
        "journal": list(journal),
        "key": key,
        "kind": "entry",
        "partnership": partnership,
        "seq": seq,
        "transfers": [
            {
                "amount": move.amount_minor,
                "credit": move.credit.code,
                "currency": move.debit.currency,
                "debit": move.debit.code,
            }
            for move in moves
        ],
    }
    if donor is not None:
        leaf["donor"] = b64.encode(donor)
    return canonical.encode(leaf)
