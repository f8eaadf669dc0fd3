"""A donor's facts under a key of their own, which can be destroyed.

How it is sealed: `kit.core.sealing`. An address is found again by a keyed hash (HMAC-SHA-256,
RFC 2104).
"""

import hmac
import json
import unicodedata
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

from twinhood.kit.core.sealing import KEY_BYTES, NONCE_BYTES, NotOurs, seal, unseal

__all__ = [
    "KEY_BYTES",
    "NONCE_BYTES",
    "DonorFacts",
    "NotOurs",
    "email_index",
    "facts_from_bytes",
    "facts_to_bytes",
    "plain_of",
    "seal",
    "unseal",
]
# Sealed facts are filled up to a multiple of this, so that their length tells little.
BLOCK_BYTES = 128


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


def plain_of(value: Any) -> dict[str, Any]:
    """The fields of a frozen dataclass with slots. (`asdict` copies each, which takes long.)"""
    return {name: getattr(value, name) for name in value.__slots__}


def facts_to_bytes(facts: DonorFacts) -> bytes:
    """The facts as JSON, filled up with spaces to whole blocks."""
    plain = json.dumps(plain_of(facts), ensure_ascii=False, separators=(",", ":")).encode()
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
