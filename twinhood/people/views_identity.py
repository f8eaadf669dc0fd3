"""Who is who: two others look at a person's document, and nothing of it is kept."""

import logging
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from twinhood.kit import clock
from twinhood.kit.inputs import DayField
from twinhood.people import identity
from twinhood.people.core.identity import BadName, machine_name
from twinhood.people.core.permissions import Action
from twinhood.people.models import IdentityCheck, Person, Role
from twinhood.people.queries import Workspace, in_workspace

log = logging.getLogger(__name__)
PAPER = {
    IdentityCheck.Paper.PASSPORT: _("Passport"),
    IdentityCheck.Paper.CARD: _("Identity card"),
    IdentityCheck.Paper.LICENCE: _("Driving licence"),
}


class IdentityForm(forms.Form):
    """What stands in the lines of the document that machines read."""

    paper = forms.ChoiceField(label=_("Document"), choices=list(PAPER.items()))
    surname = forms.CharField(
        label=_("Surname, in the document’s Latin letters"),
        help_text=_("As in the lines with “<<<”"),
        max_length=80,
    )
    given_names = forms.CharField(
        label=_("All given names, in the document’s Latin letters"), max_length=80
    )
    birth_date = DayField(label=_("Day of birth"))
    was_seen = forms.BooleanField(
        label=_("I saw the person and the document itself, not a copy."),
        error_messages={"required": _("Look at the person and the document itself.")},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("surname", "given_names"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean_surname(self) -> str:
        return self._latin("surname")

    def clean_given_names(self) -> str:
        return self._latin("given_names")

    def _latin(self, name: str) -> str:
        try:
            return machine_name(self.cleaned_data[name])
        except BadName as problem:
            sentence = gettext("Copy the Latin letters from the lines with “<<<”.")
            raise forms.ValidationError(sentence) from problem


@require_safe
@in_workspace(Action.SEE_DESK)
def people(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Everybody with a role here, and whether two others saw their document."""
    found = _people(work)
    checks = IdentityCheck.objects.select_related("checked_by").order_by("checked_at")
    prefetch_related_objects(found, Prefetch("identity_checks", checks))
    known = identity.known_among(found)
    rows = [
        {
            "person": person,
            "checks": person.identity_checks.all(),
            "is_known": person.pk in known,
            "may_check": person.pk != work.person.pk,
        }
        for person in found
    ]
    return render(request, "people/people.html", {"work": work, "rows": rows})


def _people(work: Workspace) -> list[Person]:
    held = Role.objects.held(clock.now().date()).filter(partnership=work.partnership)
    ids = held.values_list("person", flat=True)
    return list(Person.objects.filter(pk__in=ids, is_active=True).order_by("name", "pk"))


@in_workspace(Action.SEE_DESK)
def check(request: HttpRequest, work: Workspace, person: int) -> HttpResponse:
    """Type what stands in the document; it becomes a key and is forgotten."""
    found = next((p for p in _people(work) if p.pk == person), None)
    if found is None:
        raise Http404
    form = IdentityForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            identity.check_identity(
                person=found,
                key=identity.key_of(given["surname"], given["given_names"], given["birth_date"]),
                paper=given["paper"],
                by=work.person,
                organisation=work.organisation_for(Action.SEE_DESK),
                at=clock.now(),
            )
        except identity.OwnIdentity:
            log.warning("people.own_identity person=%s by=%s", found.pk, work.person.pk)
            form.add_error(None, gettext("Somebody else looks at your own document."))
        else:
            messages.success(request, gettext("Recorded. What you typed is not kept."))
            return redirect("people:people", work.partnership.slug)
    context = {"work": work, "person": found, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "people/check.html", context, status=status)
