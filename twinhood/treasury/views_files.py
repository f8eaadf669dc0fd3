"""A statement's file: looked at, said how it is read, taken in, or put away."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from twinhood.kit import clock
from twinhood.people.core.permissions import Action
from twinhood.people.models import Partnership
from twinhood.people.queries import Workspace, in_workspace
from twinhood.treasury import bank_words, statements
from twinhood.treasury.bank_forms import BalancesForm, MappingForm, headings_of, initial_from
from twinhood.treasury.core import csv_look
from twinhood.treasury.core.csv_look import Look
from twinhood.treasury.core.csv_rows import DELIMITERS, ENCODINGS
from twinhood.treasury.core.csv_statement import BadRows, Mapping
from twinhood.treasury.core.statement import BadStatement
from twinhood.treasury.core.statement import Statement as ReadStatement
from twinhood.treasury.core.taking import Plan
from twinhood.treasury.errors import FileGone, StatementHeld
from twinhood.treasury.models import BankAccount, CsvMapping, StatementFile

LINES_SHOWN = 200
PROBLEMS_SHOWN = 20
# What a box of a doubtful line is called, before the line's key.
ACCEPT = "accept-"


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.TAKE_GIFT)
def bank_file(request: HttpRequest, work: Workspace, file: int) -> HttpResponse:
    """What is in the file and what it would add; `step` says what is to be done with it."""
    found = get_object_or_404(StatementFile, pk=file, partnership=work.partnership)
    step = request.POST.get("step", "")
    if step == "put_away":
        statements.put_away(found)
        messages.info(request, gettext("The file is put away. Nothing of it was taken in."))
        return redirect("treasury:bank", work.partnership.slug)
    if found.sealed is None:
        messages.info(request, str(bank_words.FILE_GONE))
        return redirect("treasury:bank", work.partnership.slug)
    try:
        if found.kind == StatementFile.Kind.CSV:
            return _csv(request, work, found, step)
        return _camt(request, work, found, step)
    except BadStatement as problem:
        context = {"problem": bank_words.of_file(problem)}
        return _show(request, work, found, context, status=422)
    except FileGone:
        messages.info(request, str(bank_words.FILE_GONE))
        return redirect("treasury:bank", work.partnership.slug)


def _camt(request: HttpRequest, work: Workspace, file: StatementFile, step: str) -> HttpResponse:
    read = statements.read_camt(file)
    form = BalancesForm(request.POST if step in {"read", "take"} else None, statements=read)
    context: dict[str, Any] = {"balances": form} if form.fields else {}
    is_wrong = form.is_bound and not form.is_valid()
    if form.is_bound and not is_wrong:
        read = form.completed()
        if step == "take":
            return _take(request, work, file, read, source=file.kind, context=context)
    plans = statements.plans_of(work.partnership, read, source=file.kind)
    shown = context | _shown(work.partnership, plans)
    return _show(request, work, file, shown, status=422 if is_wrong else 200)


def _csv(request: HttpRequest, work: Workspace, file: StatementFile, step: str) -> HttpResponse:
    """Ask how the file is read, with what it seems to be filled in; then show what it says."""
    look = _look(file, request.POST)
    headings = headings_of(look)
    saved = _saved(work.partnership, headings)
    initial = initial_from(look, saved, account=_usual_account(work.partnership))
    if request.POST.get("encoding") in look.encodings:
        initial["encoding"] = request.POST["encoding"]
    form = MappingForm(request.POST if step in {"read", "take"} else None, initial=initial,
                       look=look)  # fmt: skip
    context: dict[str, Any] = {
        "form": form,
        "look": look,
        "saved": saved,
        "sample": _sample(look),
        "footers": [" · ".join(filter(None, map(str.strip, row.cells))) for row in look.footers],
    }
    if not form.is_bound or not form.is_valid():
        return _show(request, work, file, context, status=422 if form.is_bound else 200)
    mapping, said = form.mapping(), form.cleaned_data
    try:
        read = statements.read_csv(
            file, mapping, opening_minor=said["opening"], closing_minor=said["closing"]
        )
    except BadRows as problem:
        context["bad_rows"] = bank_words.of_rows(problem.problems[:PROBLEMS_SHOWN])
        return _show(request, work, file, context, status=422)
    except BadStatement as problem:
        form.add_error(None, bank_words.of_file(problem))
        return _show(request, work, file, context, status=422)
    source = f"csv:{headings[:16] or mapping.account}"[:100]
    if step == "take":
        answer = _take(request, work, file, read, source=source, context=context)
        if answer.status_code == 302 and said["save_as"]:
            _save(work.partnership, said["save_as"], headings, mapping)
        return answer
    plans = statements.plans_of(work.partnership, read, source=source)
    if any(plan.held for plan in plans):
        statements.hold(file, plans)
    return _show(request, work, file, context | _shown(work.partnership, plans))


def _look(file: StatementFile, posted: QueryDict) -> Look:
    """What the file seems to be; with the encoding and mark that a person chose, if they did."""
    encoding, delimiter = posted.get("encoding", ""), posted.get("delimiter", "")
    encoding = encoding if encoding in ENCODINGS else ""
    delimiter = delimiter if delimiter in DELIMITERS else ""
    try:
        return csv_look.look(statements.bytes_of(file), encoding=encoding, delimiter=delimiter)
    except BadStatement:
        if not encoding:
            raise
        # What was chosen cannot read it: show it as it seems to be.
        return csv_look.look(statements.bytes_of(file))


def _saved(partnership: Partnership, headings: str) -> CsvMapping | None:
    known = CsvMapping.objects.filter(partnership=partnership, headings=headings)
    return known.order_by("-used_at").first() if headings else None


def _usual_account(partnership: Partnership) -> str:
    """The account's number, where there is only one."""
    numbers = set(BankAccount.objects.filter(partnership=partnership).values_list("number"))
    return numbers.pop()[0] if len(numbers) == 1 else ""


def _save(partnership: Partnership, name: str, headings: str, mapping: Mapping) -> None:
    CsvMapping.objects.update_or_create(
        partnership=partnership,
        name=name,
        defaults={
            "headings": headings,
            "encoding": mapping.encoding,
            "delimiter": mapping.delimiter,
            "skipped_rows": mapping.skipped_rows,
            "footer_rows": mapping.footer_rows,
            "columns": {column.value: place for column, place in mapping.columns.items()},
            "date_form": mapping.date_form.value,
            "marks": mapping.marks.value,
            "account": mapping.account,
            "currency": mapping.currency,
            "is_sign_turned": mapping.is_sign_turned,
            "used_at": clock.now(),
        },
    )


def _take(
    request: HttpRequest,
    work: Workspace,
    file: StatementFile,
    read: list[ReadStatement],
    *,
    source: str,
    context: dict[str, Any],
) -> HttpResponse:
    accepted = frozenset(
        name.removeprefix(ACCEPT) for name in request.POST if name.startswith(ACCEPT)
    )
    try:
        taken = statements.take_in(
            file=file, statements=read, source=source, accepted=accepted, person=work.person
        )
    except StatementHeld as held:
        statements.hold(file, held.plans)
        shown = _shown(work.partnership, held.plans, accepted)
        return _show(request, work, file, context | shown, status=422)
    sentence = ngettext("%(count)d new line is taken in.", "%(count)d new lines are taken in.",
                        taken.new_count) % {"count": taken.new_count}  # fmt: skip
    if not taken.new_count:
        sentence = gettext("All these lines were known. Nothing was added.")
    messages.success(request, sentence)
    return redirect("treasury:bank", work.partnership.slug)


def _show(
    request: HttpRequest,
    work: Workspace,
    file: StatementFile,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    whole = {"work": work, "file": file} | context
    return render(request, "treasury/bank_file.html", whole, status=status)


def _shown(
    partnership: Partnership,
    plans: list[Plan] | tuple[Plan, ...],
    accepted: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """What the file would do, in words and figures."""
    known = set(
        BankAccount.objects.filter(partnership=partnership).values_list("number", "currency")
    )
    holds = [bank_words.of_hold(facts) for plan in plans for facts in statements.hold_facts(plan)]
    return {
        "plans": [_shown_plan(plan, (plan.account, plan.currency) in known) for plan in plans],
        "holds": holds,
        "accepted": accepted,
        "new_count": sum(len(plan.sorting.new) for plan in plans),
        "doubtful_count": sum(len(plan.sorting.doubtful) for plan in plans),
        "known_count": sum(len(plan.sorting.known) for plan in plans),
        "pending_count": sum(one.pending_count for plan in plans for one in plan.statements),
    }


def _shown_plan(plan: Plan, is_known: bool) -> dict[str, Any]:
    new = [line for _, line in plan.sorting.new]
    return {
        "account": plan.account,
        "currency": plan.currency,
        "is_new_account": not is_known,
        "statements": [
            {
                "name": one.name,
                "opening": one.opening,
                "closing": one.closing,
                "total_minor": one.total_minor,
                "count": len(one.lines),
            }
            for one in plan.statements
        ],
        "new": new[:LINES_SHOWN],
        "more_count": max(0, len(new) - LINES_SHOWN),
        "doubtful": plan.sorting.doubtful[:LINES_SHOWN],
    }


def _sample(look: Look) -> Iterator[dict[str, Any]]:
    """The file's first rows as they are read, with which of them is the heading."""
    for place, row in enumerate(look.rows):
        yield {
            "number": row.number,
            "cells": [cell[:60] for cell in row.cells],
            "is_heading": place == look.heading_row,
        }
