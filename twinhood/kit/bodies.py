"""Requests' bodies are taken in whole before a page is asked, and few may be awaited at a time.

A visitor who sends a form one byte a minute holds a thread for as long. So only some threads wait
for bodies; the rest go on answering those who read, and a form too many is answered 503 at once.
A reverse proxy that takes forms in first (docs/operations/one-server.md) lets none of them in.
"""

import os
from collections.abc import Callable, Iterable, Mapping
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
# In both languages: no page was asked yet, and none knows the reader's.
TOO_LARGE = {
    "en": "This is larger than we take: all files of a form together may have 64 MiB."
    " Go back, and send fewer or smaller ones.",
    "uk": "Це більше, ніж ми приймаємо: усі файли форми разом — щонайбільше 64 МіБ."
    " Поверніться й надішліть менше файлів або менші файли.",
}
TOO_MANY = {
    "en": "Many forms are on their way. Go back, and send yours again in a moment.",
    "uk": "Зараз надходить багато форм. Поверніться й надішліть свою ще раз за мить.",
}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>
<link rel="stylesheet" href="/static/kit/tokens.css">
<link rel="stylesheet" href="/static/kit/kit.css">
</head><body><main><section class="band"><div class="wrap stack">
<h1 class="type-3">Twinhood</h1>{said}</div></section></main></body></html>
"""
WITHOUT = frozenset({"GET", "HEAD", "OPTIONS"})


def in_whole(application: Application, *, at_once: int = THREADS - READERS) -> Application:
    """Let `application` see only requests whose bodies are here."""
    free = BoundedSemaphore(max(1, at_once))

    def taken(environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        size = _size(environ)
        if environ["REQUEST_METHOD"] in WITHOUT or not size:
            return application(environ, start)
        if size > BODY_BYTES_MAX:
            return _refused(start, "413 Content Too Large", TOO_LARGE)
        if not free.acquire(blocking=False):
            return _refused(start, "503 Service Unavailable", TOO_MANY)
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


def _refused(start: Callable[..., Any], status: str, words: Mapping[str, str]) -> Iterable[bytes]:
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", "default-src 'none'; style-src 'self'; font-src 'self'"),
        ("Cache-Control", "no-store"),
        ("Retry-After", "5"),
    ]
    start(status, headers)
    said = "".join(f'<p class="type-2" lang="{code}">{text}</p>' for code, text in words.items())
    return [PAGE.replace("{title}", status).replace("{said}", said).encode()]
