"""A table of addresses for tests of what every request passes."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from twinhood.kit.http import condition, public

handler400 = "twinhood.kit.error_pages.bad_request"
handler403 = "twinhood.kit.error_pages.forbidden"
handler404 = "twinhood.kit.error_pages.not_found"
handler500 = "twinhood.kit.error_pages.server_error"


@public(max_age_s=30)
def open_page(request: HttpRequest) -> HttpResponse:
    return render(request, "kit/base.html")


@public()
def open_but_sets_a_cookie(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("for all?")
    response.set_cookie("seen", "1")
    return response


@public()
@condition(etag_func=lambda request: '"v1"')
def open_and_versioned(request: HttpRequest) -> HttpResponse:
    return HttpResponse("version 1")


def private_page(request: HttpRequest) -> HttpResponse:
    request.session["seen"] = 1
    messages.info(request, "A message for one reader")
    return HttpResponse(f"private, of {request.GET.get('q', '')}")


def takes_a_form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"taken: {request.POST.get('name')}")


def falls(request: HttpRequest, secret: str = "") -> HttpResponse:
    raise RuntimeError(f"no row of {request.POST.get('email', 'anna@twinhood.example')}")


urlpatterns = i18n_patterns(
    path("", open_page, name="home"),
    path("open/cookie/", open_but_sets_a_cookie),
    path("open/versioned/", open_and_versioned),
    path("t/<str:secret>/", falls),
    path("private/", private_page),
    path("form/", takes_a_form),
    path("falls/", falls),
)
