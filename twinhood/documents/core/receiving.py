"""A paper that was signed elsewhere: what we gave away, plus one signature in its field.

The software that signed may add evidence behind it: certificates and what is known of their
revocation, and timestamps over the whole. What all that is worth is for the check to say; here it
is whether exactly that was added.
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from asn1crypto import x509
from pyhanko.pdf_utils.misc import PdfStrictReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel, SuspiciousModification
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter, validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from twinhood.documents.core.checking import check
from twinhood.documents.core.checking_report import Result
from twinhood.documents.core.checking_signatures import SIGNING_ONLY
from twinhood.documents.core.signing import is_timestamp

BYTES_MAX = 20 * 1024 * 1024
# A signature, and what brings it to the highest level twice over.
UPDATES_MAX = 8


class Problem(StrEnum):
    """What is wrong with a paper that came back signed."""

    TOO_LONG = "too_long"
    NOT_OURS = "not_ours"
    NO_SIGNATURE = "no_signature"
    OTHER_FIELD = "other_field"
    MORE_CHANGED = "more_changed"
    BROKEN = "broken"
    REVOKED = "revoked"
    EXPIRED = "expired"
    UNREADABLE = "unreadable"
    UNSOUND = "unsound"


class NotReceived(ValueError):
    """It cannot be taken; `detail` is the library's word, for the operator."""

    def __init__(self, problem: Problem, detail: str = "") -> None:
        super().__init__(f"{problem}: {detail}")
        self.problem = problem
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Received:
    """What the new signature says of itself. `claimed_at` is the signer's own clock."""

    certificate_sha256: str
    subject: str
    issuer: str
    is_self_signed: bool
    claimed_at: datetime | None
    has_timestamp: bool
    valid_until: datetime


def receive(data: bytes, *, before: bytes, field: str, at: datetime) -> Received:
    """Look at `data`, which must be `before`, one signature in `field` and evidence for it.

    Raises NotReceived, also for what the check would find broken for ever.
    """
    expect_begun(data, before)
    try:
        found = _read(data, before, field)
    except NotReceived:
        raise
    except PdfStrictReadError as problem:
        raise NotReceived(Problem.UNSOUND, str(problem)) from problem
    except Exception as problem:
        detail = f"{type(problem).__name__}: {problem}"
        raise NotReceived(Problem.UNREADABLE, detail) from problem
    failed = [one.code for one in check(data, at=at).every_check() if one.result is Result.FAILED]
    if failed:
        raise NotReceived(Problem.MORE_CHANGED, ", ".join(failed))
    if found.valid_until < at and not found.has_timestamp:
        raise NotReceived(Problem.EXPIRED)
    return found


def expect_begun(data: bytes, before: bytes) -> None:
    """What can be said without reading it. Raises NotReceived."""
    if len(data) > BYTES_MAX:
        raise NotReceived(Problem.TOO_LONG)
    if not data.startswith(before):
        raise NotReceived(Problem.NOT_OURS)
    if len(data) == len(before):
        raise NotReceived(Problem.NO_SIGNATURE)


def _read(data: bytes, before: bytes, field: str) -> Received:
    reader, earlier = PdfFileReader(io.BytesIO(data)), PdfFileReader(io.BytesIO(before))
    known = {one.field_name for one in earlier.embedded_signatures}
    added = [one for one in reader.embedded_signatures if one.field_name not in known]
    stamps = [one for one in added if is_timestamp(one)]
    signed = [one for one in added if one not in stamps]
    if not signed:
        raise NotReceived(Problem.NO_SIGNATURE)
    if len(signed) > 1:
        raise NotReceived(Problem.MORE_CHANGED, "more than one signature")
    if signed[0].field_name != field:
        raise NotReceived(Problem.OTHER_FIELD, str(signed[0].field_name))
    _expect_alone(reader, earlier.xrefs.total_revisions - 1, signed[0], stamps)
    if not all(_is_intact(one) for one in added):
        raise NotReceived(Problem.BROKEN)
    return _told(signed[0], has_timestamp=bool(stamps))


def _expect_alone(
    reader: PdfFileReader, last: int, signed: EmbeddedPdfSignature, stamps: list[Any]
) -> None:
    """The update after `last` (counted from 0) fills the field, and those behind it bring evidence.

    So none of them is there before somebody signed, and none touches another field.
    """
    updates = reader.xrefs.total_revisions - 1 - last
    if updates > UPDATES_MAX:
        raise NotReceived(Problem.MORE_CHANGED, f"{updates} updates")
    if signed.signed_revision != last + 1:
        raise NotReceived(Problem.MORE_CHANGED, "something was added before it was signed")
    found = _changes(reader, last)
    others = set(found.changed_form_fields) - {one.field_name for one in (signed, *stamps)}
    if others:
        raise NotReceived(Problem.MORE_CHANGED, ", ".join(sorted(others)))
    behind = _changes(reader, signed.signed_revision).modification_level
    if behind > ModificationLevel.LTA_UPDATES:
        raise NotReceived(Problem.MORE_CHANGED, behind.name)


def _changes(reader: PdfFileReader, since: int) -> DiffResult:
    """What the updates after revision `since` did, each looked at by itself."""
    found = SIGNING_ONLY.review_file(reader, since)
    if isinstance(found, SuspiciousModification):
        raise NotReceived(Problem.MORE_CHANGED, str(found)) from found
    return found


def _is_intact(signature: EmbeddedPdfSignature) -> bool:
    """Whether it covers one whole revision, and what it covers is what was signed."""
    whole = signature.evaluate_signature_coverage() >= SignatureCoverageLevel.ENTIRE_REVISION
    digest, kind = signature.compute_digest(), "data"
    if is_timestamp(signature):
        content = signature.signed_data["encap_content_info"]["content"]
        imprint = content.parsed["message_imprint"]
        if imprint["hashed_message"].native != signature.compute_digest():
            return False
        hashed = signature.signer_info["digest_algorithm"]["algorithm"].native
        digest, kind = hashlib.new(hashed, bytes(content)).digest(), "tst_info"
    intact, valid = validate_sig_integrity(
        signature.signer_info, signature.signer_cert, kind, digest
    )
    return bool(intact and valid and whole)


def _told(signature: EmbeddedPdfSignature, *, has_timestamp: bool) -> Received:
    certificate: x509.Certificate = signature.signer_cert
    return Received(
        certificate_sha256=sha256(certificate.dump()).hexdigest(),
        subject=str(certificate.subject.human_friendly),
        issuer=str(certificate.issuer.human_friendly),
        valid_until=certificate.not_valid_after,
        is_self_signed=certificate.subject == certificate.issuer,
        claimed_at=signature.self_reported_timestamp,
        has_timestamp=has_timestamp
        or any(extract_tst_data_iter(signature.signer_info, signed=False)),
    )
