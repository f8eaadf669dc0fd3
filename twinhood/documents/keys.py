"""The key that wraps the private keys of certificates: in no database, in KEYS_DIR/documents.key.

It is made at first need, mode 0600, and backed up apart from the data. What it wraps lies in the
tables, so neither a copy of the database nor one of the folder signs anything alone.
"""

import secrets
from pathlib import Path

from django.conf import settings

from twinhood.documents.errors import KeysMissing
from twinhood.documents.models import Authority
from twinhood.kit import durable
from twinhood.kit.core import sealing

_HEAD = "twinhood documents' key 1"


def wrap(private: bytes, *, purpose: str) -> bytes:
    """Seal a private key; `purpose` opens it again and no other. Raises KeysMissing."""
    nonce = secrets.token_bytes(sealing.NONCE_BYTES)
    return sealing.seal(private, key=_wrapping(), nonce=nonce, context=_context(purpose))


def unwrap(sealed: bytes, *, purpose: str) -> bytes:
    """Open what `wrap` gave. Raises KeysMissing, sealing.NotOurs."""
    return sealing.unseal(sealed, key=_wrapping(), context=_context(purpose))


def _context(purpose: str) -> bytes:
    return b"documents:" + purpose.encode()


def _wrapping() -> bytes:
    path = Path(settings.KEYS_DIR) / "documents.key"
    if not path.exists():
        # A new key beside old certificates would hide that theirs is lost.
        if Authority.objects.exists() and not path.exists():
            raise KeysMissing(str(path))
        made = secrets.token_hex(sealing.KEY_BYTES)
        durable.write_new(path, f"{_HEAD}\n{made}\n".encode("ascii"))
    head, key = path.read_text(encoding="ascii").splitlines()
    if head != _HEAD:
        raise KeysMissing(str(path))
    return bytes.fromhex(key)
