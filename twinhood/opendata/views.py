"""What everybody may read: the journal, and the public file with its page."""

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from twinhood.kit import clock
from twinhood.kit.http import public
from twinhood.opendata import downloads, shown
from twinhood.opendata.building import compressed_path
from twinhood.opendata.projection import journal_lines
from twinhood.opendata.queries import path_of, shelf
from twinhood.people.models import Partnership


def _partnership(slug: str) -> Partnership:
    found = Partnership.objects.filter(slug=slug)
    partnership = found.select_related("giving_place", "receiving_place").first()
    if partnership is None:
        raise Http404
    return partnership


@public(max_age_s=15, is_stale_fine=False)
def journal(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """JSON Lines, one record a line, in posting order; the same for everybody."""
    lines = journal_lines(_partnership(slug), clock.now())
    response = StreamingHttpResponse(lines, content_type="application/jsonl")
    response["Content-Disposition"] = f'inline; filename="{slug}-journal.jsonl"'
    response["Access-Control-Allow-Origin"] = "*"
    return response


@public(max_age_s=15)
def public_file_page(request: HttpRequest, slug: str) -> HttpResponse:
    """What is in the public file, and how to check it."""
    return render(request, "opendata/public_file.html", _context(slug))


@public(max_age_s=5)
def public_file_state(request: HttpRequest, slug: str) -> HttpResponse:
    """The part of that page that moves while a file is built."""
    return render(request, "opendata/public_file.html#state", _context(slug))


def _context(slug: str) -> dict[str, object]:
    partnership = _partnership(slug)
    return {"partnership": partnership, "page": shown.page(partnership, at=clock.now())}


@public(max_age_s=60, is_stale_fine=False)
def public_file(request: HttpRequest, slug: str, size: int | None = None) -> HttpResponseBase:
    """The newest zip, or the newest one of a log of `size` leaves, if it may be shown now."""
    files = shelf(_partnership(slug), at=clock.now()).files
    row = next((row for row in files if size in (None, row.log_size)), None)
    if row is None:
        raise Http404
    path = path_of(row)
    name = f"{slug}-public-file-{row.log_size}.zip"
    return downloads.answer(request, path, compressed_path(path), sha256=row.sha256, filename=name)
