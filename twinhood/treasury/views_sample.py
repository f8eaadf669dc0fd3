"""The auditor's page: gifts drawn by a seed, each followed from the bank to the hand-over."""

import csv
import secrets
from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from twinhood.giving.core.text import csv_cell
from twinhood.giving.fields import LineField
from twinhood.giving.rails import BY_CODE
from twinhood.kit.money import major
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace
from twinhood.treasury import sampling
from twinhood.treasury.sampling import SIZE, SIZE_MAX, Asked, Followed, Part, Sample
from twinhood.treasury.views_bank import shown_number

MISSING = {
    "no_line": _("No line of the bank stands for this gift yet."),
    "payout_without_line": _("The payout that held it is not matched with a line of the bank yet."),
    "counted_by_one": _("Nobody is named who counted this cash with the one who entered it."),
    "no_thing": _("The order names no thing for these cents."),
    "order_not_placed": _("The order does not stand any more."),
    "not_paid": _("The supplier is not paid in full yet."),
    "payment_without_line": _("A payment to the supplier has no line of the bank yet."),
    "not_handed_over": _("There is no act of hand-over yet."),
    "no_serial": _("No serial number is written down."),
}
HOW = (
    ("seed", _("By chance, from the seed")),
    ("newest", _("The newest")),
    ("largest", _("The largest amounts")),
)


class SampleForm(forms.Form):
    """How many gifts, which, and the seed that draws the same ones again."""

    size = forms.IntegerField(
        label=_("How many gifts"), min_value=1, max_value=SIZE_MAX, required=False
    )
    how = forms.ChoiceField(label=_("Which"), choices=HOW, required=False)
    seed = LineField(
        label=_("Seed"),
        length_max=64,
        required=False,
        help_text=_("With the same seed and days, anybody draws the same gifts."),
    )
    first = forms.DateField(
        label=_("First day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    last = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def asked(self) -> Asked:
        """What was asked for; only after `is_valid()`."""
        said = self.cleaned_data
        return Asked(
            seed=said["seed"], size=said["size"] or SIZE, how=said["how"] or "seed",
            first=said["first"], last=said["last"],
        )  # fmt: skip


@require_safe
@in_workspace(Action.READ_BOOKS)
def sample(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Draw and follow; `?as=csv` gives the same as a file."""
    said = request.GET.copy()
    said.setdefault("size", str(SIZE))
    if not said.get("seed", "").strip():
        said["seed"] = secrets.token_hex(4)
    form = SampleForm(said)
    drawn = sampling.draw(work.partnership, form.asked()) if form.is_valid() else None
    if drawn is not None and request.GET.get("as") == "csv":
        return _file(work, drawn)
    said.pop("as", None)
    context = {
        "work": work,
        "form": form,
        "drawn": drawn,
        "rows": [_shown(one) for one in drawn.followed] if drawn else [],
        "is_by_seed": form.is_valid() and form.asked().how == "seed",
        "query": said.urlencode(),
        "zone": work.partnership.giving_place.time_zone,
    }
    return render(request, "treasury/sample.html", context, status=422 if form.errors else 200)


def _shown(one: Followed) -> dict[str, Any]:
    line = one.bank.line if one.bank else None
    return {
        "one": one,
        "gift": one.gift,
        "rail": BY_CODE[one.gift.rail].label,
        "line": line,
        "number": shown_number(line.account) if line else "",
        "missing": [MISSING[code] for code in one.missing],
        "parts": [{"part": part, "missing": [MISSING[c] for c in part.missing]}
                  for part in one.parts],
    }  # fmt: skip


HEADS = [
    "gift", "received", "rail", "currency", "amount", "fee", "fund", "entry", "posted_at",
    "bank_account", "bank_line_day", "bank_line_amount", "payout", "became", "key", "thing",
    "serial", "part_amount", "part_currency", "paid", "act", "handed_over", "condition", "missing",
]  # fmt: skip


def _file(work: Workspace, drawn: Sample) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"{work.partnership.slug}-sample.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(HEADS)
    for one in drawn.followed:
        writer.writerows([csv_cell(cell) for cell in row] for row in _rows(one))
    return response


def _rows(one: Followed) -> Iterator[list[str]]:
    """One row for each thing that the gift became."""
    gift, line = one.gift, one.bank.line if one.bank else None
    money = line.account.currency if line else gift.currency
    head = [
        gift.ref, gift.received_date.isoformat(), gift.rail, gift.currency,
        f"{major(gift.amount_minor, gift.currency):f}", f"{major(gift.fee_minor, gift.currency):f}",
        gift.fund.code, str(one.entry.seq), one.entry.posted_at.isoformat(),
        line.account.number if line else "", line.booked_date.isoformat() if line else "",
        f"{major(line.amount_minor, money):f}" if line else "", one.bank.payout if one.bank else "",
    ]  # fmt: skip
    for part in one.parts:
        yield head + _part_cells(part, [*one.missing, *part.missing])


def _part_cells(part: Part, missing: list[str]) -> list[str]:
    unit, handover = part.unit, part.handover
    return [
        part.to, part.key, unit.code if unit else "", unit.serial if unit else "",
        f"{major(part.amount_minor, part.currency):f}", part.currency,
        " ".join(payment.key for payment in part.payments),
        str(handover.act) if handover else "",
        handover.act.handed_over_date.isoformat() if handover else "",
        handover.condition if handover else "", " ".join(missing),
    ]  # fmt: skip
