"""The parts of a running Twinhood, each of which can be killed and started alone.

`twinhood run` ends all when one part dies; here the others live on, as on a city's server with
systemd, and meet the dead part's absence.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from twinhood.ops.postgres import Server, start

PARTS = ("web", "worker", "postmaster")
GONE_S = 30.0


@dataclass
class House:
    """One Twinhood in a folder of its own. `kill` leaves the part dead until `revive`."""

    folder: Path
    port: int
    log: Path
    server: Server
    children: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    lifeline: tuple[int, int] = field(default_factory=os.pipe)

    @property
    def database_url(self) -> str:
        return self.server.url

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": self.database_url,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "TWINHOOD_VAR": str(self.folder),
            "TWINHOOD_LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "twinhood.settings",
        }

    def revive(self, part: str) -> None:
        """Start a part that is dead."""
        if part == "postmaster":
            self._revive_postmaster()
            return
        with self.log.open("ab") as log:
            self.children[part] = subprocess.Popen(
                [sys.executable, "-m", "twinhood.ops.child", part, str(self.lifeline[0])],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment(),
                pass_fds=(self.lifeline[0],),
                start_new_session=True,
            )

    def _revive_postmaster(self) -> None:
        dead = self.server
        deadline = time.monotonic() + GONE_S
        # Its children notice the death and leave; until then the data are still in use.
        while dead.cluster.locks.server_lives() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.server = start(self.folder / "postgres")
        os.close(dead.users_handle)

    def kill(self, part: str) -> None:
        """End a part as a power cut would: SIGKILL, to every process of its group."""
        if part == "postmaster":
            process = self.server.process
            if process is None:
                raise RuntimeError("the postmaster was not started here")
            process.send_signal(signal.SIGKILL)
            process.wait()
            return
        child = self.children.pop(part)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()

    def dead_parts(self) -> list[str]:
        """Parts that ended without being killed by us: a fault of theirs."""
        return [name for name, child in self.children.items() if child.poll() is not None]

    def stop(self) -> None:
        for part in list(self.children):
            self.kill(part)
        self.server.stop()
        for end in self.lifeline:
            os.close(end)


@contextmanager
def running(folder: Path) -> Iterator[House]:
    """Yield a house whose database is started; web and worker are not, until `revive`."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    folder.chmod(0o711)
    house = House(folder, port, folder / "faults.log", start(folder / "postgres"))
    try:
        yield house
    finally:
        house.stop()
