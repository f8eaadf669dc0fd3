"""Text as people type and paste it, made safe to store and to hand on."""

import re
import unicodedata

# Controls that turn the direction of the text around them (Unicode UAX 9), and zero-width marks.
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
COMBINING_MAX = 6
# What spreadsheets take for a formula, also in full width.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class BadText(ValueError):
    """Text that cannot be stored; `code` says why: control, unreadable, marks or long."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def tidy_line(typed: str, length_max: int) -> str:
    """One line in NFC with single spaces. Raises BadText; never cuts and never guesses."""
    if typed.isascii() and typed.isprintable() and len(typed) <= length_max:
        return " ".join(typed.split())
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFC", typed)).strip()
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in text):
        raise BadText("control")
    if "\ufffd" in text:
        raise BadText("unreadable")
    if _longest_run_of_marks(text) > COMBINING_MAX:
        raise BadText("marks")
    if len(text) > length_max:
        raise BadText("long")
    return text


def _longest_run_of_marks(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        longest = max(longest, run)
    return longest


def csv_cell(text: str) -> str:
    """`text` for a CSV that people open: never a formula, never turning what stands beside it.

    A cell that a spreadsheet would compute gets an apostrophe before it (documented in
    docs/how-to/gifts.md); direction controls are left out.
    """
    plain = "".join(c for c in text if c not in BIDI)
    return "'" + plain if plain.lstrip(" \u00a0").startswith(FORMULA_STARTS) else plain
