"""Month-end: look at the checks, close, and open again by two."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from twinhood.giving.fields import LineField
from twinhood.giving.rails import BY_CODE
from twinhood.kit.dates import month_words
from twinhood.kit.money import format_money
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace
from twinhood.treasury import closing
from twinhood.treasury.checks import Check, checks_of
from twinhood.treasury.core.month import Month
from twinhood.treasury.models import ClosedMonth

MONTHS_SHOWN = 24
CHECKS = {
    "ended": _("The month has ended"),
    "posted": _("Gifts of the month that are not posted: %(count)s"),
    "lines": _("Bank lines that nobody has explained: %(count)s"),
    "clearing": _("%(rail)s: %(balance)s lie there, %(to_come)s are in payouts to come"),
    "exchanges": _("Exchanges of which one bank line is missing: %(count)s"),
    "receipts": _("Receipts issued: %(count)s, years with a gap in the numbers: %(gaps)s"),
    "disputes": _("Disputes that are open: %(count)s"),
    "refunds": _("Refunds that wait: %(count)s"),
    "notices": _("Notices of a rail that were not handled: %(count)s"),
}
REFUSALS = {
    "order": _("Another month is first. Look at the list again."),
    "note": _("Something is open. Say in the note why the month can be closed with it."),
    "not_last": _("A later month is closed. Open that one first."),
    "asked": _("Somebody has asked for this already."),
    "not_asked": _("Nobody has asked to open this month."),
    "same_person": _("Another person than the one who asked must agree."),
}
STOPPED = _("Something stops it: see the list.")


@dataclass(frozen=True, slots=True)
class Line:
    """A check in words; `state` is good, look or stop."""

    words: str
    state: str


def _line(check: Check) -> Line:
    figures = dict(check.figures)
    if check.code == "clearing":
        language = get_language() or "en"
        for name in ("balance", "to_come"):
            figures[name] = format_money(figures[f"{name}_minor"], figures["currency"], language)
        if figures["rail"] in BY_CODE:
            figures["rail"] = BY_CODE[figures["rail"]].label
    return Line(str(CHECKS[check.code]) % figures, check.state)


def _standing(closed: ClosedMonth) -> list[Line]:
    """What was found when it was closed, as it was kept then."""
    return [_line(Check(c["code"], c["state"], c["figures"])) for c in closed.checks]


class NoteForm(forms.Form):
    note = LineField(
        length_max=300,
        required=False,
        label=_("Note"),
        help_text=_("What is open, and why the month can be closed with it."),
    )


class ReasonForm(forms.Form):
    reason = LineField(
        length_max=300,
        label=_("Why it must be opened again"),
        error_messages={"required": _("Say why the month must be opened again.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.READ_BOOKS)
def months(request: HttpRequest, work: Workspace) -> HttpResponse:
    """The next month with its checks; the closed ones; close, ask to open again, agree."""
    note, reason = NoteForm(), ReasonForm()
    if request.method == "POST":
        step = request.POST.get("step", "")
        if not work.may(Action.EXCHANGE) and not (
            step == "reopen" and work.may(Action.APPROVE_ORDER)
        ):
            raise PermissionDenied
        note, reason = _forms_of(request, step)
        if _done(request, work, step, note, reason):
            return redirect("treasury:months", work.partnership.slug)
    status = 422 if note.errors or reason.errors else 200
    return render(request, "treasury/months.html", _months(work, note, reason), status=status)


def _forms_of(request: HttpRequest, step: str) -> tuple[NoteForm, ReasonForm]:
    return (
        NoteForm(request.POST if step in {"close", "reopen"} else None),
        ReasonForm(request.POST if step == "ask" else None),
    )


def _done(
    request: HttpRequest, work: Workspace, step: str, note: NoteForm, reason: ReasonForm
) -> bool:
    form = reason if step == "ask" else note
    if not form.is_valid():
        return False
    try:
        month = Month.parse(request.POST.get("month", ""))
        _act(work, step, month, form)
    except ValueError:
        form.add_error(None, REFUSALS["order"])
    except closing.CannotClose as problem:
        form.add_error(None, REFUSALS.get(problem.codes[0], STOPPED))
    except closing.CannotReopen as problem:
        form.add_error(None, REFUSALS[problem.code])
    else:
        messages.success(request, _said(step, month))
        return True
    return False


def _act(work: Workspace, step: str, month: Month, form: forms.Form) -> None:
    """Raises CannotClose, CannotReopen, ValueError for a step that is none."""
    partnership, person = work.partnership, work.person
    if step == "close":
        note = form.cleaned_data["note"]
        closing.close(partnership=partnership, month=month, person=person, note=note)
    elif step == "ask":
        reason = form.cleaned_data["reason"]
        closing.ask_to_reopen(partnership=partnership, month=month, person=person, reason=reason)
    elif step == "reopen":
        closing.reopen(partnership=partnership, month=month, person=person)
    else:
        raise ValueError(step)


def _said(step: str, month: Month) -> str:
    sentences = {
        "close": gettext("The month is closed: %(month)s"),
        "ask": gettext("Asked. Another person must agree to open the month: %(month)s"),
        "reopen": gettext("The month is open again: %(month)s"),
    }
    return sentences[step] % {"month": month_words(month.first_day, get_language() or "en")}


def _months(work: Workspace, note: NoteForm, reason: ReasonForm) -> dict[str, Any]:
    partnership = work.partnership
    month = closing.month_to_close(partnership)
    checks = checks_of(partnership, month)
    closed = list(
        ClosedMonth.objects.filter(partnership=partnership)
        .select_related("closed_by", "asked_by", "reopened_by")
        .order_by("-month_date", "-id")[:MONTHS_SHOWN]
    )
    last = closing.last_closed(partnership)
    return {
        "work": work,
        "month": str(month),
        "month_words": month_words(month.first_day, get_language() or "en"),
        "lines": [_line(check) for check in checks],
        "is_stopped": any(check.state == "stop" for check in checks),
        "asks_note": any(check.state == "look" for check in checks),
        "closed": [
            {
                "row": row,
                "words": month_words(row.month_date, get_language() or "en"),
                "lines": _standing(row),
            }
            for row in closed
        ],
        "last": last,
        "note": note,
        "reason": reason,
        "may_close": work.may(Action.EXCHANGE),
        "may_agree": last is not None
        and last.asked_by_id not in (None, work.person.pk)
        and (work.may(Action.EXCHANGE) or work.may(Action.APPROVE_ORDER)),
        "zone": partnership.giving_place.time_zone,
    }
