"""Forms of shipments."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from twinhood.deliveries.models import Unit
from twinhood.deliveries.queries import unit_name
from twinhood.deliveries.words import LEGAL_FORM
from twinhood.documents.file_fields import FilesField
from twinhood.giving.in_kind import words_of
from twinhood.giving.models import InKindGift
from twinhood.kit.inputs import DayField, LineField, TextField, language
from twinhood.needs.queries import beneficiaries
from twinhood.people.models import Organisation, Partnership, Person
from twinhood.places import queries as places
from twinhood.places.models import Place
from twinhood.transport import queries, words
from twinhood.transport.actions import LegText, Packed
from twinhood.transport.core.legs import Times
from twinhood.transport.models import WEIGHT_GRAMS_MAX, Damage, Leg, RiskHolder, Shipment

CHOOSE = ("", _("Choose"))
# A rate is kept as what so many whole units are worth, so that four decimals are exact.
RATE_UNITS = 10_000


class BeginForm(forms.Form):
    """From whom to whom, and what for."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    consignee = forms.ModelChoiceField(
        label=_("Receiver"),
        help_text=_("Whoever files the declaration and accepts the things."),
        queryset=Organisation.objects.none(),
        empty_label=_("Choose"),
    )
    legal_form = forms.ChoiceField(
        label=_("What kind of body is the receiver?"),
        help_text=_("A vehicle goes to a body of the public hand only."),
        choices=[CHOOSE, *LEGAL_FORM.items()],
        required=False,
    )
    purpose = LineField(
        label=_("Purpose"),
        help_text=_("As in: for the emergency care of City Hospital 3. It stands in the letter."),
        max_length=300,
        error_messages={"required": _("Say what the things are given for.")},
    )

    def __init__(self, *args: Any, partnership: Partnership, **more: Any) -> None:
        super().__init__(*args, **more)
        receivers = beneficiaries(partnership)
        self.fields["consignee"].queryset = receivers  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        consignee = cleaned.get("consignee")
        if consignee and not consignee.legal_form and not cleaned.get("legal_form"):
            self.add_error("legal_form", _("Say what kind of body the receiver is."))
        return cleaned


class LoadsForm(forms.Form):
    """What is in a shipment: tick, and say in how many packages and how heavy."""

    def __init__(self, *args: Any, shipment: Shipment, **more: Any) -> None:
        super().__init__(*args, **more)
        kept = {(load.unit_id, load.gift_id): load for load in shipment.loads.all()}
        self.things: dict[str, Unit | InKindGift] = {}
        for unit in queries.units_to_ship(shipment.partnership, shipment):
            name = str(unit_name(unit.order.need, unit.number))
            serial = unit.serial or gettext("No number recorded yet.")
            self._add(f"unit_{unit.code}", unit, name, serial, kept.get((unit.pk, None)))
        for gift in queries.gifts_to_ship(shipment.partnership, shipment):
            said = gettext("Given in kind")
            self._add(f"gift_{gift.ref}", gift, words_of(gift), said, kept.get((None, gift.pk)))

    def _add(self, name: str, thing: Unit | InKindGift, label: str, hint: str, kept: Any) -> None:
        self.things[name] = thing
        self.fields[name] = forms.BooleanField(
            label=label[:1].upper() + label[1:],
            help_text=hint,
            required=False,
            initial=kept is not None,
        )
        self.fields[f"{name}_packages"] = forms.IntegerField(
            label=_("Packages"),
            required=False,
            min_value=1,
            max_value=10_000,
            initial=kept.packages if kept else 1,
            error_messages={"invalid": _("Enter a whole number.")},
        )
        self.fields[f"{name}_weight"] = forms.DecimalField(
            label=_("Weight with packing, in kg"),
            required=False,
            min_value=Decimal("0.001"),
            max_value=Decimal(WEIGHT_GRAMS_MAX) / 1_000,
            max_digits=9,
            decimal_places=3,
            localize=True,
            initial=Decimal(kept.weight_grams).scaleb(-3).normalize() if kept else None,
            error_messages={"invalid": _("Write the weight as a number, as in 12.5.")},
        )

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        return [
            (self[name], self[f"{name}_packages"], self[f"{name}_weight"]) for name in self.things
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        ticked = [name for name in self.things if cleaned.get(name)]
        if not ticked:
            raise ValidationError(_("Tick what is in the shipment."))
        for name in ticked:
            for part, sentence in (("packages", _("Enter how many packages.")),
                                   ("weight", _("Enter the weight."))):  # fmt: skip
                field = f"{name}_{part}"
                if cleaned.get(field) is None and field not in self.errors:
                    self.add_error(field, sentence)
        return cleaned

    def packed(self) -> list[Packed]:
        """What was ticked, once the form is valid."""
        given = self.cleaned_data
        return [
            Packed(thing, given[f"{name}_packages"], int(given[f"{name}_weight"] * 1_000))
            for name, thing in self.things.items()
            if given.get(name)
        ]


class PlaceField(forms.CharField):
    """A city by any of its names."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=200, **more)
        self.known: list[Place] = []

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        here = [p for p in self.known if typed.casefold() in {p.name.casefold(), *map(
            str.casefold, (p.local_names or {}).values())}]  # fmt: skip
        if here:
            return here[0]
        hits = places.search(typed, limit=5)
        exact = [hit for hit in hits if hit.match == places.Match.EXACT]
        if exact:
            return exact[0].place
        if not hits:
            raise ValidationError(words.NO_SUCH_PLACE % {"typed": typed})
        names = ", ".join(dict.fromkeys(str(hit.place) for hit in hits))
        raise ValidationError(words.DID_YOU_MEAN % {"typed": typed, "names": names})


class MomentField(forms.DateTimeField):
    """A day and a time on the clocks of a place that another field names."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            required=False,
            input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"],
            widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
            error_messages={"invalid": _("Enter a day and a time.")},
            **more,
        )


class LegForm(forms.Form):
    """One leg: from where to where, by whom, when, and who bears the loss meanwhile."""

    from_place = PlaceField(
        label=pgettext_lazy("city", "From"),
        help_text=_("The city. The world never learns more, and not before the hand-over."),
        error_messages={"required": _("Enter the city where it starts.")},
    )
    from_depot = LineField(
        label=_("Depot or address (never public)"), max_length=200, required=False
    )
    to_place = PlaceField(
        label=pgettext_lazy("city", "To"),
        error_messages={"required": _("Enter the city where it arrives.")},
    )
    to_depot = LineField(label=_("Depot or address (never public)"), max_length=200, required=False)
    carrier = LineField(
        label=_("Carrier"),
        max_length=200,
        error_messages={"required": _("Enter who carries it.")},
    )
    vehicle = LineField(
        label=_("Vehicle, its plates (never public)"), max_length=80, required=False
    )
    risk_holder = forms.ChoiceField(
        label=_("Who bears the loss on this leg?"),
        choices=[CHOOSE, *words.RISK_HOLDER.items()],
        error_messages={"required": _("Say who bears the loss.")},
    )
    planned_departure = MomentField(label=_("To leave"))
    planned_arrival = MomentField(label=_("To arrive"))
    departed = MomentField(label=_("Left"), help_text=_("Once it has happened."))
    arrived = MomentField(label=_("Arrived"))

    ZONES = {
        "planned_departure": "from_place",
        "departed": "from_place",
        "planned_arrival": "to_place",
        "arrived": "to_place",
    }

    def __init__(
        self, *args: Any, partnership: Partnership, leg: Leg | None = None, **more: Any
    ) -> None:
        if leg is not None:
            more.setdefault("initial", _initial(leg))
        super().__init__(*args, **more)
        known = [partnership.giving_place, partnership.receiving_place]
        for name in ("from_place", "to_place"):
            self.fields[name].known = known  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, where in self.ZONES.items():
            place, typed = cleaned.get(where), cleaned.get(name)
            if isinstance(place, Place) and isinstance(typed, datetime):
                cleaned[name] = typed.replace(tzinfo=ZoneInfo(place.time_zone))
        return cleaned

    def text(self) -> LegText:
        given = self.cleaned_data
        names = ("from_place", "to_place", "from_depot", "to_depot", "carrier", "vehicle")
        return LegText(
            **{name: given[name] for name in names},
            risk_holder=RiskHolder(given["risk_holder"]),
            times=Times(
                given["planned_departure"],
                given["planned_arrival"],
                given["departed"],
                given["arrived"],
            ),
        )


def _initial(leg: Leg) -> dict[str, Any]:
    def local(moment: datetime | None, place: Place) -> str:
        if moment is None:
            return ""
        return f"{moment.astimezone(ZoneInfo(place.time_zone)):%Y-%m-%dT%H:%M}"

    return {
        "from_place": leg.from_place.name_in(language()),
        "to_place": leg.to_place.name_in(language()),
        "from_depot": leg.from_depot,
        "to_depot": leg.to_depot,
        "carrier": leg.carrier,
        "vehicle": leg.vehicle,
        "risk_holder": leg.risk_holder,
        "planned_departure": local(leg.planned_departure_at, leg.from_place),
        "planned_arrival": local(leg.planned_arrival_at, leg.to_place),
        "departed": local(leg.departed_at, leg.from_place),
        "arrived": local(leg.arrived_at, leg.to_place),
    }


class DeclarationForm(forms.Form):
    code = forms.RegexField(
        r"^\s*[0-9A-Za-zА-ЯҐЄІЇа-яґєії./-]{4,40}\s*$",
        label=_("Code of the declaration"),
        help_text=_("The unique code that the authority’s system gave."),
        max_length=44,
        error_messages={
            "required": _("Enter the code."),
            "invalid": _("A code has 4 to 40 letters and digits."),
        },
    )
    day = DayField(label=_("Declared on"), error_messages={"required": _("Enter the day.")})


class ClearanceForm(forms.Form):
    day = DayField(
        label=_("Cleared by customs on"), error_messages={"required": _("Enter the day.")}
    )


class ReportForm(forms.Form):
    number = LineField(
        label=_("Number of the report"),
        max_length=80,
        error_messages={"required": _("Enter the number of the report.")},
    )
    day = DayField(label=_("Filed on"), error_messages={"required": _("Enter the day.")})


class RateForm(forms.Form):
    """Hryvnias for one unit of a currency, as the National Bank publishes it: four decimals."""

    currency = forms.ChoiceField(label=_("Currency"))
    rate = forms.CharField(
        label=_("Hryvnias for one"),
        max_length=20,
        error_messages={"required": _("Enter the rate.")},
    )
    day = DayField(label=_("Rate of"), error_messages={"required": _("Enter the day.")})
    source = LineField(
        label=_("Source"),
        max_length=200,
        initial=_("National Bank of Ukraine, official rate"),
        error_messages={"required": _("Say where the rate stands.")},
    )

    def __init__(self, *args: Any, currencies: Iterable[str], **more: Any) -> None:
        super().__init__(*args, **more)
        codes = [(code, code) for code in currencies if code != "UAH"]
        self.fields["currency"].choices = codes  # type: ignore[attr-defined]
        self.fields["rate"].widget.attrs["inputmode"] = "decimal"

    def clean_rate(self) -> int:
        """What `RATE_UNITS` whole units are worth, in kopiykas."""
        typed = self.cleaned_data["rate"].replace(",", ".").replace("\u00a0", "").replace(" ", "")
        try:
            rate = Decimal(typed)
        except InvalidOperation:
            rate = Decimal(0)
        if not rate.is_finite() or not 0 < rate < 100_000 or rate != round(rate, 4):
            raise ValidationError(_("Write the rate as the bank does, as in 41.2345."))
        return int(rate * RATE_UNITS * 100)


class DamageForm(forms.Form):
    """What was found, when, and on which leg."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    load = forms.ChoiceField(label=_("What is it about?"), widget=forms.RadioSelect)
    kind = forms.ChoiceField(
        label=_("What happened?"),
        choices=[
            (Damage.Kind.DAMAGED, pgettext_lazy("what happened to it", "It is damaged")),
            (Damage.Kind.LOST, pgettext_lazy("what happened to it", "It is missing")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say what happened.")},
    )
    note = TextField(
        label=_("What was found"),
        max_length=1_000,
        error_messages={"required": _("Say what was found.")},
    )
    found_date = DayField(label=_("Found on"), error_messages={"required": _("Enter the day.")})
    photos = FilesField(label=_("Photos"), required=False, count_max=10)
    leg = forms.ChoiceField(
        label=_("On which leg?"),
        help_text=_("Who bears the loss follows from it."),
        required=False,
    )

    def __init__(self, *args: Any, shipment: Shipment, by: Person, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["photos"].of(shipment.partnership, by)  # type: ignore[attr-defined]
        self.loads = {str(load.pk): load for load in shipment.loads.all()}
        self.legs = {str(leg.position): leg for leg in shipment.legs.all()}
        named = [(pk, str(queries.load_name(load))) for pk, load in self.loads.items()]
        self.fields["load"].choices = [(pk, n[:1].upper() + n[1:]) for pk, n in named]  # type: ignore[attr-defined]
        ways = [(p, f"{leg.from_place} — {leg.to_place}") for p, leg in self.legs.items()]
        self.fields["leg"].choices = [("", _("Not known")), *ways]  # type: ignore[attr-defined]
        self.fields["load"].error_messages["required"] = _("Choose what it is about.")


class RemedyForm(forms.Form):
    remedy = forms.ChoiceField(
        label=_("How was it made good?"),
        choices=[CHOOSE, *words.REMEDY.items()],
        error_messages={"required": _("Say how it was made good.")},
    )
    note = LineField(
        label=_("By which paper"),
        help_text=_("As in: credit note 17 of 3 May; policy 4711"),
        max_length=500,
        error_messages={"required": _("Name the paper.")},
    )


class ReasonForm(forms.Form):
    reason = TextField(
        label=_("Reason"),
        max_length=300,
        error_messages={"required": _("Say why it is cancelled.")},
    )
