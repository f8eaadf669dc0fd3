"""The desk's forms for things given instead of money."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from twinhood.giving import words
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.core.sheet import EARLIEST
from twinhood.giving.fields import LineField, funds_of, read_amount
from twinhood.giving.in_kind import Thing, is_vehicle
from twinhood.giving.models import InKindGift
from twinhood.kit import clock
from twinhood.kit.core.serials import BadSerial, normal_serial
from twinhood.kit.inputs import SERIAL
from twinhood.needs.models import Need
from twinhood.people.models import Partnership

LANGUAGES = (("en", "English"), ("uk", "Українська"))
BASES = [
    (InKindGift.Basis.VALUATION, _("Independent valuation")),
    (InKindGift.Basis.INVOICE, _("Invoice")),
    (InKindGift.Basis.CATALOGUE, _("Catalogue price")),
]
ONE_BY_ONE = _("Enter each by itself: a vehicle, or a number, is one thing.")


def _day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class NeedField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj}: {obj.title}"


class ThingForm(forms.Form):
    """One thing, or several of one kind, with its value and who says so."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    description = LineField(
        label=_("What was given"),
        length_max=300,
        help_text=_("As the receipt shall describe it: “used ambulance, 2015”."),
        error_messages={"required": _("Say what was given.")},
    )
    quantity = forms.IntegerField(
        label=_("How many"), min_value=1, max_value=1_000_000, initial=1,
        error_messages={"required": _("Say how many.")},
    )  # fmt: skip
    unit = LineField(
        label=_("Counted in"), length_max=40, required=False, help_text=_("Pallets, boxes …")
    )
    serial = LineField(
        label=_("Serial number or VIN"),
        length_max=80,
        required=False,
        help_text=_("The world sees its last four signs."),
    )
    is_vehicle = forms.BooleanField(
        label=_("It is a vehicle"),
        required=False,
        help_text=_("It goes to a municipality, a municipal enterprise or a public institution."),
    )
    currency = forms.ChoiceField(label=_("Currency of its value"))
    value = forms.CharField(
        label=_("Fair value of all of it"),
        max_length=60,
        help_text=_("For the books. No receipt states it."),
        error_messages={"required": words.AMOUNT["empty"]},
    )
    basis = forms.ChoiceField(label=_("What the value rests on"), choices=BASES)
    valued_by = LineField(
        label=_("Who valued it"),
        length_max=200,
        help_text=_("The person or organisation, not the one who gave."),
        error_messages={"required": _("Say who valued it.")},
    )
    valued_date = forms.DateField(
        label=_("Day of the valuation"),
        widget=_day_input(),
        error_messages={"required": words.DATE["empty"], "invalid": words.DATE["date"]},
    )
    received_date = forms.DateField(
        label=_("Day received"),
        widget=_day_input(),
        error_messages={"required": words.DATE["empty"], "invalid": words.DATE["date"]},
    )
    purpose = LineField(
        label=_("The words under which they gave"),
        length_max=300,
        error_messages={"required": _("Say what it was given for.")},
    )
    need = NeedField(
        queryset=Need.objects.none(),
        label=_("The need that it answers"),
        required=False,
        empty_label=_("None"),
    )
    name = LineField(label=_("Name of who gave"), length_max=200, required=False)
    email = forms.EmailField(
        label=_("E-mail"), required=False, error_messages={"invalid": words.CELL["email"]}
    )
    address = LineField(label=_("Address, for the receipt"), length_max=300, required=False)
    shows_name = forms.BooleanField(label=_("They agreed that their name is shown"), required=False)
    donor_language = forms.ChoiceField(label=_("Language of who gave"), choices=LANGUAGES)

    def __init__(self, *args: Any, partnership: Partnership, **more: Any) -> None:
        super().__init__(*args, **more)
        self.partnership = partnership
        currencies = dict.fromkeys(fund.currency for fund in funds_of(partnership))
        self.fields["currency"].choices = [(c, c) for c in currencies]  # type: ignore[attr-defined]
        self.fields["need"].queryset = Need.objects.filter(  # type: ignore[attr-defined]
            partnership=partnership, state=Need.State.VERIFIED
        ).order_by("number")
        self.fields["form_key"].initial = uuid.uuid4()
        self.fields["donor_language"].initial = get_language() or "en"
        self.fields["value"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean_valued_date(self) -> date:
        return self._day("valued_date")

    def clean_received_date(self) -> date:
        return self._day("received_date")

    def _day(self, name: str) -> date:
        """A day that is not in the future, and not before money was counted so."""
        found: date = self.cleaned_data[name]
        if found > clock.today_in(self.partnership.giving_place.time_zone):
            raise ValidationError(words.DATE["future"])
        if found < EARLIEST:
            raise ValidationError(words.DATE["old"])
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("value") and cleaned.get("currency"):
            language = get_language() or "en"
            try:
                cleaned["value"] = read_amount(
                    cleaned["value"], cleaned["currency"], language, words.AMOUNT
                )
            except ValidationError as problem:
                self.add_error("value", problem)
        if cleaned.get("shows_name") and not cleaned.get("name"):
            self.add_error("name", words.CELL["nameless"])
        if not self.errors:
            self._read_number(self.thing())
        return cleaned

    def _read_number(self, thing: Thing) -> None:
        """A number is on one thing alone, and a vehicle's is a VIN."""
        if thing.quantity > 1 and (thing.serial or is_vehicle(thing)):
            self.add_error("quantity", ONE_BY_ONE)
        elif thing.serial:
            try:
                number = normal_serial(thing.serial, is_vehicle=is_vehicle(thing))
            except BadSerial as problem:
                self.add_error("serial", SERIAL[problem.code])
            else:
                self.cleaned_data["serial"] = number

    def thing(self) -> Thing:
        """What is to be taken in; only after `is_valid()`."""
        said = self.cleaned_data
        return Thing(
            description=said["description"],
            value_minor=said["value"],
            currency=said["currency"],
            basis=InKindGift.Basis(said["basis"]),
            valued_by=said["valued_by"],
            valued_date=said["valued_date"],
            received_date=said["received_date"],
            purpose=said["purpose"],
            quantity=said["quantity"],
            unit=said["unit"],
            serial=said["serial"],
            is_vehicle=said["is_vehicle"],
            need=said["need"],
            donor=DonorFacts(name=said["name"], email=said["email"], address=said["address"]),
            donor_language=said["donor_language"],
            shows_name=said["shows_name"],
        )


class UndoForm(forms.Form):
    reason = LineField(
        label=_("Why it is taken back"),
        length_max=300,
        error_messages={"required": _("Say why it is taken back.")},
    )
