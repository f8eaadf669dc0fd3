"""Names that people type for themselves."""

import unicodedata

# Marks that turn the direction of text around, and letters without any width: none belongs to a
# name, and each can make one name pass for another.
_UNSEEN = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u061c") | {
    chr(code) for block in (range(0x202A, 0x202F), range(0x2066, 0x206A)) for code in block
}
# The letters of every living script need at most this many marks on one letter (Vietnamese,
# Hebrew with vowels and accents); more is decoration that covers the lines above and below.
MARKS_MAX = 4


def tidy_name(typed: str) -> str:
    """Return the name in NFC, single spaces, without unseen marks and without heaps of accents."""
    seen = "".join(c for c in typed if c not in _UNSEEN)
    return " ".join(_few_marks(unicodedata.normalize("NFC", seen)).split())


def _few_marks(text: str) -> str:
    kept, marks = [], 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= MARKS_MAX:
            kept.append(letter)
    return "".join(kept)
