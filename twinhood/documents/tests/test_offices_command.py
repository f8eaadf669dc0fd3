"""The operator lists the certificates of offices, and revokes one."""

from io import StringIO

import pytest
from cryptography import x509
from django.core.management import CommandError, call_command

from twinhood.documents import offices
from twinhood.documents.models import OfficeCertificate, RevocationList
from twinhood.documents.tests.papers import head, mayor

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate() -> OfficeCertificate:
    """The mayor's; the head's stands beside it."""
    offices.identity_for(mayor(), is_specimen=True)
    offices.identity_for(head(), is_specimen=True)
    return OfficeCertificate.objects.get(office__contains="Mayor")


def say(*words: str) -> str:
    out = StringIO()
    call_command("offices", *words, stdout=out)
    return out.getvalue()


def test_a_revoked_certificate_is_listed_with_its_reason(certificate: OfficeCertificate) -> None:
    before = say()
    said = say("revoke", certificate.sha256[:8].upper(), "--reason", " The passkey was lost. ")
    after = say()

    listed = x509.load_der_x509_crl(bytes(offices.newest_list().data))
    assert [f"{one.serial_number:x}" for one in listed] == [certificate.serial]
    assert f"revoked: {certificate.office}" in said
    assert "/ca/revoked.crl" in said
    assert before.count("good until") == 2
    assert after.count("good until") == 1
    assert "The passkey was lost.\n" in after


def test_what_cannot_be_revoked_is_told_and_nothing_is_published(
    certificate: OfficeCertificate,
) -> None:
    for digits, reason, told in (
        ("0" * 64, "Lost.", "No certificate begins"),
        ("", "Lost.", "No certificate begins"),
        (certificate.sha256, "  ", "Give a reason"),
        (certificate.sha256, "x" * 201, "Give a reason"),
    ):
        with pytest.raises(CommandError, match=told):
            say("revoke", digits, "--reason", reason)

    assert not RevocationList.objects.exists()


def test_a_certificate_is_revoked_once(certificate: OfficeCertificate) -> None:
    say("revoke", certificate.sha256, "--reason", "The passkey was lost.")

    with pytest.raises(CommandError, match=r"It was revoked on .*: The passkey was lost\."):
        say("revoke", certificate.sha256, "--reason", "Again.")

    assert RevocationList.objects.count() == 1
