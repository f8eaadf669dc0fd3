"""The desk's pages of signing: freeze, read, sign in one of three ways, or refuse."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from twinhood.documents import actions as documents
from twinhood.documents.core.receiving import BYTES_MAX
from twinhood.documents.errors import DocumentError
from twinhood.documents.models import Scan
from twinhood.documents.releasing import answer_in
from twinhood.documents.shown import shown
from twinhood.documents.store import the_store
from twinhood.kit import clock
from twinhood.kit.http import tried
from twinhood.people.core.permissions import Action
from twinhood.people.models import Organisation
from twinhood.people.queries import Workspace, in_workspace
from twinhood.twinnings import drafting, errors, queries, signing, signing_words
from twinhood.twinnings.forms import ReasonForm
from twinhood.twinnings.models import Draft, Seat, Term
from twinhood.twinnings.signing_forms import FreezeForm, HandForm, UploadForm
from twinhood.twinnings.views.at_work import draft_at_work, form_page, own_side, tried_on
from twinhood.twinnings.words import sentence_for

REFUSED = (errors.AgreementError, DocumentError)


def _sentence(problem: errors.AgreementError | DocumentError) -> str:
    if isinstance(problem, errors.AgreementError):
        return sentence_for(problem)
    return signing_words.sentence_for(problem)


# --- freezing


@in_workspace(Action.DRAFT_AGREEMENT)
def freezing(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Say with whose powers each city signs, and make the papers."""
    draft = draft_at_work(work, number)
    content = drafting.last_version(draft).text
    form = FreezeForm(request.POST or None, partnership=work.partnership, content=content)
    context = {"work": work, "draft": draft, "form": form}
    if request.method == "POST":
        own_side(work)
    if form.is_valid():
        try:
            signing.freeze(draft=draft, terms=form.terms(), by=work.person, at=clock.now())
        except REFUSED as problem:
            form.add_error(None, _sentence(problem))
        else:
            messages.success(request, _("Frozen. Whoever signs gets a letter with the link."))
            return redirect("twinnings:signing", work.partnership.slug, number)
    return form_page(request, "twinnings/freezing.html", context)


@require_POST
@in_workspace(Action.DRAFT_AGREEMENT)
def reopening(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Let the text be changed again, after a refusal or a new head; the old papers are kept."""
    draft, _own = draft_at_work(work, number), own_side(work)
    return tried_on(
        request, work, number, lambda: signing.reopen(draft=draft),
        _("The text can be changed again. The old paper is kept."),
    )  # fmt: skip


@require_POST
@in_workspace(Action.DRAFT_AGREEMENT)
def announcement(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Make the page of the ceremony public."""
    draft, _own = draft_at_work(work, number), own_side(work)
    return tried_on(
        request, work, number, lambda: signing.announce(draft=draft, at=clock.now()),
        _("The page of the ceremony is public now."), then="signing",
    )  # fmt: skip


@require_safe
@in_workspace(Action.SEE_DESK)
def overview(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """The papers of a draft and their seats: who signed, who is waited for."""
    draft = draft_at_work(work, number)
    context = {
        "work": work,
        "draft": draft,
        "seats": queries.seats_of(draft),
        "may_write": queries.side_of(work, Action.DRAFT_AGREEMENT) is not None,
        "may_add_photo": work.may(Action.ADD_PHOTO),
    }
    return render(request, "twinnings/signing.html", context)


# --- one seat


def _seat(work: Workspace, pk: int) -> Seat:
    seat = queries.seat_at_work(work.partnership, pk)
    if seat is None:
        raise Http404
    return seat


@require_safe
@in_workspace(Action.SEE_DESK)
def seat(request: HttpRequest, work: Workspace, seat: int) -> HttpResponse:
    """The paper to read, and the ways to sign it; of a paper that was replaced, where it is now."""
    if (draft := queries.draft_of_replaced(work.partnership, seat)) is not None:
        messages.info(request, _("The text was changed, and that paper is not signed any more."))
        where = "draft" if draft.state == Draft.State.OPEN else "signing"
        return redirect(f"twinnings:{where}", work.partnership.slug, draft.number)
    return _seat_page(request, work, _seat(work, seat), {})


def _seat_page(
    request: HttpRequest, work: Workspace, seat: Seat, bound: dict[str, Any]
) -> HttpResponse:
    document = seat.frozen.document
    last = documents.last_revision(document)
    own = queries.side_of(work, Action.SIGN_AGREEMENT) == seat.side
    clerk = queries.side_of(work, Action.DRAFT_AGREEMENT) == seat.side
    is_done = hasattr(seat.slot, "signature") or hasattr(seat.slot, "refusal")
    powers, why_not = _powers(work, seat) if own and not is_done else (None, "")
    draft = seat.frozen.version.draft
    context = {
        "work": work,
        "seat": seat,
        "draft": draft,
        "others": [other for other in queries.seats_of(draft) if other.side != seat.side],
        "document": document,
        "last": last,
        "shown": shown(document, last),
        "place": seat.term.office.place,
        "is_own": own,
        "is_done": is_done,
        "powers": powers,
        "why_not": why_not,
        "may_enter_scan": (clerk or own) and not is_done,
        "scans": [] if is_done else _scans(work, seat),
        "upload_form": UploadForm(prefix="own"),
        "hand_form": HandForm(prefix="hand", today=clock.now().date()),
        "refusal_form": ReasonForm(prefix="refusal"),
    }
    status = 422 if bound else 200
    return render(request, "twinnings/seat.html", context | bound, status=status)


def _scans(work: Workspace, seat: Seat) -> QuerySet[Scan]:
    """Scans that wait for witnesses, and whether this person `may_witness`."""
    wanted = queries.scans_to_witness(work.person, _organisation(work), work.partnership)
    scans = seat.slot.scans.annotate(may_witness=Exists(wanted.filter(pk=OuterRef("pk"))))
    return scans.prefetch_related("witnesses__organisation").order_by("pk")


def _powers(work: Workspace, seat: Seat) -> tuple[Term | None, str]:
    """With which powers this person signs in the seat; else why they do not."""
    try:
        return signing.powers_for(seat, work.person), ""
    except errors.AgreementError as problem:
        return None, _sentence(problem)


@require_safe
@in_workspace(Action.SEE_DESK)
def paper(request: HttpRequest, work: Workspace, seat: int) -> HttpResponse:
    """The paper as it is now: in the page to be read, or to be taken away to sign elsewhere."""
    document = _seat(work, seat).frozen.document
    data = the_store().get(documents.last_revision(document).sha256)
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{document.code}.pdf"'
    return response


def _own_seat(work: Workspace, pk: int) -> Seat:
    """A seat whose side this person signs for; else 403."""
    seat = _seat(work, pk)
    if queries.side_of(work, Action.SIGN_AGREEMENT) != seat.side:
        raise PermissionDenied
    return seat


def _tried(
    request: HttpRequest, work: Workspace, seat: Seat, act: Callable[[], object], done: str
) -> HttpResponse:
    to = redirect("twinnings:seat", work.partnership.slug, seat.pk)
    return tried(request, act, done, refused=REFUSED, sentence_for=_sentence, to=to)


@require_POST
@in_workspace(Action.SIGN_AGREEMENT)
def release(request: HttpRequest, work: Workspace, seat: int) -> HttpResponse:
    """Sign here: first the passkey is asked about exactly this paper, then its answer signs.

    Papers of the example prove nothing and need no passkey.
    """
    found = _own_seat(work, seat)
    signed = _("Signed. The signature is on the paper.")
    if found.frozen.document.is_specimen:
        return _tried(
            request, work, found,
            lambda: signing.sign_specimen(seat=found, person=work.person), signed,
        )  # fmt: skip
    if "credential" in request.POST:
        answer = answer_in(request.POST["credential"])
        return _tried(
            request, work, found,
            lambda: signing.sign_here(seat=found, person=work.person, answer=answer), signed,
        )  # fmt: skip
    try:
        powers = signing.powers_for(found, work.person)
        asked = documents.begin_release(slot=found.slot, person=work.person)
    except REFUSED as problem:
        messages.error(request, _sentence(problem))
        return redirect("twinnings:seat", work.partnership.slug, found.pk)
    context = {
        "work": work,
        "seat": found,
        "powers": powers,
        "last": documents.last_revision(found.frozen.document),
        "asked": {"request_options": asked},
    }
    return render(request, "twinnings/release.html", context)


@require_POST
@in_workspace(Action.SIGN_AGREEMENT)
def taking(request: HttpRequest, work: Workspace, seat: int) -> HttpResponse:
    """Take the paper away to sign it elsewhere; it waits a while before evidence is added."""
    found = _own_seat(work, seat)
    try:
        signing.powers_for(found, work.person)
        data = documents.take_to_sign(slot=found.slot, person=work.person)
    except REFUSED as problem:
        messages.error(request, _sentence(problem))
        return redirect("twinnings:seat", work.partnership.slug, found.pk)
    response = HttpResponse(data, content_type="application/pdf")
    name = found.frozen.document.code
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response


@require_POST
@in_workspace(Action.SIGN_AGREEMENT)
def upload(request: HttpRequest, work: Workspace, seat: int) -> HttpResponse:
    """Take the paper back with one signature more."""
    found = _own_seat(work, seat)
    form = UploadForm(request.POST, request.FILES, prefix="own")
    if not form.is_valid():
        return _seat_page(request, work, found, {"upload_form": form})
    data = form.cleaned_data["file"].read(BYTES_MAX + 1)
    try:
        signing.accept_signed(seat=found, person=work.person, data=data)
    except REFUSED as problem:
        form.add_error("file", _sentence(problem))
        return _seat_page(request, work, found, {"upload_form": form})
    messages.success(request, _("Taken: your signature is on the paper."))
    return redirect("twinnings:seat", work.partnership.slug, found.pk)


@require_POST
@in_workspace(Action.SEE_DESK)
def by_hand(request: HttpRequest, work: Workspace, seat: int) -> HttpResponse:
    """Send in the scan of a paper that was signed by hand."""
    found = _seat(work, seat)
    sides = {queries.side_of(work, Action.DRAFT_AGREEMENT),
             queries.side_of(work, Action.SIGN_AGREEMENT)}  # fmt: skip
    if found.side not in sides:
        raise PermissionDenied
    form = HandForm(request.POST, request.FILES, prefix="hand", today=clock.now().date())
    if not form.is_valid():
        return _seat_page(request, work, found, {"hand_form": form})
    day: date = form.cleaned_data["signed_date"]
    try:
        signing.enter_scan(
            seat=found, person=work.person, data=form.cleaned_data["file"].read(), signed_date=day
        )
    except REFUSED as problem:
        form.add_error("file", _sentence(problem))
        return _seat_page(request, work, found, {"hand_form": form})
    messages.success(request, _("The scan is kept. Two people of two organisations confirm it."))
    return redirect("twinnings:seat", work.partnership.slug, found.pk)


@require_POST
@in_workspace(Action.SEE_DESK)
def witnessing(request: HttpRequest, work: Workspace, seat: int) -> HttpResponse:
    """Say that one saw the office sign by hand."""
    found = _seat(work, seat)
    scan = Scan.objects.filter(slot=found.slot, pk=_number(request.POST.get("scan", ""))).first()
    if scan is None:
        messages.error(request, _sentence(errors.WrongState()))
        return redirect("twinnings:seat", work.partnership.slug, found.pk)
    return _tried(
        request, work, found,
        lambda: signing.witness(
            seat=found, scan=scan, person=work.person, organisation=_organisation(work)
        ),
        _("Your word is recorded."),
    )  # fmt: skip


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _organisation(work: Workspace) -> Organisation:
    return work.roles[0].organisation


@require_POST
@in_workspace(Action.SIGN_AGREEMENT)
def refusal(request: HttpRequest, work: Workspace, seat: int) -> HttpResponse:
    """Say no, with the reason."""
    found = _own_seat(work, seat)
    form = ReasonForm(request.POST, prefix="refusal")
    if not form.is_valid():
        return _seat_page(request, work, found, {"refusal_form": form})
    reason = form.cleaned_data["reason"]
    return _tried(
        request, work, found,
        lambda: signing.refuse(seat=found, person=work.person, reason=reason),
        _("Refused. The clerks of both cities read your reason."),
    )  # fmt: skip
