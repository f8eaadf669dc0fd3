"""What the books say of a bank account: entries that moved it, and which stand at the bank."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Sum, When

from twinhood.ledger.models import Account, Transfer
from twinhood.treasury.models import MAIN, BankAccount, Match

LISTED_MAX = 50
# Keys of entries by which a match lays money into the account where the bank shows it.
PLACED = "placed:"
# How far from a line's day an entry of the books may lie to be offered for it.
NEAR = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Moved:
    """An entry and what it moved on the account: positive what came in."""

    key: str
    amount_minor: int
    happened_at: datetime


def effects_of(
    account: BankAccount, keys: Iterable[str], *, is_also_main: bool = False
) -> dict[str, int]:
    """What each of these entries moved on the account; those that did not move it are left out.

    `is_also_main`: or on MAIN, where lies what no line has placed in an account yet.
    """
    wanted = set(keys)
    return {
        one.key: one.amount_minor
        for code in ({MAIN, account.code} if is_also_main else {account.code})
        for one in _moved(account, code, entry__key__in=wanted)
    }


def unmatched(account: BankAccount, *, near: date, n: int = LISTED_MAX) -> list[Moved]:
    """Entries of the days around `near` that no line stands for, in this account or placed in
    none yet; the nearest first.
    """
    around = (near - NEAR, near + NEAR)
    found = [
        one
        for code in sorted({account.code, MAIN})
        for one in _moved(account, code, is_matched=False, entry__happened_at__date__range=around)
    ]
    return sorted(found, key=lambda one: abs((one.happened_at.date() - near).days))[:n]


def unmatched_around(account: BankAccount, day: date | None) -> tuple[list[Moved], list[Moved]]:
    """Entries that no line stands for, in two lists: dated before `day`, and from it on."""
    found = _moved(account, account.code, is_matched=False)
    earlier = [one for one in found if day is not None and one.happened_at.date() < day]
    return earlier, [one for one in found if day is None or one.happened_at.date() >= day]


def book_account(account: BankAccount, code: str = "") -> Account | None:
    return Account.objects.filter(
        partnership=account.partnership_id, code=code or account.code, currency=account.currency
    ).first()


def book_minor(account: BankAccount) -> int:
    """What the books say that lies at the bank."""
    found = book_account(account)
    return found.balance_minor if found is not None else 0


def _moved(
    account: BankAccount, code: str, *, is_matched: bool | None = None, **limits: object
) -> list[Moved]:
    found = book_account(account, code)
    if found is None:
        return []
    moves = _transfers(found).filter(**limits)
    if is_matched is not None:
        live = Match.objects.filter(
            partnership=account.partnership_id, key=OuterRef("entry__key"), undone_at=None
        )
        moves = moves.filter(Exists(live) if is_matched else ~Exists(live))
        # What only says in which account it lies is no movement that the bank would show.
        moves = moves.exclude(
            Q(entry__key__startswith=PLACED) | Q(entry__key__startswith=f"undo:{PLACED}")
        )
    rows = moves.values("entry__key", "entry__happened_at").annotate(
        moved=Sum(Case(When(debit=found.pk, then=F("amount_minor")), default=-F("amount_minor")))
    )
    return [
        Moved(row["entry__key"], int(row["moved"]), row["entry__happened_at"])
        for row in rows.order_by("entry__happened_at", "entry__key")
        if row["moved"]
    ]


def _transfers(account: Account) -> QuerySet[Transfer]:
    return Transfer.objects.filter(Q(debit=account.pk) | Q(credit=account.pk))
