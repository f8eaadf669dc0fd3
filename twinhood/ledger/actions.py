"""The verbs that write the books. Each is one transaction, and the books' row is locked first.

Amounts are minor units of the fund's currency; times are aware and stored as UTC. The rules are
those of `core.line`; what it decides is written here, and the triggers of the migration
`0002_books_keep_their_promises` say it a second time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise

from django.db import transaction

from twinhood.kit import clock
from twinhood.ledger import errors
from twinhood.ledger.core import entry as core_entry
from twinhood.ledger.core import line as core_line
from twinhood.ledger.core.line import Span
from twinhood.ledger.lines import Change, FundLine, segment_of
from twinhood.ledger.models import Account, Books, Entry, Fund, Segment, Transfer, Use, UseUnit
from twinhood.people.models import Partnership

CREDIT_NORMAL = ("fund:", "commitments:", "payables:", "income:", "exchange:")
NEVER_BELOW_ZERO = ("fund:", "commitments:")


@dataclass(frozen=True, slots=True)
class Income:
    """Settled money for a fund: the entry that books it and what reaches the line (net)."""

    entry: core_entry.Entry
    fund_code: str
    net_minor: int
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class RefundOutcome:
    """What a refund did or would do to the line, in minor units of the fund's currency."""

    displaced_minor: int
    advance_minor: int


class Posting:
    """Entries being written to one partnership's books, in order, under its lock."""

    def __init__(self, partnership: Partnership) -> None:
        Books.objects.get_or_create(partnership=partnership)
        self.books = Books.objects.select_for_update().get(partnership=partnership)
        self.partnership = partnership
        self.accounts: dict[tuple[str, str], Account] = {}

    def enter(self, entry: core_entry.Entry, at: datetime) -> Entry:
        return self.enter_all([(entry, at)])[0]

    def enter_all(self, entries: Sequence[tuple[core_entry.Entry, datetime]]) -> list[Entry]:
        """Write entries with their transfers; raises KeyUsed if one is posted already."""
        first_seq = self.books.last_seq + 1
        self.books.last_seq += len(entries)
        self.books.save(update_fields=["last_seq"])
        rows = [
            Entry(
                partnership=self.partnership,
                seq=seq,
                key=entry.key,
                kind=entry.kind,
                happened_at=at,
                posted_at=clock.now(),
            )
            for seq, (entry, at) in enumerate(entries, first_seq)
        ]
        self._refuse_used_keys([row.key for row in rows])
        Entry.objects.bulk_create(rows)
        self._transfer(zip(rows, (entry for entry, _ in entries), strict=True))
        return rows

    def _refuse_used_keys(self, keys: Sequence[str]) -> None:
        used = Entry.objects.filter(partnership=self.partnership, key__in=keys).first()
        if used is not None:
            raise errors.KeyUsed(used.key)
        if len(set(keys)) < len(keys):
            raise errors.KeyUsed(next(key for key in keys if keys.count(key) > 1))

    def _transfer(self, entered: Iterable[tuple[Entry, core_entry.Entry]]) -> None:
        pairs = [(row, move) for row, entry in entered for move in entry.transfers]
        self._find_accounts({name for _, move in pairs for name in (move.debit, move.credit)})
        Transfer.objects.bulk_create(
            Transfer(
                entry=row,
                debit=self.accounts[move.debit.code, move.debit.currency],
                credit=self.accounts[move.credit.code, move.credit.currency],
                amount_minor=move.amount_minor,
                currency=move.debit.currency,
            )
            for row, move in pairs
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
    posting.books.last_seq += 1
    posting.books.save(update_fields=["last_seq"])
    opened = Entry.objects.create(
        partnership=partnership,
        seq=posting.books.last_seq,
        key=f"fund:{code}",
        kind=Entry.Kind.FUND,
        happened_at=at,
        posted_at=clock.now(),
    )
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
    posting = Posting(partnership)
    codes = {income.fund_code for income in incomes}
    funds = {f.code: f for f in Fund.objects.filter(partnership=partnership, code__in=codes)}
    if missing := codes - funds.keys():
        raise errors.Unknown("fund", min(missing))
    entered = posting.enter_all([(income.entry, income.happened_at) for income in incomes])
    heads = {code: fund.head_minor for code, fund in funds.items()}
    segments = []
    for row, income in zip(entered, incomes, strict=True):
        start = heads[income.fund_code]
        heads[income.fund_code] = start + income.net_minor
        segments.append(
            Segment(
                fund=funds[income.fund_code],
                entry=row,
                kind=Segment.Kind.GIFT,
                key=income.entry.key,
                start_minor=start,
                end_minor=start + income.net_minor,
            )
        )
    Segment.objects.bulk_create(segments)


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
        core_entry.order_placed(key=key, parts=parts, currency=lines[0].fund.currency), at
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
def cancel(
    *, partnership: Partnership, key: str, order_key: str, unit: str | None, at: datetime
) -> int:
    """Free the live pieces of one unit, or of all units left; return the minor units freed.

    Raises Unknown, AlreadyCancelled, KeyUsed.
    """
    posting = Posting(partnership)
    use = posting.use_of(order_key, Use.Kind.ORDER)
    chosen = list(use.units.filter(**({"name": unit} if unit is not None else {})))
    if not chosen:
        raise errors.Unknown("unit", unit or "")
    left = [u for u in chosen if u.cancelled_by_id is None]
    if not left:
        raise errors.AlreadyCancelled(order_key, unit)
    lines = [posting.line_of(code) for code in use.fund_codes]
    offsets = [Span(unit.start_offset, unit.end_offset) for unit in left]
    freed = [(line, line.release(use, offsets)) for line in lines]
    parts = [(line.fund.code, change.freed_minor) for line, change in freed if change.ended]
    currency = lines[0].fund.currency
    row = posting.enter(
        core_entry.unit_cancelled(key=key, order_key=order_key, parts=parts, currency=currency), at
    )
    for line, change in freed:
        line.write(change, row)
    for released in left:
        released.cancelled_by = row
        released.save(update_fields=["cancelled_by"])
    return sum(length for _, length in parts)


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
            guarantor=f"due-from:{partnership.guarantor_id}",
            advance_minor=outcome.advance_minor,
        ),
        at,
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
    )
    use = _write_use(row, Use.Kind.EXCHANGE, amount_minor, [fund_code])
    source.write(Change(written=tuple(pieces)), row, {key: use})
    start = target.fund.head_minor
    Segment.objects.create(
        fund=target.fund,
        entry=row,
        kind=Segment.Kind.EXCHANGE,
        key=key,
        start_minor=start,
        end_minor=start + received_minor,
        source_use=use,
    )
    return use


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
