"""What waits for a person among the needs."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from twinhood.kit import clock
from twinhood.needs.campaigns import pause_of
from twinhood.needs.core import freshness
from twinhood.needs.models import Change, Need, Quote, Renaming, Verification
from twinhood.needs.queries import campaign_of, present_verifications
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace
from twinhood.people.safety import safety_of
from twinhood.people.waiting import Evidence, Kind, Task, oldest

CHECKS = Kind("checks", _("Needs to check"))
BOARD = Kind("board", _("Decisions of the board"))
DRAFTS = Kind("drafts", _("Drafts of yours"))
CHANGES = Kind("changes", _("Changes of needs"))
HOLDS = Kind("holds", _("Needs to confirm"))
PRICES = Kind("prices", _("Prices out of date"))


def tasks(work: Workspace) -> Iterator[Task]:
    """Needs that others wrote, for who checks them; their own drafts, for who writes."""
    if work.may(Action.VERIFY_NEED):
        yield from _to_verify(work)
        yield from _changes(work)
        yield from _renamings(work)
    if work.may(Action.WRITE_NEED):
        yield from _drafts_and_to_confirm(work)
        yield from _stale(work)
    if work.may(Action.RUN_CAMPAIGN):
        yield from _paused(work)


def _to_verify(work: Workspace) -> Iterator[Task]:
    own = Verification.objects.filter(
        need=OuterRef("pk"), revision=OuterRef("revision"), verified_by=work.person
    )
    submitted = (
        Need.objects.filter(partnership=work.partnership, state=Need.State.SUBMITTED)
        .exclude(written_by=work.person)
        .exclude(Exists(own))
        .select_related("beneficiary")
        .order_by(F("submitted_at").asc(nulls_first=True), "number")
    )
    found = list(oldest(submitted))
    checks: dict[int, list[Verification]] = {}
    for check in present_verifications().filter(need__in=[need for need, _behind in found]):
        checks.setdefault(check.need_id, []).append(check)
    for need, behind in found:
        done = checks.get(need.pk, [])
        yield Task(
            kind=CHECKS,
            since=need.submitted_at or need.written_at,
            title=gettext("Check a need: %(need)s") % {"need": need.title},
            why=gettext("%(number)s, asked for: %(quantity)d. For: %(beneficiary)s.") % {
                "number": need, "quantity": need.quantity, "beneficiary": need.beneficiary,
            },
            url=reverse("needs:desk_need", args=[work.partnership.slug, need.number]),
            action=gettext("Check it"),
            done=len(done),
            wanted=work.partnership.verifiers_needed,
            first_by=str(done[0].organisation) if done else "",
            evidence=[Evidence(check.what_was_seen) for check in done],
            behind=behind,
        )  # fmt: skip


def _drafts_and_to_confirm(work: Workspace) -> Iterator[Task]:
    """Own drafts; verified needs of those for whom this person acts, some days before their word
    runs out. One query tells both.
    """
    mine = [role.organisation_id for role in work.roles]
    soon = work.partnership.receiving_today + timedelta(days=freshness.ASKED_BEFORE_DAYS)
    is_draft = Q(state=Need.State.DRAFT, written_by=work.person)
    ends_soon = Q(Q(written_for__in=mine) | Q(beneficiary__in=mine), state=Need.State.VERIFIED,
                  confirmed_until_date__lte=soon)  # fmt: skip
    found = Need.objects.filter(is_draft | ends_soon, partnership=work.partnership)
    in_turn = F("confirmed_until_date").asc(nulls_last=True), "written_at", "number"
    for need, behind in oldest(found.order_by(*in_turn)):
        yield (_draft if need.state == Need.State.DRAFT else _to_confirm)(work, need, behind)


def _draft(work: Workspace, need: Need, behind: int) -> Task:
    return Task(
        kind=DRAFTS,
        since=need.written_at,
        title=gettext("Your draft: %(need)s") % {"need": need.title},
        why=gettext("Only you and your colleagues see it."),
        url=_url(work, need),
        action=gettext("Go on"),
        behind=behind,
    )


def _to_confirm(work: Workspace, need: Need, behind: int) -> Task:
    return Task(
        kind=HOLDS,
        since=need.verified_at or need.written_at,
        title=gettext("Is it still needed? %(need)s") % {"need": need.title},
        why=gettext("If nobody says so, its page tells that it is not confirmed."),
        url=_url(work, need),
        action=gettext("Say so"),
        due_date=need.confirmed_until_date,
        behind=behind,
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


def _changes(work: Workspace) -> Iterator[Task]:
    proposed = (
        Change.objects.filter(need__partnership=work.partnership, state=Change.State.PROPOSED)
        .exclude(proposed_by=work.person)
        .select_related("need", "proposed_for")
        .order_by("proposed_at", "pk")
    )
    for change, behind in oldest(proposed):
        yield Task(
            kind=CHANGES,
            since=change.proposed_at,
            title=gettext("Agree that a need changes: %(need)s") % {"need": change.need.title},
            why=change.reason,
            url=_url(work, change.need),
            action=gettext("Look at it"),
            done=1,
            wanted=2,
            first_by=str(change.proposed_for),
            behind=behind,
        )


def _renamings(work: Workspace) -> Iterator[Task]:
    """Other names of institutions; the page of the newest need for it says which."""
    of_it = Need.objects.filter(
        partnership=work.partnership, beneficiary=OuterRef("organisation"),
        verified_at__isnull=False,
    ).order_by("-number")  # fmt: skip
    proposed = (
        Renaming.objects.filter(is_agreed=None)
        .exclude(proposed_by=work.person)
        .annotate(need_number=Subquery(of_it.values("number")[:1]))
        .filter(need_number__isnull=False)
        .select_related("proposed_for")
        .order_by("proposed_at", "pk")
    )
    for renaming, behind in oldest(proposed):
        number = renaming.need_number  # type: ignore[attr-defined]
        yield Task(
            kind=CHANGES,
            since=renaming.proposed_at,
            title=gettext("Agree to another name: %(name)s") % {"name": renaming.name_before},
            why=renaming.reason,
            url=reverse("needs:desk_need", args=[work.partnership.slug, number]),
            action=gettext("Look at it"),
            done=1,
            wanted=2,
            first_by=str(renaming.proposed_for),
            behind=behind,
        )


def _stale(work: Workspace) -> Iterator[Task]:
    mine = [role.organisation_id for role in work.roles]
    today = work.partnership.receiving_today
    quotes = Quote.objects.filter(need=OuterRef("pk"))
    holds = quotes.filter(Q(valid_until_date=None) | Q(valid_until_date__gte=today))
    needs = Need.objects.filter(
        Exists(quotes),
        ~Exists(holds),
        written_for__in=mine,
        partnership=work.partnership,
        state=Need.State.VERIFIED,
    ).order_by("verified_at", "number")
    for need, behind in oldest(needs):
        yield Task(
            kind=PRICES,
            since=need.verified_at or need.written_at,
            title=gettext("Ask for a new quote: %(need)s") % {"need": need.title},
            why=gettext("No quote for it holds any more."),
            url=_url(work, need),
            action=gettext("Look at it"),
            behind=behind,
        )


def _url(work: Workspace, need: Need) -> str:
    return reverse("needs:desk_need", args=[work.partnership.slug, need.number])
