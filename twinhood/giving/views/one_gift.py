"""One gift: its page, a new link, a refund, the erasure of who gave."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twinhood.giving import actions, errors, queries
from twinhood.giving.fields import fund_title
from twinhood.giving.forms import ConfirmedRefundForm, RefundForm
from twinhood.giving.keys import master_keys, open_donor
from twinhood.giving.models import Gift
from twinhood.giving.queries import RefundPlan
from twinhood.giving.rails import BY_CODE
from twinhood.giving.views import fresh_links
from twinhood.kit.http import is_part_request
from twinhood.kit.money import format_money, format_number
from twinhood.ledger.errors import NoGuarantor
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace


def _gift(work: Workspace, ref: str) -> Gift:
    found = Gift.objects.select_related("fund__campaign", "donor", "partnership", "entered_by")
    return get_object_or_404(found, partnership=work.partnership, ref=ref)


@require_safe
@in_workspace(Action.READ_BOOKS)
def gift(request: HttpRequest, work: Workspace, ref: str) -> HttpResponse:
    """One gift; while it waits to be posted, the part with its stage asks for itself again."""
    found = _gift(work, ref)
    sees_donors = work.may(Action.SEE_DONORS)
    refunds = list(found.refunds.order_by("id"))
    context: dict[str, Any] = {
        "work": work,
        "gift": found,
        "fund": fund_title(found.fund),
        "rail": BY_CODE[found.rail].label if found.rail in BY_CODE else found.rail,
        "segment": queries.segment_of(found),
        "refunds": refunds,
        "left": queries.left_of(found),
        "sees_donors": sees_donors,
        "may_refund": work.may(Action.REFUND_GIFT),
        "may_renew": work.may(Action.TAKE_GIFT),
        "zone": work.partnership.giving_place.time_zone,
    }
    if is_part_request(request):
        return render(request, "giving/gift.html#posting", context)
    if sees_donors and found.donor is not None:
        context["donor"] = open_donor(found.donor, master_keys())
    if work.may(Action.TAKE_GIFT):
        language = found.donor.language if found.donor else get_language() or "en"
        context["slip_language"] = language
        context["url"] = _fresh_url(request, found, language)
    return render(request, "giving/gift.html", context)


def _fresh_url(request: HttpRequest, found: Gift, language: str) -> str:
    secret = fresh_links.take(request).get(found.ref)
    if secret is None:
        return ""
    return fresh_links.address(request, secret, language)


@require_POST
@in_workspace(Action.TAKE_GIFT)
def link(request: HttpRequest, work: Workspace, ref: str) -> HttpResponse:
    """Make a new trace link for one that was lost."""
    new = actions.renew_secret(gift=_gift(work, ref))
    fresh_links.keep(request, [new])
    return redirect("giving:gift", work.partnership.slug, ref)


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.REFUND_GIFT)
def refund(request: HttpRequest, work: Workspace, ref: str) -> HttpResponse:
    """Ask how much and why; show what that would do; do it when the amount is typed again."""
    found = _gift(work, ref)
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
        if done:
            messages.success(request, gettext("The refund is booked."))
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


def _refund(work: Workspace, found: Gift, form: RefundForm) -> bool:
    said = form.cleaned_data
    try:
        actions.refund_gift(
            gift=found,
            person=work.person,
            amount_minor=said["amount"],
            reason=said["reason"],
            earlier=said["earlier"],
        )
    except NoGuarantor:
        sentence = gettext("Nobody is named who advances what is missing. See below.")
    except errors.RefundedMeanwhile:
        sentence = gettext("Somebody refunded this gift meanwhile. Look at the gift again.")
    except errors.MoreThanWasGiven:
        sentence = gettext("Less is left of this gift than this amount. Look at the gift again.")
    else:
        return True
    form.add_error(None, sentence)
    return False


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
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "giving/refund.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.SEE_DONORS)
def erasure(request: HttpRequest, work: Workspace, ref: str) -> HttpResponse:
    """Forget who gave, when they ask for it: the ref is typed to confirm."""
    found = _gift(work, ref)
    if found.donor is None or found.donor.wrapped_key is None:
        return redirect("giving:gift", work.partnership.slug, ref)
    is_refused = False
    if request.method == "POST":
        if request.POST.get("confirmed", "").strip().upper() == found.ref:
            actions.erase(donor=found.donor)
            messages.success(request, gettext("Who gave is forgotten. The gifts stay."))
            return redirect("giving:gift", work.partnership.slug, ref)
        is_refused = True
    context = {
        "work": work,
        "gift": found,
        "count": found.donor.gifts.count(),
        "is_refused": is_refused,
    }
    return render(request, "giving/erasure.html", context, status=422 if is_refused else 200)
