"""A national authority on loopback: a root, what issues to people, and a responder (OCSP).

The answers are certomancer's. It has faults on demand, and serves its list of revoked ones too.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from asn1crypto import algos, ocsp
from certomancer.services import RevocationInfoInterface, SimpleOCSPResponder
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import AuthorityInformationAccessOID as Access
from cryptography.x509.oid import ExtendedKeyUsageOID

from twinhood.documents.tests.signed_papers import BEGAN, Identity, certified, named, revocations


@dataclass
class National(RevocationInfoInterface):
    """Its certificates, and what it does: "well", "silent" or "forged"."""

    url: str = ""
    does: str = "well"
    asked: int = 0
    revoked: dict[int, datetime] = field(default_factory=dict)
    root: Identity = field(default_factory=lambda: certified(named("DEMO, Root"), is_ca=True))

    def __post_init__(self) -> None:
        self.issuing = self._issued("DEMO, Issuing authority", self.root, is_ca=True)
        self.responder = self._issued("DEMO, Responder", self.issuing, answers=True)
        self.stranger = certified(named("DEMO, Stranger"))

    def person(self, name: str = "DEMO, Head of administration") -> Identity:
        return self._issued(name, self.issuing)

    def _issued(
        self, name: str, issuer: Identity, *, is_ca: bool = False, answers: bool = False
    ) -> Identity:
        """Certified as everybody's, and it says where to ask about it."""
        plain = certified(named(name), issuer, is_ca=is_ca, begins=BEGAN)
        builder = x509.CertificateBuilder(
            plain.cert.issuer, plain.cert.subject, plain.cert.public_key(),
            plain.cert.serial_number, plain.cert.not_valid_before_utc,
            plain.cert.not_valid_after_utc,
            [one for one in plain.cert.extensions
             if not isinstance(one.value, x509.CRLDistributionPoints)],
        )  # fmt: skip
        if answers:
            use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
            builder = builder.add_extension(use, critical=False)
            builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
        elif is_ca:
            point = x509.UniformResourceIdentifier(f"{self.url}root.crl")
            places = x509.CRLDistributionPoints([x509.DistributionPoint([point], None, None, None)])
            builder = builder.add_extension(places, critical=False)
        else:
            place = x509.UniformResourceIdentifier(f"{self.url}ocsp")
            said = x509.AuthorityInformationAccess([x509.AccessDescription(Access.OCSP, place)])
            builder = builder.add_extension(said, critical=False)
        return Identity(builder.sign(issuer.key, hashes.SHA256()), plain.key, issuer)

    # --- what certomancer asks

    def get_issuer_cert(self) -> Any:
        return self.issuing.asn1

    def check_revocation_status(self, cid: Any, at_time: datetime) -> tuple[Any, list[Any]]:
        at = self.revoked.get(cid["serial_number"].native)
        if at is None:
            return ocsp.CertStatus("good"), []
        info = {"revocation_time": at, "revocation_reason": "key_compromise"}
        return ocsp.CertStatus("revoked", ocsp.RevokedInfo(info)), []

    def answer(self, asked: bytes) -> bytes:
        self.asked += 1
        if self.does == "silent":
            return b""
        by = self.stranger if self.does == "forged" else self.responder
        # Whole seconds, and not of the future.
        at = datetime.now(BEGAN.tzinfo).replace(microsecond=0) - timedelta(seconds=2)
        responder = SimpleOCSPResponder(
            by.asn1, by.asn1_key, algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            at, self, timedelta(days=1),
        )  # fmt: skip
        return bytes(responder.build_ocsp_response(ocsp.OCSPRequest.load(asked)).dump())

    @property
    def list_of_root(self) -> bytes:
        return revocations(self.root, issued=BEGAN)


@contextmanager
def running() -> Iterator[National]:
    """The authority, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(authority.list_of_root)

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            self._send(authority.answer(asked))

        def _send(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    authority = National(f"http://127.0.0.1:{server.server_port}/")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
