"""Models of agreements to start from, filled with what is known of the two places."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from twinhood.twinnings.core.drafting import BOTH, Article, Content, Paper, Side

FOLDER = Path(__file__).resolve().parent.parent / "model_agreements"
# The languages that the models are written in; a text in another one begins empty.
WRITTEN = ("en", "uk")


@dataclass(frozen=True, slots=True)
class Party:
    """What a model says of one side, by language; a signatory that is not known is a blank."""

    city: Mapping[str, str]
    name: Mapping[str, str]
    signatory: Mapping[str, str]


def begun(
    kind: str, languages: tuple[str, str], parties: Mapping[Side, Party], *, is_companion: bool
) -> Content:
    """Return the first version of a draft: one paper for both, or a companion paper by each."""
    papers: list[Paper] = []
    for signers in [(side,) for side in BOTH] if is_companion else [BOTH]:
        model = _model("proclamation" if is_companion else kind)
        after = sum(len(paper.articles) for paper in papers)
        written = [model["opening"], *model["article"]]
        articles = [
            _article(after + number, text, languages, _words(parties, signers))
            for number, text in enumerate(written, start=1)
        ]
        papers.append(Paper(signers, tuple(articles)))
    return Content(kind, languages, tuple(papers))


@cache
def _model(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _words(
    parties: Mapping[Side, Party], signers: tuple[Side, ...]
) -> Mapping[str, Mapping[str, str]]:
    own, other = signers[0], signers[0].other
    named = {"giving": Side.GIVING, "receiving": Side.RECEIVING, "own": own, "other": other}
    words: dict[str, Mapping[str, str]] = {}
    for name, side in named.items():
        words[name] = parties[side].city
        words[f"{name}_party"] = parties[side].name
        words[f"{name}_signatory"] = parties[side].signatory
    return words


def _article(
    key: int,
    model: dict[str, Any],
    languages: tuple[str, str],
    words: Mapping[str, Mapping[str, str]],
) -> Article:
    def filled(part: str, language: str) -> str:
        text = str(model[part].get(language, "")).strip()
        for name, by_language in words.items():
            text = text.replace("{" + name + "}", by_language.get(language, ""))
        return text

    return Article(
        key,
        {language: filled("heading", language) for language in languages},
        {language: filled("text", language) for language in languages},
    )
