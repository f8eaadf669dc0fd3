"""What waits for a person among the needs."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from twinhood.kit import clock
from twinhood.kit.fields import LocalText
from twinhood.needs.campaigns import pause_of
from twinhood.needs.core import freshness
from twinhood.needs.models import Change, Need, Quote, Renaming, Verification
from twinhood.needs.queries import campaign_of, present_verifications
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace
from twinhood.people.safety import safety_of
from twinhood.people.waiting import SECOND_ASKED, Evidence, Kind, Pile, Task

CHECKS = Kind("checks", _("Needs to check"))
BOARD = Kind("board", _("Decisions of the board"))
DRAFTS = Kind("drafts", _("Drafts of yours"))
CHANGES = Kind("changes", _("Changes of needs"))
HOLDS = Kind("holds", _("Needs to confirm"))
PRICES = Kind("prices", _("Prices out of date"))

ADDRESS = ("needs:desk_need", "number")
NEED_FACTS = {"number": "number", "need": "title"}


def tasks(work: Workspace) -> Iterator[Pile | Task]:
    """Needs that others wrote, for who checks them; their own drafts, for who writes."""
    if work.may(Action.VERIFY_NEED):
        yield from (_checks(work), _changes(work), _renamings(work))
    if work.may(Action.WRITE_NEED):
        yield from (_drafts(work), _to_confirm(work), _stale(work))
    if work.may(Action.RUN_CAMPAIGN):
        yield from _paused(work)


def _checks(work: Workspace) -> Pile:
    """Needs that others wrote and that this person has not checked in their present words."""
    own = Verification.objects.filter(
        need=OuterRef("pk"), revision=OuterRef("revision"), verified_by=work.person
    )
    check = JSONObject(seen="what_was_seen", by="organisation__name")
    checks = present_verifications().filter(need=OuterRef("pk")).values_list(check)
    return Pile(
        kind=CHECKS,
        rows=Need.objects.filter(partnership=work.partnership, state=Need.State.SUBMITTED)
        .exclude(written_by=work.person)
        .exclude(Exists(own))
        .order_by(F("submitted_at").asc(nulls_first=True), "number"),
        since=Coalesce("submitted_at", "written_at"),
        facts=NEED_FACTS
        | {
            "quantity": "quantity",
            "beneficiary": "beneficiary__name",
            "wanted": Value(work.partnership.verifiers_needed),
            "checks": ArraySubquery(checks),
        },
        also=_what_was_seen,
        title=_("Check a need: %(need)s"),
        why=_("%(key)s, asked for: %(quantity)d. For: %(beneficiary)s."),
        address=ADDRESS,
        action=_("Check it"),
    )


def _what_was_seen(facts: Mapping[str, Any]) -> dict[str, Any]:
    checks = facts["checks"]
    return {
        "key": Need(number=facts["number"]),
        "done": len(checks),
        "first_by": LocalText(checks[0]["by"]) if checks else "",
        "evidence": [Evidence(check["seen"]) for check in checks],
    }


def _drafts(work: Workspace) -> Pile:
    return Pile(
        kind=DRAFTS,
        rows=Need.objects.filter(
            partnership=work.partnership, state=Need.State.DRAFT, written_by=work.person
        ).order_by("written_at", "number"),
        since="written_at",
        facts=NEED_FACTS,
        title=_("Your draft: %(need)s"),
        why=_("Only you and your colleagues see it."),
        address=ADDRESS,
        action=_("Go on"),
    )


def _to_confirm(work: Workspace) -> Pile:
    """Needs of those for whom this person acts, some days before their word runs out."""
    mine = [role.organisation_id for role in work.roles]
    soon = work.partnership.receiving_today + timedelta(days=freshness.ASKED_BEFORE_DAYS)
    return Pile(
        kind=HOLDS,
        rows=Need.objects.filter(
            Q(written_for__in=mine) | Q(beneficiary__in=mine),
            partnership=work.partnership,
            state=Need.State.VERIFIED,
            confirmed_until_date__lte=soon,
        ).order_by("confirmed_until_date", "number"),
        since=Coalesce("verified_at", "written_at"),
        due="confirmed_until_date",
        facts=NEED_FACTS,
        title=_("Is it still needed? %(need)s"),
        why=_("If nobody says so, its page tells that it is not confirmed."),
        address=ADDRESS,
        action=_("Say so"),
    )


def _stale(work: Workspace) -> Pile:
    """Verified needs of this person's own bodies of which no quote holds any more."""
    mine = [role.organisation_id for role in work.roles]
    today = work.partnership.receiving_today
    quotes = Quote.objects.filter(need=OuterRef("pk"))
    holds = quotes.filter(Q(valid_until_date=None) | Q(valid_until_date__gte=today))
    return Pile(
        kind=PRICES,
        rows=Need.objects.filter(
            Exists(quotes),
            ~Exists(holds),
            written_for__in=mine,
            partnership=work.partnership,
            state=Need.State.VERIFIED,
        ).order_by("verified_at", "number"),
        since=Coalesce("verified_at", "written_at"),
        facts=NEED_FACTS,
        title=_("Ask for a new quote: %(need)s"),
        why=_("No quote for it holds any more."),
        address=ADDRESS,
    )


def _paused(work: Workspace) -> Iterator[Task]:
    """The board's decision, where an official list paused the campaign."""
    # Most cities are not occupied: then nothing else is asked.
    today = work.partnership.receiving_today
    if not safety_of(work.partnership, today).is_occupied:
        return
    campaign = campaign_of(work.partnership)
    if campaign is None or (pause := pause_of(campaign, clock.now())) is None:
        return
    yield Task(
        kind=BOARD,
        since=pause.listed_in.read_at,
        title=gettext("The campaign is paused: %(city)s") % {"city": pause.place},
        why=gettext(
            "Temporarily occupied, says the official list. The board decides what follows."
        ),
        url=reverse("needs:campaign", args=[work.partnership.slug]),
        action=gettext("Record the decision"),
    )


def _changes(work: Workspace) -> Pile:
    return Pile(
        kind=CHANGES,
        rows=Change.objects.filter(need__partnership=work.partnership, state=Change.State.PROPOSED)
        .exclude(proposed_by=work.person)
        .order_by("proposed_at", "pk"),
        since="proposed_at",
        facts=SECOND_ASKED
        | {
            "number": "need__number",
            "need": "need__title",
            "reason": "reason",
            "first_by": "proposed_for__name",
        },
        title=_("Agree that a need changes: %(need)s"),
        why="%(reason)s",
        address=ADDRESS,
    )


def _renamings(work: Workspace) -> Pile:
    """Other names of institutions; the page of the newest need for it says which."""
    of_it = Need.objects.filter(
        partnership=work.partnership, beneficiary=OuterRef("organisation"),
        verified_at__isnull=False,
    ).order_by("-number")  # fmt: skip
    return Pile(
        kind=CHANGES,
        rows=Renaming.objects.filter(is_agreed=None)
        .exclude(proposed_by=work.person)
        .annotate(need_number=Subquery(of_it.values("number")[:1]))
        .filter(need_number__isnull=False)
        .order_by("proposed_at", "pk"),
        since="proposed_at",
        facts=SECOND_ASKED
        | {
            "number": "need_number",
            "name": "name_before",
            "reason": "reason",
            "first_by": "proposed_for__name",
        },
        title=_("Agree to another name: %(name)s"),
        why="%(reason)s",
        address=ADDRESS,
    )
