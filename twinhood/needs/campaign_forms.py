"""Forms of a campaign: its terms, and what the board decided."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from twinhood.documents.file_fields import OneFileField
from twinhood.kit.inputs import LANGUAGES, DayField, LineField, LocalForm, TextField
from twinhood.needs.campaigns import Minutes
from twinhood.needs.inputs import read_price
from twinhood.needs.models import BoardDecision, Campaign, Need
from twinhood.people.queries import Workspace

# More than this is no cost of buying and bringing any more.
COSTS_PERCENT_MAX = 30
HEADS_MAX = 50_000_000


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
        "costs_note": (
            _("What these costs are"),
            _("As in: transport, customs, bank fees."),
            False,
            LineField,
            200,
        ),
        "heads_source": (
            _("Who counted households and pupils, and when"),
            "",
            False,
            LineField,
            200,
        ),
    }
    costs_percent = forms.DecimalField(
        label=_("Stated costs, in percent of the needs"),
        help_text=_("Part of the target, shown beside it. Leave empty if there are none."),
        required=False,
        min_value=0,
        max_value=COSTS_PERCENT_MAX,
        decimal_places=2,
        localize=True,
    )
    households = forms.IntegerField(
        label=_("Households of the giving city"), required=False, min_value=1, max_value=HEADS_MAX
    )
    pupils = forms.IntegerField(
        label=_("Pupils of the giving city"), required=False, min_value=1, max_value=HEADS_MAX
    )
    ends_date = DayField(label=_("Gifts are taken until"), required=False)

    def __init__(self, *args: Any, campaign: Campaign, **more: Any) -> None:
        costs = Decimal(campaign.costs_per_10k) / 100 if campaign.costs_per_10k else None
        more.setdefault(
            "initial",
            {
                "ends_date": campaign.ends_date,
                "costs_percent": costs,
                "households": campaign.households,
                "pupils": campaign.pupils,
            },
        )
        super().__init__(*args, **more)
        self.add_local_fields({name: getattr(campaign, name) for name in self.local_fields})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("costs_percent") and not cleaned.get("costs_note"):
            self.add_error("costs_percent", _("Say what these costs are."))
        return cleaned

    def terms(self) -> dict[str, Any]:
        """What was written, once the form is valid: arguments of `set_terms`."""
        given = self.cleaned_data
        names = (*self.local_fields, "ends_date", "households", "pupils")
        costs = given["costs_percent"] or Decimal(0)
        return {name: given[name] for name in names} | {"costs_per_10k": int(costs * 100)}


class MinutesForm(forms.Form):
    """Where a decision of the board stands written."""

    minutes_number = LineField(label=_("Number of the minutes"), max_length=60)
    decided_date = DayField(label=_("Date of the decision"))
    document = OneFileField(label=_("The minutes (photo, scan or PDF)"), required=False)

    def __init__(self, *args: Any, work: Workspace, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = today
        self.fields["document"].of(work.partnership, work.person)  # type: ignore[attr-defined]

    def clean_decided_date(self) -> date:
        day: date = self.cleaned_data["decided_date"]
        if day > self.today:
            raise ValidationError(_("The day of the decision is not in the future."))
        return day

    def minutes(self) -> Minutes:
        """What was written, once the form is valid."""
        given = self.cleaned_data
        return Minutes(given["minutes_number"], given["decided_date"], document=given["document"])


class AdoptionForm(MinutesForm):
    """Which needs the board presents to donors."""

    needs = forms.ModelMultipleChoiceField(
        queryset=Need.objects.none(),
        label=_("Needs that the board adopted"),
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("needs", "minutes_number", "decided_date", "document")

    def __init__(self, *args: Any, campaign: Campaign, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["needs"].queryset = Need.objects.filter(  # type: ignore[attr-defined]
            partnership=campaign.partnership_id,
            state=Need.State.VERIFIED,
            currency=campaign.currency,
        ).order_by("campaign_id", "position", "number")
        self.fields["needs"].label_from_instance = _named  # type: ignore[attr-defined]


def _named(need: Need) -> str:
    return f"{need}: {need.title}, {need.quantity}"


class DecisionForm(MinutesForm):
    """What becomes of a campaign that an official list paused."""

    kind = forms.ChoiceField(
        label=_("What the board decided"),
        choices=[
            (BoardDecision.Kind.RESUMED, _("The campaign goes on")),
            (
                BoardDecision.Kind.FALLBACK,
                _("The campaign ends, and what was given is for its fallback purpose"),
            ),
        ],
        widget=forms.RadioSelect,
    )
    field_order = ("kind", "minutes_number", "decided_date", "document")


class WaypointForm(LocalForm):
    """A sum on the way to the target, and what it means, in both languages."""

    local_fields = {
        "text": (
            _("What is reached with it"),
            _("As in: two ambulances are paid for."),
            True,
            LineField,
            120,
        ),
    }
    amount = LineField(label=_("At how much"), max_length=40)

    def __init__(self, *args: Any, campaign: Campaign, **more: Any) -> None:
        super().__init__(*args, **more)
        self.currency = campaign.currency
        self.fields["amount"].label = _("At how much, in %(currency)s") % {
            "currency": campaign.currency
        }
        self.fields["amount"].widget.attrs["inputmode"] = "decimal"
        self.add_local_fields({})

    def clean_amount(self) -> int:
        return read_price(self.cleaned_data["amount"], self.currency)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        text = cleaned.get("text") or {}
        for code, where in LANGUAGES:
            if text and code not in text:
                sentence = _("Write it %(where)s too: it stands on the page of both cities.")
                self.add_error(f"text_{code}", sentence % {"where": where})
        return cleaned
