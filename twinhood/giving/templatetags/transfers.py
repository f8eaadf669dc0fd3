"""`{% load transfers %}`: how a pledge is paid by bank transfer."""

from django import template

from twinhood.giving.models import Pledge
from twinhood.giving.rails.transfer.instructions import Instructions, instructions

register = template.Library()


@register.simple_tag
def transfer_of(pledge: Pledge) -> Instructions | None:
    """`{% transfer_of pledge as transfer %}`: None where no account is named."""
    return instructions(pledge)
