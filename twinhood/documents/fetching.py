"""What an authority says of the revocation of a certificate: asked where the certificate says.

Only for certificates whose issuer the operator trusts: what a stranger's certificate names is
never asked.
"""

import logging
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from twinhood.kit import clock

logger = logging.getLogger(__name__)

BYTES_MAX = 4 * 1024 * 1024
ANSWER_BYTES_MAX = 64 * 1024
TIMEOUT_S = 5.0
# By how much the clocks of two servers may differ.
CLOCKS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Told:
    """A list of revoked certificates, or an answer about one (OCSP, RFC 6960), as DER.

    `revoked_at` is since when it says that the certificate counts no more, if it does.
    """

    data: bytes
    is_answer: bool
    revoked_at: datetime | None


def told_of(certificate: x509.Certificate, issuer: x509.Certificate) -> Told | None:
    """What the issuer says of a certificate now; None if it cannot be had.

    An answer about this one is asked for first: it is short, and newer than a list.
    """
    ways: list[tuple[str, Callable[[str, x509.Certificate, x509.Certificate], Told]]] = [
        (_responder_of(certificate), _answered),
        (_list_place_of(certificate), _listed),
    ]
    for url, ask_for in ways:
        if not url:
            continue
        try:
            return ask_for(url, certificate, issuer)
        except (OSError, ValueError, TypeError) as problem:
            logger.warning("documents.revocation_not_told %s: %s", type(problem).__name__, problem)
    return None


def _responder_of(certificate: x509.Certificate) -> str:
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return ""
    named = (
        one.access_location.value
        for one in found.value
        if one.access_method == AuthorityInformationAccessOID.OCSP
    )
    return _first(named)


def _list_place_of(certificate: x509.Certificate) -> str:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return ""
    return _first(name.value for point in points for name in point.full_name or [])


def _first(addresses: Iterable[str]) -> str:
    return next((one for one in addresses if one.startswith(("http://", "https://"))), "")


def _listed(url: str, certificate: x509.Certificate, issuer: x509.Certificate) -> Told:
    data = ask(url, timeout_s=TIMEOUT_S, bytes_max=BYTES_MAX)
    found = (
        x509.load_pem_x509_crl(data) if data.startswith(b"---") else x509.load_der_x509_crl(data)
    )
    if not found.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
        raise ValueError("the list is not its issuer's")
    row = found.get_revoked_certificate_by_serial_number(certificate.serial_number)
    revoked_at = row.revocation_date_utc if row is not None else None
    return Told(found.public_bytes(Encoding.DER), is_answer=False, revoked_at=revoked_at)


def _answered(url: str, certificate: x509.Certificate, issuer: x509.Certificate) -> Told:
    # SHA-1 only names the certificate here, and every responder knows it (RFC 5019, 2.1.1).
    wanted = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303
    data = ask(
        url, timeout_s=TIMEOUT_S, bytes_max=ANSWER_BYTES_MAX,
        body=wanted.build().public_bytes(Encoding.DER), media_type="application/ocsp-request",
    )  # fmt: skip
    found = ocsp.load_der_ocsp_response(data)
    if found.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise ValueError(f"the answer is {found.response_status.name}")
    if found.serial_number != certificate.serial_number:
        raise ValueError("the answer is about another certificate")
    now, until = clock.now(), found.next_update_utc
    if found.this_update_utc > now + CLOCKS or (until is not None and until < now - CLOCKS):
        raise ValueError("the answer is not of today")
    if found.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        raise ValueError("the certificate is not known there")
    _expect_signed(found, issuer)
    return Told(data, is_answer=True, revoked_at=found.revocation_time_utc)


def _expect_signed(found: ocsp.OCSPResponse, issuer: x509.Certificate) -> None:
    """The issuer signed the answer, or whom it charged with that (RFC 6960, 4.2.2.2)."""
    signer = next((one for one in found.certificates if _is_charged(one, issuer)), issuer)
    key, hashed = signer.public_key(), found.signature_hash_algorithm
    if hashed is None:
        raise ValueError("the answer is signed in a way that is not known")
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(found.signature, found.tbs_response_bytes, padding.PKCS1v15(), hashed)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(found.signature, found.tbs_response_bytes, ec.ECDSA(hashed))
        else:
            raise ValueError("the answer is signed in a way that is not known")
    except InvalidSignature as problem:
        raise ValueError("the answer is not the issuer's") from problem


def _is_charged(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        use = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in use and is_issued_by(certificate, issuer)


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether that one's key signed it, under that one's name."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Another address than the one that was named is not asked."""

    def redirect_request(self, *args: object, **more: object) -> None:
        return


def ask(
    url: str, *, timeout_s: float, bytes_max: int, body: bytes | None = None, media_type: str = ""
) -> bytes:
    """GET an address, or POST `body` to it; no redirects. Raises OSError, ValueError."""
    if not url.startswith(("http://", "https://")):
        raise ValueError("an address begins with http")
    headers = {"Content-Type": media_type} if media_type else {}
    asked = urllib.request.Request(url, body, headers)  # noqa: S310 (looked at above)
    with urllib.request.build_opener(_NoRedirect).open(asked, timeout=timeout_s) as answer:
        data: bytes = answer.read(bytes_max + 1)
    if len(data) > bytes_max:
        raise ValueError("the answer is too long")
    return data
