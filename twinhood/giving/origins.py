"""Whether a form came from a page of ours, without a cookie or a session.

Browsers say themselves where a form was: `Sec-Fetch-Site` (W3C Fetch Metadata), `Origin`
(RFC 6454), or at least `Referer`. A page elsewhere cannot forge any of them. So a form that was
open for a day, or in a browser that keeps no cookies, still works.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def is_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that the form stood on a page of this site."""
    site: str | None = request.META.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return bool(site == "same-origin")
    said = request.headers.get("Origin") or request.headers.get("Referer")
    return said is not None and _origin_of(said) in _own_origins(request)


def _own_origins(request: HttpRequest) -> set[tuple[str, str]]:
    return {
        (request.scheme or "http", request.get_host().lower()),
        *(_origin_of(address) for address in [settings.SITE_URL]),
    }


def _origin_of(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ("", "")
    return parts.scheme, parts.netloc.lower()
