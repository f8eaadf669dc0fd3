"""What ends a verification."""

from twinhood.ledger.core.fields import shown


class Said(str):
    """A text of ours in place of a found value: shown as it is, without quotation marks."""

    __slots__ = ()


class Fails(Exception):
    """Something in the file does not hold: where it stands, what was expected, what was found."""

    def __init__(
        self, where: str, expected: str, found: object, seen_at: "Fails | None" = None
    ) -> None:
        self.where = where
        self.expected = expected
        self.found = found if isinstance(found, Said) else shown(found)
        self.seen_at = seen_at
        super().__init__(f"{where}: expected {self.expected}, found {self.found}")


class Unreadable(Exception):
    """The file cannot be read as what it claims to be, or is larger than the limits allow."""


class CannotTell(Exception):
    """The file holds too little to answer what was asked."""
