"""How much of a refund comes from the line, and how much the operating account bears."""

from dataclasses import dataclass


class TooMuch(ValueError):
    def __init__(self, left_minor: int) -> None:
        super().__init__(f"{left_minor} left")
        self.left_minor = left_minor


@dataclass(frozen=True, slots=True)
class Left:
    """What earlier refunds left of a gift: its cents on the line, and the fee that was kept."""

    line_minor: int
    fee_minor: int

    @property
    def total_minor(self) -> int:
        return self.line_minor + self.fee_minor


@dataclass(frozen=True, slots=True)
class Split:
    line_minor: int
    operating_minor: int


def split(asked_minor: int, left: Left) -> Split:
    """Part a refund: the gift's own cents on the line first, then the fee that the rail kept.

    The fee is gone, so giving it back is borne by the operating account. Raises TooMuch, and
    ValueError for less than one minor unit or where nothing is left on the line.
    """
    if asked_minor <= 0 or left.line_minor <= 0:
        raise ValueError(asked_minor)
    if asked_minor > left.total_minor:
        raise TooMuch(left.total_minor)
    line_minor = min(asked_minor, left.line_minor)
    return Split(line_minor, asked_minor - line_minor)
