"""Rows of a CSV file from outside, within bounds: bytes in, cells out. Quotes as in RFC 4180."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from twinhood.treasury.core.statement import BadStatement

BYTES_MAX = 20 * 1024**2
ROWS_MAX = 50_000
COLUMNS_MAX = 60
# A row with all the lines of its quoted cells.
ROW_CHARS_MAX = 64 * 1024
DELIMITERS = (";", ",", "\t", "|")
# What a statement from our cities' banks may be written in; nothing else is offered.
ENCODINGS = ("utf-8", "utf-16", "cp1251", "cp1252", "cp1250", "koi8-u")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the line of the file on which the row begins, from 1."""

    number: int
    cells: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


def bytes_of(stream: BinaryIO) -> bytes:
    """All of the file, and never more than its bound. Raises BadStatement: bytes, empty."""
    data = stream.read(BYTES_MAX + 1)
    if len(data) > BYTES_MAX:
        raise BadStatement("bytes", what=str(BYTES_MAX))
    if not data.strip():
        raise BadStatement("empty")
    return data


def marked_encoding(data: bytes) -> str | None:
    """The encoding that the file's first bytes name (byte order mark), None if they name none."""
    return next((encoding for bom, encoding in _BOMS if data.startswith(bom)), None)


def decoded(data: bytes, encoding: str) -> str:
    """`data` in exactly this encoding. Raises BadStatement: encoding, nul.

    A mark that names another encoding is a contradiction, never overruled.
    """
    if marked_encoding(data) not in {None, encoding}:
        raise BadStatement("encoding", 1, str(marked_encoding(data)))
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        row = data.count(b"\n", 0, problem.start) + 1
        raise BadStatement("encoding", row, encoding) from problem
    if "\x00" in text:
        raise BadStatement("nul", text.count("\n", 0, text.index("\x00")) + 1)
    return text


def rows_in(text: str, delimiter: str) -> Iterator[Row]:
    """Every row, empty ones too. Raises BadStatement: long, rows, columns, quote."""
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    for count in range(1, ROWS_MAX + 2):
        lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise BadStatement("quote", lines.row) from problem
        if count > ROWS_MAX:
            raise BadStatement("rows", lines.row, str(ROWS_MAX))
        if len(cells) > COLUMNS_MAX:
            raise BadStatement("columns", lines.row, str(len(cells)))
        yield Row(lines.row, tuple(cells))


class _Lines:
    """The text's lines for csv, which would otherwise read on for a quote that never closes."""

    def __init__(self, text: str) -> None:
        # Line ends of every kind, also mixed in one file.
        self._lines = io.StringIO(text, newline=None)
        self._number = 0
        self._room = ROW_CHARS_MAX
        self.row = 1

    def begin_row(self) -> None:
        self.row = self._number + 1
        self._room = ROW_CHARS_MAX

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._lines.readline(self._room + 1)
        if not line:
            raise StopIteration
        self._number += 1
        self._room -= len(line)
        if self._room < 0:
            raise BadStatement("long", self.row, str(ROW_CHARS_MAX))
        return line
