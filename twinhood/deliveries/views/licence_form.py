"""The form of a licence, and what the page of an order says of licences."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twinhood.deliveries import licences, queries, words
from twinhood.deliveries.forms import ReasonForm
from twinhood.deliveries.models import Order
from twinhood.documents.file_fields import OneFileField
from twinhood.kit import clock
from twinhood.kit.inputs import DayField, LineField
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace


class LicenceForm(forms.Form):
    """A licence, or a note that none is needed, as it was given."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What the paper says"),
        choices=list(words.LICENCE.items()),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    file = OneFileField(label=gettext_lazy("The paper (JPEG, PNG or PDF)"))
    said_by = LineField(
        label=gettext_lazy("Who gave it, and its number"),
        help_text=gettext_lazy("As in: the ministry that licenses exports, no. 17 of 1 September."),
        max_length=200,
        error_messages={"required": gettext_lazy("Write who gave the paper, and its number.")},
    )
    until_date = DayField(
        label=gettext_lazy("Holds until"),
        help_text=gettext_lazy("Leave it empty if the paper names no day."),
        required=False,
    )

    def __init__(self, *args: Any, work: Workspace, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["file"].of(work.partnership, work.person)  # type: ignore[attr-defined]

    def clean_until_date(self) -> date | None:
        day: date | None = self.cleaned_data["until_date"]
        if day and day < clock.now().date():
            raise ValidationError(_("This day is over: the paper holds no more."))
        return day


def shown(order: Order, work: Workspace) -> dict[str, Any]:
    """What the page of an order says of its licence."""
    is_open = order.state in queries.OPEN_ORDERS
    needs_one = order.need.may_need_licence
    unlicensed = licences.why_unlicensed(order.need, clock.now().date()) if is_open else ""
    related = ("file", "entered_by", "read_by")
    found = order.need.licences.select_related(*related).order_by("pk") if needs_one else []
    may_decide = work.may(Action.PROPOSE_ORDER) or work.may(Action.APPROVE_ORDER)
    return {
        "licences": [
            (one, is_open and one.is_accepted is None and work.may(Action.APPROVE_ORDER)
             and one.entered_by_id != work.person.pk)
            for one in found
        ],
        "unlicensed": words.UNLICENSED[unlicensed] if unlicensed else "",
        "may_attach": is_open and needs_one and work.may(Action.PROPOSE_ORDER),
        "may_flag": is_open and not needs_one and may_decide,
        "licence_form": LicenceForm(prefix="licence", work=work),
        "unfit_form": ReasonForm(prefix="unfit"),
    }  # fmt: skip
