"""The desk's page of a ceremony's photos: add one, pull one back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from twinhood.documents.file_words import left_behind
from twinhood.kit import clock
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace
from twinhood.twinnings import photos as room
from twinhood.twinnings import queries
from twinhood.twinnings.forms import PhotoForm
from twinhood.twinnings.models import Draft


@in_workspace(Action.ADD_PHOTO)
def photos(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """What the world sees of the day, and a form for one more."""
    draft = get_object_or_404(Draft, partnership=work.partnership, number=number)
    is_sent = request.method == "POST"
    form = PhotoForm(*((request.POST, request.FILES) if is_sent else ()), work=work)
    if is_sent and form.is_valid():
        given = form.cleaned_data
        photo = room.add(
            draft=draft, file=given["photo"], caption=given["caption"], alt=given["alt"],
            credit=given["credit"], form_key=given["form_key"], by=work.person, at=clock.now(),
        )  # fmt: skip
        said = [_("The photo is kept."), left_behind([photo.file])]
        messages.success(request, " ".join(filter(None, said)))
        return redirect("twinnings:photos", work.partnership.slug, number)
    context = {
        "work": work,
        "draft": draft,
        "form": form,
        "photos": room.photos_of(draft),
        "is_announced": queries.is_announced(draft),
    }
    return render(request, "twinnings/photos.html", context, status=422 if is_sent else 200)


@require_POST
@in_workspace(Action.ADD_PHOTO)
def pulling(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Take a photo back from the world; either side may, at once."""
    draft = get_object_or_404(Draft, partnership=work.partnership, number=number)
    typed = request.POST.get("photo", "")
    pk = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0
    if room.pull_back(draft=draft, pk=pk, at=clock.now()):
        messages.success(request, _("Pulled back. The world sees it no more; you still do."))
    else:
        messages.error(request, _("This photo is pulled back already, or is not here."))
    return redirect("twinnings:photos", work.partnership.slug, number)
