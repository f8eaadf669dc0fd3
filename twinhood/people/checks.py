"""What must not be true of a production server."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


@register(Tags.security)
def personas_are_for_practice(**_: Any) -> list[CheckMessage]:
    """A production server never lets anybody become somebody by a button."""
    if not (settings.PRODUCTION and settings.PERSONAS_ALLOWED):
        return []
    return [
        Error(
            "PERSONAS_ALLOWED is on although TWINHOOD_PRODUCTION is set.",
            hint="Anybody could sign in as anybody of the example; set it to False.",
            id="people.E001",
        )
    ]


@register(Tags.database)
def examples_are_for_practice(
    databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """A production database holds no invented money."""
    if not settings.PRODUCTION or not databases:
        return []
    from twinhood.people.models import Partnership

    table = Partnership._meta.db_table
    if table not in connections["default"].introspection.table_names():
        return []
    if not Partnership.objects.filter(is_example=True).exists():
        return []
    return [
        Error(
            "An example partnership is loaded although TWINHOOD_PRODUCTION is set.",
            hint="Start with an empty database: invented money must not stand beside real money.",
            id="people.E002",
        )
    ]
