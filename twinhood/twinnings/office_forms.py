"""Forms of offices: whose powers they are, and when they end."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from twinhood.kit.inputs import DayField, LineField, LocalForm
from twinhood.people.models import Partnership, Person
from twinhood.twinnings import words
from twinhood.twinnings.core.drafting import (
    Side,
)
from twinhood.twinnings.models import Term
from twinhood.twinnings.queries import signatories, terms_of


class TermForm(LocalForm):
    """Somebody's powers in an office of the own city."""

    local_fields = {
        "office": (
            _("Office"),
            _("As the papers of this language call it: mayor; head of the city military "
              "administration."),
            True, LineField, 160,
        ),
        "holder": (_("Name"), _("As the papers of this language write it."), True, LineField, 120),
        "legal_basis": (
            _("Legal basis"),
            _("The act that gives the powers: law, charter, decree."),
            True, LineField, 200,
        ),
    }  # fmt: skip
    act_number = LineField(label=_("Number of the act"), max_length=120, required=False)
    act_date = DayField(label=_("Date of the act"), required=False)
    since_date = DayField(label=_("First day"))
    until_date = DayField(
        label=_("Last day"), help_text=_("Leave it empty while no end is known."), required=False
    )
    person = forms.ModelChoiceField(
        label=_("Signs in here as"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("Does not sign in here"),
    )
    delegated_from = forms.ModelChoiceField(
        label=_("Powers given on by"),
        queryset=Term.objects.none(),
        required=False,
        empty_label=_("Nobody: own powers"),
    )

    def __init__(self, *args: Any, partnership: Partnership, side: Side, **more: Any) -> None:
        super().__init__(*args, **more)
        self.add_local_fields({})
        people, terms = signatories(partnership, side), terms_of(partnership, side)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["delegated_from"].queryset = terms  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        since, until = given.get("since_date"), given.get("until_date")
        if since and until and until < since:
            self.add_error("until_date", _("The last day does not lie before the first."))
        source = given.get("delegated_from")
        if source and since and source.until_date and source.until_date < since:
            self.add_error("delegated_from", _("Those powers had ended before these begin."))
        return given

    def facts(self) -> dict[str, Any]:
        """What was written, once the form is valid: the arguments of `record_term`."""
        names = (*self.local_fields, *TermForm.base_fields)
        return {name: self.cleaned_data[name] for name in names}


class EndForm(forms.Form):
    """On which day powers end, and why."""

    until_date = DayField(label=_("Last day"))
    reason = LineField(
        label=_("Reason"), max_length=300, error_messages={"required": words.REASON_MISSING}
    )
