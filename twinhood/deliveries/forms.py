"""Forms of orders and hand-overs."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from twinhood.deliveries import asking, queries, words
from twinhood.deliveries.core.ceiling import BadRate, rate_of
from twinhood.deliveries.core.payee import BadAccount, in_groups, normal_account
from twinhood.deliveries.invoices import left_minor
from twinhood.deliveries.models import HandoverAct, Order, PayeeAccount
from twinhood.deliveries.payees import usable_payees
from twinhood.deliveries.terms import Terms, rate_of_order, written
from twinhood.kit import clock
from twinhood.kit.core.serials import BadSerial, Plate, read_plate
from twinhood.kit.inputs import SERIAL, DayField, LineField, TextField, language
from twinhood.kit.money import BadAmount, format_money, format_number, parse_minor
from twinhood.ledger.models import Fund
from twinhood.needs.models import Need, Quote
from twinhood.people.models import Organisation, Partnership


class QuoteChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Quotes as lines: who, how much for one, until when."""

    def label_from_instance(self, obj: Any) -> str:
        price = format_money(obj.unit_price_minor, obj.currency, language())
        until = obj.valid_until_date
        if until is None:
            return f"{obj.supplier}: {price}"
        sentence = _("%(supplier)s: %(price)s, valid until %(day)s")
        slots = {"supplier": obj.supplier, "price": price, "day": f"{until:%d.%m.%Y}"}
        return str(sentence) % slots


class SourceFundChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A fund that is exchanged, with what is free in it."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.code}: {format_money(obj.free_minor, obj.currency, language())}"


class PayeeChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Accounts of suppliers, whole: an approver compares them with the paper."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.holder}: {in_groups(obj.account)}"


class PayeeForm(forms.Form):
    """An account of a supplier, as it stands on paper."""

    supplier = forms.ModelChoiceField(
        label=_("Supplier"), queryset=Organisation.objects.none(), empty_label=_("Choose")
    )
    account = forms.CharField(
        label=_("IBAN, or routing number / account number"),
        max_length=60,
        error_messages={"required": words.BAD_ACCOUNT["form"]},
    )
    holder = LineField(
        label=_("Holder of the account"),
        max_length=140,
        error_messages={"required": _("Enter the holder’s name as the bank has it.")},
    )
    came_by = LineField(
        label=_("How the details came"),
        help_text=_("As in: contract of 1 September, page 3; or: a mail of 4 September"),
        max_length=500,
        error_messages={"required": _("Say by which paper or message the details came.")},
    )

    def __init__(self, *args: Any, partnership: Partnership, **more: Any) -> None:
        super().__init__(*args, **more)
        suppliers = Organisation.objects.filter(quotes__need__partnership=partnership)
        self.fields["supplier"].queryset = suppliers.distinct().order_by("id")  # type: ignore[attr-defined]
        typing = {"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}
        self.fields["account"].widget.attrs |= typing

    def clean_account(self) -> str:
        try:
            return normal_account(self.cleaned_data["account"])
        except BadAccount as problem:
            raise ValidationError(words.BAD_ACCOUNT[problem.code]) from problem


class CallForm(forms.Form):
    """A call to the supplier, at a number that did not come with the new details."""

    number = LineField(
        label=_("Number that was called"),
        help_text=_("From a register, an old contract or their sign: never from the message "
                    "that brought the details."),
        max_length=40,
        error_messages={"required": _("Enter the number that was called.")},
    )  # fmt: skip
    note = LineField(
        label=_("Who answered, and what they said"),
        max_length=500,
        error_messages={"required": _("Say who answered, and what they said.")},
    )


class ProposeForm(forms.Form):
    """What to buy: a quote of the need, and how many."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    quote = QuoteChoice(
        label=_("Quote"),
        queryset=Quote.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a quote.")},
    )
    quantity = forms.IntegerField(
        label=_("How many"),
        min_value=1,
        max_value=100_000,
        error_messages={"required": _("Enter how many."), "invalid": _("Enter a whole number.")},
    )
    reason = TextField(
        label=_("Reason"),
        help_text=_(
            "Needed if fewer than three suppliers gave a quote, or this is not the lowest."
        ),
        required=False,
        max_length=1000,
    )
    delivery_terms = TextField(
        label=_("Terms of delivery"),
        help_text=_("As the quote says: where to, when, who carries it and who insures it."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    payee = PayeeChoice(
        label=_("To be paid to"),
        queryset=PayeeAccount.objects.none(),
        required=False,
        empty_label=_("Not known yet"),
    )
    source_fund = SourceFundChoice(
        label=_("Paid with"),
        queryset=Fund.objects.none(),
        required=False,
        empty_label=_("Money in the quote’s own currency"),
    )
    rate = forms.CharField(label=_("Rate"), required=False, max_length=20)
    rate_said_by = LineField(
        label=_("Whose rate"), help_text=_("As in: European Central Bank"), required=False,
        max_length=200,
    )  # fmt: skip
    rate_date = DayField(label=_("Day of the rate"), required=False)
    has_interest = forms.ChoiceField(
        label=_("Do you, or does anybody close to you, gain from this order?"),
        choices=[("no", _("No")), ("yes", _("Yes, or perhaps"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether you have an interest in this order.")},
    )
    interest = LineField(label=_("Which interest"), required=False, max_length=500)

    def __init__(
        self,
        *args: Any,
        need: Need,
        order: Order | None = None,
        chosen: Quote | None = None,
        **more: Any,
    ) -> None:
        more.setdefault("initial", _proposed(order) | _compared(need, chosen))
        super().__init__(*args, **more)
        self.fields["rate"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
        example = "1,0850" if language() == "uk" else "1.0850"
        hint = _("What one of the quote’s currency costs, as in %(example)s")
        self.fields["rate"].help_text = str(hint) % {"example": example}
        payees = PayeeAccount.objects.exclude(state=PayeeAccount.State.STOPPED)
        theirs = payees.filter(partnership=need.partnership_id, supplier__quotes__need=need)
        self.fields["payee"].queryset = theirs.distinct().order_by("number")  # type: ignore[attr-defined]
        funds = Fund.objects.filter(pk__in=[fund.pk for fund in queries.source_funds(need)])
        self.fields["source_fund"].queryset = funds.order_by("id")  # type: ignore[attr-defined]
        quotes = need.quotes.select_related("supplier").order_by("currency", "unit_price_minor")
        self.fields["quote"].queryset = quotes  # type: ignore[attr-defined]

    def clean_rate(self) -> str:
        typed = str(self.cleaned_data["rate"]).strip()
        if typed:
            try:
                rate_of(typed, "EUR", "USD")
            except BadRate as problem:
                raise ValidationError(words.BAD_TERMS["rate"]) from problem
        return typed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("has_interest") == "yes" and not cleaned.get("interest"):
            self.add_error("interest", _("Say which interest it is: the approvers read it."))
        if cleaned.get("source_fund") and "rate" in cleaned and not cleaned["rate"]:
            self.add_error("rate", words.BAD_TERMS["rate"])
        return cleaned

    def terms(self) -> Terms:
        """What was stated, once the form is valid."""
        given = self.cleaned_data
        fund, quote = given["source_fund"], given["quote"]
        day = given["rate_date"]
        rate = fund and rate_of(
            given["rate"], quote.currency, fund.currency, said_by=given["rate_said_by"],
            date=day.isoformat() if day else "",
        )  # fmt: skip
        return Terms(
            reason=given["reason"],
            delivery_terms=given["delivery_terms"],
            interest=given["interest"] if given["has_interest"] == "yes" else "",
            source_fund=fund,
            rate=rate,
            payee=given["payee"],
        )


def _proposed(order: Order | None) -> dict[str, Any]:
    if order is None:
        return {"form_key": uuid4()}
    return {
        "form_key": order.form_key or uuid4(),
        "quote": order.quote_id,
        "quantity": len(order.units.all()),
        "reason": order.reason,
        "delivery_terms": order.delivery_terms,
        "source_fund": order.source_fund_id,
        "payee": order.payee_id,
        "rate": written_rate(order),
        "rate_said_by": order.rate_said_by,
        "rate_date": order.rate_date,
        "has_interest": "yes" if order.interest else "no",
        "interest": order.interest,
    }


def _compared(need: Need, chosen: Quote | None) -> dict[str, Any]:
    """What the comparison of quotes says already of the one that was chosen there."""
    if chosen is None:
        return {}
    stated = asking.rates_of(need).get(chosen.currency)
    if stated is None:
        return {"quote": chosen.pk}
    rate = asking.as_rates({chosen.currency: stated})[chosen.currency]
    return {
        "quote": chosen.pk,
        "rate": written(rate, chosen.currency, need.currency),
        "rate_said_by": rate.said_by,
        "rate_date": stated.rate_date,
        "source_fund": next(
            (fund.pk for fund in queries.source_funds(need) if fund.currency == need.currency), None
        ),
    }


def written_rate(order: Order) -> str:
    """The order's rate as people write it, in the page's language; empty without one."""
    rate, fund = rate_of_order(order), order.source_fund
    if rate is None or fund is None:
        return ""
    return written(rate, order.currency, fund.currency)


def read_amount(typed: str, currency: str) -> int:
    """Read an amount in the page's way of writing; raises ValidationError with what to do."""
    try:
        return parse_minor(typed, currency, language())
    except BadAmount as problem:
        example = format_number(8_250_000, currency, language())
        sentence = _("Write the amount as in “%(example)s”.")
        raise ValidationError(str(sentence) % {"example": example}) from problem


class ApprovalForm(forms.Form):
    """A typed sum: nobody approves by a slip of the finger."""

    seen_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    typed_sum = forms.CharField(
        label=_("Type the sum that you approve"),
        max_length=40,
        error_messages={"required": _("Type the sum that you approve.")},
    )

    no_interest = forms.BooleanField(
        label=words.NO_INTEREST, error_messages={"required": words.INTEREST_FORBIDS}
    )

    def __init__(self, *args: Any, order: Order, **more: Any) -> None:
        super().__init__(*args, **more)
        self.order = order
        self.fields["typed_sum"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean_typed_sum(self) -> int:
        amount_minor = read_amount(self.cleaned_data["typed_sum"], self.order.currency)
        if amount_minor != self.order.whole_minor:
            whole = format_money(self.order.whole_minor, self.order.currency, language())
            raise ValidationError(str(words.SUM_DIFFERS) % {"sum": whole})
        return amount_minor


class ReasonForm(forms.Form):
    """A sentence that says why."""

    reason = TextField(
        label=_("Reason"),
        max_length=300,
        error_messages={"required": words.REASON_MISSING["refusal"]},
    )


class CreditForm(ReasonForm):
    """A supplier's credit: why, and where the money arrived."""

    bank_code = forms.ChoiceField(label=_("Arrived at"))

    def __init__(self, *args: Any, order: Order, **more: Any) -> None:
        super().__init__(*args, **more)
        accounts = queries.paying_accounts(order.partnership, order.currency)
        self.fields["bank_code"].choices = [(code, code) for code in accounts]  # type: ignore[attr-defined]


class PartCreditForm(forms.Form):
    """A part of a thing's price that came back, or never was paid: how much, why, and where."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    amount = forms.CharField(
        label=_("It costs less by"),
        max_length=40,
        error_messages={"required": _("Enter how much less it costs.")},
    )
    reason = TextField(
        label=_("Why it costs less"),
        help_text=_("As in: dented door, their letter of 3 May; discount on the invoice."),
        max_length=300,
        error_messages={"required": words.REASON_MISSING["credit"]},
    )
    bank_code = forms.ChoiceField(label=_("Arrived at"), required=False)

    def __init__(self, *args: Any, order: Order, **more: Any) -> None:
        more.setdefault("initial", {"form_key": uuid4()})
        super().__init__(*args, **more)
        self.order = order
        accounts = queries.paying_accounts(order.partnership, order.currency)
        self.fields["bank_code"].choices = [  # type: ignore[attr-defined]
            ("", _("Nothing came back: the price fell before it was paid")),
            *((code, code) for code in accounts),
        ]
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean_amount(self) -> int:
        return read_amount(self.cleaned_data["amount"], self.order.currency)


class ExchangeForm(forms.Form):
    """What the bank's lines of the exchange say."""

    paid = forms.CharField(
        label=_("Taken from the fund’s account"),
        max_length=40,
        error_messages={"required": _("Enter what the bank took.")},
    )
    fee = forms.CharField(label=_("The bank’s charge beside it, if any"), required=False,
                          max_length=40)  # fmt: skip
    bank_code = forms.ChoiceField(label=_("Paid from"))

    def __init__(self, *args: Any, order: Order, **more: Any) -> None:
        super().__init__(*args, **more)
        self.currency = order.source_fund.currency if order.source_fund else order.currency
        accounts = queries.paying_accounts(order.partnership, self.currency)
        self.fields["bank_code"].choices = [(code, code) for code in accounts]  # type: ignore[attr-defined]
        for name in ("paid", "fee"):
            self.fields[name].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean_paid(self) -> int:
        return read_amount(self.cleaned_data["paid"], self.currency)

    def clean_fee(self) -> int:
        typed = self.cleaned_data["fee"]
        if not typed.strip(" 0.,"):
            return 0
        return read_amount(typed, self.currency)


class InvoiceForm(forms.Form):
    """An invoice as it came."""

    number = LineField(
        label=_("Number of the invoice"),
        max_length=80,
        error_messages={"required": _("Enter the number of the invoice.")},
    )
    amount = forms.CharField(
        label=_("What it asks for"),
        max_length=40,
        error_messages={"required": _("Enter what the invoice asks for.")},
    )
    invoice_date = DayField(
        label=_("Date of the invoice"),
        error_messages={"required": _("Enter the date of the invoice.")},
    )
    total = forms.CharField(
        label=_("What the whole invoice asks, if it is for other orders too"),
        help_text=_("Then enter above the part for this order. Record the rest at the others."),
        required=False,
        max_length=40,
    )
    difference = LineField(
        label=_("Why it differs from the order"),
        help_text=_("Needed if it does not ask for exactly what is not yet invoiced. As in: "
                    "deposit of 30 percent, as the contract says."),
        required=False,
        max_length=500,
    )  # fmt: skip

    def __init__(self, *args: Any, order: Order, **more: Any) -> None:
        super().__init__(*args, **more)
        self.order = order
        for name in ("amount", "total"):
            self.fields[name].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean_number(self) -> str:
        number = str(self.cleaned_data["number"])
        if not any(sign.isalnum() for sign in number):
            raise ValidationError(_("Enter the number of the invoice."))
        return number

    def clean_amount(self) -> int:
        return read_amount(self.cleaned_data["amount"], self.order.currency)

    def clean_total(self) -> int | None:
        typed = self.cleaned_data["total"]
        if not typed.strip():
            return None
        total_minor = read_amount(typed, self.order.currency)
        if total_minor <= self.cleaned_data.get("amount", 0):
            raise ValidationError(
                _("The whole invoice asks for more than its part. Leave this empty if it is for "
                  "this order alone.")
            )  # fmt: skip
        return total_minor

    def clean_invoice_date(self) -> date:
        day: date = self.cleaned_data["invoice_date"]
        if day > clock.now().date():
            raise ValidationError(_("This day is still to come. Look at the invoice again."))
        return day


class PaymentForm(forms.Form):
    """Money that left for the supplier."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    amount = forms.CharField(
        label=_("Amount paid"),
        max_length=40,
        error_messages={"required": _("Enter the amount that was paid.")},
    )
    payee = PayeeChoice(
        label=_("Paid to"), queryset=PayeeAccount.objects.none(), required=False, empty_label=None
    )
    invoice = forms.ChoiceField(label=_("For the invoice"))
    bank_code = forms.ChoiceField(label=_("Paid from"))

    def __init__(self, *args: Any, order: Order, **more: Any) -> None:
        super().__init__(*args, **more)
        self.order = order
        usable = usable_payees(order.partnership, order.quote.supplier, clock.now())
        payees = PayeeAccount.objects.filter(pk__in=[payee.pk for payee in usable])
        self.fields["payee"].queryset = payees.order_by("-number")  # type: ignore[attr-defined]
        self.fields["payee"].initial = order.payee_id
        self.fields["invoice"].choices = [  # type: ignore[attr-defined]
            (one.number, f"{one.number}: {format_money(left, order.currency, language())}")
            for one in order.invoices.filter(voided_at=None).order_by("invoice_date", "pk")
            if (left := left_minor(one)) > 0
        ]
        accounts = queries.paying_accounts(order.partnership, order.currency)
        self.fields["bank_code"].choices = [(code, code) for code in accounts]  # type: ignore[attr-defined]

    def clean_amount(self) -> int:
        return read_amount(self.cleaned_data["amount"], self.order.currency)


class SerialForm(forms.Form):
    """The number on a thing's plate."""

    serial = forms.CharField(
        label=_("Serial number or VIN"),
        max_length=80,
        error_messages={"required": SERIAL["empty"]},
    )

    def __init__(self, *args: Any, is_vehicle: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self.is_vehicle = is_vehicle
        typing = {"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}
        self.fields["serial"].widget.attrs |= typing

    def clean_serial(self) -> Plate:
        try:
            return read_plate(self.cleaned_data["serial"], is_vehicle=self.is_vehicle)
        except BadSerial as problem:
            raise ValidationError(SERIAL[problem.code]) from problem


class FormKey(forms.Form):
    """Only the mark of a form that was made before."""

    form_key = forms.UUIDField()


class PublicDateForm(forms.Form):
    """From when a delivery is public; the receiving side decides."""

    public_from = DayField(label=_("Public from"))

    def __init__(self, *args: Any, act: HandoverAct, **more: Any) -> None:
        more.setdefault("initial", {"public_from": act.public_from_date})
        super().__init__(*args, **more)
