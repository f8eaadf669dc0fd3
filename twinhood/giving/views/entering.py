"""Entering gifts one by one, and the links for who gave."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from twinhood.giving import actions, queries, words
from twinhood.giving.errors import BadGift, TakenInAlready
from twinhood.giving.fields import example_of, funds_of
from twinhood.giving.forms import GiftForm
from twinhood.giving.models import Gift
from twinhood.giving.rails import AT_THE_DESK
from twinhood.giving.views import fresh_links
from twinhood.kit.money import BadAmount, parse_minor
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.TAKE_GIFT)
def new(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Enter one gift of the rail that `?rail=` names."""
    asked = request.GET.get("rail")
    rail = next((rail for rail in AT_THE_DESK if rail.code == asked), AT_THE_DESK[0])
    form = GiftForm(request.POST or None, work=work, rail=rail)
    if request.method == "POST" and form.is_valid():
        try:
            taken = actions.take_in(
                partnership=work.partnership, person=work.person, rows=[form.gift()]
            )
        except (BadGift, TakenInAlready) as problem:
            form.refuse(problem)
        else:
            if taken.new:
                fresh_links.keep(request, taken.new)
            ref = taken.new[0].ref if taken.new else taken.known_refs[0]
            return redirect("giving:gift", work.partnership.slug, ref)
    context = {"work": work, "form": form, "rail": rail, "rails": AT_THE_DESK}
    context["has_funds"] = funds_of(work.partnership).exists()
    return render(request, "giving/new.html", context, status=422 if form.errors else 200)


@require_safe
@in_workspace(Action.TAKE_GIFT)
def amount(request: HttpRequest, work: Workspace) -> HttpResponse:
    """How the amount being typed will be read: a part for htmx, nothing is stored."""
    fund = funds_of(work.partnership).filter(pk=_number(request.GET.get("fund"))).first()
    language = get_language() or "en"
    context: dict[str, Any] = {"fund": fund}
    if fund is not None and request.GET.get("amount", "").strip():
        try:
            context["amount_minor"] = parse_minor(request.GET["amount"], fund.currency, language)
        except BadAmount as problem:
            sentence = str(words.AMOUNT.get(problem.code, words.AMOUNT["form"]))
            example = example_of(fund.currency, language)
            context["problem"] = sentence % {"currency": fund.currency, "example": example}
    return render(request, "giving/_amount_read.html", context)


def _number(text: str | None) -> int:
    """The row's number, or 0, which no row has."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 16 else 0


@require_safe
@in_workspace(Action.TAKE_GIFT)
def links(request: HttpRequest, work: Workspace) -> HttpResponse:
    """The trace links of what was just pasted: shown once, to print or to copy."""
    secrets_by_ref = fresh_links.take(request)
    found = Gift.objects.filter(partnership=work.partnership, ref__in=list(secrets_by_ref))
    rows: list[dict[str, Any]] = []
    for gift in found.select_related("donor").order_by("id"):
        language = gift.donor.language if gift.donor else get_language() or "en"
        url = fresh_links.address(request, secrets_by_ref[gift.ref], language)
        rows.append({"gift": gift, "url": url, "language": language})
    names = queries.donor_names([row["gift"] for row in rows])
    for row in rows:
        row["name"] = names.get(row["gift"].pk, "")
    return render(request, "giving/links.html", {"work": work, "rows": rows})
