"""What a donor's page says of a thing given in kind: what it is, and what became of it."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from twinhood.giving import in_kind
from twinhood.giving.models import InKindGift
from twinhood.giving.receipts import receipt_of_goods
from twinhood.ledger.models import Entry


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, or has not yet: `done`, `now` or `todo`."""

    state: Literal["done", "now", "todo"]
    title: str
    text: str = ""
    on: date | None = None


def page(request: HttpRequest, gift: InKindGift, secret: str) -> HttpResponse:
    """The page of a thing's secret link; the day and the place only after the safety delay."""
    is_told = in_kind.is_told(gift)
    entry = Entry.objects.filter(partnership=gift.partnership_id, key=gift.key).first()
    context = {
        "gift": gift,
        "words": _words(gift),
        "partnership": gift.partnership,
        "is_told": is_told,
        "steps": _steps(gift, is_told),
        "entry": entry,
        "secret": secret,
        "has_receipt": receipt_of_goods(gift.partnership, gift.key) is not None,
    }
    response = render(request, "web/thing_given.html", context)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"
    return response


def _words(gift: InKindGift) -> str:
    """What it is; of a serial number only the last four signs, as of everything else."""
    hidden = in_kind.words_of(gift)
    return hidden.replace(gift.serial, f"…{gift.serial[-4:]}") if gift.serial else hidden


def _steps(gift: InKindGift, is_told: bool) -> list[Step]:
    steps = [
        Step("done", gettext("You gave it"), gift.purpose, gift.received_date),
        Step("done", gettext("Its value was established"), gift.valued_by, gift.valued_date),
    ]
    if gift.undone_at is not None:
        taken = gift.undone_at.date()
        return [*steps, Step("done", gettext("The entry was taken back"), gift.undo_reason, taken)]
    if is_told:
        text = f"{gift.handed_over_to.name}, {gift.act}" if gift.handed_over_to else gift.act
        return [*steps, Step("done", gettext("It was handed over"), text, gift.handed_over_date)]
    return [*steps, Step("todo", gettext("To be handed over"))]
