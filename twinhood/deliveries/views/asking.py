"""The desk's pages of requests for quotes, and of quotes side by side."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from twinhood.deliveries import asking, errors, words
from twinhood.deliveries.asking_forms import AnswerForm, Asking, RateForm, TermsForm
from twinhood.deliveries.core.comparing import Compared
from twinhood.deliveries.models import AskedSupplier, QuoteRequest
from twinhood.deliveries.terms import rules_of
from twinhood.deliveries.views.sentences import sentence_for
from twinhood.kit import clock
from twinhood.kit.http import tried
from twinhood.needs.models import Need, Quote
from twinhood.needs.queries import need_at_work
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace

ASKABLE = (Need.State.SUBMITTED, Need.State.VERIFIED)


@in_workspace(Action.PROPOSE_ORDER)
def ask_for_quotes(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Ask suppliers for quotes, each in a letter of its own."""
    need = _need_at(work, number)
    if need.state not in ASKABLE:
        return _moved_on(request, work, number)
    form = Asking(request.POST or None, need, work.partnership.receiving_today)
    if request.method != "POST" or not form.is_valid():
        context = {"work": work, "need": need, "form": form}
        status = 422 if request.method == "POST" else 200
        return render(request, "deliveries/ask.html", context, status=status)
    given = form.request.cleaned_data
    asks = form.asks()
    done = ngettext("%(count)s supplier is asked.", "%(count)s suppliers are asked.", len(asks))
    return _tried(
        request,
        work,
        number,
        lambda: asking.ask(
            need=need,
            quantity=given["quantity"],
            by_date=given["by_date"],
            more=given["more"],
            suppliers=asks,
            by=work.person,
            organisation=work.organisation_for(Action.PROPOSE_ORDER),
            at=clock.now(),
            form_key=given["form_key"],
        ),
        done % {"count": len(asks)},
    )


@require_safe
@in_workspace(Action.SEE_DESK)
def comparison(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """The need's quotes in one currency, what they do not say, and who was asked."""
    return _comparison_page(request, work, _need_at(work, number))


@require_POST
@in_workspace(Action.PROPOSE_ORDER)
def quote_answer(request: HttpRequest, work: Workspace, number: int, asked: int) -> HttpResponse:
    """Record the quote of a supplier that was asked."""
    need = _need_at(work, number)
    found = AskedSupplier.objects.filter(request__need=need, pk=asked).first()
    if found is None:
        return _moved_on(request, work, number)
    form = _answer_form(work, need, found, request)
    if not form.is_valid():
        return _comparison_page(request, work, need, answer=(found.pk, form))
    given = form.cleaned_data
    return _tried(
        request,
        work,
        number,
        lambda: asking.answer(
            asked=found,
            unit_price_minor=given["unit_price_minor"],
            currency=given["currency"],
            quoted_date=given["quoted_date"],
            valid_until_date=given["valid_until_date"],
            note=given["note"],
            file=given["file"],
            terms=form.terms(),
            by=work.person,
            at=clock.now(),
        ),
        _("The quote is recorded."),
    )


@require_POST
@in_workspace(Action.PROPOSE_ORDER)
def quote_terms(request: HttpRequest, work: Workspace, number: int, quote: int) -> HttpResponse:
    """Record what a quote says of delivery, warranty and tax."""
    need = _need_at(work, number)
    found = need.quotes.filter(pk=quote).first()
    if found is None:
        return _moved_on(request, work, number)
    form = TermsForm(request.POST, prefix=f"terms-{quote}")
    if not form.is_valid():
        return _comparison_page(request, work, need, terms=(quote, form))
    asking.say_terms(quote=found, terms=form.terms(), by=work.person, at=clock.now())
    messages.success(request, _("Recorded, with your name."))
    return _to_comparison(work, number)


@require_POST
@in_workspace(Action.PROPOSE_ORDER)
def quote_rate(request: HttpRequest, work: Workspace, number: int, currency: str) -> HttpResponse:
    """Record the rate at which quotes in a currency are compared."""
    need = _need_at(work, number)
    if currency not in _foreign(need, list(need.quotes.all())):
        return _moved_on(request, work, number)
    form = _rate_form(work, need, currency, request)
    if not form.is_valid():
        return _comparison_page(request, work, need, rate=(currency, form))
    asking.state_rate(
        need=need, currency=currency, rate=form.stated(), by=work.person, at=clock.now()
    )
    messages.success(request, _("Recorded, with your name."))
    return _to_comparison(work, number)


def _need_at(work: Workspace, number: int) -> Need:
    """A need that is more than a draft: drafts are their writer's alone."""
    need = need_at_work(work.partnership, number)
    if need is None or need.state == Need.State.DRAFT:
        raise Http404
    return need


def _to_comparison(work: Workspace, number: int) -> HttpResponse:
    return redirect("deliveries:comparison", work.partnership.slug, number)


def _moved_on(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    messages.error(request, str(words.WRONG_STATE))
    return _to_comparison(work, number)


def _tried(request: HttpRequest, work: Workspace, number: int, act: Any, done: str) -> HttpResponse:
    return tried(
        request, act, done, refused=errors.DeliveryError, sentence_for=sentence_for,
        to=_to_comparison(work, number),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A quote on the page: what it says, how it compares, the form for what it does not say."""

    quote: Quote
    compared: Compared
    form: TermsForm | None


def _foreign(need: Need, quotes: list[Quote]) -> list[str]:
    """The currencies of its quotes that are not the need's own."""
    return sorted({quote.currency for quote in quotes} - {need.currency})


def _comparison_page(
    request: HttpRequest,
    work: Workspace,
    need: Need,
    *,
    answer: tuple[int, AnswerForm] | None = None,
    terms: tuple[int, TermsForm] | None = None,
    rate: tuple[str, RateForm] | None = None,
) -> HttpResponse:
    """The page; one form may have come back: of an answer, of terms or of a rate."""
    quotes = {quote.pk: quote for quote in need.quotes.all()}
    may_write = work.may(Action.PROPOSE_ORDER) and need.state in ASKABLE
    returned = answer or terms or rate
    rates = asking.rates_of(need)
    context = {
        "work": work,
        "need": need,
        "may_write": may_write,
        "may_propose": work.may(Action.PROPOSE_ORDER) and need.state == Need.State.VERIFIED,
        "problem": returned[1] if returned else None,
        "rows": [
            Row(quotes[row.offer.quote_id], row, _terms_form(row, terms) if may_write else None)
            for row in asking.comparison_of(need, work.partnership.receiving_today)
        ],
        "rates": [
            (code, rates.get(code), _returned(rate, code) or _rate_form(work, need, code))
            for code in _foreign(need, list(quotes.values()))
        ],
        "requests": [_asked_rows(work, need, one, answer) for one in asking.requests_of(need)],
        "quotes_needed": rules_of(work.partnership).quotes_needed,
        "today": work.partnership.receiving_today,
    }
    status = 422 if returned else 200
    return render(request, "deliveries/comparison.html", context, status=status)


def _returned(form: tuple[Any, Any] | None, key: Any) -> Any:
    return form[1] if form and form[0] == key else None


def _terms_form(row: Compared, returned: tuple[int, TermsForm] | None) -> TermsForm:
    offer = row.offer
    initial = {
        "delivery_days": offer.delivery_days,
        "warranty_months": offer.warranty_months,
        "vat": offer.vat or "",
        "vat_percent": words.percent(offer.vat_permille) if offer.vat_permille else "",
    }
    came_back: TermsForm | None = _returned(returned, offer.quote_id)
    return came_back or TermsForm(initial=initial, prefix=f"terms-{offer.quote_id}")


def _rate_form(
    work: Workspace, need: Need, currency: str, request: HttpRequest | None = None
) -> RateForm:
    today = work.partnership.receiving_today
    sent = request.POST if request else None
    return RateForm(sent, currency=currency, need=need, today=today, prefix=f"rate-{currency}")


def _answer_form(
    work: Workspace, need: Need, asked: AskedSupplier, request: HttpRequest | None = None
) -> AnswerForm:
    return AnswerForm(
        request.POST if request else None,
        request.FILES if request else None,
        need=need,
        today=work.partnership.receiving_today,
        by=work.person,
        prefix=f"answer-{asked.pk}",
    )


def _asked_rows(
    work: Workspace, need: Need, request: QuoteRequest, returned: tuple[int, AnswerForm] | None
) -> tuple[QuoteRequest, list[tuple[AskedSupplier, AnswerForm]]]:
    rows = [
        (asked, _returned(returned, asked.pk) or _answer_form(work, need, asked))
        for asked in request.asked.all()
    ]
    return request, rows
