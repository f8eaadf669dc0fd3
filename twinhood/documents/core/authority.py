"""The certificates of offices: an installation's root, one certificate for one office and term, and
the list of those revoked (RFC 5280). RSA of 3072 bits, which every reader of PDFs can check.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KEY_BITS = 3072
ROOT_YEARS = 30
# Who signs a term without a known end gets a new certificate after so long.
YEARS_MAX = 10
# A list is issued each day and good for a week, so that a worker may fail for some days.
LIST_DAYS = 7
# Of a common name and of an organisation's (RFC 5280, appendix A).
# X.520 counts characters, the library bytes: a Cyrillic letter is two.
_NAME_BYTES_MAX = 64
_WHERE_IT_LIES = re.compile(r"(,[^,()]*),[^,()]*$|\s+\([^()]*\)$")


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its private key (DER, PKCS #8) and what issued it."""

    certificate: bytes
    key: bytes
    issuer: bytes

    def __repr__(self) -> str:
        return "Identity(…)"


@dataclass(frozen=True, slots=True)
class Revoked:
    """A certificate that counts no more, from `at` on."""

    serial: int
    at: datetime


def new_key() -> bytes:
    """A new private key; takes a moment."""
    key = generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def root(*, name: str, key: bytes, serial: int, at: datetime) -> bytes:
    """A certificate that issues certificates, signed by itself; begins a day before `at`."""
    private = _read(key)
    subject = _name(name, "")
    builder = _builder(subject, subject, private, serial).public_key(private.public_key())
    builder = builder.not_valid_before(at - timedelta(days=1)).not_valid_after(
        at + timedelta(days=ROOT_YEARS * 365)
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(cert_sign=True), critical=True)
    return _signed(builder, private)


def office(
    issuer: Identity,
    *,
    name: str,
    organisation: str,
    key: bytes,
    serial: int,
    at: datetime,
    until: datetime,
    list_url: str,
) -> bytes:
    """A certificate for an office, good from `at` to `until`, at most ten years."""
    private, issuing = _read(key), x509.load_der_x509_certificate(issuer.certificate)
    builder = _builder(_name(name, organisation), issuing.subject, private, serial)
    latest = at + timedelta(days=YEARS_MAX * 365)
    builder = builder.not_valid_before(at).not_valid_after(min(until, latest))
    builder = builder.public_key(private.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
    builder = builder.add_extension(_usage(cert_sign=False), critical=True)
    builder = builder.add_extension(_issued_by(issuing), critical=False)
    builder = builder.add_extension(_list_at(list_url), critical=False)
    return _signed(builder, _read(issuer.key))


def timestamps(
    issuer: Identity, *, name: str, key: bytes, serial: int, at: datetime, list_url: str
) -> bytes:
    """A certificate for timestamps alone (RFC 3161, 2.3), for specimens and practice."""
    private, issuing = _read(key), x509.load_der_x509_certificate(issuer.certificate)
    builder = _builder(_name(name, ""), issuing.subject, private, serial)
    builder = builder.not_valid_before(at).not_valid_after(at + timedelta(days=YEARS_MAX * 365))
    builder = builder.public_key(private.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
    builder = builder.add_extension(_usage(cert_sign=False), critical=True)
    use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    builder = builder.add_extension(use, critical=True)
    builder = builder.add_extension(_issued_by(issuing), critical=False)
    builder = builder.add_extension(_list_at(list_url), critical=False)
    return _signed(builder, _read(issuer.key))


def revocation_list(
    issuer: Identity, revoked: Iterable[Revoked], *, number: int, at: datetime
) -> bytes:
    """The list of `revoked`, the `number`th of this issuer, good for a week from `at`."""
    issuing = x509.load_der_x509_certificate(issuer.certificate)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuing.subject)
        .last_update(at)
        .next_update(at + timedelta(days=LIST_DAYS))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(_issued_by(issuing), critical=False)
    )
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.serial)
        builder = builder.add_revoked_certificate(entry.revocation_date(one.at).build())
    made = builder.sign(_read(issuer.key), hashes.SHA256())
    return made.public_bytes(serialization.Encoding.DER)


def _read(key: bytes) -> RSAPrivateKey:
    # We made it, and it was sealed since: its primes need not be tried again.
    private = serialization.load_der_private_key(key, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(private, RSAPrivateKey):
        raise TypeError("an RSA key is wanted")
    return private


def _name(name: str, organisation: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, _shortened(name))]
    if organisation:
        short = _shortened(organisation)
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, short))
    return x509.Name(parts)


def _shortened(text: str) -> str:
    """A name that fits. Of a long one the middle is left out: which city it is stands at an end.

    What only says where the city lies goes first: words in brackets, or the country after a region.
    """
    if len(text.encode()) > _NAME_BYTES_MAX:
        text = _WHERE_IT_LIES.sub(r"\1", text)
    words = text.split()
    head, tail = words[: len(words) // 2], words[len(words) // 2 :]
    shown = text
    while len(shown.encode()) > _NAME_BYTES_MAX and head:
        if len(head) >= len(tail):
            head.pop()
        else:
            tail.pop(0)
        shown = " ".join([*head, "…", *tail])
    return shown.encode()[:_NAME_BYTES_MAX].decode(errors="ignore")


def _builder(
    subject: x509.Name, issuer: x509.Name, private: RSAPrivateKey, serial: int
) -> x509.CertificateBuilder:
    own = x509.SubjectKeyIdentifier.from_public_key(private.public_key())
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    return builder.serial_number(serial).add_extension(own, critical=False)


def _signed(builder: x509.CertificateBuilder, private: RSAPrivateKey) -> bytes:
    return builder.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _usage(*, cert_sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not cert_sign,
        content_commitment=not cert_sign,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=cert_sign,
        crl_sign=cert_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _issued_by(issuing: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = issuing.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own.value)


def _list_at(url: str) -> x509.CRLDistributionPoints:
    place = x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
    return x509.CRLDistributionPoints([place])
