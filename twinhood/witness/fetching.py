"""The log over HTTP: bounded in time and size, without redirects, encrypted or on this machine."""

import http.client
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from twinhood.witness.errors import BadFile, Unreachable

ANSWER_S = 20.0
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True)
class Log:
    """Where a log is served. `answer_s` bounds each exchange as a whole, in seconds."""

    host: str
    port: int | None
    path: str
    is_encrypted: bool
    answer_s: float = ANSWER_S

    @classmethod
    def at(cls, url: str, answer_s: float = ANSWER_S) -> "Log":
        """Read the log's address. Raises BadFile for one that is not safe to use."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as problem:
            raise BadFile(f"{url!r} is no address") from problem
        is_encrypted = parts.scheme == "https"
        if not host or parts.username or parts.query or parts.fragment or not url.isprintable():
            raise BadFile(f"{url!r} is no address of a log")
        if not is_encrypted and (parts.scheme != "http" or host not in _LOOPBACK):
            raise BadFile("a log is watched over https, or on this machine")
        return cls(host, port, parts.path.rstrip("/"), is_encrypted, answer_s)

    def get(self, name: str, bytes_max: int) -> bytes | None:
        """Fetch a file of the log; None if there is none. Raises Unreachable."""
        status, data = self._exchange("GET", name, bytes_max)
        if status == 404:
            return None
        if status != 200:
            raise Unreachable(f"{name}: the log answered {status}")
        return data

    def post(self, name: str, data: bytes) -> None:
        """Hand something in. Raises Unreachable unless the log took it."""
        status, answer = self._exchange("POST", name, 4096, data)
        if not 200 <= status < 300:
            text = answer.decode("utf-8", "replace")
            said = "".join(c for c in text if c.isprintable())[:200]
            raise Unreachable(f"{name}: the log answered {status} {said}")

    def _exchange(
        self, method: str, name: str, bytes_max: int, data: bytes | None = None
    ) -> tuple[int, bytes]:
        """One request and its answer, both within `answer_s` altogether."""
        connection = self._connection()
        has_hung_up = threading.Event()
        alarm = threading.Timer(self.answer_s, _hang_up, [connection, has_hung_up])
        alarm.daemon = True
        try:
            connection.connect()
            alarm.start()
            headers = {"User-Agent": "twinhood-witness", "Accept-Encoding": "identity"}
            if data is not None:
                headers["Content-Type"] = "text/plain; charset=utf-8"
            connection.request(method, f"{self.path}/{name}", data, headers)
            answer = connection.getresponse()
            found = answer.read(bytes_max + 1)
        except (OSError, http.client.HTTPException, ValueError) as problem:
            what = str(problem) or type(problem).__name__
            raise Unreachable(f"{name}: {what}") from problem
        finally:
            alarm.cancel()
            connection.close()
        if has_hung_up.is_set():
            raise Unreachable(f"{name}: the log's answer took more than {self.answer_s:g} s")
        if len(found) > bytes_max:
            raise Unreachable(f"{name}: the log's answer is longer than {bytes_max} bytes")
        if answer.length:
            raise Unreachable(f"{name}: the log's answer ended early")
        return answer.status, found

    def _connection(self) -> http.client.HTTPConnection:
        if self.is_encrypted:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(
                self.host, self.port, timeout=self.answer_s, context=context
            )
        return http.client.HTTPConnection(self.host, self.port, timeout=self.answer_s)


def _hang_up(connection: http.client.HTTPConnection, has_hung_up: threading.Event) -> None:
    """End a conversation that a timeout between two bytes would let go on for days."""
    has_hung_up.set()
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(2)
