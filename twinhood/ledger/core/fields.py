"""Fields of a journal record, each of the one type that it may have.

`type(…) is int` and not `isinstance`: in Python `True` is an int, in a journal it is not.
"""

from collections.abc import Mapping

SHOWN_MAX = 60

Record = Mapping[str, object]


class Rejected(Exception):
    """A record that changes nothing; the message says why, for a person."""


def shown(value: object) -> str:
    """A value as it may stand in a message: on one line, and not too long."""
    if isinstance(value, int) and value.bit_length() > 2 * SHOWN_MAX:
        return "an immense number"
    text = repr(value[: SHOWN_MAX + 1] if isinstance(value, str) else value)
    return text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "…"


def text(record: Record, name: str) -> str:
    value = record.get(name)
    if type(value) is not str:
        raise Rejected(_wrong(record, name, "a string"))
    return value


def optional_text(record: Record, name: str) -> str | None:
    return text(record, name) if name in record else None


def whole(record: Record, name: str, *, least: int = 1) -> int:
    """A whole number of minor units; `true` and `5.0` are none."""
    value = record.get(name)
    if type(value) is not int:
        raise Rejected(_wrong(record, name, "a whole number"))
    if value < least:
        raise Rejected(f"{name!r} must be at least {least}")
    return value


def some(record: Record, name: str) -> list[object]:
    """A list with at least one entry."""
    value = record.get(name)
    if type(value) is not list:
        raise Rejected(_wrong(record, name, "a list"))
    if not value:
        raise Rejected(f"{name!r} is empty")
    return value


def some_texts(record: Record, name: str) -> list[str]:
    """A list with at least one string, and none twice."""
    texts = [value for value in some(record, name) if type(value) is str]
    if len(texts) < len(some(record, name)):
        raise Rejected(f"{name!r} must hold strings only")
    if len(set(texts)) < len(texts):
        raise Rejected(f"{name!r} names one twice")
    return texts


def _wrong(record: Record, name: str, wanted: str) -> str:
    return f"{name!r} must be {wanted}" if name in record else f"{name!r} is missing"
