"""The certificates of offices: issued at first need, kept sealed, revoked, and listed.

The root belongs to this installation and names offices, never people. In a specimen, and on every
server that is not in production, all names begin with DEMO.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cryptography import x509
from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse

from twinhood.documents import keys
from twinhood.documents.core import authority
from twinhood.documents.core.authority import Identity, Revoked
from twinhood.documents.core.capacity import Capacity
from twinhood.documents.models import Authority, OfficeCertificate, RevocationList
from twinhood.kit import clock

# For specimens: timestamps made by ourselves, which prove nothing and look like the real ones.
PRACTICE_TERM = "practice:timestamps"
FAR = timedelta(days=authority.YEARS_MAX * 365)
# A term may be longer than a certificate: so long before that ends there is another.
RENEWED_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Root:
    """The root as it is kept, and with its key."""

    row: Authority
    identity: Identity


@transaction.atomic
def root() -> Root:
    """This installation's root, made at first need. Raises KeysMissing."""
    row = Authority.objects.order_by("id").last() or _make_root()
    certificate = bytes(row.certificate)
    key = keys.unwrap(bytes(row.sealed_key), purpose="root")
    return Root(row, Identity(certificate, key, certificate))


def _make_root() -> Authority:
    _lock()
    if row := Authority.objects.order_by("id").last():
        return row
    private, at = authority.new_key(), _second()
    name = f"{_demo(settings.PRODUCTION)}Twinhood, {urlsplit(settings.SITE_URL).netloc}"
    return Authority.objects.create(
        certificate=authority.root(name=name, key=private, serial=_serial(), at=at),
        sealed_key=keys.wrap(private, purpose="root"),
        made_at=at,
    )


def identity_for(capacity: Capacity, *, is_specimen: bool) -> Identity:
    """The certificate of the capacity's term, with its key; issued if there is none yet.

    Its name is the office's, in the first language it is written in. Raises KeysMissing.
    """
    demo = _demo(settings.PRODUCTION and not is_specimen)
    office = next(iter(capacity.office.values()))
    organisation = next(iter(capacity.organisation.values()))
    until = _second() + FAR
    if capacity.until_date is not None:
        day_after = datetime.combine(capacity.until_date, time(0)) + timedelta(days=1)
        until = day_after.replace(tzinfo=ZoneInfo(capacity.zone)).astimezone(UTC)
    return _identity(
        f"{demo}{capacity.term}", name=f"{demo}{office}", organisation=organisation, until=until
    )


def practice_timestamps() -> Identity:
    """A certificate for the timestamps of specimens."""
    return _identity(PRACTICE_TERM, name="DEMO timestamp authority", organisation="", until=None)


@transaction.atomic
def _identity(term: str, *, name: str, organisation: str, until: datetime | None) -> Identity:
    above = root()
    found = _good(term)
    if found is None or _runs_out(found, until):
        _lock()
        found = _good(term)
        if found is None or _runs_out(found, until):
            found = _issue(above, term, name, organisation, until, renews=found)
    key = keys.unwrap(bytes(found.sealed_key), purpose=term)
    return Identity(bytes(found.certificate), key, bytes(found.authority.certificate))


def _good(term: str) -> OfficeCertificate | None:
    """The newest certificate of a term that was not revoked; it may have run out."""
    good = OfficeCertificate.objects.filter(term=term, revoked_at__isnull=True)
    return good.order_by("not_after", "id").last()


def _runs_out(found: OfficeCertificate, until: datetime | None) -> bool:
    """Whether it ends soon, and another would last longer: the term goes on."""
    soon = _second() + RENEWED_BEFORE
    return found.not_after <= soon and (until is None or until > soon)


def _issue(
    above: Root,
    term: str,
    name: str,
    organisation: str,
    until: datetime | None,
    *,
    renews: OfficeCertificate | None,
) -> OfficeCertificate:
    private, serial, at = authority.new_key(), _serial(), _second()
    if until is None:
        made = authority.timestamps(
            above.identity, name=name, key=private, serial=serial, at=at, list_url=list_url()
        )
    else:
        made = authority.office(
            above.identity,
            name=name,
            organisation=organisation,
            key=private,
            serial=serial,
            at=at,
            until=until,
            list_url=list_url(),
        )
    return OfficeCertificate.objects.create(
        authority=above.row,
        term=term,
        office=name[:200],
        certificate=made,
        sha256=sha256(made).hexdigest(),
        serial=f"{serial:x}",
        sealed_key=keys.wrap(private, purpose=term),
        issued_at=at,
        not_after=x509.load_der_x509_certificate(made).not_valid_after_utc,
        renews=renews,
    )


@transaction.atomic
def revoke(certificate: OfficeCertificate, *, reason: str) -> RevocationList:
    """Let a certificate count no more from now on, and publish that at once.

    What it signed before stays good. Raises IntegrityError if it was revoked before.
    """
    certificate.revoked_at = _second()
    certificate.revoke_reason = reason
    certificate.save(update_fields=["revoked_at", "revoke_reason"])
    return issue_list()


@transaction.atomic
def issue_list() -> RevocationList:
    """A new list of what is revoked; the worker asks for one each day."""
    above = root()
    _lock()
    last = RevocationList.objects.filter(authority=above.row).order_by("number").last()
    at, number = _second(), last.number + 1 if last else 1
    rows = above.row.certificates.filter(revoked_at__isnull=False).order_by("revoked_at", "id")
    revoked = [Revoked(int(row.serial, 16), row.revoked_at) for row in rows if row.revoked_at]
    data = authority.revocation_list(above.identity, revoked, number=number, at=at)
    days = timedelta(days=authority.LIST_DAYS)
    return RevocationList.objects.create(
        authority=above.row, number=number, data=data, issued_at=at, next_at=at + days
    )


def newest_list() -> RevocationList:
    """The list that is put into papers; issued if there is none that is still good."""
    newest = published_list()
    if newest is None or newest.next_at <= clock.now() or newest.issued_at > clock.now():
        return issue_list()
    return newest


def published_list() -> RevocationList | None:
    """The list that everybody may fetch; None before the first."""
    return RevocationList.objects.order_by("authority_id", "number").last()


def list_url() -> str:
    """Where everybody finds the list; it stands in each certificate."""
    return settings.SITE_URL + reverse("documents_revocation_list")


def _demo(is_real: bool) -> str:
    return "" if is_real else "DEMO, "


def _second() -> datetime:
    """Now, in whole seconds, as certificates say it."""
    return clock.now().replace(microsecond=0)


def _serial() -> int:
    """A positive number of up to 126 bits that nobody guesses (RFC 5280, 4.1.2.2)."""
    return secrets.randbits(126) | 1 << 120


def _lock() -> None:
    """Of two who would make the same certificate or list, let one wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('documents.offices'))")
