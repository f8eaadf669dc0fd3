"""Answers that several rooms give: public and cacheable, or private and not."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


def public(*, max_age_s: int = 60) -> Callable[[View[...]], View[...]]:
    """Mark a view's answer as the same for everybody: shared caches may keep it.

    Such a page reads no cookie and shows nothing of the visitor: for the view, and for the frame
    around it, nobody is signed in and no message waits. The middleware
    `private_unless_said_public` takes every other page out of caches.
    """

    def decorate(view: View[...]) -> View[...]:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            forget_visitor(request)
            response = view(request, *args, **kwargs)
            if response.status_code in {200, 304}:
                response["Cache-Control"] = (
                    f"public, max-age={max_age_s}, stale-while-revalidate=300, stale-if-error=86400"
                )
            response.is_public = True  # type: ignore[attr-defined]
            return response

        # The walk over all addresses reads that anybody may open this view.
        wrapped.is_public = True  # type: ignore[attr-defined]
        return wrapped

    return decorate


def forget_visitor(request: HttpRequest) -> None:
    """Hide who asks, without touching the session: reading it would vary the page by cookie."""
    request.user = AnonymousUser()
    request.__dict__.pop("_messages", None)


def is_part_request(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    return "HX-Request" in request.headers and "HX-Boosted" not in request.headers


__all__ = ["condition", "forget_visitor", "is_part_request", "public"]
