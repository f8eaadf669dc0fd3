"""The header `Stripe-Signature`: t, and one v1 for each secret, over the raw bytes."""

import hashlib
import hmac
from collections.abc import Iterable


def header(body: bytes, secrets: Iterable[str], at: int, *, scheme: str = "v1") -> str:
    """Return the header for `body` as signed at `at` (seconds, UTC), one signature a secret."""
    signed = [f"{scheme}={signature(body, secret, at)}" for secret in secrets]
    return ",".join([f"t={at}", *signed])


def signature(body: bytes, secret: str, at: int) -> str:
    """HMAC-SHA256 over `<t>.<body>`, in hexadecimal."""
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
