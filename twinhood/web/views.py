"""Pages that join rooms: fetch, ask the queries of this room, answer."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.contrib.auth.decorators import login_required

from twinhood.kit.http import public


@public()
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "web/home.html")


@public()
def partnership(request: HttpRequest, slug: str) -> HttpResponse:
    raise Http404


@public()
def sums(request: HttpRequest, slug: str) -> HttpResponse:
    raise Http404


@public()
def books(request: HttpRequest, slug: str) -> HttpResponse:
    raise Http404


@public()
def band_map(request: HttpRequest, slug: str, shape: str) -> HttpResponse:
    raise Http404


def trace(request: HttpRequest, secret: str) -> HttpResponse:
    raise Http404


@login_required
def desk(request: HttpRequest) -> HttpResponse:
    raise Http404


@login_required
def desk_partnership(request: HttpRequest, slug: str) -> HttpResponse:
    raise Http404
