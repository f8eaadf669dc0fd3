"""Promises of freezing and signing: in turn, with powers, and what follows from it."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import pikepdf
import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from twinhood.documents import actions as documents
from twinhood.documents.errors import AlreadySigned, Replaced, SignedBefore
from twinhood.documents.models import Document, LoggedRevision
from twinhood.documents.store import the_store
from twinhood.kit import clock
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Partnership, Person
from twinhood.people.tests.desks import tasks_in
from twinhood.people.waiting import Task
from twinhood.translog.models import Leaf
from twinhood.twinnings import actions, drafting, errors, invitations, queries, signing, waiting
from twinhood.twinnings.core import capacity, states
from twinhood.twinnings.core.drafting import Side
from twinhood.twinnings.models import Draft, Instrument, Milestone, Seat, Term, Twinning
from twinhood.twinnings.models import Signature as RecordedSignature
from twinhood.twinnings.queries import seats_of
from twinhood.twinnings.signing_words import sentence_for
from twinhood.twinnings.tests.world import AT, DAY, Cities

DESK = "/en/desk/stamford-kramatorsk/"


@pytest.fixture(autouse=True)
def _september_in_english(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with clock.showing(AT), translation.override("en"):
        yield


@pytest.fixture
def cities(partnership: Partnership) -> Cities:
    return Cities(partnership)


@pytest.fixture
def frozen(cities: Cities) -> Draft:
    return freeze(cities)


def freeze(cities: Cities, draft: Draft | None = None, *, is_companion: bool = False) -> Draft:
    """A draft that both agreed to, frozen for its two signatories."""
    terms = terms_of(cities)
    draft = draft or cities.draft(is_companion=is_companion)
    seen = drafting.last_version(draft).sha256
    for side, by in ((Side.GIVING, cities.dana), (Side.RECEIVING, cities.iryna)):
        drafting.mark_agreed(draft=draft, seen_sha256=seen, by=by, side=side, at=AT)
    signing.freeze(draft=draft, terms=terms, by=cities.dana, at=AT)
    draft.refresh_from_db()
    return draft


def terms_of(cities: Cities) -> dict[Side, Term]:
    known = Term.objects.filter(office__partnership=cities.partnership)
    if not known.exists():
        cities.term(Side.GIVING, cities.mayor)
        cities.term(Side.RECEIVING, cities.head)
    return {
        side: known.get(office__place=place)
        for side, place in ((Side.GIVING, cities.partnership.giving_place),
                            (Side.RECEIVING, cities.partnership.receiving_place))
    }  # fmt: skip


def seat_of(draft: Draft, side: Side) -> Seat:
    return next(seat for seat in seats_of(draft) if seat.side == side)


def address(name: str, *more: Any) -> str:
    return reverse(f"twinnings:{name}", args=["stamford-kramatorsk", *more])


def words_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_what_both_agreed_to_becomes_one_paper_with_a_place_for_each_signature(
    frozen: Draft,
) -> None:
    document = Document.objects.get()
    data = the_store().get(documents.last_revision(document).sha256)

    with pikepdf.open(io.BytesIO(data)) as pdf:
        fields = [str(field.T) for field in pdf.Root.AcroForm.Fields]

    assert sorted(fields) == ["GivingSide", "ReceivingSide"]
    assert document.facts["version"] == "1"
    with pytest.raises(errors.WrongState):
        drafting.mark_agreed(
            draft=frozen, seen_sha256="", by=frozen.opened_by, side=Side.GIVING, at=AT
        )


def test_a_text_that_names_the_deputy_is_asked_about_before_the_head_signs_it(
    cities: Cities,
) -> None:
    mayor = cities.term(Side.GIVING, cities.mayor)
    cities.term(Side.RECEIVING, cities.head, office={"en": "Deputy", "uk": "Заступник"})
    draft = cities.draft()
    seen = drafting.last_version(draft).sha256
    for side, by in ((Side.GIVING, cities.dana), (Side.RECEIVING, cities.iryna)):
        drafting.mark_agreed(draft=draft, seen_sha256=seen, by=by, side=side, at=AT)
    head = cities.term(Side.RECEIVING, cities.head)
    dana, page = cities.signed_in(cities.dana), address("freezing", draft.number)
    chosen = {"giving": mayor.pk, "receiving": head.pk}

    asked = dana.post(page, chosen)

    assert asked.status_code == 422
    assert "The text names “Deputy, DEMO”." in words_of(asked)
    assert dana.get(page).context["form"].fields.keys() == {"giving", "receiving"}
    dana.post(page, chosen | {"as_it_is": "on"})
    assert seat_of(draft, Side.RECEIVING).term == head


def test_two_companion_papers_have_one_place_each(cities: Cities) -> None:
    draft = freeze(cities, is_companion=True)

    assert Document.objects.count() == 2
    assert [seat.side for seat in seats_of(draft)] == ["giving", "receiving"]


def test_nothing_is_frozen_before_both_agreed(cities: Cities) -> None:
    terms = terms_of(cities)
    draft = cities.draft()

    with pytest.raises(errors.OtherVersion):
        signing.freeze(draft=draft, terms=terms, by=cities.dana, at=AT)


def test_two_cities_sign_in_turn_and_the_history_and_the_log_say_so(
    cities: Cities, frozen: Draft
) -> None:
    Document.objects.all()
    signing.sign_specimen(seat=seat_of(frozen, Side.RECEIVING), person=cities.head)
    frozen.refresh_from_db()
    assert frozen.state == Draft.State.FROZEN
    half = LoggedRevision.objects.count()

    with clock.showing(AT + timedelta(hours=3)):
        signing.sign_specimen(seat=seat_of(frozen, Side.GIVING), person=cities.mayor)
    signing.follow(frozen)

    frozen.refresh_from_db()
    assert frozen.state == Draft.State.SIGNED
    document = Document.objects.get()
    logged = LoggedRevision.objects.order_by("pk")
    assert half < len(logged) == document.revisions.count()
    leaves = [bytes(Leaf.objects.get(pk=row.leaf_id).data) for row in logged]
    assert all(b'"kind":"paper"' in leaf for leaf in leaves)
    assert document.sha256.encode() in leaves[0]
    assert not any(b"DEMO" in leaf for leaf in leaves)


def test_powers_that_ended_yesterday_are_refused_with_the_reason(
    cities: Cities, frozen: Draft
) -> None:
    term = terms_of(cities)[Side.RECEIVING]
    drafting.end_term(term=term, until_date=DAY - timedelta(days=1), reason="New head.")

    with pytest.raises(errors.MayNotSign) as refused:
        signing.sign_specimen(seat=seat_of(frozen, Side.RECEIVING), person=cities.head)

    assert refused.value.refusal is capacity.Refusal.ENDED
    page = cities.signed_in(cities.head).get(address("seat", seat_of(frozen, Side.RECEIVING).pk))
    assert "The powers of this office have ended" in words_of(page)


def test_nobody_signs_for_the_other_city_or_with_anothers_powers(
    cities: Cities, frozen: Draft
) -> None:
    with pytest.raises(errors.MayNotSign):
        signing.sign_specimen(seat=seat_of(frozen, Side.RECEIVING), person=cities.mayor)

    seat = seat_of(frozen, Side.RECEIVING)
    assert cities.signed_in(cities.mayor).post(address("release", seat.pk)).status_code == 403
    assert cities.signed_in(cities.iryna).post(address("release", seat.pk)).status_code == 403


def test_powers_that_were_given_on_sign_and_end_with_those_they_come_from(
    cities: Cities, frozen: Draft
) -> None:
    term = terms_of(cities)[Side.RECEIVING]
    seat = seat_of(frozen, Side.RECEIVING)
    deputy = cities._person("Deputy", cities.iryna.roles.get().organisation, RoleName.SIGNATORY)
    given = drafting.record_term(
        partnership=cities.partnership, side=Side.RECEIVING, office={"en": "Deputy head"},
        holder={"en": "DEMO"}, legal_basis={"en": "Order"}, since_date=date(2026, 1, 1),
        by=cities.iryna, at=AT, delegated_from=term, person=deputy,
    )  # fmt: skip
    assert signing.powers_for(seat, deputy) == given
    page = words_of(cities.signed_in(deputy).get(address("seat", seat.pk)))
    assert "as: Deputy head." in page
    assert "Legal basis: Order" in page
    assert list(queries.seats_waiting_for(deputy, cities.partnership)) == [seat]
    # A text, and the form that freezes it, begin with whose powers are their own.
    begun = queries.terms_in_force(cities.partnership, Side.RECEIVING, DAY)
    assert list(begun) == [term, given]

    drafting.end_term(term=term, until_date=DAY - timedelta(days=1), reason="New head.")

    with pytest.raises(errors.MayNotSign):
        signing.powers_for(seat, deputy)


def test_a_refusal_has_a_reason_and_ends_that_paper(cities: Cities, frozen: Draft) -> None:
    seat = seat_of(frozen, Side.GIVING)
    with pytest.raises(errors.ReasonMissing):
        signing.refuse(seat=seat, person=cities.mayor, reason=" ")
    signing.refuse(seat=seat, person=cities.mayor, reason="The money clause is missing.")

    with pytest.raises(AlreadySigned):
        signing.sign_specimen(seat=seat_of(frozen, Side.GIVING), person=cities.mayor)
    page = cities.signed_in(cities.iryna).get(address("signing", frozen.number))
    assert "The money clause is missing." in words_of(page)
    # Both cities' clerks are told; nobody is asked to sign what cannot be whole any more.
    for clerk in (cities.dana, cities.iryna):
        assert "Refused by Stamford: " in words_of(cities.signed_in(clerk).get(DESK))
    assert "To be signed" not in words_of(cities.signed_in(cities.head).get(DESK))

    signing.reopen(draft=frozen)
    assert "Refused by" not in words_of(cities.signed_in(cities.iryna).get(DESK))


def test_a_name_stands_on_the_paper_as_each_language_writes_it(cities: Cities) -> None:
    term = cities.term(Side.RECEIVING, cities.head)
    for long, written in [("", "DEMO Head · ДЕМО Начальник"), ("a" * 100, "DEMO Head" + "a" * 100)]:
        term.holder = {"en": f"DEMO Head{long}", "uk": f"ДЕМО Начальник{long}"}
        assert signing.capacity_of(term, ("en", "uk")).name == written


def test_a_revision_after_the_first_signature_is_a_new_paper_and_the_old_one_is_kept(
    cities: Cities, frozen: Draft
) -> None:
    old = seat_of(frozen, Side.RECEIVING)
    signing.sign_specimen(seat=old, person=cities.head)
    open_again = signing.reopen(draft=frozen)
    with pytest.raises(errors.WrongState):
        signing.sign_specimen(seat=seat_of(frozen, Side.GIVING), person=cities.mayor)
    cities.reword(open_again, 3, "Other words", cities.dana, Side.GIVING)

    new = freeze(cities, open_again)

    assert Document.objects.count() == 2
    assert all(seat.frozen.version.number == 2 for seat in seats_of(new))
    assert not hasattr(seat_of(new, Side.RECEIVING).slot, "signature")
    # Whoever follows the link of the first letter is led to the paper of today.
    led = cities.signed_in(cities.head).get(address("seat", old.pk), follow=True)
    assert "that paper is not signed any more" in words_of(led)
    assert led.redirect_chain[-1][0] == address("signing", new.number)
    assert old.slot.__class__.objects.get(pk=old.slot_id).signature.name == "DEMO"
    with pytest.raises(Replaced):
        documents.sign_specimen(
            slot=Document.objects.earliest("pk").slots.get(field_name="GivingSide"),
            capacity=signing.capacity_of(terms_of(cities)[Side.GIVING], ("en", "uk")),
            person=cities.mayor,
        )


def test_whoever_signs_is_invited_in_their_language(cities: Cities, frozen: Draft) -> None:
    cities.head.language, cities.head.is_example = "uk", False
    cities.head.save()
    seat = seat_of(frozen, Side.RECEIVING)

    assert invitations.invite(seat.pk)

    letter = mail.outbox[-1]
    assert letter.to == [cities.head.email]
    assert letter.subject.startswith("На підпис:")
    assert f"/uk/desk/stamford-kramatorsk/agreements/seats/{seat.pk}/" in letter.body
    signing.sign_specimen(seat=seat, person=cities.head)
    assert not invitations.invite(seat.pk)


def test_without_mail_the_pages_say_so_people_sign_and_the_letter_follows(
    cities: Cities, frozen: Draft, settings: Any
) -> None:
    cities.head.is_example = False
    cities.head.save()
    seat = seat_of(frozen, Side.RECEIVING)
    works = settings.MAILERS
    backend = "django.core.mail.backends.smtp.EmailBackend"
    nobody = {"host": "127.0.0.1", "port": 9, "timeout": 2}
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": nobody}}

    with pytest.raises(OSError, match="refused"):
        invitations.invite(seat.pk)

    page = address("signing", frozen.number)
    desk = cities.signed_in(cities.dana)
    assert "The letter could not be sent yet" in words_of(desk.get(page))
    settings.MAILERS = works
    assert invitations.invite(seat.pk)
    assert "Invited by letter" in words_of(desk.get(page))
    assert "The letter could not be sent yet" not in words_of(desk.get(page))


def test_who_got_no_letter_signs_from_the_desk(cities: Cities, frozen: Draft) -> None:
    seat = seat_of(frozen, Side.RECEIVING)
    client = cities.signed_in(cities.head)

    assert address("seat", seat.pk) in words_of(client.get("/en/desk/stamford-kramatorsk/"))
    client.post(address("release", seat.pk))

    seat.slot.refresh_from_db()
    assert seat.slot.signature.method == "here"
    assert mail.outbox == []


def to_witness(cities: Cities, person: Person) -> list[Task]:
    found = tasks_in(waiting, person, cities.partnership)
    return [task for task in found if task.kind == waiting.WITNESSES]


def test_a_paper_signed_by_hand_counts_once_two_organisations_saw_it(
    cities: Cities, frozen: Draft
) -> None:
    seat = seat_of(frozen, Side.RECEIVING)
    iryna = cities.signed_in(cities.iryna)
    scan = io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(100))
    scan.name = "scan.png"
    page = iryna.post(
        address("by_hand", seat.pk), {"hand-signed_date": "2026-09-01", "hand-file": scan},
        follow=True,
    )  # fmt: skip
    assert "The scan is kept." in words_of(page)
    kept = seat.slot.scans.get()
    offered = [
        "I saw it being signed" in words_of(cities.signed_in(person).get(address("seat", seat.pk)))
        for person in (cities.iryna, cities.head, cities.dana)
    ]
    assert offered == [False, False, True]
    everybody = (cities.iryna, cities.head, cities.dana, cities.bondar)
    waits = [len(to_witness(cities, person)) for person in everybody]
    assert waits == [0, 0, 1, 1]
    iryna.post(address("witnessing", seat.pk), {"scan": kept.pk})
    # Neither who sent it in nor whose hand it is counts as a witness.
    for person in (cities.head, cities.dana):
        cities.signed_in(person).post(address("witnessing", seat.pk), {"scan": kept.pk})
    (task,) = to_witness(cities, cities.bondar)
    assert (task.done, task.wanted, task.first_by) == (
        1,
        2,
        str(cities.dana.roles.get().organisation),
    )
    assert task.title.startswith("Did you see it signed? Agreement on sister cities")
    assert task.url == address("seat", seat.pk)
    assert to_witness(cities, cities.dana) == []
    cities.signed_in(cities.bondar).post(address("witnessing", seat.pk), {"scan": kept.pk})

    assert [to_witness(cities, person) for person in everybody] == [[]] * 4
    signature = seat_of(frozen, Side.RECEIVING).slot.signature
    assert signature.method == "paper"
    assert [str(w.person) for w in kept.witnesses.order_by("pk")] == ["Dana", "Dr Bondar"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (b"not a PDF", "This"),
        (b"%PDF-1.7\n%%EOF", "This is not the paper that was given away"),
    ],
)
def test_another_file_than_the_paper_is_not_taken(
    cities: Cities, frozen: Draft, data: bytes, said: str
) -> None:
    seat = seat_of(frozen, Side.GIVING)
    file = io.BytesIO(data)
    file.name = "paper.pdf"

    page = cities.signed_in(cities.mayor).post(address("upload", seat.pk), {"own-file": file})

    assert page.status_code == 422
    assert said in words_of(page)


def test_the_ceremony_is_public_once_announced_and_grows_seals_out_of_signatures(
    cities: Cities, frozen: Draft
) -> None:
    anybody, url = Client(), address("ceremony", frozen.number)
    assert anybody.get(url).status_code == 404
    cities.signed_in(cities.dana).post(address("announcement", frozen.number))
    before = anybody.get(address("seals", frozen.number))
    assert "Nobody has signed yet" in words_of(before)

    signing.sign_specimen(seat=seat_of(frozen, Side.RECEIVING), person=cities.head)
    half = anybody.get(address("seals", frozen.number), headers={"if-none-match": before["ETag"]})
    again = anybody.get(address("seals", frozen.number), headers={"if-none-match": half["ETag"]})
    signing.sign_specimen(seat=seat_of(frozen, Side.GIVING), person=cities.mayor)

    assert half.status_code == 200
    assert again.status_code == 304
    assert "Waiting for Stamford" in words_of(half)
    assert "1 September 2026, 15:00 (Kyiv)" in words_of(half)
    whole = words_of(anybody.get(url))
    assert "Both cities signed" in whole
    assert 'data-clock="Europe/Kyiv"' in whole
    assert "No approval of the ministry is recorded" in whole
    assert anybody.get(address("ceremony_screen", frozen.number)).status_code == 200


def test_the_database_keeps_which_powers_a_frozen_paper_names(frozen: Draft) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Seat.objects.update(side="giving")
    with pytest.raises(DatabaseError), transaction.atomic():
        Seat.objects.all().delete()


def test_nobody_signed_a_paper_by_hand_before_it_was_made(cities: Cities, frozen: Draft) -> None:
    seat = seat_of(frozen, Side.GIVING)
    enter = partial(signing.enter_scan, seat=seat, person=cities.iryna, data=b"%PDF-")
    with pytest.raises(SignedBefore) as refused:
        enter(signed_date=DAY - timedelta(days=1))
    assert sentence_for(refused.value) == (
        "The paper was made on 1 September 2026: nobody can have signed it before."
    )
    assert enter(signed_date=DAY).signed_date == DAY


# --- the state of the bond


def signed_by_hand(cities: Cities, frozen: Draft, side: Side) -> None:
    seat, by = seat_of(frozen, side), cities.dana if side == Side.RECEIVING else cities.iryna
    scan = signing.enter_scan(
        seat=seat, person=cities.head, data=b"\x89PNG\r\n\x1a\n" + bytes(100), signed_date=DAY
    )
    for person in (by, cities.bondar):
        organisation = person.roles.get().organisation
        signing.witness(seat=seat, scan=scan, person=person, organisation=organisation)


def test_what_was_signed_here_alone_is_said_on_the_public_pages(
    partnership: Partnership, client: Client
) -> None:
    Partnership.objects.update(is_example=False)
    partnership.refresh_from_db()
    RecordedSignature.objects.all().delete()
    Instrument.objects.all().delete()
    Milestone.objects.filter(twinning__partnership=partnership).delete()
    Twinning.objects.update(state=Twinning.State.RESOLVED, is_confirmed=False)
    cities = Cities(partnership, is_example=False)
    frozen = freeze(cities)

    def said(page: str) -> str:
        return words_of(client.get(f"/en/p/stamford-kramatorsk/{page}"))

    assert "No signature is recorded yet." in said("")
    signed_by_hand(cities, frozen, Side.RECEIVING)
    assert "Signed by one city so far." in said("?half")
    signed_by_hand(cities, frozen, Side.GIVING)
    signing.announce(draft=frozen, at=AT)

    assert "Both cities signed." in said("?whole")
    agreement = said("agreement/")
    assert "in force" in agreement
    assert "No paper is recorded yet" not in agreement
    sent = {"new_state": "suspended", "decided_date": DAY.isoformat(), "source": "Minutes 7",
            "decided_by_en": "City council", "text_en": "Paused."}  # fmt: skip
    cities.signed_in(cities.dana).post(address("bond"), sent)
    assert "suspended" in said("?stopped")


def test_one_city_suspends_and_the_same_city_resumes(partnership: Partnership) -> None:
    Partnership.objects.update(is_example=False)
    partnership.refresh_from_db()
    cities = Cities(partnership, is_example=False)
    dana, iryna = cities.signed_in(cities.dana), cities.signed_in(cities.iryna)
    sent = {"new_state": "suspended", "decided_date": "2026-08-30", "source": "Minutes 7",
            "decided_by_en": "City council", "text_en": "Paused until it can resume."}  # fmt: skip

    page = dana.post(address("bond"), sent, follow=True)
    assert "It stands in the history of the bond now." in words_of(page)
    resumed = sent | {"new_state": "in_force", "decided_date": "2026-08-31"}
    refused = iryna.post(address("bond"), resumed)
    dana.post(address("bond"), resumed)

    assert refused.status_code == 422
    assert "The other city suspended the twinning" in words_of(refused)
    assert "Paused until it can resume." in words_of(refused)
    twinning = Twinning.objects.get(partnership=cities.partnership)
    assert twinning.state == "in_force"
    kinds = list(
        twinning.milestones.exclude(state="").order_by("pk").values_list("kind", flat=True)
    )
    assert kinds == ["suspended", "resumed"]
    with pytest.raises(DatabaseError), transaction.atomic():
        Milestone.objects.exclude(state="").delete()


def test_nobody_who_plays_in_the_example_decides_on_a_real_bond(cities: Cities) -> None:
    dana = cities.signed_in(cities.dana)

    assert "Record a decision of your city" not in words_of(dana.get(address("bond")))
    assert dana.post(address("bond"), {"new_state": "suspended"}).status_code == 403


def test_decisions_are_not_in_the_future_and_in_order(cities: Cities) -> None:
    twinning = Twinning.objects.get(partnership=cities.partnership)

    def decide(new_state: Twinning.State, day: date) -> None:
        actions.change_state(
            twinning=twinning, new_state=new_state, place=cities.partnership.giving_place,
            decided_date=day, decided_by={"en": "City council"}, text={"en": "Decided."},
            source="Minutes", by=cities.dana, at=AT,
        )  # fmt: skip

    with pytest.raises(errors.CannotBecome) as future:
        decide(Twinning.State.SUSPENDED, DAY + timedelta(days=1))
    decide(Twinning.State.SUSPENDED, DAY)
    with pytest.raises(errors.CannotBecome) as earlier:
        decide(Twinning.State.IN_FORCE, DAY - timedelta(days=1))

    assert future.value.refusal is states.Refusal.FUTURE
    assert earlier.value.refusal is states.Refusal.EARLIER


def test_who_suspended_coventry_and_volgograd_stands_on_their_page(facts: None) -> None:
    page = Client().get("/en/registry/2652221/")

    assert "Decided by: Coventry City Council." in words_of(page)
    assert Milestone.objects.get(kind="suspended").state == "suspended"
