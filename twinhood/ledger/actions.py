"""The verbs that write the books. Each is one transaction, and the books' row is locked first.

Amounts are minor units of the fund's currency; times are aware and stored as UTC. The rules are
those of `core.line`; what it decides is written here, and the triggers of the migration
`0002_books_keep_their_promises` say it a second time.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate, pairwise

from django.db import connection, transaction

from twinhood.kit import clock
from twinhood.ledger import errors
from twinhood.ledger.core import entry as core_entry
from twinhood.ledger.core import leaf as core_leaf
from twinhood.ledger.core import line as core_line
from twinhood.ledger.core.line import Span
from twinhood.ledger.lines import Change, FundLine, segment_of
from twinhood.ledger.models import Account, Books, Entry, Fund, Segment, Transfer, Use, UseUnit
from twinhood.people.models import Partnership
from twinhood.translog import actions as translog

CREDIT_NORMAL = ("fund:", "commitments:", "payables:", "income:", "exchange:")
# The first number of the books' advisory locks; the partnership's id is the second.
BOOKS_LOCK = 0x626F6F6B
NEVER_BELOW_ZERO = ("fund:", "commitments:")
# What an organisation owes the funds: a guarantor its advances.
DUE_FROM = "due-from:"


@dataclass(frozen=True, slots=True)
class Income:
    """Settled money for a fund: the entry that books it and what reaches the line (net).

    `donor` is the commitment (32 bytes) to what the donor told; without one, a commitment that
    nobody can open.
    """

    entry: core_entry.Entry
    fund_code: str
    net_minor: int
    happened_at: datetime
    donor: bytes = field(default_factory=lambda: secrets.token_bytes(32))


@dataclass(frozen=True, slots=True)
class RefundOutcome:
    """What a refund did or would do to the line, in minor units of the fund's currency."""

    displaced_minor: int
    advance_minor: int


class Posting:
    """Entries being written to one partnership's books, in order, under its lock."""

    def __init__(self, partnership: Partnership) -> None:
        self.books = lock_books(partnership)
        self.partnership = partnership
        self.accounts: dict[tuple[str, str], Account] = {}

    def enter(
        self, entry: core_entry.Entry, at: datetime, journal: Sequence[core_leaf.Record] = ()
    ) -> Entry:
        """Write an entry with its transfers and its leaf, which says `journal` of the line.

        Raises KeyUsed if it is posted already.
        """
        row = self.write(entry.key, entry.kind, at, journal, entry)
        self._transfer(row, entry)
        return row

    def write(
        self,
        key: str,
        kind: str,
        at: datetime,
        journal: Sequence[core_leaf.Record],
        entry: core_entry.Entry | None = None,
    ) -> Entry:
        """Write an entry's own row and its leaf, dated into an open month; raises KeyUsed."""
        at = self.books.open_from(at)
        if Entry.objects.filter(partnership=self.partnership, key=key).exists():
            raise errors.KeyUsed(key)
        self.books.last_seq += 1
        self.books.save(update_fields=["last_seq"])
        leaf = core_leaf.entry_leaf(
            partnership=self.books.name,
            seq=self.books.last_seq,
            date=at.astimezone(UTC).date(),
            key=key,
            entry=entry,
            journal=journal,
        )
        (leaf_id,) = translog.append([leaf])
        return Entry.objects.create(
            partnership=self.partnership,
            seq=self.books.last_seq,
            key=key,
            kind=kind,
            happened_at=at,
            posted_at=clock.now(),
            leaf_id=leaf_id,
        )

    def _transfer(self, row: Entry, entry: core_entry.Entry) -> None:
        moves = entry.transfers
        self._find_accounts({name for move in moves for name in (move.debit, move.credit)})
        Transfer.objects.bulk_create(
            Transfer(
                entry=row,
                debit=self.accounts[move.debit.code, move.debit.currency],
                credit=self.accounts[move.credit.code, move.credit.currency],
                amount_minor=move.amount_minor,
                currency=move.debit.currency,
            )
            for move in moves
        )

    def _find_accounts(self, names: set[core_entry.AccountName]) -> None:
        wanted = {(name.code, name.currency) for name in names} - self.accounts.keys()
        if not wanted:
            return
        here = Account.objects.filter(partnership=self.partnership)
        for account in here.filter(code__in={code for code, _ in wanted}):
            self.accounts[account.code, account.currency] = account
        for code, currency in sorted(wanted - self.accounts.keys()):
            self.accounts[code, currency] = open_account(self.partnership, code, currency)

    def line_of(self, code: str) -> FundLine:
        """A fund's line; raises Unknown."""
        fund = Fund.objects.filter(partnership=self.partnership, code=code).first()
        if fund is None:
            raise errors.Unknown("fund", code)
        return FundLine(fund)

    def use_of(self, key: str, kind: Use.Kind) -> Use:
        use = Use.objects.filter(partnership=self.partnership, key=key, kind=kind).first()
        if use is None:
            raise errors.Unknown(kind, key)
        return use


def lock_books(partnership: Partnership) -> Books:
    """The books, locked until the transaction ends; opened under the partnership's name of now.

    Everybody waits at one advisory lock first, whose queue is fair: a row's lock may go to a
    poster that comes back for its next batch, time and again, before it goes to who waits.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [BOOKS_LOCK, partnership.pk])
    found = Books.objects.select_for_update().filter(partnership=partnership).first()
    if found is None:
        _open_books(partnership)
        found = Books.objects.select_for_update().get(partnership=partnership)
    return found


def name_in_log(partnership: Partnership) -> str:
    """The partnership's name in the log, for ever. Waits for nobody who posts."""
    try:
        return partnership.books.name
    except Books.DoesNotExist:
        with transaction.atomic():
            return lock_books(partnership).name


def _open_books(partnership: Partnership) -> None:
    """Name the books after the slug; a slug that others had before gets a number."""
    number = 1
    while not Books.objects.filter(partnership=partnership).exists():
        name = partnership.slug if number == 1 else f"{partnership.slug}-{number}"
        rows = [Books(partnership=partnership, name=name)]
        Books.objects.bulk_create(rows, ignore_conflicts=True)
        number += 1


def open_account(partnership: Partnership, code: str, currency: str) -> Account:
    return Account.objects.create(
        partnership=partnership,
        code=code,
        currency=currency,
        is_credit_normal=code.startswith(CREDIT_NORMAL),
        is_never_below_zero=code.startswith(NEVER_BELOW_ZERO),
    )


@transaction.atomic
def open_fund(*, partnership: Partnership, code: str, currency: str, at: datetime) -> Fund:
    """Open a line at 0. Raises KeyUsed if a fund of this code is open."""
    posting = Posting(partnership)
    if Fund.objects.filter(partnership=partnership, code=code).exists():
        raise errors.KeyUsed(code)
    record = core_leaf.fund_record(fund=code, currency=currency)
    opened = posting.write(f"fund:{code}", Entry.Kind.FUND, at, [record])
    account = open_account(partnership, f"fund:{code}", currency)
    return Fund.objects.create(
        partnership=partnership, code=code, currency=currency, account=account, opened_by=opened
    )


@transaction.atomic
def post_income(*, partnership: Partnership, incomes: Sequence[Income]) -> None:
    """Book gifts in the given order; each takes the next interval of its fund's line.

    Raises KeyUsed if one of them is posted already, Unknown for a fund that is not open.
    """
    if not incomes:
        return
    books = lock_books(partnership)
    _refuse_used_keys(partnership, [income.entry.key for income in incomes])
    codes = {income.fund_code for income in incomes}
    funds = {f.code: f for f in Fund.objects.filter(partnership=partnership, code__in=codes)}
    if missing := codes - funds.keys():
        raise errors.Unknown("fund", min(missing))
    rows = [_income_row(income, funds[income.fund_code], books) for income in incomes]
    with connection.cursor() as cursor:
        columns = map(list, zip(*rows, strict=True))
        cursor.execute(POST_GIFTS, [partnership.pk, clock.now(), *columns])


POST_GIFTS = """
SELECT ledger_post_gifts(%s, array_agg(
  (key, fund_id, currency, rail, arrives_at, amount_minor, fee_minor, happened_at,
   donor)::ledger_income ORDER BY place), %s::timestamptz)
FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[],
            %s::bigint[], %s::timestamptz[], %s::bytea[])
     WITH ORDINALITY AS income
     (key, fund_id, currency, rail, arrives_at, amount_minor, fee_minor, happened_at, donor, place)
"""


def _income_row(income: Income, fund: Fund, books: Books) -> tuple[object, ...]:
    """What `ledger_post_gifts` is told of an income, in the order of its type's fields."""
    net, *fees = income.entry.transfers
    fee_minor = sum(fee.amount_minor for fee in fees)
    rail = fees[0].debit.code.removeprefix("expenses:fees:") if fees else ""
    return (
        income.entry.key,
        fund.pk,
        net.debit.currency,
        rail,
        net.debit.code,
        income.net_minor + fee_minor,
        fee_minor,
        books.open_from(income.happened_at),
        income.donor,
    )


def _refuse_used_keys(partnership: Partnership, keys: Sequence[str]) -> None:
    used = Entry.objects.filter(partnership=partnership, key__in=keys).first()
    if used is not None:
        raise errors.KeyUsed(used.key)
    if len(set(keys)) < len(keys):
        raise errors.KeyUsed(next(key for key in keys if keys.count(key) > 1))


@transaction.atomic
def place_order(
    *,
    partnership: Partnership,
    key: str,
    fund_codes: Sequence[str],
    units: Sequence[tuple[str, int]],
    at: datetime,
) -> Use:
    """Commit the order: it covers the earliest free cents of the first fund, then of the next.

    `units` are (name, amount) in turn. Raises FundTooSmall, Unknown, KeyUsed, or ValueError for
    units or funds that no order can have.
    """
    amounts = [amount for _, amount in units]
    if not units or min(amounts) <= 0 or len({name for name, _ in units}) < len(units):
        raise ValueError(units)
    posting = Posting(partnership)
    lines = [posting.line_of(code) for code in fund_codes]
    covered = _cover(lines, key, sum(amounts))
    parts = [(line.fund.code, _length(pieces)) for line, pieces in covered]
    row = posting.enter(
        core_entry.order_placed(key=key, parts=parts, currency=lines[0].fund.currency),
        at,
        [core_leaf.order_record(key=key, funds=fund_codes, units=units)],
    )
    use = _write_use(row, Use.Kind.ORDER, sum(amounts), list(fund_codes))
    ends = [0, *accumulate(amounts)]
    UseUnit.objects.bulk_create(
        UseUnit(use=use, name=name, start_offset=start, end_offset=end)
        for (name, _), (start, end) in zip(units, pairwise(ends), strict=True)
    )
    for line, pieces in covered:
        line.write(Change(written=tuple(pieces)), row, {key: use})
    return use


def _cover(
    lines: Sequence[FundLine], key: str, amount_minor: int
) -> list[tuple[FundLine, list[core_line.Piece]]]:
    """Cover `amount_minor` from the lines in turn; raises FundTooSmall with nothing changed."""
    codes = [line.fund.code for line in lines]
    if len({line.fund.currency for line in lines}) != 1 or len(set(codes)) < len(codes):
        raise ValueError(codes)
    free_minor = sum(line.free_minor for line in lines)
    if free_minor < amount_minor:
        raise errors.FundTooSmall(codes, amount_minor, free_minor)
    covered, offset = [], 0
    for line in lines:
        take = min(line.free_minor, amount_minor - offset)
        if take:
            covered.append((line, line.cover(key, take, offset)))
            offset += take
    return covered


def _length(pieces: Iterable[core_line.Piece]) -> int:
    return sum(piece.end - piece.start for piece in pieces)


def _write_use(
    row: Entry, kind: Use.Kind, amount_minor: int, fund_codes: list[str], source_key: str = ""
) -> Use:
    return Use.objects.create(
        partnership=row.partnership,
        entry=row,
        kind=kind,
        key=row.key,
        amount_minor=amount_minor,
        fund_codes=fund_codes,
        source_key=source_key,
    )


@transaction.atomic
def refund(
    *,
    partnership: Partnership,
    key: str,
    source_key: str,
    amount_minor: int,
    paid_from: str,
    at: datetime,
    operating_minor: int = 0,
) -> RefundOutcome:
    """Give back cents of a gift's (or an advance's) own segment, by the rules of the line.

    `paid_from` is the account that the money leaves; `operating_minor` is what the organisation
    bears beside (fees that the rail does not give back). Raises Unknown, MoreThanIsLeft,
    NoGuarantor, KeyUsed.
    """
    posting = Posting(partnership)
    segment, line, done = _refund_on_line(posting, key, source_key, amount_minor)
    outcome = outcome_of(done)
    if outcome.advance_minor and partnership.guarantor_id is None:
        raise errors.NoGuarantor(outcome.advance_minor)
    row = posting.enter(
        core_entry.refunded(
            key=key,
            fund_code=line.fund.code,
            currency=line.fund.currency,
            paid_from=paid_from,
            amount_minor=amount_minor,
            operating=f"operating:{partnership.recipient_id}",
            operating_minor=operating_minor,
            guarantor=f"{DUE_FROM}{partnership.guarantor_id}",
            advance_minor=outcome.advance_minor,
        ),
        at,
        [core_leaf.refund_record(key=key, source=segment.key, amount_minor=amount_minor)],
    )
    if done.advance is not None:
        Segment.objects.create(
            fund=line.fund,
            entry=row,
            kind=Segment.Kind.ADVANCE,
            key=f"advance:{key}",
            start_minor=done.advance.start,
            end_minor=done.advance.end,
        )
    use = _write_use(row, Use.Kind.REFUND, amount_minor, [line.fund.code], segment.key)
    line.write(Change(done.removed, done.written), row, {key: use})
    return outcome


def _refund_on_line(
    posting: Posting, key: str, source_key: str, amount_minor: int
) -> tuple[Segment, FundLine, core_line.Refunded]:
    segment = segment_of(posting.partnership, source_key)
    if segment is None or segment.kind == Segment.Kind.EXCHANGE:
        raise errors.Unknown("source", source_key)
    line = posting.line_of(segment.fund.code)
    try:
        done = line.refund(key, Span(segment.start_minor, segment.end_minor), amount_minor)
    except core_line.MoreThanIsLeft as problem:
        raise errors.MoreThanIsLeft(source_key, amount_minor, problem.left) from problem
    return segment, line, done


def outcome_of(done: core_line.Refunded) -> RefundOutcome:
    advance = done.advance.length if done.advance is not None else 0
    return RefundOutcome(displaced_minor=done.displaced, advance_minor=advance)


class _NothingWritten(Exception):
    """Leaves a transaction that only looked."""


def refund_outcome(
    *, partnership: Partnership, source_key: str, amount_minor: int
) -> RefundOutcome:
    """What `refund` would do now; nothing is written. Raises Unknown, MoreThanIsLeft."""
    outcome = RefundOutcome(0, 0)
    try:
        with transaction.atomic():
            posting = Posting(partnership)
            _, _, done = _refund_on_line(posting, "?", source_key, amount_minor)
            outcome = outcome_of(done)
            raise _NothingWritten
    except _NothingWritten:
        return outcome


@transaction.atomic
def exchange(
    *,
    partnership: Partnership,
    key: str,
    fund_code: str,
    amount_minor: int,
    to_code: str,
    received_minor: int,
    at: datetime,
    bank_code: str = "assets:bank:main",
) -> Use:
    """Change money: the earliest free cents of one fund become an income segment of another.

    Between two funds of one currency it is a move, and the amounts are equal. Raises BadExchange,
    FundTooSmall, Unknown, KeyUsed, ValueError for amounts that are not positive.
    """
    if amount_minor <= 0 or received_minor <= 0:
        raise ValueError((amount_minor, received_minor))
    if fund_code == to_code:
        raise errors.BadExchange("same_fund")
    posting = Posting(partnership)
    source, target = posting.line_of(fund_code), posting.line_of(to_code)
    is_move = source.fund.currency == target.fund.currency
    if is_move and amount_minor != received_minor:
        raise errors.BadExchange("not_a_move")
    (_, pieces), *_ = _cover([source], key, amount_minor)
    row = posting.enter(
        core_entry.exchanged(
            key=key,
            fund_code=fund_code,
            currency=source.fund.currency,
            amount_minor=amount_minor,
            to_code=to_code,
            to_currency=target.fund.currency,
            received_minor=received_minor,
            bank=bank_code,
        ),
        at,
        [
            core_leaf.exchange_record(
                key=key,
                fund=fund_code,
                amount_minor=amount_minor,
                to=to_code,
                received_minor=received_minor,
            )
        ],
    )
    use = _write_use(row, Use.Kind.EXCHANGE, amount_minor, [fund_code])
    source.write(Change(written=tuple(pieces)), row, {key: use})
    _bring_in(target.fund, use, received_minor)
    return use


def _bring_in(fund: Fund, use: Use, received_minor: int) -> None:
    """Extend the line by what an exchange received."""
    Segment.objects.create(
        fund=fund,
        entry=use.entry,
        kind=Segment.Kind.EXCHANGE,
        key=use.key,
        start_minor=fund.head_minor,
        end_minor=fund.head_minor + received_minor,
        source_use=use,
    )


@transaction.atomic
def pay_supplier(
    *,
    partnership: Partnership,
    key: str,
    order_key: str,
    amount_minor: int,
    currency: str,
    bank_code: str,
    at: datetime,
) -> Entry:
    """Book a payment against an order's commitment.

    Raises FundTooSmall if less than `amount_minor` is committed and unpaid, KeyUsed.
    """
    posting = Posting(partnership)
    code = core_entry.commitment_of(order_key)
    found = Account.objects.filter(partnership=partnership, code=code, currency=currency).first()
    left = found.balance_minor if found is not None else 0
    if left < amount_minor:
        raise errors.FundTooSmall([code], amount_minor, left)
    return posting.enter(
        core_entry.supplier_paid(
            key=key,
            order_key=order_key,
            bank=bank_code,
            amount_minor=amount_minor,
            currency=currency,
        ),
        at,
    )
