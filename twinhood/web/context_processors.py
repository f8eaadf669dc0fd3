"""The desk's side: where a person may go in this partnership. Only the roof knows all rooms."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from twinhood.people.core.permissions import Action
from twinhood.people.models import Person
from twinhood.people.queries import partnership_for

# Groups of the desk's menu, and in each: address, words, who may.
LINKS: tuple[tuple[Promise, tuple[tuple[str, Promise, Action], ...]], ...] = (
    (
        _("Needs and campaign"),
        (
            ("needs:list", _("Needs"), Action.SEE_DESK),
            ("needs:campaign", _("Campaign"), Action.RUN_CAMPAIGN),
            ("treasury:withdrawn", _("Withdrawn needs"), Action.READ_BOOKS),
        ),
    ),
    (
        _("Orders and deliveries"),
        (
            ("deliveries:orders", _("Orders"), Action.SEE_DESK),
            ("transport:shipments", _("Shipments"), Action.SEE_DESK),
            ("deliveries:order_rules", _("Rules of orders"), Action.APPROVE_ORDER),
            ("deliveries:payees", _("Suppliers’ accounts"), Action.SEE_DESK),
            ("deliveries:screenings", _("Lists of sanctions"), Action.SEE_DESK),
            ("people:people", _("Who is who"), Action.SEE_DESK),
            ("deliveries:acts", _("Hand-overs"), Action.SEE_DESK),
            ("deliveries:hand_over", _("Hand over"), Action.HAND_OVER),
            ("aftercare:follow_ups", _("Follow-ups"), Action.SEE_DESK),
            ("aftercare:incidents", _("Incidents"), Action.SEE_DESK),
        ),
    ),
    (
        _("Gifts and givers"),
        (
            ("giving:gifts", _("Gifts"), Action.TAKE_GIFT),
            ("giving:new", _("Enter a gift"), Action.TAKE_GIFT),
            ("giving:paste", _("Paste gifts"), Action.TAKE_GIFT),
            ("giving:receipts", _("Receipts"), Action.SEE_DONORS),
            ("giving:things", _("Given in kind"), Action.READ_BOOKS),
            ("giving:matching", _("Matching"), Action.READ_BOOKS),
            ("giving:teams", _("Teams"), Action.RUN_CAMPAIGN),
        ),
    ),
    (
        _("Bank and books"),
        (
            ("treasury:inbox", _("Treasurer’s inbox"), Action.READ_BOOKS),
            ("treasury:bank", _("Bank"), Action.TAKE_GIFT),
            ("giving:payouts", _("Payouts"), Action.READ_BOOKS),
            ("giving:notices", _("Notices"), Action.TAKE_GIFT),
            ("treasury:exchange", _("Change money"), Action.EXCHANGE),
            ("treasury:moves", _("Move money"), Action.EXCHANGE),
            ("treasury:advances", _("Advances"), Action.EXCHANGE),
            ("treasury:months", _("Month end"), Action.READ_BOOKS),
        ),
    ),
    (
        _("Audit"),
        (
            ("treasury:trail", _("Who did what"), Action.READ_BOOKS),
            ("treasury:sample", _("Sample for the audit"), Action.READ_BOOKS),
            ("treasury:exports", _("Exports"), Action.READ_BOOKS),
        ),
    ),
    (
        _("Agreements and offices"),
        (
            ("twinnings:drafts", _("Agreements"), Action.SEE_DESK),
            ("twinnings:offices", _("Offices"), Action.SEE_DESK),
            ("twinnings:bond", _("The bond"), Action.RECORD_STATE),
            ("twinnings:city_desk", _("The receiving city"), Action.SEE_DESK),
        ),
    ),
)


def desk(request: HttpRequest) -> dict[str, Any]:
    """Give `kit/desk.html` its `desk_menu`; asked only by pages that show it."""
    return {"desk_menu": SimpleLazyObject(lambda: _menu(request))}


def _menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of links, each with whether the page lies in it; a group without a name is a link."""
    match = request.resolver_match
    slug = match.kwargs.get("slug") if match else None
    person = getattr(request, "user", None)
    if not isinstance(person, Person):
        return []
    found: list[tuple[Any, list[tuple[str, Any]]]] = []
    if slug is not None:
        work = getattr(request, "workspace", None) or partnership_for(person, slug)
        found.append(("", [(reverse("web:desk_partnership", args=[slug]), _("What waits"))]))
        for name, links in LINKS:
            open_to = [(reverse(at, args=[slug]), text) for at, text, may in links if work.may(may)]
            if open_to:
                found.append((name, open_to))
    if person.is_operator:
        found.append(("", [(reverse("web:machine"), _("The machine"))]))
    # The page itself, or the list that it lies below: the longest address that it begins with.
    every = [url for _name, links in found for url, _text in links]
    here = max((url for url in every if request.path.startswith(url)), key=len, default="")
    return [
        {
            "name": name,
            "is_here": here in [url for url, _text in links],
            "links": [{"url": url, "label": text, "current": url == here} for url, text in links],
        }
        for name, links in found
    ]
