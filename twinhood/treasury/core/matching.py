"""Which open pledge a statement line may be, with reasons that a person can read.

An amount alone never suggests anything: on a campaign day a hundred people give 25. Nothing is
booked here; a person accepts.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache

from twinhood.giving.core.reference import Slip, search
from twinhood.treasury.core.statement import Detail, StatementLine

# A suggestion is worth a line of its own from here on, and stands alone if it leads by this much.
SCORE_MIN = 50
LEAD_MIN = 15
LISTED_MAX = 10
# Money rarely takes longer from pledge to bank.
NEAR_DAYS = 14


class Reason(StrEnum):
    """Why a pledge may be meant; `points_of` says how much each counts."""

    REFERENCE = "reference"
    REFERENCE_BARE = "reference_bare"
    REFERENCE_MENDED = "reference_mended"
    # The pledge has its money already: paid twice, or two people used one reference.
    REFERENCE_USED = "reference_used"
    SAME_ACCOUNT = "same_account"
    SAME_NAME = "same_name"
    LIKE_NAME = "like_name"
    # These two only support the ones above.
    SAME_AMOUNT = "same_amount"
    NEAR_DAY = "near_day"
    # These two warn.
    OTHER_AMOUNT = "other_amount"
    OTHER_CURRENCY = "other_currency"


_POINTS = {
    Reason.REFERENCE: 80,
    Reason.REFERENCE_BARE: 65,
    Reason.REFERENCE_MENDED: 55,
    Reason.REFERENCE_USED: 0,
    Reason.SAME_ACCOUNT: 45,
    Reason.SAME_NAME: 40,
    Reason.LIKE_NAME: 30,
    Reason.SAME_AMOUNT: 15,
    Reason.NEAR_DAY: 5,
    Reason.OTHER_AMOUNT: -10,
    Reason.OTHER_CURRENCY: -60,
}
_IDENTIFYING = frozenset(
    {
        Reason.REFERENCE,
        Reason.REFERENCE_BARE,
        Reason.REFERENCE_MENDED,
        Reason.SAME_ACCOUNT,
        Reason.SAME_NAME,
        Reason.LIKE_NAME,
    }
)
_OF_SLIP = {
    Slip.NONE: Reason.REFERENCE,
    Slip.BARE: Reason.REFERENCE_BARE,
    Slip.MENDED: Reason.REFERENCE_MENDED,
}


@dataclass(frozen=True, slots=True)
class Pledge:
    """Money that somebody said they would send. `is_open`: none of it has come yet.

    `accounts` are those from which this donor paid before.
    """

    reference: str
    amount_minor: int
    currency: str
    pledged_date: date
    name: str = ""
    accounts: frozenset[str] = frozenset()
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Credit:
    """What came in: a line, or one payment of a line that holds several."""

    amount_minor: int | None
    currency: str
    booked_date: date
    reference: str = ""
    end_to_end_id: str = ""
    text: str = ""
    other_name: str = ""
    other_account: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A pledge and why. `reasons` are the most telling first; `score` is 0 … 100."""

    pledge: Pledge
    score: int
    reasons: tuple[Reason, ...]

    @property
    def is_identified(self) -> bool:
        return bool(_IDENTIFYING & set(self.reasons))


@dataclass(frozen=True, slots=True)
class Answer:
    """`best` is the one suggestion, None where none stands out; `listed` are all, best first."""

    best: Suggestion | None = None
    listed: tuple[Suggestion, ...] = ()


def credits_of(line: StatementLine, currency: str) -> list[Credit]:
    """What came in by a line: each payment of a batch whose sum is right, else the line whole.

    Empty for money that left, and for what takes an earlier payment back.
    """
    if line.amount_minor <= 0 or line.is_reversal:
        return []
    parts: Sequence[Detail | StatementLine] = (
        line.details if line.details and line.is_whole else [line]
    )
    return [
        Credit(
            amount_minor=part.amount_minor,
            currency=currency,
            booked_date=line.booked_date,
            reference=part.reference,
            end_to_end_id=part.end_to_end_id,
            text=part.text,
            other_name=part.other_name,
            other_account=part.other_account,
        )
        for part in parts
    ]


@dataclass(frozen=True)
class Pledges:
    """A partnership's pledges, ready to be asked about many lines."""

    pledges: tuple[Pledge, ...]
    _by_reference: Mapping[str, Pledge] = field(init=False, repr=False)
    # By each word of the name and each account: names that are alike share a word.
    _by_mark: Mapping[str, Sequence[Pledge]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_mark: dict[str, list[Pledge]] = {}
        for one in self.pledges:
            for mark in name_words(one.name) | one.accounts:
                by_mark.setdefault(mark, []).append(one)
        object.__setattr__(self, "_by_reference", {one.reference: one for one in self.pledges})
        object.__setattr__(self, "_by_mark", by_mark)

    def suggest(self, credit: Credit) -> Answer:
        """What `credit` may be. Only an identifying reason brings a pledge in, never an amount.

        One suggestion stands out if it leads; where two come near each other, a person gets the
        list and no suggestion.
        """
        by_reference = self._by_words(credit)
        found = [
            suggestion
            for pledge in self._near(credit, by_reference)
            if (suggestion := _weigh(pledge, credit, by_reference.get(pledge.reference)))
        ]
        found.sort(key=lambda one: (-one.score, one.pledge.pledged_date, one.pledge.reference))
        return Answer(_outstanding(found), tuple(found[:LISTED_MAX]))

    def _near(self, credit: Credit, references: Iterable[str]) -> Iterable[Pledge]:
        """The pledges that anything but the amount can speak for, each once."""
        marks = name_words(credit.other_name) | name_words(credit.text) | {credit.other_account}
        near = {reference: self._by_reference[reference] for reference in references}
        for mark in marks:
            near.update((one.reference, one) for one in self._by_mark.get(mark, ()))
        return near.values()

    def _by_words(self, credit: Credit) -> dict[str, Reason]:
        """Which pledges the line's own words name. Each field is searched by itself."""
        known = self._by_reference.keys()
        reasons: dict[str, Reason] = {}
        for text in (credit.reference, credit.end_to_end_id, credit.text):
            for found in search(text, known):
                reason = _OF_SLIP[found.slip]
                standing = reasons.get(found.reference, reason)
                reasons[found.reference] = max(standing, reason, key=_POINTS.__getitem__)
        return reasons


def _outstanding(found: Sequence[Suggestion]) -> Suggestion | None:
    if not found or found[0].score < SCORE_MIN or not found[0].pledge.is_open:
        return None
    is_leading = len(found) == 1 or found[0].score - found[1].score >= LEAD_MIN
    # Two pledges paid at once, or a number copied from the wrong letter: not for us to say.
    named = sum(Reason.REFERENCE in one.reasons for one in found)
    return found[0] if is_leading and named <= 1 else None


def _weigh(pledge: Pledge, credit: Credit, by_words: Reason | None) -> Suggestion | None:
    """The pledge with its reasons, None where nothing but the amount speaks for it."""
    reasons = [by_words] if by_words else []
    if not pledge.is_open:
        # Its name and account are no news: what it was for has come.
        return _scored(pledge, [*reasons, Reason.REFERENCE_USED]) if reasons else None
    if credit.other_account and credit.other_account in pledge.accounts:
        reasons.append(Reason.SAME_ACCOUNT)
    if by_name := _name_reason(pledge.name, credit):
        reasons.append(by_name)
    if not reasons:
        return None
    if pledge.currency != credit.currency:
        reasons.append(Reason.OTHER_CURRENCY)
    elif credit.amount_minor is not None:
        is_same = credit.amount_minor == pledge.amount_minor
        reasons.append(Reason.SAME_AMOUNT if is_same else Reason.OTHER_AMOUNT)
    if 0 <= (credit.booked_date - pledge.pledged_date).days <= NEAR_DAYS:
        reasons.append(Reason.NEAR_DAY)
    return _scored(pledge, reasons)


def _scored(pledge: Pledge, reasons: Iterable[Reason]) -> Suggestion:
    ordered = sorted(reasons, key=lambda reason: -abs(_POINTS[reason]))
    points = sum(_POINTS[reason] for reason in ordered)
    return Suggestion(pledge, max(0, min(100, points)), tuple(ordered))


def _name_reason(name: str, credit: Credit) -> Reason | None:
    words = name_words(name)
    payer, text = name_words(credit.other_name), name_words(credit.text)
    if words and words == payer:
        return Reason.SAME_NAME
    return Reason.LIKE_NAME if are_alike(words, payer) or are_alike(words, text) else None


# Ukrainian letters as passports write them (Cabinet order 55 of 2010), without its rules for the
# beginnings of words: here both sides are written alike. Some Russian ones, as donors write them.
_LETTERS = (
    "а:a б:b в:v г:h ґ:g д:d е:e є:ie ж:zh з:z и:y і:i ї:i й:i к:k л:l м:m н:n о:o п:p р:r с:s т:t "
    "у:u ф:f х:kh ц:ts ч:ch ш:sh щ:shch ь: ю:iu я:ia ы:y э:e ъ: ё:e ʼ: ’: ':"
)
_LATIN = str.maketrans({pair[0]: pair[2:] for pair in _LETTERS.split()})
# Words beside names that say nothing of who it is.
_EMPTY_WORDS = (
    "mr mrs ms miss dr prof rev and und i ta ltd llc inc gmbh ev to from for gift tov fop pan pani"
)
_EMPTY = frozenset(_EMPTY_WORDS.split())


@lru_cache(maxsize=20_000)
def name_words(name: str) -> frozenset[str]:
    """The telling words of a name, in Latin letters without accents: order does not matter."""
    # Cyrillic first: taken apart, й and ї would lose what makes them letters.
    plain = unicodedata.normalize("NFC", name).casefold().translate(_LATIN)
    bare = (c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return frozenset(re.findall(r"\w+", "".join(bare))) - _EMPTY


def are_alike(name: frozenset[str], other: frozenset[str]) -> bool:
    """Whether `other` holds all of `name`, one word perhaps as an initial or with a slip.

    A single word is never enough: there are many Annas.
    """
    if len(name) < 2 or len(other) < 2:
        return False
    missing = name - other
    if not missing:
        return True
    rest = other - name
    return len(missing) == 1 and any(_is_nearly(word, one) for word in missing for one in rest)


def _is_nearly(word: str, other: str) -> bool:
    if len(word) == 1 or len(other) == 1:
        return word[0] == other[0]
    return min(len(word), len(other)) >= 5 and _is_one_slip(word, other)


def _is_one_slip(left: str, right: str) -> bool:
    """Whether one letter wrong, missing, too many, or two swapped turns `left` into `right`."""
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    one, two = left[start:], right[start:]
    return (
        one[1:] == two[1:]
        or one[1:] == two
        or one == two[1:]
        or (one[:2] == two[1::-1] and one[2:] == two[2:])
    )
