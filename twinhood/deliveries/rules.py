"""Changing the rules of orders: proposed by one, agreed to by another of another organisation."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from twinhood.deliveries import errors
from twinhood.deliveries.models import OrderRules
from twinhood.people import identity
from twinhood.people.models import Organisation, Partnership, Person


@dataclass(frozen=True, slots=True)
class Limits:
    """What orders are asked for; the amount in minor units of its currency, 0: every order."""

    quotes_limit_minor: int
    quotes_limit_currency: str
    quotes_needed: int
    together_days: int
    ceiling_percent: int


def propose(
    *,
    partnership: Partnership,
    limits: Limits,
    reason: str,
    by: Person,
    organisation: Organisation,
    at: datetime,
) -> OrderRules:
    """Propose other rules; they hold once somebody else agrees. Raises WrongState if some wait."""
    try:
        with transaction.atomic():
            return OrderRules.objects.create(
                partnership=partnership,
                quotes_limit_minor=limits.quotes_limit_minor,
                quotes_limit_currency=limits.quotes_limit_currency,
                quotes_needed=limits.quotes_needed,
                together_days=limits.together_days,
                ceiling_percent=limits.ceiling_percent,
                reason=reason.strip(),
                proposed_by=by,
                proposed_for=organisation,
                proposed_at=at,
            )
    except IntegrityError as problem:
        if "one_change_of_order_rules_waits" not in str(problem):
            raise
        raise errors.WrongState("rules", "waiting") from problem


@transaction.atomic
def decide(
    *, rules: OrderRules, is_agreed: bool, by: Person, organisation: Organisation, at: datetime
) -> OrderRules:
    """Agree to proposed rules, or decline them.

    Raises MayNotDecideRules (own proposal, own organisation's), WrongState (decided before).
    """
    rules = OrderRules.objects.select_for_update(of=("self",)).get(pk=rules.pk)
    if rules.is_agreed is not None or rules.proposed_by is None:
        raise errors.WrongState(str(rules), "decided")
    is_own = rules.proposed_by_id in identity.same_people(by)
    if is_own or rules.proposed_for_id == organisation.pk:
        raise errors.MayNotDecideRules
    rules.is_agreed = is_agreed
    rules.decided_by, rules.decided_for, rules.decided_at = by, organisation, at
    rules.save(update_fields=["is_agreed", "decided_by", "decided_for", "decided_at"])
    return rules
