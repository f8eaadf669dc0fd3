"""Logs on loopback for witnesses to look at: honest ones, and ones that are not."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from twinhood.translog.core import note, tiles
from twinhood.translog.core.note import Checkpoint, Key, Signature

ORIGIN = "twinhood.example/log"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = Key(ORIGIN, PRIVATE.public_key().public_bytes_raw())
NEXT_PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
NEXT_KEY = Key(ORIGIN, NEXT_PRIVATE.public_key().public_bytes_raw())

type Answer = Callable[[BaseHTTPRequestHandler], None]


def leaves(count: int, kind: str = "leaf") -> list[bytes]:
    return [f"{kind} {number}".encode() for number in range(count)]


def sealed(
    told: Sequence[bytes], private: Ed25519PrivateKey = PRIVATE, key: Key = KEY
) -> dict[str, bytes]:
    """The files of a log of these leaves."""
    growing = tiles.Growing(0, lambda tile: b"")
    files = {tile.path: data for tile, data in growing.add(told)}
    files |= {tile.path: data for tile, data in growing.rest()}
    text = Checkpoint(ORIGIN, growing.size, growing.root()).text
    signature = Signature(key.name, key.hash, private.sign(text.encode()))
    return files | {"checkpoint": note.build(text, [signature]).encode()}


class Served:
    """A log's files, and what was handed in. `odd` answers instead, by path."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.handed_in: list[bytes] = []
        self.odd: dict[str, Answer] = {}
        self.takes = 200
        self.url = ""

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        name = request.path.removeprefix("/log/")
        if name in self.odd:
            self.odd[name](request)
        elif request.command == "POST":
            self.handed_in.append(request.rfile.read(int(request.headers["Content-Length"])))
            send(request, self.takes, b"thanks\n")
        elif name in self.files:
            send(request, 200, self.files[name])
        else:
            send(request, 404, b"none\n")


def send(request: BaseHTTPRequestHandler, status: int, data: bytes, **headers: str) -> None:
    request.send_response(status)
    for name, value in {"Content-Length": str(len(data)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(data)


@contextmanager
def served(files: dict[str, bytes]) -> Iterator[Served]:
    """Serve a log on loopback under /log."""
    log = Served(files)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            log.answer(self)

        def do_POST(self) -> None:
            log.answer(self)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """The witness hung up: that is what it should do."""

    with Server(("127.0.0.1", 0), Handler) as server:
        log.url = f"http://127.0.0.1:{server.server_port}/log"
        thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
        thread.start()
        try:
            yield log
        finally:
            server.shutdown()
            thread.join()
