"""From a version's text to the paper that is typeset."""

from collections.abc import Mapping, Sequence

from twinhood.documents.core import paper as papers
from twinhood.twinnings.core.drafting import Article, Texts


def in_each(texts: Texts, languages: Sequence[str]) -> dict[str, str]:
    """The text in each of the languages; where one is missing, in the first that there is."""
    instead = next((text for text in texts.values() if text), "")
    return {language: texts.get(language) or instead for language in languages}


def set_article(article: Article, languages: Sequence[str]) -> papers.Article:
    return papers.Article(
        heading=in_each(article.heading, languages),
        paragraphs=tuple(paragraphs(article.text, languages)),
    )


def paragraphs(text: Texts, languages: Sequence[str]) -> list[Mapping[str, str]]:
    """Lines side by side. Where one language has more of them, its last ones run together."""
    lines = {
        language: [line.strip() for line in text.get(language, "").split("\n") if line.strip()]
        for language in languages
    }
    count = min(len(found) for found in lines.values())
    if not count:
        return []
    return [
        {
            language: found[number] if number < count - 1 else " ".join(found[number:])
            for language, found in lines.items()
        }
        for number in range(count)
    ]
