"""The table of addresses for tests of this room: its own pages, and bare ones of those above."""

from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from twinhood.kit.http import public
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace
from twinhood.people.urls import account_urlpatterns

handler400 = "twinhood.kit.error_pages.bad_request"
handler403 = "twinhood.kit.error_pages.forbidden"
handler404 = "twinhood.kit.error_pages.not_found"
handler500 = "twinhood.kit.error_pages.server_error"


@public()
def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("home")


def desk(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"desk of {request.user}")


@in_workspace(Action.SEE_DESK)
def desk_partnership(request: HttpRequest, work: Workspace) -> HttpResponse:
    return HttpResponse(f"{work.person} in {work.partnership}")


@in_workspace(Action.APPROVE_ORDER)
def approval(request: HttpRequest, work: Workspace) -> HttpResponse:
    return HttpResponse("approved" if request.method == "POST" else "to approve")


web = (
    [
        path("", home, name="home"),
        path("desk/", desk, name="desk"),
        path("desk/<slug:slug>/", desk_partnership, name="desk_partnership"),
        path("desk/<slug:slug>/approval/", approval, name="approval"),
    ],
    "web",
)
urlpatterns = i18n_patterns(
    path("account/", include(account_urlpatterns)),
    path("", include("twinhood.people.urls")),
    path("", include(web)),
)
