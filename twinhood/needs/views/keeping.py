"""What is done with a need besides checking it: evidence, word that it holds, changes."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from twinhood.kit import clock
from twinhood.needs import actions, changing, evidence, forms, queries, renaming, words
from twinhood.needs.models import Change, Need, Renaming
from twinhood.needs.views.answers import need_at, told, tried
from twinhood.needs.views.showing import is_asker, may_confirm, need_page
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace


@require_POST
@in_workspace(Action.WRITE_NEED)
def evidence_said(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Say of each piece what it is, and whether the world may see it."""
    need = need_at(work, number)
    _expect_asker(work, need)
    form = forms.EvidenceForm(
        request.POST, pieces=list(queries.evidence_of(need)), may_drop=True, prefix="evidence"
    )
    if not form.is_valid():
        return need_page(request, work, need, {"evidence_form": form})
    return tried(
        request,
        work,
        number,
        lambda: evidence.say(need=need, said=form.said(), by=work.person),
        _("Saved."),
    )


@require_POST
@in_workspace(Action.SEE_DESK)
def confirmation(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Say that a verified need is still true: whoever asked for it, or checks needs."""
    need = need_at(work, number)
    if not may_confirm(work, need):
        raise PermissionDenied
    action = Action.VERIFY_NEED if work.may(Action.VERIFY_NEED) else Action.WRITE_NEED
    form = forms.ConfirmationForm(
        request.POST, today=work.partnership.receiving_today, prefix="holds"
    )
    if not form.is_valid():
        return need_page(request, work, need, {"confirmation_form": form})
    given = form.cleaned_data
    return tried(
        request,
        work,
        number,
        lambda: actions.confirm(
            need=need,
            by=work.person,
            organisation=work.organisation_for(action),
            at=clock.now(),
            until_date=given["until_date"],
            note=given["note"],
        ),
        _("Recorded: it is still needed."),
    )


@require_POST
@in_workspace(Action.WRITE_NEED)
def changes(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Propose that a verified need asks for something else from now on."""
    need = need_at(work, number)
    _expect_asker(work, need)
    form = forms.ChangeForm(request.POST, need=need, prefix="change")
    if not form.is_valid():
        return need_page(request, work, need, {"change_form": form})
    return tried(
        request,
        work,
        number,
        lambda: changing.propose(
            need=need,
            asked=form.asked(),
            reason=form.cleaned_data["reason"],
            by=work.person,
            organisation=work.organisation_for(Action.WRITE_NEED),
            at=clock.now(),
        ),
        _("Proposed. Somebody else agrees to it, or not."),
    )


@require_POST
@in_workspace(Action.VERIFY_NEED)
def change_decided(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Agree to what was proposed (`agree`), or leave the need as it is."""
    need = need_at(work, number)
    change = Change.objects.filter(need=need, pk=_pk(request.POST.get("change", ""))).first()
    if change is None:
        return told(request, work, number, words.WRONG_STATE)
    is_agreed = "agree" in request.POST
    decide = changing.agree if is_agreed else changing.decline
    return tried(
        request,
        work,
        number,
        lambda: decide(
            change=change,
            by=work.person,
            organisation=work.organisation_for(Action.VERIFY_NEED),
            at=clock.now(),
        ),
        _("Changed. What it asked for before stays readable.") if is_agreed else _("Declined."),
    )


@require_POST
@in_workspace(Action.VERIFY_NEED)
def renaming_decided(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Agree to another name of whom the need is for (`agree`), or leave the one that is."""
    need = need_at(work, number)
    found = Renaming.objects.filter(
        organisation=need.beneficiary_id, pk=_pk(request.POST.get("renaming", ""))
    ).first()
    if found is None:
        return told(request, work, number, words.WRONG_STATE)
    is_agreed = "agree" in request.POST
    return tried(
        request,
        work,
        number,
        lambda: renaming.decide(
            renaming=found,
            is_agreed=is_agreed,
            by=work.person,
            body=work.organisation_for(Action.VERIFY_NEED),
            at=clock.now(),
        ),
        _("Renamed. The name before stays readable.") if is_agreed else _("Declined."),
    )


def _expect_asker(work: Workspace, need: Need) -> None:
    if not is_asker(work, need):
        raise PermissionDenied


def _pk(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 18 else 0
