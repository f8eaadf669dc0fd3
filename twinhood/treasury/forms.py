"""The exchange's form: what the bank's two lines say."""

import secrets
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from twinhood.giving import words
from twinhood.giving.fields import FundField, LineField, funds_of, read_amount
from twinhood.kit import clock
from twinhood.kit.money import format_money
from twinhood.ledger.errors import (
    BadExchange,
    FundTooSmall,
    KeyUsed,
    LedgerError,
    MoreThanIsLeft,
)
from twinhood.ledger.models import Fund
from twinhood.people.models import Partnership
from twinhood.treasury.actions import ExchangeSlip, MoveSlip

EARLIEST = date(2000, 1, 1)


class ExchangeForm(forms.Form):
    """From which fund, how much, to which, how much arrived, when."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=64)
    fund = FundField(queryset=Fund.objects.none(), label=_("From the fund"), empty_label=None)
    amount = forms.CharField(
        label=_("Amount that left"),
        max_length=60,
        help_text=_("As the bank’s line says, in the currency of this fund."),
        error_messages={"required": words.AMOUNT["empty"]},
    )
    to = FundField(queryset=Fund.objects.none(), label=_("To the fund"), empty_label=None)
    received = forms.CharField(
        label=_("Amount that arrived"),
        max_length=60,
        help_text=_("As the bank’s other line says, in the currency of that fund."),
        error_messages={"required": words.AMOUNT["empty"]},
    )
    day = forms.DateField(
        label=_("Day of the bank’s lines"),
        input_formats=["%Y-%m-%d", "%d.%m.%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Enter the day of the exchange."),
            "invalid": words.DATE["date"],
        },
    )

    def __init__(self, *args: Any, partnership: Partnership, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = clock.today_in(partnership.giving_place.time_zone)
        self.fields["token"].initial = secrets.token_urlsafe(16)
        self.fields["day"].initial = self.today
        self.fields["day"].widget.attrs["max"] = self.today.isoformat()
        for name in ("fund", "to"):
            self.fields[name].queryset = funds_of(partnership)  # type: ignore[attr-defined]
        self.fields["to"].initial = next(iter(funds_of(partnership)[1:2]), None)
        for name in ("amount", "received"):
            self.fields[name].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > self.today:
            raise ValidationError(words.DATE["future"])
        if day < EARLIEST:
            raise ValidationError(words.DATE["old"])
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        source, target = cleaned.get("fund"), cleaned.get("to")
        if source is None or target is None:
            return cleaned
        if source == target:
            self.add_error("to", _("Choose another fund than the one the money leaves."))
        self._read("amount", source.currency)
        self._read("received", target.currency)
        amounts = cleaned.get("amount"), cleaned.get("received")
        if source.currency == target.currency and None not in amounts and len(set(amounts)) > 1:
            self.add_error("received", words_of_a_move())
        return cleaned

    def _read(self, name: str, currency: str) -> None:
        if not self.cleaned_data.get(name):
            return
        language = get_language() or "en"
        try:
            typed = self.cleaned_data[name]
            self.cleaned_data[name] = read_amount(typed, currency, language, words.AMOUNT)
        except ValidationError as problem:
            self.add_error(name, problem)

    def slip(self) -> ExchangeSlip:
        """What is to be booked; only after `is_valid()`."""
        said = self.cleaned_data
        return ExchangeSlip(
            token=said["token"],
            fund_code=said["fund"].code,
            amount_minor=said["amount"],
            to_code=said["to"].code,
            received_minor=said["received"],
            day=said["day"],
        )

    def refuse(self, problem: LedgerError) -> None:
        """Say what the ledger raised, where it can be mended."""
        if isinstance(problem, FundTooSmall):
            currency = self.cleaned_data["fund"].currency
            free = format_money(problem.free_minor, currency, get_language() or "en")
            self.add_error("amount", gettext("In this fund %(free)s are free.") % {"free": free})
        elif isinstance(problem, BadExchange):
            self.add_error("received", words_of_a_move())
        elif isinstance(problem, KeyUsed):
            self.add_error(None, gettext("This form was sent before, with other amounts."))
        else:
            raise problem


def words_of_a_move() -> str:
    return gettext("Between funds of one currency the same amount leaves and arrives.")


class MoveForm(forms.Form):
    """From which fund to which of the same currency, how much, why."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=64)
    fund = FundField(queryset=Fund.objects.none(), label=_("From the fund"), empty_label=None)
    to = FundField(queryset=Fund.objects.none(), label=_("To the fund"), empty_label=None)
    amount = forms.CharField(
        label=_("Amount to move"),
        max_length=60,
        error_messages={"required": words.AMOUNT["empty"]},
    )
    reason = LineField(
        label=_("Reason"),
        length_max=300,
        help_text=_("Who decided it, and which paper says so. Donors whose money moves read it."),
        error_messages={"required": _("Say why the money moves.")},
    )

    def __init__(self, *args: Any, partnership: Partnership, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["token"].initial = secrets.token_urlsafe(16)
        for name in ("fund", "to"):
            self.fields[name].queryset = funds_of(partnership)  # type: ignore[attr-defined]
        self.fields["to"].initial = next(iter(funds_of(partnership)[1:2]), None)
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        source, target = cleaned.get("fund"), cleaned.get("to")
        if source is None or target is None:
            return cleaned
        if source == target:
            self.add_error("to", _("Choose another fund than the one the money leaves."))
        elif source.currency != target.currency:
            self.add_error(
                "to", _("These funds are of two currencies. Change money at the bank first.")
            )
        if cleaned.get("amount"):
            try:
                cleaned["amount"] = read_amount(
                    cleaned["amount"], source.currency, get_language() or "en", words.AMOUNT
                )
            except ValidationError as problem:
                self.add_error("amount", problem)
        return cleaned

    def slip(self) -> MoveSlip:
        """What is to be booked; only after `is_valid()`."""
        said = self.cleaned_data
        return MoveSlip(
            token=said["token"],
            fund_code=said["fund"].code,
            to_code=said["to"].code,
            amount_minor=said["amount"],
            reason=said["reason"],
        )

    def refuse(self, problem: LedgerError) -> None:
        """Say what the ledger raised, where it can be mended."""
        if isinstance(problem, FundTooSmall):
            currency = self.cleaned_data["fund"].currency
            free = format_money(problem.free_minor, currency, get_language() or "en")
            self.add_error("amount", gettext("In this fund %(free)s are free.") % {"free": free})
        elif isinstance(problem, KeyUsed):
            self.add_error(None, gettext("This form was sent before, with other amounts."))
        else:
            raise problem


class RepayForm(forms.Form):
    """How much of one advance goes back to who lent it."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=64)
    advance = forms.CharField(widget=forms.HiddenInput, max_length=210)
    amount = forms.CharField(
        label=_("Amount to repay"),
        max_length=60,
        error_messages={"required": words.AMOUNT["empty"]},
    )

    def __init__(self, *args: Any, currency: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.currency = currency
        self.fields["token"].initial = secrets.token_urlsafe(16)
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean_amount(self) -> int:
        typed = self.cleaned_data["amount"]
        return read_amount(typed, self.currency, get_language() or "en", words.AMOUNT)

    def refuse(self, problem: LedgerError) -> None:
        """Say what the ledger raised, where it can be mended."""
        language = get_language() or "en"
        if isinstance(problem, FundTooSmall):
            free = format_money(problem.free_minor, self.currency, language)
            self.add_error("amount", gettext("In this fund %(free)s are free.") % {"free": free})
        elif isinstance(problem, MoreThanIsLeft):
            left = format_money(problem.left_minor, self.currency, language)
            self.add_error("amount", gettext("Of this advance %(left)s are left.") % {"left": left})
        elif isinstance(problem, KeyUsed):
            self.add_error(None, gettext("This form was sent before, with other amounts."))
        else:
            raise problem
