"""Typed input that forms of several rooms share: tidy text, days, texts in several languages."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from twinhood.kit.core.text import tidy, tidy_line
from twinhood.kit.fields import LocalText

# What a number that cannot be is told, by the code of `core.serials.BadSerial`.
SERIAL = {
    "empty": _("Enter the number."),
    "vin_length": _("A vehicle’s number has 17 characters. Count them again."),
    "vin_letters": _("A vehicle’s number has Latin capital letters and digits, never I, O or Q."),
    "vin_ioq": _(
        "A vehicle’s number never has I, O or Q: look whether it is a 1 or a 0 on the plate."
    ),
    "vin_check": _(
        "This vehicle’s number does not add up: one of its signs is wrong. Numbers of North "
        "American makers carry a check digit. Compare each sign with the plate."
    ),
    "form": _("Write the number in Latin letters and digits, as it stands on the plate."),
}
LANGUAGES = (("en", _("in English")), ("uk", _("in Ukrainian")))


def language() -> str:
    return get_language() or "en"


def languages_here_first() -> list[tuple[str, Any]]:
    """The languages to write in, the page's own first."""
    return sorted(LANGUAGES, key=lambda pair: pair[0] != language())


class LineField(forms.CharField):
    """One line of tidy text."""

    def to_python(self, value: Any) -> str:
        return tidy_line(super().to_python(value) or "")


class TextField(forms.CharField):
    """Tidy text of several lines."""

    widget = forms.Textarea(attrs={"rows": 5})

    def to_python(self, value: Any) -> str:
        return tidy(super().to_python(value) or "")


class DayField(forms.DateField):
    """A day, by the browser's own picker where it has one."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m-%d", "%d.%m.%Y"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            **more,
        )


class LocalForm(forms.Form):
    """A form some of whose texts are written in several languages, each in a field of its own.

    `local_fields` names them; at least one language of a required one must be written.
    """

    local_fields: dict[str, tuple[Any, Any, bool, type[forms.CharField], int]] = {}

    def add_local_fields(self, initial: dict[str, LocalText | None]) -> None:
        for name, (label, hint, _required, kind, length_max) in self.local_fields.items():
            for number, (code, where) in enumerate(languages_here_first()):
                self.fields[f"{name}_{code}"] = kind(
                    label=label if number == 0 else f"{label} ({where})",
                    help_text=hint if number == 0 else "",
                    required=False,
                    max_length=length_max,
                    initial=(initial.get(name) or LocalText()).get(code, ""),
                )
                self.fields[f"{name}_{code}"].widget.attrs["lang"] = code

    def in_language(self, is_first: bool) -> Iterable[forms.BoundField]:
        """The text fields of the page's language, or those of the others."""
        first, *others = languages_here_first()
        for code, _where in [first] if is_first else others:
            for name in self.local_fields:
                yield self[f"{name}_{code}"]

    @property
    def here(self) -> list[forms.BoundField]:
        return list(self.in_language(True))

    @property
    def elsewhere(self) -> list[forms.BoundField]:
        return list(self.in_language(False))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        codes = [code for code, _where in languages_here_first()]
        for name, (label, _hint, required, _kind, _length) in self.local_fields.items():
            text = LocalText({code: value for code in codes
                              if (value := cleaned.get(f"{name}_{code}"))})  # fmt: skip
            cleaned[name] = text or None
            if required and not text:
                sentence = _("Write this in at least one language: %(field)s") % {"field": label}
                self.add_error(f"{name}_{codes[0]}", sentence)
        return cleaned
