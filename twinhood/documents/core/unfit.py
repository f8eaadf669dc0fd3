"""Which characters a paper for decades may hold.

PDF/A wants every glyph embedded, and a reader must see what is signed: so there are Latin, Greek
and Cyrillic letters, the signs of their typography, and nothing that turns or hides text. A word
is of one script: a Cyrillic letter among Latin ones is there by mistake or to deceive.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """What is wrong with a character."""

    DIRECTION = "direction"
    HIDDEN = "hidden"
    SCRIPT = "script"
    PICTURE = "picture"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Unfit:
    """A character that cannot stand on a paper; `offset` counts characters of the text from 0."""

    character: str
    offset: int
    why: Why

    @property
    def code_point(self) -> str:
        return f"U+{ord(self.character):04X}"

    @property
    def name(self) -> str:
        """Its name in Unicode, in English, or "" if it has none."""
        return unicodedata.name(self.character, "")


_RANGES = (
    (0x20, 0x7E),
    (0xA0, 0xAC),
    (0xAE, 0x17F),
    (0x218, 0x21B),
    (0x386, 0x386),
    (0x388, 0x38A),
    (0x38C, 0x38C),
    (0x38E, 0x3A1),
    (0x3A3, 0x3CE),
    (0x400, 0x45F),
    (0x490, 0x491),
    (0x1E80, 0x1E85),
    (0x1EF2, 0x1EF3),
    (0x2010, 0x2014),
    (0x2018, 0x201A),
    (0x201C, 0x201E),
    (0x2020, 0x2022),
    (0x2026, 0x2026),
    (0x202F, 0x202F),
    (0x2030, 0x2030),
    (0x2032, 0x2033),
    (0x2039, 0x203A),
    (0x20AC, 0x20AC),
    (0x20B4, 0x20B4),
    (0x2116, 0x2116),
    (0x2122, 0x2122),
    (0x2190, 0x2193),
    (0x2212, 0x2212),
)
FIT = frozenset(chr(point) for first, last in _RANGES for point in range(first, last + 1))
_WORD = re.compile(r"[^\W\d_]+")
_OTHERS = {chr(point): "Greek" for point in range(0x386, 0x3CF)}
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def unfit(text: str) -> Unfit | None:
    """Return the first character of `text` that cannot stand on a paper, or None."""
    normal = unicodedata.normalize("NFC", text)
    for offset, character in enumerate(normal):
        if character not in FIT:
            return Unfit(character, offset, _why(character))
    return next((found for word in _WORD.finditer(normal) if (found := _mixed(word))), None)


def _mixed(word: re.Match[str]) -> Unfit | None:
    """The first letter of another script than the word's first."""
    script = _script(word[0][0])
    for offset, letter in enumerate(word[0], word.start()):
        if letter.isalpha() and _script(letter) != script:
            return Unfit(letter, offset, Why.MIXED)
    return None


def _script(letter: str) -> str:
    return "Cyrillic" if "\u0400" <= letter <= "\u04ff" else _OTHERS.get(letter, "Latin")


def _why(character: str) -> Why:
    category = unicodedata.category(character)
    if character in _TURNING or unicodedata.bidirectional(character) in {"R", "AL", "AN"}:
        return Why.DIRECTION
    if category[0] == "C" or category in {"Zl", "Zp", "Zs"}:
        return Why.HIDDEN
    return Why.PICTURE if category[0] == "S" else Why.SCRIPT
