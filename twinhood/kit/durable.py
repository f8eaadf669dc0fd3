"""Files that are whole and on the disk when a function returns, or not there at all."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Put `data` at `path`, in place of what stands there; mode 0600. Raises OSError."""
    temporary = _temporary(path, data)
    try:
        os.rename(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
    _force(path.parent)


def write_new(path: Path, data: bytes) -> bool:
    """Put `data` at `path` unless a file is there already: then False, and nothing changes.

    Of two who try at once one wins. Raises OSError.
    """
    temporary = _temporary(path, data)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        os.unlink(temporary)
    _force(path.parent)
    return True


def _temporary(path: Path, data: bytes) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    return temporary


def _force(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
