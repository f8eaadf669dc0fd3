"""Closed months: nothing is dated before the moment up to which the books are closed."""

from datetime import datetime

from django.db import transaction

from twinhood.ledger import actions
from twinhood.ledger.models import Books
from twinhood.people.models import Partnership


def closed_before(partnership: Partnership) -> datetime | None:
    """Up to which moment (UTC) the books are closed; None where no month is."""
    found = Books.objects.filter(partnership=partnership)
    return found.values_list("closed_before_at", flat=True).first()


@transaction.atomic
def close_before(*, partnership: Partnership, at: datetime | None) -> None:
    """Close the books up to `at`, or open them again up to there (None: all of them)."""
    books = actions.lock_books(partnership)
    books.closed_before_at = at
    books.save(update_fields=["closed_before_at"])
