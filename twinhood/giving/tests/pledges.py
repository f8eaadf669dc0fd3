"""Pledges for tests: what Anna filled in."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from twinhood.giving import actions, pledging
from twinhood.giving.core.pledged import Choice, Told
from twinhood.giving.models import Pledge, RecurringGift
from twinhood.kit import clock
from twinhood.ledger.models import Fund

ANNA = Told(name="Anna", email="anna@example.org")
DAY = date(2023, 4, 6)


def choice(fund: Fund, **more: Any) -> Choice:
    """$25 by wire for the ambulances; `more` replaces entries."""
    plain = Choice(
        fund_id=fund.pk,
        need_id=None,
        rail="wire",
        amount_minor=2500,
        currency=fund.currency,
        purpose="Ambulances",
        told=ANNA,
    )
    return replace(plain, **more)


def made(fund: Fund, *, form_key: UUID | None = None, **more: Any) -> pledging.Made:
    return pledging.make(
        partnership=fund.partnership, form_key=form_key or uuid4(), choice=choice(fund, **more)
    )


def settled(pledge: Pledge, rail_key: str = "py_1", **more: Any) -> actions.Intake:
    facts: dict[str, Any] = {
        "rail_key": rail_key,
        "amount_minor": 2500,
        "fee_minor": 103,
        "currency": pledge.currency,
        "received_date": DAY,
    }
    return pledging.settle(pledge, **(facts | more))


def recurring(pledge: Pledge) -> RecurringGift:
    now = clock.now()
    return RecurringGift.objects.create(
        pledge=pledge,
        rail_ref=f"sub_{pledge.pk}",
        amount_minor=pledge.amount_minor,
        currency=pledge.currency,
        day=6,
        began_at=now,
        changed_at=now,
    )
