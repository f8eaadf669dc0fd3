"""What every page shows of the site: whether its money is invented, its languages."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.functional import SimpleLazyObject

from twinhood.people.models import Partnership


def site(request: HttpRequest) -> dict[str, Any]:
    """Give base templates `example_loaded`, `main_partnership` and `language_links`.

    `main_partnership` is the only one of this installation, or None where there are several.
    """
    return {
        "example_loaded": SimpleLazyObject(
            lambda: any(p.is_example for p in _partnerships(request))
        ),
        "main_partnership": SimpleLazyObject(lambda: _only(_partnerships(request))),
        "language_links": language_links(request),
    }


def language_links(request: HttpRequest) -> list[dict[str, Any]]:
    """This page's address in each language; the query stays."""
    here = request.get_full_path()
    return [
        {
            "code": code,
            "name": name,
            "url": translate_url(here, code),
            "current": code == getattr(request, "LANGUAGE_CODE", None),
        }
        for code, name in settings.LANGUAGES
    ]


def _partnerships(request: HttpRequest) -> list[Partnership]:
    """The first two partnerships, asked for once a request."""
    if not hasattr(request, "_partnerships"):
        found = Partnership.objects.select_related("giving_place", "receiving_place")
        request._partnerships = list(found.order_by("id")[:2])  # type: ignore[attr-defined]
    return request._partnerships  # type: ignore[attr-defined, no-any-return]


def _only(partnerships: list[Partnership]) -> Partnership | None:
    return partnerships[0] if len(partnerships) == 1 else None
