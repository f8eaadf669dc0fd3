"""Forms of freezing and signing: whose powers, which file, which day."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from twinhood.kit import clock
from twinhood.kit.inputs import DayField
from twinhood.people.models import Partnership
from twinhood.twinnings import words
from twinhood.twinnings.core.drafting import (
    BOTH,
    Content,
    Side,
)
from twinhood.twinnings.drafting import other_that_is_named
from twinhood.twinnings.models import Term
from twinhood.twinnings.queries import place_of, terms_in_force, terms_of


class FreezeForm(forms.Form):
    """With whose powers each city signs; asked once more where the text names somebody else."""

    def __init__(self, *args: Any, partnership: Partnership, content: Content, **more: Any) -> None:
        super().__init__(*args, **more)
        self.partnership, self.content = partnership, content
        for side in BOTH:
            place = place_of(partnership, side)
            terms = terms_in_force(partnership, side, clock.today_in(place.time_zone))
            self.fields[str(side)] = forms.ModelChoiceField(
                label=_("Who signs for %(city)s") % {"city": place},
                queryset=terms,
                initial=terms.first(),
                empty_label=_("Choose"),
                error_messages={"required": _("Say who signs for %(city)s.") % {"city": place}},
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for side in BOTH:
            term: Term | None = given.get(str(side))
            named = term and other_that_is_named(self.content, term, self._others(side, term))
            if named:
                self.fields["as_it_is"] = forms.BooleanField(
                    label=_("The text is right: freeze it as it is"), required=False
                )
                if "as_it_is" not in self.data:
                    self.add_error(str(side), words.NAMES_ANOTHER % {"named": named})
        return given

    def _others(self, side: Side, term: Term) -> list[Term]:
        return list(terms_of(self.partnership, side).exclude(pk=term.pk))

    def terms(self) -> dict[Side, Term]:
        return {side: self.cleaned_data[str(side)] for side in BOTH}


class UploadForm(forms.Form):
    """A paper that was signed elsewhere."""

    file = forms.FileField(
        label=_("The signed PDF"),
        error_messages={
            "required": _("Choose the file."), "empty": _("The file is empty."),
        },
    )  # fmt: skip


class HandForm(forms.Form):
    """The scan of a paper that was signed by hand."""

    signed_date = DayField(label=_("Signed on"))
    file = forms.FileField(
        label=_("The scan (JPEG, PNG or PDF)"),
        error_messages={
            "required": _("Choose the file."), "empty": _("The file is empty."),
        },
    )  # fmt: skip

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = today

    def clean_signed_date(self) -> date:
        day: date = self.cleaned_data["signed_date"]
        if day > self.today:
            raise ValidationError(_("The day of the signature is not in the future."))
        return day
