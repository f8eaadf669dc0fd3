"""Former addresses of a partnership: what is not found there is found at the new one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, resolve

from twinhood.people.models import FormerSlug


def former_slugs(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Lead a former address on, where nothing else answers there."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        return (_moved(request) or response) if response.status_code == 404 else response

    return middleware


def _moved(request: HttpRequest) -> HttpResponse | None:
    try:
        slug = resolve(request.path_info).kwargs.get("slug")
    except Resolver404:
        return None
    former = FormerSlug.objects.filter(slug=slug).select_related("partnership").first()
    if former is None or f"/{slug}/" not in request.path:
        return None
    path = request.path.replace(f"/{slug}/", f"/{former.partnership.slug}/", 1)
    query = request.META.get("QUERY_STRING", "")
    # Asked the same way at the new address: a form is sent on.
    return HttpResponsePermanentRedirect(
        f"{path}?{query}" if query else path, preserve_request=True
    )
