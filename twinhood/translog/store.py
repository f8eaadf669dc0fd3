"""Where the log's files lie: the one door to them.

A name is a path in the log, `checkpoint` or `tile/0/x001/234`. What `write` has returned from
outlives a loss of power: temporary file, rename, and everything forced to the disk. A folder of
this machine today; whatever can keep these promises may take its place.
"""

import ctypes
import os
import shutil
import sys
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
            with open(f"{self.root}/{name}", "rb", buffering=0) as file:
                return file.read()
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
        # Opened before the first byte is written: it then tells of every write that failed since.
        changed = _make_folders(self.root)
        whole = os.open(self.root, os.O_RDONLY)
        written: list[str] = []
        folder = ""
        try:
            for name, data in files:
                path = f"{self.root}/{name}"
                if (parent := path.rpartition("/")[0]) != folder:
                    changed |= {*_make_folders(Path(parent)), parent}
                    folder = parent
                self.place(path, data)
                written.append(path)
            self.force(whole, [*written, *changed])
        finally:
            os.close(whole)

    def place(self, path: str, data: bytes) -> None:
        """Put a file in its place, in one step; not yet durably. Paths are texts here for speed."""
        temporary = f"{path.rpartition('/')[0]}/.new-{os.getpid()}"
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            try:
                _write_all(handle, data)
            finally:
                os.close(handle)
            os.rename(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise

    def force(self, whole: int, paths: list[str]) -> None:
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


def _make_folders(folder: Path) -> set[str]:
    """Make a folder and those above it; return the folders in which a new name stands now."""
    if folder.is_dir():
        return set()
    changed = _make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    return changed | {str(folder.parent)}


def _write_all(handle: int, data: bytes) -> None:
    done = os.write(handle, data)
    while done < len(data):
        done += os.write(handle, data[done:])


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
