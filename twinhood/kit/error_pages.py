"""The pages for 400, 403, 404 and 500, named by the URLconf as its handlers.

Unlike Django's own they know the request, so that they come in its language with its menu. They
show nothing of the visitor and read no session: whatever failed may be what a session needs.
"""

import sys
from secrets import token_hex
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language_from_request, override

from twinhood.kit.db import UnconfirmedCommit
from twinhood.kit.http import forget_visitor


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: nothing of the request could be used."""
    return _page(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: known, signed in, and not allowed."""
    return _page(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without the token of the browser that opened it."""
    return _page(request, "403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: not here, or not for whoever asks."""
    return _page(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, with a number that stands in the log beside the traceback.

    A commit that no standby confirmed is 503: it may be sent again.
    """
    if isinstance(sys.exc_info()[1], UnconfirmedCommit):
        return not_confirmed(request)
    request.fault_id = token_hex(4)  # type: ignore[attr-defined]
    return _page(request, "500.html", status=500, fault_id=request.fault_id)  # type: ignore[attr-defined]


def no_room(request: HttpRequest) -> HttpResponse:
    """503: the disk is nearly full, so nothing is taken in until there is room again."""
    response = _page(request, "503.html", status=503)
    response["Retry-After"] = "600"
    return response


def not_confirmed(request: HttpRequest) -> HttpResponse:
    """503: what was sent may be written or not; sent again, it is written once."""
    response = _page(request, "503_again.html", status=503)
    response["Retry-After"] = "5"
    return response


def _page(request: HttpRequest, template: str, *, status: int, **context: Any) -> HttpResponse:
    forget_visitor(request)
    language = get_language_from_request(request, check_path=True)
    request.LANGUAGE_CODE = language
    with override(language):
        response = render(request, template, context, status=status)
    response["Content-Language"] = language
    return response
