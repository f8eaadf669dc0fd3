"""Refunds of one gift: proposed, looked at, confirmed by a second person where they are large."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from twinhood.giving import errors, queries, refunding
from twinhood.giving.fields import fund_title
from twinhood.giving.forms import ConfirmedRefundForm, RefundForm
from twinhood.giving.models import Gift, RefundRequest
from twinhood.giving.queries import RefundPlan
from twinhood.giving.rails import BY_CODE
from twinhood.giving.views.one_gift import gift_of
from twinhood.kit.money import format_money, format_number
from twinhood.ledger.errors import NoGuarantor
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace

PROBLEMS = (
    NoGuarantor,
    errors.RefundedMeanwhile,
    errors.MoreThanWasGiven,
    errors.OnlyFeeLeft,
    errors.SamePerson,
    errors.RailDown,
    errors.RailRefuses,
)


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.REFUND_GIFT)
def refund(request: HttpRequest, work: Workspace, ref: str) -> HttpResponse:
    """Ask how much and why; show what that would do; do it when the amount is typed again."""
    found = gift_of(work, ref)
    if refunding.under_way(found) is not None:
        return redirect("giving:refund_request", work.partnership.slug, ref)
    if found.stage != Gift.Stage.POSTED or queries.left_of(found).line_minor <= 0:
        return redirect("giving:gift", work.partnership.slug, ref)
    if request.method != "POST":
        return _refund_page(request, work, found, _first_form(found))
    is_confirmed = "confirmed" in request.POST
    form_class = ConfirmedRefundForm if is_confirmed else RefundForm
    form = form_class(request.POST, currency=found.currency)
    plan = _plan(found, form)
    if is_confirmed and plan is not None and form.is_valid():
        done = _refund(work, found, form)
        if done is not None:
            _say(request, done)
            return redirect("giving:gift", work.partnership.slug, ref)
    return _refund_page(request, work, found, form, plan)


def _first_form(found: Gift) -> RefundForm:
    left_minor = queries.left_of(found).total_minor
    typed = format_number(left_minor, found.currency, get_language() or "en")
    initial = {"amount": typed, "earlier": found.refunds.count()}
    return RefundForm(initial=initial, currency=found.currency)


def _plan(found: Gift, form: RefundForm) -> RefundPlan | None:
    """What the refund would do, or None with the reason among the form's errors."""
    form.is_valid()
    amount_minor = form.cleaned_data.get("amount")
    if amount_minor is None:
        return None
    try:
        return queries.refund_plan(gift=found, amount_minor=amount_minor)
    except errors.MoreThanWasGiven as problem:
        left = format_money(problem.left_minor, found.currency, get_language() or "en")
        form.add_error("amount", gettext("Of this gift %(left)s are left.") % {"left": left})
    except (errors.OnlyFeeLeft, errors.NotPosted) as problem:
        raise Http404 from problem
    return None


def _refund(work: Workspace, found: Gift, form: RefundForm) -> RefundRequest | None:
    said = form.cleaned_data
    try:
        return refunding.propose(
            gift=found,
            person=work.person,
            amount_minor=said["amount"],
            reason=said["reason"],
            earlier=said["earlier"],
        )
    except errors.RailDown:
        # It is kept, and sent when the rail answers.
        return refunding.under_way(found)
    except PROBLEMS as problem:
        form.add_error(None, _sentence(problem))
    return None


def _sentence(problem: Exception) -> str:
    """What a person reads when a refund does not go."""
    match problem:
        case NoGuarantor():
            return gettext("Nobody is named who advances what is missing. See below.")
        case errors.RefundedMeanwhile():
            return gettext("Somebody refunded this gift meanwhile. Look at the gift again.")
        case errors.MoreThanWasGiven() | errors.OnlyFeeLeft():
            return gettext("Less is left of this gift than this amount. Look at the gift again.")
        case errors.SamePerson():
            return gettext("You proposed this refund. Somebody else has to confirm it.")
        case errors.RailDown():
            return gettext(
                "The card processor does not answer. The refund is kept and tried again; "
                "nothing is booked before it says that the money went back."
            )
        case _:
            return gettext("The card processor refused the refund. Nothing was booked.")


def _say(request: HttpRequest, done: RefundRequest) -> None:
    if done.state == RefundRequest.State.BOOKED:
        messages.success(request, gettext("The refund is booked."))
    elif done.state == RefundRequest.State.SENT:
        sentence = gettext("The refund is on its way. It is booked when the money went back.")
        messages.success(request, sentence)
    else:
        messages.success(request, gettext("The refund waits for a second person."))


def _refund_page(
    request: HttpRequest,
    work: Workspace,
    found: Gift,
    form: RefundForm,
    plan: RefundPlan | None = None,
) -> HttpResponse:
    is_asking = not isinstance(form, ConfirmedRefundForm)
    if is_asking and plan is not None and not form.errors:
        # The first look is over: the next form has the same data and asks for the confirmation.
        form = ConfirmedRefundForm(initial=request.POST.dict(), currency=found.currency)
        is_asking = False
    context = {
        "work": work,
        "gift": found,
        "fund": fund_title(found.fund),
        "rail": BY_CODE[found.rail].label,
        "left": queries.left_of(found),
        "form": form,
        "plan": plan,
        "is_asking": is_asking or plan is None,
        "needs_second": plan is not None and refunding.needs_second(found, plan.amount_minor),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "giving/refund.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.CONFIRM_REFUND)
def refund_request(request: HttpRequest, work: Workspace, ref: str) -> HttpResponse:
    """A refund that waits: for a second person, who sees what it would do, or for the rail."""
    found = gift_of(work, ref)
    waiting = refunding.under_way(found)
    if waiting is None:
        return redirect("giving:gift", work.partnership.slug, ref)
    problem = ""
    if request.method == "POST":
        try:
            _say_or_withdraw(request, work, waiting)
        except PROBLEMS as refused:
            problem = _sentence(refused)
        else:
            return redirect("giving:gift", work.partnership.slug, ref)
        waiting = refunding.under_way(found)
        if waiting is None:
            messages.error(request, problem)
            return redirect("giving:gift", work.partnership.slug, ref)
    context = {
        "work": work,
        "gift": found,
        "fund": fund_title(found.fund),
        "rail": BY_CODE[found.rail].label,
        "left": queries.left_of(found),
        "waiting": waiting,
        "plan": _plan_of(waiting),
        "is_own": waiting.proposed_by_id == work.person.pk,
        "problem": problem,
    }
    return render(request, "giving/refund_request.html", context, status=422 if problem else 200)


def _say_or_withdraw(request: HttpRequest, work: Workspace, waiting: RefundRequest) -> None:
    step = request.POST.get("step")
    if step == "withdraw" and waiting.state == RefundRequest.State.PROPOSED:
        refunding.withdraw(request=waiting)
        messages.success(request, gettext("The refund is withdrawn. Nothing was given back."))
        return
    _say(request, refunding.confirm(request=waiting, person=work.person))


def _plan_of(waiting: RefundRequest) -> RefundPlan | None:
    """What it would do; None once less is left than it asks for."""
    try:
        return queries.refund_plan(gift=waiting.gift, amount_minor=waiting.amount_minor)
    except (errors.MoreThanWasGiven, errors.OnlyFeeLeft, errors.NotPosted):
        return None
