"""A paper as plain facts: what stands on it, in one language or two, and who is to sign it.

`Words` are by language code and hold a text for each language of the paper. A text never becomes
markup.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from twinhood.documents.core.capacity import Capacity

type Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Article:
    """One article. Its number is its place; a paragraph is empty in no language."""

    heading: Words
    paragraphs: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Party:
    """One side: its name, and what stands below it, such as the seat or the registry code."""

    name: Words
    about: Words | None = None


@dataclass(frozen=True, slots=True)
class SignaturePlace:
    """Where one side signs. `field` names the PDF's field: letters, digits and underscores."""

    field: str
    party: Words
    capacity: Capacity


@dataclass(frozen=True, slots=True)
class Table:
    """What is handed over, or owed, row by row; a cell of equal texts says them once.

    `widths` are in millimetres, 0 for a column that takes what is left; `numeric` says which
    columns stand flush right.
    """

    caption: Words
    heads: tuple[Words, ...]
    rows: tuple[tuple[Words, ...], ...]
    widths: tuple[int, ...]
    numeric: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class HandSignature:
    """A signature by hand that the paper shows: as what, by whom, and the hash of what was drawn.

    `drawing` is an SVG, "" where nothing was drawn; `how` says how it was given. `sha256` is ""
    on a paper that is printed to be signed.
    """

    role: Words
    office: Words
    name: str
    how: Words
    drawing: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """All that is typeset. The same paper gives the same bytes.

    `kind` is a code of the room above, `kind_words` what readers call it. `facts` are lines for the
    page of legal bases besides the capacities, such as a council's resolution: what it is, and what
    it says. `version` is how the parties call the text. `tables` stand after the preamble, and
    `by_hand` before the places.
    """

    kind: str
    kind_words: Words
    languages: tuple[str, ...]
    title: Words
    parties: tuple[Party, ...]
    articles: tuple[Article, ...]
    places: tuple[SignaturePlace, ...]
    dated: date
    preamble: tuple[Words, ...] = ()
    closing: tuple[Words, ...] = ()
    facts: tuple[tuple[Words, Words], ...] = ()
    version: str = ""
    tables: tuple[Table, ...] = ()
    by_hand: tuple[HandSignature, ...] = ()
    is_specimen: bool = False


def to_json(paper: Paper) -> dict[str, Any]:
    """The paper as JSON holds it; dates are ISO 8601."""
    found: dict[str, Any] = _plain(asdict(paper))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
