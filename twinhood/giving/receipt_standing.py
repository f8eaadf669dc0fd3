"""What the check page may say of a receipt: who issued it and when, and whether it still stands."""

from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext

from twinhood.documents.models import Document
from twinhood.documents.standing import Standing
from twinhood.giving.models import Receipt
from twinhood.kit.dates import long_date


def standing_of(document: Document) -> Standing | None:
    """None if there is no such receipt. Nothing of its donor and no sum is told."""
    _, _, pk = document.about.partition(":")
    found = Receipt.objects.select_related("issuer", "replaces__issuer", "replaced_by__issuer")
    receipt = found.filter(pk=pk).first()
    if receipt is None:
        return None
    newer = getattr(receipt, "replaced_by", None)
    return Standing(
        is_in_force=newer is None,
        sentence=_sentence(receipt, newer),
        privacy=gettext("A receipt names its giver, so what stands on it is not shown here."),
        facts=(
            (gettext("Issued by"), receipt.issuer.legal_name),
            (gettext("Issued on"), _day(receipt)),
        ),
    )


def _sentence(receipt: Receipt, newer: Receipt | None) -> str:
    if newer is None and receipt.kind == Receipt.Kind.CANCELLATION:
        return gettext("It cancels %(number)s and stands for no gift.") % {
            "number": receipt.replaces
        }
    if newer is None:
        return gettext("The receipt is in force: nothing has replaced or cancelled it.")
    if newer.kind == Receipt.Kind.CANCELLATION:
        said = gettext("The receipt is no longer in force: %(number)s of %(day)s cancelled it.")
    else:
        said = gettext("The receipt is no longer in force: %(number)s of %(day)s took its place.")
    return said % {"number": newer, "day": _day(newer)}


def _day(receipt: Receipt) -> str:
    issued_at = receipt.issued_at.astimezone(ZoneInfo(receipt.issuer.time_zone))
    return long_date(issued_at.date(), translation.get_language() or "en")
