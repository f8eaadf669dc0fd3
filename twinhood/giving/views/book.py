"""All gifts of a partnership: the list, and the same as CSV."""

import csv
import re
from collections.abc import Iterator
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from twinhood.giving import queries
from twinhood.giving.core.text import csv_cell
from twinhood.giving.fields import fund_title
from twinhood.giving.keys import index_of, master_keys, open_donor
from twinhood.giving.models import Donor, Gift, GiftQuerySet, Refund
from twinhood.giving.rails import BY_CODE, RAILS
from twinhood.kit.money import major
from twinhood.people.core.permissions import Action
from twinhood.people.models import Partnership
from twinhood.people.queries import Workspace, in_workspace

PAGE_SIZE = 50
NUMBER = re.compile(r"[0-9]{1,18}")
STAGES = {
    "": _("All"),
    "settled": _("Settled, not yet posted"),
    "posted": _("Posted"),
    "refunded": _("Given back, wholly or in part"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.READ_BOOKS)
def gifts(request: HttpRequest, work: Workspace) -> HttpResponse:
    """The list, newest first, by stage, rail and number; or of one donor, found by a POST so that
    their address stands in no address of ours.
    """
    if request.method == "POST":
        return _of_address(request, work)
    donor = request.GET.get("donor", "")
    chosen = {
        "donor": donor if work.may(Action.SEE_DONORS) and NUMBER.fullmatch(donor) else "",
        "stage": _one_of(request.GET.get("stage"), STAGES),
        "rail": _one_of(request.GET.get("rail"), BY_CODE),
        "ref": request.GET.get("ref", "").strip().upper()[:32],
    }
    page = Paginator(_chosen(work.partnership, chosen), PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    context = {
        "work": work,
        "page": page,
        "rows": _rows(shown, work),
        "chosen": chosen,
        "query": "&".join(f"{name}={value}" for name, value in chosen.items() if value),
        "stages": STAGES,
        "rails": RAILS,
        "totals": queries.totals(work.partnership),
        "sees_donors": work.may(Action.SEE_DONORS),
        "takes_gifts": work.may(Action.TAKE_GIFT),
    }
    return render(request, "giving/gifts.html", context)


def _of_address(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Lead to the gifts that came with an e-mail address."""
    if not work.may(Action.SEE_DONORS):
        raise PermissionDenied
    here = reverse("giving:gifts", args=[work.partnership.slug])
    index = index_of(request.POST.get("email", "")[:254], work.partnership.pk, master_keys())
    found = Donor.objects.filter(partnership=work.partnership, email_index=index).first()
    if found is None:
        messages.info(request, gettext("No gift came with this address."))
        return redirect(here)
    return redirect(f"{here}?donor={found.pk}")


def _one_of(value: str | None, known: dict[str, Any]) -> str:
    return value if value in known else ""


def _gifts(partnership: Partnership) -> GiftQuerySet:
    given_back = (
        queries.given_back(Q(gift=OuterRef("pk")))
        .values("gift")
        .annotate(total=Sum("line_minor") + Sum("operating_minor"))
        .values("total")
    )
    found = Gift.objects.filter(partnership=partnership)
    return (
        found.with_posting()
        .select_related("fund__campaign", "fund__need", "donor")
        .annotate(refunded_minor=Coalesce(given_back, 0))
        .order_by("-id")
    )


def _chosen(partnership: Partnership, chosen: dict[str, str]) -> GiftQuerySet:
    found = _gifts(partnership)
    if chosen["stage"] == "refunded":
        found = found.filter(Exists(Refund.objects.filter(gift=OuterRef("pk"))))
    elif chosen["stage"]:
        found = found.posted(chosen["stage"] == Gift.Stage.POSTED)
    if chosen["rail"]:
        found = found.filter(rail=chosen["rail"])
    if chosen["donor"]:
        found = found.filter(donor=int(chosen["donor"]))
    if chosen["ref"]:
        found = found.filter(ref=chosen["ref"])
    return found


def _rows(shown: list[Gift], work: Workspace) -> list[dict[str, Any]]:
    names = queries.donor_names(shown) if work.may(Action.SEE_DONORS) else {}
    return [
        {
            "gift": gift,
            "fund": fund_title(gift.fund),
            "rail": BY_CODE[gift.rail].label if gift.rail in BY_CODE else gift.rail,
            "name": names.get(gift.pk, ""),
        }
        for gift in shown
    ]


class _Echo:
    """A file that hands each line on."""

    def write(self, line: str) -> str:
        return line


@require_safe
@in_workspace(Action.READ_BOOKS)
def export(request: HttpRequest, work: Workspace) -> HttpResponse:
    """All gifts as CSV for a spreadsheet; donors only for whoever may see them.

    Cells that a spreadsheet would compute begin with an apostrophe (docs/how-to/gifts.md).
    """
    lines = _csv_lines(work)
    writer = csv.writer(_Echo())
    response = StreamingHttpResponse(
        (writer.writerow(line) for line in lines), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{work.partnership.slug}-gifts.csv"'
    # Django's two kinds of answer share no type; the desk's door names the common one.
    return cast(HttpResponse, response)


def _csv_lines(work: Workspace) -> Iterator[list[str]]:
    heads = ["ref", "received_date", "rail", "fund", "currency", "amount", "fee", "net"]
    heads += ["refunded", "stage", "purpose"]
    sees_donors = work.may(Action.SEE_DONORS)
    yield [*heads, "name", "email", "shows_name", "note"] if sees_donors else heads
    keys = master_keys() if sees_donors else None
    for gift in _gifts(work.partnership).iterator(chunk_size=1_000):
        line = _money_cells(gift)
        if keys is not None:
            facts = open_donor(gift.donor, keys) if gift.donor else None
            line += [facts.name, facts.email] if facts else ["", ""]
            line += ["yes" if gift.shows_name else "no", gift.note]
        yield [csv_cell(cell) for cell in line]


def _money_cells(gift: Gift) -> list[str]:
    refunded_minor: int = gift.refunded_minor  # type: ignore[attr-defined]
    sums = (gift.amount_minor, gift.fee_minor, gift.net_minor, refunded_minor)
    return [
        gift.ref,
        gift.received_date.isoformat(),
        gift.rail,
        gift.fund.code,
        gift.currency,
        *(f"{major(amount_minor, gift.currency):f}" for amount_minor in sums),
        gift.stage,
        gift.purpose,
    ]
