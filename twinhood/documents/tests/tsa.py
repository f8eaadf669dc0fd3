"""A timestamp server on loopback, with its list of revoked certificates, and faults on demand."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asn1crypto import keys, tsp, x509
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from twinhood.documents.core import authority
from twinhood.documents.core.authority import Identity
from twinhood.kit import clock


class Tsa:
    """Its root, its certificate, and what it does: "well", or the name of a fault."""

    def __init__(self) -> None:
        self.does = "well"
        self.asked = 0
        self.url = ""
        at = clock.now().replace(microsecond=0) - timedelta(hours=1)
        key, own = authority.new_key(), authority.new_key()
        made = authority.root(name="Root of timestamps", key=key, serial=11, at=at)
        self.root = Identity(made, key, made)
        self.own_key = own
        self.at = at

    def begin(self, url: str) -> None:
        self.url = url
        self.certificate = authority.timestamps(
            self.root,
            name="Timestamps",
            key=self.own_key,
            serial=12,
            at=self.at,
            list_url=f"{url}list.crl",
        )
        self.list = authority.revocation_list(self.root, [], number=1, at=self.at)

    def answer(self, asked: bytes) -> bytes:
        stamper = DummyTimeStamper(
            x509.Certificate.load(self.certificate), keys.PrivateKeyInfo.load(self.own_key)
        )
        wanted = stamper.async_request_tsa_response(tsp.TimeStampReq.load(asked))
        return bytes(asyncio.run(wanted).dump())


@contextmanager
def running() -> Iterator[Tsa]:
    """A server until the block ends."""
    tsa = Tsa()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(tsa.list)

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            tsa.asked += 1
            if tsa.does == "slow":
                time.sleep(3)
            if tsa.does == "redirects":
                self.send_response(302)
                self.send_header("Location", f"{tsa.url}elsewhere")
                self.end_headers()
                return
            junk = {"junk": b"<html>", "long": bytes(200_000), "empty": b""}
            self._send(junk.get(tsa.does) if tsa.does in junk else tsa.answer(asked))

        def _send(self, data: bytes | None) -> None:
            body = data or b""
            self.send_response(500 if tsa.does == "fails" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    tsa.begin(f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield tsa
    finally:
        server.shutdown()
        server.server_close()
