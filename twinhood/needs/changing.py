"""What becomes of a verified need before it is met: other numbers, other prices, found elsewhere.

One person of the asking side proposes, somebody else agrees. What the need asked for before stays
written beside it, with the reason and the day; so an old picture of the page is explained.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from twinhood.kit.above import Above
from twinhood.needs import campaigns, errors, telling
from twinhood.needs.models import Change, Need, TargetNote
from twinhood.people.identity import same_people
from twinhood.people.models import Organisation, Person


@dataclass(frozen=True, slots=True)
class Asked:
    """What a need asks for: `quantity` things, of which others brought `covered`."""

    quantity: int
    covered: int
    unit_price_minor: int

    @property
    def wanted(self) -> int:
        return self.quantity - self.covered


def asked_by(need: Need) -> Asked:
    return Asked(need.quantity, need.covered, need.unit_price_minor)


type Orders = Callable[[Need], int]
# Only the floor above knows how many things of a need are ordered.
_orders = Above[Orders]()
register = _orders.register


def fewest(need: Need) -> int:
    """The fewest things that a need can ask of donors from now on: those that are ordered."""
    orders = _orders.last
    return min(orders(need), need.wanted) if orders else 0


@transaction.atomic
def propose(
    *, need: Need, asked: Asked, reason: str, by: Person, organisation: Organisation, at: datetime
) -> Change:
    """Propose that a verified need asks for something else; a proposal before it falls away.

    Raises WrongState, ReasonMissing, NothingChanges, FewerThanOrdered.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    need = _verified(need)
    before = asked_by(need)
    if asked == before or asked.covered >= asked.quantity:
        raise errors.NothingChanges
    _expect_no_fewer_than_ordered(need, asked)
    for earlier in need.changes.filter(state=Change.State.PROPOSED):
        _decide(earlier, Change.State.REFUSED, by=by, organisation=organisation, at=at)
    return Change.objects.create(
        need=need,
        quantity=asked.quantity,
        covered=asked.covered,
        unit_price_minor=asked.unit_price_minor,
        quantity_before=before.quantity,
        covered_before=before.covered,
        unit_price_minor_before=before.unit_price_minor,
        reason=reason.strip(),
        proposed_by=by,
        proposed_for=organisation,
        proposed_at=at,
    )


@transaction.atomic
def agree(*, change: Change, by: Person, organisation: Organisation, at: datetime) -> Need:
    """Let the need ask for what was proposed, and let the log say so.

    Raises OwnChange, WrongState where it was decided already, FewerThanOrdered where more was
    ordered since it was proposed.
    """
    need, change = _open(change, by)
    _expect_no_fewer_than_ordered(
        need, Asked(change.quantity, change.covered, change.unit_price_minor)
    )
    change.need = need
    campaign = need.campaign
    before_minor = campaigns.target_minor(campaign) if campaign else 0
    _decide(change, Change.State.MADE, by=by, organisation=organisation, at=at)
    need.quantity = change.quantity
    need.covered = change.covered
    need.unit_price_minor = change.unit_price_minor
    need.save(update_fields=["quantity", "covered", "unit_price_minor"])
    if campaign is not None:
        why = TargetNote.Why.CHANGED
        campaigns.note_target(
            campaign=campaign, need=need, why=why, before_minor=before_minor, at=at
        )
    telling.commit(need.partnership, telling.change_facts(change))
    return need


@transaction.atomic
def decline(*, change: Change, by: Person, organisation: Organisation, at: datetime) -> Change:
    """Leave the need as it is. Raises OwnChange, WrongState."""
    _need, change = _open(change, by)
    _decide(change, Change.State.REFUSED, by=by, organisation=organisation, at=at)
    return change


def _verified(need: Need) -> Need:
    need = Need.objects.select_for_update().get(pk=need.pk)
    if need.state != Need.State.VERIFIED:
        raise errors.WrongState(str(need), need.state)
    return need


def _expect_no_fewer_than_ordered(need: Need, asked: Asked) -> None:
    ordered = fewest(need)
    if asked.wanted < ordered:
        raise errors.FewerThanOrdered(ordered)


def _open(change: Change, by: Person) -> tuple[Need, Change]:
    need = _verified(change.need)
    change = Change.objects.select_for_update().get(pk=change.pk)
    if change.state != Change.State.PROPOSED:
        raise errors.WrongState(str(change), change.state)
    if change.proposed_by_id in same_people(by):
        raise errors.OwnChange
    return need, change


def _decide(
    change: Change, state: Change.State, *, by: Person, organisation: Organisation, at: datetime
) -> None:
    change.state = state
    change.decided_by = by
    change.decided_for = organisation
    change.decided_at = at
    change.save(update_fields=["state", "decided_by", "decided_for", "decided_at"])
