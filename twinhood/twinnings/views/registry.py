"""The registry, a city, an agreement: public facts, the same for everybody."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from twinhood.kit.http import public
from twinhood.people.models import Partnership
from twinhood.places.core.maps import ATLAS_SIZE, atlas_svg
from twinhood.places.models import Place
from twinhood.places.queries import TEXT_LENGTH_MAX, names_of, search
from twinhood.twinnings import queries, shown
from twinhood.twinnings.ceremony import ceremony_of
from twinhood.twinnings.models import Twinning

RESULTS_MAX = 20
SUGGESTIONS_MAX = 8
RECORDED_MAX = 100


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _asked(request: HttpRequest) -> str:
    """What was typed, without the spaces around it; at most as long as a search reads."""
    return request.GET.get("q", "").strip()[:TEXT_LENGTH_MAX]


def _answer(text: str, limit: int) -> shown.Answer:
    hits = search(text, limit=limit + 1)
    return shown.answer(text, hits, limit=limit, language=_language())


@require_safe
@public(max_age_s=300)
def registry(request: HttpRequest) -> HttpResponse:
    """Search every city by any of its names, and see the twinnings recorded here."""
    text = _asked(request)
    recorded = queries.recorded(limit=RECORDED_MAX)
    answer = _answer(text, RESULTS_MAX) if text else None
    found = [row.place.geoname_id for row in answer.as_typed[:1]] if answer else []
    context = {
        "text": text,
        "answer": answer,
        "recorded": recorded,
        "eldest": _eldest(recorded),
        "has_unconfirmed": any(not twinning.is_confirmed for twinning in recorded),
        "lines": shown.lines(recorded, found),
        "atlas_size": ATLAS_SIZE,
    }
    return render(request, "twinnings/registry.html", context)


def _eldest(recorded: list[Twinning]) -> Twinning | None:
    """The twinning that stands longest, of those whose first year is known."""
    dated = [(t.since_year, t.pk, t) for t in recorded if t.since_year]
    return min(dated)[2] if dated else None


@require_safe
@public(max_age_s=300)
def suggest(request: HttpRequest) -> HttpResponse:
    """Rows for the listbox under a search field; nothing for an empty text."""
    text = _asked(request)
    answer = _answer(text, SUGGESTIONS_MAX) if text else None
    return render(request, "twinnings/_suggestions.html", {"answer": answer})


@require_safe
@public(max_age_s=86_400)
def atlas(request: HttpRequest) -> HttpResponse:
    """The land that lies under the registry's drawing of twinnings."""
    return HttpResponse(atlas_svg(), content_type="image/svg+xml")


@require_safe
@public(max_age_s=300)
def city(request: HttpRequest, geoname_id: int) -> HttpResponse:
    """A city: its names in all scripts, and its twinnings with their dates and sources."""
    place = get_object_or_404(Place, geoname_id=geoname_id)
    bonds = shown.bonds(place)
    context = {
        "place": place,
        "bonds": bonds,
        "names": shown.names(place, names_of(place), _language()),
        "lines": shown.lines([bond.twinning for bond in bonds]),
        "atlas_size": ATLAS_SIZE,
    }
    return render(request, "twinnings/city.html", context)


@require_safe
@public(max_age_s=300)
def agreement(request: HttpRequest, slug: str) -> HttpResponse:
    """The papers of a partnership: who signed them, and what that proves."""
    found = Partnership.objects.select_related("giving_place", "receiving_place")
    partnership = get_object_or_404(found, slug=slug)
    bond = queries.bond(partnership)
    if bond is None:
        raise Http404
    ceremonies = [ceremony_of(draft) for draft in queries.announced(partnership)]
    context = {
        "partnership": partnership,
        "bond": bond,
        "ceremonies": ceremonies,
        "is_proved": any(ceremony.is_proved for ceremony in ceremonies),
    }
    return render(request, "twinnings/agreement.html", context)
