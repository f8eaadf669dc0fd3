"""What is in a leaf of the log: the shapes of docs/reference/public-file.md, and nothing else."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from twinhood.translog.core import b64

type Leaf = Mapping[str, Any]
_DATE = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
# Other people's accounting programs know no earlier day, and none after the year 9999.
YEAR_MIN = 1900
_DIGEST = re.compile("[0-9a-f]{64}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_ENTRY = {"date", "journal", "key", "kind", "partnership", "seq", "transfers"}
_GIFT = _ENTRY | {"donor"}
_TRANSFER = {"amount", "credit", "currency", "debit"}
_COMMITMENT = {"commitment", "kind", "partnership"}
_KEY = {"from", "kind", "partnership", "signature", "to"}
_PAPER = {"added", "code", "date", "kind", "partnership", "revision", "sha256"}
_SEALED = {"date", "kind", "partnership", "sha256"}
_ADDED = {"frozen", "signature", "evidence"}
OPENING = {"commitment", "facts", "salt"}


class BadLeaf(ValueError):
    """A leaf that cannot be what it says it is."""


def kind_of(leaf: object) -> str:
    """Look at a leaf's shape and return its kind. Raises BadLeaf.

    A kind that is not known has no known shape; it is let through, to be counted.
    """
    if type(leaf) is not dict:
        raise BadLeaf("not an object")
    kind = leaf.get("kind")
    if kind == "entry":
        _expect_entry(leaf)
    elif kind == "commitment" or kind == "pulled-back":
        _expect(leaf.keys() == _COMMITMENT, "a commitment's fields")
        expect_commitment(leaf["commitment"])
    elif kind == "key":
        _expect(leaf.keys() == _KEY, "a key's fields")
    elif kind == "paper":
        _expect_paper(leaf)
    elif kind == "sealed":
        _expect(leaf.keys() == _SEALED, "a sealed paper's fields")
        _expect_digest_and_day(leaf)
    if type(kind) is not str or type(leaf.get("partnership")) is not str:
        raise BadLeaf("no kind or no partnership")
    return kind


def kind_of_entry(leaf: Leaf) -> str:
    """What an entry is: the kind of its record, or the first word of its key where it has none."""
    for record in leaf["journal"]:
        return str(record.get("kind"))
    return str(leaf["key"]).partition(":")[0]


def _expect(is_so: bool, what: str) -> None:
    if not is_so:
        raise BadLeaf(f"{what} are not as they should be")


def expect_commitment(text: object) -> None:
    """Raise BadLeaf unless it is a SHA-256 in base64."""
    try:
        if type(text) is str:
            b64.decode(text, 32)
            return
    except b64.NotBase64:
        pass
    raise BadLeaf("a commitment is not 32 bytes in base64")


def _expect_paper(leaf: Leaf) -> None:
    """A revision of a signed paper: which one, and the SHA-256 of its bytes in hexadecimal."""
    _expect(leaf.keys() == _PAPER, "a paper's fields")
    number, code = leaf["revision"], leaf["code"]
    if type(number) is not int or number < 0 or type(code) is not str or not code:
        raise BadLeaf("a paper's code or revision is not as it should be")
    if str(leaf["added"]) not in _ADDED:
        raise BadLeaf("a paper's addition is not as it should be")
    _expect_digest_and_day(leaf)


def _expect_digest_and_day(leaf: Leaf) -> None:
    digest, day = leaf["sha256"], leaf["date"]
    if type(digest) is not str or not _DIGEST.fullmatch(digest):
        raise BadLeaf("a paper's hash is not 64 hexadecimal digits")
    if type(day) is not str or not is_date(day):
        raise BadLeaf("a paper's date is none")


def _expect_entry(leaf: Leaf) -> None:
    fields = leaf.keys()
    journal, transfers, seq = leaf.get("journal"), leaf.get("transfers"), leaf.get("seq")
    if fields == _GIFT:
        expect_commitment(leaf["donor"])
    else:
        _expect(fields == _ENTRY, "an entry's fields")
    if type(seq) is not int or seq < 1 or type(leaf["key"]) is not str or not leaf["key"]:
        raise BadLeaf("an entry's number or key is not as it should be")
    if type(leaf["date"]) is not str or not is_date(leaf["date"]):
        raise BadLeaf("an entry's date is none")
    if type(journal) is not list or type(transfers) is not list:
        raise BadLeaf("an entry's journal or transfers are no lists")
    for record in journal:
        if type(record) is not dict or "date" in record:
            raise BadLeaf("a record of the journal is no object")
    if any(record.get("kind") == "gift" for record in journal) != ("donor" in leaf):
        raise BadLeaf("a gift has a donor's commitment, and nothing else has")
    for transfer in transfers:
        _expect_transfer(transfer)


@lru_cache(maxsize=4096)
def is_date(text: str) -> bool:
    """Whether it is a day of the calendar, as 2026-11-25."""
    try:
        return bool(_DATE.fullmatch(text)) and date.fromisoformat(text).year >= YEAR_MIN
    except ValueError:
        return False


def _expect_transfer(transfer: Any) -> None:
    if type(transfer) is not dict or transfer.keys() != _TRANSFER:
        raise BadLeaf("a transfer's fields are not as they should be")
    amount, debit, credit = transfer["amount"], transfer["debit"], transfer["credit"]
    if type(amount) is not int or amount < 1:
        raise BadLeaf("a transfer's amount is not a whole number above 0")
    if (
        type(debit) is not str
        or type(credit) is not str
        or debit == credit
        or not (debit and credit)
    ):
        raise BadLeaf("a transfer does not join two accounts")
    if type(transfer["currency"]) is not str or not _CURRENCY.fullmatch(transfer["currency"]):
        raise BadLeaf("a transfer's currency is no code of three capitals")
