"""Verbs and reads of campaigns that their board decides about.

A need is asked for in public only when the recipient's board adopted it: the charity keeps control
of what it asks for (docs/concepts/money.md). Amounts are minor units of the campaign's currency.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from twinhood.documents.models import StoredFile
from twinhood.kit import clock
from twinhood.kit.fields import LocalText
from twinhood.needs import errors
from twinhood.needs.core import goal
from twinhood.needs.models import (
    AdoptedNeed,
    BoardDecision,
    Campaign,
    Need,
    TargetNote,
    Waypoint,
)
from twinhood.people.models import Person
from twinhood.people.safety import safety_of
from twinhood.places.core.standing import Danger
from twinhood.places.models import Standing


@dataclass(frozen=True, slots=True)
class Minutes:
    """Where a decision of the board stands written."""

    number: str
    decided_date: date
    words: LocalText | None = None
    document: StoredFile | None = None


@transaction.atomic
def adopt(
    *, campaign: Campaign, needs: Sequence[Need], minutes: Minutes, by: Person, at: datetime
) -> BoardDecision:
    """Record that the board adopted needs as they are now. The same minutes again add what is new.

    Raises NotReady if none is given or one is not verified; OtherCurrency.
    """
    for need in needs:
        if need.state != Need.State.VERIFIED or need.partnership_id != campaign.partnership_id:
            raise errors.WrongState(str(need), need.state)
        if need.currency != campaign.currency:
            raise errors.OtherCurrency(need.currency, campaign.currency)
    decision = campaign.decisions.filter(
        kind=BoardDecision.Kind.ADOPTED,
        minutes_number=minutes.number,
        decided_date=minutes.decided_date,
    ).first() or _decide(campaign, BoardDecision.Kind.ADOPTED, minutes, by, at)
    for need in needs:
        AdoptedNeed.objects.get_or_create(
            decision=decision, need=need,
            defaults={"quantity": need.quantity, "unit_price_minor": need.unit_price_minor},
        )  # fmt: skip
    return decision


@transaction.atomic
def decide(
    *, campaign: Campaign, kind: BoardDecision.Kind, minutes: Minutes, by: Person, at: datetime
) -> BoardDecision:
    """Record what the board decided of a campaign that a list paused: it goes on, or it ends and
    what was given is for the fallback purpose. Raises WrongState if it is not paused.
    """
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    standing = pause_of(locked, at)
    if standing is None or minutes.decided_date < standing.since_date:
        raise errors.WrongState(locked.slug, locked.state)
    decision = _decide(locked, kind, minutes, by, at)
    if kind == BoardDecision.Kind.FALLBACK:
        locked.state = Campaign.State.CLOSED
        locked.save(update_fields=["state"])
    return decision


def _decide(
    campaign: Campaign, kind: BoardDecision.Kind, minutes: Minutes, by: Person, at: datetime
) -> BoardDecision:
    return BoardDecision.objects.create(
        campaign=campaign,
        kind=kind,
        minutes_number=minutes.number,
        decided_date=minutes.decided_date,
        words=minutes.words,
        document=minutes.document,
        recorded_by=by,
        recorded_at=at,
    )


def not_adopted(campaign: Campaign) -> list[Need]:
    """Needs in the campaign that the board did not adopt as they are: in number, or in price."""
    adopted = {
        (one.need_id, one.quantity, one.unit_price_minor)
        for one in AdoptedNeed.objects.filter(decision__campaign=campaign)
    }
    needs = campaign.needs.order_by("position", "number")
    return [n for n in needs if (n.pk, n.quantity, n.unit_price_minor) not in adopted]


def is_adopted(campaign: Campaign, need: Need) -> bool:
    """Whether the board adopted the need in the number and at the price that it has now."""
    return AdoptedNeed.objects.filter(
        decision__campaign=campaign, need=need, quantity=need.quantity,
        unit_price_minor=need.unit_price_minor,
    ).exists()  # fmt: skip


def pause_of(campaign: Campaign, at: datetime) -> Standing | None:
    """Why an open campaign takes no gifts at `at`: the receiving city counts as occupied, and the
    board has not decided since. None if it takes them, or if it is not open."""
    if campaign.state != Campaign.State.OPEN:
        return None
    with clock.showing(at):
        today = campaign.partnership.receiving_today
    return paused_by(
        safety_of(campaign.partnership, today).standing, campaign, campaign.decisions.all()
    )


def paused_by(
    standing: Standing | None, campaign: Campaign, decisions: Iterable[BoardDecision]
) -> Standing | None:
    """The same, where the city’s standing of that day and the decisions were read already."""
    if standing is None or standing.danger != Danger.OCCUPIED:
        return None
    resumed = BoardDecision.Kind.RESUMED
    # Whether the board lets the campaign go on since the list says so.
    goes_on = any(d.kind == resumed and d.decided_date >= standing.since_date for d in decisions)
    return None if goes_on or campaign.state != Campaign.State.OPEN else standing


def target_minor(campaign: Campaign) -> int:
    """The target as it stands: what its needs cost together, and the stated costs."""
    needs: Iterable[Need] = campaign.needs.all()
    return goal.with_costs_minor(sum(need.total_minor for need in needs), campaign.costs_per_10k)


def note_target(
    *, campaign: Campaign, need: Need, why: TargetNote.Why, before_minor: int, at: datetime
) -> TargetNote | None:
    """Keep why an open campaign's target changed; nothing if it did not. In the transaction of
    the change, with the target before it."""
    after_minor = target_minor(campaign)
    if campaign.state != Campaign.State.OPEN or after_minor == before_minor:
        return None
    return TargetNote.objects.create(
        campaign=campaign, why=why, need=need, before_minor=before_minor, after_minor=after_minor,
        noted_at=at,
    )  # fmt: skip


@transaction.atomic
def add_waypoint(
    *, campaign: Campaign, amount_minor: int, text: LocalText, by: Person, at: datetime
) -> Waypoint:
    """Set a waypoint on the way to the target. The same again changes nothing.

    Raises WrongState once the campaign is closed, BeyondTarget, WaypointTaken.
    """
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if locked.state == Campaign.State.CLOSED:
        raise errors.WrongState(locked.slug, locked.state)
    target = target_minor(locked)
    if amount_minor > target:
        raise errors.BeyondTarget(target, locked.currency)
    known = locked.waypoints.filter(amount_minor=amount_minor).first()
    if known is not None and known.text != text:
        raise errors.WaypointTaken
    return known or Waypoint.objects.create(
        campaign=locked, amount_minor=amount_minor, text=text, written_by=by, written_at=at
    )


@transaction.atomic
def take_waypoint_away(*, campaign: Campaign, pk: int) -> None:
    """Take away a waypoint that is not reached; one that is gone stays gone. Raises WrongState."""
    waypoint = campaign.waypoints.select_for_update().filter(pk=pk).first()
    if waypoint is not None and waypoint.reached_date is not None:
        raise errors.WrongState(str(waypoint), "reached")
    if waypoint is not None:
        waypoint.delete()
