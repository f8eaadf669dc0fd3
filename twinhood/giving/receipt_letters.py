"""The letter that brings a receipt: its words in the mail itself, and the same as PDF."""

from typing import Any

from twinhood.giving import giver, letters, pledging, receipt_pdf
from twinhood.giving.core.sealing import NotOurs
from twinhood.giving.keys import MasterKeys, master_keys
from twinhood.giving.models import Mail, Receipt
from twinhood.giving.receipt_writing import open_receipt
from twinhood.giving.receipts import LETTER


def _tell(mail: Mail) -> letters.Told | None:
    """Nothing for one that was replaced meanwhile: the newer one has a letter of its own."""
    found = Receipt.objects.select_related("gift", "issuer", "donor__partnership").filter(
        pk=mail.facts.get("id"), replaced_by=None
    )
    receipt, keys = found.first(), master_keys()
    if receipt is None:
        return None
    try:
        kept = open_receipt(receipt, keys)
    except NotOurs:
        return None
    told = receipt_pdf.said(kept)
    context: dict[str, Any] = {
        "title": told.title,
        "lines": [*told.before, *told.gifts, *told.after, *told.notes],
        "kind": receipt.kind,
        "is_new": not kept.receipt.replaces,
        **_urls(receipt, mail.donor.language, keys),
    }
    pdf = letters.Attachment(
        f"{kept.receipt.number}.pdf", receipt_pdf.render(receipt, keys), "application/pdf"
    )
    return letters.Told(context, (pdf,))


def _urls(receipt: Receipt, language: str, keys: MasterKeys) -> dict[str, str]:
    """The donor's own pages, where we can know their link again."""
    secret = pledging.secret_of_gift(receipt.gift, keys) if receipt.gift else None
    if secret is None:
        return {}
    urls = {
        "receipt_url": letters.url("giving:receipt", language, secret=secret),
        "trace_url": letters.url("web:trace", language, secret=secret),
    }
    if giver.recurring_by(secret) is not None:
        urls["monthly_url"] = letters.url("giver:monthly_by", language, secret=secret)
    return urls


letters.KINDS[LETTER] = letters.Kind(tell=_tell)
