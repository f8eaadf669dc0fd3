"""The text of an agreement on its way: papers of articles in two languages, and what changes them.

A version is one text for ever. Its canonical JSON has one SHA-256, and by that both sides name the
exact version that they agree to.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any

from twinhood.translog.core import canonical

ARTICLES_MAX = 200
HEADING_LENGTH_MAX = 200
TEXT_LENGTH_MAX = 10_000
# A blank that people fill in, as the models write it.
_BLANK = re.compile(r"\[\[(.+?)\]\]", re.DOTALL)

# A text by language code.
type Texts = Mapping[str, str]


class Side(StrEnum):
    """Who speaks: the city that gives, or the one that receives, in the partnership's words."""

    GIVING = "giving"
    RECEIVING = "receiving"

    @property
    def other(self) -> "Side":
        return Side.RECEIVING if self is Side.GIVING else Side.GIVING


BOTH = (Side.GIVING, Side.RECEIVING)


@dataclass(frozen=True, slots=True)
class Article:
    """One article. Its `key` stays the same whatever comes before it. The first article of a paper
    is its opening: the paper's title, and who agrees with whom.
    """

    key: int
    heading: Texts
    text: Texts

    @property
    def digest(self) -> str:
        """By which somebody says which text they had before them."""
        return sha256(canonical.encode(_plain(self))).hexdigest()


@dataclass(frozen=True, slots=True)
class Paper:
    """What is signed as one: by both sides, or one of two companion papers by its own side."""

    signers: tuple[Side, ...]
    articles: tuple[Article, ...]

    @property
    def opening(self) -> Article:
        return self.articles[0]


@dataclass(frozen=True, slots=True)
class Content:
    """A whole version: one paper that both sign, or two companions."""

    kind: str
    languages: tuple[str, str]
    papers: tuple[Paper, ...]

    def encoded(self) -> bytes:
        """Canonical JSON (RFC 8785)."""
        return canonical.encode(
            {
                "kind": self.kind,
                "languages": list(self.languages),
                "papers": [
                    {
                        "articles": [_plain(article) for article in paper.articles],
                        "signers": [str(side) for side in paper.signers],
                    }
                    for paper in self.papers
                ],
            }
        )

    @property
    def sha256(self) -> str:
        return sha256(self.encoded()).hexdigest()

    def articles(self) -> list[Article]:
        return [article for paper in self.papers for article in paper.articles]

    def article(self, key: int) -> Article | None:
        return next((article for article in self.articles() if article.key == key), None)

    def is_opening(self, key: int) -> bool:
        return any(paper.opening.key == key for paper in self.papers)


def _plain(article: Article) -> dict[str, Any]:
    return {"heading": dict(article.heading), "key": article.key, "text": dict(article.text)}


def content_of(data: bytes) -> Content:
    """Read what `Content.encoded` wrote. Raises NotCanonical."""
    read = canonical.decode(data)
    first, second = read["languages"]
    papers = tuple(
        Paper(
            signers=tuple(Side(side) for side in paper["signers"]),
            articles=tuple(Article(**article) for article in paper["articles"]),
        )
        for paper in read["papers"]
    )
    return Content(read["kind"], (first, second), papers)


class ChangeKind(StrEnum):
    REWORD = "reword"
    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody would have otherwise. `key` is the article's; of an added one, that of the
    article which it follows. `seen_digest` is that article as they saw it.
    """

    kind: ChangeKind
    key: int
    seen_digest: str
    heading: Texts
    text: Texts


class WhyNot(StrEnum):
    """Why a change cannot be made to a version."""

    GONE = "gone"
    STALE = "stale"
    OPENING = "opening"
    MANY = "many"
    SAME = "same"


def why_not_change(content: Content, change: Change) -> WhyNot | None:
    """Say what forbids it, or None. An article may be added after one that was reworded since."""
    article = content.article(change.key)
    if article is None:
        return WhyNot.GONE
    if change.kind is ChangeKind.ADD:
        return WhyNot.MANY if len(content.articles()) >= ARTICLES_MAX else None
    if article.digest != change.seen_digest:
        return WhyNot.STALE
    if change.kind is ChangeKind.REMOVE:
        return WhyNot.OPENING if content.is_opening(change.key) else None
    is_same = (dict(article.heading), dict(article.text)) == (
        dict(change.heading),
        dict(change.text),
    )
    return WhyNot.SAME if is_same else None


def changed(content: Content, change: Change, *, new_key: int) -> Content:
    """Return the next version. `new_key` was never used before; ask `why_not_change` first."""
    papers = [
        replace(paper, articles=_with(paper.articles, change, new_key)) for paper in content.papers
    ]
    return replace(content, papers=tuple(papers))


def _with(articles: Sequence[Article], change: Change, new_key: int) -> tuple[Article, ...]:
    made: list[Article] = []
    for article in articles:
        if article.key != change.key:
            made.append(article)
        elif change.kind is ChangeKind.REWORD:
            made.append(Article(article.key, change.heading, change.text))
        elif change.kind is ChangeKind.ADD:
            made += [article, Article(new_key, change.heading, change.text)]
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing before a version can be agreed on: an empty text, or a blank left open.

    `number` is the article's place within its paper, 0 for the opening.
    """

    key: int
    number: int
    language: str
    blank: str = ""


def gaps(content: Content) -> list[Gap]:
    """Everything that still has to be written, in reading order; a paper needs both languages."""
    return [
        gap
        for paper in content.papers
        for number, article in enumerate(paper.articles)
        for language in content.languages
        for gap in _gaps_of(article, number, language)
    ]


def _gaps_of(article: Article, number: int, language: str) -> list[Gap]:
    heading, text = article.heading.get(language, ""), article.text.get(language, "")
    if not heading.strip() or not text.strip():
        return [Gap(article.key, number, language)]
    blanks = _BLANK.findall(f"{heading}\n{text}")
    return [Gap(article.key, number, language, blank) for blank in blanks]
