"""The desk's pages of hand-overs."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from twinhood.deliveries import (
    act_paper,
    correcting,
    errors,
    forms,
    given,
    handing_over,
    labels,
    photos,
    queries,
    words,
)
from twinhood.deliveries.act_forms import (
    CorrectionForm,
    HandOverForm,
    ScanForm,
    SignerForm,
    SignForm,
    WithdrawalForm,
    act_lines,
)
from twinhood.deliveries.core.receivers import NotAReceiver
from twinhood.deliveries.models import ActSeat, Confirmation, HandoverAct, Unit
from twinhood.deliveries.things import line_name, thing_name
from twinhood.deliveries.views.sentences import sentence_for
from twinhood.documents import actions as documents
from twinhood.documents.answers import pdf_or_why_not
from twinhood.documents.errors import DocumentError
from twinhood.documents.releasing import answer_in
from twinhood.kit import clock
from twinhood.kit.http import tried
from twinhood.people.core.permissions import Action
from twinhood.people.models import Organisation
from twinhood.people.queries import Workspace, in_workspace
from twinhood.twinnings.errors import AgreementError, MayNotSign
from twinhood.twinnings.signing_words import sentence_for as paper_sentence
from twinhood.twinnings.words import sentence_for as bond_sentence


@require_safe
@in_workspace(Action.SEE_DESK)
def acts(request: HttpRequest, work: Workspace) -> HttpResponse:
    """What was bought and has no act, and the acts, the newest on top."""
    units = list(queries.units_without_act(work.partnership))
    rows = [(unit, queries.unit_name(unit.order.need, unit.number)) for unit in units]
    context = {
        "work": work,
        "rows": rows,
        "given": [(one, thing_name(one)) for one in given.waiting(work.partnership)],
        "acts": queries.acts_of(work.partnership),
    }
    return render(request, "deliveries/acts.html", context)


@in_workspace(Action.HAND_OVER)
def hand_over(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Record a hand-over with the signatures that were given; sent twice, it is recorded once."""
    partnership = work.partnership
    things: list[Unit | given.Offered] = [
        *queries.units_without_act(partnership),
        *given.waiting(partnership),
    ]
    form = HandOverForm(request.POST or None, request.FILES or None, work=work, things=things)
    return _recorded(request, work, form, {"has_things": bool(things)})


@in_workspace(Action.HAND_OVER)
def correction(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Correct an act that all have signed by a new one of the same things."""
    found = _act(work, number)
    is_sent_again = request.method == "POST" and _recorded_before(request, work) is not None
    try:
        if not is_sent_again:
            correcting.expect_correctable(found)
    except errors.WrongState:
        messages.error(request, str(words.WRONG_STATE))
        return redirect("deliveries:act", work.partnership.slug, number)
    data = request.POST or None
    form = CorrectionForm(data, request.FILES or None, work=work, act=found)
    return _recorded(request, work, form, {"has_things": True, "corrected": found})


def _recorded(
    request: HttpRequest, work: Workspace, form: HandOverForm, context: dict[str, Any]
) -> HttpResponse:
    """Record the act of a form that was sent whole; else the form's page."""
    if request.method == "POST" and (known := _recorded_before(request, work)):
        return redirect("deliveries:act", work.partnership.slug, known.number)
    if request.method == "POST" and form.is_valid():
        try:
            act = _write(work, form)
        except REFUSED as problem:
            form.add_error(_field_of(problem, form), _sentence(problem))
        else:
            messages.success(request, _said(act))
            return redirect("deliveries:act", work.partnership.slug, act.number)
    status = 422 if form.is_bound else 200
    context = {"work": work, "form": form} | context
    return render(request, "deliveries/hand_over.html", context, status=status)


def _write(work: Workspace, form: HandOverForm) -> HandoverAct:
    said = form.cleaned_data
    return handing_over.hand_over(
        partnership=work.partnership,
        things=form.handed,
        giver=said["giver"],
        receiver=said["receiver"],
        place=work.partnership.receiving_place,
        signing=form.signings,
        handed_over_date=said["handed_over_date"],
        by=work.person,
        at=clock.now(),
        basis=form.basis(),
        form_key=said["form_key"],
        legal_form=said.get("legal_form", ""),
    )


@require_POST
@in_workspace(Action.HAND_OVER)
def withdrawal(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Take back an act that not all have signed."""
    found = _act(work, number)
    form = WithdrawalForm(request.POST, prefix="withdrawal")
    if not form.is_valid():
        return _act_page(request, work, found, {"withdrawal_form": form})
    reason = form.cleaned_data["reason"]
    return _tried(
        request, work, number,
        lambda: correcting.withdraw(act=found, reason=reason, by=work.person, at=clock.now()),
        _("The act is withdrawn. Its things wait for another."),
    )  # fmt: skip


BAD_DAY = (errors.DateInFuture, errors.HandedOverBeforeBought, errors.HandedOverBeforeGiven)
REFUSED = (errors.DeliveryError, AgreementError, DocumentError, NotAReceiver)


def _sentence(problem: Exception) -> str:
    if isinstance(problem, AgreementError):
        return bond_sentence(problem)
    if isinstance(problem, DocumentError):
        return paper_sentence(problem)
    if isinstance(problem, NotAReceiver):
        return str(words.NOT_A_RECEIVER[problem.code])
    return sentence_for(problem)


def _field_of(problem: Exception, form: HandOverForm) -> str | None:
    """The field that a refusal is about, where it is about one."""
    if isinstance(problem, BAD_DAY):
        return "handed_over_date"
    if isinstance(problem, NotAReceiver):
        return "receiver"
    if isinstance(problem, errors.PriceIsBack):
        return f"unit_{problem.code}_condition"
    if isinstance(problem, errors.SerialKnown):
        for name, thing in form.things.items():
            if any(one.thing is thing and one.serial == problem.serial for one in form.handed):
                return f"{name}_serial"
    return None


def _said(act: HandoverAct) -> str:
    """What is true of an act after somebody wrote to it."""
    if act.is_complete:
        return _("The act is complete: all have signed.")
    if act.document_id is not None:
        if handing_over.confirmations_wanted(act) > 1:
            return _("All have signed. Two others confirm it now.")
        return _("All have signed. Somebody of another organisation confirms it now.")
    return _("The act is recorded. It counts when all have signed.")


def _recorded_before(request: HttpRequest, work: Workspace) -> HandoverAct | None:
    """The act that this very form wrote before: its things are gone from the form by now."""
    sent = forms.FormKey(request.POST)
    if not sent.is_valid():
        return None
    key = sent.cleaned_data["form_key"]
    return HandoverAct.objects.filter(
        form_key=key, partnership=work.partnership, recorded_by=work.person
    ).first()


def _act(work: Workspace, number: int) -> HandoverAct:
    act = queries.acts_of(work.partnership).filter(number=number).first()
    if act is None:
        raise Http404
    return act


@require_safe
@in_workspace(Action.SEE_DESK)
def act(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """One act: what, from whom, to whom, who signed, what it lacks, and from when it is public."""
    return _act_page(request, work, _act(work, number), {})


def _act_page(
    request: HttpRequest, work: Workspace, found: HandoverAct, bound: dict[str, Any]
) -> HttpResponse:
    is_receiver = queries.is_of_the_receiving_side(work.person, found)
    confirmations = list(found.confirmations.select_related("organisation").order_by("pk"))
    is_open = found.document_id is None and not found.is_from_before and not found.is_over
    correction = correcting.correction_of(found)
    may_hand_over = work.may(Action.HAND_OVER)
    context = {
        "work": work,
        "act": found,
        "rows": [(line, line_name(line)) for line in act_lines(found)],
        "signers": found.signers.order_by("position"),
        "lacking": [words.LACKING[one.role] % {"signed": one.signed, "wanted": one.wanted}
                    for one in handing_over.lacking(found)],
        "rates": found.rates.order_by("currency"),
        "offices": queries.offices_of(found),
        "confirmations": confirmations,
        "confirmations_wanted": handing_over.confirmations_wanted(found),
        "may_confirm": _may_confirm(work, found, confirmations),
        "seats": [(seat, *_powers(work, seat)) for seat in act_paper.seats_of(found)],
        "may_sign_here": is_open and may_hand_over,
        "withdrawal_form": WithdrawalForm(prefix="withdrawal"),
        "correction": correction,
        "may_correct": (
            may_hand_over and not is_open and not found.is_over and correction is None
        ),
        "scans": photos.scans_of(found) if is_open else [],
        "signer_form": SignerForm(prefix="new"),
        "scan_form": ScanForm(prefix="scan", work=work),
        "is_public": queries.is_public_act(found, clock.now().date()),
        "photos": [(photo, line_name(photo.line)) for photo in queries.photos_of(found)],
        "may_publish": is_receiver and may_hand_over and not found.is_over,
        "may_pull_back": may_hand_over and not found.is_pulled_back and not found.is_over,
        "form": forms.PublicDateForm(act=found),
    }  # fmt: skip
    status = 422 if bound else 200
    return render(request, "deliveries/act.html", context | bound, status=status)


def _may_confirm(
    work: Workspace, found: HandoverAct, said: Sequence[Confirmation]
) -> Organisation | None:
    """For whom this person may confirm an act that waits for it."""
    is_over = found.document_id is None or found.is_complete or found.is_over
    if is_over or found.recorded_by_id == work.person.pk:
        return None
    organisation = handing_over.who_may_confirm(work)
    if organisation is None or organisation.pk in {one.organisation_id for one in said}:
        return None
    is_one_enough = handing_over.confirmations_wanted(found) == 1
    if is_one_enough and organisation.pk in handing_over.bodies_of_the_recorder(found):
        return None
    return organisation


def _powers(work: Workspace, seat: ActSeat) -> tuple[bool, str]:
    """Whether this person signs in a seat now; if it is theirs and they do not, why."""
    is_done = seat.slot is None or hasattr(seat.slot, "signature") or seat.act.is_over
    if is_done or not work.may(Action.SIGN_AGREEMENT):
        return False, ""
    try:
        handing_over.powers_for(seat, work.person)
    except MayNotSign as problem:
        is_mine = seat.term.person_id == work.person.pk
        return False, bond_sentence(problem) if is_mine else ""
    return True, ""


@in_workspace(Action.HAND_OVER)
def signing(request: HttpRequest, work: Workspace, number: int, signer: int) -> HttpResponse:
    """One who stands on the act signs it, on the glass or by typing the name."""
    found = _act(work, number)
    who = get_object_or_404(found.signers, position=signer)
    form = SignForm(request.POST if request.method == "POST" else None, signer=who)
    if request.method == "POST" and form.is_valid() and form.given is not None:
        try:
            changed = handing_over.sign_by_hand(
                act=found, signer=who, given=form.given, by=work.person, at=clock.now()
            )
        except REFUSED as problem:
            messages.error(request, _sentence(problem))
        else:
            messages.success(request, _said(changed))
        return redirect("deliveries:act", work.partnership.slug, number)
    if who.method:
        return redirect("deliveries:act", work.partnership.slug, number)
    context = {"work": work, "act": found, "signer": who, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "deliveries/signing.html", context, status=status)


@require_POST
@in_workspace(Action.HAND_OVER)
def signers(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Put one more onto an act that is not signed by all."""
    found = _act(work, number)
    form = SignerForm(request.POST, prefix="new")
    if not form.is_valid():
        return _act_page(request, work, found, {"signer_form": form})
    one = form.one
    return _tried(
        request, work, number,
        lambda: handing_over.add_signer(act=found, one=one, by=work.person, at=clock.now()),
        _("Saved."),
    )  # fmt: skip


@require_POST
@in_workspace(Action.HAND_OVER)
def taking_off(request: HttpRequest, work: Workspace, number: int, signer: int) -> HttpResponse:
    """Take somebody off an act who has not signed it."""
    found = _act(work, number)
    who = get_object_or_404(found.signers, position=signer)
    return _tried(
        request, work, number,
        lambda: handing_over.take_off(act=found, signer=who, at=clock.now()),
        _("Saved."),
    )  # fmt: skip


@require_safe
@in_workspace(Action.SEE_DESK)
def act_pdf(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """The act's paper as it is now; one that lacks signatures is to be printed and signed."""
    found = _act(work, number)
    if found.is_from_before:
        raise Http404
    name = found.document.code if found.document else f"{found}"
    return _made(request, found, lambda: handing_over.pdf_of(found), f"{name}.pdf")


@require_safe
@in_workspace(Action.SEE_DESK)
def label_sheet(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Labels to print for the things of an act: who gave them, and the address of their pages."""
    found = _act(work, number)
    return _made(request, found, lambda: labels.labels_of(found), f"{found}-labels.pdf")


def _made(
    request: HttpRequest, found: HandoverAct, make: Callable[[], bytes], name: str
) -> HttpResponse:
    page = reverse("deliveries:act", args=[found.partnership.slug, found.number])
    return pdf_or_why_not(request, make, name=name, instead=page, to_save=True)


@require_POST
@in_workspace(Action.HAND_OVER)
def scans(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Send in the scan of the act as it was signed by hand."""
    found = _act(work, number)
    form = ScanForm(request.POST, request.FILES, prefix="scan", work=work)
    if not form.is_valid():
        return _act_page(request, work, found, {"scan_form": form})
    file = form.cleaned_data["file"]
    try:
        handing_over.enter_scan(act=found, file=file, by=work.person, at=clock.now())
    except REFUSED as problem:
        form.add_error("file", _sentence(problem))
        return _act_page(request, work, found, {"scan_form": form})
    messages.success(request, _("The scan is kept. Two people of two organisations confirm it."))
    return redirect("deliveries:act", work.partnership.slug, number)


@require_POST
@in_workspace(Action.SEE_DESK)
def scan_witness(request: HttpRequest, work: Workspace, number: int, scan: int) -> HttpResponse:
    """Say that one saw the act signed by hand."""
    found = _act(work, number).scans.filter(pk=scan).first()
    if found is None:
        messages.error(request, str(words.WRONG_STATE))
        return redirect("deliveries:act", work.partnership.slug, number)
    return _tried(
        request, work, number,
        lambda: handing_over.witness_scan(
            scan=found, by=work.person, organisation=work.roles[0].organisation, at=clock.now()
        ),
        _("Your word is recorded."),
    )  # fmt: skip


@require_POST
@in_workspace(Action.SEE_DESK)
def confirmation(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Say that the things arrived as the act has it: one other does, near a front two."""
    found = _act(work, number)
    organisation = handing_over.who_may_confirm(work)
    if organisation is None:
        raise PermissionDenied
    return _tried(
        request, work, number,
        lambda: handing_over.confirm(
            act=found, by=work.person, organisation=organisation, at=clock.now()
        ),
        _("Confirmed."),
    )  # fmt: skip


@require_POST
@in_workspace(Action.SIGN_AGREEMENT)
def office_signature(
    request: HttpRequest, work: Workspace, number: int, place: int
) -> HttpResponse:
    """Sign the act's paper with the office's certificate: a passkey releases it."""
    found = _act(work, number)
    seat = next((one for one in act_paper.seats_of(found) if one.pk == place), None)
    if seat is None:
        raise Http404
    try:
        handing_over.powers_for(seat, work.person)
        if seat.slot is not None and not seat.slot.document.is_specimen:
            if "credential" not in request.POST:
                return _ask_passkey(request, work, found, seat)
            answer = answer_in(request.POST["credential"])
        else:
            answer = None
        handing_over.sign_here(seat=seat, person=work.person, answer=answer)
    except REFUSED as problem:
        messages.error(request, _sentence(problem))
    else:
        messages.success(request, _("Signed. The signature is on the paper."))
    return redirect("deliveries:act", work.partnership.slug, number)


def _ask_passkey(
    request: HttpRequest, work: Workspace, found: HandoverAct, seat: ActSeat
) -> HttpResponse:
    if seat.slot is None:
        raise Http404
    asked = documents.begin_release(slot=seat.slot, person=work.person)
    context = {
        "work": work,
        "act": found,
        "seat": seat,
        "last": documents.last_revision(seat.slot.document),
        "asked": {"request_options": asked},
    }
    return render(request, "deliveries/release.html", context)


@require_POST
@in_workspace(Action.HAND_OVER)
def public_date(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Choose from when a delivery is public; the receiving side alone."""
    found = _act(work, number)
    form = forms.PublicDateForm(request.POST, act=found)
    if not form.is_valid():
        messages.error(request, _("Enter the day."))
        return redirect("deliveries:act", work.partnership.slug, number)
    day = form.cleaned_data["public_from"]
    return _tried(
        request,
        work,
        number,
        lambda: handing_over.set_public_date(act=found, public_from=day, by=work.person),
        _("Saved."),
    )


@require_POST
@in_workspace(Action.HAND_OVER)
def released_photos(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Say which photos the world may see once the act is public; the receiving side alone."""
    found = _act(work, number)
    ticked = {int(pk) for pk in request.POST.getlist("photo") if pk.isdecimal() and len(pk) < 10}
    return _tried(
        request, work, number,
        lambda: handing_over.release_photos(act=found, released=ticked, by=work.person),
        _("Saved."),
    )  # fmt: skip


@require_POST
@in_workspace(Action.HAND_OVER)
def pull_back(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Take a delivery out of everything public at once."""
    found = _act(work, number)
    return _tried(
        request,
        work,
        number,
        lambda: handing_over.pull_back(act=found),
        _("Pulled back: nothing of it is public now."),
    )


def _tried(
    request: HttpRequest, work: Workspace, number: int, act: Callable[[], object], done: str
) -> HttpResponse:
    to = redirect("deliveries:act", work.partnership.slug, number)
    return tried(request, act, done, refused=REFUSED, sentence_for=_sentence, to=to)
