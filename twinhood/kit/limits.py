"""How often something may happen, counted in one statement: two at once are two.

Counted is in stretches of time that begin on the hour, or at any multiple of their length. What is
counted is kept as a keyed hash, for as long as two stretches, and nowhere else.
"""

import hmac
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from socket import AF_INET, inet_pton

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from twinhood.kit import clock
from twinhood.kit.models import Tally

HOUR_S = 3_600

COUNT = """
INSERT INTO kit_tally (key, ends_at, count) VALUES (%s, %s, 1)
ON CONFLICT (key) DO UPDATE SET count = kit_tally.count + 1
RETURNING count
"""


def place_of(request: HttpRequest) -> str:
    """Where a request came from: its address, or its network for IPv6; "" if nobody says.

    Behind proxies of ours it is the address that the outermost of them saw.
    """
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    said: str = request.META.get("REMOTE_ADDR", "")
    if proxies:
        passed = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        said = passed[-proxies] if len(passed) >= proxies else ""
    try:
        inet_pton(AF_INET, said)
    except (OSError, ValueError):
        return _other_place(said)
    return said


def _other_place(said: str) -> str:
    try:
        address = ip_address(said)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> 64 << 64)) + "/64"
    return str(address)


def hashed(kind: str, who: str) -> bytes:
    """16 bytes that name somebody to us alone: nobody reads an address out of them."""
    return hmac.digest(_key_for(kind, settings.SECRET_KEY), who.encode(), sha256)[:16]


@lru_cache(maxsize=100)
def _key_for(kind: str, secret: str) -> bytes:
    """A key of this kind alone, as `django.utils.crypto.salted_hmac` makes it."""
    return sha256(f"kit.limits.{kind}{secret}".encode()).digest()


def count(kind: str, who: str, *, stretch_s: int = HOUR_S, at: datetime | None = None) -> int:
    """Count one more, and say how many that makes in this stretch of time."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, named(kind, who, stretch_s=stretch_s, at=at or clock.now()))
        return int(cursor.fetchone()[0])


def named(kind: str, who: str, *, stretch_s: int, at: datetime) -> tuple[bytes, datetime]:
    """The key of a count and until when it is kept, for a statement that counts by the way."""
    return _key(kind, who, stretch_s, at), at + timedelta(seconds=2 * stretch_s)


def counted(kind: str, who: str, *, stretch_s: int = HOUR_S, at: datetime | None = None) -> int:
    """How many there were in this stretch of time."""
    key = _key(kind, who, stretch_s, at or clock.now())
    return Tally.objects.filter(key=key).values_list("count", flat=True).first() or 0


def _key(kind: str, who: str, stretch_s: int, at: datetime) -> bytes:
    return hashed(f"{kind}:{int(at.timestamp()) // stretch_s}", who)


def forget(at: datetime) -> int:
    """Remove counts that are over; how many rows that were."""
    removed, _ = Tally.objects.filter(ends_at__lt=at).delete()
    return removed
