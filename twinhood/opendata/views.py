"""The journal as a download."""

import json
from collections.abc import Iterator

from django.http import Http404, HttpRequest, StreamingHttpResponse

from twinhood.kit import clock
from twinhood.kit.http import public
from twinhood.opendata.projection import journal_records
from twinhood.people.models import Partnership


@public(max_age_s=15)
def journal(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """JSON Lines, one record a line, in posting order; the same for everybody."""
    partnership = Partnership.objects.filter(slug=slug).first()
    if partnership is None:
        raise Http404
    response = StreamingHttpResponse(_lines(partnership), content_type="application/jsonl")
    response["Content-Disposition"] = f'inline; filename="{slug}-journal.jsonl"'
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _lines(partnership: Partnership) -> Iterator[bytes]:
    for record in journal_records(partnership, clock.now()):
        yield json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
