"""`twinhood doctor` says what is well and what is not, also when the database is down."""

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from twinhood.ops import doctor
from twinhood.ops.postgres import start
from twinhood.ops.var import CHECKOUT_DIR

TODAY = date(2026, 9, 1)


def doctor_says(var: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    hidden = {"DATABASE_URL", "TWINHOOD_VAR"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [sys.executable, "-m", "twinhood", "doctor"],
        env=environment | {"PYTHONPATH": str(CHECKOUT_DIR), "TWINHOOD_VAR": str(var)} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_before_the_first_run_it_says_what_is_missing(data_dir: Path) -> None:
    var = data_dir.parent
    data_dir.rename(var / "postgres")

    said = doctor_says(var)

    assert said.returncode == 1
    assert "OK  Text: UTF8" in said.stdout
    assert "OK  What the database acknowledges is on the disk, with checksums." in said.stdout
    assert "database migrations are not applied" in said.stdout
    assert "--  Worker: its tables are not there yet" in said.stdout
    assert said.stderr == ""


def test_a_database_that_is_down_hides_nothing_else(tmp_path: Path) -> None:
    said = doctor_says(tmp_path, DATABASE_URL="postgresql://anna@127.0.0.1:9/twinhood")

    assert said.returncode == 1
    assert "!!  The database does not answer:" in said.stdout
    assert "Disk:" in said.stdout
    assert "Traceback" not in said.stdout + said.stderr


def test_every_line_is_marked_and_the_last_one_sums_up(tmp_path: Path) -> None:
    lines = doctor_says(
        tmp_path, DATABASE_URL="postgresql://anna@127.0.0.1:9/twinhood"
    ).stdout.splitlines()

    assert all(line[:4] in {"OK  ", "!!  ", "--  "} for line in lines[:-1])
    assert lines[-1].endswith("points want mending.")


@pytest.mark.parametrize(
    ("version", "today", "mark"),
    [
        (180_005, date(2026, 8, 13) + timedelta(days=92), "OK"),
        (180_005, date(2026, 8, 13) + timedelta(days=93), "!!"),
        (180_004, TODAY, "!!"),
        (180_009, date(2026, 9, 1), "OK"),
        (180_009, date(2027, 9, 1), "--"),
        (170_004, TODAY, "--"),
    ],
)
def test_a_minor_older_than_three_months_is_a_finding(version: int, today: date, mark: str) -> None:
    assert doctor._age_of(version, "x", today=today).mark == mark


def test_a_worker_that_fell_silent_is_a_finding(data_dir: Path) -> None:
    table = "CREATE TABLE procrastinate_workers (id int, last_heartbeat timestamptz)"
    with (
        start(data_dir, durable=False) as server,
        psycopg.connect(server.url, autocommit=True) as connection,
    ):
        connection.execute(table)
        nobody = next(doctor._worker(connection))
        connection.execute("INSERT INTO procrastinate_workers VALUES (1, now() - interval '1 day')")
        silent = next(doctor._worker(connection))
        connection.execute("INSERT INTO procrastinate_workers VALUES (2, now())")
        alive = next(doctor._worker(connection))

    assert [nobody.mark, silent.mark, alive.mark] == ["--", "!!", "OK"]


def test_a_database_without_fsync_is_a_finding(data_dir: Path) -> None:
    with (
        start(data_dir, durable=False) as server,
        psycopg.connect(server.url, autocommit=True) as connection,
    ):
        finding = next(doctor._durability(connection))

    assert finding.mark == "!!"
    assert "fsync" in finding.text
