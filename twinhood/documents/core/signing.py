"""Signatures and their evidence, added to a PDF as PAdES wants them (ETSI EN 319 142-1).

Everything is an incremental update: the bytes that were there stay as they are. /Contents is
written in lower-case hexadecimal digits and filled up with zeros, so that one signature has one
form.
"""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from asn1crypto import cms, crl, keys, ocsp, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import (
    AxisAlignment,
    BoxConstraints,
    Margins,
    SimpleBoxLayoutRule,
)
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import InvisSigSettings, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigAppearanceSetup,
    SigIOSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper, TimestampDSSContentSettings
from pyhanko.sign.timestamps.api import TimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.stamp.static import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from twinhood.documents.core.authority import Identity

DIGEST = "sha256"
# Hexadecimal digits kept for a signature; a timestamp within it carries its own certificates.
ROOM = 8 * 1024
ROOM_WITH_TIMESTAMP = 32 * 1024


@dataclass(frozen=True, slots=True)
class Signed:
    """A PDF with one signature more. `problem` is what kept the timestamp away, if it is."""

    data: bytes
    has_timestamp: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a later reader needs: certificates on the way to the roots, and what is told of their
    revocation: lists, and answers about one each (OCSP). All as DER.
    """

    certificates: Sequence[bytes]
    lists: Sequence[bytes]
    answers: Sequence[bytes] = ()


def sign(
    data: bytes,
    *,
    field: str,
    identity: Identity,
    at: datetime,
    reason: str,
    stamp: bytes | None = None,
    timestamper: TimeStamper | None = None,
) -> Signed:
    """Sign an empty `field`; `stamp` is a PDF of one page that is shown in its box.

    A timestamper that fails lowers the level and nothing else. `at` is what we say of the time.
    """
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    embedder = PdfCMSEmbedder().write_cms(field, writer, existing_fields_only=True)
    next(embedder)
    placeholder = SignatureObject(
        timestamp=at,
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        bytes_reserved=ROOM_WITH_TIMESTAMP if timestamper else ROOM,
    )
    appearance = _appearance(stamp, at) if stamp else None
    embedder.send(SigObjSetup(sig_placeholder=placeholder, appearance_setup=appearance))
    prepared, made = embedder.send(SigIOSetup(md_algorithm=DIGEST))
    signature, problem = _signature(identity, prepared.document_digest, timestamper)
    embedder.send(signature)
    done = canonical(made.getvalue(), since=len(data))
    return Signed(done, has_timestamp=timestamper is not None and not problem, problem=problem)


def _signature(
    identity: Identity, digest: bytes, timestamper: TimeStamper | None
) -> tuple[cms.ContentInfo, str]:
    """The CMS object, with a timestamp if one can be had and fits, and else why not."""
    signer = SimpleSigner(
        signing_cert=x509.Certificate.load(identity.certificate),
        signing_key=keys.PrivateKeyInfo.load(identity.key),
        cert_registry=SimpleCertificateStore(),
    )

    def signed(by: TimeStamper | None) -> cms.ContentInfo:
        wanted = signer.async_sign(digest, DIGEST, use_pades=True, timestamper=by)
        return asyncio.run(wanted)

    if timestamper is None:
        return signed(None), ""
    try:
        made = signed(timestamper)
    except Exception as problem:
        return signed(None), f"{type(problem).__name__}: {problem}"
    if 2 * len(made.dump()) > ROOM_WITH_TIMESTAMP:
        return signed(None), "the timestamp is too long"
    return made, ""


def probe(timestamper: TimeStamper) -> list[bytes]:
    """The certificates (DER) that come with a timestamp from there; asks once.

    Raises what the timestamper raises.
    """
    token = asyncio.run(timestamper.async_timestamp(sha256(b"").digest(), DIGEST))
    return [one.chosen.dump() for one in token["content"]["certificates"]]


def add_evidence(data: bytes, evidence: Evidence, *, timestamper: TimeStamper, field: str) -> bytes:
    """Add certificates and lists, and in `field` a timestamp over all of it: one revision.

    Raises what the timestamper raises; then nothing is added.
    """
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        sig_contents=None,
        certs=[x509.Certificate.load(one) for one in evidence.certificates],
        crls=[crl.CertificateList.load(one) for one in evidence.lists],
        ocsps=[ocsp.OCSPResponse.load(one) for one in evidence.answers],
    )
    made = io.BytesIO()
    # Out of the page's bounds and without an area: PDF/A and PDF/UA both let it be untagged.
    unseen = InvisSigSettings(box_out_of_bounds=True)
    stamping = PdfTimeStamper(
        timestamper,
        field_name=field,
        invis_settings=unseen,
        readable_field_name="Document timestamp",
    )
    stamping.timestamp_pdf(
        writer,
        DIGEST,
        bytes_reserved=ROOM_WITH_TIMESTAMP,
        output=made,
        dss_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
    )
    return canonical(made.getvalue(), since=len(data))


def canonical(data: bytes, *, since: int) -> bytes:
    """Write /Contents of the signature that was added from offset `since` on in lower case.

    It lies outside what is signed, and the case of its digits means nothing.
    """
    begin = data.rindex(b"/Contents <", since)
    end = data.index(b">", begin)
    begin += len(b"/Contents <")
    return data[:begin] + data[begin:end].lower() + data[end:]


def certificates_of_timestamps(data: bytes) -> list[bytes]:
    """The certificates (DER) that came with the timestamps in a PDF."""
    found: dict[bytes, None] = {}
    for signature in PdfFileReader(io.BytesIO(data)).embedded_signatures:
        tokens = [signature.signed_data] if is_timestamp(signature) else []
        for is_signed in (False, True):
            tokens += extract_tst_data_iter(signature.signer_info, signed=is_signed)
        for token in tokens:
            found |= {one.chosen.dump(): None for one in token["certificates"]}
    return list(found)


def certificates_of(data: bytes, *, field: str) -> tuple[bytes, tuple[bytes, ...]]:
    """The certificate (DER) that signed a field, and all that came with that signature."""
    signatures = PdfFileReader(io.BytesIO(data)).embedded_signatures
    signature = next(one for one in signatures if one.field_name == field)
    others = (one.dump() for one in signature.other_embedded_certs)
    return signature.signer_cert.dump(), tuple(others)


def is_timestamp(signature: EmbeddedPdfSignature) -> bool:
    """Whether it stamps the time of the whole document, and nobody signs."""
    return bool(signature.sig_object.get("/Type") == "/DocTimeStamp")


class _Signer(SimpleSigner):
    """Signs with a key that we made and sealed: its primes are not tried again each time."""

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        key = serialization.load_der_private_key(
            self.signing_key.dump(), None, unsafe_skip_rsa_key_validation=True
        )
        if not isinstance(key, RSAPrivateKey) or digest_algorithm != DIGEST:
            raise TypeError("an RSA key and SHA-256 are wanted")
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())


class _Stamp(PdfContent):
    """The page of another PDF, drawn within ours with its own fonts."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.page = page

    def render(self) -> bytes:
        drawn = self._ensure_writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self.page)))
        self.resources.xobject["/Stamp"] = drawn
        left, bottom, right, top = (float(edge) for edge in drawn.get_object()["/BBox"])
        self.box = BoxConstraints(width=right - left, height=top - bottom)
        return b"/Stamp Do"


def _appearance(stamp: bytes, at: datetime) -> SigAppearanceSetup:
    style = StaticStampStyle(
        border_width=0,
        background=_Stamp(stamp),
        background_opacity=1.0,
        background_layout=SimpleBoxLayoutRule(
            x_align=AxisAlignment.ALIGN_MID,
            y_align=AxisAlignment.ALIGN_MID,
            margins=Margins(),
        ),
    )
    return SigAppearanceSetup(style=style, timestamp=at, name=None)
