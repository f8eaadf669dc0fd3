"""`manage offices` lists the certificates of offices; `manage offices revoke SHA256 --reason …`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from twinhood.documents import offices
from twinhood.documents.errors import KeysMissing
from twinhood.documents.models import OfficeCertificate
from twinhood.kit.core.sealing import NotOurs

DIGITS_MIN = 8
REASON_LENGTH_MAX = 200


class Command(BaseCommand):
    help = "List the certificates that offices sign with here, or revoke one, with a reason."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb")
        revoke = verbs.add_parser("revoke", help="let a certificate count no more from now on")
        revoke.add_argument("sha256", help=f"of the certificate, or its first {DIGITS_MIN} digits")
        revoke.add_argument("--reason", required=True, help="stays beside it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "revoke":
            self._revoke(options["sha256"], options["reason"].strip())
        else:
            self._list()

    def _list(self) -> None:
        for one in OfficeCertificate.objects.order_by("id"):
            until = f"good until {one.not_after:%Y-%m-%d}"
            if one.revoked_at:
                until = f"revoked {one.revoked_at:%Y-%m-%d %H:%M} UTC: {one.revoke_reason}"
            self.stdout.write(f"{one.sha256}  {one.term}  {one.office}, {until}")

    def _revoke(self, digits: str, reason: str) -> None:
        if not 0 < len(reason) <= REASON_LENGTH_MAX:
            raise CommandError(f"Give a reason of 1 to {REASON_LENGTH_MAX} characters.")
        certificate = _named(digits.lower())
        if certificate.revoked_at:
            at = f"{certificate.revoked_at:%Y-%m-%d %H:%M} UTC"
            raise CommandError(f"It was revoked on {at}: {certificate.revoke_reason}")
        try:
            listed = offices.revoke(certificate, reason=reason)
        except (KeysMissing, NotOurs) as problem:
            raise CommandError(f"The key of the authority cannot be read: {problem}") from problem
        self.stdout.write(f"revoked: {certificate.office}, {certificate.sha256}")
        self.stdout.write(f"It stands on list {listed.number}, at {offices.list_url()}")


def _named(digits: str) -> OfficeCertificate:
    found = list(OfficeCertificate.objects.filter(sha256__startswith=digits)[:2])
    if len(digits) < DIGITS_MIN or not found:
        raise CommandError(f"No certificate begins with these digits ({DIGITS_MIN} at least).")
    if len(found) > 1:
        raise CommandError("Several certificates begin with these digits: give more of them.")
    return found[0]
