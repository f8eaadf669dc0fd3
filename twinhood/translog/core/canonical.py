"""Canonical JSON: one value, one text (RFC 8785, the JSON Canonicalization Scheme).

Of numbers only integers within ±(2^53 − 1) are taken: they mean the same in every language, and no
question of rounding comes up. No NUL in texts, which no database of ours could keep.
"""

import json
import re
from typing import Any, NoReturn

INTEGER_MAX = 2**53 - 1
DEPTH_MAX = 64
# Above these, order by UTF-16 units (RFC 8785, 3.2.3) and by code points differ.
_HIGH = re.compile("[\ue000-\U0010ffff]")


class NotCanonical(ValueError):
    """A value that has no canonical text, or a text that is not the canonical one."""


def encode(value: Any) -> bytes:
    """Return the canonical text of `value` in UTF-8. Raises NotCanonical.

    `value` is made of str, int, bool, None, list and dict with str keys.
    """
    has_high = _look(value, DEPTH_MAX)
    try:
        return _write(_by_utf16(value) if has_high else value, is_sorted=has_high)
    except UnicodeEncodeError as problem:
        raise NotCanonical("half of a surrogate pair") from problem


def decode(data: bytes) -> Any:
    """Read a canonical text. Raises NotCanonical for every other, if only by a space."""
    try:
        value = _decoder.decode(data.decode())
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as problem:
        raise NotCanonical("not JSON in UTF-8") from problem
    if encode(value) != data:
        raise NotCanonical("not the canonical text")
    return value


def _look(value: Any, depth: int) -> bool:
    """Refuse what has no canonical text; whether a key has a character beyond U+DFFF."""
    kind = type(value)
    if kind is str or isinstance(value, str):
        if "\x00" in value:
            raise NotCanonical("a NUL")
        return False
    if kind is int:
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            raise NotCanonical("an integer beyond 2^53 − 1")
        return False
    if kind is bool or value is None:
        return False
    if depth == 0:
        raise NotCanonical("nested too deeply")
    if kind is list:
        found = [_look(item, depth - 1) for item in value]
        return any(found)
    if kind is dict:
        return _look_at_fields(value, depth - 1)
    raise NotCanonical(f"a value of type {kind.__name__}")


def _look_at_fields(fields: dict[Any, Any], depth: int) -> bool:
    has_high = False
    for name, item in fields.items():
        if not isinstance(name, str) or "\x00" in name:
            raise NotCanonical("a field whose name is not a text")
        has_high |= _look(item, depth) or (not name.isascii() and _HIGH.search(name) is not None)
    return has_high


def _by_utf16(value: Any) -> Any:
    if isinstance(value, list):
        return [_by_utf16(item) for item in value]
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return {name: _by_utf16(value[name]) for name in names}
    return value


def _write(value: Any, *, is_sorted: bool) -> bytes:
    return (_plain if is_sorted else _sorting)(value).encode()


# Python's escapes in texts are those of RFC 8785: short ones where there are, else \u00xx.
_sorting = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
_plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _refuse(text: str) -> NoReturn:
    raise NotCanonical(f"the number {text[:40]}")


def _integer(text: str) -> int:
    return int(text) if len(text) <= 17 else _refuse(text)


_decoder = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse, parse_int=_integer)
