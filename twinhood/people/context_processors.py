"""What every page shows of the site: whether its money is invented, its languages, who plays."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse, translate_url
from django.utils.functional import SimpleLazyObject

from twinhood.people.models import Partnership
from twinhood.people.queries import persona_of


def site(request: HttpRequest) -> dict[str, Any]:
    """Give base templates `example_loaded`, `main_partnership` and `language_links`.

    `main_partnership` is the only one of this installation, or None where there are several.
    """
    return {
        "example_loaded": SimpleLazyObject(
            lambda: any(p.is_example for p in partnerships_here(request))
        ),
        "main_partnership": SimpleLazyObject(lambda: _only(partnerships_here(request))),
        "language_links": language_links(request),
    }


def persona(request: HttpRequest) -> dict[str, Any]:
    """Give the desk's banner `persona`: whom of the example the visitor plays, or nothing.

    Asked only where a template shows it: public pages read no session.
    """
    return {"persona": SimpleLazyObject(lambda: _persona(request))}


def language_links(request: HttpRequest) -> list[dict[str, Any]]:
    """This page's address in each language; the query stays."""
    here = request.get_full_path()
    return [
        {
            "code": code,
            "name": name,
            "url": _in_language(here, code),
            "current": code == getattr(request, "LANGUAGE_CODE", None),
        }
        for code, name in settings.LANGUAGES
    ]


def _in_language(address: str, code: str) -> str:
    """The same address in another language; of a missing page too, which no table translates."""
    translated = translate_url(address, code)
    first, _, rest = address.removeprefix("/").partition("/")
    if translated == address and first in dict(settings.LANGUAGES):
        return f"/{code}/{rest}"
    return translated


def _persona(request: HttpRequest) -> dict[str, str]:
    played = persona_of(request) if hasattr(request, "session") else None
    if played is None:
        return {}
    return {
        "name": played.name,
        "change_url": reverse("people:personas"),
        "leave_url": reverse("people:leave"),
    }


def partnerships_here(request: HttpRequest) -> list[Partnership]:
    """The first two partnerships of this installation, asked for once a request."""
    if not hasattr(request, "_partnerships"):
        found = Partnership.objects.select_related(
            "giving_place", "receiving_place", "recipient", "guarantor"
        )
        request._partnerships = list(found.order_by("id")[:2])  # type: ignore[attr-defined]
    return request._partnerships  # type: ignore[attr-defined, no-any-return]


def _only(partnerships: list[Partnership]) -> Partnership | None:
    return partnerships[0] if len(partnerships) == 1 else None
