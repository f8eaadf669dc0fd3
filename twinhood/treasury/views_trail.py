"""The page of who did what, and the same as CSV."""

import csv
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from twinhood.giving.core.text import csv_cell
from twinhood.people.core.permissions import Action
from twinhood.people.models import Person
from twinhood.people.queries import Workspace, in_workspace
from twinhood.treasury import exports
from twinhood.treasury import trail as trails

SHOWN_MAX, FILE_MAX = 200, 20_000


class TrailForm(forms.Form):
    """Whose acts, of which kind, from which day to which."""

    person = forms.ModelChoiceField(
        queryset=Person.objects.none(), label=_("Person"), required=False, empty_label=_("All")
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("", _("All")), *trails.KINDS.items()], required=False
    )
    first = forms.DateField(
        label=_("First day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    last = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, work: Workspace, **more: Any) -> None:
        super().__init__(*args, **more)
        self.work = work
        people = trails.people_of(work.partnership)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    def clean_last(self) -> date | None:
        day: date | None = self.cleaned_data["last"]
        if day is not None and day.year > 9998:
            raise forms.ValidationError(_("Enter the last day."))
        return day

    def asked(self) -> trails.Asked:
        said, partnership = self.cleaned_data, self.work.partnership
        first, last = said.get("first"), said.get("last")
        return trails.Asked(
            person_id=said["person"].pk if said.get("person") else None,
            kind=said.get("kind") or "",
            since=exports.day_begins(partnership, first) if first else None,
            before=exports.day_ends(partnership, last) if last else None,
        )


@require_safe
@in_workspace(Action.READ_BOOKS)
def trail(request: HttpRequest, work: Workspace) -> HttpResponse:
    """What people did with money, needs and orders, the newest first; `?as=csv` as a file."""
    form = TrailForm(request.GET, work=work)
    is_file = request.GET.get("as") == "csv"
    asked = form.asked() if form.is_valid() else trails.Asked()
    acts = trails.trail(work.partnership, asked, FILE_MAX if is_file else SHOWN_MAX)
    if is_file and not form.errors:
        return _file(work, acts)
    query = request.GET.copy()
    query["as"] = "csv"
    context = {
        "work": work,
        "form": form,
        "acts": acts,
        "is_full": len(acts) == SHOWN_MAX,
        "query": query.urlencode(),
        "zone": work.partnership.giving_place.time_zone,
    }
    return render(request, "treasury/trail.html", context, status=422 if form.errors else 200)


def _file(work: Workspace, acts: list[trails.Act]) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"{work.partnership.slug}-who-did-what.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(["at", "person", "did", "about", "amount", "why"])
    for act in acts:
        cells = (act.person, str(act.words), act.about, act.amount, act.why)
        writer.writerow([act.at.isoformat(), *(csv_cell(cell) for cell in cells)])
    return response
