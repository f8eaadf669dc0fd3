"""Where scripts send files in chunks (`static/documents/upload.js`); forms do without."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from twinhood.documents import chunks, file_words
from twinhood.documents.core.unshown import Unshown
from twinhood.documents.errors import ChunkUnfit, FileRefused, TooBusy, TooManyFiles
from twinhood.documents.file_fields import sentence
from twinhood.documents.models import StoredFile
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace


@require_POST
@in_workspace(Action.SEE_DESK)
def begin(request: HttpRequest, work: Workspace) -> JsonResponse:
    """Announce a file by `name`, `size` and `sha256`; the answer says which bytes are here."""
    told = request.POST

    def act() -> StoredFile:
        size = told.get("size", "")
        return chunks.begin(
            name=told.get("name", ""),
            size_bytes=int(size) if size.isascii() and size.isdecimal() and len(size) < 12 else 0,
            digest=told.get("sha256", ""),
            partnership=work.partnership,
            by=work.person,
        )

    return _answer(act)


@require_POST
@in_workspace(Action.SEE_DESK)
def add(request: HttpRequest, work: Workspace, code: str) -> JsonResponse:
    """One chunk as the body, its `start` and `sha256` in the address."""
    file = get_object_or_404(StoredFile, code=code, partnership=work.partnership)
    if file.uploaded_by_id != work.person.pk:
        raise PermissionDenied
    start, digest = request.GET.get("start", ""), request.GET.get("sha256", "")
    start_byte = int(start) if start.isascii() and start.isdecimal() and len(start) < 12 else -1
    return _answer(
        lambda: chunks.add(file, start_byte=start_byte, data=request.body, digest=digest)
    )


def _answer(act: Callable[[], StoredFile]) -> JsonResponse:
    try:
        file = act()
    except FileRefused as problem:
        return _problem(422, sentence(problem))
    except ChunkUnfit:
        return _problem(422, gettext("These bytes are not those that were announced."), again=True)
    except TooManyFiles:
        return _problem(429, str(file_words.TOO_MANY_AN_HOUR))
    except TooBusy:
        return _problem(503, str(file_words.BUSY), again=True)
    if file.state == StoredFile.State.REFUSED:
        return _problem(422, sentence(FileRefused(file.name, Unshown(file.reason))))
    note = file_words.left_behind([file])
    here = chunks.bytes_here(file)
    return JsonResponse({"code": file.code, "state": file.state, "received": here, "note": note})


def _problem(status: int, words: str, *, again: bool = False) -> JsonResponse:
    """`again`: sending it once more may help."""
    return JsonResponse({"problem": words, "again": again}, status=status)
