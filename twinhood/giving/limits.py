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

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.http import HttpRequest

from twinhood.giving.models import Pledge
from twinhood.kit import limits

FORMS_S, FAILURES_S = 600, 3_600
# From so many on (of forms in ten minutes, of failures in an hour), each next one waits so long.
FORM_WAITS_S = ((600, 15), (120, 5))
FAILURE_WAITS_S = ((15, 30), (5, 10))
FAILURES_MAX = 50
# More than anybody sends in ten minutes, and what PostgreSQL's integer holds.
FORMS_MAX = 2**31 - 1
# A page of waiting counts for so long.
PASS_AGE_MAX_S = 3_600
SALT = "giving.wait"


def sent_from(request: HttpRequest) -> bytes:
    """The place of a request as a keyed hash, 16 bytes: nobody reads an address out of it."""
    return limits.hashed("place", limits.place_of(request))


@dataclass(frozen=True, slots=True)
class Count:
    """A form to be counted where it is kept, if fewer than `below` came from there with it."""

    key: bytes
    ends_at: datetime
    below: int


def count_of(place: bytes, at: datetime, *, failed: int, waited_s: int) -> Count:
    """What keeps a form out that has waited for so long, after so many failures from there."""
    key, ends_at = limits.named("form", place.hex(), stretch_s=FORMS_S, at=at)
    return Count(key, ends_at, _forms_below(failed, waited_s))


def _forms_below(failed: int, waited_s: int) -> int:
    if waited_s < wait_s(0, failed):
        return 0
    return min((least for least, wait in FORM_WAITS_S if wait > waited_s), default=FORMS_MAX)


def count_form(place: bytes, at: datetime) -> int:
    """Count a form, and say how many came from there in these ten minutes."""
    return limits.count("form", place.hex(), stretch_s=FORMS_S, at=at)


def count_failure(pledge: Pledge, at: datetime) -> None:
    """Count a payment that failed, where we know where it came from."""
    if pledge.sent_from is not None:
        place = bytes(pledge.sent_from).hex()
        limits.count("failure", place, stretch_s=FAILURES_S, at=at)


def failures(place: bytes, at: datetime) -> int:
    """How many payments from there failed in this hour."""
    return limits.counted("failure", place.hex(), stretch_s=FAILURES_S, at=at)


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
    """Forget from where old pledges came; how many rows that were."""
    old = Pledge.objects.filter(sent_from__isnull=False, made_at__lt=at - timedelta(hours=6))
    return old.update(sent_from=None)
