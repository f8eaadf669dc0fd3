"""Forms of claims: what a city says of itself, what was heard of it, and why not."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from twinhood.documents.core.unfit import Why, unfit
from twinhood.joining.core.claim import Flaw, code_flaw, mail_flaw
from twinhood.joining.words import FLAWS
from twinhood.people.core.names import tidy_name
from twinhood.places.models import Place
from twinhood.places.queries import search

HITS_MAX = 6
NONE_OF_THESE = "0"


def _tidy(label: Any, *, max_length: int, required: Any = "", hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=max_length,
        required=bool(required),
        help_text=hint,
        error_messages={"required": required},
    )


class ClaimForm(forms.Form):
    """Who says that they act for which city, and how that can be checked."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    place_text = _tidy(_("City"), max_length=120, required=_("Say which city it is."))
    name = _tidy(
        _("Who governs it, as in the official register"),
        max_length=200,
        required=_("Enter the name of the council or administration."),
    )
    registry_code = _tidy(
        _("Its code in that register"),
        max_length=40,
        hint=_("ЄДРПОУ in Ukraine, EIN in the United States. Without one nobody can confirm it."),
    )
    website = _tidy(_("Official website"), max_length=200, required=FLAWS[Flaw.WEBSITE])
    email = forms.EmailField(
        label=_("Address at the domain of that website"),
        help_text=_("We send a letter there with a link, to see that you read its mail."),
        error_messages={"required": _("Enter an address."), "invalid": _("This is no address.")},
    )
    office = _tidy(
        _("Your office there"), max_length=120, required=_("Say what you do for the city.")
    )

    def __init__(self, *args: Any, place: Place | None = None, **more: Any) -> None:
        more.setdefault("initial", {"form_key": uuid4(), "place_text": str(place) if place else ""})
        super().__init__(*args, **more)
        self.place = place
        if place is None and self.is_bound:
            self._add_choice(str(self.data.get("place_text", "")))

    def _add_choice(self, text: str) -> None:
        """Let it be said which of the cities of that name is meant."""
        hits = search(text[:120], limit=HITS_MAX) if text.strip() else []
        self._places = {str(hit.place.geoname_id): hit.place for hit in hits}
        if not hits:
            return
        choices = [(key, f"{one}, {one.region}") for key, one in self._places.items()]
        self.fields["chosen"] = forms.ChoiceField(
            label=_("Which of these?"),
            choices=[*choices, (NONE_OF_THESE, _("None of these"))],
            widget=forms.RadioSelect,
            error_messages={"required": _("Several places are called so. Say which one it is.")},
        )
        self.order_fields(["form_key", "place_text", "chosen"])

    def _tidied(self, field: str) -> str:
        text = tidy_name(self.cleaned_data[field])
        found = unfit(text)
        if found is not None and found.why is Why.MIXED:
            raise ValidationError(
                _("A word mixes letters of two alphabets that look alike. Type it again in one.")
            )
        return text

    def clean_place_text(self) -> str:
        return self._tidied("place_text")

    def clean_name(self) -> str:
        return self._tidied("name")

    def clean_office(self) -> str:
        return self._tidied("office")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.place is None:
            self.place = getattr(self, "_places", {}).get(given.get("chosen", ""))
        if given.get("email") and given.get("website"):
            flaw = mail_flaw(given["email"], given["website"])
            if flaw is not None:
                self.add_error("website" if flaw is Flaw.WEBSITE else "email", FLAWS[flaw])
        country = self.place.country_code if self.place else ""
        if (flaw := code_flaw(given.get("registry_code", ""), country)) is not None:
            self.add_error("registry_code", FLAWS[flaw])
        return given

    def facts(self) -> dict[str, Any]:
        """The arguments of `claiming.apply`, once the form is valid."""
        names = ("form_key", "place_text", "name", "registry_code", "website", "email", "office")
        return {name: self.cleaned_data[name] for name in names} | {"place": self.place}


class CallForm(forms.Form):
    """A call to a number that stands in an official register."""

    number = _tidy(
        _("Number that you called"),
        max_length=40,
        required=_("Enter the number."),
        hint=_("Out of the register, never one that the claim itself names."),
    )
    source = _tidy(
        _("Register where it stands"), max_length=300, required=_("Say where the number stands.")
    )
    answer = forms.CharField(
        label=_("Who answered, and what they said"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write what you heard.")},
    )


class WhyForm(forms.Form):
    """Why not."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why, in a sentence that the other side will read.")},
    )


class PairForm(forms.Form):
    """What both cities read of a proposal."""

    role = forms.ChoiceField(
        label=_("Which of the two needs help"), choices=[], widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("What both read"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, first: Any, second: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (str(second.pk), str(second.place)),
            (str(first.pk), str(first.place)),
        ]
        self.fields["role"].initial = str(second.pk)
