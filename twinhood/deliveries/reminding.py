"""Whoever asked for quotes hears once, by letter, that their last day has passed."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from procrastinate.contrib.django import app

from twinhood.deliveries.models import Order, QuoteReminder, QuoteRequest
from twinhood.kit import clock
from twinhood.needs.queries import ALIVE
from twinhood.people.letters import people_at_work, write_to

WRITING_TASK = "deliveries.write_quote_reminder"
# A day that passed longer ago, as before a first start, is told to nobody any more.
WINDOW_DAYS = 14


def find() -> list[QuoteReminder]:
    """Note the requests whose last day has passed where they were made, each once.

    Not of those that were asked anew, or ordered, or whose need was given up.
    """
    later = QuoteRequest.objects.filter(need=OuterRef("need"), pk__gt=OuterRef("pk"))
    ordered = Order.objects.filter(need=OuterRef("need"), proposed_at__gte=OuterRef("asked_at"))
    now = clock.now().date()
    asked = QuoteRequest.objects.filter(
        ~Exists(later),
        ~Exists(ordered),
        reminder=None,
        need__state__in=ALIVE,
        # A day more or less on either side: whose day it is says the place.
        by_date__range=(now - timedelta(days=WINDOW_DAYS), now + timedelta(days=1)),
    )
    found = asked.select_related("need__partnership__receiving_place").order_by("pk")
    return [
        reminder
        for request in found
        if request.by_date < request.need.partnership.receiving_today
        and (reminder := _note(request)) is not None
    ]


@transaction.atomic
def _note(request: QuoteRequest) -> QuoteReminder | None:
    reminder, is_new = QuoteReminder.objects.get_or_create(
        request=request, defaults={"made_at": clock.now()}
    )
    if not is_new:
        return None
    app.configure_task(WRITING_TASK).defer(reminder=reminder.pk)
    return reminder


def write(reminder_id: int) -> int:
    """Write to who asked, in their language; to how many. Again, or once they left, to nobody."""
    found = QuoteReminder.objects.select_related("request__need__partnership", "request__asked_by")
    reminder = found.filter(pk=reminder_id, sent_at=None).first()
    if reminder is None:
        return 0
    request = reminder.request
    partnership, need = request.need.partnership, request.need
    people = [one for one in people_at_work(partnership) if one.pk == request.asked_by_id]
    asked = list(request.asked.select_related("supplier").order_by("pk"))
    facts = {
        "request": request,
        "need": need,
        "answered": [one.supplier for one in asked if one.quote_id],
        "silent": [one.supplier for one in asked if not one.quote_id],
        "slug": partnership.slug,
    }
    count = write_to(people, "deliveries/letters/quotes_due", facts)
    reminder.sent_at = clock.now()
    reminder.save(update_fields=["sent_at"])
    return count
