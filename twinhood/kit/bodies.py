"""Requests' bodies are taken in whole before a page is asked, and few may be awaited at a time.

A visitor who sends a form one byte a minute holds a thread for as long. So only some threads wait
for bodies; the rest go on answering those who read, and a form too many is answered 503 at once.
A reverse proxy that takes forms in first (docs/operations/one-server.md) lets none of them in.
"""

import os
from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore
from typing import IO, Any

type Environ = dict[str, Any]
type Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# Threads of one web process, and how many of them read on while others wait for bodies.
THREADS = min(8, 2 * (os.cpu_count() or 1) + 1)
READERS = 2
# Nothing that we take is larger: statements and photographs have smaller limits of their own.
BODY_BYTES_MAX = 64 * 1024 * 1024
IN_MEMORY_BYTES = 1024 * 1024
PIECE_BYTES = 64 * 1024
WITHOUT = frozenset({"GET", "HEAD", "OPTIONS"})


def in_whole(application: Application, *, at_once: int = THREADS - READERS) -> Application:
    """Let `application` see only requests whose bodies are here."""
    free = BoundedSemaphore(max(1, at_once))

    def taken(environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        size = _size(environ)
        if environ["REQUEST_METHOD"] in WITHOUT or not size:
            return application(environ, start)
        if size > BODY_BYTES_MAX:
            return _refused(start, "413 Content Too Large", "This is larger than we take.\n")
        if not free.acquire(blocking=False):
            words = "Many forms are on their way. Send yours again in a moment.\n"
            return _refused(start, "503 Service Unavailable", words)
        try:
            environ["wsgi.input"] = _here(environ["wsgi.input"], size)
        finally:
            free.release()
        return application(environ, start)

    return taken


def _size(environ: Environ) -> int:
    said = str(environ.get("CONTENT_LENGTH") or "0")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 20 else 0


def _here(stream: IO[bytes], size: int) -> IO[bytes]:
    body: Any = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 (the page reads and drops it)
    while size and (piece := stream.read(min(size, PIECE_BYTES))):
        body.write(piece)
        size -= len(piece)
    body.seek(0)
    return body  # type: ignore[no-any-return]


def _refused(start: Callable[..., Any], status: str, words: str) -> Iterable[bytes]:
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Retry-After", "5"),
    ]
    start(status, headers)
    return [words.encode()]
