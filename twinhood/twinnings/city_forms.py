"""Forms of the receiving city: another name by law, and who acts for it after an occupation."""

import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from twinhood.kit.inputs import DayField, LineField, TextField
from twinhood.people.models import Organisation

NAME_LENGTH_MAX = 100
ALPHABET = {"en": "LATIN", "uk": "CYRILLIC"}


class RenameForm(forms.Form):
    """What the city is called from a day on, in both languages, and by which act."""

    name_en = LineField(label=_("New name in English"), max_length=NAME_LENGTH_MAX)
    name_uk = LineField(label=_("New name in Ukrainian"), max_length=NAME_LENGTH_MAX)
    since_date = DayField(label=_("In force since"))
    act = LineField(
        label=_("By which act"),
        help_text=_("Who decided, its number and date: everybody reads it beside the name."),
        max_length=300,
    )

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = today

    def clean_name_en(self) -> str:
        return self._named("en")

    def clean_name_uk(self) -> str:
        return self._named("uk")

    def _named(self, language: str) -> str:
        name = str(self.cleaned_data[f"name_{language}"])
        letters = [letter for letter in name if letter.isalpha()]
        if not letters or any(
            not unicodedata.name(letter, "").startswith(ALPHABET[language]) for letter in letters
        ):
            raise ValidationError(
                _("Write the name in the letters of its language, without others among them.")
            )
        return name

    def clean_since_date(self) -> date:
        day = self.cleaned_data["since_date"]
        if day > self.today:
            raise ValidationError(_("Record it from the day on which the name is in force."))
        return day  # type: ignore[no-any-return]


class VouchingForm(forms.Form):
    """Which body, and how somebody made sure who acts for it now."""

    organisation = forms.ModelChoiceField(
        queryset=Organisation.objects.none(), label=_("Body"), empty_label=None
    )
    how = TextField(
        label=_("How you made sure"),
        help_text=_(
            "Whom you called back, on a number from which official register, and what they showed."
        ),
        max_length=600,
    )

    def __init__(self, *args: Any, bodies: list[Organisation], **more: Any) -> None:
        super().__init__(*args, **more)
        pks = [body.pk for body in bodies]
        self.fields["organisation"].queryset = (  # type: ignore[attr-defined]
            Organisation.objects.filter(pk__in=pks)
        )
