"""Text that is going to be signed: tidied without a change that anybody could see, or refused.

What fits on a paper is for the room of papers to say (`documents.core.unfit`); here it is said
where a text does not fit while it is still being written. It is never mended silently.
"""

import re
import unicodedata
from dataclasses import dataclass

from twinhood.documents.core.unfit import Why, unfit

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first thing that does not fit. `why` is None for a text that is too long.

    `what` is the word or the character, as U+202E where it cannot be shown, or the length; `line`
    counts from 1.
    """

    why: Why | None
    what: str
    line: int = 1


def tidy(typed: str) -> str:
    """Return the text in NFC, lines ended by a newline alone and without blanks at their ends."""
    text = unicodedata.normalize("NFC", typed).replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.replace("\t", " ").rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def flaw_in(text: str, *, length_max: int) -> Flaw | None:
    """Return the first flaw of a tidy text, or None. `length_max` counts characters."""
    if len(text) > length_max:
        return Flaw(None, str(len(text)))
    for number, line in enumerate(text.split("\n"), start=1):
        if (found := unfit(line)) is not None:
            what = found.character
            if found.why is Why.MIXED:
                what = next(
                    w[0] for w in _WORD.finditer(line) if w.start() <= found.offset < w.end()
                )
            elif found.why in (Why.DIRECTION, Why.HIDDEN):
                what = found.code_point
            return Flaw(found.why, what, number)
    return None


def _word_at(line: str, offset: int) -> str:
    words = (word[0] for word in _WORD.finditer(line) if word.start() <= offset < word.end())
    return next(words, line[offset])
