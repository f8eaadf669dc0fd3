"""The verbs of suppliers' accounts: propose, call back, approve, stop. `at` is an aware UTC time.

A new account and any other one later go the same way; nothing here is ever edited.
"""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from procrastinate.contrib.django import app

from twinhood.deliveries import errors
from twinhood.deliveries.core import payee as core
from twinhood.deliveries.core.approval import (
    APPROVALS_NEEDED,
    Approver,
    Refusal,
    why_not_this_person,
)
from twinhood.deliveries.models import Order, PayeeAccount, PayeeApproval
from twinhood.kit import clock
from twinhood.needs import renaming
from twinhood.needs.actions import lock_numbers
from twinhood.people import identity
from twinhood.people.core.permissions import Action
from twinhood.people.models import Organisation, Partnership, Person, Role
from twinhood.people.queries import workspace

ALARM_TASK = "deliveries.alarm"
log = logging.getLogger(__name__)


def usable_payees(
    partnership: Partnership, supplier: Organisation, at: datetime
) -> list[PayeeAccount]:
    """Accounts of the supplier whose wait is over, the newest first."""
    found = PayeeAccount.objects.filter(
        partnership=partnership,
        supplier=supplier,
        state=PayeeAccount.State.APPROVED,
        usable_from_at__lte=at,
    )
    return list(found.order_by("-usable_from_at", "-number"))


def payable(order: Order, chosen: PayeeAccount | None, at: datetime) -> PayeeAccount:
    """The account that a payment goes to: the chosen, the order's own, or the newest usable one.

    Raises errors.NoPayee.
    """
    usable = usable_payees(order.partnership, order.quote.supplier, at)
    wanted = chosen or (order.payee if order.payee in usable else None)
    if not usable or (wanted and wanted not in usable):
        raise errors.NoPayee
    return wanted or usable[0]


def alarms_of(payee: PayeeAccount) -> list[str]:
    """What is odd about the account now; see `core.payee.alarms`."""
    others = PayeeAccount.objects.exclude(supplier=payee.supplier_id)
    own = PayeeAccount.objects.filter(
        partnership=payee.partnership_id, supplier=payee.supplier_id, number__lt=payee.number
    )
    return core.alarms(
        account=payee.account,
        holder=payee.holder,
        others=set(others.filter(account=payee.account).values_list("account", flat=True)),
        own=set(own.values_list("account", flat=True)),
        # Another name here makes no account familiar.
        supplier_names=set(renaming.first_name(payee.supplier).values()),
        names_at_work={person.name for person in people_at_work(payee.partnership)},
    )


def people_at_work(partnership: Partnership) -> list[Person]:
    """Everybody who holds a role today, once."""
    held = Role.objects.held(clock.now().date()).filter(partnership=partnership)
    ids = held.values_list("person", flat=True)
    return list(Person.objects.filter(pk__in=ids, is_active=True).order_by("pk"))


@transaction.atomic
def propose_payee(
    *,
    partnership: Partnership,
    supplier: Organisation,
    account: str,
    holder: str,
    came_by: str,
    by: Person,
    organisation: Organisation,
    at: datetime,
) -> PayeeAccount:
    """Propose an account of a supplier; everybody with a role is told by letter.

    The same account that is proposed or approved already is returned as it is. Raises
    core.payee.BadAccount.
    """
    lock_numbers(partnership)
    account = core.normal_account(account)
    of_supplier = PayeeAccount.objects.filter(partnership=partnership, supplier=supplier)
    same = of_supplier.filter(account=account, holder=holder.strip())
    if known := same.exclude(state=PayeeAccount.State.STOPPED).first():
        return known
    last = PayeeAccount.objects.filter(partnership=partnership).aggregate(last=Max("number"))
    payee = PayeeAccount.objects.create(
        partnership=partnership,
        number=(last["last"] or 0) + 1,
        supplier=supplier,
        account=account,
        holder=holder.strip(),
        came_by=came_by.strip(),
        proposed_by=by,
        proposed_for=organisation,
        proposed_at=at,
    )
    log.warning("deliveries.payee_proposed payee=%s alarms=%s", payee, alarms_of(payee))
    _tell(payee, people_at_work(partnership))
    return payee


def _tell(payee: PayeeAccount, people: Iterable[Person]) -> None:
    for person in people:
        app.configure_task(ALARM_TASK).defer(payee=payee.pk, person=person.pk)


def _locked(payee: PayeeAccount, *states: str) -> PayeeAccount:
    found = PayeeAccount.objects.select_for_update(of=("self",)).select_related("partnership")
    payee = found.get(pk=payee.pk)
    if payee.state not in states:
        raise errors.WrongState(str(payee), payee.state)
    return payee


@transaction.atomic
def record_call(
    *, payee: PayeeAccount, number: str, note: str, by: Person, at: datetime
) -> PayeeAccount:
    """Record that the supplier was called at a number known from elsewhere, and said yes.

    Raises errors.MayNotApprove (who proposed does not call), WrongState.
    """
    payee = _locked(payee, PayeeAccount.State.PROPOSED)
    if payee.called_by_id is not None:
        raise errors.WrongState(str(payee), "called")
    if payee.proposed_by_id in identity.same_people(by):
        raise errors.MayNotApprove(Refusal.PROPOSER)
    payee.called_by, payee.called_at = by, at
    payee.called_number, payee.call_note = number.strip(), note.strip()
    payee.save(update_fields=["called_by", "called_at", "called_number", "call_note"])
    return payee


@transaction.atomic
def approve_payee(*, payee: PayeeAccount, by: Person, at: datetime) -> PayeeAccount:
    """Say that this account is the supplier's; with the second word the wait of 72 hours begins.

    Raises errors.MayNotApprove, NotCalled, WrongState.
    """
    payee = _locked(payee, PayeeAccount.State.PROPOSED)
    if payee.called_by_id is None:
        raise errors.NotCalled
    given = list(payee.approvals.all())
    organisation = _organisation_of(by, payee.partnership)
    refusal = why_not(payee, by, organisation, given)
    if refusal or organisation is None:
        raise errors.MayNotApprove(refusal or Refusal.NO_ROLE)
    PayeeApproval.objects.create(
        payee=payee,
        proposed_by_id=payee.proposed_by_id,
        approved_by=by,
        organisation=organisation,
        approved_at=at,
    )
    if len(given) + 1 >= APPROVALS_NEEDED:
        payee.state = PayeeAccount.State.APPROVED
        payee.approved_at, payee.usable_from_at = at, at + core.WAIT
        payee.save(update_fields=["state", "approved_at", "usable_from_at"])
        _tell(payee, people_at_work(payee.partnership))
    return payee


def _organisation_of(person: Person, partnership: Partnership) -> Organisation | None:
    try:
        return workspace(person, partnership).organisation_for(Action.APPROVE_ORDER)
    except PermissionDenied:
        return None


def why_not(
    payee: PayeeAccount,
    person: Person,
    organisation: Organisation | None,
    given: Iterable[PayeeApproval],
) -> Refusal | None:
    """What forbids this person to approve the account, or None."""
    given = list(given)
    if organisation is None or not person.is_active:
        return Refusal.NO_ROLE
    if payee.proposed_by_id == person.pk:
        return Refusal.PROPOSER
    if payee.supplier_id == organisation.pk:
        return Refusal.PAYEE
    if person.pk in {a.approved_by_id for a in given}:
        return Refusal.TWICE
    if organisation.pk in {a.organisation_id for a in given}:
        return Refusal.SAME_ORGANISATION
    approver = Approver(
        person.pk,
        organisation.pk,
        same_ids=identity.same_people(person),
        is_known=identity.is_known(person),
    )
    others = {payee.proposed_by_id, *(a.approved_by_id for a in given)}
    return why_not_this_person(approver, others)


@transaction.atomic
def stop_payee(*, payee: PayeeAccount, reason: str, by: Person, at: datetime) -> PayeeAccount:
    """Say stop: nothing is paid to this account any more. Anybody with a role may, at any time.

    Raises errors.ReasonMissing, WrongState (stopped before).
    """
    if not reason.strip():
        raise errors.ReasonMissing("stop")
    payee = _locked(payee, PayeeAccount.State.PROPOSED, PayeeAccount.State.APPROVED)
    payee.state = PayeeAccount.State.STOPPED
    payee.stopped_by, payee.stopped_at, payee.stop_reason = by, at, reason.strip()
    payee.save(update_fields=["state", "stopped_by", "stopped_at", "stop_reason"])
    log.warning("deliveries.payee_stopped payee=%s", payee)
    return payee
