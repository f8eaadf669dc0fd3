"""Answers that several rooms give: public and cacheable, or private and not; done or refused."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import condition


class Public:
    """The decorator that `public` makes; it keeps the type of the view's answer."""

    def __init__(self, max_age_s: int, is_stale_fine: bool) -> None:
        self.max_age_s = max_age_s
        self.is_stale_fine = is_stale_fine

    def __call__[R: HttpResponseBase](self, view: Callable[..., R]) -> Callable[..., R]:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> R:
            forget_visitor(request)
            response = view(request, *args, **kwargs)
            if response.status_code in {200, 304}:
                response["Cache-Control"] = f"public, max-age={self.max_age_s}" + (
                    ", stale-while-revalidate=60, stale-if-error=600"
                    if self.is_stale_fine
                    else ", must-revalidate"
                )
            response.is_public = True  # type: ignore[attr-defined]
            return response

        # The walk over all addresses reads that anybody may open this view.
        wrapped.is_public = True  # type: ignore[attr-defined]
        return wrapped


def public(*, max_age_s: int = 60, is_stale_fine: bool = True) -> Public:
    """Mark a view's answer as the same for everybody: shared caches may keep it.

    What may be pulled back is not given when it is stale (`is_stale_fine=False`).

    Such a page reads no cookie and shows nothing of the visitor: for the view, and for the frame
    around it, nobody is signed in and no message waits. The middleware
    `private_unless_said_public` takes every other page out of caches.
    """
    return Public(max_age_s, is_stale_fine)


def forget_visitor(request: HttpRequest) -> None:
    """Hide who asks, without touching the session: reading it would vary the page by cookie."""
    request.user = AnonymousUser()
    request.__dict__.pop("_messages", None)


def is_part_request(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    return "HX-Request" in request.headers and "HX-Boosted" not in request.headers


def tried(
    request: HttpRequest,
    act: Callable[[], object],
    done: str,
    *,
    refused: type[Exception] | tuple[type[Exception], ...],
    sentence_for: Callable[[Any], str],
    to: HttpResponse,
) -> HttpResponse:
    """Do it and say so (`done`), or say what forbids it; then lead on, by the answer `to`.

    `refused`: what the act raises where the rules refuse; `sentence_for` puts it into words.
    """
    try:
        act()
    except refused as problem:
        messages.error(request, sentence_for(problem))
    else:
        messages.success(request, done)
    return to


__all__ = ["condition", "forget_visitor", "is_part_request", "public", "tried"]
