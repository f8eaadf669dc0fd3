"""A large file as an answer: with a tag, in parts if asked (RFC 9110, 14), packed on the way."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

BLOCK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{1,18})?-(\d{1,18})?")


def answer(
    request: HttpRequest, path: Path, packed: Path, *, sha256: str, filename: str
) -> HttpResponseBase:
    """Send the file; 304 to who has it, 206 to who wants a part, gzip to who takes it.

    `packed` is the same file, gzipped; it is not sent where a part is asked for.
    """
    is_packed = _takes_gzip(request) and packed.is_file()
    etag = f'"{sha256[:32]}{"-gzip" if is_packed else ""}"'
    if unchanged := get_conditional_response(request, etag=etag):
        return _with_headers(unchanged, etag, filename)
    part = None if is_packed else _part_asked(request, etag, path.stat().st_size)
    if part == ():
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{path.stat().st_size}"
        return refused
    response = _stream(packed if is_packed else path, part or None)
    if is_packed:
        response["Content-Encoding"] = "gzip"
    return _with_headers(response, etag, filename)


def _takes_gzip(request: HttpRequest) -> bool:
    accepted = re.split(r"[,\s]+", request.headers.get("Accept-Encoding", ""))
    return "gzip" in accepted and "Range" not in request.headers


def _part_asked(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | tuple[()] | None:
    """The one part that is asked for, [start, end); () if there is none such, None for all."""
    condition = request.headers.get("If-Range", etag)
    found = _RANGE.fullmatch(request.headers.get("Range", ""))
    if found is None or condition != etag or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    if first is None:
        return (max(0, size - int(last)), size) if int(last) and size else ()
    end = size if last is None else min(size, int(last) + 1)
    return (int(first), end) if int(first) < end else ()


def _stream(path: Path, part: tuple[int, int] | None) -> StreamingHttpResponse:
    stream = path.open("rb")
    size = path.stat().st_size
    start, end = part or (0, size)
    response = StreamingHttpResponse(_blocks(stream, start, end), content_type="application/zip")
    response["Content-Length"] = str(end - start)
    if part:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _blocks(stream: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    with stream:
        stream.seek(start)
        while start < end and (data := stream.read(min(BLOCK, end - start))):
            start += len(data)
            yield data


def _with_headers[R: HttpResponseBase](response: R, etag: str, filename: str) -> R:
    response["ETag"] = etag
    response["Vary"] = "Accept-Encoding"
    response["Accept-Ranges"] = "bytes"
    response["Access-Control-Allow-Origin"] = "*"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
