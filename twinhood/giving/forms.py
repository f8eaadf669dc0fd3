"""The treasurer's forms. Amounts are read by the language of the page; nothing is rounded."""

import secrets
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from twinhood.giving import words
from twinhood.giving.core.offline import OfflineGift
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.core.sheet import COLUMNS_MAX, EARLIEST, Column
from twinhood.giving.errors import BadGift, GivingError, TakenInAlready
from twinhood.giving.fields import FundField, LineField, fund_title, funds_of, read_amount
from twinhood.giving.rails import AT_THE_DESK, Asks, Rail
from twinhood.kit import clock
from twinhood.ledger.models import Fund
from twinhood.people.models import Partnership, Person
from twinhood.people.queries import Workspace

LANGUAGES = (("en", "English"), ("uk", "Українська"))


def counters_for(work: Workspace) -> Any:
    """Who may be the second to count cash: anybody at work here but who enters it."""
    held = Person.objects.filter(
        roles__partnership=work.partnership,
        roles__since_date__lte=clock.now().date(),
        is_active=True,
    ).exclude(roles__until_date__lte=clock.now().date())
    return held.exclude(pk=work.person.pk).distinct().order_by("name", "pk")


def today_for(partnership: Partnership) -> date:
    return clock.today_in(partnership.giving_place.time_zone)


def _day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class GiftForm(forms.Form):
    """One gift of one rail; asks what the rail asks."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=64)
    fund = FundField(queryset=Fund.objects.none(), label=_("Fund"), empty_label=None)
    amount = forms.CharField(label=_("Amount"), required=False, max_length=60, strip=True)
    reference = LineField(label="", length_max=80, required=False)
    fee = forms.CharField(
        label=_("Fee that a bank kept"),
        required=False,
        max_length=60,
        help_text=_("What is missing between what was sent and what arrived. Empty if nothing."),
    )
    received_date = forms.DateField(
        label=_("Day received"),
        input_formats=["%Y-%m-%d", "%d.%m.%Y"],
        widget=_day_input(),
        error_messages={"required": words.DATE["empty"], "invalid": words.DATE["date"]},
    )
    counted_by = forms.ModelChoiceField(
        queryset=Person.objects.none(),
        label=_("Counted with you by"),
        help_text=_("Two people count cash; you are the first."),
        empty_label=_("Choose a person"),
    )
    name = LineField(
        label=_("Name of who gave"),
        length_max=200,
        required=False,
        help_text=_("Empty if they do not want to say."),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("For the receipt and the link. Kept encrypted, shown to nobody outside."),
        error_messages={"invalid": words.CELL["email"]},
    )
    shows_name = forms.BooleanField(label=_("They agreed that their name is shown"), required=False)
    donor_language = forms.ChoiceField(label=_("Language of who gave"), choices=LANGUAGES)
    purpose = LineField(
        label=_("The words under which they gave"),
        length_max=300,
        required=False,
        help_text=_("As it stood on the appeal or the cheque. Empty: the name of the fund."),
    )
    note = LineField(label=_("Note for yourselves"), length_max=300, required=False)

    def __init__(self, *args: Any, work: Workspace, rail: Rail, **more: Any) -> None:
        super().__init__(*args, **more)
        self.work, self.rail = work, rail
        self.language = get_language() or "en"
        self.fields["fund"].queryset = funds_of(work.partnership)  # type: ignore[attr-defined]
        self.fields["counted_by"].queryset = counters_for(work)  # type: ignore[attr-defined]
        self.fields["token"].initial = secrets.token_urlsafe(16)
        self.fields["donor_language"].initial = self.language
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
        self.fields["fee"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
        self.fields["received_date"].widget.attrs["max"] = today_for(work.partnership).isoformat()
        self._ask_only_what_the_rail_asks()

    def _ask_only_what_the_rail_asks(self) -> None:
        for asked in Asks:
            if asked not in self.rail.asks:
                del self.fields[asked.value]
        if Asks.REFERENCE in self.rail.asks:
            self.fields["reference"].label = self.rail.reference_label
            self.fields["reference"].required = True
            self.fields["reference"].error_messages["required"] = _("Enter the number.")

    def clean_received_date(self) -> date:
        day: date = self.cleaned_data["received_date"]
        if day > today_for(self.work.partnership):
            raise ValidationError(words.DATE["future"])
        if day < EARLIEST:
            raise ValidationError(words.DATE["old"])
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        fund: Fund | None = cleaned.get("fund")
        if fund is not None:
            self._read("amount", fund.currency, words.AMOUNT)
            if cleaned.get("fee"):
                self._read("fee", fund.currency, words.AMOUNT | words.FEE)
        amount, fee = cleaned.get("amount"), cleaned.get("fee")
        if isinstance(amount, int) and isinstance(fee, int) and fee >= amount:
            self.add_error("fee", words.FEE["fee"])
        if cleaned.get("shows_name") and not cleaned.get("name"):
            self.add_error("name", words.CELL["nameless"])
        return cleaned

    def _read(self, name: str, currency: str, sentences: dict[str, Any]) -> None:
        try:
            typed = self.cleaned_data.get(name) or ""
            self.cleaned_data[name] = read_amount(typed, currency, self.language, sentences)
        except ValidationError as problem:
            self.add_error(name, problem)

    def gift(self) -> OfflineGift:
        """The gift as entered; only after `is_valid()`."""
        said = self.cleaned_data
        fund: Fund = said["fund"]
        name = self.rail.name_of(said.get("reference", "").upper(), said["amount"])
        return OfflineGift(
            rail=self.rail.code,
            intake_key=name if Asks.REFERENCE in self.rail.asks else f"form:{said['token']}",
            fund_code=fund.code,
            amount_minor=said["amount"],
            fee_minor=said.get("fee") or 0,
            currency=fund.currency,
            received_date=said["received_date"],
            donor=DonorFacts(name=said["name"], email=said["email"]),
            donor_language=said["donor_language"],
            shows_name=said["shows_name"],
            purpose=said["purpose"] or fund_title(fund),
            note=said["note"],
            counted_by_id=said["counted_by"].pk if "counted_by" in said else None,
        )

    def refuse(self, problem: GivingError) -> None:
        """Say what `actions.take_in` raised where it can be mended."""
        if isinstance(problem, TakenInAlready):
            field = "reference" if "reference" in self.fields else "amount"
            self.add_error(field, str(words.TAKEN_IN) % {"ref": problem.ref})
        elif isinstance(problem, BadGift):
            field = problem.field if problem.field in self.fields else "amount"
            self.add_error(field, str(words.AMOUNT.get(problem.code, problem.code)))
        else:
            raise problem


ORDERS = (
    ("day", pgettext_lazy("order of a date", "Day first: 06.04.2023")),
    ("slash", pgettext_lazy("order of a date", "Day first, with slashes: 06/04/2023")),
    ("month", pgettext_lazy("order of a date", "Months first: 4/6/2023")),
)


class PasteForm(forms.Form):
    """How pasted rows are to be read; the columns are chosen on the preview."""

    text = forms.CharField(
        label=_("Rows"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_(
            "Copy the rows from your spreadsheet, with the headings, and paste them here. "
            "Up to 2,000 rows."
        ),
        error_messages={"required": words.SHEET["empty"]},
    )
    rail = forms.ChoiceField(label=_("How they arrived"), choices=[])
    fund = FundField(queryset=Fund.objects.none(), label=_("Fund"), empty_label=None)
    language = forms.ChoiceField(label=_("How amounts are written"), choices=[])
    day_order = forms.ChoiceField(label=_("How days are written"), choices=ORDERS)
    counted_by = forms.ModelChoiceField(
        queryset=Person.objects.none(),
        label=_("Counted with you by"),
        help_text=_("Only for cash: two people count it; you are the first."),
        empty_label=_("Choose a person"),
        required=False,
    )
    purpose = LineField(
        label=_("The words under which they gave"),
        length_max=300,
        required=False,
        help_text=_("As it stood on the appeal. Empty: the name of the fund."),
    )

    def __init__(self, *args: Any, work: Workspace, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["rail"].choices = [(rail.code, rail.label) for rail in AT_THE_DESK]  # type: ignore[attr-defined]
        self.fields["rail"].initial = next(
            r.code for r in AT_THE_DESK if Asks.COUNTED_BY not in r.asks
        )
        self.fields["language"].choices = [("en", "1,234.56"), ("uk", "1 234,56")]  # type: ignore[attr-defined]
        self.fields["language"].initial = get_language() or "en"
        self.fields["fund"].queryset = funds_of(work.partnership)  # type: ignore[attr-defined]
        self.fields["counted_by"].queryset = counters_for(work)  # type: ignore[attr-defined]
        # Which row has the NUL is said by the reading of the rows.
        self.fields["text"].validators = []

    def clean_text(self) -> str:
        """Browsers send CRLF and drop a first line end; both readings must be the same."""
        text: str = self.cleaned_data["text"]
        return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        rail = next((rail for rail in AT_THE_DESK if rail.code == cleaned.get("rail")), None)
        if rail and Asks.COUNTED_BY in rail.asks and not cleaned.get("counted_by"):
            self.add_error("counted_by", _("Say who counted the cash with you."))
        return cleaned

    def chosen_columns(self) -> tuple[Column, ...] | None:
        """The columns chosen on the preview, or None before there was one."""
        names = [f"col_{number}" for number in range(COLUMNS_MAX)]
        chosen = [str(self.data[name]) for name in names if name in self.data]
        known = {column.value for column in Column}
        if not chosen or not known.issuperset(chosen):
            return None
        return tuple(Column(value) for value in chosen)


def _day_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        input_formats=["%Y-%m-%d", "%d.%m.%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": _("Enter the day."), "invalid": words.DATE["date"]},
    )


def _past_day(day: date, zone: str) -> date:
    """Refuse a day that has not come yet there, or is too long ago."""
    if day > clock.today_in(zone):
        raise ValidationError(words.DATE["future"])
    if day.year < 2000:
        raise ValidationError(words.DATE["old"])
    return day


class RefundForm(forms.Form):
    """How much to give back, and why."""

    amount = forms.CharField(label=_("Amount to give back"), max_length=60)
    reason = LineField(
        label=_("Reason"),
        length_max=300,
        help_text=_("For the books. Do not name the person who gave."),
        error_messages={"required": _("Say why it is given back.")},
    )
    earlier = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=10_000)

    def __init__(self, *args: Any, currency: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.currency = currency
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean_amount(self) -> int:
        language = get_language() or "en"
        typed = self.cleaned_data["amount"]
        return read_amount(typed, self.currency, language, words.AMOUNT)


class ConfirmedRefundForm(RefundForm):
    """The same, with the amount typed a second time."""

    confirmed = forms.CharField(
        label=_("Type the amount once more to confirm"),
        max_length=60,
        error_messages={"required": _("Type the amount to confirm.")},
    )

    def clean_confirmed(self) -> int:
        language = get_language() or "en"
        typed = self.cleaned_data["confirmed"]
        again = read_amount(typed, self.currency, language, words.AMOUNT)
        if again != self.cleaned_data.get("amount"):
            raise ValidationError(_("This is not the amount that is to be given back."))
        return again


class DisputeForm(forms.Form):
    """What the bank says when it disputes a gift."""

    key = LineField(
        label=_("The bank’s number for the dispute"),
        length_max=80,
        error_messages={"required": _("Enter the number that the bank gave it.")},
    )
    amount = forms.CharField(label=_("Amount in dispute"), max_length=60)
    reason = LineField(
        label=_("Reason that the bank gives"),
        length_max=300,
        help_text=_("For the books. Do not name the person who gave."),
        error_messages={"required": _("Say which reason the bank gives.")},
    )
    day = _day_field(_("Day on which the bank opened it"))
    due = forms.DateField(
        label=_("Last day to answer the bank"),
        required=False,
        input_formats=["%Y-%m-%d", "%d.%m.%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": words.DATE["date"]},
    )

    def __init__(self, *args: Any, currency: str, zone: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.currency, self.zone = currency, zone
        self.fields["day"].initial = clock.today_in(zone)
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean_amount(self) -> int:
        typed = self.cleaned_data["amount"]
        return read_amount(typed, self.currency, get_language() or "en", words.AMOUNT)

    def clean_day(self) -> date:
        return _past_day(self.cleaned_data["day"], self.zone)


class DisputeEndForm(forms.Form):
    """How a dispute ended: with what the bank took, if it took something."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=80)
    outcome = forms.ChoiceField(
        label=_("How did it end?"),
        choices=[("won", _("The bank agrees with us")), ("lost", _("The bank takes the money"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it ended.")},
    )
    amount = forms.CharField(
        label=_("Amount that the bank took"),
        max_length=60,
        required=False,
        help_text=_("Only if it takes the money."),
    )
    fee = forms.CharField(
        label=_("Fee that the bank asks for the dispute"),
        max_length=60,
        required=False,
        help_text=_("The operating account bears it, not the fund. Empty: no fee."),
    )
    day = _day_field(_("Day on which it ended"))

    def __init__(self, *args: Any, currency: str, zone: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.currency, self.zone = currency, zone
        self.fields["day"].initial = clock.today_in(zone)
        for name in ("amount", "fee"):
            self.fields[name].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean_day(self) -> date:
        return _past_day(self.cleaned_data["day"], self.zone)

    def clean_fee(self) -> int:
        typed = self.cleaned_data["fee"]
        if not typed.strip() or typed.strip() == "0":
            return 0
        return read_amount(typed, self.currency, get_language() or "en", words.AMOUNT)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("outcome") == "lost":
            try:
                cleaned["amount"] = read_amount(
                    cleaned.get("amount") or "", self.currency, get_language() or "en", words.AMOUNT
                )
            except ValidationError as problem:
                self.add_error("amount", problem)
        return cleaned
