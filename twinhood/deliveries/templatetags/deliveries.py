"""`{% load deliveries %}`: what orders, things and hand-overs are called."""

from django import template
from django.utils.safestring import mark_safe

from twinhood.deliveries import asking, screening_words, words
from twinhood.deliveries.core import payee as core_payee
from twinhood.deliveries.core.act import Role
from twinhood.deliveries.core.comparing import Missing, Offer
from twinhood.deliveries.core.publicity import PublicState
from twinhood.deliveries.models import (
    ActSigner,
    HandoverAct,
    Licence,
    Order,
    PayeeAccount,
    QuoteRate,
    Screening,
)
from twinhood.deliveries.queries import PublicUnit
from twinhood.deliveries.terms import written

register = template.Library()


@register.filter
def order_state(order: Order) -> str:
    return str(words.STATE[Order.State(order.state)])


@register.filter
def order_tag(order: Order) -> str:
    """The class of the tag that shows the order's state."""
    return words.STATE_TAG[Order.State(order.state)]


@register.filter
def licence_kind(licence: Licence) -> str:
    return str(words.LICENCE[Licence.Kind(licence.kind)])


@register.filter
def rate_written(stated: QuoteRate) -> str:
    """A stated rate as people write it, in the page's language."""
    rate = asking.as_rates({"": stated})[""]
    return written(rate, stated.currency, stated.need_currency)


@register.filter
def vat_words(offer: Offer) -> str:
    """What a quote says of value added tax; "" where it says nothing."""
    return words.vat_said(offer)


@register.filter
def missing_words(code: Missing) -> str:
    return str(words.MISSING[code])


@register.filter
def payee_state(payee: PayeeAccount) -> str:
    return str(words.PAYEE_STATE[PayeeAccount.State(payee.state)])


@register.filter
def payee_tag(payee: PayeeAccount) -> str:
    """The class of the tag that shows the account's state."""
    return words.PAYEE_TAG[PayeeAccount.State(payee.state)]


@register.filter
def in_groups(account: str) -> str:
    """An IBAN in groups of four."""
    return core_payee.in_groups(account)


@register.filter
def outcome(screening: Screening) -> str:
    return str(screening_words.OUTCOME[Screening.Outcome(screening.outcome)])


@register.filter
def outcome_tag(screening: Screening) -> str:
    """The class of the tag that shows what came of looking somebody up."""
    return screening_words.OUTCOME_TAG[Screening.Outcome(screening.outcome)]


@register.filter
def unit_state(unit: PublicUnit) -> str:
    return str(words.UNIT_STATE[PublicState(unit.state)])


@register.filter
def unit_tag(unit: PublicUnit) -> str:
    """The class of the tag that shows the state which the world sees."""
    return words.UNIT_TAG[PublicState(unit.state)]


@register.filter
def condition(code: str) -> str:
    return str(words.CONDITION[HandoverAct.Condition(code)])


@register.filter
def signs_as(role: str) -> str:
    return str(words.SIGNS_AS[Role(role)])


@register.filter
def by_hand(method: str) -> str:
    """How a signature by hand was given."""
    return str(words.METHOD[ActSigner.Method(method)])


@register.filter
def drawing(signer: ActSigner) -> str:
    """The drawing of a signature: our own SVG around strokes that were looked at."""
    return mark_safe(signer.drawn)  # noqa: S308
