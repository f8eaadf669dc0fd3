"""Forms of follow-ups and incidents."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twinhood.aftercare import words
from twinhood.aftercare.following import Answer
from twinhood.aftercare.incidents import IncidentText
from twinhood.aftercare.models import FollowUp, Incident, Question
from twinhood.deliveries.models import Order, Unit
from twinhood.deliveries.queries import unit_name
from twinhood.documents.file_fields import FilesField
from twinhood.kit.fields import LocalText
from twinhood.kit.inputs import DayField, LineField, LocalForm, TextField
from twinhood.people.models import Partnership


class AnswerForm(forms.Form):
    """What a holder says on a telephone: one tap, and a few words."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    condition = forms.ChoiceField(
        label=_("How is it now?"),
        choices=list(words.CONDITION.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it is.")},
    )
    plate = LineField(
        label=_("Number plate"),
        help_text=_("Never public. Leave it empty if it has none."),
        max_length=20,
        required=False,
    )
    registered_holder = LineField(
        label=_("Registered holder"),
        help_text=_("As it stands in the registration papers."),
        max_length=200,
        error_messages={"required": _("Copy the holder from the registration papers.")},
    )
    mileage_km = forms.IntegerField(
        label=_("Mileage, in km"),
        min_value=0,
        max_value=5_000_000,
        required=False,
        error_messages={"invalid": _("Enter a whole number.")},
    )
    note = TextField(
        label=_("What else should be known?"),
        help_text=_("Never public. As in: a new clutch in May."),
        max_length=1_000,
        required=False,
    )
    photos = FilesField(label=_("Photos"), required=False, count_max=5)
    answered_as = LineField(
        label=_("Your office"),
        help_text=_("Not your name. As in: head physician"),
        max_length=200,
        error_messages={"required": _("Say in which office you answer.")},
    )

    def __init__(self, *args: Any, follow_up: FollowUp, is_vehicle: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if not is_vehicle:
            for name in ("plate", "registered_holder", "mileage_km"):
                del self.fields[name]
        partnership = follow_up.unit.order.partnership
        self.fields["photos"].of(partnership, None)  # type: ignore[attr-defined]

    def answer(self) -> Answer:
        given = self.cleaned_data
        return Answer(
            condition=FollowUp.Condition(given["condition"]),
            answered_as=given["answered_as"],
            plate=given.get("plate", "").upper(),
            registered_holder=given.get("registered_holder", ""),
            mileage_km=given.get("mileage_km"),
            note=given["note"],
            photos=tuple(given["photos"]),
        )


class DecisionForm(forms.Form):
    """What becomes of a question about a holder."""

    state = forms.ChoiceField(
        label=_("What do you decide?"),
        choices=[
            (
                Question.State.UNDER_QUESTION,
                pgettext_lazy("decision", "Say in public that it is under question"),
            ),
            (
                Question.State.CLEARED,
                pgettext_lazy("decision", "It is cleared: the holder is the same body"),
            ),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Decide what becomes of it.")},
    )
    reason = TextField(
        label=_("Why"),
        help_text=_("The world reads it if you put it under question. Name bodies, not people."),
        max_length=500,
        error_messages={"required": _("Say why.")},
    )


class UnitChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        name = str(unit_name(obj.order.need, obj.number))
        return name[:1].upper() + name[1:]


class IncidentForm(LocalForm):
    """An incident as the world will read it."""

    local_fields = {
        "title": (_("What happened, in one line"), "", True, LineField, 200),
        "what": (
            _("What happened"),
            _("The world reads it. Name bodies, offices and cities; no people, no finer place."),
            True,
            TextField,
            2_000,
        ),
        "done": (_("What was done"), "", True, TextField, 2_000),
    }
    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    severity = forms.ChoiceField(
        label=_("How grave is it?"),
        choices=list(words.SEVERITY.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Say how grave it is.")},
    )
    found = DayField(label=_("Found on"), error_messages={"required": _("Enter the day.")})
    units = UnitChoices(
        label=_("Which things is it about?"),
        queryset=Unit.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, partnership: Partnership, incident: Incident | None = None, **more: Any
    ) -> None:
        if incident is not None:
            more.setdefault("initial", _initial(incident))
        super().__init__(*args, **more)
        units = Unit.objects.filter(
            order__partnership=partnership, order__state=Order.State.PLACED
        ).select_related("order__need")
        found = units.order_by("order__need__number", "number")
        self.fields["units"].queryset = found  # type: ignore[attr-defined]
        texts: dict[str, LocalText | None] = {}
        if incident is not None:
            texts = {"title": incident.title, "what": incident.what, "done": incident.done}
        self.add_local_fields(texts)

    def text(self) -> IncidentText:
        given = self.cleaned_data
        return IncidentText(
            severity=Incident.Severity(given["severity"]),
            title=given["title"],
            what=given["what"],
            done=given["done"],
            found=given["found"],
            units=list(given["units"]),
        )


def _initial(incident: Incident) -> dict[str, Any]:
    return {
        "form_key": incident.form_key or uuid4(),
        "severity": incident.severity,
        "found": incident.found_date,
        "units": list(incident.units.values_list("pk", flat=True)),
    }


class ReviewForm(forms.Form):
    """Which words somebody agreed to."""

    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class NoteForm(LocalForm):
    local_fields = {
        "text": (_("What became known since"), "", True, TextField, 2_000),
    }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.add_local_fields({})
