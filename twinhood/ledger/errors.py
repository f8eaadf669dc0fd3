"""What can go wrong in the books and a person can mend. Amounts are minor units."""

from collections.abc import Sequence


class LedgerError(Exception):
    """A posting that the rules refuse; nothing was written."""


class FundTooSmall(LedgerError):
    def __init__(self, fund_codes: Sequence[str], asked_minor: int, free_minor: int) -> None:
        super().__init__(f"{'+'.join(fund_codes)}: {asked_minor} asked, {free_minor} free")
        self.fund_codes = tuple(fund_codes)
        self.asked_minor = asked_minor
        self.free_minor = free_minor


class MoreThanIsLeft(LedgerError):
    """A refund larger than what earlier refunds left of its source."""

    def __init__(self, source_key: str, asked_minor: int, left_minor: int) -> None:
        super().__init__(f"{source_key}: {asked_minor} asked, {left_minor} left")
        self.source_key = source_key
        self.asked_minor = asked_minor
        self.left_minor = left_minor


class NoGuarantor(LedgerError):
    """The refund needs an advance, and the partnership names nobody who gives it."""

    def __init__(self, missing_minor: int) -> None:
        super().__init__(f"no guarantor for an advance of {missing_minor}")
        self.missing_minor = missing_minor


class Unknown(LedgerError):
    """A fund, order, unit or source of that name is not in these books."""

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"unknown {what}: {name}")
        self.what = what
        self.name = name


class AlreadyCancelled(LedgerError):
    def __init__(self, order_key: str, unit: str | None) -> None:
        super().__init__(f"{order_key} {unit or ''}: cancelled already")
        self.order_key = order_key
        self.unit = unit


class KeyUsed(LedgerError):
    """An entry with this key stands already: what it says has happened."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class BadExchange(LedgerError):
    """`code` says why: same_fund, not_a_move (equal currencies, unequal amounts)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
