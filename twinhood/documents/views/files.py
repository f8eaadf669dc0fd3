"""Renditions of files, to whoever may see them; the original, to whoever sent it in."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from twinhood.documents import sight
from twinhood.documents.models import Rendition, StoredFile
from twinhood.documents.sight import Sight
from twinhood.documents.store import the_store
from twinhood.kit.http import forget_visitor
from twinhood.people.models import Person

# Nothing in an answer may run, load or be framed, whatever a browser takes it for.
FILE_CSP = "default-src 'none'; frame-ancestors 'none'; sandbox"
# Taken back, it is gone from shared caches within a minute.
PUBLIC = "public, max-age=60, must-revalidate"


@require_safe
def picture(request: HttpRequest, code: str, page: int, width: int) -> HttpResponseBase:
    """One page at one width. To whoever may not see it, it does not exist."""
    of_file = Rendition.objects.filter(file__code=code, page=page, width_px=width)
    found = get_object_or_404(of_file.select_related("file__partnership"))
    is_public = sight.of(found.file) is Sight.PUBLIC
    if is_public:
        forget_visitor(request)
    elif not isinstance(request.user, Person) or not sight.may_see(request.user, found.file):
        raise Http404
    answer = _bytes(found.sha256, "image/webp", f"{code}-{page}.webp", as_attachment=False)
    if is_public:
        answer["Cache-Control"] = PUBLIC
        answer.is_public = True  # type: ignore[attr-defined]
    return answer


picture.is_open = True  # type: ignore[attr-defined]


@require_safe
def original(request: HttpRequest, code: str) -> HttpResponseBase:
    """What somebody sent in, byte for byte, back to them and to nobody else."""
    received = StoredFile.objects.filter(code=code, state=StoredFile.State.RECEIVED)
    file = get_object_or_404(received)
    if not isinstance(request.user, Person) or file.uploaded_by_id != request.user.pk:
        raise Http404
    return _bytes(file.sha256, "application/octet-stream", file.name or code, as_attachment=True)


original.is_open = True  # type: ignore[attr-defined]


def _bytes(digest: str, media_type: str, name: str, *, as_attachment: bool) -> HttpResponse:
    answer = HttpResponse(the_store().get(digest), content_type=media_type)
    disposition = content_disposition_header(as_attachment, name)
    answer["Content-Disposition"] = str(disposition)
    answer["Content-Security-Policy"] = FILE_CSP
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
