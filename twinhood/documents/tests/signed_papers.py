"""Papers to check, and the certificates behind them: all made here, in memory, for the tests.

Two offices sign one paper in turn; a third party stamps the time. Whoever needs a paper with
another fault than those below takes its bytes and alters them.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

import typst
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign import PdfSignatureMetadata, PdfTimeStamper
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.signers import PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_signer import TimestampDSSContentSettings
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

type Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

# pyHanko writes the machine's own time as the signer's, so the papers are of today.
NOW = datetime.now(UTC).replace(microsecond=0)
BEGAN = NOW - timedelta(days=90)
SIGNED = NOW - timedelta(hours=5)
COUNTERSIGNED = NOW - timedelta(hours=1)
STAMPED = NOW - timedelta(minutes=55)
FIELDS = ("kramatorsk", "stamford")
CRL_URL = "http://ca.test/crl"

# pyHanko's own stamp has a font that is not embedded: PDF/A forbids that.
_FRAME = StaticStampStyle(border_width=1, background=RawContent(b"0 0 m", box=BoxConstraints(9, 9)))

SOURCE = """
#set document(title: "Sister cities", date: datetime(year: 2023, month: 4, day: 6))
#set page(width: 148mm, height: 210mm)
#set text(lang: "en")
= Sister cities
The cities help each other.
#pagebreak()
= Міста-побратими
#text(lang: "uk")[Міста допомагають одне одному.]
"""


@dataclass(frozen=True)
class Identity:
    """A certificate with its key, and whose word it rests on."""

    cert: x509.Certificate
    key: Key
    issuer: "Identity | None" = None

    @cached_property
    def asn1(self) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(self.der)

    @property
    def der(self) -> bytes:
        return self.cert.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.cert.public_bytes(serialization.Encoding.PEM)

    @property
    def asn1_key(self) -> asn1_keys.PrivateKeyInfo:
        return asn1_keys.PrivateKeyInfo.load(
            self.key.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


def named(common: str, *, office: str = "", organisation: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if office:
        parts.append(x509.NameAttribute(NameOID.TITLE, office))
    if organisation:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name(parts)


def certified(
    name: x509.Name,
    issuer: Identity | None = None,
    *,
    is_ca: bool = False,
    stamps_time: bool = False,
    begins: datetime = BEGAN,
    ends: datetime | None = None,
    serial: int | None = None,
) -> Identity:
    """A new key with a certificate by ``issuer``, or by itself."""
    key: Key = (
        rsa.generate_private_key(65537, 2048)
        if stamps_time
        else ec.generate_private_key(ec.SECP256R1())
    )
    by_key = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.cert.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends or begins + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by_key.public_key()), critical=False
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_ca, content_commitment=not is_ca, key_encipherment=False,
                data_encipherment=False, key_agreement=False, key_cert_sign=is_ca, crl_sign=is_ca,
                encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
    )  # fmt: skip
    if issuer is not None:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(CRL_URL)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    if stamps_time:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
        )
    return Identity(builder.sign(by_key, hashes.SHA256()), key, issuer)


def revocations(
    issuer: Identity, revoked: Sequence[tuple[Identity, datetime]] = (), *, issued: datetime = BEGAN
) -> bytes:
    """The issuer's list of revoked certificates, good for a year from ``issued``, as DER."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.cert.subject)
        .last_update(issued)
        .next_update(issued + timedelta(days=366))
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()),
            critical=False,
        )
    )
    for identity, at in revoked:
        one = x509.RevokedCertificateBuilder().serial_number(identity.cert.serial_number)
        builder = builder.add_revoked_certificate(one.revocation_date(at).build())
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@dataclass(frozen=True)
class World:
    """An authority, the two offices whose keys it certified, and a stamper of time."""

    root: Identity
    kramatorsk: Identity
    stamford: Identity
    tsa_root: Identity
    tsa: Identity
    crls: tuple[bytes, ...] = field(repr=False)

    @property
    def anchors(self) -> tuple[bytes, bytes]:
        return self.root.der, self.tsa_root.der

    def stamper(self, at: datetime) -> DummyTimeStamper:
        return DummyTimeStamper(
            self.tsa.asn1, self.tsa.asn1_key, fixed_dt=at,
            certs_to_embed=SimpleCertificateStore.from_certs([self.tsa_root.asn1]),
        )  # fmt: skip

    def context(self, at: datetime) -> ValidationContext:
        return ValidationContext(
            trust_roots=[self.root.asn1, self.tsa_root.asn1], crls=list(self.crls),
            moment=at, allow_fetching=False,
        )  # fmt: skip


def new_world() -> World:
    root = certified(named("DEMO, Root of Twinhood"), is_ca=True)
    tsa_root = certified(named("DEMO, Root of Time"), is_ca=True)
    return World(
        root=root,
        kramatorsk=certified(
            named(
                "DEMO, Head of the City Military Administration",
                office="Head of the City Military Administration",
                organisation="Kramatorsk City Military Administration",
            ),
            root,
        ),
        stamford=certified(
            named(
                "DEMO, Office of the Mayor, Stamford",
                office="Mayor",
                organisation="City of Stamford",
            ),
            root,
        ),
        tsa_root=tsa_root,
        tsa=certified(named("DEMO, Time"), tsa_root, stamps_time=True),
        crls=(revocations(root), revocations(tsa_root)),
    )


def frozen(source: str = SOURCE, *, fields: Sequence[str] = FIELDS) -> bytes:
    """A paper of two pages with an empty field for each signature."""
    page = typst.compile(source.encode(), format="pdf", pdf_standards=["a-2a"])
    if not fields:
        return page
    writer = IncrementalPdfFileWriter(io.BytesIO(page))
    for number, name in enumerate(fields):
        box = (40 + 160 * number, 60, 180 + 160 * number, 110)
        append_signature_field(writer, SigFieldSpec(name, on_page=1, box=box))
    return _written(writer)


def signed(
    paper: bytes,
    world: World,
    name: str,
    identity: Identity,
    *,
    at: datetime,
    with_time: bool = True,
    with_revocations: bool = True,
) -> bytes:
    """The paper with one more signature, and what shows that its certificate is not revoked."""
    has_context = with_revocations and with_time
    meta = PdfSignatureMetadata(
        field_name=name, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=has_context,
        validation_context=world.context(at) if has_context else None,
    )  # fmt: skip
    chain = [identity.issuer.asn1] if identity.issuer else []
    signer = SimpleSigner(
        signing_cert=identity.asn1, signing_key=identity.asn1_key,
        cert_registry=SimpleCertificateStore.from_certs(chain),
    )  # fmt: skip
    stamper = world.stamper(at) if with_time else None
    output = PdfSigner(meta, signer, timestamper=stamper, stamp_style=_FRAME).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(paper))
    )
    return canonical(bytes(output.getbuffer()))


def stamped(paper: bytes, world: World, at: datetime = STAMPED) -> bytes:
    """The paper with a document timestamp over all that is there."""
    output = PdfTimeStamper(world.stamper(at)).timestamp_pdf(
        IncrementalPdfFileWriter(io.BytesIO(paper)), "sha256", validation_context=world.context(at),
        dss_settings=TimestampDSSContentSettings(update_before_ts=True, include_vri=False),
    )  # fmt: skip
    return canonical(bytes(output.getbuffer()))


def complete(world: World) -> bytes:
    """The paper as it should end: signed by both, and a timestamp over all of it."""
    first = signed(frozen(), world, FIELDS[0], world.kramatorsk, at=SIGNED)
    both = signed(first, world, FIELDS[1], world.stamford, at=COUNTERSIGNED)
    return stamped(both, world)


def canonical(paper: bytes) -> bytes:
    """The paper with small letters in the signatures' hexadecimal digits: pyHanko writes large."""
    return re.sub(
        rb"/Contents <[0-9A-F]+>", lambda found: found[0][:10] + found[0][10:].lower(), paper
    )


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()
