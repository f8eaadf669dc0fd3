"""Where the log's files lie: the one door to them.

A name is a path in the log, `checkpoint` or `tile/0/x001/234`. What `write` has returned from
outlives a loss of power: temporary file, rename, and everything forced to the disk. A folder of
this machine today; whatever can keep these promises may take its place.
"""

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from django.conf import settings

CHECKPOINT = "checkpoint"
# From so many files on, one order to the whole file system is faster than one for each file.
MANY = 32


class Folder:
    """The files in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, or None if there is none."""
        try:
            return (self.root / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def changed_ns(self, name: str) -> int:
        """When the file was written last, by the file system's clock; 0 if there is none."""
        try:
            return (self.root / name).stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def write(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write files, durably when this returns. Each replaces an older one in one step.

        Raises OSError; some of the files may be there then.
        """
        changed: set[Path] = set()
        _make_folder(self.root, changed)
        # Opened before the first byte is written: it then tells of every write that failed since.
        whole = os.open(self.root, os.O_RDONLY)
        try:
            written: list[Path] = []
            for name, data in files:
                path = self.root / name
                _make_folder(path.parent, changed)
                self.place(path, data)
                written.append(path)
            self.force(whole, [*written, *changed, *{path.parent for path in written}])
        finally:
            os.close(whole)

    def place(self, path: Path, data: bytes) -> None:
        """Put a file in its place, in one step; not yet durably."""
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(handle, 0o644)
                file.write(data)
            os.rename(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise

    def force(self, whole: int, paths: list[Path]) -> None:
        """Force files, and the folders that name them, to the disk."""
        if len(paths) >= MANY and _sync_file_system(whole):
            return
        for path in paths:
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def remove_filling(self, name: str) -> None:
        """Remove the narrower forms of a tile that is full now."""
        shutil.rmtree(self.root / f"{name}.p", ignore_errors=True)


def _make_folder(folder: Path, changed: set[Path]) -> None:
    """Make a folder and those above it; add to `changed` each folder that has a new name in it."""
    if not folder.is_dir():
        _make_folder(folder.parent, changed)
        folder.mkdir(exist_ok=True)
        changed.add(folder.parent)


def _sync_file_system(handle: int) -> bool:
    """Force a whole file system to the disk (Linux, syncfs); False where that cannot be told.

    Since Linux 5.8 it reports what could not be written since `handle` was opened.
    """
    if sys.platform != "linux":
        return False
    try:
        syncfs = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError):
        return False
    if syncfs(handle) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return True


def the_store() -> Folder:
    """This installation's log, `LOG_DIR`."""
    return Folder(Path(settings.LOG_DIR))
