"""The files of a container as lines, as JSON, and as what they should be; all in bounded memory."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from twinhood.translog.core import canonical
from twinhood.verify.container import Container
from twinhood.verify.errors import Fails, Said

SMALL_MAX = 1024 * 1024
LINE_MAX = 65_535
SHOWN_BYTES = 80


def small(container: Container, path: str) -> bytes:
    """Return a file that is never large, as a whole. Raises Fails if it is missing or too large."""
    if path not in container.sizes:
        raise Fails("the list of files", f"a file {path}", Said("none"))
    if container.sizes[path] > SMALL_MAX:
        raise Fails(path, f"at most {SMALL_MAX} bytes", container.sizes[path])
    return b"".join(container.read(path))


def hash_of(container: Container, path: str) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    found = sha256()
    for block in container.read(path):
        found.update(block)
    return found.hexdigest()


def lines_of(blocks: Iterable[bytes], path: str, line_max: int = LINE_MAX) -> Iterator[bytes]:
    """Yield lines without their newline; each must have one. Raises Fails for a longer one."""
    begun, number = b"", 1
    for block in blocks:
        first, *rest = block.split(b"\n")
        begun += first
        for line in rest:
            if len(begun) > line_max:
                break
            yield begun
            number += 1
            begun = line
        if len(begun) > line_max:
            raise Fails(f"{path} line {number}", f"at most {line_max} bytes", Said("more"))
    if begun:
        raise Fails(f"{path} line {number}", "a newline at its end", Said("none"))


def json_of(data: bytes, where: str) -> Any:
    """Read canonical JSON. Raises Fails."""
    try:
        return canonical.decode(data)
    except canonical.NotCanonical as problem:
        raise Fails(where, "canonical JSON (RFC 8785)", Said(str(problem))) from problem


def fields_of(data: bytes, where: str, fields: set[str]) -> dict[str, Any]:
    """Read a canonical JSON object of exactly these fields. Raises Fails."""
    value = json_of(data, where)
    if type(value) is not dict or value.keys() != fields:
        raise Fails(where, f"an object of {', '.join(sorted(fields))}", Said("another form"))
    return value


class Compared:
    """A file, compared with what is written here again, without holding either as a whole."""

    def __init__(self, path: str, blocks: Iterator[bytes]) -> None:
        self._path = path
        self._blocks = blocks
        self._block = b""
        self._line = 1
        self._begun = b""

    def write(self, data: bytes) -> None:
        """Say what comes next. Raises Fails if it is not what stands there."""
        while data:
            if not self._block:
                self._block = next(self._blocks, b"")
                if not self._block:
                    raise self._differs(_first_line(data), Said("the end of the file"))
            length = min(len(data), len(self._block))
            mine, theirs = data[:length], self._block[:length]
            if mine != theirs:
                self._say_where(data, mine, theirs)
            self._line += mine.count(b"\n")
            self._begun = (self._begun + mine[-SHOWN_BYTES:]).rpartition(b"\n")[2]
            data, self._block = data[length:], self._block[length:]

    def close(self) -> None:
        """Say that nothing follows. Raises Fails if something does."""
        rest = self._block or next(self._blocks, b"")
        if rest:
            raise self._differs(Said("the end of the file"), _first_line(rest))

    def _say_where(self, data: bytes, mine: bytes, theirs: bytes) -> None:
        place = next(i for i, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a != b)
        self._line += mine.count(b"\n", 0, place)
        begun = (self._begun + mine[:place]).rpartition(b"\n")[2][-SHOWN_BYTES // 2 :]
        raise self._differs(
            begun + _first_line(data[place:]), begun + _first_line(self._block[place:])
        )

    def _differs(self, mine: bytes | Said, theirs: bytes | Said) -> Fails:
        expected, found = (
            text if isinstance(text, Said) else text.decode("utf-8", "replace")
            for text in (mine, theirs)
        )
        return Fails(f"{self._path} line {self._line}", repr_of(expected), found)


def repr_of(text: str) -> str:
    return text if isinstance(text, Said) else repr(text)


def _first_line(data: bytes) -> bytes:
    return data[:SHOWN_BYTES].partition(b"\n")[0]
