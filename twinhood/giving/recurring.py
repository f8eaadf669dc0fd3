"""Gifts that come each month: what a donor may change of them. Amounts are minor units.

Each verb asks the rail and writes our row as the rail says it is then. Asked twice, it is the
same. Each raises RailDown (nothing is known to have changed; it may be asked again) and
RailRefuses, with the code `ended` for a gift that comes no more.
"""

import logging
from datetime import date

from django.utils.translation import get_language

from twinhood.giving import errors, letters, pledging
from twinhood.giving.models import Mail, Pledge, RecurringGift
from twinhood.giving.rails import BY_CODE
from twinhood.giving.rails.rail import Online
from twinhood.kit.money import format_money

logger = logging.getLogger(__name__)

CARD_REFUSED = "card_refused"


# Whoever has a gift's link can change it, so who gives is told.
CHANGED = "monthly_changed"


def _changed(mail: Mail) -> letters.Told:
    facts, language = mail.facts, get_language() or "en"
    pledge = Pledge.objects.get(reference=facts["pledge"])
    return letters.Told(
        {
            "sum": format_money(facts["amount_minor"], facts["currency"], language),
            "giver_url": letters.url(
                "giver:monthly_by", language, secret=pledging.secret_of(pledge)
            ),
        }
    )


letters.KINDS[CHANGED] = letters.Kind(tell=_changed)


def _card_refused(mail: Mail) -> letters.Told:
    facts, language = mail.facts, get_language() or "en"
    again = facts["again_date"]
    pledge = Pledge.objects.get(reference=facts["pledge"])
    return letters.Told(
        {
            "sum": format_money(facts["amount_minor"], facts["currency"], language),
            "again_date": date.fromisoformat(again) if again else None,
            "giver_url": letters.url(
                "giver:monthly_by", language, secret=pledging.secret_of(pledge)
            ),
        }
    )


letters.KINDS[CARD_REFUSED] = letters.Kind(tell=_card_refused)


def _online(recurring: RecurringGift) -> Online:
    rail = BY_CODE[recurring.pledge.rail]
    if rail.online is None or not rail.takes_monthly:
        raise errors.RailRefuses("by_hand")
    return rail.online


def _told(recurring: RecurringGift, verb: str) -> RecurringGift:
    logger.info("giving.recurring verb=%s recurring=%s", verb, recurring.pk)
    recurring.refresh_from_db()
    return recurring


def change(*, recurring: RecurringGift, amount_minor: int, cover_minor: int = 0) -> RecurringGift:
    """Give another amount from the next payment on; `cover_minor` of it covers the fee.

    Raises BadGift for an amount that no gift can have.
    """
    if amount_minor <= 0 or not 0 <= cover_minor < amount_minor:
        raise errors.BadGift("amount", "amount")
    before_minor = recurring.amount_minor
    _online(recurring).change(recurring, amount_minor=amount_minor)
    RecurringGift.objects.filter(pk=recurring.pk, amount_minor=amount_minor).update(
        cover_minor=cover_minor
    )
    told = _told(recurring, "change")
    if told.amount_minor != before_minor:
        _tell_of_change(told)
    return told


def _tell_of_change(recurring: RecurringGift) -> None:
    donor = recurring.pledge.donor
    if donor is not None:
        facts = {
            "amount_minor": recurring.amount_minor,
            "currency": recurring.currency,
            "pledge": recurring.pledge.reference,
        }
        key = f"{CHANGED}:{recurring.pk}:{recurring.changed_at.timestamp()}"
        letters.queue(donor, CHANGED, key, facts)


def new_card(*, recurring: RecurringGift, back_url: str) -> str:
    """Where the donor types another card; it leads to `back_url` afterwards."""
    return _online(recurring).new_card(recurring, back_url=back_url)


def pause(*, recurring: RecurringGift, until: date | None) -> RecurringGift:
    """No payments before `until`, or until it is resumed."""
    _online(recurring).pause(recurring, until=until)
    return _told(recurring, "pause")


def skip(*, recurring: RecurringGift) -> RecurringGift:
    """Let the next payment pass without one; the ones after it come on their days."""
    _online(recurring).skip(recurring)
    return _told(recurring, "skip")


def resume(*, recurring: RecurringGift) -> RecurringGift:
    """Go on after a pause, a skip or a hold, from the next day on which a payment is due."""
    _online(recurring).resume(recurring)
    return _told(recurring, "resume")


def hold(*, recurring: RecurringGift) -> RecurringGift:
    """Let payments wait until the donor has decided: what it was for is not needed any more."""
    _online(recurring).hold(recurring)
    return _told(recurring, "hold")


def end(*, recurring: RecurringGift) -> RecurringGift:
    """No payment any more, from now on."""
    _online(recurring).end(recurring)
    return _told(recurring, "end")


def tell_of_refusal(recurring: RecurringGift, *, key: str, again_date: date | None) -> None:
    """Write to the donor that a payment was refused, once for each `key`."""
    if recurring.pledge.donor is None:
        return
    facts = {
        "amount_minor": recurring.amount_minor,
        "currency": recurring.currency,
        "again_date": again_date.isoformat() if again_date else "",
        "pledge": recurring.pledge.reference,
    }
    letters.queue(recurring.pledge.donor, CARD_REFUSED, f"{CARD_REFUSED}:{key}", facts)
