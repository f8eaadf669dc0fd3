"""How often something may happen, counted in one statement: two at once are two.

Counted is in stretches of time that begin on the hour, or at any multiple of their length. What is
counted is kept as a keyed hash, for as long as two stretches, and nowhere else.
"""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

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
    said = request.META.get("REMOTE_ADDR", "")
    if proxies:
        passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        said = passed[-proxies] if len(passed) >= proxies else ""
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
    return salted_hmac(f"kit.limits.{kind}", who, algorithm="sha256").digest()[:16]


def count(kind: str, who: str, *, stretch_s: int = HOUR_S, at: datetime | None = None) -> int:
    """Count one more, and say how many that makes in this stretch of time."""
    at = at or clock.now()
    ends_at = at + timedelta(seconds=2 * stretch_s)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [_key(kind, who, stretch_s, at), ends_at])
        return int(cursor.fetchone()[0])


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
