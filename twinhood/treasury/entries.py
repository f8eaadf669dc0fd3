"""What the books say of a bank account: entries that moved it, and which stand at the bank."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Sum, When

from twinhood.ledger.models import Account, Transfer
from twinhood.treasury.models import BankAccount, Match

LISTED_MAX = 50
# How far from a line's day an entry of the books may lie to be offered for it.
NEAR = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Moved:
    """An entry and what it moved on the account: positive what came in."""

    key: str
    amount_minor: int
    happened_at: datetime


def effects_of(account: BankAccount, keys: Iterable[str]) -> dict[str, int]:
    """What each of these entries moved on the account; those that did not move it are left out."""
    return {one.key: one.amount_minor for one in _moved(account, entry__key__in=set(keys))}


def unmatched(account: BankAccount, *, near: date, n: int = LISTED_MAX) -> list[Moved]:
    """Entries of the days around `near` that no line stands for; the nearest first."""
    around = (near - NEAR, near + NEAR)
    found = _moved(account, is_matched=False, entry__happened_at__date__range=around)
    return sorted(found, key=lambda one: abs((one.happened_at.date() - near).days))[:n]


def unmatched_around(account: BankAccount, day: date | None) -> tuple[list[Moved], list[Moved]]:
    """Entries that no line stands for, in two lists: dated before `day`, and from it on."""
    found = _moved(account, is_matched=False)
    earlier = [one for one in found if day is not None and one.happened_at.date() < day]
    return earlier, [one for one in found if day is None or one.happened_at.date() >= day]


def book_account(account: BankAccount) -> Account | None:
    return Account.objects.filter(
        partnership=account.partnership_id, code=account.code, currency=account.currency
    ).first()


def book_minor(account: BankAccount) -> int:
    """What the books say that lies at the bank."""
    found = book_account(account)
    return found.balance_minor if found is not None else 0


def _moved(
    account: BankAccount, *, is_matched: bool | None = None, **limits: object
) -> list[Moved]:
    found = book_account(account)
    if found is None:
        return []
    moves = _transfers(found).filter(**limits)
    if is_matched is not None:
        live = Match.objects.filter(
            partnership=account.partnership_id, key=OuterRef("entry__key"), undone_at=None
        )
        moves = moves.filter(Exists(live) if is_matched else ~Exists(live))
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
