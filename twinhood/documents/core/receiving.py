"""A paper that was signed elsewhere: what we gave away, plus one signature in its field.

What the certificate is worth is for the check to say; here it is whether exactly that was added.
"""

import io
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, ModificationLevel
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter, validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

BYTES_MAX = 20 * 1024 * 1024


class Problem(StrEnum):
    """What is wrong with a paper that came back signed."""

    TOO_LONG = "too_long"
    NOT_OURS = "not_ours"
    NO_SIGNATURE = "no_signature"
    OTHER_FIELD = "other_field"
    MORE_CHANGED = "more_changed"
    BROKEN = "broken"
    UNREADABLE = "unreadable"


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


def receive(data: bytes, *, before: bytes, field: str) -> Received:
    """Look at `data`, which must be `before` and one signature in `field`. Raises NotReceived."""
    expect_begun(data, before)
    try:
        return _read(data, before, field)
    except NotReceived:
        raise
    except Exception as problem:
        detail = f"{type(problem).__name__}: {problem}"
        raise NotReceived(Problem.UNREADABLE, detail) from problem


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
    found, known = list(reader.embedded_signatures), list(earlier.embedded_signatures)
    if len(found) == len(known):
        raise NotReceived(Problem.NO_SIGNATURE)
    if len(found) > len(known) + 1:
        raise NotReceived(Problem.MORE_CHANGED, "more than one signature")
    added = next(one for one in found if one.field_name not in {k.field_name for k in known})
    if added.field_name != field:
        raise NotReceived(Problem.OTHER_FIELD, str(added.field_name))
    _refuse_more(reader, earlier, added, len(data), len(before))
    if not _is_intact(added):
        raise NotReceived(Problem.BROKEN)
    return _told(added)


def _refuse_more(
    reader: PdfFileReader,
    earlier: PdfFileReader,
    added: EmbeddedPdfSignature,
    length: int,
    before: int,
) -> None:
    """One update, covered by the signature to its last byte, that fills the field and no other."""
    first, start, second, rest = (int(number) for number in added.byte_range)
    if first != 0 or second + rest != length or start <= before:
        raise NotReceived(Problem.MORE_CHANGED, "bytes that are not signed")
    revisions = reader.xrefs.total_revisions - earlier.xrefs.total_revisions
    if revisions != 1:
        raise NotReceived(Problem.MORE_CHANGED, f"{revisions} updates")
    base = reader.get_historical_resolver(earlier.xrefs.total_revisions - 1)
    try:
        found = DEFAULT_DIFF_POLICY.review_file(reader, base)
    except Exception as problem:
        raise NotReceived(Problem.MORE_CHANGED, str(problem)) from problem
    if isinstance(found, Exception):
        raise NotReceived(Problem.MORE_CHANGED, str(found))
    if found.modification_level > ModificationLevel.FORM_FILLING:
        raise NotReceived(Problem.MORE_CHANGED, found.modification_level.name)
    others = set(found.changed_form_fields) - {added.field_name}
    if others:
        raise NotReceived(Problem.MORE_CHANGED, ", ".join(sorted(others)))


def _is_intact(signature: EmbeddedPdfSignature) -> bool:
    signature.compute_integrity_info(skip_diff=True)
    found = signature.summarise_integrity_info()
    intact, valid = validate_sig_integrity(
        signature.signer_info, signature.signer_cert, "data", signature.compute_digest()
    )
    whole = found["coverage"] == SignatureCoverageLevel.ENTIRE_FILE
    return bool(intact and valid and whole)


def _told(signature: EmbeddedPdfSignature) -> Received:
    certificate: x509.Certificate = signature.signer_cert
    return Received(
        certificate_sha256=sha256(certificate.dump()).hexdigest(),
        subject=str(certificate.subject.human_friendly),
        issuer=str(certificate.issuer.human_friendly),
        is_self_signed=certificate.subject == certificate.issuer,
        claimed_at=signature.self_reported_timestamp,
        has_timestamp=any(extract_tst_data_iter(signature.signer_info, signed=False)),
    )
