"""Freezing what both cities agreed to, and signing it in turn. `at` is an aware UTC time.

The papers themselves are kept by the room of documents, which checks each signature and is durable
before it answers. What follows from a signature here (`follow`) is worked out from what stands
there, so that a crash between the two loses nothing: the worker looks again each minute.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import translation
from procrastinate.contrib.django import app

from twinhood.documents import actions as documents
from twinhood.documents import logged
from twinhood.documents.core import paper as papers
from twinhood.documents.core.capacity import Capacity
from twinhood.documents.errors import WitnessUnfit
from twinhood.documents.models import Document, Scan, Signature
from twinhood.kit import clock
from twinhood.kit.dates import long_date
from twinhood.kit.fields import LocalText
from twinhood.ledger.actions import lock_books
from twinhood.people.models import Organisation, Person
from twinhood.twinnings import errors
from twinhood.twinnings.core.capacity import why_not_sign
from twinhood.twinnings.core.drafting import BOTH, Content, Paper, Side
from twinhood.twinnings.core.setting import in_each, paragraphs, set_article
from twinhood.twinnings.drafting import last_version, party_names
from twinhood.twinnings.models import (
    Draft,
    FrozenPaper,
    Milestone,
    Seat,
    Step,
    Term,
    Twinning,
    Version,
)
from twinhood.twinnings.queries import (
    place_of,
    scans_to_witness,
    seats_of,
    terms_in_force,
)

# A signature keeps a name of at most so many characters.
NAME_LENGTH_MAX = 200
INVITING_TASK = "twinnings.invite"
# A sister-city bond follows from these; the others agree on goods.
BINDING = (Draft.Kind.SISTER, Draft.Kind.FRIENDSHIP, Draft.Kind.SOLIDARITY)


@transaction.atomic
def freeze(
    *, draft: Draft, terms: Mapping[Side, Term], by: Person, at: datetime
) -> list[FrozenPaper]:
    """Make the papers of the version that both agreed to; from now on they are only signed.

    `terms` says with whose powers each side signs. Whoever signs in here is invited by letter.
    Raises WrongState, OtherVersion unless both agreed to the last version, MayNotSign, and what
    `documents.freeze` raises of a text that cannot be typeset.
    """
    draft = Draft.objects.select_for_update(no_key=True).get(pk=draft.pk)
    if draft.state != Draft.State.OPEN:
        raise errors.WrongState
    version = last_version(draft)
    if version.marks.count() < len(BOTH):
        raise errors.OtherVersion
    for side in BOTH:
        expect_powers(terms[side], side, draft, person=None)
    content = version.text
    made = [
        _freeze_paper(draft, version, number, content, paper, terms, by)
        for number, paper in enumerate(content.papers)
    ]
    draft.state = Draft.State.FROZEN
    draft.save(update_fields=["state"])
    for frozen in made:
        for seat in frozen.seats.filter(term__person__isnull=False):
            app.configure_task(INVITING_TASK).defer(seat=seat.pk)
    return made


def expect_powers(term: Term, side: Side, draft: Draft, *, person: Person | None) -> None:
    """Raise MayNotSign unless the term gives powers for this side today, to this person."""
    place = place_of(draft.partnership, side)
    refusal = why_not_sign(
        term.powers,
        place_id=place.pk,
        person_id=person.pk if person else None,
        today=clock.today_in(place.time_zone),
    )
    if refusal is not None:
        raise errors.MayNotSign(refusal)


def _freeze_paper(
    draft: Draft,
    version: Version,
    number: int,
    content: Content,
    paper: Paper,
    terms: Mapping[Side, Term],
    by: Person,
) -> FrozenPaper:
    # One that was frozen before, and then changed, is replaced and kept as what it was.
    before = FrozenPaper.objects.filter(version__draft=draft, paper=number).order_by("pk").last()
    document = documents.freeze(
        _typeset_facts(draft, version, content, paper, terms),
        about=f"draft:{draft.pk}",
        partnership=draft.partnership,
        replaces=before.document if before else None,
    )
    frozen = FrozenPaper.objects.create(
        version=version, paper=number, document=document, frozen_by=by
    )
    slots = {slot.field_name: slot for slot in document.slots.all()}
    for side in paper.signers:
        Seat.objects.create(frozen=frozen, slot=slots[_FIELDS[side]], side=side, term=terms[side])
    return frozen


_FIELDS = {Side.GIVING: "GivingSide", Side.RECEIVING: "ReceivingSide"}


def _typeset_facts(
    draft: Draft, version: Version, content: Content, paper: Paper, terms: Mapping[Side, Term]
) -> papers.Paper:
    languages = content.languages
    kind_words = {}
    for language in languages:
        with translation.override(language):
            kind_words[language] = str(draft.get_kind_display())
    names = {side: party_names(draft.partnership, side, languages) for side in BOTH}
    return papers.Paper(
        kind=content.kind,
        kind_words=kind_words,
        languages=languages,
        title=in_each(paper.opening.heading, languages),
        parties=tuple(papers.Party(names[side]) for side in paper.signers),
        preamble=tuple(paragraphs(paper.opening.text, languages)),
        articles=tuple(set_article(article, languages) for article in paper.articles[1:]),
        places=tuple(
            papers.SignaturePlace(_FIELDS[side], names[side], capacity_of(terms[side], languages))
            for side in paper.signers
        ),
        facts=tuple(_step_fact(step, languages) for step in _steps(draft)),
        dated=clock.now().date(),
        version=str(version.number),
        is_specimen=draft.partnership.is_example,
    )


def _steps(draft: Draft) -> list[Step]:
    return list(draft.steps.filter(struck_at=None).order_by("step_date", "pk"))


def _step_fact(step: Step, languages: tuple[str, str]) -> tuple[papers.Words, papers.Words]:
    what, says = {}, {}
    for language in languages:
        with translation.override(language):
            what[language] = str(step.get_kind_display())
        says[language] = f"{step.body}, № {step.number}, {long_date(step.step_date, language)}"
    return what, says


def capacity_of(term: Term, languages: tuple[str, ...]) -> Capacity:
    """A term as the room of papers knows it."""
    place, act = term.office.place, term.act_number
    if term.act_date:
        act = f"{act} ({term.act_date.isoformat()})".strip()
    names = party_names(term.office.partnership, _side_of(term), languages)
    return Capacity(
        term=f"term:{term.pk}",
        name=_name_in(term, languages),
        office=in_each(term.office.title, languages),
        organisation=names,
        legal_basis=in_each(term.legal_basis, languages),
        act=act,
        from_date=term.since_date,
        until_date=term.until_date,
        zone=place.time_zone,
    )


def _name_in(term: Term, languages: tuple[str, ...]) -> str:
    """The holder's name as the papers of each language write it, once where they agree."""
    written = " · ".join(dict.fromkeys(in_each(term.holder, languages).values()))
    return written if len(written) <= NAME_LENGTH_MAX else next(iter(term.holder.values()))


def _side_of(term: Term) -> Side:
    giving = term.office.partnership.giving_place_id
    return Side.GIVING if term.office.place_id == giving else Side.RECEIVING


# --- signing, each way


def powers_for(seat: Seat, person: Person) -> Term:
    """With which powers `person` signs in a seat today: its own term, or one given on by that.

    Raises MayNotSign with the reason, WrongState when the paper is not to be signed any more.
    """
    draft = seat.frozen.version.draft
    if draft.state != Draft.State.FROZEN:
        raise errors.WrongState
    mine = terms_in_force(draft.partnership, Side(seat.side), _today(seat)).filter(
        person=person, delegated_from=seat.term
    )
    term = mine.first() or seat.term
    expect_powers(term, Side(seat.side), draft, person=person)
    # Powers that were given on hold only while those hold that they come from.
    expect_powers(seat.term, Side(seat.side), draft, person=None)
    return term


def _today(seat: Seat) -> date:
    return clock.today_in(seat.term.office.place.time_zone)


def sign_here(*, seat: Seat, person: Person, answer: Any) -> Signature:
    """Sign with the office’s certificate, released by a passkey.

    Raises MayNotSign, DocumentError.
    """
    capacity = _capacity(seat, person)
    signature = documents.sign_here(slot=seat.slot, capacity=capacity, person=person, answer=answer)
    follow(seat.frozen.version.draft)
    return signature


def sign_specimen(*, seat: Seat, person: Person) -> Signature:
    """Sign a paper of the example, which proves nothing. Raises MayNotSign, DocumentError."""
    capacity = _capacity(seat, person)
    signature = documents.sign_specimen(slot=seat.slot, capacity=capacity, person=person)
    follow(seat.frozen.version.draft)
    return signature


def accept_signed(*, seat: Seat, person: Person, data: bytes) -> Signature:
    """Take the paper back as it was signed elsewhere. Raises MayNotSign, DocumentError."""
    capacity = _capacity(seat, person)
    signature = documents.accept_signed(slot=seat.slot, capacity=capacity, person=person, data=data)
    follow(seat.frozen.version.draft)
    return signature


def enter_scan(*, seat: Seat, person: Person, data: bytes, signed_date: date) -> Scan:
    """Keep the scan of a paper signed by hand; it counts once two others say they saw it."""
    draft = seat.frozen.version.draft
    if draft.state != Draft.State.FROZEN:
        raise errors.WrongState
    return documents.enter_scan(
        slot=seat.slot,
        capacity=capacity_of(seat.term, draft.languages),
        person=person,
        data=data,
        signed_date=signed_date,
    )


def witness(*, seat: Seat, scan: Scan, person: Person, organisation: Organisation) -> None:
    """Say that one saw it signed by hand; the second word makes the signature.

    Raises DocumentError, WitnessUnfit of those whose word is not wanted (`scans_to_witness`).
    """
    draft = seat.frozen.version.draft
    wanted = scans_to_witness(person, organisation, draft.partnership)
    if not wanted.filter(pk=scan.pk).exists():
        raise WitnessUnfit
    documents.witness_scan(scan=scan, person=person, organisation=organisation)
    follow(draft)


def refuse(*, seat: Seat, person: Person, reason: str) -> None:
    """Say no for a side, with the reason. The draft can then be changed and frozen anew.

    Raises MayNotSign, ReasonMissing, DocumentError.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    powers_for(seat, person)
    documents.refuse(slot=seat.slot, person=person, reason=reason)


def _capacity(seat: Seat, person: Person) -> Capacity:
    term = powers_for(seat, person)
    return capacity_of(term, seat.frozen.version.draft.languages)


@transaction.atomic
def reopen(*, draft: Draft) -> Draft:
    """Let the text be changed again; what was signed of the old version is kept as such.

    Raises WrongState unless it is frozen and not signed by both.
    """
    draft = Draft.objects.select_for_update(no_key=True).get(pk=draft.pk)
    if draft.state != Draft.State.FROZEN:
        raise errors.WrongState
    draft.state = Draft.State.OPEN
    draft.save(update_fields=["state"])
    return draft


@transaction.atomic
def announce(*, draft: Draft, at: datetime) -> Draft:
    """Make the ceremony's page public. Safe to repeat. Raises WrongState before it is frozen."""
    draft = Draft.objects.select_for_update(no_key=True).get(pk=draft.pk)
    if draft.state not in (Draft.State.FROZEN, Draft.State.SIGNED):
        raise errors.WrongState
    if draft.announced_at is None:
        draft.announced_at = at
        draft.save(update_fields=["announced_at"])
    return draft


# --- what follows from a signature


@transaction.atomic
def follow(draft: Draft) -> Draft:
    """Record what the signatures that stand mean: leaves of the log, the bond's state. Repeatable.

    Signed by both: the draft is done, and the bond is in force from that day. By one: the bond is
    half-signed.
    """
    draft = Draft.objects.select_for_update(no_key=True).get(pk=draft.pk)
    seats = seats_of(draft)
    signed = {seat.side for seat in seats if hasattr(seat.slot, "signature")}
    if not signed:
        return draft
    _log(draft, [seat.frozen.document for seat in seats])
    if draft.state != Draft.State.FROZEN:
        return draft
    is_whole = all(hasattr(seat.slot, "signature") for seat in seats)
    twinning = Twinning.objects.select_for_update().filter(partnership=draft.partnership).first()
    if is_whole:
        draft.state = Draft.State.SIGNED
        draft.save(update_fields=["state"])
    # A specimen proves nothing, so nothing follows from it for the bond.
    is_real = not any(seat.frozen.document.is_specimen for seat in seats)
    if twinning is not None and draft.kind in BINDING and is_real:
        _bind(twinning, draft, seats, is_whole=is_whole)
    return draft


def _log(draft: Draft, papers: list[Document]) -> None:
    """Append a leaf for each revision of papers that bear a signature."""
    for revision in logged.unlogged(papers):
        logged.append(revision, partnership=lock_books(draft.partnership).name)


# What is said of each signature in the bond's history, and of the last one.
_SIGNED_WORDS = {"en": "Signed: {city}.", "uk": "Підписано: {city}."}
_IN_FORCE_WORDS = {"en": "Both cities signed.", "uk": "Обидва міста підписали."}


def _bind(twinning: Twinning, draft: Draft, seats: list[Seat], *, is_whole: bool) -> None:
    for seat in seats:
        if hasattr(seat.slot, "signature"):
            _record_signature(twinning, draft, seat)
    before = twinning.state
    early = (Twinning.State.PROPOSED, Twinning.State.RESOLVED, Twinning.State.HALF_SIGNED)
    if before in early:
        twinning.state = Twinning.State.IN_FORCE if is_whole else Twinning.State.HALF_SIGNED
        # Two signatures are the dated fact that a mere list lacks.
        twinning.is_confirmed = twinning.is_confirmed or is_whole
        twinning.save(update_fields=["state", "is_confirmed"])
    if is_whole and before in early:
        last = max(seats, key=lambda seat: seat.slot.signature.signed_at)
        Milestone.objects.create(
            twinning=twinning, kind=Milestone.Kind.IN_FORCE, date=_signed_date(last),
            text=LocalText(_IN_FORCE_WORDS), source=_source(last),
            state=Twinning.State.IN_FORCE, decided_by=last.term.office.title,
            recorded_at=clock.now(),
        )  # fmt: skip


def _record_signature(twinning: Twinning, draft: Draft, seat: Seat) -> None:
    place = place_of(draft.partnership, Side(seat.side))
    if twinning.milestones.filter(kind=Milestone.Kind.SIGNED, source=_source(seat),
                                  place=place).exists():  # fmt: skip
        return
    Milestone.objects.create(
        twinning=twinning, kind=Milestone.Kind.SIGNED, date=_signed_date(seat),
        text=LocalText({
            language: words.format(city=place.name_in(language))
            for language, words in _SIGNED_WORDS.items()
        }),
        source=_source(seat), decided_by=seat.term.office.title, place=place,
        recorded_at=clock.now(),
    )  # fmt: skip


def _signed_date(seat: Seat) -> date:
    """The day of the signature where it was given."""
    signature: Signature = seat.slot.signature
    if signature.scan is not None:
        return signature.scan.signed_date
    zone = ZoneInfo(seat.term.office.place.time_zone)
    return signature.signed_at.astimezone(zone).date()


def _source(seat: Seat) -> str:
    return f"/v/{seat.frozen.document.code}"


def follow_all() -> int:
    """Follow every draft that may have something to record; return how many were looked at."""
    waiting = Draft.objects.filter(state__in=(Draft.State.FROZEN, Draft.State.SIGNED))
    for draft in waiting:
        follow(draft)
    return len(waiting)
