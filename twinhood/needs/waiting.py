"""What waits for a person among the needs."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from twinhood.kit import clock
from twinhood.needs.campaigns import pause_of
from twinhood.needs.models import Need, Verification
from twinhood.needs.queries import campaign_of, present_verifications
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace
from twinhood.people.waiting import Evidence, Kind, Task, oldest

CHECKS = Kind("checks", _("Needs to check"))
BOARD = Kind("board", _("Decisions of the board"))
DRAFTS = Kind("drafts", _("Drafts of yours"))


def tasks(work: Workspace) -> Iterator[Task]:
    """Needs that others wrote, for who checks them; their own drafts, for who writes."""
    if work.may(Action.VERIFY_NEED):
        yield from _to_verify(work)
    if work.may(Action.WRITE_NEED):
        yield from _drafts(work)
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


def _drafts(work: Workspace) -> Iterator[Task]:
    drafts = Need.objects.filter(
        partnership=work.partnership, state=Need.State.DRAFT, written_by=work.person
    ).order_by("written_at", "number")
    for need, behind in oldest(drafts):
        yield Task(
            kind=DRAFTS,
            since=need.written_at,
            title=gettext("Your draft: %(need)s") % {"need": need.title},
            why=gettext("Only you and your colleagues see it."),
            url=reverse("needs:desk_need", args=[work.partnership.slug, need.number]),
            action=gettext("Go on"),
            behind=behind,
        )


def _paused(work: Workspace) -> Iterator[Task]:
    """The board's decision, where an official list paused the campaign."""
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
