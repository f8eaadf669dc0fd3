"""What waits for a person among agreements."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Count, OuterRef, Subquery, Value
from django.utils.translation import gettext_lazy as _

from twinhood.documents.models import HandWitness
from twinhood.people.core.permissions import Action
from twinhood.people.models import Vouching
from twinhood.people.queries import Workspace
from twinhood.people.waiting import SECOND_ASKED, Evidence, Kind, Pile
from twinhood.twinnings.core.drafting import Side
from twinhood.twinnings.models import Draft, Proposal, Seat
from twinhood.twinnings.queries import (
    place_of,
    refused_seats,
    scans_to_witness,
    seats_waiting_for,
    side_of,
)

PROPOSALS = Kind("proposals", _("Proposals to decide"))
VOUCHINGS = Kind("vouchings", _("Bodies to vouch for"))
PAPERS = Kind("papers", _("Papers to sign"))
WITNESSES = Kind("witnesses", _("Papers to witness"))
REFUSALS = Kind("refusals", _("Papers that were refused"))


def tasks(work: Workspace) -> Iterator[Pile]:
    """Proposals of the other city and refusals, for who drafts; papers, for who signs them, and
    for whoever may have seen it."""
    side = side_of(work, Action.DRAFT_AGREEMENT)
    if work.may(Action.DRAFT_AGREEMENT) and side is not None:
        yield from (_proposals(work, side.other), _refusals(work))
    if work.may(Action.SIGN_AGREEMENT):
        yield _papers(work)
    if work.may(Action.VOUCH_FOR_BODY):
        yield _vouchings(work)
    if work.roles:
        yield _scans(work)


def _proposals(work: Workspace, side: Side) -> Pile:
    def words(facts: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "kind": Draft.Kind(facts["draft_kind"]).label,
            "draft": Draft(number=facts["number"]),
        }

    return Pile(
        kind=PROPOSALS,
        rows=Proposal.objects.filter(
            draft__partnership=work.partnership,
            draft__state=Draft.State.OPEN,
            state=Proposal.State.OPEN,
            side=side,
        ).order_by("made_at", "pk"),
        since="made_at",
        facts={"number": "draft__number", "draft_kind": "draft__kind", "article": "article"},
        also=words,
        title=_("Decide on a proposal: %(kind)s"),
        why=_("%(draft)s. The other city would have an article otherwise."),
        address=("twinnings:article", "number", "article"),
    )


def _refusals(work: Workspace) -> Pile:
    return Pile(
        kind=REFUSALS,
        rows=refused_seats(work.partnership).order_by("slot__refusal__refused_at", "pk"),
        since="slot__refusal__refused_at",
        facts={
            "number": "frozen__version__draft__number",
            "title": "frozen__document__title",
            "side": "side",
        },
        also=lambda facts: {"city": place_of(work.partnership, Side(facts["side"]))},
        title=_("Refused by %(city)s: %(title)s"),
        why=_("Read the reason. The text can be opened again, and changed."),
        address=("twinnings:signing", "number"),
        action=_("Read the reason"),
    )


def _papers(work: Workspace) -> Pile:
    return Pile(
        kind=PAPERS,
        rows=seats_waiting_for(work.person, work.partnership),
        since="frozen__document__frozen_at",
        facts={"pk": "pk", "title": "frozen__document__title"},
        title=_("To be signed: %(title)s"),
        why=_("Both cities agreed to this text."),
        address=("twinnings:seat", "pk"),
        action=_("Read the paper"),
    )


def _scans(work: Workspace) -> Pile:
    """Papers signed by hand that count once two people say that they saw it."""
    scans = scans_to_witness(work.person, work.roles[0].organisation, work.partnership)
    first = HandWitness.objects.filter(scan=OuterRef("pk")).order_by("witnessed_at", "pk")
    return Pile(
        kind=WITNESSES,
        rows=scans.order_by("entered_at", "pk"),
        since="entered_at",
        facts={
            "seat": Subquery(Seat.objects.filter(slot=OuterRef("slot")).values("pk")[:1]),
            "title": "slot__document__title",
            "done": Count("witnesses"),
            "wanted": Value(2),
            "first_by": Subquery(first.values("organisation__name")[:1]),
        },
        title=_("Did you see it signed? %(title)s"),
        why=_("It was signed by hand, and counts once two people of two bodies saw it."),
        address=("twinnings:seat", "seat"),
        action=_("Look at the scan"),
    )


def _vouchings(work: Workspace) -> Pile:
    """Somebody said who acts for a body whose city was occupied: a second person confirms."""
    own = {role.organisation_id for role in work.roles}
    return Pile(
        kind=VOUCHINGS,
        rows=Vouching.objects.filter(partnership=work.partnership, confirmed_at__isnull=True)
        .exclude(proposed_by=work.person)
        .exclude(organisation__in=own)
        .order_by("proposed_at", "pk"),
        since="proposed_at",
        facts=SECOND_ASKED
        | {"body": "organisation__name", "how": "how", "first_by": "proposed_by__name"},
        also=lambda facts: {"evidence": [Evidence(facts["how"])]},
        title=_("Who acts for a body now: %(body)s"),
        why=_("Its city is temporarily occupied. A second person confirms."),
        address=("twinnings:city_desk",),
    )
