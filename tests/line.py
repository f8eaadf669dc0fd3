"""A line to a server that is slow, breaks and comes back: real TCP on loopback."""

import socket
import threading
import time
from contextlib import suppress

PIECE_BYTES = 2_048


class Line:
    """Passes bytes on from a port of its own; `sent_bytes` counts those towards the server.

    `bytes_per_s` bounds what goes to the server. While the line is cut, connections break and
    new ones are refused at once.
    """

    def __init__(self, to_port: int, *, bytes_per_s: int | None = None) -> None:
        self.to_port = to_port
        self.bytes_per_s = bytes_per_s
        self.sent_bytes = 0
        self.breaks = 0
        # Cut by itself when so many bytes have passed, for each in turn.
        self.cuts_at: list[int] = []
        self._open: set[socket.socket] = set()
        self._is_cut = False
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        """Break everything that is on its way, and let nothing through."""
        with self._lock:
            self._is_cut = True
            self.breaks += 1
            broken, self._open = self._open, set()
        for end in broken:
            _closed(end)

    def mend(self) -> None:
        """Let it through again."""
        self._is_cut = False

    def close(self) -> None:
        self.cut()
        _closed(self._listener)

    def _listen(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                _closed(near)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.to_port))
            except OSError:
                _closed(near)
                continue
            with self._lock:
                self._open |= {near, far}
            threading.Thread(target=self._pass, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(far, near, False), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, is_up: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE_BYTES):
                if is_up:
                    self._count(len(piece))
                target.sendall(piece)
        _closed(source)
        _closed(target)

    def _count(self, length: int) -> None:
        self.sent_bytes += length
        if self.bytes_per_s:
            time.sleep(length / self.bytes_per_s)
        if self.cuts_at and self.sent_bytes >= self.cuts_at[0]:
            self.cuts_at.pop(0)
            self.cut()
            threading.Timer(0.5, self.mend).start()


def _closed(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
