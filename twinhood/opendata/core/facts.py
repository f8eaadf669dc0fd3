"""What openings tell: the facts of docs/reference/public-file.md, each kind in its one shape."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from twinhood.opendata.core.leaf import is_date
from twinhood.translog.core import canonical

type Facts = Mapping[str, Any]


class BadFacts(ValueError):
    """Facts of a known kind that are not in its shape."""


def _is_text(value: object) -> bool:
    return type(value) is str


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_local(value: object) -> bool:
    """A text by language."""
    return type(value) is dict and bool(value) and all(type(v) is str for v in value.values())


def _is_amount(value: object) -> bool:
    """Minor units as a decimal text, since they have no upper bound."""
    return type(value) is str and re.fullmatch("[1-9][0-9]{0,40}", value) is not None


def _is_day(value: object) -> bool:
    return type(value) is str and is_date(value)


def _is_digest(value: object) -> bool:
    """A SHA-256 in hexadecimal."""
    return type(value) is str and re.fullmatch("[0-9a-f]{64}", value) is not None


def _are_digests(value: object) -> bool:
    return type(value) is list and all(map(_is_digest, value))


def _are_texts(value: object) -> bool:
    return type(value) is list and all(map(_is_text, value))


def _are_lines(value: object) -> bool:
    return type(value) is list and all(_is_line(one, "unit") for one in value)


def _are_given(value: object) -> bool:
    return type(value) is list and bool(value) and all(_is_line(one, "key") for one in value)


def _is_line(value: object, called: str) -> bool:
    shape = {"condition": _is_text, "serial_last4": _is_text, called: _is_text}
    return type(value) is dict and _fits(value, shape)


_SHAPES: dict[str, dict[str, Callable[[object], bool]]] = {
    "need": {
        "beneficiary": _is_local, "category": _is_text, "checks": _is_count,
        "currency": _is_text, "need": _is_count, "quantity": _is_count, "title": _is_local,
        "unit_price_minor": _is_amount, "unit_title": _is_local, "verified_date": _is_day,
        "why": _is_local,
    },
    "need-changed": {
        "covered": _is_count, "date": _is_day, "need": _is_count, "quantity": _is_count,
        "reason": _is_text, "unit_price_minor": _is_amount,
    },
    "need-evidence": {"date": _is_day, "files": _are_digests, "need": _is_count},
    "need-withdrawn": {"date": _is_day, "need": _is_count, "reason": _is_text},
    "approval": {
        "content": _is_digest, "date": _is_day, "number": _is_count, "order": _is_text,
        "organisation": _is_local,
    },
    "thing": {
        "category": _is_text, "name": _is_text, "need": _is_count, "number": _is_count,
        "order": _is_text, "supplier": _is_local, "title": _is_local, "unit": _is_text,
    },
    "hand-over": {
        "act": _is_count, "date": _is_day, "given": _are_given, "giver": _is_local,
        "paper": _is_digest,
        "photos": _are_digests,
        "place": _is_local, "receiver": _is_local, "replaces": _is_count,
        "signed_by": _is_local, "units": _are_lines,
    },
    "follow-up": {"condition": _is_text, "date": _is_day, "months": _is_count, "unit": _is_text},
    "incident": {
        "done": _is_local, "found_date": _is_day, "incident": _is_count, "severity": _is_text,
        "title": _is_local, "units": _are_texts, "what": _is_local,
    },
}  # fmt: skip
# Acts from before papers were made have no hash of one; few hand over what was given in
# kind, or correct another.
_MAY_LACK = frozenset({"given", "paper", "replaces"})


def _fits(value: Facts, shape: Mapping[str, Callable[[object], bool]]) -> bool:
    there = value.keys() - {"kind"}
    return shape.keys() - _MAY_LACK <= there <= shape.keys() and all(
        shape[name](value[name]) for name in there
    )


def expect_facts(facts: object) -> Facts:
    """Return the facts if they are in their kind's shape, or of no known kind. Raises BadFacts."""
    if type(facts) is not dict or type(facts.get("kind")) is not str:
        raise BadFacts("facts without a kind")
    shape = _SHAPES.get(facts["kind"])
    is_empty = facts["kind"] == "hand-over" and not (facts.get("units") or facts.get("given"))
    if is_empty or (shape is not None and not _fits(facts, shape)):
        raise BadFacts(f"facts of the kind {facts['kind']} are not in its shape")
    return facts


def text(facts: Facts, name: str) -> str:
    """A text of some facts, "" where there is none."""
    found = facts.get(name)
    return found if isinstance(found, str) else ""


def local(facts: Facts, name: str, language: str) -> str:
    """A text in one language, or in the first one there is."""
    found = facts.get(name) or {}
    return str(found.get(language) or next(iter(found.values()), ""))


# Kind of facts → folder of its documents, and the fields that name one.
_DOCUMENTS = {
    "need": ("needs", ("need",)),
    "need-withdrawn": ("withdrawals", ("need",)),
    "hand-over": ("acts", ("act",)),
    "follow-up": ("follow-ups", ("unit", "months")),
    "incident": ("incidents", ("incident",)),
}


def documents(facts: Iterable[Facts]) -> dict[str, bytes]:
    """Canonical JSON by path for each opening that is a document of its own."""
    found = {}
    for told in facts:
        folder, fields = _DOCUMENTS.get(str(told.get("kind")), ("", ()))
        if folder:
            name = "-".join(_word(told.get(field)) for field in fields)
            found[f"documents/{folder}/{name}.json"] = canonical.encode(dict(told)) + b"\n"
    return found


def _word(value: object) -> str:
    """Part of a file's name: letters, digits and - alone."""
    return re.sub("[^A-Za-z0-9-]", "", str(value).removeprefix("order:"))[:40]
