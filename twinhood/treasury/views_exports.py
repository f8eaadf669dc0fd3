"""Exports of the books: on the page as of a day, and as files."""

import csv
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from twinhood.kit import clock
from twinhood.people.core.permissions import Action
from twinhood.people.models import Partnership
from twinhood.people.queries import Workspace, in_workspace
from twinhood.treasury import exports


def _day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class DaysForm(forms.Form):
    """From which day to which; balances are those at the end of the last."""

    first = forms.DateField(
        label=_("First day"),
        widget=_day_input(),
        error_messages={"required": _("Enter the first day.")},
    )
    last = forms.DateField(
        label=_("Last day"),
        widget=_day_input(),
        error_messages={"required": _("Enter the last day.")},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day cannot be before the first."))
        if last and last.year > 9998:
            self.add_error("last", _("Enter the last day."))
        return cleaned


def _days(request: HttpRequest, partnership: Partnership) -> DaysForm:
    """What was asked for, or the month before this one."""
    this = clock.today_in(partnership.giving_place.time_zone).replace(day=1)
    last = this - timedelta(days=1)
    days = {"first": last.replace(day=1).isoformat(), "last": last.isoformat()}
    return DaysForm(days | {k: v for k, v in request.GET.dict().items() if k in days})


@require_safe
@in_workspace(Action.READ_BOOKS)
def exports_page(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Balances and restrictions as of a day, and the files."""
    form = _days(request, work.partnership)
    context: dict[str, Any] = {"work": work, "form": form}
    if form.is_valid():
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
        rows = exports.trial_balance(work.partnership, last)
        context |= {
            "query": f"first={first}&last={last}",
            "last": last,
            "rows": rows,
            "totals": exports.totals(rows),
            "splits": exports.split(work.partnership, last),
        }
    status = 422 if form.errors else 200
    return render(request, "treasury/exports.html", context, status=status)


class _Echo:
    """A file that hands each line on."""

    def write(self, line: str) -> str:
        return line


type Lines = Callable[[Partnership, date, date], Iterator[list[str]]]
FILES: dict[str, Lines] = {
    "entries": exports.entry_lines,
    "balances": lambda partnership, _first, last: exports.balance_lines(partnership, last),
    "restrictions": lambda partnership, _first, last: exports.split_lines(partnership, last),
}


@require_safe
@in_workspace(Action.READ_BOOKS)
def export_file(request: HttpRequest, work: Workspace) -> HttpResponse:
    """One file: `?what=entries`, `balances`, `restrictions` or `beancount`, of some days."""
    what, form = request.GET.get("what", "entries"), _days(request, work.partnership)
    if not form.is_valid() or (what not in FILES and what != "beancount"):
        raise Http404
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    if what == "beancount":
        text = exports.beancount_lines(work.partnership, first, last)
        response = StreamingHttpResponse(text, content_type="text/plain; charset=utf-8")
    else:
        writer = csv.writer(_Echo())
        lines = FILES[what](work.partnership, first, last)
        rows = (writer.writerow(line) for line in lines)
        response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    ending = "beancount" if what == "beancount" else "csv"
    name = f"{work.partnership.slug}-{what}-{first}-{last}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return cast(HttpResponse, response)
