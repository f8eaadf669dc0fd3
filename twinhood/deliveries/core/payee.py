"""Accounts that suppliers are paid to: how they are written, and what is odd about one.

A change of bank details by mail is the commonest fraud there is; so a payee is content of its own
that two people approve, after a call to a number known from elsewhere, and waits before its use.
"""

import re
import unicodedata
from collections.abc import Collection
from datetime import timedelta

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

# From the second approval until the account may be used: time for somebody to say stop.
WAIT = timedelta(hours=72)
# American banks have no IBAN: nine digits of the bank's routing number, then the account.
_ROUTED = re.compile(r"([0-9]{9})\s*[/ ]\s*([0-9]{4,17})")


class BadAccount(ValueError):
    """An account that no bank has; `code` is `form` or `digits` (the check digits are wrong)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def normal_account(typed: str) -> str:
    """An IBAN without spaces, or "021000021/1234567" in America. Raises BadAccount."""
    text = unicodedata.normalize("NFKC", typed).strip().upper()
    if routed := _ROUTED.fullmatch(text):
        if not _is_routing_number(routed[1]):
            raise BadAccount("digits")
        return f"{routed[1]}/{routed[2]}"
    compact = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}", compact):
        raise BadAccount("form")
    try:
        return str(IBAN(compact).compact)
    except SchwiftyException as problem:
        raise BadAccount("digits") from problem


def _is_routing_number(digits: str) -> bool:
    """The ninth digit checks the others with the weights 3, 7, 1 (ABA)."""
    weighed = (int(digit) * weight for digit, weight in zip(digits, (3, 7, 1) * 3, strict=True))
    return sum(weighed) % 10 == 0


def in_groups(account: str) -> str:
    """As people read it: an IBAN in groups of four."""
    return account if "/" in account else " ".join(re.findall(".{1,4}", account))


def folded(name: str) -> str:
    """A name as it is compared: without case, accents, marks and the order of its words."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    words = re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))
    return " ".join(sorted(words))


def alarms(
    *,
    account: str,
    holder: str,
    others: Collection[str],
    own: Collection[str],
    supplier_names: Collection[str],
    names_at_work: Collection[str],
) -> list[str]:
    """What is odd about an account: `shared`, `changed` or `first`, `holder`, `person`.

    `others` are the accounts of other suppliers, `own` those that this one had before;
    `names_at_work` the people of the partnership. None of these forbids it: people decide.
    """
    found = ["shared"] if account in others else []
    found += ["changed"] if own else ["first"]
    if folded(holder) not in {folded(name) for name in supplier_names}:
        found.append("holder")
    if folded(holder) in {folded(name) for name in names_at_work}:
        found.append("person")
    return found
