"""The verbs of the treasury."""

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db import transaction

from twinhood.kit import clock
from twinhood.ledger import actions as ledger
from twinhood.ledger.errors import BadExchange, KeyUsed
from twinhood.ledger.models import Segment, Use
from twinhood.people.models import Partnership

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
