"""What can be said of a PDF before anybody parses it: its frame and its ends."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from twinhood.documents.core.checking_report import Check, Result, Revision

BYTES_MAX = 20 * 1024 * 1024
REVISIONS_MAX = 64

_END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF(\r\n|\n|\r)?")
_HEADER = re.compile(rb"%PDF-(1\.[0-7]|2\.0)(\r\n|\n|\r)")
_HEX = re.compile(rb"[0-9a-f]*")


def frame(data: bytes, *, bytes_max: int = BYTES_MAX) -> Check | None:
    """Why this is no whole PDF file within the limits; None if it may be one."""
    if not data:
        return Check("empty", Result.FAILED)
    if len(data) > bytes_max:
        return Check("too-large", Result.FAILED, {"megabytes_max": bytes_max // 2**20})
    if not data.startswith(b"%PDF-"):
        return Check("not-pdf", Result.FAILED)
    if not _END.search(data, max(0, len(data) - 1024)):
        return Check("truncated", Result.FAILED)
    return None


def revisions(data: bytes) -> list[Revision]:
    """The states of the file, oldest first: each ends with its own end mark."""
    return [
        Revision(number, found.end(), sha256(data[: found.end()]).hexdigest())
        for number, found in enumerate(_END.finditer(data), 1)
    ]


def structure(data: bytes, sections: int) -> Iterator[str]:
    """Name what a file of one plain chain of revisions would not have.

    ``sections`` is how many cross-reference sections the parser followed.
    """
    ends = list(_END.finditer(data))
    if not _HEADER.match(data) or data.count(b"%PDF-") != 1:
        yield "header"
    if data.count(b"%%EOF") != len(ends):
        yield "end marks"
    if len(ends) != sections:
        yield "cross-reference sections"
    if ends and ends[-1].end() != len(data):
        yield "bytes after the end"
    if len(ends) > REVISIONS_MAX:
        yield "revisions"
    # A reader that starts from the end and one that reads forwards must meet the same sections.
    before = 0
    for end in ends:
        offset = int(end[1])
        if not before <= offset < end.start():
            yield "cross-reference place"
        before = end.end()


@dataclass(frozen=True, slots=True)
class Span:
    """What a signature covers: all of the file's first ``covers`` bytes but its container."""

    opens: int
    closes: int
    covers: int


def span_of(data: bytes, byte_range: list[int], container: bytes) -> Span | None:
    """The span of a ``/ByteRange`` that leaves out exactly its container; None for any other."""
    if len(byte_range) != 4 or not all(type(one) is int for one in byte_range):
        return None
    start, first, second, length = byte_range
    whole = second + length
    if start != 0 or not 0 < first < second < whole <= len(data):
        return None
    if data[first : first + 1] != b"<" or data[second - 1 : second] != b">":
        return None
    try:
        between = bytes.fromhex(data[first + 1 : second - 1].decode("ascii"))
    except (ValueError, UnicodeDecodeError):
        return None
    if between != container:
        return None
    return Span(first, second, whole)


def is_canonical_hex(data: bytes, span: Span) -> bool:
    """Whether the container is written in small hexadecimal digits and nothing else."""
    return _HEX.fullmatch(data, span.opens + 1, span.closes - 1) is not None
