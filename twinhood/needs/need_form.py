"""The form of a need, as a clerk fills it in on a phone, and that of the institution it is for."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from twinhood.documents.file_fields import FilesField
from twinhood.kit.fields import LocalText
from twinhood.kit.inputs import DayField, LineField, LocalForm, TextField, language
from twinhood.kit.money import format_number
from twinhood.needs import renaming, words
from twinhood.needs.actions import InstitutionText, NeedText
from twinhood.needs.core import catalogue
from twinhood.needs.inputs import currency_field, read_price
from twinhood.needs.models import Institution, Need
from twinhood.needs.queries import beneficiaries
from twinhood.people.core.registry import BadCode, why_no_edrpou
from twinhood.people.models import Organisation, Partnership, Person

ANSWER_LENGTH_MAX = 200


class NeedForm(LocalForm):
    """A need of one kind of the catalogue, which names it already, or a thing of its own.

    `similar` are needs that this may be once more: then the writer says what differs.
    """

    local_fields = {
        "title": (_("What is needed"), _("As in: Ambulances"), True, LineField, 120),
        "unit_title": (_("One of them is called"), _("As in: ambulance"), True, LineField, 60),
        "why": (_("Why"), _("What is missing today, and for whom."), True, TextField, 2000),
        "price_note": (
            _("What the price covers"),
            _("As in: type C, four-wheel drive, delivered"),
            False,
            LineField,
            200,
        ),
    }
    form_key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        required=False,
        widget=forms.HiddenInput,
        choices=[("", ""), *((code, code) for code in catalogue.kinds())],
    )
    category = forms.ChoiceField(
        label=_("Kind"), choices=list(words.CATEGORY.items()), required=False
    )
    may_need_licence = forms.BooleanField(
        label=_("It may need an export licence"),
        help_text=words.MAY_NEED_LICENCE,
        required=False,
    )
    quantity = forms.IntegerField(
        label=_("How many"),
        min_value=1,
        max_value=100_000,
        error_messages={
            "required": _("Enter how many."),
            "invalid": _("Enter a whole number."),
        },
    )
    unit_price = forms.CharField(
        label=_("Price of one"), max_length=40, error_messages={"required": words.AMOUNT["empty"]}
    )
    currency = currency_field()
    beneficiary = forms.ModelChoiceField(
        label=_("Who receives it"),
        queryset=Organisation.objects.none(),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose who receives it.")},
    )
    needed_by_date = DayField(
        label=_("Needed by"),
        required=False,
        help_text=_("Leave it empty if no day matters more than another."),
    )
    priority = forms.ChoiceField(
        label=_("How urgent"), choices=list(words.PRIORITY.items()), required=False
    )
    has_relation = forms.TypedChoiceField(
        label=_("Would anybody close to you, or to the head of who receives it, gain by this?"),
        help_text=_("A relative or a business partner who sells it, brings it, or would own it."),
        choices=(("no", _("No")), ("yes", _("Yes"))),
        coerce=lambda typed: typed == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Answer this with yes or no.")},
    )
    relation = LineField(
        label=_("If yes: who, and how"), max_length=500, required=False,
        help_text=_("Read by those who check and approve, and not public."),
    )  # fmt: skip
    papers = FilesField(
        label=_("Photos and papers"),
        required=False,
        count_max=10,
        help_text=_(
            "Letters, photos, acts of damage, quotes: photos or PDF, up to 32 MB each. They stay"
            " private; which of them others may see, you say afterwards, piece by piece."
        ),
    )
    why_not_the_same = LineField(
        label=_("What differs from the need that looks the same"), max_length=500, required=False
    )

    def __init__(
        self,
        *args: Any,
        partnership: Partnership,
        by: Person,
        today: date,
        need: Need | None = None,
        kind: str = "",
        for_organisation: int | None = None,
        **more: Any,
    ) -> None:
        self.today = today
        self.need = need
        more.setdefault("initial", _initial(need, kind, for_organisation))
        super().__init__(*args, **more)
        self.similar: list[Need] = []
        self.fields["beneficiary"].queryset = beneficiaries(partnership)  # type: ignore[attr-defined]
        self.fields["papers"].of(partnership, by)  # type: ignore[attr-defined]
        self.known = catalogue.kinds().get(self._kind_now())
        self.add_local_fields(self._texts(need))
        self._ask_questions(need)

    def _kind_now(self) -> str:
        """The kind that was sent with the form, or else the one that it began with."""
        sent = self.data.get(self.add_prefix("kind")) if self.is_bound else None
        return str(self.initial.get("kind", "") if sent is None else sent)

    def _texts(self, need: Need | None) -> dict[str, LocalText | None]:
        if need is not None:
            return {name: getattr(need, name) for name in self.local_fields}
        if self.known is None:
            return {}
        return {"title": LocalText(self.known.title), "unit_title": LocalText(self.known.one)}

    def _ask_questions(self, need: Need | None) -> None:
        answers: Mapping[str, str] = need.specification if need else {}
        for question in self.known.questions if self.known else ():
            self.fields[f"answer_{question.code}"] = LineField(
                label=str(LocalText(question.label)),
                help_text=str(LocalText(question.hint)),
                max_length=ANSWER_LENGTH_MAX,
                required=False,
                initial=answers.get(question.code, ""),
            )

    @property
    def answers(self) -> list[forms.BoundField]:
        """The fields of the catalogue's questions."""
        return [self[name] for name in self.fields if name.startswith("answer_")]

    @property
    def names(self) -> list[forms.BoundField]:
        """What it is called here; the catalogue has filled it in for a known kind."""
        return [field for field in self.here if field.name.startswith(("title_", "unit_title_"))]

    @property
    def reasons(self) -> list[forms.BoundField]:
        return [field for field in self.here if field.name.startswith("why_")]

    @property
    def notes(self) -> list[forms.BoundField]:
        return [field for field in self.here if field.name.startswith("price_note_")]

    def clean_kind(self) -> str:
        return str(self.cleaned_data["kind"] or "")

    def clean_needed_by_date(self) -> date | None:
        day: date | None = self.cleaned_data["needed_by_date"]
        known = self.need.needed_by_date if self.need else None
        if day and day < self.today and day != known:
            raise ValidationError(_("This day is over. Write one that is still to come."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "unit_price" in cleaned and "currency" in cleaned:
            try:
                cleaned["unit_price_minor"] = read_price(cleaned["unit_price"], cleaned["currency"])
            except ValidationError as problem:
                self.add_error("unit_price", problem)
        if cleaned.get("has_relation") and not cleaned.get("relation"):
            self.add_error("relation", _("Say who would gain by it, and how."))
        return cleaned

    def show_similar(self, similar: list[Need]) -> None:
        """Ask what differs from these, unless the writer has said it."""
        self.similar = similar
        if similar and not self.cleaned_data["why_not_the_same"]:
            sentence = _("This looks like need %(need)s. If it is another one, say what differs.")
            self.add_error("why_not_the_same", sentence % {"need": similar[0]})

    def text(self) -> NeedText:
        """What was written, once the form is valid."""
        given = self.cleaned_data
        category = self.known.category if self.known else given["category"] or Need.Category.OTHER
        return NeedText(
            category=Need.Category(category),
            title=given["title"],
            unit_title=given["unit_title"],
            why=given["why"],
            quantity=given["quantity"],
            unit_price_minor=given["unit_price_minor"],
            currency=given["currency"],
            beneficiary=given["beneficiary"],
            price_note=given["price_note"],
            kind=given["kind"],
            specification=self._specification(),
            may_need_licence=(
                self.known.may_need_licence if self.known else given["may_need_licence"]
            ),
            priority=Need.Priority(given["priority"] or Need.Priority.PLANNED),
            needed_by_date=given["needed_by_date"],
            has_relation=given["has_relation"],
            relation=given["relation"] if given["has_relation"] else "",
            why_not_the_same=given["why_not_the_same"],
        )

    def _specification(self) -> dict[str, str]:
        asked = self.known.questions if self.known else ()
        typed = {q.code: self.cleaned_data[f"answer_{q.code}"] for q in asked}
        return {code: answer for code, answer in typed.items() if answer}


def _initial(need: Need | None, kind: str, for_organisation: int | None) -> dict[str, Any]:
    if need is None:
        return {
            "form_key": uuid4(),
            "kind": kind,
            "category": Need.Category.OTHER,
            "currency": "USD",
            "quantity": 1,
            "priority": Need.Priority.PLANNED,
            "beneficiary": for_organisation,
        }
    asked = {True: "yes", False: "no", None: None}
    return {
        "form_key": need.form_key or uuid4(),
        "kind": need.kind,
        "category": need.category,
        "may_need_licence": need.may_need_licence,
        "quantity": need.quantity,
        "unit_price": format_number(need.unit_price_minor, need.currency, language()),
        "currency": need.currency,
        "beneficiary": need.beneficiary_id,
        "needed_by_date": need.needed_by_date,
        "priority": need.priority,
        "has_relation": asked[need.has_relation],
        "relation": need.relation,
        "why_not_the_same": need.why_not_the_same,
    }


class InstitutionForm(LocalForm):
    """Who receives: its name, its code in the register, and who heads it."""

    local_fields = {
        "name": (_("Name of the institution"), _("As in the register."), True, LineField, 200),
        "head_office": (
            _("Office of its head"), _("As in: director."), True, LineField, 120
        ),
    }  # fmt: skip
    registry_code = LineField(
        label=_("Code in the state register (ЄДРПОУ)"),
        max_length=40,
        help_text=_("Eight digits; the last one checks the others."),
        error_messages={"required": _("Write the code of the state register.")},
    )
    why_renamed = LineField(
        label=_("Why its name changes"),
        required=False,
        max_length=500,
        help_text=_(
            "Others have checked it by the name that it has. Another name holds once somebody of "
            "another organisation agrees; the one before stays readable."
        ),
    )
    head_name = LineField(
        label=_("Name of its head"),
        max_length=120,
        help_text=_("Read by those at work here, and never public."),
        error_messages={"required": _("Write who heads it; the name stays private.")},
    )

    def __init__(
        self, *args: Any, partnership: Partnership, institution: Institution | None = None,
        organisation: Organisation | None = None, **more: Any,
    ) -> None:  # fmt: skip
        self.partnership, self.organisation = partnership, organisation
        more.setdefault("initial", {
            "registry_code": organisation.registry_code if organisation else "",
            "head_name": institution.head_name if institution else "",
        })  # fmt: skip
        super().__init__(*args, **more)
        if organisation is None or not renaming.is_checked(organisation):
            del self.fields["why_renamed"]
        self.add_local_fields({
            "name": organisation.name if organisation else None,
            "head_office": institution.head_office if institution else None,
        })  # fmt: skip

    def clean_registry_code(self) -> str:
        """A Ukrainian code by its check digit; elsewhere, as the register there writes it."""
        code = "".join(str(self.cleaned_data["registry_code"]).split())
        if self.partnership.receiving_place.country_code == "UA":
            if (wrong := why_no_edrpou(code)) is not None:
                raise ValidationError(words.BAD_CODE[BadCode(wrong)])
        elif not code:
            raise ValidationError(self.fields["registry_code"].error_messages["required"])
        others = beneficiaries(self.partnership).filter(registry_code=code)
        if self.organisation is not None:
            others = others.exclude(pk=self.organisation.pk)
        if self._was_checked(code):
            raise ValidationError(_("Others verified a need with the code written before."))
        if other := others.first():
            sentence = _("%(name)s has this code. Choose it in the list of who receives.")
            raise ValidationError(sentence % {"name": other})
        return code

    def clean(self) -> dict[str, Any]:
        """Another name of what was checked wants a reason, and one waits at a time."""
        given = super().clean()
        known = self.organisation
        if known is None or "why_renamed" not in self.fields or self.cleaned_data.get("name") in (
            None, known.name,
        ):  # fmt: skip
            return given
        if not self.cleaned_data.get("why_renamed", "").strip():
            self.add_error("why_renamed", _("Say why the name changes."))
        elif renaming.waiting_for(known):
            self.add_error("why_renamed", _("Another name waits for a second person already."))
        return given

    def _was_checked(self, code: str) -> bool:
        """Whether a verified need names another code than this one."""
        known = self.organisation
        if known is None or known.registry_code in ("", code):
            return False
        return known.needs.filter(verified_at__isnull=False).exists()

    def text(self) -> InstitutionText:
        given = self.cleaned_data
        return InstitutionText(
            name=given["name"],
            registry_code=given["registry_code"],
            head_office=given["head_office"],
            head_name=given["head_name"],
            why_renamed=given.get("why_renamed", ""),
        )
