"""The embedded PostgreSQL: the wheel's programs under our own start.

Owns: the data folder, the server's process, its private socket, its configuration.
Door: `start(data_dir, progress=…)` gives a `Server` with `url`, `ensure_database`, `stop`.
Promises: one server for any number of starters; never as root; no TCP port; no password to
lose and nobody else who could sign in; what was acknowledged survives kill -9; the last user
to leave stops it; every expected fault is one sentence (`OpsError`).
Imports: nothing of Django, so it also runs before there are settings.
"""

from twinhood.ops.errors import OpsError
from twinhood.ops.postgres.server import Cluster, Server, start

__all__ = ["Cluster", "OpsError", "Server", "start"]
