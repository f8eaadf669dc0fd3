"""One gift: its page, a new link, the erasure of who gave."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twinhood.giving import actions, errors, giver, queries, refunding
from twinhood.giving.fields import fund_title
from twinhood.giving.keys import master_keys, open_donor
from twinhood.giving.models import Gift
from twinhood.giving.rails import BY_CODE
from twinhood.giving.views import fresh_links
from twinhood.kit.http import is_part_request
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace


def gift_of(work: Workspace, ref: str) -> Gift:
    """One of this partnership's gifts, or 404."""
    found = Gift.objects.select_related("fund__campaign", "donor", "partnership", "entered_by")
    return get_object_or_404(found, partnership=work.partnership, ref=ref)


@require_safe
@in_workspace(Action.READ_BOOKS)
def gift(request: HttpRequest, work: Workspace, ref: str) -> HttpResponse:
    """One gift; while it waits to be posted, the part with its stage asks for itself again."""
    found = gift_of(work, ref)
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
        "waiting": refunding.under_way(found) if work.may(Action.CONFIRM_REFUND) else None,
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
    new = actions.renew_secret(gift=gift_of(work, ref))
    fresh_links.keep(request, [new])
    return redirect("giving:gift", work.partnership.slug, ref)


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.SEE_DONORS)
def erasure(request: HttpRequest, work: Workspace, ref: str) -> HttpResponse:
    """Forget who gave, when they ask for it: the ref is typed to confirm."""
    found = gift_of(work, ref)
    if found.donor is None or found.donor.wrapped_key is None:
        return redirect("giving:gift", work.partnership.slug, ref)
    is_refused = False
    if request.method == "POST":
        if request.POST.get("confirmed", "").strip().upper() == found.ref:
            try:
                giver.forget(found.donor)
            except (errors.RailDown, errors.RailRefuses):
                sentence = gettext("A monthly gift could not be ended, so nothing was forgotten.")
                messages.error(request, sentence)
            else:
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
