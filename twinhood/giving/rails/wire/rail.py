"""A wire comes with the bank's own number for it; banks on its way may have kept a fee."""

from django.utils.translation import gettext_lazy as _

from twinhood.giving.rails.rail import Asks, Rail

WIRE = Rail(
    code="wire",
    label=_("Wire"),
    account="assets:bank:main",
    asks=frozenset({Asks.REFERENCE, Asks.FEE}),
    reference_label=_("The bank’s number for this transfer"),
)
