"""What waits for a person among agreements."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from twinhood.people.core.permissions import Action
from twinhood.people.models import Vouching
from twinhood.people.queries import Workspace
from twinhood.people.waiting import Evidence, Kind, Task, oldest
from twinhood.twinnings.models import Draft, Proposal
from twinhood.twinnings.queries import refused_seats, seats_waiting_for, side_of

PROPOSALS = Kind("proposals", _("Proposals to decide"))
VOUCHINGS = Kind("vouchings", _("Bodies to vouch for"))
PAPERS = Kind("papers", _("Papers to sign"))
REFUSALS = Kind("refusals", _("Papers that were refused"))


def tasks(work: Workspace) -> Iterator[Task]:
    """Proposals of the other city and refusals, for who drafts; papers, for who signs them."""
    if work.may(Action.DRAFT_AGREEMENT):
        yield from _proposals(work)
        yield from _refusals(work)
    if work.may(Action.SIGN_AGREEMENT):
        yield from _papers(work)
    if work.may(Action.VOUCH_FOR_BODY):
        yield from _vouchings(work)


def _proposals(work: Workspace) -> Iterator[Task]:
    side = side_of(work, Action.DRAFT_AGREEMENT)
    if side is None:
        return
    waiting = Proposal.objects.filter(
        draft__partnership=work.partnership,
        draft__state=Draft.State.OPEN,
        state=Proposal.State.OPEN,
        side=side.other,
    )
    for proposal, behind in oldest(waiting.select_related("draft").order_by("made_at", "pk")):
        draft = proposal.draft
        yield Task(
            kind=PROPOSALS,
            since=proposal.made_at,
            title=gettext("Decide on a proposal: %(kind)s") % {"kind": draft.get_kind_display()},
            why=gettext("%(draft)s. The other city would have an article otherwise.")
            % {"draft": draft},
            url=reverse(
                "twinnings:article", args=[work.partnership.slug, draft.number, proposal.article]
            ),
            action=gettext("Look at it"),
            behind=behind,
        )


def _refusals(work: Workspace) -> Iterator[Task]:
    if side_of(work, Action.DRAFT_AGREEMENT) is None:
        return
    refused = refused_seats(work.partnership)
    for seat, behind in oldest(refused.order_by("slot__refusal__refused_at", "pk")):
        place = seat.term.office.place
        yield Task(
            kind=REFUSALS,
            since=seat.slot.refusal.refused_at,
            title=gettext("Refused by %(city)s: %(title)s")
            % {"city": place, "title": seat.frozen.document.title},
            why=gettext("Read the reason. The text can be opened again, and changed."),
            url=reverse(
                "twinnings:signing", args=[work.partnership.slug, seat.frozen.version.draft.number]
            ),
            action=gettext("Read the reason"),
            behind=behind,
        )


def _papers(work: Workspace) -> Iterator[Task]:
    for seat in seats_waiting_for(work.person, work.partnership):
        document = seat.frozen.document
        yield Task(
            kind=PAPERS,
            since=document.frozen_at,
            title=gettext("To be signed: %(title)s") % {"title": document.title},
            why=gettext("Both cities agreed to this text."),
            url=reverse("twinnings:seat", args=[work.partnership.slug, seat.pk]),
            action=gettext("Read the paper"),
        )


def _vouchings(work: Workspace) -> Iterator[Task]:
    """Somebody said who acts for a body whose city was occupied: a second person confirms."""
    own = {role.organisation_id for role in work.roles}
    waiting = (
        Vouching.objects.filter(partnership=work.partnership, confirmed_at__isnull=True)
        .exclude(proposed_by=work.person)
        .exclude(organisation__in=own)
        .select_related("organisation", "proposed_by")
        .order_by("proposed_at", "pk")
    )
    for found, behind in oldest(waiting):
        yield Task(
            kind=VOUCHINGS,
            since=found.proposed_at,
            title=gettext("Who acts for a body now: %(body)s") % {"body": found.organisation},
            why=gettext("Its city is temporarily occupied. A second person confirms."),
            url=reverse("twinnings:city_desk", args=[work.partnership.slug]),
            action=gettext("Look at it"),
            done=1,
            wanted=2,
            first_by=found.proposed_by.name,
            evidence=[Evidence(found.how)],
            behind=behind,
        )
