"""What the bank wrote of people, sealed with the house's master key: files, and words of lines."""

import hmac
import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from twinhood.giving.keys import MasterKeys, open_words, seal_words
from twinhood.treasury.core.matching import Credit
from twinhood.treasury.core.statement import Detail, StatementLine
from twinhood.treasury.models import StatementLine as Line


@dataclass(frozen=True, slots=True)
class Words:
    """A line's words, and those of each payment that it holds; all empty once they were removed."""

    end_to_end_id: str = ""
    reference: str = ""
    text: str = ""
    other_name: str = ""
    other_account: str = ""
    details: tuple[Detail, ...] = ()

    @property
    def shown(self) -> str:
        """All that was written freely, as one line."""
        parts = (self.reference, self.text, self.end_to_end_id)
        return " · ".join(part for part in dict.fromkeys(parts) if part)


def seal(line: StatementLine, partnership_id: int, keys: MasterKeys) -> bytes:
    words = Words(
        line.end_to_end_id, line.reference, line.text, line.other_name, line.other_account,
        line.details,
    )  # fmt: skip
    plain = json.dumps(asdict(words), ensure_ascii=False, separators=(",", ":"))
    return seal_words(plain.encode(), None, partnership_id, keys)


def words_of(line: Line, partnership_id: int, keys: MasterKeys) -> Words:
    if line.sealed_words is None:
        return Words()
    plain = open_words(bytes(line.sealed_words), None, partnership_id, keys)
    told: dict[str, Any] = json.loads(plain)
    details = tuple(Detail(**detail) for detail in told.pop("details"))
    return Words(**told, details=details)


def account_index(account: str, partnership_id: int, keys: MasterKeys) -> bytes | None:
    """The keyed hash under which the other side's account is known again (HMAC-SHA-256)."""
    if not account:
        return None
    plain = b"account\x00%d\x00" % partnership_id + account.encode()
    return hmac.digest(keys.indexing, plain, sha256)


def credits_in(line: Line, words: Words) -> list[Credit]:
    """What came in by a stored line, each payment of a whole batch by itself; as `credits_of`.

    `other_account` is the hexadecimal keyed hash only for the line as a whole.
    """
    if line.amount_minor <= 0 or line.is_reversal:
        return []
    whole = StatementLine(
        row=line.row,
        amount_minor=line.amount_minor,
        booked_date=line.booked_date,
        details=words.details,
    )
    parts: list[Detail | Words] = list(words.details) if words.details and whole.is_whole else []
    return [
        Credit(
            amount_minor=part.amount_minor if isinstance(part, Detail) else line.amount_minor,
            currency=line.account.currency,
            booked_date=line.booked_date,
            reference=part.reference,
            end_to_end_id=part.end_to_end_id,
            text=part.text,
            other_name=part.other_name,
            other_account=part.other_account,
        )
        for part in parts or [words]
    ]
