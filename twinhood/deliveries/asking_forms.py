"""Forms of requests for quotes, of what came, and of rates to compare it at."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from twinhood.deliveries import asking, words
from twinhood.deliveries.asking import Ask, Stated
from twinhood.deliveries.core.ceiling import BadRate, Rate, rate_of
from twinhood.deliveries.core.comparing import Vat
from twinhood.documents.file_fields import OneFileField
from twinhood.kit.inputs import LANGUAGES, DayField, LineField, TextField, language
from twinhood.needs import quoting
from twinhood.needs.inputs import currency_field, read_quote
from twinhood.needs.models import Need, Quote
from twinhood.needs.queries import called
from twinhood.people.models import Organisation, Partnership, Person

SUPPLIERS_MAX = 8
SUPPLIERS_SHOWN = 3
# Later than this is a slip of the finger.
ANSWER_DAYS_MAX = 365


class RequestForm(forms.Form):
    """What is asked, and by when."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    quantity = forms.IntegerField(
        label=_("How many"),
        min_value=1,
        max_value=100_000,
        error_messages={"required": _("Enter how many."), "invalid": _("Enter a whole number.")},
    )
    by_date = DayField(
        label=_("Answers by"), error_messages={"required": _("Enter the last day for answers.")}
    )
    more = TextField(
        label=_("What suppliers must know beside it"),
        help_text=_("What the need says that is public is in the letter already. Who receives the "
                    "things, and where exactly, is not."),
        required=False,
        max_length=3000,
    )  # fmt: skip

    def __init__(self, *args: Any, need: Need, today: date, **more: Any) -> None:
        more.setdefault("initial", {"form_key": uuid4(), "quantity": need.wanted})
        super().__init__(*args, **more)
        self.today = today

    def clean_by_date(self) -> date:
        day: date = self.cleaned_data["by_date"]
        if not self.today <= day <= self.today + timedelta(days=ANSWER_DAYS_MAX):
            raise ValidationError(_("Answers come today or later, within a year."))
        return day


class SupplierForm(forms.Form):
    """One supplier to ask; left empty it is nobody."""

    supplier = forms.ModelChoiceField(
        label=_("Supplier"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("Another one, named below"),
    )
    name = LineField(label=_("Name of another supplier"), max_length=120, required=False)
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("Without one you send the letter yourself."),
        required=False,
        error_messages={"invalid": _("Write the address as in name@example.org.")},
    )
    language = forms.ChoiceField(label=_("Letter"), choices=LANGUAGES)

    def __init__(self, *args: Any, partnership: Partnership, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["supplier"].queryset = quoting.suppliers(partnership)  # type: ignore[attr-defined]
        self.fields["language"].initial = language()

    @property
    def is_named(self) -> bool:
        return bool(self.cleaned_data.get("supplier") or self.cleaned_data.get("name"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("email") and not self.is_named:
            self.add_error("name", _("Choose a supplier or write its name."))
        if cleaned.get("supplier") and cleaned.get("name"):
            self.add_error("name", _("Choose a supplier or write another one’s name, not both."))
        return cleaned

    def ask(self) -> Ask:
        given = self.cleaned_data
        return Ask(given["supplier"], given["name"], given["email"], given["language"])


class Asking:
    """The form of a request with its suppliers; `post` is what was sent, or None."""

    def __init__(self, post: Any, need: Need, today: date) -> None:
        self.partnership = need.partnership
        self.request = RequestForm(post, need=need, today=today)
        self.suppliers = [
            SupplierForm(post, prefix=f"s{number}", partnership=need.partnership)
            for number in range(1, SUPPLIERS_MAX + 1)
        ]

    @property
    def parts(self) -> list[forms.Form]:
        return [self.request, *self.suppliers]

    @property
    def problem(self) -> forms.Form | None:
        """The first part that must be mended."""
        return next((form for form in self.parts if form.errors), None)

    @property
    def first(self) -> list[SupplierForm]:
        return self.suppliers[:SUPPLIERS_SHOWN]

    @property
    def others(self) -> list[SupplierForm]:
        return self.suppliers[SUPPLIERS_SHOWN:]

    @property
    def is_long(self) -> bool:
        """Whether something stands in the suppliers that are folded away."""
        return any(form.is_bound and form.has_changed() for form in self.others)

    def is_valid(self) -> bool:
        if not all([form.is_valid() for form in self.parts]):  # noqa: C419 (each says its errors)
            return False
        self._expect_each_once()
        return all(not form.errors for form in self.parts)

    def _expect_each_once(self) -> None:
        """Take a name that is known for the known supplier; refuse one supplier named twice."""
        known = list(quoting.suppliers(self.partnership))
        seen: set[object] = set()
        for form in self.suppliers:
            if not form.is_named:
                continue
            given = form.cleaned_data
            if given["supplier"] is None and (found := called(known, given["name"])):
                given["supplier"], given["name"] = found, ""
            who = given["supplier"] or given["name"].casefold()
            if who in seen:
                form.add_error("name", _("This supplier is named twice."))
            seen.add(who)
        if not seen:
            self.suppliers[0].add_error("name", _("Choose a supplier or write its name."))

    def asks(self) -> list[Ask]:
        return [form.ask() for form in self.suppliers if form.is_named]


def _number_of(label: Any, value_max: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=value_max,
        error_messages={"invalid": _("Enter a whole number.")},
    )


class TermsForm(forms.Form):
    """What a quote says beside its price; empty where it says nothing."""

    delivery_days = _number_of(_("Delivery, in days"), 3_650)
    warranty_months = _number_of(_("Warranty, in months"), 600)
    vat = forms.ChoiceField(
        label=_("Value added tax"),
        choices=[("", _("The quote does not say")), *words.VAT.items()],
        required=False,
    )
    vat_percent = forms.CharField(label=_("Tax on top, in percent"), max_length=6, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["vat_percent"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        super().clean()
        read_terms(self)
        return self.cleaned_data

    def terms(self) -> Stated:
        return stated(self.cleaned_data)


def read_terms(form: forms.Form) -> None:
    """Read the tax on top of a form with the fields of `TermsForm` into `vat_permille`."""
    cleaned = form.cleaned_data
    typed = str(cleaned.get("vat_percent") or "").strip()
    cleaned["vat_permille"] = 0
    if cleaned.get("vat") == Vat.ON_TOP:
        cleaned["vat_permille"] = _permille(typed)
        if not cleaned["vat_permille"]:
            form.add_error("vat_percent", words.BAD_PERCENT)
    elif typed and "vat" in cleaned:
        form.add_error("vat_percent", words.PERCENT_NOT_ON_TOP)


def stated(given: Mapping[str, Any]) -> Stated:
    vat = Vat(given["vat"]) if given["vat"] else None
    return Stated(given["delivery_days"], given["warranty_months"], vat, given["vat_permille"])


def keep_terms(quote: Quote, given: Mapping[str, Any], by: Person, at: datetime) -> None:
    """Keep what a quote recorded on its need's page says; it may answer a request."""
    if (terms := stated(given)) != Stated():
        asking.say_terms(quote=quote, terms=terms, by=by, at=at)
    asking.note_answer(quote)


def _permille(typed: str) -> int:
    """Read "20" or "8.1" percent as thousandths, at most 500; 0 for anything else."""
    whole, _mark, tenth = typed.removesuffix("%").strip().replace(",", ".").partition(".")
    is_number = whole.isascii() and whole.isdigit() and len(whole) <= 2
    if not is_number or (tenth and not (tenth.isascii() and tenth.isdigit() and len(tenth) == 1)):
        return 0
    found = int(whole) * 10 + int(tenth or 0)
    return found if found <= 500 else 0


ON_NEED_PAGES = quoting.Room(
    suppliers=asking.asked_suppliers,
    fields=lambda: TermsForm().fields,
    check=read_terms,
    keep=keep_terms,
)


class AnswerForm(TermsForm):
    """The quote that an asked supplier gave."""

    unit_price = forms.CharField(
        label=_("Price of one"), max_length=40, error_messages={"required": words.PRICE_MISSING}
    )
    currency = currency_field()
    quoted_date = DayField(label=_("Date of the quote"))
    valid_until_date = DayField(label=_("Valid until"), required=False)
    note = LineField(label=_("Note"), max_length=300, required=False)
    file = OneFileField(label=_("The paper itself"), required=False)
    field_order = (
        "unit_price", "currency", "vat", "vat_percent", "delivery_days", "warranty_months",
        "quoted_date", "valid_until_date", "note", "file",
    )  # fmt: skip

    def __init__(self, *args: Any, need: Need, today: date, by: Person, **more: Any) -> None:
        more.setdefault("initial", {"currency": need.currency, "quoted_date": today})
        super().__init__(*args, **more)
        self.today = today
        self.fields["file"].of(need.partnership, by)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        read_quote(self, self.today)
        return cleaned


class RateForm(forms.Form):
    """What one of a quote's currency costs in the need's, who says so, of which day."""

    rate = forms.CharField(
        label=_("Rate"), max_length=20, error_messages={"required": words.BAD_TERMS["rate"]}
    )
    rate_said_by = LineField(
        label=_("Whose rate"), help_text=_("As in: European Central Bank"), max_length=200,
        error_messages={"required": words.BAD_TERMS["rate_source"]},
    )  # fmt: skip
    rate_date = DayField(
        label=_("Day of the rate"), error_messages={"required": words.BAD_TERMS["rate_date"]}
    )

    def __init__(self, *args: Any, currency: str, need: Need, today: date, **more: Any) -> None:
        more.setdefault("initial", {"rate_date": today})
        super().__init__(*args, **more)
        self.currency, self.need, self.today = currency, need, today
        example = "1,0850" if language() == "uk" else "1.0850"
        hint = _("What 1 %(currency)s costs in %(own)s, as in %(example)s")
        slots = {"currency": currency, "own": need.currency, "example": example}
        self.fields["rate"].help_text = str(hint) % slots
        self.fields["rate"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean_rate(self) -> str:
        typed = str(self.cleaned_data["rate"]).strip()
        try:
            rate_of(typed, self.currency, self.need.currency)
        except BadRate as problem:
            raise ValidationError(words.BAD_TERMS["rate"]) from problem
        return typed

    def clean_rate_date(self) -> date:
        day: date = self.cleaned_data["rate_date"]
        if day > self.today:
            raise ValidationError(words.BAD_TERMS["rate_date"])
        return day

    def stated(self) -> Rate:
        given = self.cleaned_data
        return rate_of(
            given["rate"], self.currency, self.need.currency, said_by=given["rate_said_by"],
            date=given["rate_date"].isoformat(),
        )  # fmt: skip
