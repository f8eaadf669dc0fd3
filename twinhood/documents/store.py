"""The bytes of papers and scans, under their SHA-256: private, written once, never changed.

Only what nobody refers to is ever removed (`files.sweep`).
"""

import re
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from twinhood.documents.errors import BytesMissing
from twinhood.kit import durable

_NAME = re.compile("[0-9a-f]{64}")


class Folder:
    """A folder of this machine. Another kind of store offers these three methods."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes) -> str:
        """Keep `data`, durably when this returns; return its SHA-256 in hexadecimal digits.

        Repeats change nothing. Raises OSError.
        """
        name = sha256(data).hexdigest()
        durable.write_new(self._path(name), data)
        return name

    def get(self, name: str) -> bytes:
        """Return the bytes of that SHA-256. Raises BytesMissing, also if they are not those."""
        if not _NAME.fullmatch(name):
            raise BytesMissing(name)
        try:
            data = self._path(name).read_bytes()
        except FileNotFoundError as problem:
            raise BytesMissing(name) from problem
        if sha256(data).hexdigest() != name:
            raise BytesMissing(name)
        return data

    def remove(self, name: str) -> None:
        """Forget the bytes of that SHA-256, if they are here. Raises OSError."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.root / name[:2] / name


def the_store() -> Folder:
    """This installation's, `MEDIA_DIR`."""
    return Folder(Path(settings.MEDIA_DIR))
