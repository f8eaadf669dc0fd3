"""The log's keys: made at first need, kept in files, used to sign, handed over.

A secret lies in `KEYS_DIR/log/<hash>.key`, in the one line that Go's note tools read
(`PRIVATE+KEY+name+hash+base64`), mode 0600, and is backed up apart from the data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction

from twinhood.kit import clock, durable
from twinhood.translog.core import b64, note
from twinhood.translog.core.note import Key
from twinhood.translog.errors import LogKeyMissing
from twinhood.translog.models import SigningKey

_HEAD = "PRIVATE+KEY"


@dataclass(frozen=True, slots=True)
class Signer:
    """A key with its secret."""

    key: Key
    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"Signer({self.key.vkey})"

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)

    def note(self, text: str) -> str:
        """Return `text` as a note, signed."""
        line = note.Signature(self.key.name, self.key.hash, self.sign(text.encode()))
        return note.build(text, [line])


def known_keys() -> Sequence[SigningKey]:
    """All keys that this log ever had, the first one first."""
    return list(SigningKey.objects.order_by("id"))


@transaction.atomic
def first_key() -> SigningKey:
    """Make the log's first key, unless it has one."""
    if known := SigningKey.objects.order_by("id").first():
        return known
    return SigningKey.objects.create(vkey=make_key(settings.LOG_ORIGIN), begun_at=clock.now())


def make_key(name: str) -> str:
    """Make a key in its file, durably; return its public line."""
    private = Ed25519PrivateKey.generate()
    key = Key(name, private.public_key().public_bytes_raw())
    secret = b64.encode(bytes([note.ED25519]) + private.private_bytes_raw())
    durable.write(_path(key), f"{_HEAD}+{name}+{key.hash.hex()}+{secret}\n".encode())
    return key.vkey


def signer(vkey: str) -> Signer:
    """Read the secret of a key. Raises LogKeyMissing."""
    key = note.parse_vkey(vkey)
    path = _path(key)
    try:
        line = path.read_text(encoding="utf-8").removesuffix("\n")
        # Base64 may have a + of its own: five parts, counted from the front.
        secret = b64.decode(line.split("+", 4)[4], 33)
    except (FileNotFoundError, IndexError, b64.NotBase64) as problem:
        raise LogKeyMissing(str(path)) from problem
    private = Ed25519PrivateKey.from_private_bytes(secret[1:])
    if private.public_key().public_bytes_raw() != key.public:
        raise LogKeyMissing(str(path))
    return Signer(key, private)


def _path(key: Key) -> Path:
    return Path(settings.KEYS_DIR) / "log" / f"{key.hash.hex()}.key"
