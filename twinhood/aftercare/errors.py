"""What can go wrong with follow-ups and incidents and a person can mend."""


class AftercareError(Exception):
    """A change that the rules refuse; nothing was written."""


class Answered(AftercareError):
    """Another answer stands already."""


class Expired(AftercareError):
    """The holder's link is too old; the city makes another."""


class Decided(AftercareError):
    """Somebody decided meanwhile, or it is public."""


class MayNotReview(AftercareError):
    """`code`: writer, twice, same_organisation, changed (other words than those on the page)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
