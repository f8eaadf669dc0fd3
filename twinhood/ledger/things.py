"""Things given in kind, in the books: they lie on no line, and are aid once handed over.

Amounts are the fair value in minor units of the currency named. Each verb is one transaction
under the books' lock and raises KeyUsed for a key that stands already.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from django.db import transaction

from twinhood.ledger import actions
from twinhood.ledger.core import entry as entries
from twinhood.ledger.models import Entry
from twinhood.people.models import Partnership

type Happened = Literal["given", "handed_over", "undone"]

_ENTRIES: dict[Happened, Callable[..., entries.Entry]] = {
    "given": entries.given_in_kind,
    "handed_over": entries.in_kind_handed_over,
    "undone": entries.in_kind_undone,
}


@transaction.atomic
def book(
    *,
    partnership: Partnership,
    key: str,
    happened: Happened,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> Entry:
    """Book what happened to a thing given in kind, with its leaf. Raises KeyUsed."""
    entry = _ENTRIES[happened](key=key, amount_minor=amount_minor, currency=currency)
    return actions.Posting(partnership).enter(entry, at)
