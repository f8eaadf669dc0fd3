"""The desk's pages of suppliers' accounts."""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from twinhood.deliveries import errors, forms, words
from twinhood.deliveries import payees as actions
from twinhood.deliveries.models import PayeeAccount
from twinhood.deliveries.views.sentences import sentence_for
from twinhood.kit import clock
from twinhood.kit.http import tried
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace

log = logging.getLogger(__name__)


@require_safe
@in_workspace(Action.SEE_DESK)
def payees(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Every account, the newest first."""
    found = PayeeAccount.objects.filter(partnership=work.partnership).select_related("supplier")
    context = {"work": work, "payees": found.order_by("-number"), "now": clock.now()}
    return render(request, "deliveries/payees.html", context)


@in_workspace(Action.PROPOSE_ORDER)
def new_payee(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Record an account as it stands on paper; everybody with a role is told."""
    form = forms.PayeeForm(request.POST or None, partnership=work.partnership)
    if request.method == "POST" and form.is_valid():
        payee = actions.propose_payee(
            partnership=work.partnership,
            by=work.person,
            organisation=work.organisation_for(Action.PROPOSE_ORDER),
            at=clock.now(),
            **form.cleaned_data,
        )
        messages.success(request, _("Recorded. Everybody with a role here is told by letter."))
        return redirect("deliveries:payee", work.partnership.slug, payee.number)
    status = 422 if form.is_bound else 200
    return render(request, "deliveries/new_payee.html", {"work": work, "form": form}, status=status)


def _payee(work: Workspace, number: int) -> PayeeAccount:
    found = PayeeAccount.objects.select_related(
        "partnership", "supplier", "proposed_by", "proposed_for", "called_by", "stopped_by"
    )
    payee = found.filter(partnership=work.partnership, number=number).first()
    if payee is None:
        raise Http404
    return payee


@require_safe
@in_workspace(Action.SEE_DESK)
def payee(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """One account: how it came, what is odd, who called, who approved, from when it is paid to."""
    return _detail(request, work, _payee(work, number), {})


def _detail(
    request: HttpRequest, work: Workspace, payee: PayeeAccount, bound: dict[str, Any]
) -> HttpResponse:
    given = list(payee.approvals.select_related("approved_by", "organisation").order_by("id"))
    is_proposed = payee.state == PayeeAccount.State.PROPOSED
    why_not = _why_not(work, payee) if is_proposed else ""
    context = {
        "work": work,
        "payee": payee,
        "alarms": [words.PAYEE_ALARM[code] for code in actions.alarms_of(payee)],
        "approvals": given,
        "is_usable": payee.usable_from_at is not None and payee.usable_from_at <= clock.now(),
        "why_not": why_not,
        "may_call": is_proposed
        and payee.called_by_id is None
        and work.may(Action.PROPOSE_ORDER)
        and payee.proposed_by_id != work.person.pk,
        "may_approve": is_proposed and work.may(Action.APPROVE_ORDER) and not why_not,
        "may_stop": payee.state != PayeeAccount.State.STOPPED,
        "call_form": forms.CallForm(prefix="call"),
        "stop_form": forms.ReasonForm(prefix="stop"),
    }
    status = 422 if bound else 200
    return render(request, "deliveries/payee.html", context | bound, status=status)


def _why_not(work: Workspace, payee: PayeeAccount) -> str:
    """What forbids this person to approve it, for the page; the action asks again."""
    if not work.may(Action.APPROVE_ORDER):
        return ""
    if payee.called_by_id is None:
        return str(words.NOT_CALLED)
    organisation = work.organisation_for(Action.APPROVE_ORDER)
    refusal = actions.why_not(payee, work.person, organisation, payee.approvals.all())
    return str(words.APPROVE_REFUSED[refusal]) if refusal else ""


@require_POST
@in_workspace(Action.PROPOSE_ORDER)
def payee_call(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Record the call to the supplier."""
    payee = _payee(work, number)
    form = forms.CallForm(request.POST, prefix="call")
    if not form.is_valid():
        return _detail(request, work, payee, {"call_form": form})
    given = form.cleaned_data
    return _tried(
        request,
        work,
        payee,
        lambda: actions.record_call(
            payee=payee, number=given["number"], note=given["note"], by=work.person, at=clock.now()
        ),
        _("The call is recorded. Two people approve the account now."),
    )


@require_POST
@in_workspace(Action.APPROVE_ORDER)
def payee_approval(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Approve an account; what it says never changes, so there is nothing else to compare."""
    payee = _payee(work, number)
    return _tried(
        request,
        work,
        payee,
        lambda: actions.approve_payee(payee=payee, by=work.person, at=clock.now()),
        _("Approved. With two approvals it may be paid to after 72 hours."),
    )


@require_POST
@in_workspace(Action.SEE_DESK)
def payee_stop(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Anybody with a role says stop."""
    payee = _payee(work, number)
    form = forms.ReasonForm(request.POST, prefix="stop")
    if not form.is_valid():
        return _detail(request, work, payee, {"stop_form": form})
    reason = form.cleaned_data["reason"]
    return _tried(
        request,
        work,
        payee,
        lambda: actions.stop_payee(payee=payee, reason=reason, by=work.person, at=clock.now()),
        _("Stopped. Nothing is paid to this account."),
    )


def _tried(
    request: HttpRequest,
    work: Workspace,
    payee: PayeeAccount,
    act: Callable[[], object],
    done: str,
) -> HttpResponse:
    def told(problem: errors.DeliveryError) -> str:
        log.warning("deliveries.payee_refused payee=%s reason=%s", payee, problem)
        return sentence_for(problem)

    to = redirect("deliveries:payee", work.partnership.slug, payee.number)
    return tried(request, act, done, refused=errors.DeliveryError, sentence_for=told, to=to)
