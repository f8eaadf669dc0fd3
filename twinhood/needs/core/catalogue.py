"""The catalogue of common things: what each is called, and what a supplier asks of it.

It lies in files beside the room (`catalogue/`), in our own words, in every language of the site.
A need may name a kind of it, or none: then it is a thing of its own.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "catalogue"


@dataclass(frozen=True, slots=True)
class Question:
    """What a supplier asks; the answer may tell of a building, and then it is not public."""

    code: str
    label: Mapping[str, str]
    hint: Mapping[str, str]
    is_public: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing. `cpv` are eight digits; `title` is of several, `one` of one of them.

    `may_need_licence`: of dual use, so that nothing is ordered before two read a licence for it,
    or a note that none is needed.
    """

    code: str
    category: str
    cpv: str
    has_vin: bool
    may_need_licence: bool
    title: Mapping[str, str]
    one: Mapping[str, str]
    about: Mapping[str, str]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Kinds that are looked for together."""

    code: str
    title: Mapping[str, str]
    kinds: tuple[Kind, ...]


@cache
def groups() -> tuple[Group, ...]:
    """The catalogue in the order in which it is shown."""
    questions = {code: _question(code, written) for code, written in _read("questions").items()}
    return tuple(
        Group(
            group["code"],
            group["title"],
            tuple(_kind(written, questions) for written in group["kind"]),
        )
        for group in _read("kinds")["group"]
    )


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its code."""
    return {kind.code: kind for group in groups() for kind in group.kinds}


def answered(kind: str, specification: Mapping[str, str]) -> list[tuple[Question, str]]:
    """The kind's questions that were answered, in its order; none for a thing of its own."""
    known = kinds().get(kind)
    asked = known.questions if known else ()
    return [(q, specification[q.code]) for q in asked if specification.get(q.code)]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _question(code: str, written: dict[str, Any]) -> Question:
    return Question(code, written["label"], written["hint"], written.get("is_public", True))


def _kind(written: dict[str, Any], questions: Mapping[str, Question]) -> Kind:
    return Kind(
        code=written["code"],
        category=written["category"],
        cpv=written["cpv"],
        has_vin=written.get("has_vin", False),
        may_need_licence=written.get("may_need_licence", False),
        title=written["title"],
        one=written["one"],
        about=written.get("about", {}),
        questions=tuple(questions[code] for code in written["asks"]),
    )
