"""All that is held of a donor, for that donor: JSON for machines, CSV for a spreadsheet, one zip.

Amounts in the JSON are minor units, in the CSV major units, of the currency beside them; times are
UTC (RFC 3339). GDPR article 15 and 20.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from twinhood.giving import giver, pledging
from twinhood.giving.core.text import csv_cell
from twinhood.giving.keys import master_keys
from twinhood.giving.models import Dispute, Donor, Gift, Mail, Pledge, RecurringGift, Refund
from twinhood.giving.receipt_writing import open_receipt
from twinhood.giving.visits import Guest
from twinhood.kit.money import major

type Facts = dict[str, Any]
# The day a zip's files bear, so that the same data is the same zip (its format knows no time zone).
_STAMP = (1980, 1, 1, 0, 0, 0)
GIFT_HEADS = (
    "ref", "received_date", "partnership", "purpose", "rail", "currency", "amount", "fee",
    "given_back", "name_is_shown",
)  # fmt: skip


def zip_of(guest: Guest) -> bytes:
    """The zip of everything, of all donors of the guest's address."""
    whole = {
        "format": "twinhood donor's data 1",
        "donors": [_donor(donor, asdict(facts)) for donor, facts in _pairs(guest)],
    }
    text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True, default=_plain)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("data.json", _STAMP), text + "\n")
        archive.writestr(zipfile.ZipInfo("gifts.csv", _STAMP), _csv(guest))
    return packed.getvalue()


def _pairs(guest: Guest) -> Iterable[tuple[Donor, Any]]:
    return zip(guest.donors, guest.facts, strict=True)


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _donor(donor: Donor, told: Facts) -> Facts:
    ids = [donor.pk]
    return {
        "partnership": donor.partnership.slug,
        "told": told,
        "language": donor.language,
        "wants_news": donor.wants_news,
        "known_since": donor.created_at,
        "address_is_dead_since": donor.bounced_at,
        "gifts": [_gift(gift) for gift in giver.gifts_of(ids)],
        "refunds": [_refund(refund) for refund in _of_gifts(Refund, donor)],
        "disputes": [_dispute(dispute) for dispute in _of_gifts(Dispute, donor)],
        "pledges": [_pledge(pledge) for pledge in donor.pledges.order_by("id")],
        "monthly_gifts": [_monthly(found) for found in giver.recurring_of(ids)],
        "receipts": [_receipt(receipt) for receipt in giver.receipts_of(ids)],
        "letters": [_letter(mail) for mail in donor.letters.order_by("id")],
    }


def _of_gifts(kind: Any, donor: Donor) -> Any:
    return kind.objects.filter(gift__donor=donor).select_related("gift").order_by("id")


def _gift(gift: Gift) -> Facts:
    return {
        "ref": gift.ref,
        "rail": gift.rail,
        "name_at_rail": gift.intake_key,
        "fund": gift.fund.code,
        "purpose": gift.purpose,
        "amount_minor": gift.amount_minor,
        "fee_minor": gift.fee_minor,
        "currency": gift.currency,
        "received_date": gift.received_date,
        "settled_at": gift.settled_at,
        "posted_at": gift.posted_at,
        "name_is_shown": gift.shows_name,
        "treasurers_note": gift.note,
    }


def _refund(refund: Refund) -> Facts:
    return {
        "gift": refund.gift.ref,
        "amount_minor": refund.line_minor + refund.operating_minor,
        "currency": refund.gift.currency,
        "reason": refund.reason,
        "refunded_at": refund.refunded_at,
    }


def _dispute(dispute: Dispute) -> Facts:
    return {
        "gift": dispute.gift.ref,
        "amount_minor": dispute.amount_minor,
        "reason": dispute.reason,
        "opened_at": dispute.opened_at,
        "state": dispute.state.value,
    }


def _pledge(pledge: Pledge) -> Facts:
    return {
        "reference": pledge.reference,
        "told": asdict(pledging.told_with(pledge, master_keys())),
        "rail": pledge.rail,
        "name_at_rail": pledge.rail_ref,
        "rhythm": pledge.rhythm,
        "purpose": pledge.purpose,
        "team": str(pledge.with_team.team) if hasattr(pledge, "with_team") else "",
        "amount_minor": pledge.amount_minor,
        "cover_minor": pledge.cover_minor,
        "currency": pledge.currency,
        "receipt_rule": pledge.rule,
        "has_gift_aid": pledge.has_gift_aid,
        "name_is_shown": pledge.shows_name,
        "organiser_is_told": pledge.tells_organiser,
        "language": pledge.language,
        "state": pledge.state,
        "made_at": pledge.made_at,
    }


def _monthly(found: RecurringGift) -> Facts:
    return {
        "pledge": found.pledge.reference,
        "amount_minor": found.amount_minor,
        "cover_minor": found.cover_minor,
        "currency": found.currency,
        "day": found.day,
        "state": found.state,
        "paused_until_date": found.paused_until_date,
        "next_date": found.next_date,
        "began_at": found.began_at,
        "ended_at": found.ended_at,
    }


def _receipt(receipt: Any) -> Facts:
    return {
        "number": str(receipt),
        "issuer": receipt.issuer.legal_name,
        "kind": receipt.kind,
        "gift": receipt.gift.ref if receipt.gift else None,
        "replaces": str(receipt.replaces) if receipt.replaces else None,
        "issued_at": receipt.issued_at,
        "kept_until_date": receipt.kept_until_date,
        "stands_on_it": asdict(open_receipt(receipt)) if receipt.wrapped_key else None,
    }


def _letter(mail: Mail) -> Facts:
    return {"kind": mail.kind, "state": mail.state, "due_at": mail.due_at, "sent_at": mail.sent_at}


def _csv(guest: Guest) -> str:
    """The gifts for a spreadsheet, UTF-8 with its mark; no cell is a formula."""
    found = list(giver.gifts_of(guest.ids))
    refunded = giver.refunded_minor(found)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(GIFT_HEADS)
    for gift in found:
        writer.writerow([csv_cell(cell) for cell in _cells(gift, refunded.get(gift.pk, 0))])
    return "\ufeff" + text.getvalue()


def _cells(gift: Gift, refunded_minor: int) -> Sequence[str]:
    sums = (gift.amount_minor, gift.fee_minor, refunded_minor)
    return [
        gift.ref,
        gift.received_date.isoformat(),
        gift.partnership.slug,
        gift.purpose,
        gift.rail,
        gift.currency,
        *(f"{major(amount_minor, gift.currency):f}" for amount_minor in sums),
        "yes" if gift.shows_name else "no",
    ]
