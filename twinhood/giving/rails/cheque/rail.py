"""A cheque is entered when the bank has credited it: from then on it is money in the bank."""

from django.utils.translation import gettext_lazy as _

from twinhood.giving.rails.rail import Asks, Rail


def name_of(reference: str, amount_minor: int) -> str:
    """Two donors' cheques may bear the same number; of one amount they hardly ever do."""
    return f"{reference}/{amount_minor}"


CHEQUE = Rail(
    code="cheque",
    label=_("Cheque"),
    account="assets:bank:main",
    asks=frozenset({Asks.REFERENCE}),
    reference_label=_("Cheque number"),
    name_of=name_of,
)
