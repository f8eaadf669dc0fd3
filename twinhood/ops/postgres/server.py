"""Start the embedded PostgreSQL, share it, and stop it.

`start(data_dir)` gives a running server whatever was there before: nothing, a server that
another command started, one that outlived its supervisor, a pid file from before a crash.
"""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg
from psycopg import sql

from twinhood.ops.console import Progress, keep_quiet
from twinhood.ops.errors import OpsError
from twinhood.ops.postgres import account as accounts
from twinhood.ops.postgres import config, faults, sockets
from twinhood.ops.postgres.binaries import Binaries, binaries_for, child_environment
from twinhood.ops.postgres.locks import POLL_S, Locks

DATABASE = "twinhood"
INIT_BYTES_MIN = 300 * 1024 * 1024
RECOVERY_WAIT_S = 1_800.0
SPEAK_EVERY_S = 5.0
FAST_STOP_S = 120.0
HARD_STOP_S = 30.0
DYING_S = 3.0


@dataclass(slots=True)
class Server:
    """A running PostgreSQL that we use; the last user to `stop()` really stops it."""

    cluster: "Cluster"
    socket_dir: Path
    users_handle: int
    process: "subprocess.Popen[bytes] | None"
    version: str

    @property
    def url(self) -> str:
        """The application's own role in the application's database; no superuser."""
        return self.url_of(DATABASE)

    def url_of(self, database: str, *, role: str = config.APP_ROLE) -> str:
        """Return a libpq address. It holds no password: the socket asks the kernel who we are."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{role}@/{database}?host={host}&port={config.PORT}"

    def ensure_database(self, name: str = DATABASE) -> str:
        """Create the database unless it is there, owned by the application, and return its URL."""
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'")
        names = sql.Identifier(name), sql.Identifier(config.APP_ROLE)
        with self._as_superuser() as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if known.fetchone() is None:
                # Somebody else may be making it at the same moment: then it is there, too.
                with suppress(psycopg.errors.UniqueViolation, psycopg.errors.DuplicateDatabase):
                    connection.execute(statement.format(*names))
        return self.url_of(name)

    def _ensure_role(self, *, may_create_databases: bool) -> None:
        role = sql.Identifier(config.APP_ROLE)
        with self._as_superuser() as connection:
            row = connection.execute(
                "SELECT rolcreatedb FROM pg_roles WHERE rolname = %s", [config.APP_ROLE]
            ).fetchone()
            if row is None:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
            if may_create_databases and not (row and row[0]):
                connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(role))

    def _as_superuser(self) -> "psycopg.Connection[tuple[object, ...]]":
        url = self.url_of("postgres", role=config.SUPERUSER)
        return psycopg.connect(url, autocommit=True, connect_timeout=30)

    def is_alive(self) -> bool:
        if self.process is not None:
            return self.process.poll() is None
        return self.cluster.locks.server_lives()

    def stop(self, progress: Progress = keep_quiet) -> None:
        """Leave the server; if nobody else uses it, shut it down cleanly. May be repeated."""
        if self.users_handle < 0:
            return
        if not self.cluster.data_dir.parent.exists():  # the data were deleted under our feet
            self._abandon()
            return
        with self.cluster.locks.starting(progress):
            os.close(self.users_handle)
            self.users_handle = -1
            if not self.cluster.locks.has_users():
                self._shut_down(progress)

    def _abandon(self) -> None:
        os.close(self.users_handle)
        self.users_handle = -1
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()

    def _shut_down(self, progress: Progress) -> None:
        for number, patience_s in ((signal.SIGINT, FAST_STOP_S), (signal.SIGQUIT, HARD_STOP_S)):
            if (pid := self._pid()) is None:
                break
            os.kill(pid, number)
            if self._gone_within(patience_s, progress):
                break
        else:
            raise OpsError(f"PostgreSQL (process {self._pid()}) does not stop; look at its log.")
        shutil.rmtree(self.socket_dir, ignore_errors=True)

    def _pid(self) -> int | None:
        """Return the server's process, ours or, if ours died, the one that came after it."""
        if self.process is not None and self.process.poll() is None:
            return self.process.pid
        if not self.cluster.locks.server_lives():
            return None
        pid = pid_in(self.cluster.data_dir)
        # The file belongs to a lesser account than ours, perhaps: it must not make us kill others.
        if pid is not None and not runs_as(pid, self.cluster.account.uid):
            raise OpsError(f"The pid file in {self.cluster.data_dir} names a process of another.")
        return pid

    def _gone_within(self, patience_s: float, progress: Progress) -> bool:
        waiting = Waiting("PostgreSQL is writing its last pages", progress)
        while self.cluster.locks.server_lives():
            self.is_alive()  # takes a dead child off the process table
            if waiting.seconds() > patience_s:
                return False
        if self.process is not None:
            self.process.wait()
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


@dataclass(slots=True)
class Waiting:
    """Wait in small steps, and say so every few seconds."""

    what: str
    progress: Progress
    started: float = field(default_factory=time.monotonic)
    spoken: float = 0.0

    def seconds(self) -> float:
        """Sleep a moment and return how long it has been in all."""
        time.sleep(POLL_S)
        waited = time.monotonic() - self.started
        if waited - self.spoken >= SPEAK_EVERY_S:
            self.spoken = waited
            self.progress(f"  {self.what} … {waited:.0f} s")
        return waited


class Cluster:
    """One data folder and how its server is started."""

    def __init__(self, asked_dir: Path, *, durable: bool = True, for_tests: bool = False) -> None:
        asked_dir = asked_dir.absolute()
        asked_dir.parent.mkdir(parents=True, exist_ok=True)
        self.data_dir = accounts.reachable_data_dir(asked_dir)
        if self.data_dir != asked_dir:
            accounts.ensure_state_root()
            self.data_dir.parent.mkdir(mode=0o755, exist_ok=True)
        self.account = accounts.account_for(self.data_dir)
        self.locks = Locks(self.data_dir)
        self.durable = durable
        self.for_tests = for_tests

    def start(self, progress: Progress) -> Server:
        """Return the running server, started by us or found running."""
        with self.locks.starting(progress):
            users_handle = self.locks.use()
            try:
                server = self._start_or_join(users_handle, progress)
                server._ensure_role(may_create_databases=self.for_tests)
                server.ensure_database()
            except BaseException:
                os.close(users_handle)
                raise
        return server

    def _start_or_join(self, users_handle: int, progress: Progress) -> Server:
        binaries = binaries_for(self.account)
        self._ensure_initialised(binaries, progress)
        while True:
            socket_dir = sockets.socket_dir_for(self.data_dir, self.account)
            process = None
            if (alive := self.locks.take_alive()) is not None:
                process = self._launch(binaries, socket_dir, alive)
            else:
                socket_dir = self._socket_dir_in_use(socket_dir)
            server = Server(self, socket_dir, users_handle, process, binaries.version)
            try:
                if self._answers(server, progress):
                    return server
            except BaseException:  # Ctrl-C too: what we have just started goes with us
                if process is not None:
                    server._shut_down(progress)
                raise

    def _socket_dir_in_use(self, usual: Path) -> Path:
        """Return where the running server listens; its pid file may only name our own places."""
        named = socket_dir_in(self.data_dir)
        possible = sockets.possible_dirs(self.data_dir, self.account)
        socket_dir = named if named in possible else usual
        if socket_dir.exists():
            sockets.refuse_unless_private(socket_dir, self.account)
        return socket_dir

    def _ensure_initialised(self, binaries: Binaries, progress: Progress) -> None:
        version_file = self.data_dir / "PG_VERSION"
        if version_file.exists():
            faults.refuse_other_major(self.data_dir, version_file.read_text(), binaries.major)
            return
        if self.data_dir.exists() and any(self.data_dir.iterdir()):
            raise OpsError(f"{self.data_dir} is not empty, and holds no PostgreSQL database.")
        free = shutil.disk_usage(self.data_dir.parent).free
        if free < INIT_BYTES_MIN:
            raise faults.disk_full(self.data_dir.parent, free)
        progress(f"  creating the database in {self.data_dir} …")
        self._initialise(binaries)

    def _initialise(self, binaries: Binaries) -> None:
        """Run initdb beside the place and rename, so that no half database is ever there."""
        draft = self.data_dir.with_name(f".{self.data_dir.name}.new")
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        self.account.owns(draft)
        command = [
            binaries.path("initdb"),
            f"--pgdata={draft}",
            f"--username={config.SUPERUSER}",
            "--encoding=UTF8",
            "--auth-local=peer",
            "--auth-host=scram-sha-256",
            "--data-checksums",
            *config.locale_arguments(),
            *([] if self.durable else ["--no-sync"]),
        ]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env=child_environment(),
            **self.account.as_child(),
        )
        if done.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise faults.explain(done.stderr or done.stdout, self.data_dir, self.account)
        draft.rename(self.data_dir)

    def _launch(
        self, binaries: Binaries, socket_dir: Path, alive: int
    ) -> "subprocess.Popen[bytes]":
        """Start the server with the `alive` lock in its hands."""
        sockets.ensure_private(socket_dir, self.account)
        self._write_configuration(socket_dir)
        remove_dead_lock_files(self.data_dir, socket_dir)
        try:
            with self._start_log().open("wb") as log:
                return subprocess.Popen(
                    [binaries.path("postgres"), "-D", str(self.data_dir)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=child_environment(),
                    start_new_session=True,  # Ctrl-C is for the supervisor, not for the server
                    pass_fds=(alive,),
                    **self.account.as_child(),
                )
        finally:
            os.close(alive)

    def _write_configuration(self, socket_dir: Path) -> None:
        texts = {
            "postgresql.conf": config.postgresql_conf(socket_dir, durable=self.durable),
            "pg_hba.conf": config.PG_HBA_CONF,
            "pg_ident.conf": config.pg_ident_conf(self._may_connect()),
        }
        for name, text in texts.items():
            path = self.data_dir / name
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            write_for(self.account, path, text)

    def _may_connect(self) -> set[str]:
        ourselves = accounts.name_of(os.geteuid())
        # `nobody` is shared by whatever runs as nobody: it keeps the files, but may not sign in.
        return {ourselves} | ({self.account.name} - {"nobody"})

    def _start_log(self) -> Path:
        return self.data_dir.with_name(f"{self.data_dir.name}-start.log")

    def _answers(self, server: Server, progress: Progress) -> bool:
        """Wait for a real connection; False if a server that we had found went away meanwhile."""
        waiting = Waiting("PostgreSQL is starting (after a crash it repairs itself)", progress)
        while True:
            last_words = _refusal(server)
            if last_words is None:
                return True
            if not server.is_alive():
                if server.process is None:
                    return False
                raise faults.explain(self._last_words(), self.data_dir, self.account)
            if waiting.seconds() > RECOVERY_WAIT_S:
                raise OpsError(f"PostgreSQL runs but does not answer: {last_words}")

    def _last_words(self) -> str:
        """Return what the server said at its start, or else the end of its newest log file."""
        said = self._start_log().read_text(encoding="utf-8", errors="replace")
        files = sorted((self.data_dir / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        if not files or "FATAL" in said or "PANIC" in said:
            return said
        return files[-1].read_text(encoding="utf-8", errors="replace")[-4_000:]


def start(
    data_dir: Path,
    *,
    progress: Progress = keep_quiet,
    durable: bool = True,
    for_tests: bool = False,
) -> Server:
    """Return a running server for `data_dir` with the application's database in it.

    Raises `OpsError` with one sentence when that cannot be. May be called by several processes at
    once: they share one server. `durable=False` and `for_tests` (the role may create databases)
    are for test runs.
    """
    return Cluster(data_dir, durable=durable, for_tests=for_tests).start(progress)


def _refusal(server: Server) -> str | None:
    """Try a connection: None if it works, else what the server says."""
    try:
        server._as_superuser().close()
    except psycopg.OperationalError as error:
        return str(error).strip()
    return None


def write_for(account: accounts.Account, path: Path, text: str) -> None:
    """Write a file of `account` in its folder, following no link that it may have put there."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        if not account.is_ourselves:
            os.fchown(file.fileno(), account.uid, account.gid)
        file.write(text)
    draft.replace(path)


def runs_as(pid: int, uid: int) -> bool:
    try:
        return bool(psutil.Process(pid).uids().real == uid)
    except psutil.Error:
        return False


def pid_in(data_dir: Path) -> int | None:
    """Return the process that the pid file names; None if there is no such line."""
    lines = _pid_file_lines(data_dir)
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def socket_dir_in(data_dir: Path) -> Path | None:
    """Return the socket's folder that the running server wrote into its pid file."""
    lines = _pid_file_lines(data_dir)
    return Path(lines[4].strip()) if len(lines) > 4 and lines[4].strip() else None


def _pid_file_lines(data_dir: Path) -> list[str]:
    try:
        return (data_dir / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []


def remove_dead_lock_files(data_dir: Path, socket_dir: Path) -> None:
    """Remove the pid file and the socket's lock file of a server that surely is no more.

    We hold the `alive` lock, so no server of ours lives. PostgreSQL itself takes any living
    process with that number for a server, a zombie too, and would never start again. Where the
    process might be a server started by hand, the files stay and PostgreSQL decides.
    """
    pid = pid_in(data_dir)
    deadline = time.monotonic() + DYING_S
    while pid is not None and _may_serve(pid, data_dir):  # killed a moment ago, perhaps
        if time.monotonic() > deadline:
            return
        time.sleep(POLL_S)
    (data_dir / "postmaster.pid").unlink(missing_ok=True)
    for left_over in socket_dir.glob(".s.PGSQL.*"):
        left_over.unlink(missing_ok=True)


def _may_serve(pid: int, data_dir: Path) -> bool:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()).resolve() == data_dir.resolve()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
