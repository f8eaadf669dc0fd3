"""A line of leaves.jsonl, read only in its one canonical text (RFC 8785).

Nearly all leaves are gifts in plain letters. Their canonical text is a pattern, and what fits it
need neither be decoded nor encoded again to know that it is canonical; that takes a fifth of the
time. All others go the long way.
"""

import re
from typing import Any

from twinhood.verify.errors import Fails
from twinhood.verify.reading import json_of

LEAVES = "leaves.jsonl"

# Printable ASCII without " and \, which is written as it is; integers far below 2^53.
_TEXT = r'"([ !#-\[\]-~]*)"'
_ABOVE_0 = "([1-9][0-9]{0,14})"
_MOVE = rf'\{{"amount":{_ABOVE_0},"credit":{_TEXT},"currency":{_TEXT},"debit":{_TEXT}\}}'
_GIFT = re.compile(
    rf'\{{"date":{_TEXT},"donor":{_TEXT},"journal":\[\{{"amount":{_ABOVE_0},'
    rf'"fee":(0|[1-9][0-9]{{0,14}}),"fund":{_TEXT},"key":{_TEXT},"kind":"gift"\}}\],"key":{_TEXT},'
    rf'"kind":"entry","partnership":{_TEXT},"seq":{_ABOVE_0},"transfers":\[{_MOVE}(?:,{_MOVE})?\]\}}'
)


def leaf_of(line: bytes, number: int) -> dict[str, Any]:
    """Read a leaf. Raises Fails unless it is a canonical JSON object."""
    found = _GIFT.fullmatch(line.decode("latin-1"))
    if found is not None:
        return _gift_of(*found.groups())
    leaf = json_of(line, f"{LEAVES} line {number}")
    if type(leaf) is not dict:
        raise Fails(f"{LEAVES} line {number}", "an object", leaf)
    return leaf


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
