"""The verbs of hand-overs: from what a phone brings to an act that counts. `at` is aware UTC.

An act begins with things and names. When all who stand on it have signed by hand its paper is
made; another organisation confirms, near a front two; then it is complete, and the log commits
to it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max

from twinhood.deliveries import act_paper, correcting, errors, given, handed, queries, telling
from twinhood.deliveries.core import act as rules
from twinhood.deliveries.core import publicity
from twinhood.deliveries.core.act import Role
from twinhood.deliveries.core.receivers import expect_receiver
from twinhood.deliveries.handed import Handed as Handed
from twinhood.deliveries.models import (
    ActRate,
    ActScan,
    ActSeat,
    ActSigner,
    Confirmation,
    HandoverAct,
    LinePhoto,
    ScanWitness,
    Unit,
)
from twinhood.documents import actions as documents
from twinhood.documents.core.typesetting import typeset
from twinhood.documents.models import Document, Signature, StoredFile
from twinhood.documents.paper_words import setting_of
from twinhood.documents.store import the_store
from twinhood.kit import clock
from twinhood.kit.fields import LocalText
from twinhood.needs.actions import lock_numbers
from twinhood.needs.telling import commit
from twinhood.people import identity, safety
from twinhood.people.core.permissions import Action
from twinhood.people.models import Organisation, Partnership, Person
from twinhood.people.queries import Workspace
from twinhood.places.models import Place
from twinhood.translog import actions as translog
from twinhood.twinnings.core.capacity import why_not_sign
from twinhood.twinnings.errors import MayNotSign
from twinhood.twinnings.models import Term

Condition = HandoverAct.Condition
Method = ActSigner.Method


@dataclass(frozen=True, slots=True)
class ByHand:
    """What somebody drew on the screen (as SVG), or typed."""

    method: ActSigner.Method
    drawn: str


@dataclass(frozen=True, slots=True)
class Signing:
    """Somebody who stands on the act, and their signature if they gave it already."""

    role: Role
    office: LocalText
    name: str
    by_hand: ByHand | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """So many kopiykas for so many minor units of a currency, on a day, as a source says."""

    currency: str
    foreign_minor: int
    uah_minor: int
    rate_date: date
    source: str


@dataclass(frozen=True, slots=True)
class Basis:
    """What the hand-over rests on, and what is handed over with the things."""

    offer: str = ""
    declaration_code: str = ""
    with_papers: LocalText | None = None
    rates: Sequence[Rate] = ()
    # The act that this one corrects, and why.
    replaces: HandoverAct | None = None
    reason: str = ""
    # With whose powers the offices of giver and receiver sign the paper, where they do.
    terms: Mapping[int, Term] = field(default_factory=dict)


def hand_over(
    *,
    partnership: Partnership,
    things: Sequence[Handed],
    giver: Organisation,
    receiver: Organisation,
    place: Place,
    signing: Sequence[Signing],
    handed_over_date: date,
    by: Person,
    at: datetime,
    basis: Basis | None = None,
    form_key: UUID | None = None,
    legal_form: str = "",
) -> HandoverAct:
    """Begin an act of things that were bought and paid, or given, with what was signed already.

    One that corrects another names the same things and takes its place when it is complete.
    `legal_form` says what kind of body the receiver is, where nobody has said it yet.
    Complete only when all have signed (`is_complete`); public after the partnership's delay. The
    same `form_key` again returns the act of the first time. Raises DateInFuture,
    HandedOverBeforeBought, HandedOverBeforeGiven, NotAReceiver, SerialMissing, BadSerial,
    SerialKnown, NotPaidYet, TwoOfOneName, WrongState, and what freezing raises.
    """
    if not things:
        raise ValueError("an act names the things that it hands over")
    if handed_over_date > clock.today_in(place.time_zone):
        raise errors.DateInFuture
    if form_key and (known := HandoverAct.objects.filter(form_key=form_key).first()):
        return known
    corrected = basis.replaces if basis else None
    # Each in a transaction of its own: that a number was tried which another thing has is kept.
    for thing in things:
        if corrected is None:
            handed.keep_number(partnership, thing, by)
        else:
            handed.expect_free_number(thing, by)
    with transaction.atomic():
        lock_numbers(partnership)
        if form_key and (known := HandoverAct.objects.filter(form_key=form_key).first()):
            return known
        _expect_names(signing)
        if legal_form:
            state_legal_form(organisation=receiver, legal_form=legal_form)
            receiver.refresh_from_db(fields=["legal_form"])
        act = _begin(
            partnership, things, giver, receiver, place, handed_over_date, by, at,
            basis or Basis(), form_key,
        )  # fmt: skip
        _add_signers(act, signing, by, at)
        return _settle(act, at)


def _begin(
    partnership: Partnership,
    things: Sequence[Handed],
    giver: Organisation,
    receiver: Organisation,
    place: Place,
    handed_over_date: date,
    by: Person,
    at: datetime,
    basis: Basis,
    form_key: UUID | None,
) -> HandoverAct:
    corrected = _to_be_corrected(partnership, basis)
    if corrected is None:
        things = [handed.locked(partnership, thing) for thing in things]
        handed.expect_paid([one.thing for one in things if isinstance(one.thing, Unit)])
    else:
        things = [handed.kept(corrected, thing) for thing in things]
    handed.expect_bought_by(handed_over_date, things, place)
    expect_receiver(receiver.legal_form, has_vehicles=any(map(handed.is_vehicle_there, things)))
    last = HandoverAct.objects.filter(partnership=partnership).aggregate(last=Max("number"))["last"]
    act = HandoverAct.objects.create(
        partnership=partnership,
        number=(last or 0) + 1,
        place=place,
        receiver=receiver,
        giver=giver,
        offer=basis.offer,
        declaration_code=basis.declaration_code,
        with_papers=basis.with_papers,
        handed_over_date=handed_over_date,
        recorded_by=by,
        recorded_at=at,
        public_from_date=correcting.public_from(corrected, handed_over_date)
        if corrected
        else publicity.usual_public_date(
            handed_over_date,
            is_conflict_zone=partnership.is_conflict_zone,
            delay_days=partnership.delivery_delay_days,
        ),
        is_pulled_back=corrected.is_pulled_back if corrected else False,
        replaces=corrected,
        correction_reason=basis.reason,
        form_key=form_key,
    )
    lines = [handed.write_line(act, thing) for thing in things]
    if corrected:
        correcting.expect_same_things(corrected, lines)
    ActRate.objects.bulk_create(ActRate(act=act, **asdict(rate)) for rate in basis.rates)
    ActSeat.objects.bulk_create(
        ActSeat(act=act, organisation_id=organisation, term=term)
        for organisation, term in basis.terms.items()
    )
    return act


def _to_be_corrected(partnership: Partnership, basis: Basis) -> HandoverAct | None:
    if basis.replaces is None:
        return None
    acts = HandoverAct.objects.select_for_update(of=("self",)).select_related("partnership")
    act = acts.get(pk=basis.replaces.pk, partnership=partnership)
    correcting.expect_correctable(act)
    return act


def state_legal_form(*, organisation: Organisation, legal_form: str) -> None:
    """Say what kind of body a receiver is in law, if nobody has said it yet."""
    Organisation.objects.filter(pk=organisation.pk, legal_form="").update(legal_form=legal_form)


def _expect_names(signing: Sequence[Signing]) -> None:
    names = [" ".join(one.name.split()).casefold() for one in signing]
    for one, name in zip(signing, names, strict=True):
        if names.count(name) > 1:
            raise errors.TwoOfOneName(one.name)


def _add_signers(act: HandoverAct, signing: Sequence[Signing], by: Person, at: datetime) -> None:
    first = act.signers.count() + 1
    for position, one in enumerate(signing, first):
        signer = ActSigner(
            act=act, position=position, role=one.role, office=one.office, name=one.name
        )
        if one.by_hand is not None:
            _fill(signer, one.by_hand, by, at)
        signer.save()


def _fill(signer: ActSigner, given: ByHand, by: Person, at: datetime) -> None:
    signer.method, signer.drawn = given.method, given.drawn
    signer.sha256 = rules.digest(given.drawn)
    signer.entered_by, signer.signed_at = by, at


# --- signing by hand, later


@transaction.atomic
def add_signer(*, act: HandoverAct, one: Signing, by: Person, at: datetime) -> HandoverAct:
    """Put one more onto an act that is not signed by all yet. Raises WrongState, TwoOfOneName."""
    act = _open(act)
    if act.signers.filter(name__iexact=one.name).exists():
        raise errors.TwoOfOneName(one.name)
    last = act.signers.aggregate(last=Max("position"))["last"] or 0
    signer = ActSigner(act=act, position=last + 1, role=one.role, office=one.office, name=one.name)
    if one.by_hand is not None:
        _fill(signer, one.by_hand, by, at)
    signer.save()
    return _settle(act, at)


@transaction.atomic
def take_off(*, act: HandoverAct, signer: ActSigner, at: datetime) -> HandoverAct:
    """Take somebody off an act who has not signed it. Raises WrongState once they have."""
    act = _open(act)
    found = act.signers.get(pk=signer.pk)
    if found.method:
        raise errors.WrongState(str(act), "signed")
    found.delete()
    return _settle(act, at)


@transaction.atomic
def sign_by_hand(
    *, act: HandoverAct, signer: ActSigner, given: ByHand, by: Person, at: datetime
) -> HandoverAct:
    """Take a signature of somebody who stands on the act; the last one makes its paper.

    The same again changes nothing. Raises WrongState if another was given, or the paper is made.
    """
    act = _locked(act)
    found = act.signers.get(pk=signer.pk)
    if found.method:
        if found.sha256 == rules.digest(given.drawn):
            return act
        raise errors.WrongState(str(act), "signed")
    _expect_open(act)
    _fill(found, given, by, at)
    found.save()
    return _settle(act, at)


def _locked(act: HandoverAct) -> HandoverAct:
    acts = HandoverAct.objects.select_for_update(of=("self",))
    return acts.select_related("partnership", "place", "giver", "receiver").get(pk=act.pk)


def _open(act: HandoverAct) -> HandoverAct:
    found = _locked(act)
    _expect_open(found)
    return found


def _expect_open(act: HandoverAct) -> None:
    if act.document_id is not None or act.is_from_before:
        raise errors.WrongState(str(act), "signed")
    if act.is_over:
        raise errors.WrongState(str(act), "withdrawn")


def lacking(act: HandoverAct) -> list[rules.Lacking]:
    """Which signatures by hand an act still waits for."""
    if act.is_from_before:
        return []
    return rules.lacking((Role(s.role), bool(s.method)) for s in act.signers.all())


def confirmations_wanted(act: HandoverAct) -> int:
    """How many others must say that the things arrived: one, and near a front two."""
    is_near = safety.requires_two_confirmations(act.partnership, act.handed_over_date)
    return rules.CONFIRMATIONS_NEAR_A_FRONT if is_near else rules.CONFIRMATIONS


def bodies_of_the_recorder(act: HandoverAct) -> set[int]:
    """For whom the person who recorded an act works here: one word must come from elsewhere."""
    roles = act.recorded_by.roles.filter(partnership=act.partnership_id)
    return set(roles.values_list("organisation", flat=True))


def _is_confirmed(act: HandoverAct) -> bool:
    bodies = set(act.confirmations.values_list("organisation", flat=True))
    is_enough = len(bodies) >= confirmations_wanted(act)
    return is_enough and not bodies <= bodies_of_the_recorder(act)


def _settle(act: HandoverAct, at: datetime) -> HandoverAct:
    """Make the paper once all have signed, and let the act count once all have confirmed."""
    if act.document_id is None:
        if lacking(act):
            return act
        act.document = _freeze(act, replaces=act.replaces.document if act.replaces else None)
        act.save(update_fields=["document"])
    if not act.is_complete and _is_confirmed(act):
        act.completed_at = at
        act.save(update_fields=["completed_at"])
        if act.replaces:
            correcting.take_over(act, at)
        commit_act(act)
        given.follow(act)
    return act


def _freeze(act: HandoverAct, *, replaces: Document | None = None) -> Document:
    document = documents.freeze(
        act_paper.paper_of(act),
        about=f"act:{act.pk}",
        partnership=act.partnership,
        replaces=replaces,
        is_private=True,
    )
    slots = {slot.field_name: slot for slot in document.slots.all()}
    for seat in act_paper.seats_of(act):
        seat.slot = slots[act_paper.field_of(act, seat)]
        seat.save(update_fields=["slot"])
    return document


def commit_act(act: HandoverAct) -> None:
    """Let the log commit to the act: one leaf, however many things, as for a need."""
    act.commitment = commit(act.partnership, telling.act_facts(act))
    act.save(update_fields=["commitment"])


# --- on paper: printed, signed by hand, scanned, and seen by two


@transaction.atomic
def enter_scan(*, act: HandoverAct, file: StoredFile, by: Person, at: datetime) -> ActScan:
    """Keep the scan of the printed act, privately; it counts once two others saw it.

    Raises WrongState (the paper is made), TooFewStandOnIt.
    """
    act = _open(act)
    if rules.lacking((Role(signer.role), True) for signer in act.signers.all()):
        raise errors.TooFewStandOnIt
    return ActScan.objects.create(act=act, file=file, entered_by=by, entered_at=at)


@transaction.atomic
def witness_scan(
    *, scan: ActScan, by: Person, organisation: Organisation, at: datetime
) -> HandoverAct:
    """Say that one saw the act signed by hand. The second word makes the signatures.

    Witnesses are of two organisations, and neither entered the scan. Raises NotAWitness,
    WrongState.
    """
    act = _open(scan.act)
    others = list(scan.witnesses.all())
    said = {scan.entered_by_id, *(other.person_id for other in others)}
    if not _is_another_voice(by, organisation, said, others):
        raise errors.NotAWitness
    ScanWitness.objects.create(scan=scan, person=by, organisation=organisation, witnessed_at=at)
    if len(others) + 1 >= rules.SCAN_WITNESSES:
        for signer in act.signers.filter(method=""):
            signer.method, signer.sha256 = Method.PAPER, scan.file.sha256
            signer.entered_by, signer.signed_at = scan.entered_by, at
            signer.save()
    return _settle(act, at)


def _is_another_voice(
    by: Person,
    organisation: Organisation,
    said: Collection[int],
    others: Sequence[ScanWitness | Confirmation],
) -> bool:
    """Whether no account of this person is among those who spoke, and no colleague of theirs."""
    is_colleague = any(other.organisation_id == organisation.pk for other in others)
    return not is_colleague and not identity.same_people(by).intersection(said)


def pdf_of(act: HandoverAct) -> bytes:
    """The act's paper as it is now. One that lacks signatures is set to be signed by hand.

    Raises BytesMissing, NotTypeset.
    """
    if act.document is not None:
        return the_store().get(documents.last_revision(act.document).sha256)
    paper = replace(act_paper.paper_of(act, to_sign=True), places=())
    return typeset(paper, setting_of(paper, code=str(act), check_url=""))


# --- confirming


@transaction.atomic
def confirm(
    *, act: HandoverAct, by: Person, organisation: Organisation, at: datetime
) -> HandoverAct:
    """Say that the things arrived as the act has it; never of what one recorded.

    Raises NotAConfirmer (recorded it, or confirmed already, or a colleague did; where one word is
    enough, a colleague of who recorded it), WrongState.
    """
    act = _locked(act)
    if act.document_id is None or act.is_complete or act.is_over:
        raise errors.WrongState(str(act), "not signed" if act.document_id is None else "complete")
    others = list(act.confirmations.all())
    said = {act.recorded_by_id, *(other.confirmed_by_id for other in others)}
    if not _is_another_voice(by, organisation, said, others):
        raise errors.NotAConfirmer
    if confirmations_wanted(act) == 1 and organisation.pk in bodies_of_the_recorder(act):
        raise errors.NotAConfirmer
    try:
        with transaction.atomic():
            Confirmation.objects.create(
                act=act,
                recorded_by_id=act.recorded_by_id,
                confirmed_by=by,
                organisation=organisation,
                confirmed_at=at,
            )
    except IntegrityError as problem:
        raise errors.NotAConfirmer from problem
    return _settle(act, at)


def who_may_confirm(work: Workspace) -> Organisation | None:
    """For which organisation a person confirms hand-overs, if any: clerks and verifiers do."""
    for action in (Action.HAND_OVER, Action.VERIFY_NEED):
        try:
            return work.organisation_for(action)
        except PermissionDenied:
            continue
    return None


# --- offices sign the paper


def powers_for(seat: ActSeat, person: Person) -> Term:
    """The term with whose powers `person` signs in a seat today. Raises MayNotSign with why."""
    term, place = seat.term, seat.term.office.place
    refusal = why_not_sign(
        term.powers,
        place_id=place.pk,
        person_id=person.pk,
        today=clock.today_in(place.time_zone),
    )
    if refusal is not None:
        raise MayNotSign(refusal)
    return term


def sign_here(*, seat: ActSeat, person: Person, answer: Any) -> Signature:
    """Sign the act's paper with the office's certificate, released by a passkey.

    A specimen needs none. Raises MayNotSign, DocumentError, WrongState before there is a paper.
    """
    powers_for(seat, person)
    if seat.slot is None:
        raise errors.WrongState(str(seat.act), "not signed")
    capacity = act_paper.capacity_of(seat)
    if seat.slot.document.is_specimen:
        return documents.sign_specimen(slot=seat.slot, capacity=capacity, person=person)
    return documents.sign_here(slot=seat.slot, capacity=capacity, person=person, answer=answer)


# --- publicity


@transaction.atomic
def set_public_date(*, act: HandoverAct, public_from: date, by: Person) -> HandoverAct:
    """Let an act be public from another day, or again after it was pulled back.

    Only the receiving side's clerk may. Raises NotTheReceiver, BadPublicDate.
    """
    act = HandoverAct.objects.select_for_update(of=("self",)).get(pk=act.pk)
    if not queries.is_of_the_receiving_side(by, act):
        raise errors.NotTheReceiver
    if act.is_over:
        raise errors.WrongState(str(act), "corrected")
    if not publicity.is_allowed_public_date(public_from, act.handed_over_date):
        raise errors.BadPublicDate
    act.public_from_date, act.is_pulled_back = public_from, False
    act.save(update_fields=["public_from_date", "is_pulled_back"])
    if queries.is_taken_back(act):
        # What the log took back is never opened again: the act stands behind another commitment.
        commit_act(act)
    given.follow(act)
    return act


@transaction.atomic
def release_photos(*, act: HandoverAct, released: Collection[int], by: Person) -> HandoverAct:
    """Let the world see these photos (primary keys) once the act is public, and no others.

    Only the receiving side's clerk may. Raises NotTheReceiver.
    """
    if not queries.is_of_the_receiving_side(by, act):
        raise errors.NotTheReceiver
    of_act = LinePhoto.objects.filter(line__act=act)
    of_act.exclude(pk__in=released).update(is_released=False)
    of_act.filter(pk__in=released).update(is_released=True)
    return act


@transaction.atomic
def pull_back(*, act: HandoverAct) -> HandoverAct:
    """Take an act out of everything public at once; both sides' clerks may.

    If it was public, the log says that it was taken back. One that nobody knew of leaves no trace
    there: its day would be told by that.
    """
    act = HandoverAct.objects.select_for_update(of=("self",)).get(pk=act.pk)
    if act.is_over:
        raise errors.WrongState(str(act), "corrected")
    if queries.is_public_act(act, clock.now().date()) and act.commitment is not None:
        translog.pull_back(commitment=bytes(act.commitment))
    act.is_pulled_back = True
    act.save(update_fields=["is_pulled_back"])
    given.follow(act)
    return act
