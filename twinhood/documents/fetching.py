"""Lists of revoked certificates of timestamp servers, fetched from where the certificate says.

Only for certificates whose issuer the operator trusts: what a stranger's certificate names is
never asked.
"""

import logging
import urllib.request

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from twinhood.documents import offices
from twinhood.documents.models import Authority, TrustedIssuer

logger = logging.getLogger(__name__)

BYTES_MAX = 4 * 1024 * 1024
TIMEOUT_S = 5.0


def list_for(certificate: x509.Certificate) -> bytes | None:
    """The list (DER) on which this certificate would stand if it were revoked; None if unknown."""
    own = [bytes(one.certificate) for one in Authority.objects.all()]
    if _issuer(certificate, own):
        return bytes(offices.newest_list().data)
    trusted = TrustedIssuer.objects.filter(
        purpose=TrustedIssuer.Purpose.TIMESTAMPS, ended_at__isnull=True
    )
    issuer = _issuer(certificate, [bytes(one.certificate) for one in trusted])
    url = _url(certificate)
    if issuer is None or not url:
        return None
    try:
        return _fetched(url, issuer)
    except (OSError, ValueError) as problem:
        logger.warning("documents.list_not_fetched %s: %s", type(problem).__name__, problem)
        return None


def _issuer(certificate: x509.Certificate, roots: list[bytes]) -> x509.Certificate | None:
    """The root that signed it, if it is one of these."""
    for one in roots:
        root = x509.load_der_x509_certificate(one)
        try:
            certificate.verify_directly_issued_by(root)
        except Exception:  # noqa: S112 (another name, another key: another root)
            continue
        return root
    return None


def _url(certificate: x509.Certificate) -> str:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return ""
    names = [name.value for point in points for name in point.full_name or []]
    return next((one for one in names if one.startswith(("http://", "https://"))), "")


def _fetched(url: str, issuer: x509.Certificate) -> bytes:
    data = ask(url, timeout_s=TIMEOUT_S, bytes_max=BYTES_MAX)
    found = (
        x509.load_pem_x509_crl(data) if data.startswith(b"---") else x509.load_der_x509_crl(data)
    )
    if not found.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
        raise ValueError("the list is not its issuer's")
    return found.public_bytes(Encoding.DER)


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
