"""A donor's facts under a key of their own, which can be destroyed.

AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce for each sealing: version byte, nonce,
ciphertext with its tag. `context` is bound to the result: what was sealed for one purpose does not
open for another. An address is found again by a keyed hash (HMAC-SHA-256, RFC 2104).
"""

import hmac
import json
import unicodedata
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = b"\x01"
# Sealed facts are filled up to a multiple of this, so that their length tells little.
BLOCK_BYTES = 128


class NotOurs(ValueError):
    """Sealed with another key, for another purpose, or changed since."""


@dataclass(frozen=True, slots=True)
class DonorFacts:
    """What a donor told of themselves; each may be empty."""

    name: str = ""
    email: str = ""
    address: str = ""

    def filled_from(self, other: "DonorFacts") -> "DonorFacts":
        """These facts, with what is empty taken from `other`; nothing known is overwritten."""
        missing = {name: value for name, value in asdict(other).items() if not getattr(self, name)}
        return replace(self, **missing)


def seal(plain: bytes, *, key: bytes, nonce: bytes, context: bytes) -> bytes:
    """Encrypt `plain`; `nonce` (12 bytes) must never serve twice with one key."""
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plain, context)


def unseal(sealed: bytes, *, key: bytes, context: bytes) -> bytes:
    """Decrypt what `seal` gave. Raises NotOurs."""
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if sealed[:1] != VERSION or len(nonce) < NONCE_BYTES:
        raise NotOurs("unknown form")
    try:
        return AESGCM(key).decrypt(nonce, body, context)
    except InvalidTag as problem:
        raise NotOurs("wrong key or changed") from problem


def facts_to_bytes(facts: DonorFacts) -> bytes:
    """The facts as JSON, filled up with spaces to whole blocks."""
    plain = json.dumps(asdict(facts), ensure_ascii=False, separators=(",", ":")).encode()
    return plain + b" " * (-len(plain) % BLOCK_BYTES)


def facts_from_bytes(plain: bytes) -> DonorFacts:
    return DonorFacts(**json.loads(plain))


def email_index(email: str, *, key: bytes, context: bytes) -> bytes:
    """32 bytes that are the same for the same address, however it was capitalised.

    Without the key nobody can try addresses against it.
    """
    address = unicodedata.normalize("NFC", email.strip()).casefold()
    return hmac.digest(key, context + b"\x00" + address.encode(), sha256)


def content_key(parts: list[str], *, key: bytes) -> str:
    """A name for a row that is the same for the same content: 32 hexadecimal digits.

    Keyed, since the content names a donor and a bare hash could be guessed after an erasure.
    """
    plain = json.dumps(parts, ensure_ascii=False).encode()
    return hmac.digest(key, b"row\x00" + plain, sha256).hex()[:32]
