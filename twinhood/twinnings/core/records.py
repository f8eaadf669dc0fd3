"""Facts about a twinning, as they are handed in: plain values, each with its source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_skeleton

from twinhood.kit.dates import long_date

# {"en": "…", "uk": "…"}: the first language is the source.
type Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date of which the year, the month or the day is known: 4, 6 or 8 digits.

    What is not known stands at the first of its month or year.
    """

    date: date
    digits: int

    def __post_init__(self) -> None:
        if self.digits not in {4, 6, 8}:
            message = f"a date has 4, 6 or 8 digits, not {self.digits}"
            raise ValueError(message)

    @classmethod
    def of(cls, text: str) -> "PartialDate":
        """Read "1944", "2022-03" or "2023-04-06" (ISO 8601). Raises ValueError."""
        parts = [int(part) for part in text.split("-")]
        year, month, day = [*parts, 1, 1][:3]
        return cls(date(year, month, day), 2 + 2 * len(parts))

    def in_words(self, language: str) -> str:
        """Write what is known: "1944", "March 2022", "6 April 2023"."""
        if self.digits == 8:
            return long_date(self.date, language)
        if self.digits == 4:
            return str(self.date.year)
        words = str(format_skeleton("yMMMM", self.date, locale=language))
        return words.replace("\u202f", "\u00a0").replace(" р.", "\u00a0р.")


@dataclass(frozen=True, slots=True)
class MilestoneRecord:
    """What happened to a twinning; `kind` is a value of `Milestone.Kind`.

    Where it changed the twinning's state: the new state, who decided it, and for which of the two
    places (its GeoNames number).
    """

    kind: str
    when: PartialDate
    text: Texts
    source: str
    state: str = ""
    decided_by: Texts | None = None
    geoname_id: int | None = None


@dataclass(frozen=True, slots=True)
class SignatureRecord:
    """Who signed, in which office, for which place (its GeoNames number), where and when.

    `signed_at` is None where only the day is known; `legal_basis` where the source names none.
    """

    geoname_id: int
    signatory: Texts
    office: Texts
    signed_date: date
    signed_where: Texts
    source: str
    signed_at: datetime | None = None
    legal_basis: Texts | None = None

    def __post_init__(self) -> None:
        if self.signed_at is not None and self.signed_at.tzinfo is None:
            message = "a signature's time needs its zone"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class InstrumentRecord:
    """One paper; `kind` is a value of `Instrument.Kind`."""

    kind: str
    title: Texts
    signature: SignatureRecord


@dataclass(frozen=True, slots=True)
class AgreementRecord:
    """The common will, with its papers in the order in which they were signed."""

    title: Texts
    aim: Texts
    instruments: Sequence[InstrumentRecord]


@dataclass(frozen=True, slots=True)
class TwinningRecord:
    """A twinning of two places by their GeoNames numbers; `kind` and `state` as in the model."""

    places: tuple[int, int]
    kind: str
    state: str
    since_year: int | None
    is_confirmed: bool
    sources: Sequence[str]
    milestones: Sequence[MilestoneRecord] = ()
    agreement: AgreementRecord | None = None


@dataclass(frozen=True, slots=True)
class NameRecord:
    """What a place is called, or was until a date."""

    geoname_id: int
    name: str
    language: str
    since_date: date | None = None
    until_date: date | None = None
    source: str = ""
