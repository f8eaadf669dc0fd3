"""What the world may see of a need and of a thing that was bought."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from twinhood.deliveries import drawings, need_story, queries, way
from twinhood.deliveries.queries import PublicUnit
from twinhood.kit import clock
from twinhood.kit.http import public
from twinhood.needs.core import catalogue, goal
from twinhood.needs.core.goal import ItemProgress
from twinhood.needs.models import Need
from twinhood.needs.queries import (
    changes_of,
    items_of,
    present_verifications,
    public_need,
    shown_evidence,
    stale_prices,
    unconfirmed_since,
)
from twinhood.people.models import Partnership


def revocable(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let caches keep a public page for half a minute, never longer: pulling back reaches them."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code == 200:
            response["Cache-Control"] = "public, max-age=30, must-revalidate"
        return response

    return wrapped


def _partnership(slug: str) -> Partnership:
    found = Partnership.objects.select_related("giving_place", "receiving_place", "recipient")
    partnership = found.filter(slug=slug).first()
    if partnership is None:
        raise Http404
    return partnership


@revocable
@public()
@require_safe
def need(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A need: what, why, who checked it, and each of its things; only after its delay."""
    partnership, at = _partnership(slug), clock.now()
    found = public_need(partnership, number, at=at)
    if found is None:
        raise Http404
    if found.campaign is not None:
        found.campaign.partnership = partnership  # known already: no need to ask again
    units = queries.public_unit_names(partnership, at)
    mine = [unit for unit in units.values() if unit.need_number == number]
    today = partnership.receiving_today
    checks = list(present_verifications().filter(need=found))
    changes = list(changes_of(found))
    progress = _progress(found, units, at)
    context = {
        "partnership": partnership,
        "need": found,
        "checks": checks,
        "answers": [
            answered for answered in catalogue.answered(found.kind, found.specification)
            if answered[0].is_public
        ],
        "evidence": shown_evidence(found),
        "changes": changes,
        "price_stale_since": stale_prices([found], today).get(found.pk),
        "unconfirmed_since": unconfirmed_since(found, today),
        "quotes_count": found.quotes.count(),
        "units": mine,
        "orders": _orders(mine),
        "story": need_story.story(
            found, checks=checks, changes=changes, units=mine,
            confirmations=found.confirmations.select_related("organisation"),
        ),
        "unknown": need_story.unknown(found, progress, mine),
    }  # fmt: skip
    # Nothing is to come any more for one that was withdrawn; what was bought stands below.
    if progress is not None and found.state != Need.State.WITHDRAWN:
        context |= {"item": progress, "pips": drawings.pips(progress)}
        context |= {"states_words": drawings.states_words(progress)}
    return render(request, "deliveries/need.html", context)


def _progress(found: Need, units: dict[str, PublicUnit], at: datetime) -> ItemProgress | None:
    """How far the need is: in its campaign's line, or by its own things alone."""
    if found.campaign is not None:
        laid = queries.campaign_progress(found.campaign, at=at, units=units).progress
        return next((item for item in laid.items if item.item.number == found.number), None)
    (item,) = goal.progress(items_of([found], queries.bought_of(units.values())), 0).items
    return item


def _orders(units: list[PublicUnit]) -> list[tuple[int, list[PublicUnit]]]:
    numbers = sorted({unit.order_number for unit in units})
    return [(n, [unit for unit in units if unit.order_number == n]) for n in numbers]


@revocable
@public()
@require_safe
def unit(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """One thing: its state, its order, its hand-over; what may not be told yet is not there."""
    partnership = _partnership(slug)
    found = queries.public_unit(partnership, code, at=clock.now())
    if found is None:
        raise Http404
    told = way.told_of([found], clock.now())[code]
    context = {
        "partnership": partnership,
        "unit": found,
        "act": queries.public_act(found),
        "happened": told.happened,
        "unknown": told.unknown,
    }
    return render(request, "deliveries/unit.html", context)
