"""What can go wrong with a need or a campaign and a person can mend."""

from collections.abc import Sequence
from datetime import date

from twinhood.needs.core.checks import Refusal


class NeedError(Exception):
    """A change that the rules refuse; nothing was written."""


class WrongState(NeedError):
    """The need, or the campaign, is not in a state that allows this."""

    def __init__(self, name: str, state: str) -> None:
        super().__init__(f"{name} is {state}")
        self.name = name
        self.state = state


class NotTheWriter(NeedError):
    """Only who wrote a need changes its words."""


class MayNotVerify(NeedError):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class BadDay(NeedError):
    """A need holds until a day to come, and not for longer than half a year."""

    def __init__(self, until_date: date) -> None:
        super().__init__(until_date.isoformat())
        self.until_date = until_date


class NothingChanges(NeedError):
    """A change that asks for what the need asks for already, or for nothing any more."""


class FewerThanOrdered(NeedError):
    """A change to fewer things than are ordered."""

    def __init__(self, ordered: int) -> None:
        super().__init__(f"{ordered} ordered")
        self.ordered = ordered


class OwnChange(NeedError):
    """Nobody agrees to a change that they proposed."""


class ReasonMissing(NeedError):
    """A refusal or a withdrawal without a word why."""


class OtherCurrency(NeedError):
    """The need's price is in another currency than the campaign."""

    def __init__(self, need_currency: str, campaign_currency: str) -> None:
        super().__init__(f"{need_currency} in a campaign of {campaign_currency}")
        self.need_currency = need_currency
        self.campaign_currency = campaign_currency


class CampaignNotReady(NeedError):
    """What a campaign must say before its first gift and does not say yet."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = tuple(missing)


class MoneyWasGiven(NeedError):
    """Money was given for this need alone: two people withdraw it, and its donors are asked."""


class NotAdopted(NeedError):
    """A need enters an open campaign only once the board adopted it as it is."""


class WaypointTaken(NeedError):
    """A step stands at this sum already."""


class BeyondTarget(NeedError):
    """A waypoint beyond what the campaign asks for."""

    def __init__(self, target_minor: int, currency: str) -> None:
        super().__init__(f"target {target_minor} {currency}")
        self.target_minor = target_minor
        self.currency = currency
