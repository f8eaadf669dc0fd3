"""Pages of the treasury."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from twinhood.giving.fields import fund_title, funds_of
from twinhood.kit.money import major
from twinhood.ledger import queries as books
from twinhood.ledger.errors import FundTooSmall, LedgerError
from twinhood.ledger.models import Fund
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace
from twinhood.treasury import actions, queries
from twinhood.treasury.forms import ExchangeForm, MoveForm, RepayForm


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.EXCHANGE)
def exchange(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Ask for the bank's two lines; show the rate that they imply; book what was looked at."""
    form = ExchangeForm(request.POST or None, partnership=work.partnership)
    if request.method == "POST" and form.is_valid():
        _refuse_more_than_is_free(form)
        if request.POST.get("step") == "book" and not form.errors and _book(work, form):
            messages.success(request, gettext("The exchange is booked."))
            return redirect("treasury:exchange", work.partnership.slug)
    is_read = form.is_bound and not form.errors and request.POST.get("step") != "change"
    context = {
        "work": work,
        "form": form,
        "funds": [(fund_title(fund), fund) for fund in funds_of(work.partnership)],
        "understood": _understood(form) if is_read else None,
        "exchanges": [_row(done) for done in queries.latest_exchanges(work.partnership)],
        "zone": work.partnership.giving_place.time_zone,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "treasury/exchange.html", context, status=status)


def _refuse_more_than_is_free(form: ExchangeForm) -> None:
    """Say it before the second step; the ledger, under its lock, says it again."""
    slip, fund = form.slip(), form.cleaned_data["fund"]
    standing = queries.is_done(fund.partnership, slip.token)
    if fund.free_minor < slip.amount_minor and not standing:
        form.refuse(FundTooSmall([slip.fund_code], slip.amount_minor, fund.free_minor))


def _book(work: Workspace, form: ExchangeForm) -> bool:
    try:
        actions.exchange(partnership=work.partnership, slip=form.slip())
    except LedgerError as problem:
        form.refuse(problem)
        return False
    return True


def _understood(form: ExchangeForm) -> dict[str, Any]:
    said = form.cleaned_data
    return {
        "source": said["fund"],
        "amount_minor": said["amount"],
        "target": said["to"],
        "received_minor": said["received"],
        "day": said["day"],
        "rate": rate_words(said["fund"], said["amount"], said["to"], said["received"]),
    }


def _row(done: queries.Exchange) -> dict[str, Any]:
    return {
        "done": done,
        "rate": rate_words(done.source, done.amount_minor, done.target, done.received_minor),
    }


def rate_words(source: Fund, amount_minor: int, target: Fund, received_minor: int) -> str:
    """The rate that two amounts imply, to six places, or "" for a move.

    For the eye only: what is booked are the two amounts.
    """
    if source.currency == target.currency:
        return ""
    rate = major(received_minor, target.currency) / major(amount_minor, source.currency)
    shown = number_format(rate.quantize(Decimal("0.000001")), use_l10n=True)
    return f"1 {source.currency} = {shown} {target.currency}"


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.EXCHANGE)
def moves(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Move money between two funds of one currency, with the reason that everybody can read."""
    form = MoveForm(request.POST or None, partnership=work.partnership)
    if request.method == "POST" and form.is_valid():
        try:
            actions.move(partnership=work.partnership, slip=form.slip(), person=work.person)
        except LedgerError as problem:
            form.refuse(problem)
        else:
            messages.success(request, gettext("The money is moved."))
            return redirect("treasury:moves", work.partnership.slug)
    context = {
        "work": work,
        "form": form,
        "funds": [(fund_title(fund), fund) for fund in funds_of(work.partnership)],
        "moves": queries.latest_moves(work.partnership),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "treasury/moves.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.EXCHANGE)
def advances(request: HttpRequest, work: Workspace) -> HttpResponse:
    """What the guarantor lent and what is left of it; repay as much as is free."""
    rows = [
        (advance, _repay_form(request, advance)) for advance in books.advances(work.partnership)
    ]
    form = next((form for _, form in rows if form.is_bound), None)
    if form is not None and form.is_valid() and _repay(work, form):
        messages.success(request, gettext("The advance is repaid."))
        return redirect("treasury:advances", work.partnership.slug)
    context = {
        "work": work,
        "open": [row for row in rows if row[0].left_minor],
        "closed": [advance for advance, _ in rows if not advance.left_minor],
        "form": form,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "treasury/advances.html", context, status=status)


def _repay_form(request: HttpRequest, advance: books.Advance) -> RepayForm:
    is_this = request.method == "POST" and request.POST.get("advance") == advance.key
    return RepayForm(
        request.POST if is_this else None,
        initial={"advance": advance.key},
        auto_id=f"id_{advance.key}_%s",
        currency=advance.fund.currency,
    )


def _repay(work: Workspace, form: RepayForm) -> bool:
    said = form.cleaned_data
    try:
        actions.repay_advance(
            partnership=work.partnership,
            token=said["token"],
            advance_key=said["advance"],
            amount_minor=said["amount"],
        )
    except LedgerError as problem:
        form.refuse(problem)
        return False
    return True
