"""Three locks of the kernel, so that no pid file has to be believed.

`starting`  one starter or stopper at a time.
`users`     shared by everyone who uses the server; the last one to leave stops it.
`alive`     held by the server's own processes, which inherit it: as long as one lives, in this
            container or another, the lock is taken; when the last one is gone, it is free.
The kernel lets go of all of them when a process dies, however it dies.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from twinhood.ops.console import Progress
from twinhood.ops.errors import OpsError

POLL_S = 0.05
START_WAIT_S = 1_200.0


@dataclass(frozen=True, slots=True)
class Locks:
    """The locks of one data folder; they lie beside it, never inside (a backup copies inside)."""

    data_dir: Path

    def open(self, name: str) -> int:
        """Open the lock's file; the descriptor is not inherited unless passed on purpose."""
        path = self.data_dir.with_name(f".{self.data_dir.name}.{name}.lock")
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise OpsError(f"Twinhood cannot open {path} ({error.strerror}).") from error

    @contextmanager
    def starting(self, progress: Progress) -> Iterator[None]:
        """Be the only one who starts or stops this server."""
        handle = self.open("starting")
        try:
            self._wait_for(handle, progress)
            yield
        finally:
            os.close(handle)

    def _wait_for(self, handle: int, progress: Progress) -> None:
        waited_s = 0.0
        while not take(handle, fcntl.LOCK_EX):
            if waited_s == 0.0:
                progress("  another Twinhood is starting or stopping the database; waiting …")
            if waited_s > START_WAIT_S:
                raise OpsError(f"Another Twinhood has been starting {self.data_dir} for too long.")
            time.sleep(POLL_S)
            waited_s += POLL_S

    def use(self) -> int:
        """Count as a user until the returned descriptor is closed."""
        handle = self.open("users")
        fcntl.flock(handle, fcntl.LOCK_SH)
        return handle

    def has_users(self) -> bool:
        return self._is_taken("users")

    def server_lives(self) -> bool:
        return self._is_taken("alive")

    def take_alive(self) -> int | None:
        """Return the `alive` lock to hand to a new server; None while an old one lives."""
        handle = self.open("alive")
        if take(handle, fcntl.LOCK_EX):
            return handle
        os.close(handle)
        return None

    def _is_taken(self, name: str) -> bool:
        handle = self.open(name)
        try:
            return not take(handle, fcntl.LOCK_EX)
        finally:
            os.close(handle)


def take(handle: int, kind: int) -> bool:
    """Take a lock if it is free, and say whether it was."""
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
