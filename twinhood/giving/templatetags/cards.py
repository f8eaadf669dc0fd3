"""Whether cards move money here."""

from django import template

from twinhood.giving.rails import BY_CODE

register = template.Library()


@register.simple_tag
def cards_are_practice() -> bool:
    """Whether gifts by card are only played with: in Stripe's test mode, or on this machine."""
    online = BY_CODE["card"].online
    return online is not None and online.is_ready() and bool(getattr(online, "is_test", bool)())
