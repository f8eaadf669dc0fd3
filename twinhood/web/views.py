"""Pages that join rooms: fetch, ask this room's readings, answer."""

import re
from functools import lru_cache

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from twinhood.deliveries.queries import public_unit_names
from twinhood.giving import in_kind, reallocation
from twinhood.giving import queries as giving
from twinhood.giving.giver import recurring_by
from twinhood.giving.receipts import receipt_of
from twinhood.giving.teams import figures as team_figures
from twinhood.kit import clock
from twinhood.kit.http import public
from twinhood.needs.queries import stale_prices
from twinhood.people.context_processors import partnerships_here
from twinhood.people.core.permissions import Action, RoleName
from twinhood.people.models import Partnership, Person
from twinhood.people.queries import Workspace, in_workspace, workspaces
from twinhood.people.words import ROLE_WORDS
from twinhood.places.core import maps
from twinhood.places.standing import standing_of
from twinhood.web import burst, thing, thing_given
from twinhood.web import desk as desk_work
from twinhood.web import partnership as reading
from twinhood.web import reminders as reminding
from twinhood.web import trace as tracing
from twinhood.web.forms import DayForm
from twinhood.web.seen import Seen

# A cent of a thing, as an address says it: below 2^63.
AFTER = re.compile(r"[0-9]{1,18}")
FRAMES = {"wide": maps.WIDE, "tall": maps.TALL}


def _language() -> str:
    return get_language() or "en"


def _partnership(request: HttpRequest, slug: str) -> Partnership:
    """The partnership of an address: mostly one that the page's frame has asked for already."""
    for known in partnerships_here(request):
        if known.slug == slug:
            return known
    related = ("giving_place", "receiving_place", "recipient", "guarantor")
    found = Partnership.objects.filter(slug=slug).select_related(*related).first()
    if found is None:
        raise Http404
    return found


@public()
def home(request: HttpRequest) -> HttpResponse:
    """What Twinhood is, and the partnerships at work here."""
    found = Partnership.objects.select_related("giving_place", "receiving_place").order_by("slug")
    return render(request, "web/home.html", {"partnerships": found[:60]})


@public()
def partnership(request: HttpRequest, slug: str) -> HttpResponse:
    """The public page of a partnership: bond, equation, line, needs, books, people."""
    return burst.answer((slug, _language()), lambda: _drawn(request, slug))


def _drawn(request: HttpRequest, slug: str) -> HttpResponse:
    work = _partnership(request, slug)
    now, language = clock.now(), _language()
    units = public_unit_names(work, now)
    there = work.receiving_place
    today = clock.today_in(there.time_zone)
    standing = standing_of(there, today)
    campaign = reading.campaign_part(work, now, units, standing)
    books = reading.books(work)
    gift_count = sum(book.gifts for book in books)
    givers = giving.latest_givers(work, reading.GIVERS_LENGTH)
    context = {
        "partnership": work,
        **reading.bond(work, language),
        "own_names": (
            reading.own_name(work.giving_place, language),
            reading.own_name(work.receiving_place, language),
        ),
        "distance_km": round(
            maps.distance_km(work.giving_place.position, work.receiving_place.position)
        ),
        "campaign": campaign,
        "stale": stale_prices([card.need for card in campaign.cards], today) if campaign else {},
        "standing": standing,
        "gift_count": gift_count,
        "heads_words": reading.heads_words(
            gift_count, campaign.campaign.residents if campaign else 0
        ),
        "books": books,
        "feed": reading.feed(work, givers, language),
        "givers": givers,
        "teams": team_figures(work),
        "newest": reading.newest_hand_over(units.values()),
        "day": reading.shared_day(work, language, now),
    }
    return render(request, "web/partnership.html", context)


@public(max_age_s=15)
def sums(request: HttpRequest, slug: str) -> HttpResponse:
    """The live part of the partnership page: its line, asked for again and again."""
    work = _partnership(request, slug)
    now = clock.now()
    campaign = reading.campaign_part(work, now, public_unit_names(work, now))
    if campaign is None:
        raise Http404
    return render(request, "web/partnership.html#sums", {"partnership": work, "campaign": campaign})


@lru_cache(maxsize=64)
def _band_svg(a: maps.LatLon, b: maps.LatLon, shape: str) -> str:
    return maps.band_svg(maps.band(a, b, FRAMES[shape]))


@public(max_age_s=86_400)
def band_map(request: HttpRequest, slug: str, shape: str) -> HttpResponse:
    """The straight map between the two cities, as a picture of its own."""
    if shape not in FRAMES:
        raise Http404
    work = _partnership(request, slug)
    drawn = _band_svg(work.giving_place.position, work.receiving_place.position, shape)
    return HttpResponse(drawn, content_type="image/svg+xml")


@public(max_age_s=30)
def unit_gifts(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Who paid for one thing, a hundred gifts a page; `?after=` says from which of its cents on.

    A thing that is not public yet has no such page. `?on=` shows it as it stood on another day.
    """
    work = _partnership(request, slug)
    unit = public_unit_names(work, clock.now(), [code]).get(code)
    after = request.GET.get("after", "0")
    if unit is None or unit.need_number is None or not AFTER.fullmatch(after):
        raise Http404
    zone = work.giving_place.time_zone
    form = DayForm(request.GET if "on" in request.GET else None, zone=zone)
    day = form.cleaned_data["on"] if form.is_valid() else None
    as_of = Seen(clock.now(), day, zone).as_of
    context = {
        "partnership": work,
        "unit": unit,
        "gifts": thing.thing_gifts(work, unit, int(after), as_of),
        "is_first": int(after) == 0,
        "form": form,
        "day": day,
    }
    return render(request, "web/thing.html", context, status=422 if form.errors else 200)


def trace(request: HttpRequest, secret: str) -> HttpResponse:
    """A gift's way, for whoever has its secret link. Never in a shared cache, never indexed.

    `?on=2026-03-01` shows it as it stood at the end of that day, on the giving city's clocks.
    """
    gift = giving.gift_by_secret(secret)
    if gift is None and (given := in_kind.by_secret(secret)) is not None:
        return thing_given.page(request, given, secret)
    if gift is None:
        raise Http404
    zone = gift.partnership.giving_place.time_zone
    form = DayForm(request.GET if "on" in request.GET else None, zone=zone)
    day = form.cleaned_data["on"] if form.is_valid() else None
    context = {
        "page": tracing.page(gift, _language(), Seen(clock.now(), day, zone)),
        "gift": gift,
        "partnership": gift.partnership,
        "secret": secret,
        "is_monthly": recurring_by(secret) is not None,
        "has_receipt": receipt_of(gift) is not None,
        "withdrawn": reallocation.of_gift(gift),
        "contact": giving.contact_of(gift.partnership),
        "form": form,
        "day": day,
    }
    status = 422 if form.errors else 200
    response = render(request, "web/trace.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"
    return response


@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """Where a signed-in person begins: their only partnership, or a choice of several."""
    assert isinstance(request.user, Person)  # noqa: S101 (login_required)
    found = workspaces(request.user)
    if len(found) == 1:
        return redirect("web:desk_partnership", found[0].partnership.slug)
    return render(request, "web/desks.html", {"workspaces": found})


@in_workspace(Action.SEE_DESK)
def desk_partnership(request: HttpRequest, work: Workspace) -> HttpResponse:
    """What waits for this person in a partnership, the oldest first; `?kind=` narrows it."""
    waiting = desk_work.waiting(
        desk_work.tasks(work),
        chosen=request.GET.get("kind", ""),
        now=clock.now(),
        today=clock.today_in(work.zone),
    )
    page = Paginator(waiting.shown, desk_work.PAGE).get_page(request.GET.get("page"))
    duties = [(ROLE_WORDS[RoleName(role.name)], role.organisation) for role in work.roles]
    context = {"work": work, "partnership": work.partnership, "duties": duties}
    return render(request, "web/desk.html", context | {"waiting": waiting, "page": page})


@login_required
def reminders(request: HttpRequest) -> HttpResponse:
    """By which letter and calendar one is reminded; the calendar's address is shown once."""
    assert isinstance(request.user, Person)  # noqa: S101 (login_required)
    of = reminding.kept_reminders if request.method == "POST" else reminding.reminders_of
    found, kinds = of(request.user), reminding.kinds()
    context = {"reminders": found, "kinds": kinds}
    if request.method == "POST":
        match request.POST.get("step"):
            case "make":
                token = reminding.make_feed(found)
                url = settings.SITE_URL + reverse("web_calendar", args=[token])
                return render(request, "web/reminders.html", context | {"feed_url": url})
            case "drop":
                reminding.drop_feed(found)
            case "letter":
                found.is_daily = "is_daily" in request.POST
                found.muted = [k.code for k in kinds if f"kind-{k.code}" not in request.POST]
                found.save(update_fields=["is_daily", "muted"])
        messages.success(request, gettext("Saved."))
        return redirect("web:reminders")
    return render(request, "web/reminders.html", context)


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """A person's deadlines, for whoever has the secret address. Never in a shared cache."""
    data = reminding.feed(token)
    if data is None:
        raise Http404
    response = HttpResponse(data, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="twinhood.ics"'
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
