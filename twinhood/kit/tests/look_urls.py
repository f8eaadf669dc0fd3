"""The addresses that the base templates link to, for tests of the ground alone."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def nothing(request: HttpRequest, slug: str = "") -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path(
        "",
        include(
            (
                [
                    path("cities/", nothing, name="search"),
                    path("suggest/", nothing, name="suggest"),
                ],
                "places",
            )
        ),
    ),
    path(
        "",
        include(
            (
                [
                    path("", nothing, name="home"),
                    path("p/<slug:slug>/", nothing, name="partnership"),
                ],
                "web",
            )
        ),
    ),
]
