"""Forms of what happens to needs, and of campaigns. Prices are read by the page's language."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from twinhood.documents.file_fields import OneFileField
from twinhood.kit.fields import LocalText
from twinhood.kit.inputs import DayField, LineField, TextField, language
from twinhood.kit.money import format_number
from twinhood.needs import changing, quoting, words
from twinhood.needs.actions import Seen
from twinhood.needs.changing import Asked
from twinhood.needs.core import freshness
from twinhood.needs.core.checks import Check, Refusal
from twinhood.needs.evidence import Said
from twinhood.needs.inputs import currency_field, read_price, read_quote
from twinhood.needs.models import Evidence, Need
from twinhood.needs.queries import called
from twinhood.people.models import Organisation, Person


class VerificationForm(forms.Form):
    """What somebody did and saw with their own eyes; no name of a third person belongs here."""

    seen_revision = forms.IntegerField(widget=forms.HiddenInput)
    register = LineField(
        label=_("Where did the number that you called stand?"),
        help_text=_("An official register, never the letter itself. As in: the ministry’s list."),
        max_length=200,
        required=False,
    )
    what_was_seen = TextField(
        label=_("What did you see or ask?"),
        help_text=_("As in: visited the hospital, saw the burnt vehicles, read the letter."),
        max_length=1000,
        error_messages={"required": _("Say what you saw; a check without it is worth nothing.")},
    )
    until_date = DayField(
        label=_("It holds until"),
        required=False,
        help_text=_("Then somebody says again that it is needed. Empty: 60 days."),
    )

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = today
        for check, label in words.CHECK.items():
            self.fields[f"did_{check}"] = forms.BooleanField(label=label, required=False)

    @property
    def boxes(self) -> list[forms.BoundField]:
        """One box to tick for each thing that can be checked."""
        return [self[f"did_{check}"] for check in Check]

    def checked(self) -> list[Check]:
        return [check for check in Check if self.cleaned_data.get(f"did_{check}")]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.checked():
            self.add_error(f"did_{Check.CALLED}", words.VERIFY_REFUSED[Refusal.NOTHING_CHECKED])
        if Check.CALLED in self.checked() and not cleaned.get("register"):
            self.add_error("register", words.VERIFY_REFUSED[Refusal.NO_REGISTER])
        _expect_day_to_hold(self, cleaned)
        return cleaned

    def seen(self) -> Seen:
        given = self.cleaned_data
        return Seen(
            checked=self.checked(),
            what_was_seen=given["what_was_seen"],
            register=given["register"],
            until_date=given["until_date"],
        )


def _expect_day_to_hold(form: "VerificationForm | ConfirmationForm", cleaned: Any) -> None:
    until = cleaned.get("until_date")
    if until and not freshness.is_day_to_hold_until(until, form.today):
        form.add_error("until_date", words.BAD_DAY % {"days": freshness.CONFIRM_DAYS_MAX})


class ConfirmationForm(forms.Form):
    """That a verified need is still true."""

    until_date = DayField(
        label=_("It is needed, and we say so again by"),
        required=False,
        help_text=_("Empty: in 60 days."),
    )
    note = LineField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = today

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        _expect_day_to_hold(self, cleaned)
        return cleaned


class ChangeForm(forms.Form):
    """What a verified need asks for from now on, and why."""

    quantity = forms.IntegerField(label=_("How many"), min_value=1, max_value=100_000)
    covered = forms.IntegerField(
        label=_("Of these, brought by others"),
        min_value=0,
        max_value=100_000,
        help_text=_("By other donors or by the state; the reason says by whom."),
    )
    unit_price = forms.CharField(
        label=_("Price of one"), max_length=40, error_messages={"required": words.AMOUNT["empty"]}
    )
    reason = TextField(
        label=_("Reason"),
        help_text=_("Public, with today’s date. Write no name and no street."),
        max_length=500,
        error_messages={"required": words.REASON_MISSING},
    )

    def __init__(self, *args: Any, need: Need, **more: Any) -> None:
        self.need = need
        price = format_number(need.unit_price_minor, need.currency, language())
        more.setdefault(
            "initial",
            {"quantity": need.quantity, "covered": need.covered, "unit_price": price},
        )
        super().__init__(*args, **more)

    def clean_unit_price(self) -> int:
        return read_price(self.cleaned_data["unit_price"], self.need.currency)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        quantity, covered = cleaned.get("quantity"), cleaned.get("covered")
        if quantity is not None and covered is not None and covered >= quantity:
            self.add_error("covered", words.ALL_COVERED)
        elif quantity is not None and covered is not None:
            ordered = changing.fewest(self.need)
            if quantity - covered < ordered:
                self.add_error("quantity", words.FEWER_THAN_ORDERED % {"ordered": ordered})
        return cleaned

    def asked(self) -> Asked:
        given = self.cleaned_data
        return Asked(given["quantity"], given["covered"], given["unit_price"])


class EvidenceForm(forms.Form):
    """What each piece of evidence is, and whether the world may see it once it sees the need."""

    def __init__(self, *args: Any, pieces: Sequence[Evidence], may_drop: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self.pieces = pieces
        for one in pieces:
            caption = (one.caption or LocalText()).get(language(), "") or str(one.caption or "")
            self.fields[f"kind_{one.pk}"] = forms.ChoiceField(
                label=_("What it is"), choices=list(words.EVIDENCE.items()), initial=one.kind
            )
            self.fields[f"caption_{one.pk}"] = LineField(
                label=_("What it shows, in words"),
                max_length=200,
                required=False,
                initial=caption,
            )
            self.fields[f"public_{one.pk}"] = forms.BooleanField(
                label=_("Public, once the need is"), required=False, initial=one.is_public
            )
            if may_drop:
                self.fields[f"drop_{one.pk}"] = forms.BooleanField(
                    label=_("Take it off this need"), required=False
                )

    def rows(self) -> list[tuple[Evidence, list[forms.BoundField]]]:
        """Each piece with its fields."""
        names = ("kind", "caption", "public", "drop")
        return [
            (one, [self[f"{n}_{one.pk}"] for n in names if f"{n}_{one.pk}" in self.fields])
            for one in self.pieces
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for one in self.pieces:
            if cleaned.get(f"public_{one.pk}") and not cleaned.get(f"caption_{one.pk}"):
                self.add_error(f"caption_{one.pk}", words.PUBLIC_WANTS_WORDS)
        return cleaned

    def said(self) -> dict[int, Said]:
        return {one.pk: self._said(one) for one in self.pieces}

    def _said(self, one: Evidence) -> Said:
        given = self.cleaned_data
        typed = given[f"caption_{one.pk}"]
        caption = LocalText({**(one.caption or {}), language(): typed}) if typed else None
        return Said(
            kind=Evidence.Kind(given[f"kind_{one.pk}"]),
            caption=caption,
            is_public=given[f"public_{one.pk}"],
            is_dropped=given.get(f"drop_{one.pk}", False),
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
    file = OneFileField(label=_("The paper itself"), required=False)

    def __init__(self, *args: Any, need: Need, today: date, by: Person, **more: Any) -> None:
        more.setdefault("initial", {"currency": need.currency, "quoted_date": today})
        super().__init__(*args, **more)
        self.today = today
        self.fields["supplier"].queryset = quoting.suppliers(need.partnership)  # type: ignore[attr-defined]
        self.fields["file"].of(need.partnership, by)  # type: ignore[attr-defined]
        more_fields = {name: field for r in quoting.rooms for name, field in r.fields().items()}
        self.fields |= more_fields
        self.order_fields(["supplier", "new_supplier", "unit_price", "currency", *more_fields])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        known = self.fields["supplier"].queryset  # type: ignore[attr-defined]
        if not cleaned.get("supplier") and (named := cleaned.get("new_supplier")):
            cleaned["supplier"] = called(known, named)
        elif not cleaned.get("supplier"):
            self.add_error("new_supplier", _("Choose a supplier or write its name."))
        read_quote(self, self.today)
        for room in quoting.rooms:
            room.check(self)
        return cleaned
