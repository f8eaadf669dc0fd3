"""`{% load transport %}`: what shipments, legs and damages are called."""

from django import template

from twinhood.kit.inputs import language
from twinhood.transport import papers, words
from twinhood.transport.models import Damage, Leg, Load, RiskHolder

register = template.Library()


@register.filter
def kilograms(grams: int) -> str:
    """A weight in kilograms, as it is written in the reader's language: "12.5", «12,5»."""
    return papers.kilograms(grams, language())


@register.filter
def load_condition(load: Load) -> str:
    return str(words.CONDITION[Load.Condition(load.condition)])


@register.filter
def leg_risk(found: Leg | Damage) -> str:
    """Who bears the loss."""
    return str(words.RISK_HOLDER[RiskHolder(found.risk_holder)])


@register.filter
def damage_kind(damage: Damage) -> str:
    return str(words.CONDITION[Load.Condition(damage.kind)])


@register.filter
def damage_remedy(damage: Damage) -> str:
    return str(words.REMEDY[Damage.Remedy(damage.remedy)])
