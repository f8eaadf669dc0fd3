"""Base64 with padding (RFC 4648, 4), read only in its one canonical form.

Unused bits at the end must be zero: else a byte of a file could change and nobody would notice.
"""

import base64
import binascii


class NotBase64(ValueError):
    """A text that is not what `encode` gives for any bytes."""


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def decode(text: str, length: int | None = None) -> bytes:
    """Read what `encode` wrote, of exactly `length` bytes if given. Raises NotBase64."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as problem:
        raise NotBase64(text[:80]) from problem
    if encode(data) != text or (length is not None and len(data) != length):
        raise NotBase64(text[:80])
    return data
