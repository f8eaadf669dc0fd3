"""Stripe's form encoding: `items[0][price]=…` is a list of mappings."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

DEPTH_MAX = 8
PAIRS_MAX = 1_000
_NAME = re.compile(r"[^\[\]]+")
_PART = re.compile(r"\[([^\[\]]*)\]")


class BadForm(ValueError):
    """What was sent is no form of Stripe's."""


def decode(text: str) -> dict[str, Any]:
    """Return the nested parameters of a query or body; every leaf is text."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=PAIRS_MAX, errors="strict")
    except ValueError as error:
        raise BadForm(str(error)) from None
    return nested(pairs)


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        _put(found, _path(name), value)
    return {name: _lists(value) for name, value in found.items()}


def _path(name: str) -> list[str]:
    start = _NAME.match(name)
    if start is None:
        raise BadForm(f"Invalid parameter name: {name[:80]}")
    rest = name[start.end() :]
    parts = _PART.findall(rest)
    if "".join(f"[{part}]" for part in parts) != rest or len(parts) > DEPTH_MAX:
        raise BadForm(f"Invalid parameter name: {name[:80]}")
    return [start.group(), *parts]


def _put(found: dict[str, Any], path: list[str], value: str) -> None:
    here = found
    for step in path[:-1]:
        below = here.setdefault(step or str(len(here)), {})
        if not isinstance(below, dict):
            raise BadForm(f"Parameter {path[0]} is both text and a mapping")
        here = below
    last = path[-1] or str(len(here))
    if isinstance(here.get(last), dict):
        raise BadForm(f"Parameter {path[0]} is both text and a mapping")
    here[last] = value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(below) for name, below in value.items()}
    if inner and all(name.isascii() and name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
