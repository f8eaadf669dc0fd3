"""A quote recorded on a need's page, with what a room above asks of it beside its price.

That room registers once, when Django starts (`register`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Q, QuerySet

from twinhood.kit.above import Above
from twinhood.needs import actions
from twinhood.needs.models import Need, Quote
from twinhood.people.models import Organisation, Partnership, Person


@dataclass(frozen=True, slots=True)
class Room:
    """What a room above knows of quotes.

    `suppliers` are the ids of those it knows in a partnership; `fields` are added to the form,
    `check` reads and refuses them after its own; `keep` stores them, in the transaction that
    records the quote.
    """

    suppliers: Callable[[Partnership], QuerySet[Any, Any]]
    fields: Callable[[], Mapping[str, forms.Field]]
    check: Callable[[forms.Form], None]
    keep: Callable[[Quote, Mapping[str, Any], Person, datetime], None]


rooms = Above[Room]()
register = rooms.register


def suppliers(partnership: Partnership) -> QuerySet[Organisation]:
    """Suppliers that this partnership had a quote from, or that a room above knows here; nobody
    sees another partnership's.
    """
    known = Q(pk__in=Quote.objects.filter(need__partnership=partnership).values("supplier"))
    for room in rooms:
        known |= Q(pk__in=room.suppliers(partnership))
    return Organisation.objects.filter(known, kind=Organisation.Kind.SUPPLIER).order_by("id")


@transaction.atomic
def record(*, need: Need, given: Mapping[str, Any], by: Person, at: datetime) -> Quote:
    """Record what `forms.QuoteForm` was given. Raises WrongState for a need given up."""
    supplier = given["supplier"] or actions.add_supplier(
        partnership=need.partnership, name=given["new_supplier"]
    )
    quote = actions.add_quote(
        need=need,
        supplier=supplier,
        unit_price_minor=given["unit_price_minor"],
        currency=given["currency"],
        quoted_date=given["quoted_date"],
        valid_until_date=given["valid_until_date"],
        note=given["note"],
        file=given["file"],
        by=by,
        at=at,
    )
    for room in rooms:
        room.keep(quote, given, by, at)
    return quote
