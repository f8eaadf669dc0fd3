"""The desk's pages of needs and the campaign."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from twinhood.kit import clock
from twinhood.needs import actions, forms, queries, quoting
from twinhood.needs.models import Need
from twinhood.needs.views.answers import (
    is_hidden,
    need_at,
    tried,
)
from twinhood.needs.views.showing import is_asker, need_page
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace

# The parts of a list, in the order in which they want attention.
PARTS = (
    (Need.State.SUBMITTED, "waiting"),
    (Need.State.DRAFT, "drafts"),
    (Need.State.VERIFIED, "verified"),
)


@require_safe
@in_workspace(Action.SEE_DESK)
def needs(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Every need, what waits for a check first, the oldest on top."""
    everything = queries.needs_of(work.partnership)
    found = [n for n in everything if not is_hidden(n, work)]
    parts = {name: [n for n in found if n.state == state] for state, name in PARTS}
    parts["waiting"].sort(key=lambda n: (n.submitted_at or n.written_at, n.number))
    given_up = [n for n in found if n.state in (Need.State.WITHDRAWN, Need.State.REJECTED)]
    context = {"work": work, "needed": work.partnership.verifiers_needed, "given_up": given_up}
    return render(request, "needs/list.html", context | parts | {"is_empty": not found})


@require_safe
@in_workspace(Action.SEE_DESK)
def desk_need(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """One need with its evidence, and what this person may do about it."""
    return need_page(request, work, need_at(work, number), {})


@require_POST
@in_workspace(Action.WRITE_NEED)
def submission(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    need = need_at(work, number)
    return tried(
        request,
        work,
        number,
        lambda: actions.submit(need=need, by=work.person, at=clock.now()),
        _("Submitted. Others check it now."),
    )


@require_POST
@in_workspace(Action.VERIFY_NEED)
def verification(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Say that the need is true; the writer is told why they cannot."""
    need = need_at(work, number)
    form = forms.VerificationForm(
        request.POST, prefix="check", today=work.partnership.receiving_today
    )
    if not form.is_valid():
        return need_page(request, work, need, {"verification_form": form})
    return tried(
        request,
        work,
        number,
        lambda: actions.verify(
            need=need,
            by=work.person,
            organisation=work.organisation_for(Action.VERIFY_NEED),
            seen=form.seen(),
            at=clock.now(),
            seen_revision=form.cleaned_data["seen_revision"],
        ),
        _("Your check is recorded."),
    )


@require_POST
@in_workspace(Action.VERIFY_NEED)
def refusal(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    need = need_at(work, number)
    form = forms.ReasonForm(request.POST, prefix="refusal")
    if not form.is_valid():
        return need_page(request, work, need, {"refusal_form": form})
    reason = form.cleaned_data["reason"]
    return tried(
        request,
        work,
        number,
        lambda: actions.refuse(need=need, by=work.person, reason=reason),
        _("Rejected. The writer reads your reason."),
    )


@require_POST
@in_workspace(Action.WRITE_NEED)
def withdrawal(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    need = need_at(work, number)
    if not is_asker(work, need):
        raise PermissionDenied
    form = forms.ReasonForm(request.POST, prefix="withdrawal")
    if not form.is_valid():
        return need_page(request, work, need, {"withdrawal_form": form})
    reason = form.cleaned_data["reason"]
    return tried(
        request,
        work,
        number,
        lambda: actions.withdraw(need=need, reason=reason),
        _("Withdrawn."),
    )


@require_POST
@in_workspace(Action.PROPOSE_ORDER)
def quotes(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Record a supplier's price; clerks and treasurers do."""
    need = need_at(work, number)
    form = forms.QuoteForm(
        request.POST,
        request.FILES,
        need=need,
        today=work.partnership.receiving_today,
        by=work.person,
        prefix="quote",
    )
    if not form.is_valid():
        return need_page(request, work, need, {"quote_form": form})
    return tried(
        request,
        work,
        number,
        lambda: quoting.record(need=need, given=form.cleaned_data, by=work.person, at=clock.now()),
        _("The quote is recorded."),
    )


@require_POST
@in_workspace(Action.RUN_CAMPAIGN)
def campaign_place(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Put a need at the end of the campaign's line, or take it out (`leave`)."""
    need = need_at(work, number)
    campaign = queries.campaign_of(work.partnership)
    if campaign is None:
        raise Http404
    if "leave" in request.POST:
        return tried(
            request,
            work,
            number,
            lambda: actions.remove_from_campaign(need=need),
            _("Taken out of the campaign."),
        )
    return tried(
        request,
        work,
        number,
        lambda: actions.add_to_campaign(need=need, campaign=campaign),
        _("Put into the campaign."),
    )


@require_POST
@in_workspace(Action.RUN_CAMPAIGN)
def fund(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Let donors give for this need alone."""
    need = need_at(work, number)
    return tried(
        request,
        work,
        number,
        lambda: actions.open_fund(need=need, at=clock.now()),
        _("Donors can give for this need alone now."),
    )
