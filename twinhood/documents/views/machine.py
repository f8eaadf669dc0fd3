"""The root's certificate and its list of revoked ones, for programs that check signatures."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from twinhood.documents import offices
from twinhood.documents.models import Authority
from twinhood.kit.http import public


@public(max_age_s=3600)
@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """The newest root (DER); 404 before anybody signed here."""
    found = Authority.objects.order_by("id").last()
    if found is None:
        raise Http404
    return _file(bytes(found.certificate), "application/pkix-cert", "root.crt")


@public(max_age_s=600)
@require_safe
def revocation_list(request: HttpRequest) -> HttpResponse:
    """The newest list (DER, RFC 5280); 404 before anybody signed here."""
    newest = offices.published_list()
    if newest is None:
        raise Http404
    return _file(bytes(newest.data), "application/pkix-crl", "revoked.crl")


def _file(data: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Access-Control-Allow-Origin": "*",
    }
    return HttpResponse(data, content_type=content_type, headers=headers)
