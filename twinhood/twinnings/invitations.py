"""Letters to whoever is to sign: in their language, with the link to the paper, nothing secret."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from twinhood.kit import clock
from twinhood.twinnings.models import Draft, Invitation, Seat


def invite(seat_id: int) -> bool:
    """Send the letter; False if there is nobody, or nothing, to write to any more.

    Raises what the mail server raises; that it was tried stays on record, and the pages say so.
    """
    related = ("term__person", "term__office__place", "frozen__version__draft__partnership", "slot")
    seat = Seat.objects.select_related(*related).filter(pk=seat_id).first()
    if seat is None or seat.term.person is None or hasattr(seat.slot, "signature"):
        return False
    draft, person = seat.frozen.version.draft, seat.term.person
    # People of the example have addresses that no letter reaches.
    if draft.state != Draft.State.FROZEN or not person.is_active or person.is_example:
        return False
    with translation.override(person.language):
        partnership = draft.partnership
        context = {
            "title": str(seat.frozen.document.title),
            "office": str(seat.term.office.title),
            "first": str(partnership.giving_place),
            "second": str(partnership.receiving_place),
            "url": settings.SITE_URL + reverse("twinnings:seat", args=[partnership.slug, seat.pk]),
        }
        subject = render_to_string("twinnings/letters/invitation_subject.txt", context).strip()
        body = render_to_string("twinnings/letters/invitation.txt", context)
    tried, _ = Invitation.objects.update_or_create(seat=seat, defaults={"tried_at": clock.now()})
    EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [person.email]).send()
    tried.sent_at = clock.now()
    tried.save(update_fields=["sent_at"])
    return True
