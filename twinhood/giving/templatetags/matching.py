"""The offers that double gifts now, for any page where people give."""

from typing import Any

from django import template

from twinhood.giving.matching import open_figures
from twinhood.people.models import Partnership

register = template.Library()


@register.inclusion_tag("giving/_matching.html")
def matching(partnership: Partnership) -> dict[str, Any]:
    """`{% matching partnership %}`: each offer's sentence, what is left of it, and until when."""
    return {"figures": open_figures(partnership), "zone": partnership.giving_place.time_zone}
