"""Answers that are papers made for whoever asks: never kept on the way."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext

from twinhood.documents.core.typesetting import NotTypeset


def pdf(data: bytes, name: str, *, to_save: bool = True) -> HttpResponse:
    """A private PDF, to be saved under `name` or opened."""
    disposition = content_disposition_header(to_save, name)
    headers = {"Content-Disposition": disposition or "", "Cache-Control": "private, no-store"}
    return HttpResponse(data, content_type="application/pdf", headers=headers)


def pdf_or_why_not(
    request: HttpRequest,
    make: Callable[[], bytes],
    *,
    name: str,
    instead: str,
    to_save: bool = False,
) -> HttpResponse:
    """The PDF that `make` sets; where a text cannot stand on a paper, the page `instead` says so.

    `instead` is an address.
    """
    try:
        return pdf(make(), name, to_save=to_save)
    except NotTypeset as problem:
        sentence = gettext("This cannot stand on a paper: %(sign)s. Write it in other letters.")
        messages.error(request, sentence % {"sign": problem.unfit.character})
        return HttpResponseRedirect(instead)
