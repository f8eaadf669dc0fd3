"""An account at the bank beside its account in the books, with every cent between them.

Amounts are signed minor units of the account's currency. Two sums must be 0: what the lines do not
explain of the bank's own balances, and what is left between bank and books when all that waits is
counted.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, Sum

from twinhood.giving.core import iban
from twinhood.giving.models import Gift
from twinhood.people.models import Partnership
from twinhood.treasury import entries, statements
from twinhood.treasury.entries import Moved
from twinhood.treasury.models import MAIN, BankAccount, Match, StatementLine


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of one state."""

    count: int
    sum_minor: int


@dataclass(frozen=True, slots=True)
class AtTheBank:
    """An account in one line: what the bank says, what nobody decided, what is unexplained."""

    account: BankAccount
    number: str
    last_minor: int | None
    last_date: date | None
    open: Lines
    unexplained_minor: int


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Bank and books. The bank's balance less the books' is made of, in this order: what lay at the
    bank before the first line beyond what the books said then (`before_minor`), lines that are
    open, lines that are ignored, matched money whose gift is not posted yet, and, with a minus,
    entries since then that the bank has not shown (`unmatched`, the newest first).
    `left_minor` is what remains: anything but 0 is for a person to look at.
    """

    bank_minor: int
    book_minor: int
    before_minor: int
    matched: Lines
    open: Lines
    ignored: Lines
    unposted_minor: int
    unmatched: tuple[Moved, ...]
    unexplained_minor: int

    @property
    def unmatched_minor(self) -> int:
        return sum(one.amount_minor for one in self.unmatched)

    @property
    def left_minor(self) -> int:
        return (
            self.bank_minor
            - self.book_minor
            - self.before_minor
            - self.open.sum_minor
            - self.ignored.sum_minor
            - self.unposted_minor
            + self.unmatched_minor
        )


def accounts_of(partnership: Partnership) -> list[AtTheBank]:
    """All accounts at banks, by number."""
    found = BankAccount.objects.filter(partnership=partnership).order_by("number", "currency")
    return [_at_the_bank(account) for account in found]


def _at_the_bank(account: BankAccount) -> AtTheBank:
    number = account.number
    is_iban = number[:2].isalpha() and len(number) >= 15
    return AtTheBank(
        account=account,
        number=iban.spaced(number) if is_iban else number,
        last_minor=account.last_minor,
        last_date=account.last_date,
        open=_lines(account)[StatementLine.State.OPEN],
        unexplained_minor=statements.unexplained_minor(account),
    )


def _lines(account: BankAccount) -> dict[str, Lines]:
    """Lines by state. Of a line that is matched in part, the rest counts as open."""
    rows = account.lines.values("state").annotate(
        count=Count("id"), total=Sum("amount_minor"), done=Sum("matched_minor")
    )
    found = {row["state"]: row for row in rows}
    lines = {}
    for state in StatementLine.State.values:
        row = found.get(state, {"count": 0, "total": 0, "done": 0})
        rest = 0 if state == StatementLine.State.MATCHED else int(row["done"])
        lines[state] = Lines(row["count"], int(row["total"]) - rest)
    return lines


def reconcile(account: BankAccount) -> Reconciled:
    """Everything between what the bank says and what the books say of `account`."""
    lines = _lines(account)
    earlier, since = entries.unmatched_around(account, account.first_date)
    return Reconciled(
        bank_minor=account.last_minor or 0,
        book_minor=entries.book_minor(account),
        before_minor=(account.first_minor or 0) - sum(one.amount_minor for one in earlier),
        matched=lines[StatementLine.State.MATCHED],
        open=lines[StatementLine.State.OPEN],
        ignored=lines[StatementLine.State.IGNORED],
        unposted_minor=_unposted_minor(account),
        unmatched=tuple(reversed(since)),
        unexplained_minor=statements.unexplained_minor(account),
    )


def _unposted_minor(account: BankAccount) -> int:
    """What lines brought as gifts that the poster has not laid on the line yet: it posts them to
    MAIN, where what lines of other accounts placed with themselves is missing so long.
    """
    if account.code != MAIN:
        return 0
    live = Match.objects.filter(
        line__account__partnership=account.partnership_id,
        line__account__currency=account.currency,
        undone_at=None,
        gift__isnull=False,
    ).filter(Q(line__account=account) | ~Q(line__account__code=MAIN))
    waiting = Gift.objects.posted(is_posted=False).filter(pk__in=live.values("gift_id"))
    matched = live.filter(gift__in=waiting).aggregate(total=Sum("amount_minor"))
    return int(matched["total"] or 0)
