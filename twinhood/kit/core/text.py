"""Text that people typed, made fit to keep and to show beside other text."""

import unicodedata

# They turn the writing direction of what follows; pages isolate names by markup instead.
_BIDI = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_INVISIBLE = dict.fromkeys([0x200B, 0x2060, 0xFEFF])
_MARKS_IN_A_ROW_MAX = 4


def tidy(typed: str) -> str:
    """Return `typed` in NFC without what cannot be seen: controls, direction marks, piled marks.

    Line ends become `\\n`; lines keep no blanks at their ends, and the whole none around it.
    """
    text = unicodedata.normalize("NFC", typed).translate(_BIDI | _INVISIBLE)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ["".join(c for c in line if c == "\t" or unicodedata.category(c) != "Cc").rstrip()
            for line in lines]  # fmt: skip
    return _few_marks("\n".join(kept).strip())


def tidy_line(typed: str) -> str:
    """As `tidy`, on one line."""
    return " ".join(tidy(typed).split())


def _few_marks(text: str) -> str:
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.category(character) == "Mn" else 0
        if run <= _MARKS_IN_A_ROW_MAX:
            kept.append(character)
    return "".join(kept)
