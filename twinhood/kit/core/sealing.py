"""Secrets under a key.

AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce for each sealing: version byte, nonce,
ciphertext with its tag. `context` is bound to the result: what was sealed for one purpose does not
open for another.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = b"\x01"


class NotOurs(ValueError):
    """Sealed with another key, for another purpose, or changed since."""


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
