"""Slow senders hold some threads, never all; what is too large is not awaited at all."""

import io
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from twinhood.kit import bodies


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with what came, as a page that reads its form."""
    start("200 OK", [])
    return [environ["wsgi.input"].read()]


class Slow(io.BytesIO):
    """A body of which nothing comes before it is let go."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.is_awaited, self.comes = threading.Event(), threading.Event()

    def read(self, size: int | None = -1, /) -> bytes:
        self.is_awaited.set()
        self.comes.wait(30)
        return super().read(size)


def asked(
    application: bodies.Application, body: io.BytesIO, size: int, method: str = "POST"
) -> tuple[str, bytes]:
    said: list[str] = []
    environ = {"REQUEST_METHOD": method, "CONTENT_LENGTH": str(size), "wsgi.input": body}
    parts = application(environ, lambda status, headers: said.append(status))
    return said[0], b"".join(parts)


@contextmanager
def two_slow(application: bodies.Application) -> Iterator[list[Slow]]:
    senders = [Slow(b"slow"), Slow(b"slow")]
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(asked, application, sender, 4) for sender in senders]
        assert all(sender.is_awaited.wait(30) for sender in senders)
        yield senders
        for sender in senders:
            sender.comes.set()
        assert [answer.result() for answer in answers] == [("200 OK", b"slow")] * 2


def test_a_body_arrives_as_it_was_sent_however_large() -> None:
    application = bodies.in_whole(echo)
    large = b"0123456789" * 300_000

    assert asked(application, io.BytesIO(b"name=Anna"), 9) == ("200 OK", b"name=Anna")
    assert asked(application, io.BytesIO(large), len(large)) == ("200 OK", large)
    assert asked(application, io.BytesIO(b"cut off"), 100) == ("200 OK", b"cut off")


def test_while_slow_senders_are_awaited_others_read_and_a_form_too_many_is_told_so() -> None:
    application = bodies.in_whole(echo, at_once=2)

    with two_slow(application):
        reading = asked(application, io.BytesIO(), 0, "GET")
        writing, _ = asked(application, io.BytesIO(b"x"), 1)

    assert (reading, writing) == (("200 OK", b""), "503 Service Unavailable")
    assert asked(application, io.BytesIO(b"x"), 1) == ("200 OK", b"x")


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    body = Slow(b"")

    status, page = asked(bodies.in_whole(echo), body, bodies.BODY_BYTES_MAX + 1)

    assert status == "413 Content Too Large"
    assert "larger than we take" in page.decode()
    assert "Це більше, ніж ми приймаємо" in page.decode()
    assert not body.is_awaited.is_set()


def test_some_threads_are_always_left_to_read() -> None:
    assert bodies.THREADS - bodies.READERS >= 1
