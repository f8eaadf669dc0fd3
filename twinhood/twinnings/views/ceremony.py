"""The page of the day: both clocks, the seals, who signed when. Public once it is announced."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import condition, require_safe

from twinhood.documents.actions import last_revision
from twinhood.documents.shown import shown as shown_paper
from twinhood.kit.http import public
from twinhood.people.models import Partnership
from twinhood.twinnings import photos, shown_drafts
from twinhood.twinnings.ceremony import Ceremony, ceremony_of
from twinhood.twinnings.models import Draft
from twinhood.twinnings.queries import announced


def _ceremony(slug: str, agreement: int) -> Ceremony:
    found = Partnership.objects.select_related("giving_place", "receiving_place")
    partnership = get_object_or_404(found, slug=slug)
    draft = next((d for d in announced(partnership) if d.number == agreement), None)
    if draft is None:
        raise Http404
    draft.partnership = partnership
    return ceremony_of(draft)


@require_safe
@public(max_age_s=5)
def ceremony(request: HttpRequest, slug: str, agreement: int) -> HttpResponse:
    return _page(request, "twinnings/ceremony.html", _ceremony(slug, agreement))


@require_safe
@public(max_age_s=5)
def screen(request: HttpRequest, slug: str, agreement: int) -> HttpResponse:
    """The same without the frame of the site, for the large screen of a hall."""
    return _page(request, "twinnings/ceremony_screen.html", _ceremony(slug, agreement))


def _page(request: HttpRequest, template: str, shown: Ceremony) -> HttpResponse:
    draft: Draft = shown.draft
    context = {
        "ceremony": shown,
        "partnership": draft.partnership,
        "papers": [shown_paper(one, last_revision(one)) for one in shown.documents],
        "photos": photos.public_photos_of(draft),
        "decisions": photos.decisions_of(draft),
        "lacks_approval": shown_drafts.lacks_approval(draft),
    }
    return render(request, template, context)


def _etag(request: HttpRequest, slug: str, agreement: int) -> str:
    return f'"{_ceremony(slug, agreement).fingerprint}-{get_language()}"'


@require_safe
@public(max_age_s=5, is_stale_fine=False)
@condition(etag_func=_etag)
def seals(request: HttpRequest, slug: str, agreement: int) -> HttpResponse:
    """What changes on the page when somebody signs; asked for every 15 seconds."""
    context = {"ceremony": _ceremony(slug, agreement)}
    return render(request, "twinnings/_seals.html", context)
