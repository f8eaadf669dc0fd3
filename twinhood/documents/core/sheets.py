"""Sheets: papers of facts and tables that nobody signs within the file, in parts by language.

Typst sets them (`typst/sheet.typ`) as tagged PDF/A-2a and PDF/UA-1; the same facts give the same
bytes. All words are data, never markup.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from twinhood.documents.core.paper import Words
from twinhood.documents.core.typesetting import (
    LAYOUTS,
    STANDARDS,
    NotTypeset,
    noon_of,
    set_pages,
    where_to_check,
)
from twinhood.documents.core.unfit import unfit


@dataclass(frozen=True, slots=True)
class Table:
    """`right` are the columns, from 0, that are set to the right; `total` may be empty."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Sequence[int] = ()
    total: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """The paper in one language; each part begins a page."""

    language: str
    title: str
    # Above the title: what kind of paper, and its number.
    kind: str = ""
    facts: Sequence[tuple[str, str]] = ()
    before: Sequence[str] = ()
    table: Table | None = None
    after: Sequence[str] = ()
    # Who signs by hand below: a line of its own for each.
    signs: Sequence[str] = ()
    # Stands across each page of an example's paper.
    specimen: str = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """Where a sheet that the log seals is checked, and the unseen secret that goes with its facts
    (`documents.sealed`)."""

    code: str
    url: str
    words: Words
    secret: str


def sheet(
    parts: Sequence[Part], *, author: str, dated: date, foot: str, seal: Seal | None = None
) -> bytes:
    """The PDF. Raises NotTypeset for a text that cannot stand on a paper."""
    data = {
        "parts": [asdict(part) for part in parts],
        "author": author,
        "dated": [dated.year, dated.month, dated.day],
        "foot": foot,
        "check": where_to_check(seal.code, seal.url, seal.words) if seal else None,
        "secret": seal.secret if seal else "",
    }
    # Of lines and quotes JSON makes its own signs; the texts themselves are looked at.
    for part in parts:
        for text in _texts(part):
            if found := unfit(text):
                raise NotTypeset(part.title, found)
    return set_pages(LAYOUTS / "sheet.typ", data, at=noon_of(dated), standards=STANDARDS)


def _texts(part: Part) -> Sequence[str]:
    table = part.table
    rows = [*table.rows, table.heads, table.total] if table else []
    cells = [cell for row in rows for cell in row]
    facts = [text for pair in part.facts for text in pair]
    return [part.title, part.kind, *facts, *part.before, *cells, *part.after, *part.signs]
