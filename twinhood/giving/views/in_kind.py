"""Things given instead of money, at the desk: the list, a new one, one of them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from twinhood.giving import in_kind
from twinhood.giving.in_kind_form import BASES, HandOverForm, ThingForm, UndoForm
from twinhood.giving.keys import link_secret, master_keys, open_donor
from twinhood.giving.models import InKindGift
from twinhood.giving.views import fresh_links
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace

LISTED_MAX = 200
NUMBER_KNOWN = _("This number already belongs to another thing. Look at the plate again.")
REFUSALS = {
    "handed_over": _("It was handed over already."),
    "undone": _("It was taken back."),
    "too_early": _("The act cannot be older than the gift."),
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
    """One thing: what is known, its link, the hand-over, or that it was entered wrongly."""
    found = get_object_or_404(
        InKindGift.objects.select_related("donor", "handed_over_to", "need", "partnership"),
        partnership=work.partnership,
        ref=thing,
    )
    hand_over, undo = HandOverForm(partnership=work.partnership), UndoForm()
    if request.method == "POST":
        if not work.may(Action.TAKE_GIFT):
            raise PermissionDenied
        is_undo = request.POST.get("step") == "undo"
        if is_undo:
            undo = UndoForm(request.POST)
        else:
            hand_over = HandOverForm(request.POST, partnership=work.partnership)
        if _done(request, work, found, undo if is_undo else hand_over):
            return redirect("giving:thing", work.partnership.slug, thing)
    status = 422 if hand_over.errors or undo.errors else 200
    context = _context(request, work, found) | {"hand_over": hand_over, "undo": undo}
    return render(request, "giving/in_kind.html", context, status=status)


def _done(request: HttpRequest, work: Workspace, found: InKindGift, form: forms.Form) -> bool:
    if not form.is_valid():
        return False
    said = form.cleaned_data
    try:
        if isinstance(form, UndoForm):
            in_kind.undo(gift=found, person=work.person, reason=said["reason"])
            messages.success(request, gettext("It is taken back, also in the books."))
        else:
            in_kind.hand_over(
                gift=found, to=said["to"], day=said["day_of_act"], act=said["act"],
                person=work.person,
            )  # fmt: skip
            messages.success(request, gettext("The hand-over is recorded."))
    except in_kind.CannotHandOver as problem:
        form.add_error(None, REFUSALS[problem.code])
        return False
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
