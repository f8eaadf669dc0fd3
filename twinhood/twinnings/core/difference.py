"""What changed between two texts, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# A word with the blanks behind it, a mark of punctuation likewise, or a line's end.
_TOKEN = re.compile(r"\w+(?:[’'ʼ-]\w+)*[^\S\n]*|[^\w\s][^\S\n]*|\n|[^\S\n]+")


class Fate(StrEnum):
    KEPT = "kept"
    ADDED = "added"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of text with one fate; those kept and added, joined, are the new text, those kept and
    gone the old one.
    """

    fate: Fate
    text: str


def difference(before: str, after: str) -> list[Stretch]:
    """Return how `before` became `after`, in reading order: what went, then what came."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    return list(_stretches(old, new))


def _stretches(old: list[str], new: list[str]) -> Iterator[Stretch]:
    for name, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if name == "equal":
            yield Stretch(Fate.KEPT, "".join(old[i:j]))
            continue
        if j > i:
            yield Stretch(Fate.GONE, "".join(old[i:j]))
        if m > k:
            yield Stretch(Fate.ADDED, "".join(new[k:m]))
