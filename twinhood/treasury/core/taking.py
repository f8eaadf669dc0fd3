"""What a file would add to an account, and whether it fits what is known: values in, values out.

Amounts are signed minor units of the account's currency.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date
from itertools import product

from twinhood.treasury.core.identity import (
    Keyed,
    KnownLine,
    Sorting,
    keys_of,
    sort,
    unexplained_minor,
)
from twinhood.treasury.core.statement import Balance, Hold, Reason, Statement, holds


@dataclass(frozen=True, slots=True)
class End:
    """A balance and its day: before an account's first line, or behind its last."""

    amount_minor: int
    day: date


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an account; `known_minor` is the sum of all its lines."""

    first: End
    last: End
    known_minor: int


@dataclass(frozen=True, slots=True)
class Held:
    """Why the statement at `place` (from 0) is held."""

    place: int
    hold: Hold


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking the statements of one account in would do.

    `taken` are the lines it would add: new ones, and doubtful ones that a person called new.
    `first` and `last` are the account's balances afterwards. With `held` nothing may be added.
    """

    account: str
    currency: str
    statements: tuple[Statement, ...]
    keyed: tuple[tuple[Keyed, ...], ...]
    sorting: Sorting
    taken: tuple[Keyed, ...]
    held: tuple[Held, ...]
    first: End | None
    last: End | None

    @property
    def has_news(self) -> bool:
        return bool(self.taken or self.sorting.doubtful)

    @property
    def taken_keys(self) -> frozenset[str]:
        return frozenset(key for key, _ in self.taken)


def accounts_in(statements: Iterable[Statement]) -> list[tuple[str, str]]:
    """The accounts of a file, each once, in its order: number and currency."""
    return list(dict.fromkeys((one.account, one.currency) for one in statements))


def days_of(statements: Iterable[Statement]) -> tuple[date, date] | None:
    """The first and last day on which a line was booked; None without lines."""
    days = [line.booked_date for one in statements for line in one.lines]
    return (min(days), max(days)) if days else None


def plan(
    statements: Iterable[Statement],
    *,
    standing: Standing | None,
    known: Iterable[KnownLine],
    source: str,
    accepted: Set[str] = frozenset(),
) -> Plan:
    """Look at all statements of one account in a file together.

    `known` are its lines on the file's days, `accepted` the keys of doubtful lines that a person
    called new. A file that brings nothing new is never held: it says nothing that matters.
    """
    ordered = tuple(sorted(statements, key=begins_on))
    account, currency = ordered[0].account, ordered[0].currency
    keyed = _keyed(account, currency, ordered)
    sorting = sort([pair for pairs in keyed for pair in pairs], known, source=source)
    chosen = {key for key, _ in sorting.doubtful} & accepted
    new = {key for key, _ in sorting.new} | chosen
    taken = tuple(pair for pairs in keyed for pair in pairs if pair[0] in new)
    held = [Held(place, hold) for place, hold in _own_holds(ordered)]
    if not held and standing is not None and not (taken or sorting.doubtful):
        return Plan(
            account, currency, ordered, keyed, sorting, taken, (), standing.first, standing.last
        )
    first, last, gap_minor = _ends(ordered, standing, taken)
    if gap_minor and not held and last is not None:
        expected = last.amount_minor - gap_minor
        held.append(Held(len(ordered) - 1, Hold(Reason.GAP, expected, last.amount_minor)))
    return Plan(account, currency, ordered, keyed, sorting, taken, tuple(held), first, last)


def _keyed(
    account: str, currency: str, statements: Sequence[Statement]
) -> tuple[tuple[Keyed, ...], ...]:
    """Each statement's lines with their keys: equal lines are counted over the whole file."""
    lines = [line for one in statements for line in one.lines]
    keys = iter(keys_of(account, currency, lines))
    return tuple(tuple((next(keys), line) for line in one.lines) for one in statements)


def _own_holds(statements: Sequence[Statement]) -> Iterable[tuple[int, Hold]]:
    """What is wrong with the file itself, whatever is known beside it."""
    closing: int | None = None
    for place, one in enumerate(statements):
        for hold in holds(one, closing_before_minor=closing):
            yield place, hold
        closing = one.closing.amount_minor if one.closing else None


def _ends(
    statements: Sequence[Statement], standing: Standing | None, taken: Sequence[Keyed]
) -> tuple[End | None, End | None, int]:
    """The account's two balances afterwards, and what its lines then leave unexplained.

    Of two balances of one day nobody knows which came first: the one that adds up did.
    """
    begins, ends = begins_on(statements[0]), max(ends_on(one) for one in statements)
    opening, closing = statements[0].opening, statements[-1].closing
    if opening is None or closing is None:
        return None, None, 0
    own_first, own_last = End(opening.amount_minor, begins), End(closing.amount_minor, ends)
    firsts, lasts, known_minor = [own_first], [own_last], 0
    if standing is not None:
        known_minor = standing.known_minor
        firsts = _choice(own_first, standing.first, is_own=begins < standing.first.day)
        lasts = _choice(own_last, standing.last, is_own=ends > standing.last.day)
    lines = [line for _, line in taken]
    tried = [
        (
            unexplained_minor(
                opening_minor=first.amount_minor,
                known_minor=known_minor,
                new=lines,
                closing_minor=last.amount_minor,
            ),
            first,
            last,
        )
        for first, last in product(firsts, lasts)
    ]
    gap_minor, first, last = next((one for one in tried if one[0] == 0), tried[0])
    return first, last, gap_minor


def _choice(own: End, standing: End, *, is_own: bool) -> list[End]:
    if own.day == standing.day:
        return [own, standing]
    return [own] if is_own else [standing]


def begins_on(statement: Statement) -> date:
    """Its first day: of its opening balance, or of its first line if that is earlier."""
    days = [line.booked_date for line in statement.lines]
    return min([*days, *_day(statement.opening)], default=date.min)


def ends_on(statement: Statement) -> date:
    """Its last day: of its closing balance, or of its last line if that is later."""
    days = [line.booked_date for line in statement.lines]
    return max([*days, *_day(statement.closing)], default=date.min)


def _day(balance: Balance | None) -> list[date]:
    return [balance.day] if balance is not None and balance.day is not None else []
