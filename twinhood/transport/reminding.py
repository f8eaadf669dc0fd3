"""Both sides are reminded of a report on its 30th, 60th and 80th day."""

from django.db import transaction
from procrastinate.contrib.django import app

from twinhood.kit import clock
from twinhood.people.core.permissions import RoleName
from twinhood.people.letters import write_to_all
from twinhood.transport import queries
from twinhood.transport.core.reporting import reminder_due
from twinhood.transport.models import Reminder

WRITING_TASK = "transport.write_reminder"
ROLES = (RoleName.CLERK, RoleName.TREASURER, RoleName.SIGNATORY)


def find() -> list[Reminder]:
    """Note the reminders whose day has come, each once, and ask for their letters."""
    made = []
    for shipment in queries.reports_running().prefetch_related("reminders"):
        cleared = shipment.cleared_date
        today = shipment.partnership.receiving_today
        told = [reminder.day for reminder in shipment.reminders.all()]
        day = reminder_due(cleared, today, told) if cleared else None
        if day is None:
            continue
        with transaction.atomic():
            reminder, is_new = Reminder.objects.get_or_create(
                shipment=shipment, day=day, defaults={"made_at": clock.now()}
            )
            if is_new:
                app.configure_task(WRITING_TASK).defer(reminder=reminder.pk)
                made.append(reminder)
    return made


def write(reminder_id: int) -> int:
    """Write to both sides; to how many. Nothing is written once it is reported, or twice."""
    found = Reminder.objects.select_related(
        "shipment__partnership__receiving_place", "shipment__consignee"
    ).filter(pk=reminder_id, sent_at=None, shipment__reported_date=None)
    reminder = found.first()
    if reminder is None:
        return 0
    shipment = reminder.shipment
    facts = {
        "shipment": shipment,
        "consignee": shipment.consignee,
        "report": queries.report_state(shipment),
        "slug": shipment.partnership.slug,
    }
    count = write_to_all(shipment.partnership, "transport/letters/report", facts, ROLES)
    reminder.sent_at = clock.now()
    reminder.save(update_fields=["sent_at"])
    return count
