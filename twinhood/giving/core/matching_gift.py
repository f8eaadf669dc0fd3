"""A matcher's conditional pledge: it adds to the gifts of others at a ratio, up to a cap.

What has happened is a set of facts; what the matcher owes is a function of that set alone, so
that notices may come late, twice and in any order. Amounts are minor units of one currency.

The rule, told before the first gift: of each gift so much is matched as the ratio says, rounded
down to a minor unit, in the order in which they settled, until the cap is reached. What of a gift
is given back is no longer matched; the room that this leaves goes to the gifts that the cap had
cut, the earliest first.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import gcd


class NotMatched(ValueError):
    """A fact that this pledge cannot take. `code`: amount, currency, moment, ratio, another (the
    key stands already for another fact)."""

    def __init__(self, code: str, key: str) -> None:
        super().__init__(f"{key}: {code}")
        self.code = code
        self.key = key


# Larger terms than these nobody can say, and nobody adds more than so many times a gift.
RATIO_MAX = 10_000
TIMES_MAX = 100


@dataclass(frozen=True, slots=True)
class Ratio:
    """What is added to a gift: `gives` for each `per` given, as a fraction in lowest terms."""

    gives: int = 1
    per: int = 1

    def __post_init__(self) -> None:
        is_in_range = 1 <= self.gives <= RATIO_MAX and 1 <= self.per <= RATIO_MAX
        if not is_in_range or gcd(self.gives, self.per) != 1 or self.gives > TIMES_MAX * self.per:
            raise NotMatched("ratio", f"{self.gives}:{self.per}")

    @classmethod
    def of(cls, gives_minor: int, per_minor: int) -> "Ratio":
        """The ratio of two amounts, in lowest terms. Raises NotMatched."""
        common = gcd(gives_minor, per_minor) or 1
        return cls(gives_minor // common, per_minor // common)

    def added_to(self, amount_minor: int) -> int:
        """What is added to a gift, rounded down to a minor unit."""
        return amount_minor * self.gives // self.per

    def spoken(self, unit_minor: int) -> tuple[int, int]:
        """Two amounts that say it well: 0.50 for 1.00, 2.00 for 1.00, 2.00 for 3.00.

        `unit_minor` is how many minor units make one of the currency.
        """
        if unit_minor % self.per == 0:
            times = unit_minor // self.per
        else:
            times = 1 if self.per % unit_minor == 0 else unit_minor
        return self.gives * times, self.per * times


@dataclass(frozen=True, slots=True)
class MatchPledge:
    """What the matcher promised: `cap_minor` at most, for gifts settled within [from, until).

    `ratio` says how much for each gift; `matcher_key` names the matcher's own gifts, which add
    nothing.
    """

    cap_minor: int
    currency: str
    from_at: datetime
    until_at: datetime
    matcher_key: str = ""
    ratio: Ratio = Ratio()

    def __post_init__(self) -> None:
        if self.cap_minor <= 0:
            raise NotMatched("amount", self.matcher_key)
        if self.from_at >= self.until_at:
            raise NotMatched("moment", self.matcher_key)


@dataclass(frozen=True, slots=True)
class MatchedGift:
    """A gift of another: its whole amount as the donor gave it, fees not taken off."""

    key: str
    amount_minor: int
    currency: str
    settled_at: datetime
    donor_key: str = ""


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A refund or a lost dispute of a gift; a dispute won later is `undone`."""

    key: str
    gift_key: str
    amount_minor: int
    is_undone: bool = False


@dataclass(frozen=True, slots=True)
class Matching:
    """The pledge with all that has happened so far. A new value for each new fact."""

    pledge: MatchPledge
    gifts: Mapping[str, MatchedGift] = field(default_factory=dict)
    given_back: Mapping[str, GivenBack] = field(default_factory=dict)
    paid: Mapping[str, int] = field(default_factory=dict)

    def with_gift(self, gift: MatchedGift) -> "Matching":
        """The same fact again changes nothing. Raises NotMatched."""
        if gift.amount_minor <= 0:
            raise NotMatched("amount", gift.key)
        if gift.currency != self.pledge.currency:
            raise NotMatched("currency", gift.key)
        _same_or_new(self.gifts, gift.key, gift)
        return replace(self, gifts={**self.gifts, gift.key: gift})

    def with_given_back(self, back: GivenBack) -> "Matching":
        """May come before its gift. Once undone, a refund stays undone. Raises NotMatched."""
        if back.amount_minor <= 0:
            raise NotMatched("amount", back.key)
        standing = self.given_back.get(back.key)
        if standing is not None:
            _same_or_new({back.key: replace(standing, is_undone=back.is_undone)}, back.key, back)
            back = replace(back, is_undone=back.is_undone or standing.is_undone)
        return replace(self, given_back={**self.given_back, back.key: back})

    def with_paid(self, key: str, amount_minor: int) -> "Matching":
        """Money from the matcher that has settled; negative where it was sent back."""
        if not amount_minor:
            raise NotMatched("amount", key)
        _same_or_new(self.paid, key, amount_minor)
        return replace(self, paid={**self.paid, key: amount_minor})

    def shares(self) -> dict[str, int]:
        """How much of each gift is matched, in the order in which they settled; zeros too."""
        room_minor = self.pledge.cap_minor
        shares = {}
        for gift, left_minor in self._left():
            shares[gift.key] = min(self.pledge.ratio.added_to(left_minor), room_minor)
            room_minor -= shares[gift.key]
        return shares

    @property
    def matched_minor(self) -> int:
        """What the matcher gives: never more than the cap, nor than what others' gifts call for."""
        added = self.pledge.ratio.added_to
        return min(self.pledge.cap_minor, sum(added(left_minor) for _, left_minor in self._left()))

    @property
    def paid_minor(self) -> int:
        return sum(self.paid.values())

    @property
    def due_minor(self) -> int:
        """What the matcher still owes."""
        return max(0, self.matched_minor - self.paid_minor)

    @property
    def over_minor(self) -> int:
        """What the matcher has paid beyond what is matched, after refunds: kept for the next
        gifts, or sent back when the pledge ends."""
        return max(0, self.paid_minor - self.matched_minor)

    def _left(self) -> list[tuple[MatchedGift, int]]:
        """The gifts that count, as they settled, with what refunds left of each.

        Money that leaves twice (a refund, and the bank takes it back too) leaves nothing, not less.
        """
        back_minor: Counter[str] = Counter()
        for back in self.given_back.values():
            back_minor[back.gift_key] += 0 if back.is_undone else back.amount_minor
        counted = sorted(
            filter(self._counts, self.gifts.values()), key=lambda gift: (gift.settled_at, gift.key)
        )
        return [(gift, max(0, gift.amount_minor - back_minor[gift.key])) for gift in counted]

    def _counts(self, gift: MatchedGift) -> bool:
        pledge = self.pledge
        is_matchers = bool(pledge.matcher_key) and gift.donor_key == pledge.matcher_key
        return pledge.from_at <= gift.settled_at < pledge.until_at and not is_matchers


def _same_or_new[T](standing: Mapping[str, T], key: str, value: T) -> None:
    if standing.get(key, value) != value:
        raise NotMatched("another", key)


@dataclass(frozen=True, slots=True)
class Change:
    """How much more (or less) of a gift is matched than before."""

    gift_key: str
    amount_minor: int


def changes(before: Matching, after: Matching) -> list[Change]:
    """What a new fact changed, gift by gift, in the order of settlement; zeros left out."""
    old, new = before.shares(), after.shares()
    return [
        Change(key, amount_minor - old.get(key, 0))
        for key, amount_minor in new.items()
        if amount_minor != old.get(key, 0)
    ]
