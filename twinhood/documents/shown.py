"""A kept paper to look at: pictures of its pages, and its text for whom a picture tells nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from twinhood.documents import apart
from twinhood.documents.core import pages, pages_child
from twinhood.documents.errors import BytesMissing, TooBusy
from twinhood.documents.models import Document, Revision
from twinhood.documents.store import the_store

WALL_S = 20


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the text in one language; the heading may be empty."""

    language: str
    heading: str
    paragraphs: Sequence[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """One version of a paper: how many pages it has, and what stands on them, part by part.

    Each part holds the paper's languages side by side.
    """

    document: Document
    version: int
    page_count: int
    parts: Sequence[Sequence[Part]]

    @property
    def numbers(self) -> range:
        return range(1, self.page_count + 1)


def shown(document: Document, revision: Revision) -> Shown:
    """What a page shows of a paper. Without its bytes there are no pictures, and the text stays."""
    try:
        # Signatures add no page, and this one we made ourselves.
        count = _page_count(document.sha256)
    except BytesMissing:
        count = 0
    return Shown(document, revision.number + 1, count, parts_of(document))


def parts_of(document: Document) -> list[list[Part]]:
    """The text that was typeset: the opening, each article, and the closing words if any."""
    facts, languages = document.facts, document.languages
    opening = {"heading": facts["title"], "paragraphs": facts["preamble"]}
    closing = {"heading": {}, "paragraphs": facts["closing"]}
    texts = [opening, *facts["articles"], *([closing] if facts["closing"] else [])]
    return [[_part(text, language) for language in languages] for text in texts]


def _part(text: dict[str, Any], language: str) -> Part:
    paragraphs = [words.get(language, "") for words in text["paragraphs"]]
    return Part(language, text["heading"].get(language, ""), paragraphs)


@lru_cache(maxsize=256)
def _page_count(sha256: str) -> int:
    return pages.count(the_store().get(sha256))


@lru_cache(maxsize=64)
def page_picture(sha256: str, number: int) -> bytes:
    """Page `number` of a revision's bytes as WebP. Raises TooBusy, BytesMissing."""
    data = the_store().get(sha256)
    made = apart.answer(pages_child.__name__, pages_child.asked(number) + data, wall_s=WALL_S)
    if made is None:
        raise TooBusy
    return made
