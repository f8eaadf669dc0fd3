"""Which account of the operating system runs PostgreSQL, and which folders it can reach.

PostgreSQL refuses to run as root. Root therefore hands it to an unprivileged account, and where
that account cannot enter the asked folder (a checkout below /root), the data go to a folder of
our own below /var/lib. No mode of any folder above is changed.
"""

import hashlib
import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinhood.ops.errors import OpsError

# Root's own place for what an unprivileged server must be able to read.
STATE_ROOT = Path("/var/lib/twinhood" if sys.platform == "linux" else "/usr/local/var/twinhood")
PREFERRED_NAMES = ("twinhood", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the operating system."""

    name: str
    uid: int
    gid: int

    @property
    def is_ourselves(self) -> bool:
        return self.uid == os.geteuid()

    def as_child(self) -> dict[str, Any]:
        """Return the arguments of `subprocess` that start a program as this account."""
        if self.is_ourselves:
            return {"cwd": "/"}
        return {"cwd": "/", "user": self.uid, "group": self.gid, "extra_groups": []}

    def owns(self, path: Path) -> None:
        """Give `path` to this account (nothing to do unless we are root)."""
        if not self.is_ourselves:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        command = ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)]
        done = subprocess.run(command, capture_output=True, check=False, **self.as_child())
        return done.returncode == 0


def account_for(data_dir: Path) -> Account:
    """Return who runs the server of `data_dir`: its owner, ourselves, or a lesser account."""
    if os.geteuid() != 0:
        return _ourselves(data_dir)
    if data_dir.exists() and (owner := data_dir.stat().st_uid) != 0:
        return _of_uid(owner)
    for name in PREFERRED_NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise OpsError(
        "PostgreSQL does not run as root: create an account for it (useradd --system twinhood), "
        "or set DATABASE_URL to a server of yours."
    )


def _ourselves(data_dir: Path) -> Account:
    account = _of_uid(os.geteuid())
    if data_dir.exists() and (owner := data_dir.stat().st_uid) != account.uid:
        raise OpsError(
            f"The database in {data_dir} belongs to {name_of(owner)}, and you are "
            f"{account.name}: start Twinhood as {name_of(owner)}."
        )
    return account


def _of_uid(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise OpsError(
            f"User id {uid} has no name in this system's list of users, and PostgreSQL wants one: "
            "add the user, or set DATABASE_URL to a server of yours."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"


def digest_of(path: Path) -> str:
    """Return a short name for a folder, the same at every start."""
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def reachable_data_dir(asked: Path) -> Path:
    """Return where the data of `asked` really lie: there, or below root's own place.

    Data that exist decide; so a folder opened or closed later does not hide them.
    """
    if os.geteuid() != 0:
        return asked
    own = STATE_ROOT / digest_of(asked) / asked.name
    for candidate in (asked, own):
        if (candidate / "PG_VERSION").exists():
            return candidate
    return asked if account_for(asked).can_enter(asked.parent) else own


def ensure_state_root() -> None:
    """Create root's own place; refuse one that others could write to."""
    try:
        STATE_ROOT.mkdir(parents=True, exist_ok=True, mode=0o755)
    except OSError as error:
        raise OpsError(
            f"Root needs {STATE_ROOT} to run PostgreSQL as a lesser user, and it cannot be "
            f"created ({error.strerror}): mend that, or set DATABASE_URL."
        ) from error
    found = STATE_ROOT.stat()
    if found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise OpsError(f"{STATE_ROOT} must belong to root, and nobody else may write there.")
    STATE_ROOT.chmod(0o755)
