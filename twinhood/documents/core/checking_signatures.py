"""Each signature of a paper by itself: whole, by whom, trusted on whose word, made when.

Timestamps are judged from the outermost inwards: a document timestamp shows that all it covers
was there at its time, so what lies inside is judged as of then, not as of today.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from itertools import chain
from typing import Any

from asn1crypto import cms, crl, ocsp, x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate, AdESSubIndic
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.rules.form_field_rules import is_field_visible
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import (
    cms_basic_validation,
    collect_timing_info,
    validate_tst_signed_data,
)
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import (
    SignatureCoverageLevel,
    SignatureStatus,
    TimestampSignatureStatus,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    FreshnessReqType,
    RevocationCheckingPolicy,
)

from twinhood.documents.core.checking_bytes import Span, is_canonical_hex, span_of
from twinhood.documents.core.checking_der import NotDer, loose_parts, value_of
from twinhood.documents.core.checking_labels import labels_of
from twinhood.documents.core.checking_report import (
    Anchor,
    Check,
    Fact,
    Holder,
    Known,
    Level,
    Purpose,
    Result,
    Signature,
)

SIGNATURES_MAX = 40
# How far the signer's own clock may be off before it is said.
CLOCK_S_MAX = 24 * 60 * 60

# What may happen to a paper after it was signed: a signature in its place, a timestamp, and what
# shows that certificates were valid. Filled-in fields and notes, which pyHanko allows, are not.
SIGNING_ONLY = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),
        DocInfoRule().as_qualified(ModificationLevel.LTA_UPDATES),
        XrefStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        ObjectStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        DSSCompareRule().as_qualified(ModificationLevel.LTA_UPDATES),
        MetadataUpdateRule().as_qualified(ModificationLevel.LTA_UPDATES),
    ],
    form_rule=FormUpdatingRule([SigFieldCreationRule(), SigFieldModificationRule()]),
)
# Nothing was revoked as far as lists of that time say.
_KNOWN = CertRevTrustPolicy(
    RevocationCheckingPolicy.from_legacy("require"), retroactive_revinfo=True
)
# Whether a list says so, however old it is: that one is out of date is no reason for distrust.
_TOLD = CertRevTrustPolicy(
    RevocationCheckingPolicy.from_legacy("soft-fail"),
    freshness=timedelta(days=36_500),
    freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
    retroactive_revinfo=True,
)
_USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})
# By whether it is a timestamp. Older formats bind too little of what was signed.
_FORMATS = {
    True: {"/ETSI.RFC3161"},
    False: {"/ETSI.CAdES.detached", "/adbe.pkcs7.detached"},
}
_EXPIRED = {
    AdESIndeterminate.EXPIRED,
    AdESIndeterminate.NOT_YET_VALID,
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE,
    AdESIndeterminate.OUT_OF_BOUNDS_NOT_REVOKED,
}
_WEAK = {
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE,
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
}
_MALFORMED = (
    SignatureValidationError, PdfError, ValueError, TypeError, KeyError, IndexError,
    AttributeError, AssertionError, NotImplementedError, ArithmeticError,
)  # fmt: skip


@dataclass
class Paper:
    """A file with its reader, and what the file itself brings to show that certificates hold."""

    data: bytes
    reader: PdfFileReader

    @cached_property
    def store(self) -> tuple[list[x509.Certificate], list[bytes], list[bytes]]:
        """Certificates, lists of revoked ones, and answers about single ones (OCSP)."""
        try:
            store = DocumentSecurityStore.read_dss(self.reader)
            return (
                list(store.load_certs()),
                [one.get_object().data for one in store.crls],
                [one.get_object().data for one in store.ocsps],
            )
        except _MALFORMED:
            return [], [], []

    @cached_property
    def fields(self) -> list[tuple[str, Any, Any]]:
        """All signature fields: name, value (None while empty) and the field."""
        found = list(enumerate_sig_fields(self.reader, filled_status=None))
        return found[: SIGNATURES_MAX + 1]

    @cached_property
    def signed_first(self) -> int | None:
        """The index of the revision that the first signature made; None if nobody signed."""
        changes = self.reader.xrefs.get_last_change
        made = [changes(value.reference) for _, value, _ in self.fields if value is not None]
        return min(made, default=None)

    def slots(self) -> tuple[str, ...]:
        """The places for signatures in the paper as it was when the first of them was made.

        If it had none, each signature brought its own.
        """
        first = self.signed_first
        if first is None:
            return tuple(name for name, _, _ in self.fields)
        if first > 0:
            before = self.reader.get_historical_resolver(first - 1)
            frozen = tuple(name for name, _, _ in enumerate_sig_fields(before, filled_status=None))
            if frozen:
                return frozen
        filled = ((name, value) for name, value, _ in self.fields if value is not None)
        return tuple(name for name, value in filled if not _is_timestamp(value.get_object()))

    def added_places(self) -> list[str]:
        """Names of empty places that came with the first signature or later, in file order.

        A signature in one is judged by itself. An empty one may draw over the whole page, and the
        difference analysis takes it for a place that somebody prepared. If the paper had no places
        before, those that came with the first signature are its own.
        """
        first = self.signed_first
        if first is None:
            return []
        before = self.reader.get_historical_resolver(first - 1) if first > 0 else None
        had = before is not None and any(enumerate_sig_fields(before, filled_status=None))
        introduced = self.reader.xrefs.get_introducing_revision
        return [
            name
            for name, value, field in self.fields
            if value is None and introduced(field.reference) >= (first if had else first + 1)
        ]

    def is_relabelled(self) -> bool:
        """Whether title, author and the like are others than when it was first signed."""
        if self.signed_first is None:
            return False
        last = self.reader.xrefs.total_revisions - 1
        resolve = self.reader.get_historical_resolver
        return labels_of(resolve(self.signed_first)) != labels_of(resolve(last))


def _is_timestamp(value: Any) -> bool:
    return str(value.get("/Type", "/Sig")) == "/DocTimeStamp"


async def examined(paper: Paper, known: Known, at: datetime) -> list[Signature]:
    """All signatures and timestamps of the paper, in the order in which they were made."""
    if len(paper.fields) > SIGNATURES_MAX:
        raise ValueError("too many signatures")
    drafts = [
        _draft(paper, name, field) for name, value, field in paper.fields if value is not None
    ]
    drafts.sort(key=lambda one: (one.covers, one.name))
    proven: datetime | None = None
    done = []
    for position, draft in reversed(list(enumerate(drafts))):
        exam = _Exam(paper, known, at, proven, draft, is_last=position == len(drafts) - 1)
        signature = await exam.signature()
        if signature.is_timestamp and signature.proven_at and signature.is_good:
            proven = signature.proven_at
        done.append(signature)
    return done[::-1]


@dataclass
class _Draft:
    """A filled field, as far as it can be read."""

    name: str
    is_timestamp: bool = False
    embedded: EmbeddedPdfSignature | None = None
    content: cms.ContentInfo | None = None
    span: Span | None = None
    loose: list[str] = field(default_factory=list)

    @property
    def covers(self) -> int:
        return self.span.covers if self.span else 0


def _draft(paper: Paper, name: str, sig_field: Any) -> _Draft:
    draft = _Draft(name)
    try:
        value = sig_field.get_object()["/V"]
        draft.is_timestamp = _is_timestamp(value)
        if str(value.get("/SubFilter", "")) not in _FORMATS[draft.is_timestamp]:
            return draft
        embedded = EmbeddedPdfSignature(paper.reader, sig_field, name)
        container = bytes(embedded.pkcs7_content)
        draft.span = span_of(paper.data, [int(one) for one in embedded.byte_range], container)
        if draft.span and not is_canonical_hex(paper.data, draft.span):
            draft.loose.append("digits")
        try:
            inner = value_of(container)
        except NotDer as problem:
            draft.loose.append(str(problem))
            inner = container
        draft.content = cms.ContentInfo.load(inner)
        draft.embedded = embedded
    except _MALFORMED:
        draft.embedded = None
    return draft


@dataclass
class _Exam:
    """One signature under examination; ``proven`` is when it was there at the latest, if shown."""

    paper: Paper
    known: Known
    at: datetime
    proven: datetime | None
    draft: _Draft
    is_last: bool
    checks: list[Check] = field(default_factory=list)

    async def signature(self) -> Signature:
        draft = self.draft
        bare = Signature(
            field=draft.name, is_timestamp=draft.is_timestamp, revision=0, covers=draft.covers,
            holder=None, claimed_at=None, proven_at=None, level=Level.NONE, trusted_by="",
        )  # fmt: skip
        embedded = draft.embedded
        if embedded is None or draft.content is None:
            self._say("broken", Result.FAILED)
            return self._closed(bare)
        if draft.span is None:
            self._say("byte-range", Result.FAILED)
            return self._closed(bare)
        try:
            # What came after a timestamp is seen from the signatures before it.
            embedded.compute_integrity_info(diff_policy=SIGNING_ONLY, skip_diff=draft.is_timestamp)
            return await self._examined(embedded, bare)
        except _MALFORMED as problem:
            self._say("broken", Result.FAILED, why=type(problem).__name__)
            return self._closed(bare)

    def _closed(self, signature: Signature, **more: Any) -> Signature:
        return replace(signature, checks=tuple(self.checks), **more)

    def _say(self, code: str, result: Result, **facts: Fact) -> None:
        self.checks.append(Check(code, result, facts, self.draft.name))

    async def _examined(self, embedded: EmbeddedPdfSignature, bare: Signature) -> Signature:
        holder = holder_of(embedded.signer_cert)
        stamp, proven = None, self.proven
        if not self.draft.is_timestamp:
            stamp = await self._own_stamp(embedded)
            if stamp is not None and stamp.trusted:
                proven = stamp.timestamp
        status, is_known = await self._status(embedded, proven or self.at)
        if self.draft.is_timestamp:
            proven = status.timestamp if status.trusted else None
        is_whole = status.intact and status.valid
        self._say("broken", Result.PASSED if is_whole else Result.FAILED)
        self._changes(embedded)
        is_trusted = self._trust(status, proven)
        claimed = embedded.self_reported_timestamp
        if not self.draft.is_timestamp:
            self._registered(holder)
            self._time(claimed, proven, stamp)
            if is_trusted:
                self._say("revocation", Result.PASSED if is_known else Result.OPEN)
        if self.is_last:
            self._loose(status, stamp)
        return self._closed(
            bare,
            revision=_revision(embedded),
            holder=holder,
            claimed_at=_utc(claimed),
            proven_at=_utc(proven) if is_whole else None,
            level=self._level(embedded, stamp, is_whole=is_whole, is_known=is_known),
            trusted_by=self._source(status) if is_trusted else "",
            reason=str(embedded.sig_object.get("/Reason", ""))[:500],
        )

    @property
    def moment(self) -> datetime:
        """As of when the outermost word about this signature is judged."""
        return self.proven or self.at

    async def _own_stamp(self, embedded: EmbeddedPdfSignature) -> Any:
        timing = await collect_timing_info(
            embedded.signer_info,
            self._context(self.moment, Purpose.TIME),
            raw_digest=embedded.compute_digest,
        )
        return timing.get("timestamp_validity")

    async def _status(self, embedded: EmbeddedPdfSignature, moment: datetime) -> tuple[Any, bool]:
        """The signature as of ``moment``, and whether it is known that nothing was revoked then."""
        strict = await self._judged(embedded, moment, must_know=True)
        if strict.trusted or not (strict.intact and strict.valid):
            return strict, bool(strict.trusted)
        return await self._judged(embedded, moment, must_know=False), False

    async def _judged(
        self, embedded: EmbeddedPdfSignature, moment: datetime, *, must_know: bool
    ) -> Any:
        if self.draft.is_timestamp:
            context = self._context(moment, Purpose.TIME, must_know=must_know)
            return TimestampSignatureStatus(
                **await validate_tst_signed_data(
                    embedded.signed_data, context, embedded.compute_digest
                )
            )
        return SignatureStatus(
            **await cms_basic_validation(
                embedded.signed_data,
                raw_digest=embedded.compute_digest(),
                validation_context=self._context(moment, Purpose.PEOPLE, must_know=must_know),
                key_usage_settings=_USAGE,
            )
        )

    def _context(
        self, moment: datetime, purpose: Purpose, *, must_know: bool = False
    ) -> ValidationContext:
        """The trust list as of ``moment``; with ``must_know``, silence about revocation is no."""
        certificates, crls, ocsps = self.paper.store
        return ValidationContext(
            trust_roots=[x509.Certificate.load(one.der) for one in self._anchors(moment, purpose)],
            other_certs=certificates,
            crls=list(_loaded(crl.CertificateList, chain(crls, self.known.crls))),
            ocsps=list(_loaded(ocsp.OCSPResponse, ocsps)),
            moment=moment,
            revinfo_policy=_KNOWN if must_know else _TOLD,
            allow_fetching=False,
        )

    def _anchors(self, moment: datetime, purpose: Purpose) -> Iterator[Anchor]:
        return (one for one in self.known.anchors if purpose in one.purposes and one.held(moment))

    def _changes(self, embedded: EmbeddedPdfSignature) -> None:
        found: object = embedded.diff_result
        is_whole = embedded.evaluate_signature_coverage() >= SignatureCoverageLevel.ENTIRE_REVISION
        is_suspicious = isinstance(found, SuspiciousModification)
        if is_suspicious or not is_whole or self._is_dressed_up(embedded):
            self._say("changed", Result.FAILED, revision=_revision(embedded))
        elif found and embedded.summarise_integrity_info()["docmdp_ok"] is False:
            self._say("certified", Result.FAILED, revision=_revision(embedded))
        else:
            self._say("changed", Result.PASSED)

    def _is_dressed_up(self, embedded: EmbeddedPdfSignature) -> bool:
        """A timestamp has nothing to show on the page."""
        return self.draft.is_timestamp and bool(is_field_visible(embedded.sig_field))

    def _trust(self, status: Any, proven: datetime | None) -> bool:
        problem: AdESSubIndic | None = status.trust_problem_indic
        if status.trusted:
            self._say("trust", Result.PASSED, source=self._source(status))
            return True
        details = status.revocation_details
        if details is not None:
            kind = "before" if proven else ""
            revoked_at = _utc(details.revocation_date)
            self._say("revoked", Result.FAILED, kind=kind, revoked_at=revoked_at)
        elif problem in _EXPIRED:
            result = Result.FAILED if proven and not self.draft.is_timestamp else Result.OPEN
            cert = status.signing_cert
            self._say(
                "not-valid-then", result,
                valid_from=_utc(cert.not_valid_before), valid_until=_utc(cert.not_valid_after),
            )  # fmt: skip
        elif problem in _WEAK:
            self._say("algorithm", Result.OPEN, name=status.md_algorithm)
        elif status.valid and status.intact:
            cert = status.signing_cert
            kind = "own" if cert.subject == cert.issuer else ""
            self._say("trust", Result.OPEN, kind=kind, issuer=_name(cert.issuer))
        return False

    def _source(self, status: Any) -> str:
        root = status.validation_path.first.dump()
        return next((one.source for one in self.known.anchors if one.der == root), "")

    def _registered(self, holder: Holder) -> None:
        expected = self.known.registered.get(self.draft.name)
        if expected is None:
            return
        is_same = expected.lower() == holder.sha256
        self._say("wrong-holder", Result.PASSED if is_same else Result.FAILED, sha256=holder.sha256)

    def _time(self, claimed: datetime | None, proven: datetime | None, stamp: Any) -> None:
        if proven is None:
            self._say("time", Result.OPEN, kind="" if stamp is None else "stamped")
            return
        self._say("time", Result.PASSED, proven_at=_utc(proven))
        if claimed is not None and abs(claimed - proven) > timedelta(seconds=CLOCK_S_MAX):
            self._say("clock", Result.NOTED, claimed_at=_utc(claimed), proven_at=_utc(proven))

    def _loose(self, status: Any, stamp: Any) -> None:
        """What could be altered in the last container, which no later timestamp covers."""
        faults = list(self.draft.loose)
        content = self.draft.content
        paths = [one.validation_path for one in (status, stamp) if one is not None]
        if content is not None and None not in paths:
            used = {cert.dump() for path in paths for cert in path.iter_certs(include_root=True)}
            faults += loose_parts(content, frozenset(used))
        if faults:
            self._say("loose", Result.OPEN, parts=", ".join(dict.fromkeys(faults)))
        elif None not in paths:
            self._say("loose", Result.PASSED)

    def _level(
        self, embedded: EmbeddedPdfSignature, stamp: Any, *, is_whole: bool, is_known: bool
    ) -> Level:
        """The highest level of PAdES of which everything is there, and holds."""
        is_pades = str(embedded.sig_object.get("/SubFilter", "")) == "/ETSI.CAdES.detached"
        if (
            self.draft.is_timestamp
            or not is_whole
            or not is_pades
            or not _binds_certificate(embedded)
        ):
            return Level.NONE
        if stamp is None or not (stamp.intact and stamp.valid):
            return Level.ARCHIVE if is_known and self.proven else Level.BASIC
        if not is_known:
            return Level.TIME
        return Level.ARCHIVE if self.proven else Level.LONG_TERM


def _binds_certificate(embedded: EmbeddedPdfSignature) -> bool:
    """Whether the signature itself says which certificate it belongs to (PAdES asks for it)."""
    attributes = embedded.signer_info["signed_attrs"]
    return any(
        attribute["type"].native in ("signing_certificate", "signing_certificate_v2")
        for attribute in attributes
    )


def _revision(embedded: EmbeddedPdfSignature) -> int:
    """The number of the revision that it signs; the first is 1."""
    return int(embedded.signed_revision) + 1


def _loaded(kind: Any, values: Iterable[bytes]) -> Iterator[Any]:
    """Those that can be read: a broken one shows nothing, and does no harm."""
    for value in values:
        try:
            one = kind.load(value, strict=True)
            one.native  # noqa: B018 - asn1crypto reads only what is looked at.
        except (ValueError, TypeError, KeyError):
            continue
        yield one


def holder_of(cert: x509.Certificate) -> Holder:
    """Whom the certificate names. Nothing of it is true unless its issuer is trusted."""
    return Holder(
        name=_name(cert.subject),
        office=_part(cert.subject, "title", "organizational_unit_name"),
        organisation=_part(cert.subject, "organization_name"),
        issuer=_name(cert.issuer),
        serial=f"{cert.serial_number:x}",
        sha256=sha256(cert.dump()).hexdigest(),
        valid_from=_utc(cert.not_valid_before),
        valid_until=_utc(cert.not_valid_after),
    )


def _name(name: x509.Name) -> str:
    return _part(name, "common_name") or name.human_friendly[:200]


def _part(name: x509.Name, *keys: str) -> str:
    values = name.native
    for key in keys:
        value = values.get(key)
        if value:
            found: Sequence[str] = value if isinstance(value, list) else [str(value)]
            return ", ".join(found)[:200]
    return ""


def _utc(moment: datetime | None) -> Any:
    return None if moment is None else moment.astimezone(UTC)
