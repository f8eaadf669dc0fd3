"""Letters to everybody with a role when the account of a supplier is new, changed or approved."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from twinhood.deliveries.core.payee import in_groups
from twinhood.deliveries.models import PayeeAccount
from twinhood.deliveries.payees import alarms_of
from twinhood.deliveries.words import PAYEE_ALARM
from twinhood.people.models import Person


def sound(payee_id: int, person_id: int) -> bool:
    """Write to one person about one account; False if there is nobody to write to any more."""
    payee = PayeeAccount.objects.select_related("partnership", "supplier").get(pk=payee_id)
    person = Person.objects.get(pk=person_id)
    # People of the example have addresses that no letter reaches.
    if not person.is_active or person.is_example:
        return False
    with translation.override(person.language):
        context = {
            "payee": payee,
            "supplier": str(payee.supplier.name),
            "account": in_groups(payee.account),
            "alarms": [str(PAYEE_ALARM[code]) for code in alarms_of(payee)],
            "url": settings.SITE_URL
            + reverse("deliveries:payee", args=[payee.partnership.slug, payee.number]),
        }
        subject = render_to_string("deliveries/letters/payee_subject.txt", context).strip()
        body = render_to_string("deliveries/letters/payee.txt", context)
    EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [person.email]).send()
    return True
