"""The verbs of the treasury."""

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db import transaction

from twinhood.kit import clock
from twinhood.ledger import actions as ledger
from twinhood.ledger import dues
from twinhood.ledger.errors import BadExchange, KeyUsed, LedgerError
from twinhood.ledger.models import Segment, Use
from twinhood.people.models import Partnership, Person
from twinhood.treasury.models import Move

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExchangeSlip:
    """What the bank's two lines say: so much left one fund, so much came into the other.

    Amounts are minor units of the funds' own currencies. `token` names the form that was sent.
    """

    token: str
    fund_code: str
    amount_minor: int
    to_code: str
    received_minor: int
    day: date


def exchange(*, partnership: Partnership, slip: ExchangeSlip) -> Use:
    """Change money between two funds, once for each token.

    Raises ledger.errors: BadExchange, FundTooSmall, Unknown; KeyUsed if the token was used for
    another exchange.
    """
    key = f"exchange:{slip.token}"
    try:
        with transaction.atomic():
            use = ledger.exchange(
                partnership=partnership,
                key=key,
                fund_code=slip.fund_code,
                amount_minor=slip.amount_minor,
                to_code=slip.to_code,
                received_minor=slip.received_minor,
                at=moment_of(slip.day, clock.now()),
            )
    except (KeyUsed, BadExchange) as problem:
        if not isinstance(problem, KeyUsed):
            raise
        return _same_exchange(partnership, key, slip)
    logger.info("treasury.exchanged partnership=%s key=%s", partnership.slug, key)
    return use


@dataclass(frozen=True, slots=True)
class MoveSlip:
    """So much goes from one fund to another of the same currency, and why.

    The amount is minor units of that currency. `token` names the form that was sent.
    """

    token: str
    fund_code: str
    to_code: str
    amount_minor: int
    reason: str


def move(*, partnership: Partnership, slip: MoveSlip, person: Person | None) -> Use:
    """Move money between two funds, once for each token; every cent can be followed through.

    Raises ledger.errors: BadExchange, FundTooSmall, Unknown; KeyUsed if the token was used for
    another move.
    """
    key = f"move:{slip.token}"
    try:
        with transaction.atomic():
            use = ledger.exchange(
                partnership=partnership,
                key=key,
                fund_code=slip.fund_code,
                amount_minor=slip.amount_minor,
                to_code=slip.to_code,
                received_minor=slip.amount_minor,
                at=clock.now(),
            )
            Move.objects.create(
                partnership=partnership, key=key, reason=slip.reason, moved_by=person
            )
    except KeyUsed:
        as_exchange = ExchangeSlip(
            slip.token, slip.fund_code, slip.amount_minor, slip.to_code, slip.amount_minor,
            clock.now().date(),
        )  # fmt: skip
        return _same_exchange(partnership, key, as_exchange)
    logger.info("treasury.moved partnership=%s key=%s", partnership.slug, key)
    return use


def repay_advance(
    *, partnership: Partnership, token: str, advance_key: str, amount_minor: int
) -> None:
    """Give the guarantor back a part of an advance, once for each token.

    Raises ledger.errors: Unknown, MoreThanIsLeft, FundTooSmall; KeyUsed if the token was used for
    another amount or advance.
    """
    key = f"repay:{token}"
    try:
        with transaction.atomic():
            dues.repay_advance(
                partnership=partnership,
                key=key,
                advance_key=advance_key,
                amount_minor=amount_minor,
                at=clock.now(),
            )
    except LedgerError as problem:
        standing = Use.objects.filter(partnership=partnership, key=key).first()
        if standing is None:
            raise
        if (standing.source_key, standing.amount_minor) != (advance_key, amount_minor):
            raise KeyUsed(key) from problem
        return
    logger.info("treasury.repaid partnership=%s key=%s", partnership.slug, key)


def moment_of(day: date, now: datetime) -> datetime:
    """When an exchange counts as done: now if it is today's, else noon (UTC) of its day."""
    return now if day == now.date() else datetime.combine(day, time(12), UTC)


def _same_exchange(partnership: Partnership, key: str, slip: ExchangeSlip) -> Use:
    """The exchange that this very slip made before; raises KeyUsed if it was another."""
    use = Use.objects.filter(partnership=partnership, key=key).first()
    income = Segment.objects.select_related("fund").filter(source_use=use).first() if use else None
    if use is None or income is None:
        raise KeyUsed(key)
    standing = (use.fund_codes, use.amount_minor, income.fund.code)
    received_minor = income.end_minor - income.start_minor
    if (*standing, received_minor) != (
        [slip.fund_code], slip.amount_minor, slip.to_code, slip.received_minor,
    ):  # fmt: skip
        raise KeyUsed(key)
    return use
