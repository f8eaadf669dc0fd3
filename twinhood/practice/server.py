"""The emulator as an HTTP server on loopback."""

import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from twinhood.practice import control, desk, dispatch, jobs
from twinhood.practice.dispatch import Answer, Asked
from twinhood.practice.errors import StripeError
from twinhood.practice.sending import Sender
from twinhood.practice.store import Habits, Store, Thing

BODY_BYTES_MAX = 256 * 1024
IDLE_S = 30
HOSTS = {"127.0.0.1", "localhost", "[::1]"}
DUE_EVERY_S = 1.0


class RefusedInProduction(RuntimeError):
    """Somebody started practice where money is real."""


def refuse_production() -> None:
    """Raise where TWINHOOD_PRODUCTION is on, in any of the ways that turn it on."""
    said = os.environ.get("TWINHOOD_PRODUCTION", "")
    if path := os.environ.get("TWINHOOD_PRODUCTION_FILE"):
        said = Path(path).read_text(encoding="utf-8")
    if said.strip().lower() in {"1", "true", "yes", "on"}:
        raise RefusedInProduction("Practice mode does not run where TWINHOOD_PRODUCTION is on.")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "twinhood-practice"
    sys_version = ""
    timeout = IDLE_S
    disable_nagle_algorithm = True
    wbufsize = -1
    server: "_Server"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        size = self.headers.get("Content-Length", "0")
        if (
            not size.isdecimal()
            or int(size) > BODY_BYTES_MAX
            or "Transfer-Encoding" in self.headers
        ):
            self.close_connection = True
            self._send(_said(413, "A request has at most 256 KiB, and says how many."))
            return
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(size))
        asked = Asked(self.command, parts.path, parts.query, headers, body)
        if headers.get("host", "").rpartition(":")[0] not in HOSTS:
            self._send(_said(421, "Practice answers on this machine alone."))
            return
        self._send(answer(self.server.store, asked))

    def _send(self, answer: Answer) -> None:
        if answer.is_dropped:
            self.close_connection = True
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what was typed is nobody's log line."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, store: Store) -> None:
        self.store = store
        super().__init__(("127.0.0.1", port), _Handler)


def answer(store: Store, asked: Asked) -> Answer:
    """Answer one request, of Stripe's API, of the control door or of a browser."""
    if asked.path.startswith(("/v1/", "/v2/")):
        return dispatch.answer(store, asked)
    if asked.path in control.DOORS and asked.method == "POST":
        return _control(store, asked)
    return desk.answer(store, asked) or _said(404, "There is nothing here.")


def _control(store: Store, asked: Asked) -> Answer:
    # A form of a stranger's page cannot send this type without asking first.
    if not asked.headers.get("content-type", "").startswith("application/json"):
        return _said(415, "The control door takes application/json.")
    try:
        given = json.loads(asked.body or b"{}")
        if not isinstance(given, dict):
            return _said(400, "The control door takes a JSON object.")
        return Answer(200, json.dumps(control.act(store, asked.path, given)).encode())
    except (ValueError, RecursionError):
        return _said(400, "The control door takes JSON.")
    except StripeError as error:
        return Answer(error.status, json.dumps({"error": error.body}).encode())


def _said(status: int, message: str) -> Answer:
    error = {"type": "invalid_request_error", "message": message}
    return Answer(status, json.dumps({"error": error}).encode())


class Practice:
    """A running emulator. `url` is its address, without a slash at the end."""

    def __init__(self, server: _Server) -> None:
        self.store = server.store
        self.url = self.store.address

    def control(self, door: str, **asked: Any) -> Thing:
        """Ask the control door over HTTP, as `control("dispute", charge="ch_…")`."""
        parts = urlsplit(self.url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", f"/practice/{door}", json.dumps(asked), headers)
            response = connection.getresponse()
            found: Thing = json.loads(response.read())
        finally:
            connection.close()
        if response.status >= 400:
            raise ValueError(found["error"]["message"])
        return found


@contextmanager
def serve(
    *,
    port: int = 0,
    seed: str | None = None,
    snapshot: Path | None = None,
    habits: Habits | None = None,
    senders: int = 1,
) -> Iterator[Practice]:
    """Run the emulator on 127.0.0.1 until the block ends; port 0 takes a free one.

    The same `seed` gives the same ids for the same calls. What happened is kept in `snapshot`
    and is there again at the next start, with its own seed. Raises `RefusedInProduction`.
    """
    refuse_production()
    store = Store(seed or secrets.token_hex(16), habits or Habits(), snapshot)
    try:
        with _Server(port, store) as server:
            store.address = f"http://127.0.0.1:{server.server_address[1]}"
            threads = _started(server, store, senders)
            try:
                yield Practice(server)
            finally:
                _stop(server, threads)
    finally:
        store.close()


def _started(server: _Server, store: Store, senders: int) -> list[Sender]:
    loop = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    loop.start()
    workers = [Sender(store) for _ in range(senders)]
    for worker in workers:
        worker.start()
    ticker = threading.Thread(target=_tick, args=[store], daemon=True)
    ticker.start()
    return workers


def _tick(store: Store) -> None:
    """Do what is due although nobody calls."""
    while not store.is_closed.wait(DUE_EVERY_S):
        with store.changing():
            jobs.run_due(store)


def _stop(server: _Server, workers: list[Sender]) -> None:
    server.shutdown()
    server.store.is_closed.set()
    for worker in workers:
        worker.stop()
    for worker in workers:
        worker.join(1.0)
