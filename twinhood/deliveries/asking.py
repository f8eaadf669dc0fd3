"""Asking suppliers for quotes, keeping what they answer, and comparing it in one currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from procrastinate.contrib.django import app

from twinhood.deliveries import errors
from twinhood.deliveries.core import comparing, one_supplier
from twinhood.deliveries.core.ceiling import Rate
from twinhood.deliveries.core.comparing import Beside, Compared, Offer, Vat
from twinhood.deliveries.models import AskedSupplier, QuoteRate, QuoteRequest, QuoteTerms
from twinhood.documents.models import StoredFile
from twinhood.needs import actions as needs
from twinhood.needs.core import catalogue
from twinhood.needs.models import Need, Quote
from twinhood.needs.queries import ALIVE
from twinhood.people.models import Organisation, Partnership, Person

LETTER_TASK = "deliveries.ask_for_quote"


@dataclass(frozen=True, slots=True)
class Ask:
    """One supplier to ask: known, or named here for the first time; `email` may be empty."""

    supplier: Organisation | None
    name: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class Stated:
    """What a quote says beside its price; None, or `vat` None, where it does not say."""

    delivery_days: int | None = None
    warranty_months: int | None = None
    vat: Vat | None = None
    vat_permille: int = 0


def asked_suppliers(partnership: Partnership) -> QuerySet[AskedSupplier, Any]:
    """The ids of the suppliers that this partnership asked."""
    return AskedSupplier.objects.filter(request__need__partnership=partnership).values("supplier")


@transaction.atomic
def ask(
    *,
    need: Need,
    quantity: int,
    by_date: date,
    suppliers: Sequence[Ask],
    by: Person,
    organisation: Organisation,
    at: datetime,
    form_key: UUID,
    more: str = "",
) -> QuoteRequest:
    """Ask suppliers for a quote, each in a letter of its own; those with an address get it by mail.

    The same `form_key` again returns the request of the first time. Raises WrongState for a need
    that was given up.
    """
    need = (
        Need.objects.select_for_update(of=("self",)).select_related("partnership").get(pk=need.pk)
    )
    if known := QuoteRequest.objects.filter(form_key=form_key, asked_by=by).first():
        return known
    if need.state not in ALIVE:
        raise errors.WrongState(str(need), need.state)
    request = QuoteRequest.objects.create(
        need=need, quantity=quantity, more=more.strip(), by_date=by_date, asked_by=by,
        asked_for=organisation, asked_at=at, form_key=form_key,
    )  # fmt: skip
    for one in suppliers:
        supplier = one.supplier or needs.add_supplier(partnership=need.partnership, name=one.name)
        subject, letter = letter_of(request, supplier, one.language)
        asked = AskedSupplier.objects.create(
            request=request, supplier=supplier, email=one.email, language=one.language,
            subject=subject, letter=letter,
        )  # fmt: skip
        if one.email:
            app.configure_task(LETTER_TASK).defer(asked=asked.pk)
    return request


def letter_of(request: QuoteRequest, supplier: Organisation, language: str) -> tuple[str, str]:
    """Subject and text of the letter to one supplier, in a language that it reads.

    What of a specification is not public is not in it; nor is who receives the things.
    """
    need = request.need
    with translation.override(language):
        context = {
            "need": need,
            "request": request,
            "supplier": supplier,
            "city": need.partnership.receiving_place.name_in(language),
            "answers": [
                (question.label.get(language, ""), answer)
                for question, answer in catalogue.answered(need.kind, need.specification)
                if question.is_public
            ],
        }
        subject = render_to_string("deliveries/letters/ask_subject.txt", context).strip()
        return subject, render_to_string("deliveries/letters/ask.txt", context).strip() + "\n"


def send(asked_id: int, at: datetime) -> bool:
    """Send one letter; False if it went already, or is of the example."""
    found = AskedSupplier.objects.select_related("request__asked_by")
    asked = found.get(pk=asked_id)
    if asked.sent_at or not asked.email or asked.request.asked_by.is_example:
        return False
    EmailMessage(
        asked.subject, asked.letter, settings.DEFAULT_FROM_EMAIL, [asked.email],
        reply_to=[asked.request.asked_by.email],
    ).send()  # fmt: skip
    AskedSupplier.objects.filter(pk=asked_id, sent_at=None).update(sent_at=at)
    return True


@transaction.atomic
def answer(
    *,
    asked: AskedSupplier,
    unit_price_minor: int,
    currency: str,
    quoted_date: date,
    terms: Stated,
    by: Person,
    at: datetime,
    valid_until_date: date | None = None,
    note: str = "",
    file: StoredFile | None = None,
) -> Quote:
    """Record the quote that an asked supplier gave. Raises WrongState: answered, need given up."""
    # The need first, as whoever records a quote on its page does.
    need = Need.objects.select_for_update(of=("self",)).get(quote_requests__asked=asked.pk)
    asked = AskedSupplier.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    if asked.quote_id is not None or need.state not in ALIVE:
        raise errors.WrongState(str(asked), "answered" if asked.quote_id else need.state)
    quote = needs.add_quote(
        need=need, supplier=asked.supplier, unit_price_minor=unit_price_minor, currency=currency,
        quoted_date=quoted_date, valid_until_date=valid_until_date, note=note, file=file, by=by,
        at=at,
    )  # fmt: skip
    say_terms(quote=quote, terms=terms, by=by, at=at)
    asked.quote = quote
    asked.save(update_fields=["quote"])
    return quote


def note_answer(quote: Quote) -> None:
    """If its supplier was asked for it and has not answered, this quote is the answer.

    One that is older than the letter is not.
    """
    open_ones = AskedSupplier.objects.select_for_update(of=("self",)).filter(
        request__need=quote.need_id, supplier=quote.supplier_id, quote=None
    )
    zone = ZoneInfo(quote.need.partnership.receiving_place.time_zone)
    for asked in open_ones.select_related("request").order_by("-pk"):
        if asked.request.asked_at.astimezone(zone).date() <= quote.quoted_date:
            asked.quote = quote
            asked.save(update_fields=["quote"])
            return


def say_terms(*, quote: Quote, terms: Stated, by: Person, at: datetime) -> QuoteTerms:
    """Record what a quote says beside its price; what was recorded before stays readable."""
    return QuoteTerms.objects.create(
        quote=quote, delivery_days=terms.delivery_days, warranty_months=terms.warranty_months,
        vat=terms.vat or "", vat_permille=terms.vat_permille, said_by=by, said_at=at,
    )  # fmt: skip


def state_rate(*, need: Need, currency: str, rate: Rate, by: Person, at: datetime) -> QuoteRate:
    """Record the rate at which quotes in `currency` are compared with those of the need's own."""
    return QuoteRate.objects.create(
        need=need, currency=currency, need_currency=need.currency, quote_minor=rate.order_minor,
        need_minor=rate.fund_minor, said_by=rate.said_by, rate_date=date.fromisoformat(rate.date),
        entered_by=by, entered_at=at,
    )  # fmt: skip


def requests_of(need: Need) -> QuerySet[QuoteRequest]:
    """Who was asked for quotes of a need, the newest request first."""
    asked = AskedSupplier.objects.select_related("supplier", "quote").order_by("pk")
    found = QuoteRequest.objects.filter(need=need).select_related("asked_by", "asked_for")
    return found.prefetch_related(Prefetch("asked", asked)).order_by("-pk")


def rates_of(need: Need) -> dict[str, QuoteRate]:
    """The rates that hold for comparing the need's quotes, by the quote's currency."""
    found = QuoteRate.objects.filter(need=need, need_currency=need.currency)
    newest = found.select_related("entered_by").order_by("currency", "-pk").distinct("currency")
    return {row.currency: row for row in newest}


def as_rates(rows: Mapping[str, QuoteRate]) -> dict[str, Rate]:
    return {
        code: Rate(row.quote_minor, row.need_minor, row.said_by, row.rate_date.isoformat())
        for code, row in rows.items()
    }


def offers_of(need: Need) -> list[Offer]:
    """What the need's quotes say, by the newest words of each."""
    newest = QuoteTerms.objects.filter(quote__need=need).order_by("quote", "-pk").distinct("quote")
    said = {terms.quote_id: terms for terms in newest}
    return [offer_of(quote, said.get(quote.pk)) for quote in need.quotes.order_by("pk")]


def offer_of(quote: Quote, said: QuoteTerms | None) -> Offer:
    return Offer(
        quote_id=quote.pk,
        supplier_id=quote.supplier_id,
        unit_price_minor=quote.unit_price_minor,
        currency=quote.currency,
        valid_until=quote.valid_until_date,
        delivery_days=said.delivery_days if said else None,
        warranty_months=said.warranty_months if said else None,
        vat=Vat(said.vat) if said and said.vat else None,
        vat_permille=said.vat_permille if said else 0,
    )


def comparison_of(need: Need, today: date) -> list[Compared]:
    """The need's quotes in its currency, at the rates that were stated for it."""
    rates = as_rates(rates_of(need))
    return comparing.compare(offers_of(need), rates, need.currency, today)


def beside(quote: Quote) -> Beside:
    """A quote among those of its need, as `comparing.beside`; who is there twice counts once."""
    need = quote.need
    offers = offers_of(need)
    chosen = next(offer for offer in offers if offer.quote_id == quote.pk)
    found = comparing.beside(chosen, offers, as_rates(rates_of(need)), need.currency)
    suppliers = Organisation.objects.filter(pk__in=found.supplier_ids)
    names = {pk: name.values() for pk, name in suppliers.values_list("pk", "name")}
    return replace(found, supplier_ids=one_supplier.apart(names))
