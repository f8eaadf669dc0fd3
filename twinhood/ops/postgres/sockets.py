"""The private folder of the server's socket.

Outside the data folder (a base backup would copy the socket's lock file), short (a socket's path
has about 100 bytes), and nobody else's: whoever could put a socket there would get our queries.
"""

import os
import stat
import sys
from pathlib import Path

from twinhood.ops.errors import OpsError
from twinhood.ops.postgres.account import Account, digest_of

PATH_BYTES_MAX = 90  # "/.s.PGSQL.5432.lock" comes on top; macOS allows 103 in all


def socket_dir_for(data_dir: Path, account: Account) -> Path:
    """Return the folder's path. /run is root's; others have /tmp, which outlives a log-out."""
    roots_place, anybodys_place = possible_dirs(data_dir, account)
    is_root_on_linux = os.geteuid() == 0 and sys.platform == "linux"
    return roots_place if is_root_on_linux else anybodys_place


def possible_dirs(data_dir: Path, account: Account) -> tuple[Path, Path]:
    """Return where the folder is when root starts the server, and when somebody else does."""
    name = f"twinhood-{account.uid}-{digest_of(data_dir)}"
    return Path("/run", name), Path("/tmp", name)  # noqa: S108 (checked below)


def ensure_private(folder: Path, account: Account) -> None:
    """Create the folder for `account` alone; refuse one that is not exactly that."""
    if len(os.fsencode(folder)) > PATH_BYTES_MAX:
        raise OpsError(f"The path {folder} is too long for a socket.")
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise OpsError(f"The folder {folder} cannot be created: {error.strerror}.") from error
    else:
        account.owns(folder)
    refuse_unless_private(folder, account)


def refuse_unless_private(folder: Path, account: Account) -> None:
    """Raise unless it is a real folder, of that account, closed to all others."""
    found = folder.lstat()
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid in {account.uid, os.geteuid()}
    if not is_ours or found.st_mode & 0o077:
        raise OpsError(
            f"{folder} is there already and is not a private folder of {account.name}: "
            "somebody else may be listening in it. Look at it and remove it."
        )
