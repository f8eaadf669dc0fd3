"""Statements from file to lines: looked at, then taken in whole, or held with what differs.

Amounts are signed minor units of the account's currency.
"""

import io
import logging
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import Sum

from twinhood.giving.keys import MasterKeys, master_keys, open_words, seal_words
from twinhood.kit import clock
from twinhood.people.models import Partnership, Person
from twinhood.treasury import sealed
from twinhood.treasury.core import camt, csv_statement, taking
from twinhood.treasury.core.identity import KnownLine
from twinhood.treasury.core.statement import BadStatement
from twinhood.treasury.core.statement import Statement as ReadStatement
from twinhood.treasury.core.taking import End, Plan, Standing
from twinhood.treasury.errors import FileGone, StatementHeld
from twinhood.treasury.models import MAIN, BankAccount, Statement, StatementFile, StatementLine

logger = logging.getLogger(__name__)

BYTES_MAX = camt.BYTES_MAX
NAME_MAX = 200
# Files that look like something else that banks give out: said by name, not as a heap of errors.
_OTHER_KINDS = (
    (b"PK\x03\x04", "spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "spreadsheet"),
    (b"%PDF", "pdf"),
    (b"{1:", "mt940"),
    (b":20:", "mt940"),
    # OFX, QIF, JSON, a web page under another name.
    (b"OFXHEADER", "other"),
    (b"!Type", "other"),
    (b"[{", "other"),
    (b"{", "other"),
    (b"<html", "other"),
    (b"<HTML", "other"),
    (b"<!DOCTYPE html", "other"),
)
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What `take_in` did: lines added, and lines that stood there before."""

    new_count: int
    known_count: int


@transaction.atomic
def keep(
    *, partnership: Partnership, name: str, stream: BinaryIO, person: Person | None
) -> StatementFile:
    """Store an uploaded file, sealed, before anything is made of it.

    The same bytes again are the same file. Raises BadStatement: bytes (too many), empty, and
    spreadsheet, pdf, mt940, other for what is no statement that we read.
    """
    data = stream.read(BYTES_MAX + 1)
    if len(data) > BYTES_MAX:
        raise BadStatement("bytes", what=str(BYTES_MAX))
    kind = kind_of(data)
    digest = sha256(data).digest()
    bytes_sealed = seal_words(data, None, partnership.pk, master_keys())
    known = StatementFile.objects.filter(partnership=partnership, digest=digest).first()
    if known is None:
        return StatementFile.objects.create(
            partnership=partnership,
            name=_plain_name(name),
            kind=kind,
            digest=digest,
            sealed=bytes_sealed,
            uploaded_by=person,
            uploaded_at=clock.now(),
        )
    known.sealed, known.name = bytes_sealed, _plain_name(name)
    known.uploaded_by, known.uploaded_at = person, clock.now()
    if known.state == StatementFile.State.PUT_AWAY:
        known.state = StatementFile.State.LOOKED_AT
    known.save()
    return known


def kind_of(data: bytes) -> str:
    """camt or csv. Raises BadStatement: empty, spreadsheet, pdf, mt940, other."""
    head = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        raise BadStatement("empty")
    for start, code in _OTHER_KINDS:
        if head.startswith(start):
            raise BadStatement(code)
    is_xml = head.startswith((b"<", b"\xff\xfe<\x00", b"\xfe\xff\x00<", b"\x00<"))
    return StatementFile.Kind.CAMT if is_xml else StatementFile.Kind.CSV


def _plain_name(name: str) -> str:
    """A file's name for people: one line without controls, never a path."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[:NAME_MAX] or "statement"


def bytes_of(file: StatementFile) -> BinaryIO:
    """The file as it was uploaded. Raises FileGone."""
    if file.sealed is None:
        raise FileGone(file.name)
    return io.BytesIO(open_words(bytes(file.sealed), None, file.partnership_id, master_keys()))


def read_camt(file: StatementFile) -> list[ReadStatement]:
    """Raises FileGone, BadStatement."""
    return camt.read(bytes_of(file))


def read_csv(
    file: StatementFile,
    mapping: csv_statement.Mapping,
    *,
    opening_minor: int | None = None,
    closing_minor: int | None = None,
) -> list[ReadStatement]:
    """Raises FileGone, BadRows, BadStatement. Balances are those that a person typed."""
    return [
        csv_statement.read(
            bytes_of(file),
            mapping,
            name=file.name,
            opening_minor=opening_minor,
            closing_minor=closing_minor,
        )
    ]


def plans_of(
    partnership: Partnership,
    statements: Sequence[ReadStatement],
    *,
    source: str,
    accepted: Set[str] = frozenset(),
) -> list[Plan]:
    """What taking them in would do, account by account; nothing is written."""
    known = {
        (account.number, account.currency): account
        for account in BankAccount.objects.filter(partnership=partnership)
    }
    return [
        _plan(known.get(name), [s for s in statements if (s.account, s.currency) == name],
              source, accepted)
        for name in taking.accounts_in(statements)
    ]  # fmt: skip


def _plan(
    account: BankAccount | None,
    statements: Sequence[ReadStatement],
    source: str,
    accepted: Set[str],
) -> Plan:
    days = taking.days_of(statements)
    known = _known_lines(account, days) if account and days else []
    standing = _standing(account) if account else None
    return taking.plan(statements, standing=standing, known=known, source=source, accepted=accepted)


def _known_lines(account: BankAccount, days: tuple[date, date]) -> list[KnownLine]:
    rows = account.lines.filter(booked_date__range=days)
    fields = ("key", "amount_minor", "booked_date", "bank_ref", "source")
    return [KnownLine(*row) for row in rows.values_list(*fields)]


def _standing(account: BankAccount) -> Standing | None:
    ends = (account.first_minor, account.first_date, account.last_minor, account.last_date)
    first_minor, first_date, last_minor, last_date = ends
    if first_minor is None or first_date is None or last_minor is None or last_date is None:
        return None
    total = account.lines.aggregate(total=Sum("amount_minor"))["total"]
    return Standing(End(first_minor, first_date), End(last_minor, last_date), int(total or 0))


def unexplained_minor(account: BankAccount) -> int:
    """What its lines do not explain between its first balance and its last; 0 if all is well."""
    standing = _standing(account)
    if standing is None:
        return 0
    return standing.last.amount_minor - standing.first.amount_minor - standing.known_minor


@transaction.atomic
def hold(file: StatementFile, plans: Iterable[Plan]) -> None:
    """Keep on the desk's list that this file waits, and why."""
    file.state = StatementFile.State.HELD
    file.holds = [facts for plan in plans for facts in hold_facts(plan)]
    file.save(update_fields=["state", "holds"])


def hold_facts(plan: Plan) -> list[dict[str, Any]]:
    """Why these statements are held, as facts that can be stored; amounts in minor units."""
    return [
        {
            "account": plan.account,
            "currency": plan.currency,
            "statement": plan.statements[held.place].name,
            "reason": str(held.hold.reason),
            "expected_minor": held.hold.expected_minor,
            "stated_minor": held.hold.stated_minor,
            "row": held.hold.row,
        }
        for held in plan.held
    ]


@transaction.atomic
def put_away(file: StatementFile) -> None:
    """Nothing is to be made of this file: its bytes go, that it was here stays."""
    if file.state in {StatementFile.State.LOOKED_AT, StatementFile.State.HELD}:
        file.state = StatementFile.State.PUT_AWAY
    file.sealed = None
    file.save(update_fields=["state", "sealed"])


@transaction.atomic
def take_in(
    *,
    file: StatementFile,
    statements: Sequence[ReadStatement],
    source: str,
    accepted: Set[str] = frozenset(),
    person: Person | None,
) -> Taken:
    """Add what is new of all the file's accounts, or nothing. Safe to repeat: what is known adds
    nothing. Raises StatementHeld, FileGone.
    """
    partnership = file.partnership
    # One at a time: who comes second sees what the first took in.
    Partnership.objects.select_for_update(no_key=True).get(pk=partnership.pk)
    file = StatementFile.objects.select_for_update().get(pk=file.pk)
    if file.sealed is None:
        raise FileGone(file.name)
    plans = plans_of(partnership, statements, source=source, accepted=accepted)
    if any(plan.held for plan in plans):
        raise StatementHeld(plans)
    keys = master_keys()
    for plan in plans:
        if plan.taken or not _is_known(partnership, plan):
            _store(file, plan, source, keys, person)
    file.state, file.holds, file.sealed = StatementFile.State.TAKEN, [], None
    file.save(update_fields=["state", "holds", "sealed"])
    new = sum(len(plan.taken) for plan in plans)
    known = sum(len(pairs) for plan in plans for pairs in plan.keyed) - new
    logger.info("treasury.taken_in file=%d new=%d known=%d", file.pk, new, known)
    return Taken(new, known)


def _is_known(partnership: Partnership, plan: Plan) -> bool:
    return BankAccount.objects.filter(
        partnership=partnership, number=plan.account, currency=plan.currency
    ).exists()


def _store(
    file: StatementFile, plan: Plan, source: str, keys: MasterKeys, person: Person | None
) -> None:
    account, _ = BankAccount.objects.get_or_create(
        partnership=file.partnership,
        number=plan.account,
        currency=plan.currency,
        defaults={"code": _code_for(file.partnership, plan)},
    )
    if plan.first is not None and plan.last is not None:
        account.first_minor, account.first_date = plan.first.amount_minor, _known_day(plan.first)
        account.last_minor, account.last_date = plan.last.amount_minor, _known_day(plan.last)
        account.save()
    for read, keyed in zip(plan.statements, plan.keyed, strict=True):
        new = [(key, line) for key, line in keyed if key in plan.taken_keys]
        statement = _statement(file, account, read, len(new), person)
        StatementLine.objects.bulk_create(
            (
                StatementLine(
                    account=account,
                    statement=statement,
                    key=key,
                    row=line.row,
                    amount_minor=line.amount_minor,
                    booked_date=line.booked_date,
                    value_date=line.value_date,
                    bank_ref=line.bank_ref,
                    source=source,
                    is_reversal=line.is_reversal,
                    sealed_words=sealed.seal(line, file.partnership_id, keys),
                    other_index=sealed.account_index(line.other_account, file.partnership_id, keys),
                )
                for key, line in new
            ),
            batch_size=_BATCH,
        )


def _code_for(partnership: Partnership, plan: Plan) -> str:
    """Where a new account's money lies in the books: the first of its currency is MAIN, each other
    has a place of its own, named by the end of its number.
    """
    known = BankAccount.objects.filter(partnership=partnership, currency=plan.currency)
    taken = {MAIN, *known.values_list("code", flat=True)}
    if len(taken) == 1 and not known.exists():
        return MAIN
    number = "".join(c for c in plan.account.lower() if c.isascii() and c.isalnum()) or "other"
    names = (number[-6:], number, *(f"{number}-{count}" for count in range(2, len(taken) + 3)))
    return next(code for name in names if (code := f"assets:bank:{name}") not in taken)


def _statement(
    file: StatementFile,
    account: BankAccount,
    read: ReadStatement,
    new_count: int,
    person: Person | None,
) -> Statement:
    if read.opening is None or read.closing is None:
        raise ValueError(read.name)  # held before
    today = clock.now().date()
    return Statement.objects.create(
        file=file,
        account=account,
        name=read.name[:NAME_MAX],
        begins_date=_or_today(taking.begins_on(read), today),
        ends_date=_or_today(taking.ends_on(read), today),
        opening_minor=read.opening.amount_minor,
        closing_minor=read.closing.amount_minor,
        lines_minor=read.total_minor,
        new_count=new_count,
        known_count=len(read.lines) - new_count,
        pending_count=read.pending_count,
        taken_by=person,
        taken_at=clock.now(),
    )


def _known_day(end: End) -> date:
    return _or_today(end.day, clock.now().date())


def _or_today(day: date, today: date) -> date:
    """A statement without lines may not say any day."""
    return today if day == date.min else day
