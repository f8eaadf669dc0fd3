"""A line of leaves.jsonl, read only in its one canonical text (RFC 8785).

Nearly all leaves are gifts in plain letters. Their canonical text is a pattern, and what fits it
need neither be decoded nor encoded again to know that it is canonical and a gift's; that takes a
fifth of the time. All others go the long way.
"""

import re
from typing import Any

from twinhood.ledger.core.fields import shown
from twinhood.opendata.core.leaf import BadLeaf, is_date, kind_of
from twinhood.verify.errors import Fails, Said
from twinhood.verify.reading import json_of

LEAVES = "leaves.jsonl"

# Printable ASCII without " and \, which is written as it is; integers far below 2^53; 32 bytes in
# canonical base64.
_TEXT = r'"([ !#-\[\]-~]+)"'
_ABOVE_0 = "([1-9][0-9]{0,14})"
_HASH = '"([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)"'
_MOVE = rf'\{{"amount":{_ABOVE_0},"credit":{_TEXT},"currency":"([A-Z]{{3}})","debit":{_TEXT}\}}'
_GIFT = re.compile(
    rf'\{{"date":{_TEXT},"donor":{_HASH},"journal":\[\{{"amount":{_ABOVE_0},'
    rf'"fee":(0|[1-9][0-9]{{0,14}}),"fund":{_TEXT},"key":{_TEXT},"kind":"gift"\}}\],"key":{_TEXT},'
    rf'"kind":"entry","partnership":{_TEXT},"seq":{_ABOVE_0},"transfers":\[{_MOVE}(?:,{_MOVE})?\]\}}'
)


def leaf_of(line: bytes, number: int) -> tuple[dict[str, Any], str]:
    """Read a leaf; return it with its kind. Raises Fails unless it is canonical and of its form.

    That a gift's transfers join two accounts is for the books to say, as they know which.
    """
    found = _GIFT.fullmatch(line.decode("latin-1"))
    if found is not None and is_date(found[1]):
        return _gift_of(*found.groups()), "entry"
    leaf = json_of(line, f"{LEAVES} line {number}")
    try:
        return leaf, kind_of(leaf)
    except BadLeaf as why:
        raise Fails(where(number, leaf), "a leaf of its form", Said(str(why))) from why


def where(number: int, leaf: Any) -> str:
    """The name of a leaf for people: its line, and its key if it has one."""
    key = leaf.get("key") if isinstance(leaf, dict) else None
    return f"{LEAVES} line {number}" + (f" (entry {shown(key)})" if isinstance(key, str) else "")


def _gift_of(
    date: str, donor: str, amount: str, fee: str, fund: str, key: str, entry_key: str,
    partnership: str, seq: str, *moves: str,
) -> dict[str, Any]:  # fmt: skip
    gift = {"amount": int(amount), "fee": int(fee), "fund": fund, "key": key, "kind": "gift"}
    transfers = [_move_of(*moves[:4])]
    if moves[4] is not None:
        transfers.append(_move_of(*moves[4:]))
    return {
        "date": date, "donor": donor, "journal": [gift], "key": entry_key, "kind": "entry",
        "partnership": partnership, "seq": int(seq), "transfers": transfers,
    }  # fmt: skip


def _move_of(amount: str, credit: str, currency: str, debit: str) -> dict[str, Any]:
    return {"amount": int(amount), "credit": credit, "currency": currency, "debit": debit}
