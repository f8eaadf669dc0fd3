"""Entering many gifts: rows pasted from a spreadsheet, looked at first, then taken in at once."""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from twinhood.giving import actions, queries, words
from twinhood.giving.core import sheet
from twinhood.giving.core.offline import OfflineGift
from twinhood.giving.core.sheet import Column, DayOrder, Line, Reading, ReadRow, Table
from twinhood.giving.errors import BadGift, TakenInAlready
from twinhood.giving.fields import example_of, fund_title
from twinhood.giving.forms import PasteForm, today_for
from twinhood.giving.keys import master_keys
from twinhood.giving.models import Gift
from twinhood.giving.pasting import Batch, offline_gifts
from twinhood.giving.rails import BY_CODE
from twinhood.giving.views import fresh_links
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace

SIGNER = signing.Signer(salt="twinhood.giving.paste")


@dataclass(frozen=True, slots=True)
class Preview:
    """A paste as it was read. It can be taken in if no row has a problem."""

    table: Table
    above: tuple[Line, ...]
    columns: tuple[Column, ...]
    has_header: bool
    rows: list[ReadRow]
    gifts: list[OfflineGift]
    known: dict[tuple[str, str], Gift]
    seal: str

    @property
    def bad_rows(self) -> list[ReadRow]:
        return [row for row in self.rows if row.problems]

    @property
    def is_whole(self) -> bool:
        return not self.bad_rows and not self.clashes

    @property
    def clashes(self) -> list[OfflineGift]:
        """Gifts that stand already with other money."""
        return [gift for gift in self.gifts if _is_other(gift, self.known.get(gift.key))]

    @property
    def new_count(self) -> int:
        return sum(gift.key not in self.known for gift in self.gifts)

    @property
    def sum_minor(self) -> int:
        return sum(gift.amount_minor for gift in self.gifts if gift.key not in self.known)


def _is_other(gift: OfflineGift, standing: Gift | None) -> bool:
    if standing is None:
        return False
    money = (standing.fund.code, standing.amount_minor, standing.fee_minor)
    return money != (gift.fund_code, gift.amount_minor, gift.fee_minor)


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.TAKE_GIFT)
def paste(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Paste, look, take in. The three are one address; the rows travel with the form.

    What is taken in is read anew from the text; a signed digest of text and settings, made for
    the preview, proves that it is what the person has looked at.
    """
    step = request.POST.get("step", "")
    form = PasteForm(request.POST or None, work=work)
    if request.method != "POST" or step == "edit" or not form.is_valid():
        return _ask(request, work, form, is_refused=step in {"preview", "commit"})
    try:
        preview = read_paste(form, work)
    except sheet.BadSheet as problem:
        form.add_error("text", words.SHEET[problem.code] % {"number": problem.number})
        return _ask(request, work, form, is_refused=True)
    if step == "commit" and preview.is_whole:
        if request.POST.get("seal") == preview.seal:
            return _take_in(request, work, form, preview)
        messages.warning(request, gettext("The rows changed since you looked. Look again."))
    return _show(request, work, form, preview)


def _ask(
    request: HttpRequest, work: Workspace, form: PasteForm, *, is_refused: bool
) -> HttpResponse:
    if not is_refused:
        # Back from the preview: everything typed is there, and nothing is said to be wrong.
        form = PasteForm(initial=request.POST.dict(), work=work)
    context = {"work": work, "form": form}
    return render(request, "giving/paste.html", context, status=422 if is_refused else 200)


def read_paste(form: PasteForm, work: Workspace) -> Preview:
    """Read the paste by the form's settings. Raises BadSheet."""
    said = form.cleaned_data
    whole = sheet.split_rows(said["text"])
    place = sheet.heading_place(whole) or 0
    table = replace(whole, lines=whole.lines[place:])
    guessed = sheet.columns_of(table.lines[0].cells)
    columns = form.chosen_columns() or guessed or (Column.SKIP,) * table.width
    has_header = _has_header(form, is_guessed=guessed is not None)
    reading = Reading(
        columns=columns,
        has_header=has_header,
        language=said["language"],
        currency=said["fund"].currency,
        day_order=DayOrder(said["day_order"]),
        today=today_for(work.partnership),
    )
    rows = sheet.read_rows(table, reading)
    gifts = offline_gifts([row.gift for row in rows if row.gift], _batch(said), master_keys())
    known = queries.known_gifts(work.partnership, gifts)
    seal = _seal(work, said, columns, has_header)
    return Preview(table, whole.lines[:place], columns, has_header, rows, gifts, known, seal)


def _has_header(form: PasteForm, *, is_guessed: bool) -> bool:
    """Before the first preview the headings decide, then the box that is ticked or not."""
    if form.chosen_columns() is None:
        return is_guessed
    return form.data.get("has_header") == "on"


def _batch(said: dict[str, Any]) -> Batch:
    counted_by = said["counted_by"]
    return Batch(
        rail=BY_CODE[said["rail"]],
        fund=said["fund"],
        purpose=said["purpose"] or fund_title(said["fund"]),
        language=said["language"],
        counted_by_id=counted_by.pk if counted_by and said["rail"] == "cash" else None,
    )


def _seal(
    work: Workspace, said: dict[str, Any], columns: tuple[Column, ...], has_header: bool
) -> str:
    settings = [work.person.pk, work.partnership.pk, said["rail"], said["fund"].pk]
    settings += [said["language"], said["day_order"], said["purpose"], has_header, *columns]
    settings += [said["counted_by"].pk if said["counted_by"] else None, said["text"]]
    digest = hashlib.sha256(json.dumps(settings).encode()).hexdigest()
    return SIGNER.signature(digest)


def _take_in(
    request: HttpRequest, work: Workspace, form: PasteForm, preview: Preview
) -> HttpResponse:
    try:
        taken = actions.take_in(
            partnership=work.partnership, person=work.person, rows=preview.gifts
        )
    except (BadGift, TakenInAlready):
        # Somebody entered one of these gifts since: the fresh preview shows which.
        return _show(request, work, form, read_paste(form, work))
    if not taken.new:
        messages.info(request, gettext("All these rows were entered before. Nothing was added."))
        return redirect("giving:gifts", work.partnership.slug)
    fresh_links.keep(request, taken.new)
    count = len(taken.new)
    messages.success(
        request,
        ngettext("%(count)d gift is taken in.", "%(count)d gifts are taken in.", count)
        % {"count": count},
    )
    return redirect("giving:links", work.partnership.slug)


def _show(request: HttpRequest, work: Workspace, form: PasteForm, preview: Preview) -> HttpResponse:
    said, heads = form.cleaned_data, _heads(preview)
    context = {
        "work": work,
        "form": form,
        "fund": said["fund"],
        "fund_title": fund_title(said["fund"]),
        "rail": BY_CODE[said["rail"]],
        "preview": preview,
        "choices": [(c.value, label) for c, label in words.COLUMNS.items()],
        "heads": heads,
        "unread": [head for head in heads if not head["chosen"] and head["sample"]],
        "above": [" · ".join(filter(None, map(str.strip, x.cells))) for x in preview.above],
        "rows": _shown_rows(preview, said),
        "has_needed_columns": all(column in preview.columns for column in sheet.REQUIRED),
    }
    status = 200 if preview.is_whole else 422
    return render(request, "giving/preview.html", context, status=status)


def _heads(preview: Preview) -> list[dict[str, str]]:
    """The columns as chosen, each with its first cells so that one sees what one chooses."""
    width = max(preview.table.width, len(preview.columns))
    columns = (*preview.columns, *(Column.SKIP,) * (width - len(preview.columns)))
    lines = preview.table.lines[:3]
    return [
        {
            "name": f"col_{index}",
            "number": str(index + 1),
            "chosen": column.value,
            "sample": " · ".join(
                x.cells[index] for x in lines if index < len(x.cells) and x.cells[index].strip()
            )[:80],
        }
        for index, column in enumerate(columns[: sheet.COLUMNS_MAX])
    ]


def _shown_rows(preview: Preview, said: dict[str, Any]) -> list[dict[str, Any]]:
    gifts = iter(preview.gifts)
    shown = []
    for row in preview.rows:
        gift = next(gifts) if row.gift else None
        standing = preview.known.get(gift.key) if gift else None
        is_other = gift is not None and _is_other(gift, standing)
        problems = [_words_of(problem, said) for problem in row.problems]
        if is_other and standing is not None:
            problems.append(("", "", str(words.TAKEN_IN) % {"ref": standing.ref}))
        shown.append(
            {"number": row.number, "row": row.gift, "known": standing, "problems": problems}
        )
    return shown


def _words_of(problem: sheet.Problem, said: dict[str, Any]) -> tuple[str, str, str]:
    """Which column, what was typed, what is wrong."""
    currency, language = said["fund"].currency, said["language"]
    sentence = words.problem_words(problem.column, problem.code)
    facts = {"currency": currency, "example": example_of(currency, language)}
    column = str(words.COLUMNS[problem.column]) if problem.column else ""
    return column, problem.typed[:80], sentence % facts
