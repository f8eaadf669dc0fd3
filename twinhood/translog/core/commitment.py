"""A promise of facts that can be shown later, or never: SHA-256 of a secret salt and the facts.

Without the salt (32 random bytes) nobody can try facts against it; whoever destroys salt and facts
has erased them, and the log stays whole.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from twinhood.translog.core import canonical

SALT_BYTES = 32


def commit(facts: Mapping[str, Any], salt: bytes) -> bytes:
    """Return SHA-256(salt ‖ canonical(facts)), 32 bytes. Raises NotCanonical, ValueError."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return sha256(salt + canonical.encode(dict(facts))).digest()
