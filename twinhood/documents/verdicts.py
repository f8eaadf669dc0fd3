"""What this installation says of a signed paper: with its trust list, and what it keeps."""

import contextlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.utils.translation import get_language, gettext

from twinhood.documents import apart, logged
from twinhood.documents.actions import last_revision
from twinhood.documents.core import checking_child
from twinhood.documents.core.checking_report import (
    Anchor,
    Check,
    Kept,
    Known,
    Purpose,
    Report,
    Result,
    from_json,
)
from twinhood.documents.core.checking_telling import Told, Voice, told
from twinhood.documents.errors import TooBusy
from twinhood.documents.models import Authority, Document, RevocationList, Signature, TrustedIssuer
from twinhood.documents.store import the_store
from twinhood.kit import clock
from twinhood.kit.dates import moment_words

WALL_S = 30


@dataclass(frozen=True, slots=True)
class Verdict:
    """A report with its sentences in the reader's language."""

    report: Report
    told: Told


def of_upload(data: bytes, document: Document | None = None) -> Verdict:
    """Check what somebody sent; nothing of it is kept. Raises TooBusy."""
    known = known_of(document) if document else Known(anchors=trust_list(), crls=_lists())
    return _said(_checked_apart(data, checking_child.asked(known, clock.now())))


def of_kept(document: Document) -> Verdict:
    """Check the newest revision that is kept here. Raises TooBusy, BytesMissing.

    The answer is that of the running quarter of an hour: many look at one paper on its day.
    """
    now = clock.now()
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    newest = last_revision(document)
    # What was signed since the quarter began is not of the future.
    at = max(quarter, newest.made_at)
    return _said(_of_bytes(newest.sha256, checking_child.asked(known_of(document), at)))


@lru_cache(maxsize=256)
def _of_bytes(name: str, asked: bytes) -> Report:
    report = _checked_apart(the_store().get(name), asked)
    if report.checks and report.checks[0].code == "too-much":
        # Our own paper is not at fault: the machine is. That is not to be remembered.
        raise TooBusy
    return report


def known_of(document: Document) -> Known:
    """What is kept of a paper: its revisions, its places, and the certificates that signed."""
    signatures = Signature.objects.filter(slot__document=document).exclude(certificate_sha256="")
    return Known(
        anchors=trust_list(),
        crls=_lists(),
        revisions=tuple(
            Kept(one.number + 1, one.length_bytes, one.sha256, logged.place_of(one))
            for one in document.revisions.select_related("logged").order_by("number")
        ),
        registered=dict(signatures.values_list("slot__field_name", "certificate_sha256")),
        slots=tuple(document.slots.order_by("position").values_list("field_name", flat=True)),
        is_sealed=document.is_sealed,
    )


def trust_list() -> tuple[Anchor, ...]:
    """Whom this installation believes: its own authority, and what its operator listed."""
    listed = TrustedIssuer.objects.order_by("id")
    return (*_own(), *(_anchor(one) for one in listed))


def _own() -> list[Anchor]:
    # Its timestamps are for specimens; in production nobody is asked to believe them.
    purposes = frozenset({Purpose.PEOPLE} if settings.PRODUCTION else Purpose)
    source = gettext("the authority of %(site)s") % {"site": settings.SITE_URL}
    return [
        Anchor(bytes(one.certificate), source, purposes=purposes)
        for one in Authority.objects.order_by("id")
    ]


def _anchor(entry: TrustedIssuer) -> Anchor:
    begins = datetime.combine(entry.from_date, time.min, UTC)
    ends = datetime.combine(entry.until_date, time.min, UTC) + timedelta(days=1)
    if entry.ended_at is not None:
        ends = min(ends, entry.ended_at)
    source = f"{entry.name} ({entry.source})"
    return Anchor(
        bytes(entry.certificate), source, begins, ends, frozenset({Purpose(entry.purpose)})
    )


def _lists() -> tuple[bytes, ...]:
    """The newest list of revoked certificates of each authority of ours."""
    newest = RevocationList.objects.order_by("authority_id", "-number").distinct("authority_id")
    return tuple(bytes(one.data) for one in newest)


def _checked_apart(data: bytes, asked: bytes) -> Report:
    """Let a child look at it: it may take its time and memory, and then it is ended."""
    answer = apart.answer(checking_child.__name__, asked + data, wall_s=WALL_S)
    with contextlib.suppress(ValueError, KeyError, TypeError):
        if answer is not None:
            return from_json(json.loads(answer))
    failed = Check("too-much", Result.FAILED)
    return Report(sha256(data).hexdigest(), len(data), clock.now(), checks=(failed,))


def _said(report: Report) -> Verdict:
    language = get_language() or "en"
    voice = Voice(gettext, lambda at: moment_words(at.astimezone(UTC), "UTC", language))
    return Verdict(report, told(report, voice))
