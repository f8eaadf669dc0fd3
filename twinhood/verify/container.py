"""A zip or a folder as a set of files. Nothing is extracted; what is unusual is refused.

A zip must be exactly what the public file's builder writes (docs/reference/verify.md): files sorted
by path, not compressed, one behind the other from the first byte to the directory, with fixed times
and permissions, no comments, no extra fields. Its headers are written again from what they say, and
compared. So a zip has no byte that could change without the answer changing, and no bomb fits in.
"""

import os
import re
import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from twinhood.verify.errors import Fails, Said, Unreadable

FILES_MAX = 2_000
TOTAL_MAX = 8 * 1024**3
PATH_MAX = 200
DEPTH_MAX = 8
BLOCK = 256 * 1024

_SEGMENT = r"(?!\.)[A-Za-z0-9._-]+(?<!\.)"
_PATH = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")
_END = struct.Struct("<4s4H2IH")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_VERSION, _UNIX = 20, 3 << 8
_DATE = 0x21  # 1980-01-01
_MODE = 0o100644 << 16


class Container(Protocol):
    """Files by path. `sizes` is ordered by path."""

    sizes: dict[str, int]

    def read(self, path: str) -> Iterator[bytes]:
        """Yield the file in blocks. Raises Fails where its bytes are not what its header says."""
        ...

    def close(self) -> None: ...


def opened(path: Path, total_max: int = TOTAL_MAX) -> Container:
    """Open a folder or a zip. Raises Unreadable or Fails; its list of files is checked by then."""
    if path.is_dir():
        return Folder(path, total_max)
    return Zip(path, total_max)


def _look_paths(paths: list[str]) -> None:
    """Refuse paths that two systems could read differently, and two for one place."""
    for path in paths:
        if len(path) > PATH_MAX or not _PATH.fullmatch(path):
            raise Fails("the list of files", "plain paths of letters, digits, '.', '_', '-'", path)
    if paths != sorted(set(paths)):
        raise Fails("the list of files", "each path once, sorted", Said("another order"))
    places: dict[str, str] = {}
    for path in paths:
        parts = path.lower().split("/")
        folders = ["/".join(parts[:length]) + "/" for length in range(1, len(parts))]
        for place in (*folders, path.lower()):
            if places.setdefault(place.rstrip("/"), place) != place or (
                place == path.lower() and places.setdefault(f"={place}", path) != path
            ):
                raise Fails("the list of files", "one file for each place", path)


def _look_total(sizes: dict[str, int], total_max: int) -> None:
    if sum(sizes.values()) > total_max:
        raise Unreadable(f"it holds more than {total_max} bytes (--max-bytes allows more)")


def _too_many() -> Unreadable:
    return Unreadable(f"it holds more than {FILES_MAX} files")


class Folder:
    """The files of a folder; symbolic links, devices and other things than files are refused."""

    def __init__(self, root: Path, total_max: int) -> None:
        self._root = root
        found: dict[str, int] = {}
        for path, size in self._walk(root, ""):
            found[path] = size
            if len(found) > FILES_MAX:
                raise _too_many()
        self.sizes = {path: found[path] for path in sorted(found)}
        _look_paths(list(self.sizes))
        _look_total(self.sizes, total_max)

    def _walk(self, folder: Path, under: str) -> Iterator[tuple[str, int]]:
        if under.count("/") > DEPTH_MAX:
            raise Fails("the list of files", f"folders at most {DEPTH_MAX} deep", under)
        with os.scandir(folder) as entries:
            for entry in entries:
                path = under + entry.name
                if entry.is_dir(follow_symlinks=False):
                    yield from self._walk(Path(entry.path), f"{path}/")
                elif entry.is_file(follow_symlinks=False):
                    yield path, entry.stat(follow_symlinks=False).st_size
                else:
                    raise Fails("the list of files", "files and folders only", path)

    def read(self, path: str) -> Iterator[bytes]:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        number = os.open(self._root / path, flags | getattr(os, "O_NONBLOCK", 0))
        with open(number, "rb", buffering=0) as stream:
            left = self.sizes[path]
            while data := stream.read(BLOCK):
                left -= len(data)
                yield data
        if left:
            raise Unreadable(f"{path} changed while it was read")

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(frozen=True, slots=True)
class _Entry:
    name: bytes
    crc: int
    size: int
    start: int

    def local(self) -> bytes:
        """The header before the data, as the builder writes it."""
        return self._header(_LOCAL, b"PK\3\4", _VERSION) + self.name

    def central(self) -> bytes:
        """The record in the directory, as the builder writes it."""
        versions = (_UNIX | _VERSION, _VERSION)
        fields = (0, 0, 0, 0, _MODE, self.start)
        return self._header(_CENTRAL, b"PK\1\2", *versions, after=fields) + self.name

    def _header(
        self, form: struct.Struct, sign: bytes, *versions: int, after: tuple[int, ...] = (0,)
    ) -> bytes:
        times = (0, 0, 0, _DATE)
        sums = (self.crc, self.size, self.size, len(self.name))
        return form.pack(sign, *versions, *times, *sums, *after)

    @property
    def data(self) -> int:
        """Where the data starts."""
        return self.start + _LOCAL.size + len(self.name)


class Zip:
    """The files of a zip that has exactly the builder's layout."""

    def __init__(self, path: Path, total_max: int) -> None:
        self._file = open_regular(path)
        try:
            entries = self._directory()
            _look_paths([entry.name.decode("ascii") for entry in entries])
            self._entries = {entry.name.decode("ascii"): entry for entry in entries}
            self.sizes = {name: entry.size for name, entry in self._entries.items()}
            _look_total(self.sizes, total_max)
        except BaseException:
            self._file.close()
            raise

    def _directory(self) -> list[_Entry]:
        """Read the directory; what it says must give every byte outside the data."""
        size = self._file.seek(0, os.SEEK_END)
        if size < _END.size:
            raise Unreadable("it is no zip: too short")
        end = self._at(size - _END.size, _END.size)
        sign, *disks, count, length, start, _ = _END.unpack(end)
        if sign != b"PK\5\6":
            raise Unreadable("it is no zip that ends where a public file ends")
        if count > FILES_MAX:
            raise _too_many()
        if start + length + _END.size != size or length > FILES_MAX * (_CENTRAL.size + PATH_MAX):
            raise Unreadable("it is no zip whose directory stands where it says")
        if end != _END.pack(sign, 0, 0, count, count, length, start, 0):
            raise Fails("the zip's end", "one part and no comment", Said(f"other numbers {disks}"))
        records = self._at(start, length)
        entries = list(_entries_of(records, count))
        if b"".join(entry.central() for entry in entries) != records:
            raise Fails("the zip's directory", "the builder's fixed form", Said("another"))
        ends = [0, *(entry.data + entry.size for entry in entries)]
        if ends != [*(entry.start for entry in entries), start]:
            raise Fails("the zip", "files one behind the other", Said("gaps or overlaps"))
        return entries

    def _at(self, position: int, length: int) -> bytes:
        self._file.seek(position)
        data = self._file.read(length)
        if len(data) < length:
            raise Unreadable("it is cut short")
        return data

    def read(self, path: str) -> Iterator[bytes]:
        entry = self._entries[path]
        if self._at(entry.start, entry.data - entry.start) != entry.local():
            raise Fails(f"the zip's header of {path}", "the builder's fixed form", Said("another"))
        crc = 0
        position, end = entry.data, entry.data + entry.size
        while position < end:
            data = self._at(position, min(BLOCK, end - position))
            position += len(data)
            crc = zlib.crc32(data, crc)
            yield data
        if crc != entry.crc:
            raise Fails(path, f"the check sum {entry.crc:08x}", Said(f"{crc:08x}"))

    def close(self) -> None:
        self._file.close()


def open_regular(path: Path) -> BinaryIO:
    """Open a file of the disk, unbuffered. Raises Unreadable for anything else."""
    # A pipe or a device would keep us waiting, or never end.
    number = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    stream = open(number, "rb", buffering=0)  # noqa: SIM115 (the zip closes it)
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise Unreadable("it is neither a file nor a folder")
    return stream


def _entries_of(records: bytes, count: int) -> Iterator[_Entry]:
    """Take from the directory what may differ; the rest is compared with the fixed form later."""
    position = 0
    for _ in range(count):
        if position + _CENTRAL.size > len(records):
            raise Unreadable("the zip's directory is cut short")
        fields = _CENTRAL.unpack_from(records, position)
        method, (crc, packed, size, length), start = fields[4], fields[7:11], fields[-1]
        position += _CENTRAL.size
        name = records[position : position + length]
        position += length
        if method or packed != size:
            raise Fails("the zip's directory", "files that are not compressed", Said("others"))
        if not name.isascii():
            raise Fails("the zip's directory", "plain paths", name.decode("utf-8", "replace"))
        yield _Entry(name, crc, size, start)
