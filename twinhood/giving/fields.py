"""Fields and words that the treasurer's forms share."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from twinhood.giving import words
from twinhood.giving.core.text import BadText, tidy_line
from twinhood.kit.money import BadAmount, format_number, minor_from_major, parse_minor
from twinhood.ledger.models import Fund
from twinhood.people.models import Partnership


def example_of(currency: str, language: str) -> str:
    """How an amount is written: "1,234.50", «1 234,50»."""
    return format_number(minor_from_major(1, currency) * 2469 // 2, currency, language)


def read_amount(typed: str, currency: str, language: str, sentences: dict[str, Any]) -> int:
    """Read an amount or raise a ValidationError in the reader's words."""
    try:
        return parse_minor(typed, currency, language)
    except BadAmount as problem:
        sentence = sentences.get(problem.code, words.AMOUNT["form"])
        raise ValidationError(
            str(sentence) % {"currency": currency, "example": example_of(currency, language)}
        ) from problem


class LineField(forms.CharField):
    """One line of text in NFC, refused with a sentence where it cannot be stored."""

    def __init__(self, *, length_max: int, **more: Any) -> None:
        super().__init__(**more)
        self.length_max = length_max
        self.widget.attrs["maxlength"] = str(length_max)

    def to_python(self, value: Any) -> str:
        try:
            return tidy_line(super().to_python(value) or "", self.length_max)
        except BadText as problem:
            raise ValidationError(words.TEXT[problem.code]) from problem


class FundField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """The partnership's funds, named by their campaign and currency."""

    def label_from_instance(self, obj: Any) -> str:
        return fund_title(obj)


def funds_of(partnership: Partnership) -> QuerySet[Fund]:
    found = Fund.objects.filter(partnership=partnership)
    return found.select_related("campaign", "need").order_by("id")


def fund_title(fund: Fund) -> str:
    """What a fund is called on pages, with the currency: its campaign's title, its need's, or its
    code.
    """
    owner = getattr(fund, "campaign", None) or getattr(fund, "need", None)
    title = str(owner.title) if owner is not None else fund.code
    return f"{title} ({fund.currency})"
