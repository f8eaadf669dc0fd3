"""What can go wrong with a shipment and a person can mend."""


class TransportError(Exception):
    """A change that the rules refuse; nothing was written."""


class Closed(TransportError):
    """`code`: cancelled, declared (what is in it stays), cleared, not_declared, not_cleared,
    reported, left (a leg has), empty, handed_over."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TravelsElsewhere(TransportError):
    """The thing is in another live shipment."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class CodeKnown(TransportError):
    """The code of a declaration stands at another shipment."""


class BadDay(TransportError):
    """A day in the wrong order; `code`: future, before_declaration, before_clearance, put_off."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
