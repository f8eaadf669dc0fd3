"""Prices as people type them: read by the language of the page, never guessed."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from twinhood.kit.inputs import language
from twinhood.kit.money import (
    CURRENCIES,
    BadAmount,
    format_number,
    minor_from_major,
    parse_minor,
)
from twinhood.ledger.models import AMOUNT_MINOR_MAX
from twinhood.needs import words


def read_price(typed: str, currency: str) -> int:
    """Read a price in the page's way of writing; raises ValidationError with what to do."""
    try:
        amount_minor = parse_minor(typed, currency, language())
    except BadAmount as problem:
        raise ValidationError(_price_sentence(problem.code, currency)) from problem
    if amount_minor > AMOUNT_MINOR_MAX:
        raise ValidationError(_price_sentence("large", currency))
    return amount_minor


def _price_sentence(code: str, currency: str) -> str:
    example = format_number(minor_from_major(82_500, currency), currency, language())
    sentence = words.AMOUNT.get(code, words.AMOUNT["form"])
    return str(sentence) % {"example": example, "currency": currency}


def read_quote(form: forms.Form, today: date) -> None:
    """Check the days of a quote's form, and read its price into `unit_price_minor`."""
    cleaned = form.cleaned_data
    quoted, until = cleaned.get("quoted_date"), cleaned.get("valid_until_date")
    if quoted and quoted > today:
        form.add_error("quoted_date", _("The date of the quote is not in the future."))
    if quoted and until and until < quoted:
        form.add_error("valid_until_date", _("The quote ends after it begins."))
    if "unit_price" in cleaned and "currency" in cleaned:
        try:
            cleaned["unit_price_minor"] = read_price(cleaned["unit_price"], cleaned["currency"])
        except ValidationError as problem:
            form.add_error("unit_price", problem)


def currency_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES])
