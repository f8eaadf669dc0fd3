"""The desk's side: where a person may go in this partnership. Only the roof knows all rooms."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from twinhood.people.core.permissions import Action
from twinhood.people.models import Person
from twinhood.people.queries import partnership_for

LINKS = (
    ("web:desk_partnership", _("What waits"), Action.SEE_DESK),
    ("needs:list", _("Needs"), Action.SEE_DESK),
    ("needs:campaign", _("Campaign"), Action.RUN_CAMPAIGN),
    ("giving:gifts", _("Gifts"), Action.TAKE_GIFT),
    ("giving:new", _("Enter a gift"), Action.TAKE_GIFT),
    ("giving:paste", _("Paste gifts"), Action.TAKE_GIFT),
    ("giving:receipts", _("Receipts"), Action.SEE_DONORS),
    ("giving:things", _("Given in kind"), Action.READ_BOOKS),
    ("giving:matching", _("Matching"), Action.READ_BOOKS),
    ("treasury:inbox", _("Treasurer’s inbox"), Action.READ_BOOKS),
    ("treasury:bank", _("Bank"), Action.TAKE_GIFT),
    ("giving:payouts", _("Payouts"), Action.READ_BOOKS),
    ("giving:notices", _("Notices"), Action.TAKE_GIFT),
    ("treasury:exchange", _("Change money"), Action.EXCHANGE),
    ("treasury:moves", _("Move money"), Action.EXCHANGE),
    ("treasury:advances", _("Advances"), Action.EXCHANGE),
    ("treasury:months", _("Month end"), Action.READ_BOOKS),
    ("treasury:trail", _("Who did what"), Action.READ_BOOKS),
    ("treasury:sample", _("Sample for the audit"), Action.READ_BOOKS),
    ("treasury:exports", _("Exports"), Action.READ_BOOKS),
    ("treasury:withdrawn", _("Withdrawn needs"), Action.READ_BOOKS),
    ("twinnings:drafts", _("Agreements"), Action.SEE_DESK),
    ("twinnings:offices", _("Offices"), Action.SEE_DESK),
    ("twinnings:bond", _("The bond"), Action.RECORD_STATE),
    ("deliveries:orders", _("Orders"), Action.SEE_DESK),
    ("deliveries:acts", _("Hand-overs"), Action.SEE_DESK),
    ("deliveries:hand_over", _("Hand over"), Action.HAND_OVER),
)


def desk(request: HttpRequest) -> dict[str, Any]:
    """Give `kit/desk.html` its `desk_links`; asked only by pages that show them."""
    return {"desk_links": SimpleLazyObject(lambda: _links(request))}


def _links(request: HttpRequest) -> list[dict[str, Any]]:
    match = request.resolver_match
    slug = match.kwargs.get("slug") if match else None
    person = getattr(request, "user", None)
    if not isinstance(person, Person):
        return []
    links = []
    if slug is not None:
        work = partnership_for(person, slug)
        links = [(reverse(name, args=[slug]), label) for name, label, may in LINKS if work.may(may)]
    if person.is_operator:
        links.append((reverse("web:machine"), _("The machine")))
    # The page itself, or the list that it lies below: the longest address that it begins with.
    current = max((url for url, _ in links if request.path.startswith(url)), key=len, default="")
    return [{"url": url, "label": label, "current": url == current} for url, label in links]
