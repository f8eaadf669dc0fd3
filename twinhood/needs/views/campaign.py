"""The desk's pages of the campaign: what it says, and what the board decided of it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from twinhood.documents import file_words
from twinhood.kit import clock
from twinhood.kit.templatetags.kit import digits, money
from twinhood.needs import actions, campaign_forms, campaigns, errors, queries, words
from twinhood.needs.core import goal
from twinhood.needs.models import BoardDecision, Campaign
from twinhood.needs.views.answers import sentence_for
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace


@in_workspace(Action.RUN_CAMPAIGN)
def campaign(request: HttpRequest, work: Workspace) -> HttpResponse:
    """What the campaign says, its sums, and the door that opens it."""
    found = queries.campaign_of(work.partnership)
    if found is None:
        return render(request, "needs/no_campaign.html", {"work": work})
    form = campaign_forms.TermsForm(request.POST or None, campaign=found)
    if request.method == "POST" and form.is_valid():
        try:
            found = actions.set_terms(campaign=found, **form.terms())
            if "open" in request.POST:
                actions.open_campaign(campaign=found, today=work.partnership.receiving_today)
                messages.success(request, _("The campaign is open: gifts can come in."))
            else:
                messages.success(request, _("Saved."))
        except errors.NeedError as problem:
            messages.error(request, _campaign_sentence(problem))
        return redirect("needs:campaign", work.partnership.slug)
    return _page(request, work, found, {"form": form})


@require_POST
@in_workspace(Action.RUN_CAMPAIGN)
def adoption(request: HttpRequest, work: Workspace) -> HttpResponse:
    """The board's minutes, by which it presents needs to donors."""
    found = _campaign(work)
    form = campaign_forms.AdoptionForm(
        request.POST,
        request.FILES,
        campaign=found,
        work=work,
        today=work.partnership.receiving_today,
        prefix="adopt",
    )
    if form.is_valid():
        try:
            campaigns.adopt(
                campaign=found,
                needs=list(form.cleaned_data["needs"]),
                minutes=form.minutes(),
                by=work.person,
                at=clock.now(),
            )
        except errors.NeedError as problem:
            form.add_error(None, sentence_for(problem))
        else:
            _said(request, form, _("Recorded. The board’s decision stands beside the campaign."))
            return redirect("needs:campaign", work.partnership.slug)
    return _page(request, work, found, {"adoption": form})


@require_POST
@in_workspace(Action.RUN_CAMPAIGN)
def decision(request: HttpRequest, work: Workspace) -> HttpResponse:
    """What the board decided after an official list paused the campaign."""
    found = _campaign(work)
    form = campaign_forms.DecisionForm(
        request.POST,
        request.FILES,
        work=work,
        today=work.partnership.receiving_today,
        prefix="decide",
    )
    if form.is_valid():
        try:
            campaigns.decide(
                campaign=found,
                kind=BoardDecision.Kind(form.cleaned_data["kind"]),
                minutes=form.minutes(),
                by=work.person,
                at=clock.now(),
            )
        except errors.NeedError:
            form.add_error(None, words.NOT_PAUSED)
        else:
            _said(request, form, _("Recorded. Its donors are told."))
            return redirect("needs:campaign", work.partnership.slug)
    return _page(request, work, found, {"decide": form})


@require_POST
@in_workspace(Action.RUN_CAMPAIGN)
def waypoints(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Set a waypoint on the way to the target."""
    found = _campaign(work)
    form = campaign_forms.WaypointForm(request.POST, campaign=found, prefix="waypoint")
    if form.is_valid():
        try:
            campaigns.add_waypoint(
                campaign=found,
                amount_minor=form.cleaned_data["amount"],
                text=form.cleaned_data["text"],
                by=work.person,
                at=clock.now(),
            )
        except errors.WrongState:
            form.add_error(None, words.CAMPAIGN_CLOSED)
        except errors.NeedError as problem:
            form.add_error("amount", sentence_for(problem))
        else:
            messages.success(request, _("The step stands on the partnership’s page."))
            return redirect("needs:campaign", work.partnership.slug)
    return _page(request, work, found, {"waypoint_form": form})


@require_POST
@in_workspace(Action.RUN_CAMPAIGN)
def waypoint_gone(request: HttpRequest, work: Workspace, waypoint: int) -> HttpResponse:
    """Take a waypoint away that is not reached."""
    try:
        campaigns.take_waypoint_away(campaign=_campaign(work), pk=waypoint)
    except errors.NeedError:
        messages.error(request, words.WAYPOINT_REACHED)
    else:
        messages.success(request, _("The step is gone."))
    return redirect("needs:campaign", work.partnership.slug)


def _page(
    request: HttpRequest, work: Workspace, found: Campaign, forms: dict[str, Any]
) -> HttpResponse:
    context = _context(work, found, forms)
    status = 422 if context["shown_form"].is_bound else 200
    return render(request, "needs/campaign.html", context, status=status)


def _campaign(work: Workspace) -> Campaign:
    found = queries.campaign_of(work.partnership)
    if found is None:
        raise Http404
    return found


def _said(request: HttpRequest, form: campaign_forms.MinutesForm, sentence: str) -> None:
    messages.success(request, sentence)
    paper = form.cleaned_data["document"]
    if paper is not None and (left := file_words.left_behind([paper])):
        messages.info(request, left)


def _campaign_sentence(problem: errors.NeedError) -> str:
    if isinstance(problem, errors.WrongState):
        return str(words.CAMPAIGN_WRONG_STATE)
    return sentence_for(problem)


def _each(found: Campaign, target_minor: int) -> list[str]:
    """What each of those counted would give, in sentences."""
    heads = (
        (found.residents, _("For each of %(people)s residents: %(sum)s, rounded up.")),
        (found.households, _("For each of %(people)s households: %(sum)s, rounded up.")),
        (found.pupils, _("For each of %(people)s pupils: %(sum)s, rounded up.")),
    )
    code = found.currency
    return [
        sentence
        % {"people": digits(count), "sum": money(goal.each_minor(target_minor, count, code), code)}
        for count, sentence in heads
        if count
    ]


def _context(work: Workspace, found: Campaign, forms: dict[str, Any]) -> dict[str, Any]:
    found.partnership = work.partnership
    asked = list(queries.campaign_needs(found, at=None))
    items_minor = sum(need.total_minor for need in asked)
    target_minor = goal.with_costs_minor(items_minor, found.costs_per_10k)
    unadopted = campaigns.not_adopted(found)
    pause = campaigns.pause_of(found, clock.now())
    today = work.partnership.receiving_today
    every: dict[str, Any] = {
        "form": campaign_forms.TermsForm(campaign=found),
        "adoption": campaign_forms.AdoptionForm(
            campaign=found, work=work, today=today, prefix="adopt"
        ),
        "decide": campaign_forms.DecisionForm(work=work, today=today, prefix="decide")
        if pause
        else None,
        "waypoint_form": campaign_forms.WaypointForm(campaign=found, prefix="waypoint"),
    } | forms
    return every | {
        "work": work,
        "campaign": found,
        "shown_form": next(iter(forms.values())),
        "needs": asked,
        "stale": queries.stale_prices(asked, today),
        "items_minor": items_minor,
        "costs_minor": target_minor - items_minor,
        "costs_percent": found.costs_per_10k / 100,
        "target_minor": target_minor,
        "each": _each(found, target_minor),
        "slogan": goal.Slogan(found.slogan_per_head_minor, found.slogan_residents),
        "is_draft": found.state == Campaign.State.DRAFT,
        "unadopted": unadopted,
        "pause": pause,
        "decisions": found.decisions.prefetch_related(
            "adopted__need", "document__renditions"
        ).order_by("-decided_date", "-pk"),
        "waypoints": found.waypoints.order_by("amount_minor"),
        "notes": found.target_notes.select_related("need").order_by("-noted_at", "-pk")[:20],
    }
