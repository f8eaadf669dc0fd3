"""Reading parameters: each is asked for by name, and what nobody asked for is refused."""

from collections.abc import Collection, Mapping
from typing import Any

from twinhood.practice.errors import malformed

TEXT_MAX = 5_000
METADATA_MAX = 50
METADATA_KEY_MAX = 40
METADATA_VALUE_MAX = 500


class Params:
    """The parameters of one request, or a part of them; `done()` refuses the rest."""

    def __init__(self, given: Mapping[str, Any], path: str = "") -> None:
        self._given = dict(given)
        self._path = path
        self._parts: list[Params] = []
        self._read: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def _full(self, name: str) -> str:
        return f"{self._path}[{name}]" if self._path else name

    def _take(self, name: str) -> Any:
        self._read.add(name)
        return self._given.get(name)

    def text(self, name: str, default: str | None = None) -> str | None:
        value = self._take(name)
        if value is None or value == "":
            return default
        if not isinstance(value, str):
            raise malformed("Invalid string", param=self._full(name))
        if len(value) > TEXT_MAX:
            what = f"Invalid string: must be at most {TEXT_MAX} characters"
            raise malformed(what, param=self._full(name), code="parameter_invalid_string_blank")
        return value

    def need(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            what = f"Missing required param: {self._full(name)}."
            raise malformed(what, code="parameter_missing", param=self._full(name))
        return value

    def whole(self, name: str) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 15:
            what = f"Invalid integer: {value[:40]}"
            raise malformed(what, code="parameter_invalid_integer", param=self._full(name))
        return int(value)

    def need_whole(self, name: str) -> int:
        self.need(name)
        return self.whole(name) or 0

    def flag(self, name: str, *, default: bool = False) -> bool:
        return self.choice(name, {"true", "false"}, "true" if default else "false") == "true"

    def choice(self, name: str, options: Collection[str], default: str) -> str:
        value = self.text(name, default)
        if value not in options:
            what = f"Invalid {self._full(name)}: must be one of {', '.join(sorted(options))}"
            raise malformed(what, param=self._full(name))
        return str(value)

    def part(self, name: str) -> "Params":
        value = self._take(name)
        if value not in (None, "") and not isinstance(value, dict):
            raise malformed("Invalid object", param=self._full(name))
        return self._with(value or {}, self._full(name))

    def parts(self, name: str) -> "list[Params]":
        value = self._take(name) or []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise malformed("Invalid array", param=self._full(name))
        return [self._with(one, f"{self._full(name)}[{place}]") for place, one in enumerate(value)]

    def _with(self, given: Mapping[str, Any], path: str) -> "Params":
        part = Params(given, path)
        self._parts.append(part)
        return part

    def words(self, name: str) -> list[str]:
        value = self._take(name) or []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise malformed("Invalid array", param=self._full(name))
        return value

    def metadata(self) -> dict[str, str]:
        """The pairs as they were sent; an empty value asks to forget the key."""
        value = self._take("metadata") or {}
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise malformed("Invalid metadata", param=self._full("metadata"))
        is_long = any(
            len(key) > METADATA_KEY_MAX or len(text) > METADATA_VALUE_MAX
            for key, text in value.items()
        )
        if is_long or len(value) > METADATA_MAX:
            raise malformed("Metadata is too large", param=self._full("metadata"))
        return value

    def whatever(self, *names: str) -> None:
        """Take what changes nothing that practice shows."""
        self._read.update(names)

    def done(self) -> None:
        """Raise for what nobody asked for."""
        for name in self._given:
            if name not in self._read:
                full = self._full(name)
                what = f"Received unknown parameter: {full} (or practice does not emulate it)"
                raise malformed(what, code="parameter_unknown", param=full)
        for part in self._parts:
            part.done()


def merged(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Metadata after an update: empty values are forgotten."""
    return {key: text for key, text in {**old, **new}.items() if text != ""}
