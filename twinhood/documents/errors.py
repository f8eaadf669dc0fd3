"""What can go wrong with papers and a person can mend."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from twinhood.documents.core.capacity import Capacity, NotNow
from twinhood.documents.core.receiving import Problem
from twinhood.documents.core.unfit import Unfit
from twinhood.documents.core.unshown import Unshown


class DocumentError(Exception):
    """A paper cannot be made, signed or taken as asked."""


@dataclass
class TextUnfit(DocumentError):
    """A text holds what a paper for decades cannot show; `where` says in which text."""

    where: str
    unfit: Unfit


class PaperTooLong(DocumentError):
    """More articles, or more text, than one paper holds."""


@dataclass
class CapacityEnded(DocumentError):
    """Who wants to sign does not hold the office on that day."""

    capacity: Capacity
    why: NotNow
    today: date


@dataclass
class AlreadySigned(DocumentError):
    """The slot has its signature, or was refused."""

    field: str


@dataclass
class Replaced(DocumentError):
    """A corrected paper took the place of this one; that one is to be signed."""

    code: str


@dataclass
class Stale(DocumentError):
    """Something was added to the paper since it was looked at: look again, then sign."""

    number: int


class ReleaseProblem(StrEnum):
    """What is wrong with a passkey's answer."""

    NO_PASSKEY = "no_passkey"
    UNKNOWN = "unknown"
    USED = "used"
    TOO_LATE = "too_late"
    WRONG = "wrong"


@dataclass
class NotReleased(DocumentError):
    """The passkey did not release this signature."""

    problem: ReleaseProblem


@dataclass
class NotTaken(DocumentError):
    """A paper that was signed elsewhere is not what we gave away plus one signature."""

    problem: Problem
    detail: str = ""


class WitnessUnfit(DocumentError):
    """Who entered a scan is no witness of it, nor are two people of one organisation."""


class ScanUnfit(DocumentError):
    """A scan is an image (JPEG, PNG) or a PDF of at most 20 MB."""


@dataclass
class SignedBefore(DocumentError):
    """A paper was signed by hand on a day on which it did not exist anywhere on earth."""

    frozen_date: date


class NotSpecimen(DocumentError):
    """Only a specimen is signed without a passkey."""


@dataclass
class BytesMissing(DocumentError):
    """The bytes of this SHA-256 are not in the store, or are others now. For the operator."""

    sha256: str


@dataclass
class KeysMissing(DocumentError):
    """Certificates exist and the key that opens theirs does not. For the operator."""

    path: str


@dataclass
class TooBusy(DocumentError):
    """More papers are being checked than this machine can look at; a minute later it can."""


@dataclass
class FileRefused(DocumentError):
    """A photo or scan is not taken; `why` is a word of `core.unshown.Unshown`."""

    name: str
    why: Unshown


class TooManyFiles(DocumentError):
    """This person sent more files within an hour than a person does."""


class ChunkUnfit(DocumentError):
    """These bytes are not the ones that were announced: send them again."""
