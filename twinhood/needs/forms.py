"""Forms of needs and campaigns. Prices are read by the language of the page, never guessed."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from twinhood.kit.fields import LocalText
from twinhood.kit.money import (
    CURRENCIES,
    BadAmount,
    format_number,
    minor_from_major,
    parse_minor,
)
from twinhood.ledger.models import AMOUNT_MINOR_MAX
from twinhood.needs import words
from twinhood.needs.actions import NeedText
from twinhood.needs.core.text import tidy, tidy_line
from twinhood.needs.models import Campaign, Need
from twinhood.people.models import Organisation, Partnership

LANGUAGES = (("en", _("in English")), ("uk", _("in Ukrainian")))


def language() -> str:
    return get_language() or "en"


def languages_here_first() -> list[tuple[str, Any]]:
    """The languages to write in, the page's own first."""
    return sorted(LANGUAGES, key=lambda pair: pair[0] != language())


class LineField(forms.CharField):
    """One line of tidy text."""

    def to_python(self, value: Any) -> str:
        return tidy_line(super().to_python(value) or "")


class TextField(forms.CharField):
    """Tidy text of several lines."""

    widget = forms.Textarea(attrs={"rows": 5})

    def to_python(self, value: Any) -> str:
        return tidy(super().to_python(value) or "")


class DayField(forms.DateField):
    """A day, by the browser's own picker where it has one."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m-%d", "%d.%m.%Y"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            **more,
        )


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


class LocalForm(forms.Form):
    """A form some of whose texts are written in several languages, each in a field of its own.

    `local_fields` names them; at least one language of a required one must be written.
    """

    local_fields: dict[str, tuple[Any, Any, bool, type[forms.CharField], int]] = {}

    def add_local_fields(self, initial: dict[str, LocalText | None]) -> None:
        for name, (label, hint, _required, kind, length_max) in self.local_fields.items():
            for number, (code, where) in enumerate(languages_here_first()):
                self.fields[f"{name}_{code}"] = kind(
                    label=label if number == 0 else f"{label} ({where})",
                    help_text=hint if number == 0 else "",
                    required=False,
                    max_length=length_max,
                    initial=(initial.get(name) or LocalText()).get(code, ""),
                )
                self.fields[f"{name}_{code}"].widget.attrs["lang"] = code

    def in_language(self, is_first: bool) -> Iterable[forms.BoundField]:
        """The text fields of the page's language, or those of the others."""
        first, *others = languages_here_first()
        for code, _where in [first] if is_first else others:
            for name in self.local_fields:
                yield self[f"{name}_{code}"]

    @property
    def here(self) -> list[forms.BoundField]:
        return list(self.in_language(True))

    @property
    def elsewhere(self) -> list[forms.BoundField]:
        return list(self.in_language(False))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        codes = [code for code, _where in languages_here_first()]
        for name, (label, _hint, required, _kind, _length) in self.local_fields.items():
            text = LocalText({code: value for code in codes
                              if (value := cleaned.get(f"{name}_{code}"))})  # fmt: skip
            cleaned[name] = text or None
            if required and not text:
                sentence = _("Write this in at least one language: %(field)s") % {"field": label}
                self.add_error(f"{name}_{codes[0]}", sentence)
        return cleaned


class NeedForm(LocalForm):
    """A need as a clerk writes it, on a phone."""

    local_fields = {
        "title": (_("What is needed"), _("As in: Ambulances"), True, LineField, 120),
        "unit_title": (_("One of them is called"), _("As in: ambulance"), True, LineField, 60),
        "why": (_("Why"), _("What is missing today, and for whom."), True, TextField, 2000),
        "price_note": (
            _("What the price covers"),
            _("As in: type C, four-wheel drive, delivered"),
            False,
            LineField,
            200,
        ),
    }
    form_key = forms.UUIDField(widget=forms.HiddenInput)
    category = forms.ChoiceField(label=_("Kind"), choices=list(words.CATEGORY.items()))
    quantity = forms.IntegerField(
        label=_("How many"),
        min_value=1,
        max_value=100_000,
        error_messages={
            "required": _("Enter how many."),
            "invalid": _("Enter a whole number."),
        },
    )
    unit_price = forms.CharField(
        label=_("Price of one"), max_length=40, error_messages={"required": words.AMOUNT["empty"]}
    )
    currency = currency_field()
    beneficiary = forms.ModelChoiceField(
        label=_("Who receives it"),
        queryset=Organisation.objects.none(),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose who receives it.")},
    )

    def __init__(self, *args: Any, partnership: Partnership, need: Need | None = None,
                 **more: Any) -> None:  # fmt: skip
        more.setdefault("initial", _initial(need))
        super().__init__(*args, **more)
        self.fields["beneficiary"].queryset = beneficiaries(partnership)  # type: ignore[attr-defined]
        texts = {name: getattr(need, name) if need else None for name in self.local_fields}
        self.add_local_fields(texts)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "unit_price" in cleaned and "currency" in cleaned:
            try:
                cleaned["unit_price_minor"] = read_price(cleaned["unit_price"], cleaned["currency"])
            except ValidationError as problem:
                self.add_error("unit_price", problem)
        return cleaned

    def text(self) -> NeedText:
        """What was written, once the form is valid."""
        given = self.cleaned_data
        return NeedText(
            category=Need.Category(given["category"]),
            title=given["title"],
            unit_title=given["unit_title"],
            why=given["why"],
            quantity=given["quantity"],
            unit_price_minor=given["unit_price_minor"],
            currency=given["currency"],
            beneficiary=given["beneficiary"],
            price_note=given["price_note"],
        )


def _initial(need: Need | None) -> dict[str, Any]:
    if need is None:
        return {"form_key": uuid4(), "currency": "USD"}
    return {
        "form_key": need.form_key or uuid4(),
        "category": need.category,
        "quantity": need.quantity,
        "unit_price": format_number(need.unit_price_minor, need.currency, language()),
        "currency": need.currency,
        "beneficiary": need.beneficiary_id,
    }


def beneficiaries(partnership: Partnership) -> QuerySet[Organisation]:
    """Who may receive: the receiving city's own bodies."""
    kinds = [Organisation.Kind.BENEFICIARY, Organisation.Kind.CITY]
    return Organisation.objects.filter(
        kind__in=kinds, place=partnership.receiving_place_id
    ).order_by("kind", "id")


class VerificationForm(forms.Form):
    """What somebody saw with their own eyes; no name of a third person belongs here."""

    seen_revision = forms.IntegerField(widget=forms.HiddenInput)
    what_was_seen = TextField(
        label=_("What did you see or ask?"),
        help_text=_("As in: visited the hospital, saw the burnt vehicles, read the letter."),
        max_length=1000,
        error_messages={"required": _("Say what you saw; a check without it is worth nothing.")},
    )


class ReasonForm(forms.Form):
    """A sentence that says why."""

    reason = TextField(
        label=_("Reason"), max_length=500, error_messages={"required": words.REASON_MISSING}
    )


class QuoteForm(forms.Form):
    """A supplier's dated price for one thing."""

    supplier = forms.ModelChoiceField(
        label=_("Supplier"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("Another one, named below"),
    )
    new_supplier = LineField(label=_("Name of another supplier"), max_length=120, required=False)
    unit_price = forms.CharField(
        label=_("Price of one"), max_length=40, error_messages={"required": words.AMOUNT["empty"]}
    )
    currency = currency_field()
    quoted_date = DayField(label=_("Date of the quote"))
    valid_until_date = DayField(label=_("Valid until"), required=False)
    note = LineField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, need: Need, today: date, **more: Any) -> None:
        more.setdefault("initial", {"currency": need.currency, "quoted_date": today})
        super().__init__(*args, **more)
        self.today = today
        self.fields["supplier"].queryset = suppliers(need.partnership)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("supplier") and not cleaned.get("new_supplier"):
            self.add_error("new_supplier", _("Choose a supplier or write its name."))
        quoted, until = cleaned.get("quoted_date"), cleaned.get("valid_until_date")
        if quoted and quoted > self.today:
            self.add_error("quoted_date", _("The date of the quote is not in the future."))
        if quoted and until and until < quoted:
            self.add_error("valid_until_date", _("The quote ends after it begins."))
        if "unit_price" in cleaned and "currency" in cleaned:
            try:
                cleaned["unit_price_minor"] = read_price(cleaned["unit_price"], cleaned["currency"])
            except ValidationError as problem:
                self.add_error("unit_price", problem)
        return cleaned


def suppliers(partnership: Partnership) -> QuerySet[Organisation]:
    """Suppliers that gave this partnership a quote before; nobody sees another partnership's."""
    return (
        Organisation.objects.filter(
            Q(kind=Organisation.Kind.SUPPLIER), quotes__need__partnership=partnership
        )
        .distinct()
        .order_by("id")
    )


class TermsForm(LocalForm):
    """What a campaign says before its first gift."""

    local_fields = {
        "fallback_purpose": (
            _("If it cannot buy this, the money is for"),
            _("As in: other medical vehicles for the same city."),
            False,
            TextField,
            600,
        ),
        "surplus_rule": (
            _("What is left over"),
            _("As in: goes into the next need of the same city."),
            False,
            TextField,
            600,
        ),
    }
    ends_date = DayField(label=_("Gifts are taken until"), required=False)

    def __init__(self, *args: Any, campaign: Campaign, **more: Any) -> None:
        more.setdefault("initial", {"ends_date": campaign.ends_date})
        super().__init__(*args, **more)
        self.add_local_fields(
            {
                "fallback_purpose": campaign.fallback_purpose,
                "surplus_rule": campaign.surplus_rule,
            }
        )
