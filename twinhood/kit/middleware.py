"""What every request passes: input that no page could take is refused, answers are private."""

from collections.abc import Callable
from hashlib import sha256
from shutil import disk_usage
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.contrib.messages import ERROR, get_messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.cache import get_conditional_response, has_vary_header, patch_vary_headers
from django.utils.http import quote_etag
from django.utils.translation import get_language_from_path

from twinhood.kit.error_pages import bad_request, no_room

type GetResponse = Callable[[HttpRequest], HttpResponse]

QUERY_LENGTH_MAX = 2_000
FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def refuse_bad_input(get_response: GetResponse) -> GetResponse:
    """Answer 400 to what PostgreSQL could never store or no page of ours could mean.

    NUL characters, bytes that are not UTF-8, overlong query strings, and a parameter that stands
    twice (another server might read the first, we the last: one rule everywhere, refuse).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not is_readable_address(request) or not is_readable_form(request):
            return bad_request(request)
        return get_response(request)

    return middleware


def is_readable_address(request: HttpRequest) -> bool:
    """Whether path and query are UTF-8 without NUL, and each parameter stands once."""
    query = request.META.get("QUERY_STRING", "")
    return (
        len(query) <= QUERY_LENGTH_MAX
        and "\x00" not in request.path
        and _is_utf8(query.encode("latin-1", "replace"))
        and _is_plain(request.GET)
    )


def is_readable_form(request: HttpRequest) -> bool:
    """Whether a posted form is UTF-8 without NUL, and each field stands once.

    Forms of ours have no field of several values. What is too large or has too many fields
    raises Django's own refusal here, which ends as the same page.
    """
    if request.method != "POST" or request.content_type not in FORM_TYPES:
        return True
    if not request.content_type.startswith("multipart") and not _is_utf8(request.body):
        return False
    return _is_plain(request.POST)


def _is_utf8(encoded: bytes) -> bool:
    try:
        unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_plain(fields: QueryDict) -> bool:
    return all(
        len(values) <= 1 and "\x00" not in name and not any("\x00" in value for value in values)
        for name, values in fields.lists()
    )


def read_only_when_full(get_response: GetResponse) -> GetResponse:
    """Take nothing in while the disk is nearly full: say so (503) before the database must stop.

    Reading goes on. Measured where this installation writes (VAR_DIR).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        is_reading = request.method in {"GET", "HEAD", "OPTIONS"}
        if is_reading or has_room():
            return get_response(request)
        return no_room(request)

    return middleware


def has_room() -> bool:
    """Whether as much of the disk is free as TWINHOOD_FREE_MB_MIN asks for."""
    folder = settings.VAR_DIR if settings.VAR_DIR.exists() else settings.VAR_DIR.parent
    return not folder.exists() or disk_usage(folder).free >= settings.FREE_BYTES_MIN


def private_unless_said_public(get_response: GetResponse) -> GetResponse:
    """Keep every answer out of shared caches unless its view said that it is public.

    A public answer must not depend on the visitor. One that sets a cookie or varies by it does,
    whatever its view said, and is private like the rest.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not is_same_for_all(response):
            if "no-store" not in response.get("Cache-Control", ""):
                response["Cache-Control"] = "private, no-store"
            return response
        if response.status_code != 200 or response.streaming:
            return response
        patch_vary_headers(response, ["HX-Request"])
        if get_language_from_path(request.path_info) is None:
            _unvary(response, "accept-language")
        etag = quote_etag(sha256(response.content).hexdigest()[:32])
        response["ETag"] = etag
        return get_conditional_response(request, etag=etag, response=response) or response

    return middleware


def _unvary(response: HttpResponse, name: str) -> None:
    """Public answers outside /<language>/ are the same in all languages, or name one themselves."""
    names = [part.strip() for part in response.get("Vary", "").split(",")]
    response["Vary"] = ", ".join(part for part in names if part.lower() != name)


def is_same_for_all(response: HttpResponse) -> bool:
    """Whether the view said that the answer is public, and nothing in it contradicts."""
    return (
        getattr(response, "is_public", False)
        and "Cache-Control" in response
        and not response.cookies
        and not has_vary_header(response, "Cookie")
    )


def answer_kept_forms(get_response: GetResponse) -> GetResponse:
    """Tell a form that was kept on a device (`static/kit/keep.js`) whether it was taken.

    Its header `X-Keep` names the person whose it is ("-" for nobody): in the name of another it
    is refused. Where a page would lead on, the answer is 204 with the way in `X-Location`, and
    `X-Keep` says `done`, or `open` if the page leads to the sign-in or says what went wrong: then
    the device keeps what was written. Who signs out leaves nothing behind on the device.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        whose = request.headers.get("X-Keep")
        if whose is not None and whose != str(request.user.pk or "-"):
            return HttpResponse(status=403, headers={"X-Keep": "another"})
        response = get_response(request)
        if whose is not None and response.status_code in {302, 303}:
            response = _led_on(request, response["Location"])
        if getattr(request, "is_signed_out", False):
            response["Clear-Site-Data"] = '"storage"'
        return response

    return middleware


def _led_on(request: HttpRequest, to: str) -> HttpResponse:
    waiting = getattr(get_messages(request), "_queued_messages", [])
    is_open = to.startswith(reverse("account_login")) or any(m.level >= ERROR for m in waiting)
    headers = {"X-Location": to, "X-Keep": "open" if is_open else "done"}
    return HttpResponse(status=204, headers=headers)


def note_signing_out(request: HttpRequest | None, user: object, **_more: object) -> None:
    """A receiver of `user_logged_out`."""
    if request is not None and user is not None:
        request.is_signed_out = True  # type: ignore[attr-defined]
