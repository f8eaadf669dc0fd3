"""The desk's page of the receiving city: what official lists say of it, what follows, its names."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from twinhood.kit import clock
from twinhood.people import actions as people
from twinhood.people import safety
from twinhood.people.core.permissions import Action
from twinhood.people.models import Vouching
from twinhood.people.queries import Workspace, in_workspace
from twinhood.places.actions import rename_place
from twinhood.places.models import PlaceName, Standing
from twinhood.twinnings import queries, words
from twinhood.twinnings.city_forms import RenameForm, VouchingForm


@require_safe
@in_workspace(Action.SEE_DESK)
def city(request: HttpRequest, work: Workspace) -> HttpResponse:
    """What holds today, since when, by which list; what it was called, and what waits."""
    return _page(request, work, {})


@require_POST
@in_workspace(Action.RECORD_STATE)
def renaming(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Another name by law: pages show it from now on, and the old addresses lead on."""
    if not _speaks_for_the_city(work):
        raise PermissionDenied
    place = work.partnership.receiving_place
    form = RenameForm(request.POST, today=clock.today_in(place.time_zone), prefix="name")
    if not form.is_valid():
        return _page(request, work, {"rename_form": form})
    given = form.cleaned_data
    names = {"en": given["name_en"], "uk": given["name_uk"]}
    rename_place(place, names, since_date=given["since_date"], act=given["act"])
    here = slugify(f"{work.partnership.giving_place.name_in('en')}-{place.name_in('en')}")
    partnership = people.readdress(partnership=work.partnership, slug=here, at=clock.now())
    messages.success(request, _("Recorded. The former name and the former addresses lead here."))
    return redirect("twinnings:city_desk", partnership.slug)


@require_POST
@in_workspace(Action.VOUCH_FOR_BODY)
def vouching(request: HttpRequest, work: Workspace) -> HttpResponse:
    """One person says how they made sure who acts for a body now."""
    bodies = safety.unvouched_in(work.partnership)
    form = VouchingForm(request.POST, bodies=bodies, prefix="vouch")
    if form.is_valid():
        try:
            safety.propose_vouching(
                partnership=work.partnership,
                organisation=form.cleaned_data["organisation"],
                how=form.cleaned_data["how"],
                by=work.person,
                at=clock.now(),
            )
        except safety.CannotVouch as problem:
            form.add_error(None, words.CANNOT_VOUCH[problem.code])
        else:
            messages.success(request, _("Recorded. A second person confirms it."))
            return redirect("twinnings:city_desk", work.partnership.slug)
    return _page(request, work, {"vouching_form": form})


@require_POST
@in_workspace(Action.VOUCH_FOR_BODY)
def vouched(request: HttpRequest, work: Workspace, vouching: int) -> HttpResponse:
    """The second person confirms."""
    found = Vouching.objects.filter(pk=vouching, partnership=work.partnership).first()
    if found is None:
        raise Http404
    try:
        safety.confirm_vouching(vouching=found, by=work.person, at=clock.now())
    except safety.CannotVouch as problem:
        messages.error(request, words.CANNOT_VOUCH[problem.code])
    else:
        messages.success(request, _("Confirmed. Those who act for this body can work again."))
    return redirect("twinnings:city_desk", work.partnership.slug)


def _speaks_for_the_city(work: Workspace) -> bool:
    side = queries.side_of(work, Action.RECORD_STATE)
    return (
        side is not None
        and queries.place_of(work.partnership, side) == work.partnership.receiving_place
    )


def _page(request: HttpRequest, work: Workspace, forms: dict[str, Any]) -> HttpResponse:
    place = work.partnership.receiving_place
    today = clock.today_in(place.time_zone)
    bodies = safety.unvouched_in(work.partnership)
    vouchings = Vouching.objects.filter(partnership=work.partnership).select_related(
        "organisation", "proposed_by", "confirmed_by"
    )
    may_vouch = work.may(Action.VOUCH_FOR_BODY)
    context = {
        "work": work,
        "place": place,
        "safety": safety.safety_of(work.partnership, today),
        "standings": Standing.objects.filter(place=place)
        .select_related("listed_in", "ended_in")
        .order_by("-since_date", "-pk"),
        "names": PlaceName.objects.filter(place=place, since_date__isnull=False)
        .exclude(language="")
        .order_by("-since_date", "language"),
        "needs_two": safety.requires_two_confirmations(work.partnership, today),
        "bodies": bodies,
        "vouchings": vouchings.order_by("-pk"),
        "may_vouch": may_vouch,
        "vouching_form": VouchingForm(bodies=bodies, prefix="vouch")
        if may_vouch and bodies
        else None,
        "rename_form": RenameForm(today=today, prefix="name")
        if _speaks_for_the_city(work)
        else None,
        "shown_form": next(iter(forms.values()), None),
    }
    return render(
        request, "twinnings/city_desk.html", context | forms, status=422 if forms else 200
    )
