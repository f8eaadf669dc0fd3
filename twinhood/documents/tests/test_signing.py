"""Promises of signing: who may, that it is kept, and that a server far away cannot stop it."""

import io
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography import x509
from django.db import DatabaseError, connection, transaction
from pyhanko.pdf_utils.reader import PdfFileReader

from twinhood.documents import actions, evidence, offices
from twinhood.documents.core import authority
from twinhood.documents.core.capacity import NotNow
from twinhood.documents.errors import (
    AlreadySigned,
    CapacityEnded,
    NotSpecimen,
    Replaced,
    TextUnfit,
)
from twinhood.documents.models import (
    Document,
    LevelReached,
    OfficeCertificate,
    Revision,
    Signature,
)
from twinhood.documents.store import the_store
from twinhood.documents.tests.papers import agreement, head, mayor, with_article
from twinhood.kit import clock
from twinhood.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def olha() -> Person:
    return Person.objects.create_user("olha@example.org", name="Olha")


def bytes_of(document: Document) -> bytes:
    return the_store().get(actions.last_revision(document).sha256)


def signed_by_both(person: Person) -> Document:
    document = actions.freeze(agreement(), about="agreement:1")
    one, two = document.slots.order_by("position")
    actions.sign_specimen(slot=one, capacity=mayor(), person=person)
    actions.sign_specimen(slot=two, capacity=head(), person=person)
    return document


def levels_of(document: Document) -> list[set[str]]:
    signatures = Signature.objects.filter(slot__document=document).order_by("id")
    return [set(one.levels.values_list("level", flat=True)) for one in signatures]


def test_what_is_frozen_lies_under_its_hash_with_an_empty_field_for_each_side() -> None:
    document = actions.freeze(agreement(), about="agreement:1")

    data = bytes_of(document)
    fields = PdfFileReader(io.BytesIO(data)).root["/AcroForm"]["/Fields"]
    assert sha256(data).hexdigest() == document.sha256
    assert [field.get_object()["/T"] for field in fields] == ["Side1", "Side2"]
    assert [slot.field_name for slot in document.slots.order_by("position")] == ["Side1", "Side2"]


def test_each_signature_only_adds_and_both_reach_the_highest_level(olha: Person) -> None:
    document = signed_by_both(olha)

    kinds = list(document.revisions.order_by("number").values_list("added", flat=True))
    data = bytes_of(document)
    for revision in document.revisions.all():
        assert sha256(data[: revision.length_bytes]).hexdigest() == revision.sha256
    assert kinds == ["frozen", "signature", "evidence", "signature", "evidence"]
    assert levels_of(document) == [{"B-B", "B-T", "B-LT", "B-LTA"}] * 2


@pytest.mark.parametrize(
    ("until", "today", "why"),
    [
        (date(2026, 4, 5), "2026-04-06T04:30", NotNow.ENDED),
        (None, "2020-01-01T12:00", NotNow.NOT_YET),
    ],
)
def test_who_does_not_hold_the_office_today_is_refused_with_the_reason(
    olha: Person, until: date | None, today: str, why: NotNow
) -> None:
    document = actions.freeze(agreement(), about="agreement:1")
    moment = datetime.fromisoformat(f"{today}+00:00")

    with clock.showing(moment), pytest.raises(CapacityEnded) as refused:
        actions.sign_specimen(
            slot=document.slots.first(),  # type: ignore[arg-type]
            capacity=mayor(until=until),
            person=olha,
        )

    assert refused.value.why == why
    assert document.revisions.count() == 1


def test_the_last_day_counts_until_midnight_where_the_office_is(olha: Person) -> None:
    document = actions.freeze(agreement(), about="agreement:1")
    slot = document.slots.order_by("position")[0]

    # In New York it is still the evening of the 5th.
    with clock.showing(datetime.fromisoformat("2026-04-06T03:30+00:00")):
        actions.sign_specimen(slot=slot, capacity=mayor(until=date(2026, 4, 5)), person=olha)

    assert document.revisions.filter(added="signature").count() == 1


def test_a_slot_is_signed_once(olha: Person) -> None:
    document = signed_by_both(olha)

    with pytest.raises(AlreadySigned):
        actions.sign_specimen(
            slot=document.slots.order_by("position")[0], capacity=mayor(), person=olha
        )


def test_what_was_refused_is_not_signed_and_what_was_signed_is_not_refused(olha: Person) -> None:
    document = actions.freeze(agreement(), about="agreement:1")
    one, two = document.slots.order_by("position")

    actions.refuse(slot=one, person=olha, reason="The council has not voted.")
    actions.sign_specimen(slot=two, capacity=head(), person=olha)

    with pytest.raises(AlreadySigned):
        actions.sign_specimen(slot=one, capacity=mayor(), person=olha)
    with pytest.raises(AlreadySigned):
        actions.refuse(slot=two, person=olha, reason="Too late.")


def test_a_corrected_paper_takes_the_others_place_and_the_other_is_kept(olha: Person) -> None:
    document = actions.freeze(agreement(), about="agreement:1")
    one, two = document.slots.order_by("position")
    actions.sign_specimen(slot=one, capacity=mayor(), person=olha)
    corrected = actions.freeze(agreement(articles=4), about="agreement:1", replaces=document)

    with pytest.raises(Replaced) as told:
        actions.sign_specimen(slot=two, capacity=head(), person=olha)

    assert told.value.code == corrected.code
    assert Document.objects.count() == 2
    assert bytes_of(document)


def test_only_a_specimen_is_signed_without_a_passkey(olha: Person) -> None:
    document = actions.freeze(agreement(is_specimen=False), about="agreement:1")

    with pytest.raises(NotSpecimen):
        actions.sign_specimen(
            slot=document.slots.order_by("position")[0], capacity=mayor(), person=olha
        )


def test_a_text_that_cannot_stand_on_paper_is_named(olha: Person) -> None:
    with pytest.raises(TextUnfit) as refused:
        actions.freeze(with_article("Help \u202eyadot"), about="agreement:1")

    assert refused.value.where == "articles.1.heading.en"
    assert refused.value.unfit.code_point == "U+202E"
    assert Document.objects.count() == 0


def test_a_timestamp_server_that_is_down_costs_a_level_and_no_signature(
    olha: Person, settings: Any
) -> None:
    document = actions.freeze(agreement(), about="agreement:1")
    slot = document.slots.order_by("position")[0]
    settings.TSA_URL = "http://127.0.0.1:9/"

    actions.sign_specimen(slot=slot, capacity=mayor(), person=olha)

    assert levels_of(document) == [{"B-B"}]

    settings.TSA_URL = ""  # a specimen's own timestamps are there again

    assert evidence.raise_levels() == 1
    assert evidence.raise_levels() == 0
    assert levels_of(document) == [{"B-B", "B-T", "B-LT", "B-LTA"}]


def test_a_paper_that_was_taken_away_is_not_added_to_meanwhile(olha: Person, settings: Any) -> None:
    document = actions.freeze(agreement(), about="agreement:1")
    one, two = document.slots.order_by("position")
    settings.TSA_URL = "http://127.0.0.1:9/"
    actions.sign_specimen(slot=one, capacity=mayor(), person=olha)
    settings.TSA_URL = ""

    taken = actions.take_to_sign(slot=two, person=olha)

    assert evidence.raise_levels() == 0
    assert bytes_of(document) == taken


STATEMENTS = [
    "UPDATE documents_document SET sha256 = repeat('0', 64)",
    "DELETE FROM documents_revision",
    "UPDATE documents_revision SET length_bytes = 1",
    "UPDATE documents_signature SET name = 'Somebody else'",
    "DELETE FROM documents_signature",
    "DELETE FROM documents_slot",
    "UPDATE documents_levelreached SET level = 'B-LTA'",
    "UPDATE documents_officecertificate SET term = 'term:9'",
    "DELETE FROM documents_officecertificate",
    "TRUNCATE documents_levelreached",
]


def test_the_database_keeps_what_was_signed(olha: Person) -> None:
    signed_by_both(olha)

    for statement in STATEMENTS:
        with (
            pytest.raises(DatabaseError, match=r"never changed|only be revoked"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {statement}")


def test_the_database_lets_a_revision_only_add(olha: Person) -> None:
    document = actions.freeze(agreement(), about="agreement:1")

    with pytest.raises(DatabaseError, match="only adds"), transaction.atomic():
        Revision.objects.create(
            document=document,
            number=1,
            added="evidence",
            sha256="1" * 64,
            length_bytes=5,
            made_at=clock.now(),
        )


def test_a_revoked_certificate_stands_on_the_list_and_the_next_term_gets_another(
    olha: Person,
) -> None:
    signed_by_both(olha)
    row = OfficeCertificate.objects.get(office__contains="Mayor")

    offices.revoke(row, reason="The passkey was lost.")

    listed = x509.load_der_x509_crl(bytes(offices.newest_list().data))
    serials = [f"{one.serial_number:x}" for one in listed]
    again = offices.identity_for(mayor(), is_specimen=True)
    assert serials == [row.serial]
    assert again.certificate != bytes(row.certificate)
    assert LevelReached.objects.count() == 8


def test_a_certificate_that_runs_out_within_a_term_is_followed_by_another(olha: Person) -> None:
    begun = clock.now()
    first = offices.identity_for(mayor(), is_specimen=True)
    nearly = begun + timedelta(days=365 * authority.YEARS_MAX - 40)
    with clock.showing(nearly):
        same = offices.identity_for(mayor(), is_specimen=True)
    with clock.showing(nearly + timedelta(days=20)):
        second = offices.identity_for(mayor(), is_specimen=True)
        again = offices.identity_for(mayor(), is_specimen=True)

    assert same.certificate == first.certificate
    assert second.certificate == again.certificate != first.certificate
    rows = OfficeCertificate.objects.filter(term__endswith="term:1").order_by("id")
    assert [row.renews_id for row in rows] == [None, rows[0].pk]


def test_a_term_that_ends_gets_no_second_certificate(olha: Person) -> None:
    last_day = clock.now().date() + timedelta(days=5)

    first = offices.identity_for(mayor(until=last_day), is_specimen=True)
    again = offices.identity_for(mayor(until=last_day), is_specimen=True)

    assert first.certificate == again.certificate
