"""Prices as people type them: read by the language of the page, never guessed."""

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


def currency_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES])
