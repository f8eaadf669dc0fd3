"""Where browsers fetch the worker that opens kept pages without a line (`static/kit/worker.js`)."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from twinhood.kit.http import public

WORKER = Path(__file__).parent / "static" / "kit" / "worker.js"


@public(max_age_s=3600)
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """It lies at the root, so that it may serve the pages that register it, each for itself."""
    return HttpResponse(WORKER.read_bytes(), content_type="text/javascript")


machine_urlpatterns = [path("worker.js", worker, name="kept_worker")]
