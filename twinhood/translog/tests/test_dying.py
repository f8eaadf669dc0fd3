"""The sealer is killed by -9 at each step, in a process of its own; the next one goes on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from twinhood.translog import actions, queries
from twinhood.translog.core import merkle
from twinhood.translog.models import Checkpoint, Position, Waiting
from twinhood.translog.store import CHECKPOINT, the_store
from twinhood.translog.tests.test_sealing import append, in_bundles

SEALER = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
settings.LOG_DIR, settings.KEYS_DIR = sys.argv[1:3]
from twinhood.translog import actions, sealing
from twinhood.translog.store import Folder

def die():
    os.kill(os.getpid(), signal.SIGKILL)

class Deadly(Folder):
    step, left, writes = sys.argv[3], int(sys.argv[4]), 0

    def place(self, path, data):
        super().place(path, data)
        if self.step == "checkpoint" and path.endswith("/checkpoint"):
            die()
        if self.step == "place" and self.left == 0:
            die()
        self.left -= 1

    def force(self, whole, paths):
        super().force(whole, paths)
        if self.step == "force":
            die()

    def write(self, files):
        self.writes += 1
        if self.step == "committed" and self.writes == 2:
            die()  # the tiles are written and the head has moved on; now comes the checkpoint
        super().write(files)

actions.seal(store=Deadly(Path(settings.LOG_DIR)))
"""
STEPS = [
    ("place", 0),
    ("place", 2),
    ("place", 5),
    ("force", 0),
    ("committed", 0),
    ("checkpoint", 0),
]


def environment() -> dict[str, str]:
    """The test's own database, as an address for another process."""
    given = connection.settings_dict
    options = {k: v for k, v in given["OPTIONS"].items() if isinstance(v, str)}
    parts = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}
    address = make_conninfo(
        port=given["PORT"], **{name: given[key] for name, key in parts.items()}, **options
    )
    return {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "twinhood.settings"}


def killed_at(step: str, count: int) -> None:
    """Seal in a process that dies at that step, by a signal that nobody can catch."""
    folders = [str(the_store().root), str(settings.KEYS_DIR)]
    done = subprocess.run(
        [sys.executable, "-c", SEALER, *folders, step, str(count)],
        env=os.environ | environment(),
        cwd=Path(settings.PACKAGE_DIR).parent,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2_000:]


def seal_all() -> None:
    """Seal until nothing waits. PostgreSQL may need a moment to see that the other one is gone."""
    for _ in range(600):
        if actions.seal() is None and not Waiting.objects.exists():
            return
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("step", "count"), STEPS)
def test_whoever_dies_while_sealing_loses_nothing_and_doubles_nothing(
    step: str, count: int
) -> None:
    append(0, 300)
    actions.seal()
    append(300, 900)

    killed_at(step, count)
    append(900, 905)
    seal_all()

    assert not Waiting.objects.exists()
    assert queries.trouble() == ""
    order = Position.objects.order_by("index").values_list("index", "leaf__data")
    assert [index for index, _ in order] == list(range(905))
    assert in_bundles(the_store(), 905) == [bytes(data) for _, data in order]
    for size, root in Checkpoint.objects.values_list("size", "root"):
        assert merkle.root(size, queries.Tiles(size).node) == bytes(root)
    latest = queries.latest()
    assert latest is not None
    assert the_store().read(CHECKPOINT) == latest.note.encode()
