"""Limits against the testing of stolen cards, which never lock out a city hall behind one address.

Counted is where a form was sent from: a whole IPv4 address, or the network of an IPv6 one (its
first 64 bits), kept as a keyed hash only. Two things are counted:

- payments that failed, in the last hour: whoever tries cards has many. They first make the sender
  wait; far beyond what a full hall's own mistakes bring, cards are not taken from there for the
  rest of the hour, while transfers still are.
- forms, in stretches of ten minutes: very many make each next one wait some seconds. Nobody is
  refused for these.

To wait is a page with a button, and everything that was typed on it. docs/reference/giving-page.md
has the numbers.
"""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.core import signing
from django.db import connection
from django.http import HttpRequest

from twinhood.giving.keys import MasterKeys
from twinhood.giving.models import Pledge, Tally

FORMS_S, FAILURES_S = 600, 3_600
# From so many on (of forms in ten minutes, of failures in an hour), each next one waits so long.
FORM_WAITS_S = ((600, 15), (120, 5))
FAILURE_WAITS_S = ((15, 30), (5, 10))
FAILURES_MAX = 50
# A page of waiting counts for so long.
PASS_AGE_MAX_S = 3_600
SALT = "giving.wait"

COUNT = """
INSERT INTO giving_tally (key, ends_at, count) VALUES (%s, %s, 1)
ON CONFLICT (key) DO UPDATE SET count = giving_tally.count + 1
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


def sent_from(request: HttpRequest, keys: MasterKeys) -> bytes:
    """The place of a request as a keyed hash, 16 bytes: nobody reads an address out of it."""
    return _hash("place", place_of(request).encode(), keys)


def _hash(kind: str, what: bytes, keys: MasterKeys) -> bytes:
    return hmac.digest(keys.indexing, b"tally\x00" + kind.encode() + b"\x00" + what, sha256)[:16]


def _key(kind: str, place: bytes, stretch_s: int, at: datetime, keys: MasterKeys) -> bytes:
    stretch = int(at.timestamp()) // stretch_s
    return _hash(f"{kind}:{stretch}", place, keys)


def count_form(place: bytes, at: datetime, keys: MasterKeys) -> int:
    """Count a form, and say how many came from there in these ten minutes."""
    return _count("form", place, FORMS_S, at, keys)


def count_failure(pledge: Pledge, at: datetime, keys: MasterKeys) -> None:
    """Count a payment that failed, where we know where it came from."""
    if pledge.sent_from is not None:
        _count("failure", bytes(pledge.sent_from), FAILURES_S, at, keys)


def _count(kind: str, place: bytes, stretch_s: int, at: datetime, keys: MasterKeys) -> int:
    ends_at = at + timedelta(seconds=2 * stretch_s)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [_key(kind, place, stretch_s, at, keys), ends_at])
        return int(cursor.fetchone()[0])


def failures(place: bytes, at: datetime, keys: MasterKeys) -> int:
    """How many payments from there failed in this hour."""
    key = _key("failure", place, FAILURES_S, at, keys)
    return Tally.objects.filter(key=key).values_list("count", flat=True).first() or 0


def wait_s(forms: int, failed: int) -> int:
    """How long the next form waits."""
    waits = [wait for least, wait in FORM_WAITS_S if forms >= least][:1]
    waits += [wait for least, wait in FAILURE_WAITS_S if failed >= least][:1]
    return max(waits, default=0)


def new_pass(form_key: str, at: datetime) -> str:
    """What the page of waiting carries: since when this form waits, signed."""
    return signing.dumps([form_key, int(at.timestamp())], salt=SALT)


def waited_s(written: str, form_key: str, at: datetime) -> int | None:
    """How long this form has waited; None for a pass that is another's, forged or too old."""
    try:
        key, since = signing.loads(written, salt=SALT)
    except signing.BadSignature:
        return None
    waited = int(at.timestamp()) - since
    return waited if key == form_key and 0 <= waited <= PASS_AGE_MAX_S else None


def forget(at: datetime) -> int:
    """Remove counts that are over, and from where old pledges came; how many rows that were."""
    removed, _ = Tally.objects.filter(ends_at__lt=at).delete()
    old = Pledge.objects.filter(sent_from__isnull=False, made_at__lt=at - timedelta(hours=6))
    return removed + old.update(sent_from=None)
