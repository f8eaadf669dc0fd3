"""What every request passes: input that no page could take is refused, answers are private."""

from collections.abc import Callable
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.views.defaults import bad_request

type GetResponse = Callable[[HttpRequest], HttpResponse]

QUERY_LENGTH_MAX = 2_000


def refuse_bad_input(get_response: GetResponse) -> GetResponse:
    """Answer 400 to what PostgreSQL could never store or no page of ours could mean.

    NUL characters, overlong query strings, and a parameter that stands twice (another server
    might read the first, we the last: one rule everywhere, refuse).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if len(query) > QUERY_LENGTH_MAX or "\x00" in request.path or "%00" in query:
            return _refusal(request)
        if any(len(values) > 1 for values in request.GET.lists()):
            return _refusal(request)
        return get_response(request)

    return middleware


def _refusal(request: HttpRequest) -> HttpResponse:
    return bad_request(request, Exception("unreadable address"))


def private_unless_said_public(get_response: GetResponse) -> GetResponse:
    """Keep every answer out of shared caches unless its view said that it is public.

    A public answer must not depend on the visitor: a cookie set or read on it is a fault, so its
    `Vary` names the language header only where the address has no language.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not getattr(response, "is_public", False):
            response.setdefault("Cache-Control", "private, no-store")
            return response
        if response.status_code != 200 or response.streaming:
            return response
        if "HX-Request" in request.headers:
            patch_vary_headers(response, ["HX-Request"])
        etag = quote_etag(sha256(response.content).hexdigest()[:32])
        response["ETag"] = etag
        return get_conditional_response(request, etag=etag, response=response) or response

    return middleware
