"""What can go wrong at the bank's desk and a person can mend. Amounts are minor units."""

from collections.abc import Sequence

from twinhood.treasury.core.taking import Plan


class TreasuryError(Exception):
    """Something that the rules of the treasury refuse; nothing was written."""


class FileGone(TreasuryError):
    """The file was taken in or put away: its bytes are no longer here."""


class StatementHeld(TreasuryError):
    """The file does not add up, or does not follow what is known; `plans` say what differs."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        super().__init__("held")
        self.plans = tuple(plans)


class LineNotOpen(TreasuryError):
    """Somebody decided about this line, or this part of it, meanwhile."""


class OtherCurrency(TreasuryError):
    """What came is in another currency than what it would be booked as."""

    def __init__(self, currency: str, other: str) -> None:
        super().__init__(f"{currency}, not {other}")
        self.currency = currency
        self.other = other


class OtherFund(TreasuryError):
    """The gift lies on another fund's line than the pledge is for; its segment does not move."""

    def __init__(self, fund_code: str) -> None:
        super().__init__(fund_code)
        self.fund_code = fund_code


class OtherAmount(TreasuryError):
    """The entries chosen do not make what is open of the line."""

    def __init__(self, chosen_minor: int, open_minor: int, currency: str) -> None:
        super().__init__(f"{chosen_minor} chosen, {open_minor} open")
        self.currency = currency
        self.chosen_minor = chosen_minor
        self.open_minor = open_minor


class MatchedElsewhere(TreasuryError):
    """This entry stands at the bank already, in another line."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class NotOurPayout(TreasuryError):
    """A payout of money that is not this partnership's alone, or that cannot be explained."""


class MovedMeanwhile(TreasuryError):
    """A match that was undone already."""
