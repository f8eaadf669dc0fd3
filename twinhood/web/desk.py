"""What waits for a person at the desk of a partnership, the oldest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext

from twinhood.deliveries.models import Order, Unit
from twinhood.deliveries.queries import unit_name
from twinhood.giving.models import Reallocation, RefundRequest
from twinhood.giving.queries import unposted
from twinhood.kit.money import format_money
from twinhood.needs.models import Need
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace
from twinhood.twinnings.models import Draft, Proposal
from twinhood.twinnings.queries import seats_waiting_for, side_of


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, with the one button that leads to it. `done` of `wanted` people agreed."""

    since: datetime
    title: str
    why: str
    url: str
    action: str
    done: int = 0
    wanted: int = 0


def tasks(work: Workspace) -> Sequence[Task]:
    """Everything this person may do now and nobody else has to do first."""
    found: list[Task] = []
    if work.may(Action.VERIFY_NEED):
        found += _needs_to_verify(work)
        found += _withdrawals_to_confirm(work)
    if work.may(Action.APPROVE_ORDER):
        found += _orders_to_approve(work)
    if work.may(Action.CONFIRM_REFUND):
        found += _refunds_to_confirm(work)
        found += _resolutions_to_carry_out(work)
    if work.may(Action.HAND_OVER):
        found += _units_to_hand_over(work)
    if work.may(Action.WRITE_NEED):
        found += _drafts(work)
    if work.may(Action.DRAFT_AGREEMENT):
        found += _proposals_to_decide(work)
    if work.may(Action.SIGN_AGREEMENT):
        found += _papers_to_sign(work)
    if work.may(Action.TAKE_GIFT):
        found += _gifts_to_post(work)
    return sorted(found, key=lambda task: task.since)


def _needs_to_verify(work: Workspace) -> Iterator[Task]:
    submitted = Need.objects.filter(partnership=work.partnership, state=Need.State.SUBMITTED)
    others = submitted.exclude(written_by=work.person).prefetch_related("verifications")
    for need in others:
        now = [v for v in need.verifications.all() if v.revision == need.revision]
        if any(v.verified_by_id == work.person.pk for v in now):
            continue
        yield Task(
            since=need.submitted_at or need.written_at,
            title=gettext("Check a need: %(need)s") % {"need": need.title},
            why=gettext("%(number)s, asked for: %(quantity)d") % {
                "number": need, "quantity": need.quantity,
            },
            url=reverse("needs:desk_need", args=[work.partnership.slug, need.number]),
            action=gettext("Check it"),
            done=len(now),
            wanted=work.partnership.verifiers_needed,
        )  # fmt: skip


def _orders_to_approve(work: Workspace) -> Iterator[Task]:
    proposed = Order.objects.filter(partnership=work.partnership, state=Order.State.PROPOSED)
    others = proposed.exclude(proposed_by=work.person).select_related("need")
    for order in others.prefetch_related("approvals"):
        now = [a for a in order.approvals.all() if a.content_hash == order.content_hash]
        if any(a.approved_by_id == work.person.pk for a in now):
            continue
        yield Task(
            since=order.proposed_at,
            title=gettext("Approve an order: %(need)s") % {"need": order.need.title},
            why=gettext("%(order)s. You approve exactly what you see there.") % {"order": order},
            url=reverse("deliveries:order", args=[work.partnership.slug, order.number]),
            action=gettext("Look at it"),
            done=len(now),
            wanted=2,
        )


def _refunds_to_confirm(work: Workspace) -> Iterator[Task]:
    proposed = RefundRequest.objects.filter(
        gift__partnership=work.partnership, state=RefundRequest.State.PROPOSED
    )
    for request in proposed.exclude(proposed_by=work.person).select_related("gift"):
        sum_ = format_money(request.amount_minor, request.gift.currency, get_language() or "en")
        yield Task(
            since=request.proposed_at,
            title=gettext("Confirm a refund: %(sum)s") % {"sum": sum_},
            why=gettext("Gift %(ref)s. You see there what it would do.")
            % {"ref": request.gift.ref},
            url=reverse("giving:refund_request", args=[work.partnership.slug, request.gift.ref]),
            action=gettext("Look at it"),
            done=1,
            wanted=2,
        )


def _withdrawals_to_confirm(work: Workspace) -> Iterator[Task]:
    for found in _withdrawn(work, Reallocation.State.ASKED).exclude(asked_by=work.person):
        yield Task(
            since=found.asked_at,
            title=gettext("Confirm that a need is withdrawn: %(need)s")
            % {"need": found.need.title},
            why=gettext("Money was given for it. You see there why, and which paper shows it."),
            url=reverse("treasury:reallocation", args=[work.partnership.slug, found.need.number]),
            action=gettext("Look at it"),
            done=1,
            wanted=2,
        )


def _resolutions_to_carry_out(work: Workspace) -> Iterator[Task]:
    proposed = _withdrawn(work, Reallocation.State.CHOOSING).filter(proposed_at__isnull=False)
    for found in proposed.exclude(proposed_by=work.person):
        yield Task(
            since=found.proposed_at or found.asked_at,
            title=gettext("Move what was left of a withdrawn need: %(need)s")
            % {"need": found.need.title},
            why=gettext("The board’s resolution is recorded."),
            url=reverse("treasury:reallocation", args=[work.partnership.slug, found.need.number]),
            action=gettext("Look at it"),
            done=1,
            wanted=2,
        )


def _withdrawn(work: Workspace, state: str) -> QuerySet[Reallocation]:
    found = Reallocation.objects.filter(partnership=work.partnership, state=state)
    return found.select_related("need")


def _units_to_hand_over(work: Workspace) -> Iterator[Task]:
    waiting = (
        Unit.objects.filter(
            order__partnership=work.partnership,
            order__state=Order.State.PLACED,
            cancelled_at=None,
            handover=None,
        )
        .select_related("order__need")
        .order_by("order__placed_at", "number")
    )
    for unit in waiting[:20]:
        yield Task(
            since=unit.order.placed_at or unit.order.proposed_at,
            title=gettext("To be handed over: %(thing)s")
            % {"thing": unit_name(unit.order.need, unit.number)},
            why=gettext("Bought with %(order)s, no act yet.") % {"order": unit.order},
            url=reverse("deliveries:hand_over", args=[work.partnership.slug]),
            action=gettext("Record the act"),
        )


def _drafts(work: Workspace) -> Iterator[Task]:
    drafts = Need.objects.filter(
        partnership=work.partnership, state=Need.State.DRAFT, written_by=work.person
    )
    for need in drafts:
        yield Task(
            since=need.written_at,
            title=gettext("Your draft: %(need)s") % {"need": need.title},
            why=gettext("Only you and your colleagues see it."),
            url=reverse("needs:desk_need", args=[work.partnership.slug, need.number]),
            action=gettext("Go on"),
        )


def _proposals_to_decide(work: Workspace) -> Iterator[Task]:
    side = side_of(work, Action.DRAFT_AGREEMENT)
    if side is None:
        return
    waiting = Proposal.objects.filter(
        draft__partnership=work.partnership,
        draft__state=Draft.State.OPEN,
        state=Proposal.State.OPEN,
        side=side.other,
    )
    for proposal in waiting.select_related("draft").order_by("pk")[:20]:
        draft = proposal.draft
        yield Task(
            since=proposal.made_at,
            title=gettext("Decide on a proposal: %(kind)s") % {"kind": draft.get_kind_display()},
            why=gettext("%(draft)s. The other city would have an article otherwise.")
            % {"draft": draft},
            url=reverse(
                "twinnings:article", args=[work.partnership.slug, draft.number, proposal.article]
            ),
            action=gettext("Look at it"),
        )


def _papers_to_sign(work: Workspace) -> Iterator[Task]:
    for seat in seats_waiting_for(work.person, work.partnership):
        document = seat.frozen.document
        yield Task(
            since=document.frozen_at,
            title=gettext("To be signed: %(title)s") % {"title": document.title},
            why=gettext("Both cities agreed to this text."),
            url=reverse("twinnings:seat", args=[work.partnership.slug, seat.pk]),
            action=gettext("Read the paper"),
        )


def _gifts_to_post(work: Workspace) -> Iterator[Task]:
    waiting = unposted(work.partnership)
    if waiting.oldest_at is not None:
        yield Task(
            since=waiting.oldest_at,
            title=gettext("Gifts on their way to the line: %d") % waiting.count,
            why=gettext("The worker posts them within moments."),
            url=reverse("giving:gifts", args=[work.partnership.slug]),
            action=gettext("Look at them"),
        )
