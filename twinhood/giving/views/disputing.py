"""A gift that a donor's bank disputes: what the bank says, and how it ended."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from twinhood.giving import disputes as verbs
from twinhood.giving import errors, words
from twinhood.giving.fields import fund_title
from twinhood.giving.forms import DisputeEndForm, DisputeForm
from twinhood.giving.models import Dispute, Gift
from twinhood.kit.money import format_money
from twinhood.ledger.errors import NoGuarantor
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.REFUND_GIFT)
def disputes(request: HttpRequest, work: Workspace, ref: str) -> HttpResponse:
    """Every dispute of a gift; a form for a new one, and one for the end of each that is open."""
    found = Gift.objects.select_related("fund__campaign", "partnership")
    gift = get_object_or_404(found, partnership=work.partnership, ref=ref)
    is_end = request.POST.get("step") == "end"
    opening = _opening(request, work, gift, is_sent=request.method == "POST" and not is_end)
    ends = {d.key: _end(request, work, gift, d, is_sent=is_end) for d in _open(gift)}
    done = _told(work, gift, opening, ends)
    if done:
        messages.success(request, done)
        return redirect("giving:disputes", work.partnership.slug, ref)
    context = {
        "work": work,
        "gift": gift,
        "fund": fund_title(gift.fund),
        "disputes": [
            (d, words.DISPUTE[d.state], ends.get(d.key)) for d in gift.disputes.order_by("id")
        ],
        "form": opening,
    }
    is_wrong = any(form.is_bound for form in (opening, *ends.values()))
    return render(request, "giving/disputes.html", context, status=422 if is_wrong else 200)


def _open(gift: Gift) -> list[Dispute]:
    """Those whose end may still be told; a lost one can be won after all."""
    states = (Dispute.State.OPEN, Dispute.State.LOST)
    return [d for d in gift.disputes.order_by("id") if d.state in states]


def _opening(request: HttpRequest, work: Workspace, gift: Gift, *, is_sent: bool) -> DisputeForm:
    zone = work.partnership.giving_place.time_zone
    return DisputeForm(request.POST if is_sent else None, currency=gift.currency, zone=zone)


def _end(
    request: HttpRequest, work: Workspace, gift: Gift, dispute: Dispute, *, is_sent: bool
) -> DisputeEndForm:
    is_this = is_sent and request.POST.get("key") == dispute.key
    return DisputeEndForm(
        request.POST if is_this else None,
        initial={"key": dispute.key},
        auto_id=f"id_{dispute.pk}_%s",
        currency=gift.currency,
        zone=work.partnership.giving_place.time_zone,
    )


def _told(
    work: Workspace, gift: Gift, opening: DisputeForm, ends: dict[str, DisputeEndForm]
) -> str:
    """Do what the sent form says; return what was done in words, or "" with the form's errors."""
    every: list[DisputeForm | DisputeEndForm] = [opening, *ends.values()]
    form = next((form for form in every if form.is_bound), None)
    if form is None or not form.is_valid():
        return ""
    try:
        return _open_it(work, gift, form) if form is opening else _end_it(work, gift, form)
    except errors.MoreThanWasGiven as problem:
        most = format_money(problem.left_minor, gift.currency, get_language() or "en")
        form.add_error("amount", gettext("The gift was %(most)s.") % {"most": most})
    except errors.NotPosted:
        form.add_error(None, gettext("The gift waits to be posted. Try again in a minute."))
    except errors.DisputeToldOtherwise:
        form.add_error(None, gettext("This dispute was recorded before, with other facts."))
    except NoGuarantor:
        form.add_error(
            None,
            gettext(
                "Not enough is free, and nobody is named who advances it. The dispute stays open,"
                " and nothing can be ordered with what is held."
            ),
        )
    return ""


def _open_it(work: Workspace, gift: Gift, form: DisputeForm | DisputeEndForm) -> str:
    said = form.cleaned_data
    verbs.opened(
        gift=gift,
        key=said["key"],
        amount_minor=said["amount"],
        reason=said["reason"],
        due_date=said["due"],
        at=_moment(said["day"], form.zone),
        person=work.person,
    )
    return gettext("The dispute is recorded. What it may take is held.")


def _end_it(work: Workspace, gift: Gift, form: DisputeForm | DisputeEndForm) -> str:
    said, at = form.cleaned_data, _moment(form.cleaned_data["day"], form.zone)
    if said["outcome"] == "won":
        verbs.won(gift=gift, key=said["key"], at=at, person=work.person)
        return gettext("The dispute is won. Nothing is held any more.")
    verbs.lost(
        gift=gift,
        key=said["key"],
        amount_minor=said["amount"],
        fee_minor=said["fee"],
        at=at,
        person=work.person,
    )
    return gettext("The dispute is lost. What the bank took is booked.")


def _moment(day: date, zone: str) -> datetime:
    """The beginning of the day there: the same form sent twice says the same."""
    return datetime.combine(day, time(), ZoneInfo(zone))
