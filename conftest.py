"""What every test may use: a real PostgreSQL, started when the first test asks for it.

With DATABASE_URL that server is used. Else an embedded one starts in a temporary folder and is
stopped, by its own process id, when the last test is done.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase, override_settings
from django.utils import translation
from playwright.sync_api import Browser, sync_playwright

from twinhood.ops.console import complain
from twinhood.ops.errors import OpsError
from twinhood.ops.postgres import Cluster, start
from twinhood.ops.translations import compile_all

CHECKOUT_DIR = Path(__file__).resolve().parent
ORPHAN_AGE_S = 600.0


def pytest_configure() -> None:
    """Pages in tests speak the translators' newest words."""
    compile_all(CHECKOUT_DIR / "locale")
    # Files as they stand in the rooms, not as an earlier `make run` gathered them into var.
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    storages: dict[str, Any] = settings.STORAGES
    storages["staticfiles"]["BACKEND"] = plain
    settings.WHITENOISE_USE_FINDERS = True
    settings.BURST_CACHE_S = 0


def _memory() -> Path | None:
    """Return a folder in memory if it has room: a slow disk then slows no test."""
    memory = Path("/dev/shm")  # noqa: S108 (mkdtemp makes a private folder there)
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3
    return memory if has_room else None


def _remove_orphans() -> None:
    """Stop the servers of test runs that were killed, and remove their data."""
    for root in {Path(tempfile.gettempdir()), _memory() or Path(tempfile.gettempdir())}:
        for folder in root.glob("twinhood-test-*"):
            found = folder.stat()
            is_old = time.time() - found.st_mtime > ORPHAN_AGE_S
            if found.st_uid != os.geteuid() or not is_old or not (folder / "postgres").exists():
                continue
            orphan = Cluster(folder / "postgres", durable=False)
            if not orphan.locks.has_users():
                if orphan.locks.server_lives():
                    orphan.start(complain).stop()
                shutil.rmtree(folder, ignore_errors=True)


TEMPLATE = "twinhood_template"


def _schema_key() -> str:
    """What the tables of a fresh database follow from: the migrations, and everybody's packages."""
    digest = hashlib.sha256()
    for one in sorted(f"{d.name} {d.version}" for d in distributions()):
        digest.update(one.encode())
    for path in sorted((CHECKOUT_DIR / "twinhood").glob("*/migrations/*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:20]


def _lay_template(data_dir: Path, kept_dir: Path) -> None:
    """Put a cluster at `data_dir` whose database `TEMPLATE` has all tables.

    The first run after a change of the migrations makes it, in most of a minute; it is kept in
    pytest's cache, where other runs and workers take it from.
    """
    kept = kept_dir / _schema_key()
    with (kept_dir / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists():
            _copy(kept, data_dir)
            return
        for older in kept_dir.glob("*/"):
            shutil.rmtree(older)
        _migrate(data_dir)
        draft = kept.with_suffix(".new")
        _copy(data_dir, draft)
        draft.rename(kept)


def _migrate(data_dir: Path) -> None:
    with start(data_dir, progress=complain, durable=False, for_tests=True) as server:
        url = server.ensure_database(TEMPLATE)
        subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "django", "migrate", "--verbosity=0"],
            cwd=CHECKOUT_DIR,
            env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "twinhood.settings"},
            check=True,
        )


def _copy(from_dir: Path, to_dir: Path) -> None:
    """Copy a cluster that is not running, with its owner."""
    shutil.rmtree(to_dir, ignore_errors=True)
    subprocess.run(["cp", "-a", str(from_dir), str(to_dir)], check=True)


@pytest.fixture(scope="session")
def database_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """Yield the address of a PostgreSQL whose role may create databases."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with suppress(OSError, OpsError):  # another run may be sweeping, too
        _remove_orphans()
    folder = Path(tempfile.mkdtemp(prefix="twinhood-test-", dir=_memory()))
    # Root's server runs as a lesser user, which must be able to pass through (not to look).
    folder.chmod(0o711)
    try:
        _lay_template(folder / "postgres", pytestconfig.cache.mkdir("twinhood-database"))
        # Tests about durability start their own server, with everything on.
        with start(folder / "postgres", progress=complain, durable=False, for_tests=True) as server:
            yield server.url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_url: str) -> None:
    """Point Django at that server before the test database is made."""
    from twinhood.settings import database_from_url

    fresh = database_from_url(database_url)
    for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS"):
        settings.DATABASES["default"][name] = fresh[name]
        connection.settings_dict[name] = fresh[name]
    if "DATABASE_URL" not in os.environ:
        connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield a chromium, closed before the next module begins: a thread can have only one."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have chromium.")
        pytest.skip("chromium is not installed")
    arguments = ["--disable-background-networking", "--disable-component-update"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread; the tests wait in turn, as ever.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        started = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield started
        started.close()


@pytest.fixture(autouse=True, scope="session")
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever a test writes beside the database goes to a folder of this run."""
    settings.LOG_DIR = tmp_path_factory.getbasetemp() / "log"
    settings.KEYS_DIR = tmp_path_factory.getbasetemp() / "keys"
    settings.PUBLIC_FILES_DIR = tmp_path_factory.getbasetemp() / "public-files"
    settings.MEDIA_DIR = tmp_path_factory.getbasetemp() / "media"
    settings.RECEIPTS_DIR = tmp_path_factory.getbasetemp() / "receipts"


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """A test begins in the house's language, whatever a request of the last one spoke."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _own_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test has a log of its own, as it has rows of its own; a shared world keeps its own."""
    if "worlds" in request.fixturenames:
        yield
        return
    with override_settings(LOG_DIR=settings.LOG_DIR.parent / f"log-{token_hex(8)}"):
        yield


SWITCH_TRIGGERS = """
DO $$ DECLARE found record; BEGIN
  FOR found IN SELECT DISTINCT tgrelid::regclass AS name FROM pg_trigger WHERE NOT tgisinternal
  LOOP EXECUTE format('ALTER TABLE %s {} TRIGGER USER', found.name); END LOOP;
END $$
"""


@pytest.fixture(autouse=True, scope="session")
def _emptied_after_commits() -> None:
    """Let tests that commit be cleaned up after.

    Django empties the tables with TRUNCATE, which the books refuse even to their owner. For that
    moment alone, in the test's own database, the owner switches the triggers off.
    """
    empty = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def emptied(test: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            cursor.execute(SWITCH_TRIGGERS.format("DISABLE"))
        try:
            empty(test)
        finally:
            with connection.cursor() as cursor:
                cursor.execute(SWITCH_TRIGGERS.format("ENABLE"))
                # The queue's tables are not Django's, so it does not empty them.
                cursor.execute("DELETE FROM procrastinate_jobs")

    TransactionTestCase._fixture_teardown = emptied  # type: ignore[attr-defined]


@pytest.fixture
def example(db: None) -> Any:
    """The example's beginning: its people, needs and campaign, and its first forty gifts."""
    from twinhood.ops.world import build_example

    return build_example(gift_limit=40)
