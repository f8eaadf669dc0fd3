"""Promises about papers signed elsewhere, or by hand: what comes back is what we gave away, signed.

The outside software is another library's signer and poppler's; the hand is two people's word.
"""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import BoundedSemaphore
from typing import Any

import pikepdf
import pytest
from asn1crypto import keys, x509
from django.db import DatabaseError, connection, transaction
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko_certvalidator.registry import SimpleCertificateStore

from twinhood.documents import actions, apart, uploads
from twinhood.documents.core import authority, signing
from twinhood.documents.core.authority import Identity
from twinhood.documents.core.checking import check
from twinhood.documents.core.checking_report import Anchor, Known
from twinhood.documents.core.receiving import Problem
from twinhood.documents.errors import (
    AlreadySigned,
    CapacityEnded,
    NotTaken,
    ScanUnfit,
    Stale,
    TooBusy,
    WitnessUnfit,
)
from twinhood.documents.models import Scan, Signature, Slot
from twinhood.documents.store import the_store
from twinhood.documents.tests.papers import agreement, head, mayor
from twinhood.documents.tests.signed_papers import NOW, SIGNED, World, signed, stamped
from twinhood.kit import clock
from twinhood.people.models import Organisation, Person

AT = datetime(2026, 4, 6, 12, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture(scope="module")
def national() -> Identity:
    """A certificate that somebody else issued."""
    key, own = authority.new_key(), authority.new_key()
    root = authority.root(name="Another authority", key=key, serial=7, at=AT)
    made = authority.office(
        Identity(root, key, root),
        name="A head of administration",
        organisation="",
        key=own,
        serial=8,
        at=AT - timedelta(hours=1),
        until=AT + timedelta(days=700),
        list_url="http://ca.example.org/list.crl",
    )
    return Identity(made, own, root)


@pytest.fixture
def dana(db: None) -> Person:
    return Person.objects.create_user("dana@example.org", name="Dana")


@pytest.fixture
def slot(db: None) -> Slot:
    with clock.showing(AT - timedelta(days=2)):
        document = actions.freeze(agreement(is_specimen=False), about="agreement:1")
    return document.slots.order_by("position")[0]


def signed_elsewhere(data: bytes, identity: Identity, field: str = "Side1") -> bytes:
    return signing.sign(data, field=field, identity=identity, at=AT, reason="").data


def accept(slot: Slot, person: Person, data: bytes) -> Signature:
    return actions.accept_signed(slot=slot, capacity=mayor(), person=person, data=data)


def test_a_paper_signed_elsewhere_comes_back_as_the_next_revision(
    slot: Slot, dana: Person, national: Identity
) -> None:
    taken = actions.take_to_sign(slot=slot, person=dana)

    signature = accept(slot, dana, signed_elsewhere(taken, national))

    last = actions.last_revision(slot.document)
    assert signature.method == "own"
    assert signature.revision_id == last.pk
    assert the_store().get(last.sha256).startswith(taken)
    assert [level.level for level in signature.levels.all()] == ["B-B"]


def flipped(data: bytes) -> bytes:
    place = data.rindex(b"/Contents <") + 800
    return data[:place] + (b"0" if data[place : place + 1] != b"0" else b"1") + data[place + 1 :]


def saved_again(data: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(out)
    return out.getvalue()


def test_anything_else_is_refused_with_what_is_wrong(
    slot: Slot, dana: Person, national: Identity
) -> None:
    taken = actions.take_to_sign(slot=slot, person=dana)
    good = signed_elsewhere(taken, national)
    both = signed_elsewhere(good, national, "Side2")
    cases = {
        Problem.NO_SIGNATURE: [taken, taken + b"\n%%EOF\n"],
        Problem.NOT_OURS: [b"", b"%PDF-1.7 another", saved_again(good), good[1:]],
        Problem.OTHER_FIELD: [signed_elsewhere(taken, national, "Side2")],
        Problem.MORE_CHANGED: [
            both,
            good + b"\n% more\n",
            overlaid(taken, national, is_apart=True),
            overlaid(taken, national, is_apart=False),
        ],
        Problem.BROKEN: [flipped(good)],
        Problem.TOO_LONG: [good + bytes(20 * 1024 * 1024)],
    }

    for problem, papers in cases.items():
        for number, data in enumerate(papers):
            with pytest.raises(NotTaken) as refused:
                accept(slot, dana, data)
            found = refused.value.problem
            assert found == problem or (found, problem) in EITHER, (problem, number, refused.value)

    assert slot.document.revisions.count() == 1


def test_software_may_add_its_evidence_behind_the_signature_in_the_same_upload(
    slot: Slot, dana: Person, authority: World
) -> None:
    taken = actions.take_to_sign(slot=slot, person=dana)
    with_lists = signed(taken, authority, "Side1", authority.stamford, at=SIGNED)
    data = stamped(with_lists, authority)

    signature = accept(slot, dana, data)

    assert b"/VRI" in with_lists[len(taken) :]
    assert data.count(b"%%EOF") - taken.count(b"%%EOF") > 2
    assert slot.document.revisions.count() == 2
    assert {"B-B", "B-T"} == {level.level for level in signature.levels.all()}
    report = check(data, Known(anchors=tuple(Anchor(der, "") for der in authority.anchors)), at=NOW)
    assert report.approvals[0].level == "B-LTA"
    assert not [one for one in report.every_check() if one.result == "failed"]


@pytest.mark.parametrize("fault", ["drawn", "two fields", "seen", "before", "cut", "retitled"])
def test_whatever_else_comes_with_the_evidence_is_refused(
    slot: Slot, dana: Person, authority: World, fault: str
) -> None:
    taken = actions.take_to_sign(slot=slot, person=dana)
    first = stamped(taken, authority) if fault == "before" else taken
    done = signed(first, authority, "Side1", authority.stamford, at=SIGNED)
    if fault == "two fields":
        done = signed(done, authority, "Side2", authority.kramatorsk, at=SIGNED)
    if fault in CHANGES:
        done = changed(done, CHANGES[fault])
    data = done[:-200] if fault == "cut" else stamped(done, authority)

    with pytest.raises(NotTaken) as refused:
        accept(slot, dana, data)

    assert refused.value.problem in {Problem.MORE_CHANGED, Problem.UNREADABLE}
    assert slot.document.revisions.count() == 1


def changed(data: bytes, change: Callable[[IncrementalPdfFileWriter], object]) -> bytes:
    """With an update that does something else."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _draw(writer: IncrementalPdfFileWriter) -> None:
    drawn = writer.add_object(generic.StreamObject(stream_data=b"0 0 500 500 re f"))
    writer.add_stream_to_page(0, drawn)


def _retitle(writer: IncrementalPdfFileWriter) -> None:
    writer.set_info(generic.DictionaryObject({pdf_name("/Title"): pdf_string("Another")}))


def _add_seen_field(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("Seen", on_page=0, box=(10, 10, 200, 200)))


CHANGES = {"drawn": _draw, "seen": _add_seen_field, "retitled": _retitle}


def test_where_many_papers_are_read_at_once_one_is_asked_to_come_again(
    slot: Slot, dana: Person, national: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = actions.take_to_sign(slot=slot, person=dana)
    monkeypatch.setattr(apart, "WAIT_S", 0.01)
    monkeypatch.setattr(apart, "_places", BoundedSemaphore(1))

    with apart._places, pytest.raises(TooBusy):
        accept(slot, dana, signed_elsewhere(taken, national))

    assert slot.document.revisions.count() == 1
    assert accept(slot, dana, signed_elsewhere(taken, national)).method == "own"


def test_a_child_that_takes_too_long_is_ended(
    slot: Slot, dana: Person, national: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = actions.take_to_sign(slot=slot, person=dana)
    monkeypatch.setattr(uploads, "WALL_S", 0.001)

    with pytest.raises(NotTaken) as refused:
        accept(slot, dana, signed_elsewhere(taken, national))

    assert refused.value.problem is Problem.UNREADABLE


# A flipped digit may break the signature or the form that it is written in.
EITHER = {(Problem.UNREADABLE, Problem.BROKEN), (Problem.UNREADABLE, Problem.NO_SIGNATURE)}


def overlaid(taken: bytes, identity: Identity, *, is_apart: bool) -> bytes:
    """Signed after something was drawn over the first page, in an update of its own or the same."""
    writer = IncrementalPdfFileWriter(io.BytesIO(taken))
    drawn = writer.add_object(generic.StreamObject(stream_data=b"0 0 500 500 re f"))
    writer.add_stream_to_page(0, drawn)
    if is_apart:
        changed = io.BytesIO()
        writer.write(changed)
        return signed_elsewhere(changed.getvalue(), identity)
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(identity.certificate),
        signing_key=keys.PrivateKeyInfo.load(identity.key),
        cert_registry=SimpleCertificateStore(),
    )
    meta = signers.PdfSignatureMetadata(field_name="Side1")
    made = signers.sign_pdf(writer, meta, signer, existing_fields_only=True)
    return bytes(made.getvalue())


@pytest.mark.parametrize(
    "added",
    [
        b"\nstartxref\n5\n%%EOF\n",
        b"\n99 0 obj\n" + b"[" * 200_000 + b"\nendobj\nstartxref\n9\n%%EOF\n",
        b"\ntrailer\n" + b"<</Prev " * 50_000 + b"\nstartxref\n0\n%%EOF\n",
    ],
)
def test_a_file_made_to_break_a_reader_breaks_nothing(
    slot: Slot, dana: Person, added: bytes
) -> None:
    taken = actions.take_to_sign(slot=slot, person=dana)

    with pytest.raises(NotTaken) as refused:
        accept(slot, dana, taken + added)

    assert refused.value.problem in {Problem.UNREADABLE, Problem.NO_SIGNATURE, Problem.UNSOUND}


def test_who_signed_an_older_revision_is_asked_to_sign_the_new_one(
    slot: Slot, dana: Person, national: Identity
) -> None:
    taken = actions.take_to_sign(slot=slot, person=dana)
    second = slot.document.slots.get(position=1)
    by_other = signed_elsewhere(taken, national, "Side2")
    actions.accept_signed(slot=second, capacity=head(), person=dana, data=by_other)

    with pytest.raises(Stale):
        accept(slot, dana, signed_elsewhere(taken, national))

    again = actions.take_to_sign(slot=slot, person=dana)
    # What goes on from the new one is not called old, whatever else is wrong with it.
    with pytest.raises(NotTaken) as refused:
        accept(slot, dana, overlaid(again, national, is_apart=False))
    assert refused.value.problem == Problem.MORE_CHANGED
    assert accept(slot, dana, signed_elsewhere(again, national)).slot == slot


# --- by hand


@pytest.fixture
def witnesses(db: None) -> list[tuple[Person, Organisation]]:
    return [
        (
            Person.objects.create_user(f"{name}@example.org", name=name.title()),
            Organisation.objects.create(kind="charity", name={"en": f"House of {name}"}),
        )
        for name in ("olha", "grant")
    ]


def enter(slot: Slot, person: Person, data: bytes = PNG, **more: Any) -> Scan:
    day = more.pop("signed_date", date(2026, 4, 6))
    capacity = more.pop("capacity", mayor())
    return actions.enter_scan(
        slot=slot, capacity=capacity, person=person, data=data, signed_date=day
    )


def test_a_hand_counts_once_two_of_different_organisations_saw_it(
    slot: Slot, dana: Person, witnesses: list[tuple[Person, Organisation]]
) -> None:
    (olha, charity), (grant, auditors) = witnesses
    scan = enter(slot, dana)

    assert actions.witness_scan(scan=scan, person=olha, organisation=charity) is None
    assert not Signature.objects.exists()

    signature = actions.witness_scan(scan=scan, person=grant, organisation=auditors)

    assert signature is not None
    assert (signature.method, signature.certificate_sha256) == ("paper", "")
    assert not signature.levels.exists()
    assert the_store().get(scan.sha256) == PNG
    with pytest.raises(AlreadySigned):
        enter(slot, dana, PNG + b"another")


def test_who_entered_it_is_no_witness_nor_are_two_of_one_organisation(
    slot: Slot, dana: Person, witnesses: list[tuple[Person, Organisation]]
) -> None:
    (olha, charity), (grant, _) = witnesses
    scan = enter(slot, dana)
    with pytest.raises(WitnessUnfit):
        actions.witness_scan(scan=scan, person=dana, organisation=charity)
    actions.witness_scan(scan=scan, person=olha, organisation=charity)

    for person, organisation in ((grant, charity), (olha, witnesses[1][1])):
        with pytest.raises(WitnessUnfit):
            actions.witness_scan(scan=scan, person=person, organisation=organisation)

    assert not Signature.objects.exists()


def test_the_database_wants_two_witnesses_as_well(slot: Slot, dana: Person) -> None:
    scan = enter(slot, dana)

    with pytest.raises(DatabaseError, match="two witnesses"), transaction.atomic():
        sign_by_hand_alone(scan, dana)


def sign_by_hand_alone(scan: Scan, person: Person) -> None:
    Signature.objects.create(
        slot=scan.slot,
        revision=scan.revision,
        method="paper",
        entered_by=person,
        signed_at=AT,
        name="DEMO",
        office={"en": "Mayor"},
        legal_basis={"en": "Charter"},
        from_date=date(2022, 1, 1),
        scan=scan,
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"GIF89a", PNG + bytes(21 << 20)])
def test_a_scan_is_a_picture_or_a_pdf(slot: Slot, dana: Person, data: bytes) -> None:
    with pytest.raises(ScanUnfit):
        enter(slot, dana, data)


def test_the_capacity_is_that_of_the_day_on_which_the_hand_signed(slot: Slot, dana: Person) -> None:
    ended = mayor(until=date(2026, 4, 5))

    with pytest.raises(CapacityEnded):
        enter(slot, dana, capacity=ended)

    assert enter(slot, dana, capacity=ended, signed_date=date(2026, 4, 5)).slot == slot
