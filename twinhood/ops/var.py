"""Where this installation keeps what it writes, and the key that is made once.

The same rule stands in `twinhood.settings`; here it is needed before Django is there.
"""

import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

import twinhood
from twinhood.ops.errors import OpsError

PACKAGE_DIR = Path(twinhood.__file__).resolve().parent
CHECKOUT_DIR = PACKAGE_DIR.parent


def is_checkout() -> bool:
    """Say whether the program runs from its repository (and not from an installed wheel)."""
    return (CHECKOUT_DIR / "pyproject.toml").exists()


def var_dir(environ: Mapping[str, str]) -> Path:
    """Return the folder for database, media, keys and collected files (not yet created)."""
    if given := environ.get("TWINHOOD_VAR"):
        return Path(given).resolve()
    if is_checkout():
        return CHECKOUT_DIR / "var"
    return Path.home() / ".local" / "share" / "twinhood"


def ensure_var(var: Path) -> None:
    """Create the folder and its private `keys` folder."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        keys = var / "keys"
        keys.mkdir(mode=0o700, exist_ok=True)
        if not os.access(var, os.W_OK) or not os.access(keys, os.W_OK | os.X_OK):
            raise PermissionError
    except PermissionError:
        raise OpsError(
            f"Twinhood may not write in {var}: give that folder to the user that runs it, "
            "or name another one in TWINHOOD_VAR."
        ) from None
    except OSError as error:
        raise OpsError(f"The folder {var} cannot be created: {error.strerror}.") from error


def ensure_secret_key(var: Path) -> None:
    """Write `keys/secret_key` (0600) unless it is there; two starters agree on one key."""
    path = var / "keys" / "secret_key"
    if path.exists():
        return
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret_key-")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(50) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # refuses to replace the key of somebody who was faster
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)


def database_url(environ: Mapping[str, str]) -> str | None:
    """Return DATABASE_URL if it is set; raise one sentence if nobody could connect by it.

    The sentence does not repeat it: there may be a password inside.
    """
    url = environ.get("DATABASE_URL")
    if not url:
        return None
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise OpsError(
            "DATABASE_URL is no address of a PostgreSQL server: it should look like "
            "postgresql://user:password@host:5432/twinhood."
        ) from None
    return url
