"""What can go wrong with claims and pairings, and a person can mend."""

from dataclasses import dataclass

from twinhood.joining.core.claim import Missing


class JoiningError(Exception):
    """Something cannot be claimed, confirmed or brought together as asked."""


@dataclass
class StillMissing(JoiningError):
    """A claim cannot be confirmed before this is there."""

    what: tuple[Missing, ...]


class OwnClaim(JoiningError):
    """Nobody vets a claim of their own."""


class SamePerson(JoiningError):
    """Who made the call is not the second person."""


class MovedOn(JoiningError):
    """Somebody decided meanwhile."""


class CityTaken(JoiningError):
    """This city works here already, through another claim."""


class LinkUnknown(JoiningError):
    """The link in the letter is not, or no longer, good."""


class TooManyLetters(JoiningError):
    """The letter was asked for too often in this hour."""


class NotAPair(JoiningError):
    """The two cities are one, or already a pair here."""
