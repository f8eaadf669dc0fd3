"""What can go wrong with gifts and a person can mend. Amounts are minor units."""


class GivingError(Exception):
    """Something that the rules of giving refuse; nothing was written."""


class BadGift(GivingError):
    """A row that no gift can be. `code` says why, `field` which part, `number` which row (from 1).

    Codes: amount, fee, currency, fund, rail, future, old, counted, name, key.
    """

    def __init__(self, code: str, field: str, number: int = 1) -> None:
        super().__init__(f"row {number}: {field}: {code}")
        self.code = code
        self.field = field
        self.number = number


class TakenInAlready(GivingError):
    """The rail's name for this gift stands already, with other money: one of the two is wrong."""

    def __init__(self, ref: str, intake_key: str, number: int = 1) -> None:
        super().__init__(f"row {number}: taken in as {ref}")
        self.ref = ref
        self.intake_key = intake_key
        self.number = number


class NotPosted(GivingError):
    """The gift has no place on the line yet, so nothing of it can be given back."""

    def __init__(self, ref: str) -> None:
        super().__init__(ref)
        self.ref = ref


class MoreThanWasGiven(GivingError):
    """A refund larger than what earlier refunds left of the gift."""

    def __init__(self, ref: str, asked_minor: int, left_minor: int) -> None:
        super().__init__(f"{ref}: {asked_minor} asked, {left_minor} left")
        self.ref = ref
        self.asked_minor = asked_minor
        self.left_minor = left_minor


class OnlyFeeLeft(GivingError):
    """What is left of the gift never reached the line: the operating account's own matter."""

    def __init__(self, ref: str, left_minor: int) -> None:
        super().__init__(f"{ref}: {left_minor} left, none of it on the line")
        self.ref = ref
        self.left_minor = left_minor


class RefundedMeanwhile(GivingError):
    """Somebody refunded this gift since the page was shown."""

    def __init__(self, ref: str) -> None:
        super().__init__(ref)
        self.ref = ref


class DonorKeysMissing(GivingError):
    """Donors are sealed in the database, and the file with the master key is not there."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} is missing, but donors are sealed with it. Restore it from its own backup."
        )
        self.path = path


class DisputeToldOtherwise(GivingError):
    """The same dispute was told before with another amount or day: a person must look."""

    def __init__(self, ref: str, key: str) -> None:
        super().__init__(f"{ref}: dispute {key} was told otherwise before")
        self.ref = ref
        self.key = key


class FormSentOtherwise(GivingError):
    """A form that was kept already came again with other entries; `reference` names the pledge."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference}: the same form with other entries")
        self.reference = reference


class HasToWait(GivingError):
    """So many `forms` came from one place that the next has to wait, or not enough time passed."""

    def __init__(self, forms: int) -> None:
        super().__init__(f"{forms} forms from one place")
        self.forms = forms


class NotRecurring(GivingError):
    """A month's payment for a pledge of which no recurring gift is known."""

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference


class PeriodPaidAlready(GivingError):
    """Another payment of the same period stands already, as gift `ref`: a person must look."""

    def __init__(self, reference: str, ref: str) -> None:
        super().__init__(f"{reference}: this period is paid by {ref}")
        self.reference = reference
        self.ref = ref


class SamePerson(GivingError):
    """A large refund is confirmed by somebody else than who proposed it."""

    def __init__(self, ref: str) -> None:
        super().__init__(ref)
        self.ref = ref


class RailDown(GivingError):
    """The rail cannot be reached or does not answer; nothing is known to have changed."""


class RailRefuses(GivingError):
    """The rail said no. `code` says why, in the words of `giving.words`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
