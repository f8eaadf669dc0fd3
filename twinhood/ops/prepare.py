"""Everything between an empty database and the first page, in one process; safe to repeat.

Each part finds out by itself what is done already, so whatever an interrupted first start left
half done is finished by the next one.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from twinhood.ops import var
from twinhood.ops.console import Progress, say, step
from twinhood.ops.errors import OpsError
from twinhood.ops.translations import compile_all

LOCK = 0x7477696E  # "twin": one preparing process at a time, in this database


def main() -> None:
    """Bring the database and the files to the state that this program wants."""
    if var.is_checkout():
        with step("compiling translations"):
            compile_all(var.CHECKOUT_DIR / "locale")
    _set_up_django()
    from django.conf import settings
    from django.db import OperationalError

    try:
        with _alone():
            migrate(say)
            look_before_opening()
            with step("collecting static files"):
                collect_static(Path(settings.STATIC_ROOT))
            _load()
    except OperationalError as error:
        raise OpsError(_sentence_for(error)) from error


def _set_up_django() -> None:
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise OpsError(f"A setting is wrong: {error}") from error


def _sentence_for(error: Exception) -> str:
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) == "53100":
        return "The disk of the database is full: free some space and start again."
    first_line = (str(error).splitlines() or ["no reason given"])[0]
    return f"The database does not answer: {first_line}"


@contextmanager
def _alone() -> Iterator[None]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        connection.close()  # lets go of the lock, even after an error inside a transaction


def migrate(progress: Progress) -> None:
    """Apply what is not applied yet; raises `OpsError` if the database is newer than we are."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        with step(f"preparing the database ({len(plan)} steps)", progress):
            call_command("migrate", interactive=False, verbosity=0)
    # Sign-in counts its tries there, for all processes together.
    call_command("createcachetable", verbosity=0)


def look_before_opening() -> None:
    """Run the system checks, those that ask the database too; raises `OpsError`.

    They refuse a production server with the example in its database.
    """
    from django.core.management import call_command
    from django.core.management.base import SystemCheckError

    try:
        call_command("check", databases=["default"], stdout=StringIO())
    except SystemCheckError as error:
        raise OpsError(f"The start is refused: {error}") from error


def _load() -> None:
    from django.conf import settings
    from django.core.management import call_command

    with step("loading the world's cities") as telling:
        call_command("load_places", stdout=telling)
    if settings.EXAMPLE_WANTED:
        with step("loading the example") as telling:
            call_command("load_example", stdout=telling)


def collect_static(target: Path) -> None:
    """Collect, hash and compress the static files, unless nothing changed since the last time."""
    from django.contrib.staticfiles.management.commands.collectstatic import Command
    from django.core.management import call_command
    from whitenoise.storage import CompressedManifestStaticFilesStorage

    stamp = target / ".collected"
    digest = _digest_of_static()
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return
    stamp.unlink(missing_ok=True)
    command = Command()
    # With this storage the pages find the files under names that change with their content.
    command.storage = CompressedManifestStaticFilesStorage()
    call_command(command, interactive=False, verbosity=0, clear=True)
    stamp.write_text(digest, encoding="ascii")


def _digest_of_static() -> str:
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(["CVS", ".*", "*~"]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
