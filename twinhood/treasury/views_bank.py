"""The bank's desk: accounts, files that wait, lines that wait; one account beside the books."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from twinhood.giving.core import iban
from twinhood.people.core.permissions import Action
from twinhood.people.models import Partnership
from twinhood.people.queries import Workspace, in_workspace
from twinhood.treasury import bank_words, reconciling, statements, suggesting
from twinhood.treasury.bank_forms import UploadForm
from twinhood.treasury.core.statement import BadStatement
from twinhood.treasury.models import BankAccount, Statement, StatementFile, StatementLine

PAGE_SIZE = 50
FILES_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.TAKE_GIFT)
def bank(request: HttpRequest, work: Workspace) -> HttpResponse:
    """What is at the bank and what waits; a statement is uploaded here and looked at next."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            file = _keep(work, form.cleaned_data["file"])
        except BadStatement as problem:
            form.add_error("file", bank_words.of_file(problem))
        else:
            return redirect("treasury:bank_file", work.partnership.slug, file.pk)
    status = 422 if form.is_bound and form.errors else 200
    context = {"work": work, "form": form} | _overview(request, work.partnership)
    return render(request, "treasury/bank.html", context, status=status)


def _keep(work: Workspace, upload: Any) -> StatementFile:
    """Store the file; one that cannot be read is named at once and leaves nothing behind."""
    file = statements.keep(
        partnership=work.partnership, name=upload.name or "", stream=upload, person=work.person
    )
    if file.kind == StatementFile.Kind.CAMT:
        try:
            read = statements.read_camt(file)
        except BadStatement:
            statements.put_away(file)
            raise
        plans = statements.plans_of(work.partnership, read, source=file.kind)
        if any(plan.held for plan in plans):
            statements.hold(file, plans)
    return file


def _overview(request: HttpRequest, partnership: Partnership) -> dict[str, Any]:
    chosen = request.GET.get("state", StatementLine.State.OPEN)
    if chosen not in StatementLine.State.values:
        chosen = StatementLine.State.OPEN.value
    lines = StatementLine.objects.filter(account__partnership=partnership, state=chosen)
    order = ("booked_date", "id") if chosen == StatementLine.State.OPEN else ("-booked_date", "-id")
    found = lines.select_related("account__partnership").order_by(*order)
    page: Page[StatementLine] = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = suggesting.understood(partnership, list(page.object_list))
    files = StatementFile.objects.filter(partnership=partnership).order_by("-uploaded_at")
    waiting = files.filter(
        state__in=[StatementFile.State.HELD, StatementFile.State.LOOKED_AT], sealed__isnull=False
    )
    taken = Statement.objects.filter(account__partnership=partnership)
    return {
        "accounts": reconciling.accounts_of(partnership),
        "rows": [shown_line(row) for row in rows],
        "page": page,
        "query": urlencode({"state": chosen}),
        "chosen": chosen,
        "states": _states(partnership, chosen),
        "waiting": [shown_file(file) for file in waiting[:FILES_SHOWN]],
        "statements": taken.select_related("account").order_by("-taken_at", "-id")[:FILES_SHOWN],
        "zone": partnership.giving_place.time_zone,
    }


def _states(partnership: Partnership, chosen: str) -> list[dict[str, Any]]:
    lines = StatementLine.objects.filter(account__partnership=partnership)
    return [
        {
            "code": state,
            "label": bank_words.STATE[state],
            "count": lines.filter(state=state).count(),
            "is_chosen": state == chosen,
        }
        for state in StatementLine.State.values
    ]


def shown_line(row: suggesting.Understood) -> dict[str, Any]:
    """A line with its words, and the one suggestion that stands out, if one does."""
    best = row.best
    return {
        "line": row.line,
        "words": row.words,
        "state": bank_words.STATE[row.line.state],
        "best": best,
        "reasons": [bank_words.REASON[reason] for reason in best.reasons] if best else [],
        "payments": len(row.payments),
    }


def shown_file(file: StatementFile) -> dict[str, Any]:
    return {"file": file, "holds": [bank_words.of_hold(facts) for facts in file.holds]}


def shown_number(account: BankAccount) -> str:
    """An IBAN in groups of four; other numbers as they are."""
    number = account.number
    return iban.spaced(number) if number[:2].isalpha() and len(number) >= 15 else number


@require_safe
@in_workspace(Action.READ_BOOKS)
def bank_account(request: HttpRequest, work: Workspace, account: int) -> HttpResponse:
    """One account: what the bank says beside what the books say, and every cent between them."""
    found = get_object_or_404(BankAccount, pk=account, partnership=work.partnership)
    view = reconciling.reconcile(found)
    context = {
        "work": work,
        "account": found,
        "number": shown_number(found),
        "view": view,
        "unmatched_off": -view.unmatched_minor,
        "sees_lines": work.may(Action.TAKE_GIFT),
        "statements": found.statements.order_by("-ends_date", "-id")[:FILES_SHOWN],
    }
    return render(request, "treasury/bank_account.html", context)
