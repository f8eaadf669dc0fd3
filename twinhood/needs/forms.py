"""Forms of what happens to needs, and of campaigns. Prices are read by the page's language."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from twinhood.kit.inputs import DayField, LineField, TextField
from twinhood.needs import words
from twinhood.needs.inputs import currency_field, read_price
from twinhood.needs.models import Need
from twinhood.needs.queries import suppliers
from twinhood.people.models import Organisation


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
