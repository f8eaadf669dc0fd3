"""The log as files for machines, as C2SP tlog-tiles lays them out, and as a page for people."""

import re
from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from twinhood.kit import limits
from twinhood.kit.http import forget_visitor, public
from twinhood.translog import actions, queries
from twinhood.translog.core import canonical, tiles
from twinhood.translog.core.note import NOTE_BYTES_MAX
from twinhood.translog.errors import BadCosignature, LogAhead, TilesMissing
from twinhood.translog.shown import page_of
from twinhood.translog.store import CHECKPOINT, the_store

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
# A tile below a published checkpoint never changes again.
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, max-age=0, must-revalidate"

SIZE = re.compile("[1-9][0-9]{0,17}")

type View = Callable[..., HttpResponse]


def for_machines(view: View) -> View:
    """Mark an answer as the same for everybody, readable from every site.

    Its view says how long it may be kept.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        forget_visitor(request)
        response = view(request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response.is_public = True  # type: ignore[attr-defined]
        return response

    wrapped.is_public = True  # type: ignore[attr-defined]
    return wrapped


def _answer(data: bytes, content_type: str, cache: str) -> HttpResponse:
    return HttpResponse(data, content_type=content_type, headers={"Cache-Control": cache})


@for_machines
@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint with its cosignatures; 404 before the first sealing."""
    data = the_store().read(CHECKPOINT)
    if data is None:
        raise Http404
    return _answer(data, TEXT, ASK_AGAIN)


@for_machines
@require_safe
def older_checkpoint(request: HttpRequest, size: str) -> HttpResponse:
    """The checkpoint of exactly that size; cosignatures may still be added to it."""
    found = queries.checkpoint(int(size)) if SIZE.fullmatch(size) else None
    if found is None:
        raise Http404
    return _answer(found.note.encode(), TEXT, ASK_AGAIN)


@for_machines
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The keys of the log (the newest last) and of its witnesses, as `keys.json` of a file."""
    return _answer(canonical.encode(queries.keys_told()), "application/json", ASK_AGAIN)


@for_machines
@require_safe
def tile(request: HttpRequest, tile: str) -> HttpResponse:
    """A tile or a bundle below the published size; 404 for every other name."""
    found = tiles.parse_path(f"tile/{tile}")
    data = None if found is None else queries.tile_file(found)
    if data is None:
        raise Http404
    return _answer(data, BYTES, FOR_EVER)


# From one place in an hour; notes of our witnesses are never counted.
REFUSED_MAX = 60

HOW_TO_COSIGN = """\
POST here the newest checkpoint with your own signature line below it (C2SP tlog-cosignature),
as text/plain. `twinhood witness` does it for you. The operator has to know your key first.
"""


@csrf_exempt
@for_machines
@require_http_methods(["GET", "HEAD", "POST"])
def cosignatures(request: HttpRequest) -> HttpResponse:
    """Take a checkpoint that witnesses signed, a note as the body; 200 with their names.

    400 unreadable, 403 by no witness of ours, 404 no such checkpoint, 409 another tree, 410 too
    old, 413 too long, 429 too many that were refused. A form of a page is refused: no person
    sends one.
    """
    if request.method != "POST":
        return _answer(HOW_TO_COSIGN.encode(), TEXT, ASK_AGAIN)
    if request.content_type == "multipart/form-data":
        return HttpResponse("a form is not a note\n", status=403, content_type=TEXT)
    place = limits.place_of(request)
    if limits.counted("cosignature refused", place) >= REFUSED_MAX:
        said = "too many refused notes from here; try again in an hour\n"
        return HttpResponse(said, status=429, content_type=TEXT, headers={"Retry-After": "3600"})
    data = request.read(NOTE_BYTES_MAX + 1)
    if len(data) > NOTE_BYTES_MAX:
        return HttpResponse("longer than a note may be\n", status=413, content_type=TEXT)
    try:
        names = actions.cosign(data)
    except BadCosignature as problem:
        limits.count("cosignature refused", place)
        return HttpResponse(f"{problem}\n", status=problem.status, content_type=TEXT)
    except (LogAhead, TilesMissing):
        return HttpResponse("this log is not in order\n", status=503, content_type=TEXT)
    return HttpResponse("".join(f"{name}\n" for name in names), content_type=TEXT)


@public(max_age_s=10)
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """What is sealed, who witnessed it, and how to check it without us."""
    return render(request, "translog/log.html", {"page": page_of()})
