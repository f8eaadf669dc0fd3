"""Payment references that survive bad typing: ISO 11649, "RF" and two check digits.

Ours have ten digits and no letters. Digits alone let the check notice *every* single wrong
character and every swap of two neighbours (with letters mixed in it does not: 1B and B1 weigh
the same), they have no look-alikes in Cyrillic, and a phone shows its number pad for them.
"""

import re
import unicodedata
from collections.abc import Iterator, Set
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

PREFIX = "RF"
BODY_DIGITS = 10
# As `check_digits` weighs "RF00", for bodies of digits alone, of which very many are made.
_WEIGHT_OF_PREFIX = "271500"
LENGTH = len(PREFIX) + 2 + BODY_DIGITS
NUMBER_MAX = 10**BODY_DIGITS - 1
# Statement texts are bounded where they are read; a longer one is not searched further.
TEXT_MAX = 10_000

# What people type and scanners read for a digit. Only where a digit must stand, so never a guess.
_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("OoОо", "0"),
        **dict.fromkeys("IiLl|ІіЇї", "1"),
        **dict.fromkeys("Zz", "2"),
        **dict.fromkeys("Зз", "3"),
        **dict.fromkeys("SsЅѕ", "5"),
        **dict.fromkeys("BВ", "8"),
    }
)
_DIGIT = r"[0-9OoОоIiLl|ІіЇїZzЗзSsЅѕBВ]"
_GAP = r"[\s\-–.·_/:]{0,3}"
# Also in Cyrillic letters, and on a Ukrainian keyboard where R and F are К and А.
_PREFIX = r"(?:[RrРр][FfФф]|[Кк][Аа])"
_WITH_PREFIX = re.compile(rf"{_PREFIX}{_GAP}({_DIGIT}(?:{_GAP}{_DIGIT}){{{BODY_DIGITS + 1}}})")
_NEARLY = re.compile(rf"{_PREFIX}{_GAP}({_DIGIT}(?:{_GAP}{_DIGIT}){{{BODY_DIGITS},{LENGTH - 2}}})")
_GROUP = re.compile(r"[0-9]+")
# Runs of digits and near misses looked at in one text: a line names one pledge, rarely two.
_RUNS_MAX = 200
_MISSES_MAX = 8
_GROUPS_MAX = 8
_ISO_11649 = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}")


class Slip(StrEnum):
    """How a reference was found in a text."""

    NONE = "none"
    # All its digits, but without the letters RF or without RF and check digits.
    BARE = "bare"
    # One character wrong, missing or too many, or two neighbours swapped.
    MENDED = "mended"


@dataclass(frozen=True, slots=True)
class Found:
    reference: str
    slip: Slip


def check_digits(body: str) -> str:
    """The two check digits before `body` (ISO 11649; ISO 7064, MOD 97-10): "18" for "539007547034".

    `body` is 1 to 21 capital Latin letters and digits; raises ValueError for anything else.
    """
    if not re.fullmatch(r"[0-9A-Z]{1,21}", body):
        raise ValueError(body)
    return f"{98 - _weight(body + PREFIX + '00') % 97:02d}"


def is_iso_11649(text: str) -> bool:
    """Whether `text` is any creditor reference, ours or another's, in its electronic form."""
    return bool(_ISO_11649.fullmatch(text)) and text[2:4] == check_digits(text[4:])


def _weight(text: str) -> int:
    """Letters count as two digits, A = 10 … Z = 35 (ISO 7064)."""
    return int("".join(str(int(character, 36)) for character in text))


def reference_for(number: int) -> str:
    """Our reference number `number` (0 … NUMBER_MAX), in its electronic form."""
    if not 0 <= number <= NUMBER_MAX:
        raise ValueError(number)
    body = f"{number:0{BODY_DIGITS}d}"
    return f"{PREFIX}{98 - int(body + _WEIGHT_OF_PREFIX) % 97:02d}{body}"


def spaced(reference: str) -> str:
    """In groups of four, as it is printed (ISO 11649): "RF04 1234 5678 90"."""
    return " ".join(reference[start : start + 4] for start in range(0, len(reference), 4))


def read(typed: str) -> str | None:
    """Our reference as somebody typed it, with nothing else beside it; None if it is not one.

    Spaces, hyphens, small letters, O for 0, I for 1 and Cyrillic look-alikes do not matter.
    """
    match = _WITH_PREFIX.fullmatch(_plain(typed).strip())
    return _checked(_digits(match[1])) if match else None


def found_in(text: str) -> list[str]:
    """Our references in a statement's free text, each once, in order; only right check digits."""
    return list(dict.fromkeys(_exact(_plain(text))))


def search(text: str, known: Set[str]) -> list[Found]:
    """Which of the `known` references `text` means, each once, the surest first.

    Right ones are taken as they stand. What has a slip is mended only into a reference that
    exists: a check digit cannot say which of 97 neighbours was meant, the open pledges can.
    """
    plain = _plain(text)
    found = {reference: Slip.NONE for reference in _exact(plain) if reference in known}
    for reference in _bare(plain, known):
        found.setdefault(reference, Slip.BARE)
    for reference in _mended(plain, known):
        found.setdefault(reference, Slip.MENDED)
    order = list(Slip)
    return sorted((Found(*pair) for pair in found.items()), key=lambda f: order.index(f.slip))


def _plain(text: str) -> str:
    """Full-width and other scripts' digits as our digits; nothing beyond the bound."""
    plain = unicodedata.normalize("NFKC", text[:TEXT_MAX])
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)


def _digits(run: str) -> str:
    return re.sub(r"[^0-9]", "", run.translate(_LOOKALIKES))


def _checked(digits: str) -> str | None:
    reference = PREFIX + digits
    return reference if is_iso_11649(reference) else None


def _exact(plain: str) -> Iterator[str]:
    for match in _WITH_PREFIX.finditer(plain):
        # A digit that follows at once is one too many: a slip, to be mended or asked about.
        if plain[match.end() : match.end() + 1].isdecimal():
            continue
        if reference := _checked(_digits(match[1])):
            yield reference


def _bare(plain: str, known: Set[str]) -> Iterator[str]:
    """Known references among runs of digit groups: "04 1234 5678 90", "1234567890"."""
    runs = islice(_GROUP.finditer(plain), _RUNS_MAX)
    groups = [(match[0], match.start(), match.end()) for match in runs]
    for first in range(len(groups)):
        run, end = "", groups[first][1]
        for group, start, stop in groups[first : first + _GROUPS_MAX]:
            if re.fullmatch(_GAP, plain[end:start]) is None:
                break
            run, end = run + group, stop
            reference = _from_bare(run)
            if reference in known:
                yield reference
            if len(run) >= LENGTH:
                break


def _from_bare(run: str) -> str:
    return reference_for(int(run)) if len(run) == BODY_DIGITS else PREFIX + run


def _mended(plain: str, known: Set[str]) -> Iterator[str]:
    for match in islice(_NEARLY.finditer(plain), _MISSES_MAX):
        digits = _digits(match[1])
        lengths = range(BODY_DIGITS + 1, min(len(digits), LENGTH - 1) + 1)
        for candidate in {c for length in lengths for c in _neighbours(digits[:length])}:
            if PREFIX + candidate in known:
                yield PREFIX + candidate


def _neighbours(digits: str) -> Iterator[str]:
    """All strings of the right length that one slip turns into `digits`."""
    wanted = BODY_DIGITS + 2
    places = range(len(digits))
    if len(digits) == wanted + 1:
        yield from (digits[:i] + digits[i + 1 :] for i in places)
    elif len(digits) == wanted - 1:
        yield from (digits[:i] + d + digits[i:] for i in range(wanted) for d in "0123456789")
    elif len(digits) == wanted:
        yield from (digits[:i] + d + digits[i + 1 :] for i in places for d in "0123456789")
        yield from (
            digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :] for i in range(wanted - 1)
        )
