"""How far a campaign's money is: given, of that ordered, of that paid, of that handed over.

Gifts stand beside deliveries, not above them, so the floor that knows both registers how the four
are reckoned; page, widget and figures for machines all ask here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from twinhood.kit.above import Above
from twinhood.needs.models import Campaign


@dataclass(frozen=True, slots=True)
class Stages:
    """Minor units of `currency`. Money that is held is never counted as help that arrived.

    `given_minor` is after fees and refunds. The others count things at their item's price:
    ordered, paid to suppliers, handed over; each is a part of the one before.
    """

    currency: str
    given_minor: int
    ordered_minor: int
    paid_minor: int
    handed_over_minor: int


type Reckoner = Callable[[Campaign, datetime], Stages]
_reckoners = Above[Reckoner]()
register = _reckoners.register


def stages_of(campaign: Campaign, at: datetime) -> Stages | None:
    """The stages as the world may know them at `at`; None where nobody can reckon them."""
    reckoner = _reckoners.last
    return reckoner(campaign, at) if reckoner else None
