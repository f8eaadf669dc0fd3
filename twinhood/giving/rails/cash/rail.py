"""Cash is settled when two people have counted it; the bank sees it later."""

from django.utils.translation import gettext_lazy as _

from twinhood.giving.rails.rail import Asks, Rail

CASH = Rail(
    code="cash",
    label=_("Cash"),
    account="assets:cash:main",
    asks=frozenset({Asks.COUNTED_BY}),
)
