"""`manage trust_issuer FILE --source … --for signatures|timestamps [--end]`."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.management.base import BaseCommand, CommandError, CommandParser

from twinhood.documents.models import TrustedIssuer
from twinhood.kit import clock


class Command(BaseCommand):
    help = "Trust a root certificate, with the source that says so, or trust it no more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the certificate, PEM or DER")
        parser.add_argument("--for", dest="purpose", choices=TrustedIssuer.Purpose.values)
        parser.add_argument("--source", default="", help="who says so: an address or a document")
        parser.add_argument("--end", action="store_true", help="trust it no more, from now on")

    def handle(self, *args: Any, file: Path, purpose: str, **options: Any) -> None:
        certificate = _read(file)
        if not purpose:
            raise CommandError("Say what for: --for signatures, or --for timestamps.")
        der = certificate.public_bytes(Encoding.DER)
        digits = sha256(der).hexdigest()
        trusted = TrustedIssuer.objects.filter(
            sha256=digits, purpose=purpose, ended_at__isnull=True
        )
        name = certificate.subject.rfc4514_string()
        if options["end"]:
            if not trusted.update(ended_at=clock.now()):
                raise CommandError(f"{name} is not trusted for {purpose}.")
            self.stdout.write(f"trusted no more for {purpose}: {name}")
            return
        if not options["source"]:
            raise CommandError("Say with --source who says that it is to be trusted.")
        if not trusted.exists():
            TrustedIssuer.objects.create(
                name=name[:200],
                purpose=purpose,
                certificate=der,
                sha256=digits,
                source=options["source"],
                from_date=certificate.not_valid_before_utc.date(),
                until_date=certificate.not_valid_after_utc.date(),
                added_at=clock.now(),
            )
        self.stdout.write(f"trusted for {purpose}: {name}, SHA-256 {digits}")


def _read(file: Path) -> x509.Certificate:
    """The certificate, which must be one that issues others and was signed by itself."""
    try:
        data = file.read_bytes()
        pem = data.lstrip().startswith(b"-----BEGIN")
        found = (
            x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
        )
        basic = found.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (OSError, ValueError, x509.ExtensionNotFound) as problem:
        raise CommandError(f"{file} is no root certificate: {problem}") from problem
    if not basic.ca or found.subject != found.issuer:
        raise CommandError(f"{file} is no root certificate: it does not issue others by itself.")
    return found
