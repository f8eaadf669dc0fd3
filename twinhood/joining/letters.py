"""The letter to a city's official address: whoever reads it there confirms the claim's mail."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from twinhood.joining import claiming
from twinhood.joining.models import Claim


def send(claim_id: int) -> bool:
    """Send it; False if the claim waits for it no more."""
    claim = Claim.objects.select_related("by").filter(pk=claim_id).first()
    if claim is None or claim.state != Claim.State.OPEN or claim.mail_confirmed_at is not None:
        return False
    with translation.override(claim.by.language):
        link = reverse("joining:mail", args=[claiming.secret_of(claim)])
        context = {
            "claim": claim,
            "site": settings.SITE_URL,
            "url": settings.SITE_URL + link,
            "days": claiming.LINK_GOOD_FOR.days,
        }
        subject = render_to_string("joining/letters/mail_subject.txt", context).strip()
        body = render_to_string("joining/letters/mail.txt", context)
    EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [claim.email]).send()
    return True
