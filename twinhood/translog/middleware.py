"""What every request passes while the log is ahead of its database."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from twinhood.kit.error_pages import no_room
from twinhood.translog.errors import NothingTaken
from twinhood.translog.queries import is_known_ahead

type GetResponse = Callable[[HttpRequest], HttpResponse]


def read_only_when_ahead(get_response: GetResponse) -> GetResponse:
    """Take nothing in while the published log is ahead of the database: say so (503).

    An old backup was restored: what is taken in now could never be sealed. Reading goes on, and
    the log's own page says why. A page that would add a leaf raises NothingTaken.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD", "OPTIONS"} or not is_known_ahead():
            return get_response(request)
        return no_room(request)

    def process_exception(request: HttpRequest, problem: Exception) -> HttpResponse | None:
        return no_room(request) if isinstance(problem, NothingTaken) else None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
