"""Money of ours that moves from one place of ours to another: a rail's payout to the bank."""

from datetime import datetime

from django.db import transaction

from twinhood.ledger import actions
from twinhood.ledger.core import gathered
from twinhood.ledger.models import Entry
from twinhood.people.models import Partnership


@transaction.atomic
def gather(
    *,
    partnership: Partnership,
    key: str,
    from_code: str,
    to_code: str,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> Entry:
    """Book that `amount_minor` left one asset account and arrived at another; no fund changes.

    Raises KeyUsed, ValueError for accounts that are not both places of money.
    """
    entry = gathered.gathered(
        key=key, from_code=from_code, to_code=to_code, amount_minor=amount_minor, currency=currency
    )
    return actions.Posting(partnership).enter(entry, at)
