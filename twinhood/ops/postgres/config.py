"""What our PostgreSQL is told: its locale at birth, and its configuration at every start."""

import locale
from pathlib import Path

SUPERUSER = "postgres"
APP_ROLE = "twinhood"
PORT = 5432  # only the name of the socket's file: no TCP port is opened

WHOLE_LOCALES = ("C.UTF-8", "C.utf8")
CTYPE_LOCALES = ("en_US.UTF-8", "UTF-8", "en_GB.UTF-8", "uk_UA.UTF-8")


def locale_arguments() -> list[str]:
    """Return initdb's arguments for an order by code point and letters of every script.

    With `lc_ctype` C pg_trgm finds no trigrams in Cyrillic and says nothing. Linux has C.UTF-8;
    older macOS has not, but has `en_US.UTF-8`, whose letters we take without its order.
    """
    for name in WHOLE_LOCALES:
        if _exists(name):
            return ["--locale-provider=libc", f"--locale={name}", "--lc-messages=C"]
    for name in CTYPE_LOCALES:
        if _exists(name):
            return ["--locale-provider=libc", "--locale=C", f"--lc-ctype={name}"]
    return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]


def _exists(name: str) -> bool:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        return False
    locale.setlocale(locale.LC_CTYPE, before)
    return True


def postgresql_conf(socket_dir: Path, *, durable: bool) -> str:
    """Return the whole `postgresql.conf`. Without `durable` a crash may lose data: tests only."""
    switch = "on" if durable else "off"
    # Rows of a test that rolled back make a table look empty to the planner once autovacuum has
    # analysed it; then every join of a later test's thousands of rows is a loop in a loop.
    autovacuum = "on" if durable else "off"
    return f"""\
# Written by Twinhood at every start; put your own settings into local.conf beside this file.
listen_addresses = ''
port = {PORT}
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 128MB
effective_cache_size = 1GB
work_mem = 8MB
maintenance_work_mem = 128MB
max_wal_size = 512MB
# One small machine, short queries: no helpers, no compiler in their way.
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
jit = off
fsync = {switch}
synchronous_commit = {switch}
full_page_writes = {switch}
autovacuum = {autovacuum}
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
# Seven files, one a weekday, each overwritten after a week.
logging_collector = on
log_directory = 'log'
log_filename = 'postgres-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
log_line_prefix = '%m [%p] %q%u@%d '
# No row and no statement in the log: they may name people.
log_error_verbosity = terse
log_min_error_statement = panic
include_if_exists = 'local.conf'
"""


PG_HBA_CONF = """\
# Written by Twinhood at every start. The socket's folder is private; beyond that, the operating
# system says who is calling, and pg_ident.conf says who that may be. There is no other way in.
local  all          all  peer  map=twinhood
local  replication  all  peer  map=twinhood
"""


def pg_ident_conf(names: set[str]) -> str:
    """Return `pg_ident.conf`: these accounts of the operating system may be either role."""
    rows = [f'twinhood  "{name}"  {role}' for name in sorted(names) for role in _ROLES]
    return "\n".join(["# Written by Twinhood at every start.", *rows, ""])


_ROLES = (APP_ROLE, SUPERUSER)
