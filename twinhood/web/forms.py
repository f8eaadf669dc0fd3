"""What readers may ask of a page."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from twinhood.kit import clock

EARLIEST = date(1900, 1, 1)


class DayForm(forms.Form):
    """The day whose end a page shows; empty means as it is now."""

    on = forms.DateField(
        label=_("As it stood at the end of"),
        required=False,
        input_formats=["%Y-%m-%d", "%d.%m.%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "invalid": _("Write the day as year, month and day: 2026-03-01. What you see is today.")
        },
    )

    def __init__(self, *args: Any, zone: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = clock.today_in(zone)
        self.fields["on"].widget.attrs["max"] = self.today.isoformat()

    def clean_on(self) -> date | None:
        day: date | None = self.cleaned_data["on"]
        if day is not None and day > self.today:
            raise ValidationError(_("That day is still to come. What you see is today."))
        if day is not None and day < EARLIEST:
            raise ValidationError(_("That is too long ago. What you see is today."))
        return day
