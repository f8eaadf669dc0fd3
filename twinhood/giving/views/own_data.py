"""A donor's own data: all of it as a file, and being forgotten, which is asked twice."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from twinhood.giving import errors, forgetting, giver, own_data
from twinhood.giving.visits import Guest, for_guests


@require_POST
@for_guests
def data(request: HttpRequest, guest: Guest) -> HttpResponse:
    """All that is held of the donor, as a zip. A form, so that no link of others fetches it."""
    response = HttpResponse(own_data.zip_of(guest), content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="twinhood-my-data.zip"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@for_guests
def erasure(request: HttpRequest, guest: Guest, pk: int) -> HttpResponse:
    """Forget the donor: the page says what goes and what stays, then the form asks once more."""
    donor = guest.donor_of(pk)
    if donor is None:
        raise Http404
    context = {
        "tab": "settings",
        "guest": guest,
        "donor": donor,
        "found": forgetting.before(donor),
        "is_asked_again": request.method == "POST",
    }
    if request.method != "POST" or "again" not in request.POST:
        return render(request, "giving/giver_erasure.html", context)
    if request.POST.get("sure") != "yes":
        problem = gettext("Tick the box if you are sure.")
        context |= {"problem": problem}
        return render(request, "giving/giver_erasure.html", context, status=422)
    try:
        found = giver.forget(donor)
    except (errors.RailDown, errors.RailRefuses):
        problem = gettext(
            "Your monthly gift could not be ended, so nothing was forgotten yet. Try again soon."
        )
        context |= {"problem": problem}
        return render(request, "giving/giver_erasure.html", context, status=422)
    return render(request, "giving/giver_forgotten.html", {"donor": donor, "found": found})
