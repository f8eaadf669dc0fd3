"""Things given instead of money, at the desk: the list, a new one, one of them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from twinhood.giving import in_kind
from twinhood.giving.in_kind_form import BASES, ThingForm, UndoForm
from twinhood.giving.keys import link_secret, master_keys, open_donor
from twinhood.giving.models import InKindGift
from twinhood.giving.views import fresh_links
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace

LISTED_MAX = 200
NUMBER_KNOWN = _("This number already belongs to another thing. Look at the plate again.")
REFUSALS = {
    "handed_over": _("It was handed over already."),
    "on_an_act": _("It stands on an act of acceptance. Withdraw that first."),
}


@require_safe
@in_workspace(Action.READ_BOOKS)
def things(request: HttpRequest, work: Workspace) -> HttpResponse:
    """All things given, the newest first, with their value by currency."""
    context = {
        "work": work,
        "things": in_kind.things_of(work.partnership)[:LISTED_MAX],
        "sums": in_kind.sums(work.partnership),
        "takes_gifts": work.may(Action.TAKE_GIFT),
    }
    return render(request, "giving/in_kind_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.TAKE_GIFT)
def new_thing(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Take one in; its page then shows the donor's link."""
    form = ThingForm(request.POST or None, partnership=work.partnership)
    if request.method == "POST" and form.is_valid():
        try:
            taken = in_kind.take_in(
                partnership=work.partnership,
                form_key=form.cleaned_data["form_key"],
                thing=form.thing(),
                person=work.person,
            )
        except in_kind.NumberKnown:
            form.add_error("serial", NUMBER_KNOWN)
        else:
            messages.success(request, gettext("It is taken in, and its value is booked."))
            return redirect("giving:thing", work.partnership.slug, taken.gift.ref)
    status = 422 if form.errors else 200
    context = {"work": work, "form": form}
    return render(request, "giving/in_kind_new.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.READ_BOOKS)
def thing(request: HttpRequest, work: Workspace, thing: str) -> HttpResponse:
    """One thing: what is known, its link, its hand-over, or that it was entered wrongly."""
    found = get_object_or_404(
        InKindGift.objects.select_related("donor", "handed_over_to", "need", "partnership"),
        partnership=work.partnership,
        ref=thing,
    )
    undo = UndoForm(request.POST or None)
    if request.method == "POST":
        if not work.may(Action.TAKE_GIFT):
            raise PermissionDenied
        if _undone(request, work, found, undo):
            return redirect("giving:thing", work.partnership.slug, thing)
    context = _context(request, work, found) | {"undo": undo}
    return render(request, "giving/in_kind.html", context, status=422 if undo.errors else 200)


def _undone(request: HttpRequest, work: Workspace, found: InKindGift, form: UndoForm) -> bool:
    if not form.is_valid():
        return False
    try:
        in_kind.undo(gift=found, person=work.person, reason=form.cleaned_data["reason"])
    except in_kind.CannotUndo as problem:
        form.add_error(None, REFUSALS[problem.code])
        return False
    messages.success(request, gettext("It is taken back, also in the books."))
    return True


def _context(request: HttpRequest, work: Workspace, found: InKindGift) -> dict[str, Any]:
    context: dict[str, Any] = {
        "work": work,
        "gift": found,
        "words": in_kind.words_of(found),
        "basis": dict(BASES)[InKindGift.Basis(found.basis)],
        "sees_donors": work.may(Action.SEE_DONORS),
        "takes_gifts": work.may(Action.TAKE_GIFT),
        "is_told": in_kind.is_told(found),
        "zone": work.partnership.giving_place.time_zone,
    }
    if work.may(Action.SEE_DONORS):
        keys = master_keys()
        secret = link_secret(f"in-kind:{found.form_key}", keys)
        language = found.donor.language if found.donor else "en"
        context["url"] = fresh_links.address(request, secret, language)
        if found.donor is not None:
            context["donor"] = open_donor(found.donor, keys)
    return context
