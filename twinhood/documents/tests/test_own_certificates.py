"""Promises about certificates that a national authority issued: asked about, and shown for ever.

The authority, its responder and the timestamp server answer on loopback.
"""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSigner, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from twinhood.documents import actions, evidence, verdicts
from twinhood.documents.core.checking_report import Verdict
from twinhood.documents.core.receiving import Problem
from twinhood.documents.errors import NotTaken
from twinhood.documents.models import Signature, Slot
from twinhood.documents.tests import national as authorities
from twinhood.documents.tests import tsa as servers
from twinhood.documents.tests.national import National
from twinhood.documents.tests.papers import agreement
from twinhood.documents.tests.signed_papers import Identity, certified, named
from twinhood.documents.tests.test_elsewhere import accept
from twinhood.documents.tests.tsa import Tsa
from twinhood.kit import clock
from twinhood.people.models import Person

pytestmark = pytest.mark.django_db
ALL = {"B-B", "B-T", "B-LT", "B-LTA"}


@pytest.fixture(scope="module")
def started() -> Iterator[National]:
    with authorities.running() as national:
        yield national


@pytest.fixture(scope="module")
def server() -> Iterator[Tsa]:
    with servers.running() as tsa:
        yield tsa


@pytest.fixture
def national(started: National) -> National:
    started.does, started.asked = "well", 0
    started.revoked.clear()
    return started


@pytest.fixture
def trusted(national: National, server: Tsa, settings: Any, tmp_path: Path, db: None) -> National:
    """Both roots are trusted by the operator, and the timestamp server answers."""
    settings.TSA_URL, settings.TSA_TIMEOUT_S = server.url, 20.0
    server.does = "well"
    trust(tmp_path, server.root.certificate, "timestamps")
    trust(tmp_path, national.root.der, "signatures")
    return national


def trust(folder: Path, root: bytes, purpose: str) -> None:
    file = folder / f"{purpose}.crt"
    file.write_bytes(root)
    call_command("trust_issuer", str(file), "--for", purpose, "--source", "its own page")


@pytest.fixture
def slot(db: None) -> Slot:
    document = actions.freeze(agreement(is_specimen=False), about="agreement:1")
    return document.slots.order_by("position")[0]


@pytest.fixture
def dana(db: None) -> Person:
    return Person.objects.create_user("dana@example.org", name="Dana")


def sign(slot: Slot, dana: Person, identity: Identity) -> Signature:
    """Take the paper away, sign it with a program of one's own, and bring it back."""
    taken = actions.take_to_sign(slot=slot, person=dana)
    return accept(slot, dana, signed_with(identity, taken, slot.field_name))


def signed_with(identity: Identity, taken: bytes, field: str) -> bytes:
    """Signed as real programs do it: with the certificates on the way to the root."""
    assert identity.issuer is not None
    signer = SimpleSigner(
        signing_cert=identity.asn1, signing_key=identity.asn1_key,
        cert_registry=SimpleCertificateStore.from_certs([identity.issuer.asn1]),
    )  # fmt: skip
    meta = PdfSignatureMetadata(
        field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    made = PdfSigner(meta, signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(taken)))
    return bytes(made.getbuffer())


def yesterday() -> datetime:
    return clock.now().replace(microsecond=0) - timedelta(days=1)


def levels(signature: Signature) -> set[str]:
    return set(signature.levels.values_list("level", flat=True))


def test_a_certificate_of_an_authority_in_the_list_reaches_the_highest_level(
    slot: Slot, dana: Person, trusted: National
) -> None:
    signature = sign(slot, dana, trusted.person())

    assert levels(signature) == ALL
    report = verdicts.of_kept(slot.document).report
    assert report.approvals[0].level.value == "B-LTA"
    assert report.approvals[0].is_good
    codes = {one.code: one.result.value for one in report.approvals[0].checks}
    assert codes["revocation"] == codes["trust"] == "passed"
    assert report.verdict is Verdict.OPEN  # the other city has still to sign


def test_the_authority_that_is_silent_is_asked_again_and_the_level_follows(
    slot: Slot, dana: Person, trusted: National
) -> None:
    trusted.does = "silent"

    signature = sign(slot, dana, trusted.person())

    assert levels(signature) == {"B-B", "B-T"}
    count = slot.document.revisions.count()
    assert evidence.raise_levels() == 0
    assert slot.document.revisions.count() == count
    assert len(evidence.waiting_since()) == 1

    trusted.does = "well"

    assert evidence.raise_levels() == 1
    assert levels(signature) == ALL
    assert evidence.waiting_since() == []


def test_an_answer_that_somebody_else_signed_is_no_answer(
    slot: Slot, dana: Person, trusted: National
) -> None:
    trusted.does = "forged"

    assert levels(sign(slot, dana, trusted.person())) == {"B-B", "B-T"}


def test_a_certificate_that_its_authority_revoked_is_not_taken(
    slot: Slot, dana: Person, trusted: National
) -> None:
    thief = trusted.person()
    trusted.revoked[thief.cert.serial_number] = yesterday()

    with pytest.raises(NotTaken) as refused:
        sign(slot, dana, thief)

    assert refused.value.problem is Problem.REVOKED
    assert not Signature.objects.exists()


def test_one_that_was_revoked_later_has_signed_well(
    slot: Slot, dana: Person, trusted: National
) -> None:
    person = trusted.person()
    sign(slot, dana, person)

    trusted.revoked[person.cert.serial_number] = yesterday() + timedelta(days=1)

    assert verdicts.of_kept(slot.document).report.approvals[0].is_good


def test_what_a_certificate_names_is_never_asked_unless_its_root_is_trusted(
    slot: Slot, dana: Person, national: National
) -> None:
    signature = sign(slot, dana, national.person())

    assert national.asked == 0
    assert levels(signature) == {"B-B"}


def test_without_an_issuer_in_the_list_a_timestamp_is_all_and_nothing_waits(
    slot: Slot, dana: Person, server: Tsa, settings: Any, national: National
) -> None:
    settings.TSA_URL, settings.TSA_TIMEOUT_S = server.url, 20.0

    signature = sign(slot, dana, national.person())

    assert levels(signature) == {"B-B", "B-T"}
    assert evidence.waiting_since() == []
    assert evidence.raise_levels() == 0


def test_a_certificate_that_has_run_out_is_not_taken(
    slot: Slot, dana: Person, national: National
) -> None:
    old = certified(named("DEMO, Head"), national.root, ends=yesterday())

    with pytest.raises(NotTaken) as refused:
        sign(slot, dana, old)

    assert refused.value.problem is Problem.EXPIRED
