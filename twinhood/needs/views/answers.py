"""How the desk's pages of needs answer: which need is meant, what was done, what forbids it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from twinhood.kit import http
from twinhood.kit.templatetags.kit import money
from twinhood.needs import errors, queries, words
from twinhood.needs.core import freshness
from twinhood.needs.models import Need
from twinhood.people.queries import Workspace


def form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, status=422 if context["form"].is_bound else 200)


def need_at(work: Workspace, number: int) -> Need:
    """The need of this number, drafts of others excepted."""
    need = queries.need_at_work(work.partnership, number)
    if need is None or is_hidden(need, work):
        raise Http404
    return need


def is_hidden(need: Need, work: Workspace) -> bool:
    """A draft is its writer's alone."""
    return need.state == Need.State.DRAFT and need.written_by_id != work.person.pk


def told(request: HttpRequest, work: Workspace, number: int, sentence: Any) -> HttpResponse:
    messages.error(request, sentence)
    return redirect("needs:desk_need", work.partnership.slug, number)


def tried(
    request: HttpRequest,
    work: Workspace,
    number: int,
    act: Callable[[], object],
    done: str,
) -> HttpResponse:
    """Do it and say so, or say what forbids it; then show the need as it is now."""
    to = redirect("needs:desk_need", work.partnership.slug, number)
    return http.tried(
        request, act, done, refused=errors.NeedError, sentence_for=sentence_for, to=to
    )


def sentence_for(problem: errors.NeedError) -> str:
    """What a person reads when the rules refuse."""
    match problem:
        case errors.MayNotVerify(refusal=refusal):
            return str(words.VERIFY_REFUSED[refusal])
        case errors.OtherCurrency(need_currency=need, campaign_currency=campaign):
            return str(words.OTHER_CURRENCY) % {"need": need, "campaign": campaign}
        case errors.CampaignNotReady(missing=missing):
            return " ".join(str(words.CAMPAIGN_LACKS[name]) for name in missing)
        case errors.NotTheWriter():
            return str(words.NOT_THE_WRITER)
        case errors.NotAdopted():
            return str(words.NOT_ADOPTED)
        case errors.MoneyWasGiven():
            return str(words.MONEY_WAS_GIVEN)
        case errors.NothingChanges():
            return str(words.NOTHING_CHANGES)
        case errors.FewerThanOrdered(ordered=ordered):
            return str(words.FEWER_THAN_ORDERED) % {"ordered": ordered}
        case errors.OwnChange():
            return str(words.OWN_CHANGE)
        case errors.BadDay():
            return str(words.BAD_DAY) % {"days": freshness.CONFIRM_DAYS_MAX}
        case errors.ReasonMissing():
            return str(words.REASON_MISSING)
        case errors.WaypointTaken():
            return str(words.WAYPOINT_TAKEN)
        case errors.BeyondTarget(target_minor=target, currency=currency):
            return str(words.BEYOND_TARGET) % {"target": money(target, currency)}
    return str(words.WRONG_STATE)
