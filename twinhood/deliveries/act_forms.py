"""Forms of hand-over acts: what a phone brings, and each signature by hand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from twinhood.deliveries import given, words
from twinhood.deliveries.core import act as rules
from twinhood.deliveries.core.act import BadDrawing, Role
from twinhood.deliveries.given import Offered
from twinhood.deliveries.handing_over import Basis, ByHand, Handed, Rate, Signing
from twinhood.deliveries.models import ActSigner, HandoverAct, HandoverLine, Unit
from twinhood.deliveries.things import is_vehicle_thing, thing_words
from twinhood.documents.core.unfit import unfit
from twinhood.documents.file_fields import FilesField, OneFileField
from twinhood.kit import clock
from twinhood.kit.core.serials import BadSerial, normal_serial
from twinhood.kit.fields import LocalText
from twinhood.kit.inputs import SERIAL, DayField, LineField, LocalForm, TextField, language
from twinhood.kit.money import digits_of
from twinhood.needs.queries import beneficiaries
from twinhood.people.models import Organisation, Partnership
from twinhood.people.queries import Workspace
from twinhood.twinnings.core.drafting import Side
from twinhood.twinnings.models import Term
from twinhood.twinnings.queries import terms_in_force

# Who signs: one of each side, three of the commission, and two more where there are more.
ROWS: tuple[tuple[str, Role], ...] = (
    ("giver", Role.GIVER),
    ("receiver", Role.RECEIVER),
    *((f"member_{number}", Role.COMMISSION) for number in range(1, 6)),
)
ROWS_ALWAYS = 5
# A rate is written for one unit; the pair that is kept says it for so many.
RATE_UNITS = 100
PHOTOS_MAX = 6
RATE_PLACES = 4
ONE = HandoverAct.Condition


def expect_fit(text: str) -> str:
    """Return a text that can stand on the act; else say which character cannot."""
    if found := unfit(text):
        raise ValidationError(
            gettext("“%(character)s” (%(name)s) cannot stand on the act. Write it otherwise.")
            % {"character": found.character, "name": found.name or found.code_point}
        )
    return text


class PaperLine(LineField):
    """One line that will stand on the act."""

    def clean(self, value: Any) -> str:
        return expect_fit(super().clean(value))


class PaperText(TextField):
    """Some lines that will stand on the act."""

    def clean(self, value: Any) -> str:
        return expect_fit(super().clean(value))


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of one who signs, as the template draws them."""

    key: str
    role: Role
    title: Any
    office: forms.BoundField
    name: forms.BoundField
    typed: forms.BoundField
    strokes: forms.BoundField


class SignersMixin(forms.Form):
    """Fields for those who sign: office, name, and the signature, drawn or typed."""

    def add_signer(self, key: str, *, required: bool = False) -> None:
        blank = {"required": _("Enter the office."), "max_length": _("Write this shorter.")}
        self.fields[f"{key}_office"] = PaperLine(
            label=_("Office"), max_length=120, required=required, error_messages=blank
        )
        self.fields[f"{key}_name"] = PaperLine(
            label=_("Name"),
            max_length=100,
            required=required,
            error_messages={"required": _("Enter the name.")},
        )
        self.add_signature(key)

    def add_signature(self, key: str) -> None:
        self.fields[f"{key}_typed"] = LineField(
            label=_("Or type the whole name as the signature"), max_length=100, required=False
        )
        self.fields[f"{key}_typed"].widget.attrs["autocomplete"] = "off"
        self.fields[f"{key}_strokes"] = forms.CharField(
            required=False,
            max_length=rules.STROKES_LENGTH_MAX,
            widget=forms.HiddenInput(attrs={"data-glass": ""}),
            error_messages={"max_length": _("This drawing is too long. Sign once more.")},
        )

    def row(self, key: str, role: Role) -> Row:
        fields = [self[f"{key}_{part}"] for part in ("office", "name", "typed", "strokes")]
        return Row(key, role, words.SIGNS_AS[role], *fields)

    def signature(self, key: str, name: str) -> ByHand | None:
        """What was drawn or typed in a row, None for neither; adds the row's error."""
        strokes = self.cleaned_data.get(f"{key}_strokes") or ""
        typed = self.cleaned_data.get(f"{key}_typed") or ""
        if strokes:
            try:
                return ByHand(ActSigner.Method.GLASS, rules.drawing(strokes))
            except BadDrawing as problem:
                self.add_error(f"{key}_typed", words.BAD_DRAWING[problem.code])
                return None
        if not typed:
            return None
        if not rules.is_the_name(typed, name):
            self.add_error(f"{key}_typed", _("Type the name exactly as it stands above."))
            return None
        return ByHand(ActSigner.Method.TYPED, typed)

    def signing(self, key: str, role: Role) -> Signing | None:
        """A whole row, None for one that is empty; adds errors for one that is half filled."""
        said = self.cleaned_data
        office, name = said.get(f"{key}_office") or "", said.get(f"{key}_name") or ""
        by_hand = self.signature(key, name)
        if not (office or name or by_hand or said.get(f"{key}_typed")):
            return None
        if not office and f"{key}_office" not in self.errors:
            self.add_error(f"{key}_office", _("Enter the office."))
        if not name and f"{key}_name" not in self.errors:
            self.add_error(f"{key}_name", _("Enter the name."))
        return Signing(role, LocalText({language(): office}), name, by_hand)


class TermChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Offices that may sign today, with who holds them."""

    def label_from_instance(self, obj: Term) -> str:
        return f"{obj.office}: {obj.holder}"


class HandOverForm(SignersMixin, LocalForm):
    """A hand-over act on a phone: the things, their numbers and state, who signs, send."""

    local_fields = {
        "with_papers": (
            _("Handed over with them"),
            _("Keys, registration, instructions, guarantee: a line for each."),
            False,
            PaperText,
            1000,
        ),
    }
    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    handed_over_date = DayField(
        label=_("Day of the hand-over"), error_messages={"required": _("Enter the day.")}
    )
    giver = forms.ModelChoiceField(
        label=_("Handed over by"), queryset=Organisation.objects.none(), empty_label=_("Choose")
    )
    receiver = forms.ModelChoiceField(
        label=_("Received by"), queryset=Organisation.objects.none(), empty_label=_("Choose")
    )
    legal_form = forms.ChoiceField(
        label=_("What kind of body is the receiver?"),
        help_text=_("A vehicle goes to a body of the public hand only."),
        choices=[("", _("Choose")), *words.LEGAL_FORM.items()],
        required=False,
    )
    offer = PaperLine(
        label=_("Letter of the giver"),
        help_text=_("Number and day, as in: 17 of 3 March 2026"),
        max_length=120,
        required=False,
    )
    declaration_code = PaperLine(
        label=_("Code of the humanitarian declaration"), max_length=40, required=False
    )
    rate_date = DayField(label=_("Rates of the day"), required=False)
    rate_source = PaperLine(label=_("Source of the rates"), max_length=120, required=False)
    giver_term = TermChoice(
        label=_("Office that signs for the giver"),
        queryset=Term.objects.none(),
        required=False,
        empty_label=_("None"),
    )
    receiver_term = TermChoice(
        label=_("Office that signs for the receiver"),
        queryset=Term.objects.none(),
        required=False,
        empty_label=_("None"),
    )

    def __init__(
        self, *args: Any, work: Workspace, things: Iterable[Unit | Offered], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        partnership = work.partnership
        self.work = work
        self.things = {_field_of(thing): thing for thing in things}
        for name, thing in self.things.items():
            self._add_thing(name, thing)
        self.currencies = sorted(set(map(_currency_of, self.things.values())) - {"UAH"})
        for currency in self.currencies:
            self.fields[f"rate_{currency}"] = forms.DecimalField(
                label=_("Hryvnias for 1 %(currency)s") % {"currency": currency},
                help_text=_("As in 41.2345"),
                required=False,
                min_value=Decimal("0.0001"),
                max_value=Decimal(1_000_000),
                decimal_places=RATE_PLACES,
                localize=True,
            )
        for key, _role in ROWS:
            self.add_signer(key)
        self._add_choices(partnership)
        self.add_local_fields({})
        here = partnership.receiving_place.time_zone
        self.fields["handed_over_date"].initial = clock.today_in(here)
        self.fields["rate_source"].initial = gettext("National Bank of Ukraine")

    def _add_thing(self, name: str, thing: Unit | Offered) -> None:
        label = thing_words(thing)
        typing = {"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}
        is_vehicle = is_vehicle_thing(thing)
        self.fields[name] = forms.BooleanField(label=label[:1].upper() + label[1:], required=False)
        self.fields[f"{name}_serial"] = forms.CharField(
            label=_("VIN") if is_vehicle else _("Serial number"),
            max_length=80,
            required=False,
            initial=thing.serial,
        )
        if isinstance(thing, Offered) and (thing.serial or thing.quantity > 1):
            # Known from the gift, where one that is wrong was entered wrongly; several have none.
            self.fields[f"{name}_serial"].disabled = True
        self.fields[f"{name}_serial"].widget.attrs |= typing | {"data-scan": ""}
        self.fields[f"{name}_year"] = forms.IntegerField(
            label=_("Year of make"),
            required=False,
            min_value=1900,
            max_value=clock.now().year + 1,
        )
        self.fields[f"{name}_condition"] = forms.ChoiceField(
            label=_("Condition"), choices=list(words.CONDITION.items()), required=False,
            initial=ONE.GOOD,
        )  # fmt: skip
        self.fields[f"{name}_note"] = PaperLine(
            label=_("What is damaged or missing"), max_length=300, required=False
        )
        photos = FilesField(label=_("Photos"), required=False, count_max=PHOTOS_MAX)
        photos.of(self.work.partnership, self.work.person)
        self.fields[f"{name}_photos"] = photos

    def _add_choices(self, partnership: Partnership) -> None:
        givers = Organisation.objects.filter(pk__in=_giving_side(partnership)).order_by("id")
        today = clock.now().date()
        choices: dict[str, QuerySet[Any]] = {
            "giver": givers,
            "receiver": beneficiaries(partnership),
            "giver_term": terms_in_force(partnership, Side.GIVING, today),
            "receiver_term": terms_in_force(partnership, Side.RECEIVING, today),
        }
        for name, found in choices.items():
            self.fields[name].queryset = found  # type: ignore[attr-defined]
        for name in ("giver_term", "receiver_term"):
            if not choices[name].exists():
                del self.fields[name]
        if not choices["receiver"].filter(legal_form="").exists():
            del self.fields["legal_form"]

    # --- as the template draws it

    @property
    def thing_fields(self) -> list[dict[str, forms.BoundField]]:
        parts = ("serial", "year", "condition", "note", "photos")
        return [
            {"tick": self[name], **{part: self[f"{name}_{part}"] for part in parts}}
            for name in self.things
        ]

    @property
    def rows(self) -> list[Row]:
        return [self.row(key, role) for key, role in ROWS[:ROWS_ALWAYS]]

    @property
    def more_rows(self) -> list[Row]:
        return [self.row(key, role) for key, role in ROWS[ROWS_ALWAYS:]]

    @property
    def rate_fields(self) -> list[forms.BoundField]:
        return [self[f"rate_{currency}"] for currency in self.currencies]

    @property
    def term_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("giver_term", "receiver_term") if name in self.fields]

    # --- what was sent

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.handed = list(self._handed(cleaned))
        if not self.handed:
            raise ValidationError(_("Tick what was handed over."))
        self.signings = [one for key, role in ROWS if (one := self.signing(key, role)) is not None]
        if self.currencies_with_rate and not cleaned.get("rate_date"):
            cleaned["rate_date"] = cleaned.get("handed_over_date")
        return cleaned

    def _handed(self, cleaned: dict[str, Any]) -> Iterator[Handed]:
        for name, thing in self.things.items():
            if not cleaned.get(name):
                continue
            condition = ONE(cleaned.get(f"{name}_condition") or ONE.GOOD)
            note = cleaned.get(f"{name}_note") or ""
            if condition != ONE.GOOD and not note and f"{name}_note" not in self.errors:
                self.add_error(f"{name}_note", _("Say what is damaged or missing."))
            yield Handed(
                thing, condition, note, self._serial(name, thing), cleaned.get(f"{name}_year"),
                cleaned.get(f"{name}_photos") or (),
            )  # fmt: skip

    def _serial(self, name: str, thing: Unit | Offered) -> str:
        if self.fields[f"{name}_serial"].disabled:
            return ""
        typed = self.cleaned_data.get(f"{name}_serial") or ""
        if not typed.strip():
            return ""
        try:
            return normal_serial(typed, is_vehicle=is_vehicle_thing(thing))
        except BadSerial as problem:
            self.add_error(f"{name}_serial", SERIAL[problem.code])
            return ""

    @property
    def currencies_with_rate(self) -> list[str]:
        return [code for code in self.currencies if self.cleaned_data.get(f"rate_{code}")]

    def basis(self) -> Basis:
        """What the act rests on, once the form is valid."""
        said = self.cleaned_data
        day: date = said.get("rate_date") or said["handed_over_date"]
        source = said.get("rate_source") or gettext("National Bank of Ukraine")
        terms: dict[int, Term] = {}
        for side in ("giver", "receiver"):
            if said.get(f"{side}_term"):
                terms[said[side].pk] = said[f"{side}_term"]
        return Basis(
            offer=said["offer"],
            declaration_code=said["declaration_code"],
            with_papers=said["with_papers"],
            rates=[
                _rate(code, said[f"rate_{code}"], day, source) for code in self.currencies_with_rate
            ],
            terms=terms,
        )


class CorrectionForm(HandOverForm):
    """An act that corrects another: of the same things, filled with what that one says.

    Who signed it stands there with office and name; everybody signs anew.
    """

    reason = LineField(
        label=_("What is wrong in the act?"),
        max_length=300,
        help_text=_("It stands in the new act; the old one is kept as it is."),
        error_messages={"required": _("Say what is wrong in the act.")},
    )

    def __init__(self, *args: Any, work: Workspace, act: HandoverAct, **more: Any) -> None:
        self.act = act
        self.lines = {
            _field_of(thing): line for line in act_lines(act) if (thing := _thing_of(line))
        }
        things = [thing for line in self.lines.values() if (thing := _thing_of(line))]
        super().__init__(*args, work=work, things=things, initial=self._said(), **more)
        for name, line in self.lines.items():
            self.fields[name].disabled = True
            self.fields[f"{name}_serial"].disabled = line.unit is None
        for code, text in (act.with_papers or {}).items():
            if f"with_papers_{code}" in self.fields:
                self.fields[f"with_papers_{code}"].initial = text

    def _said(self) -> dict[str, Any]:
        act = self.act
        said: dict[str, Any] = {}
        for name, line in self.lines.items():
            said |= {
                name: True, f"{name}_serial": line.serial, f"{name}_year": line.model_year,
                f"{name}_condition": line.condition, f"{name}_note": line.note,
            }  # fmt: skip
        left = list(act.signers.order_by("position"))
        for key, role in ROWS:
            found = next((one for one in left if one.role == role), None)
            if found is not None:
                left.remove(found)
                said[f"{key}_office"] = found.office.in_language(language())[0]
                said[f"{key}_name"] = found.name
        for rate in act.rates.all():
            whole = Decimal(rate.foreign_minor) / 10 ** digits_of(rate.currency)
            said[f"rate_{rate.currency}"] = round(
                Decimal(rate.uah_minor) / 100 / whole, RATE_PLACES
            )
            said |= {"rate_date": rate.rate_date, "rate_source": rate.source}
        sides = {act.giver_id: "giver_term", act.receiver_id: "receiver_term"}
        for seat in act.seats.all():
            said[sides.get(seat.organisation_id, "")] = seat.term_id
        return said | {
            "handed_over_date": act.handed_over_date, "giver": act.giver_id,
            "receiver": act.receiver_id, "offer": act.offer,
            "declaration_code": act.declaration_code,
        }  # fmt: skip

    def signing(self, key: str, role: Role) -> Signing | None:
        """A row; an office that was not changed keeps its words in the other languages."""
        one = super().signing(key, role)
        if one is None:
            return None
        for known in self.act.signers.all():
            if known.office.in_language(language())[0] == one.office.get(language()):
                return replace(one, office=known.office)
        return one

    def basis(self) -> Basis:
        return replace(super().basis(), replaces=self.act, reason=self.cleaned_data["reason"])


def act_lines(act: HandoverAct) -> Iterable[HandoverLine]:
    """The lines of an act in the order in which its page has them, with their things."""
    lines = act.lines.select_related("unit__order__need", "given")
    return lines.order_by("unit__number", "pk")


def _thing_of(line: HandoverLine) -> Unit | Offered | None:
    return line.unit or (given.offered(line.given) if line.given else None)


def _field_of(thing: Unit | Offered) -> str:
    return f"unit_{thing.code}" if isinstance(thing, Unit) else f"given_{thing.code}"


def _currency_of(thing: Unit | Offered) -> str:
    return thing.order.currency if isinstance(thing, Unit) else thing.currency


def _rate(currency: str, hryvnias: Decimal, day: date, source: str) -> Rate:
    """ "41.2345 for 1 USD" as a pair of amounts: 4,123.45 UAH for 100.00 USD."""
    foreign_minor = RATE_UNITS * 10 ** digits_of(currency)
    uah_minor = int(hryvnias * RATE_UNITS * 100)
    return Rate(currency, foreign_minor, uah_minor, day, source)


def _giving_side(partnership: Partnership) -> set[int]:
    """Who may hand over: whoever receives the gifts, and those at work for the giving city."""
    at_work = Organisation.objects.filter(
        roles__partnership=partnership, place=partnership.giving_place_id
    )
    return {partnership.recipient_id, *at_work.values_list("pk", flat=True)}


class SignForm(SignersMixin):
    """One who stands on the act signs it."""

    def __init__(self, *args: Any, signer: ActSigner, **more: Any) -> None:
        super().__init__(*args, **more)
        self.signer = signer
        self.add_signature("one")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.given = self.signature("one", self.signer.name)
        if self.given is None and not self.errors:
            self.add_error("one_typed", _("Sign on the glass, or type the name."))
        return cleaned

    @property
    def typed(self) -> forms.BoundField:
        return self["one_typed"]

    @property
    def strokes(self) -> forms.BoundField:
        return self["one_strokes"]


class SignerForm(SignersMixin):
    """One more who signs an act."""

    one: Signing

    role = forms.ChoiceField(label=_("Signs as"), choices=list(words.SIGNS_AS.items()))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.add_signer("one", required=True)
        del self.fields["one_typed"], self.fields["one_strokes"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and (one := self.signing("one", Role(cleaned["role"]))):
            self.one = one
        return cleaned


class WithdrawalForm(forms.Form):
    """Why an act that not all have signed is taken back."""

    reason = LineField(
        label=_("Why is it withdrawn?"),
        max_length=300,
        error_messages={"required": _("Say why it is withdrawn.")},
    )


class ScanForm(forms.Form):
    """The act as it was printed and signed by hand."""

    file = OneFileField(label=_("The scan (JPEG, PNG or PDF)"))

    def __init__(self, *args: Any, work: Workspace, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["file"].of(work.partnership, work.person)  # type: ignore[attr-defined]
