"""Who paid for one thing: its gifts a page at a time, with names only where donors asked for it.

Amounts are minor units of the thing's currency.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from twinhood.deliveries.queries import PublicUnit
from twinhood.giving.queries import names_for
from twinhood.ledger.core.entry import ADVANCE
from twinhood.ledger.queries import GiftShare, gifts_of
from twinhood.people.models import Partnership

PAGE = 100
# Further counting would not tell a reader more.
COUNT_MAX = 1_000
# Of fewer people neither number nor sum is said, so that nobody can be guessed among them.
TOLD_FROM = 5


@dataclass(frozen=True, slots=True)
class Giver:
    """Somebody who wants to be named, and how much of the thing they paid."""

    name: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Others:
    """Gifts whose donors are not named; of few of them, `is_few` is all that is said."""

    count: int
    amount_minor: int

    @property
    def is_few(self) -> bool:
        return 0 < self.count < TOLD_FROM


@dataclass(frozen=True, slots=True)
class ThingGifts:
    """One page: who is named, how many are not, and where the next page begins."""

    named: list[Giver]
    others: Others
    advance_minor: int
    count: int
    next_minor: int | None

    @property
    def is_counted(self) -> bool:
        """Whether `count` is all of them, not just as far as was counted."""
        return self.count <= COUNT_MAX


def thing_gifts(
    partnership: Partnership, unit: PublicUnit, after_minor: int, as_of: datetime | None
) -> ThingGifts:
    """The gifts behind a thing, in order of its cents, from one of them on; five queries."""

    def read(after: int, limit: int) -> list[GiftShare]:
        return gifts_of(
            partnership=partnership,
            order_key=unit.order_key,
            unit=unit.code,
            after_minor=after,
            limit=limit,
            as_of=as_of,
        )

    every = read(0, COUNT_MAX + 1)
    page = read(after_minor, PAGE + 1) if after_minor else every[: PAGE + 1]
    shown = page[:PAGE]
    amounts = _by_gift(shown)
    advance_minor = sum(amount for key, amount in amounts.items() if key.startswith(ADVANCE))
    gifts = {key: amount for key, amount in amounts.items() if not key.startswith(ADVANCE)}
    names = names_for(gifts)
    others = [amount for key, amount in gifts.items() if key not in names]
    return ThingGifts(
        named=[Giver(names[key], amount) for key, amount in gifts.items() if key in names],
        others=Others(len(others), sum(others)),
        advance_minor=advance_minor,
        count=len(every),
        next_minor=page[PAGE].offset_minor if len(page) > PAGE else None,
    )


def _by_gift(shares: Iterable[GiftShare]) -> dict[str, int]:
    """What each gift paid; money that a bank gave back after a dispute is the gift's."""
    amounts: dict[str, int] = {}
    for share in shares:
        key = share.key.partition(":back-")[0]
        amounts[key] = amounts.get(key, 0) + share.amount_minor
    return amounts
