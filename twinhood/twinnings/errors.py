"""What can go wrong with twinnings and their agreements, and a person can mend."""

from collections.abc import Iterable, Sequence

from twinhood.twinnings.core import capacity, states
from twinhood.twinnings.core.drafting import Gap, WhyNot


class PlacesMissing(Exception):
    """Facts name places that the gazetteer here does not have: load it first."""

    def __init__(self, geoname_ids: Iterable[int]) -> None:
        self.geoname_ids = tuple(sorted(geoname_ids))
        numbers = ", ".join(map(str, self.geoname_ids))
        super().__init__(f"These GeoNames numbers are not among the places here: {numbers}.")


class SamePlace(Exception):
    """A twinning joins two places, not one with itself."""

    def __init__(self, geoname_id: int) -> None:
        super().__init__(f"Place {geoname_id} cannot be twinned with itself.")
        self.geoname_id = geoname_id


class AgreementError(Exception):
    """A change that the rules refuse; nothing was written."""


class NotOfASide(AgreementError):
    """Who acts is of neither city."""


class WrongState(AgreementError):
    """The draft, or the proposal, has moved on and does not allow this any more."""


class CannotChange(AgreementError):
    """The version that stands does not take this change."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(why.value)
        self.why = why


class OwnProposal(AgreementError):
    """The other side accepts or declines; one's own side can only withdraw."""


class OtherVersion(AgreementError):
    """Another version stands now than the one that was read."""


class NotReady(AgreementError):
    """The version has gaps, so nobody can agree to it."""

    def __init__(self, gaps: Sequence[Gap]) -> None:
        super().__init__(f"{len(gaps)} gaps")
        self.gaps = tuple(gaps)


class StillProposed(AgreementError):
    """Proposals wait to be decided, so the text may change yet."""


class MarkedForTheOther(AgreementError):
    """The same person agreed for the other side already."""


class ReasonMissing(AgreementError):
    """What was asked for needs a word why."""


class MayNotSign(AgreementError):
    """Who would sign has not the powers to do so today."""

    def __init__(self, refusal: capacity.Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class NoSignatory(AgreementError):
    """Nobody is named who signs for a side."""


class CannotBecome(AgreementError):
    """The twinning does not go from its state to that one."""

    def __init__(self, refusal: states.Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
