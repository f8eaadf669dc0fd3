"""Receipts of a gift whose giver is put right: the wrong one cancelled, the right one issued."""

from dataclasses import replace

from django.db import transaction

from twinhood.giving import receipts
from twinhood.giving.keys import master_keys
from twinhood.giving.models import Donor, Gift, Issuer, Receipt
from twinhood.giving.receipt_rows import OF_GIFT, Titles, draft_of, rows_of, with_sum
from twinhood.giving.receipt_writing import lacking, lock_numbers, write
from twinhood.kit import clock


@transaction.atomic
def cancel_for(gift: Gift, reason: str) -> Receipt | None:
    """Put the gift's receipt out of force, and tell whoever got it; None if there is none."""
    standing = receipts.receipt_of(gift)
    return receipts.cancel(standing, reason) if standing is not None else None


@transaction.atomic
def leave_year_of(gift: Gift, donor: Donor | None, reason: str) -> None:
    """Take a gift that is no longer theirs out of a donor's yearly statement, and tell them."""
    if (
        donor is None
        or not Issuer.objects.filter(organisation=gift.partnership.recipient_id).exists()
    ):
        return
    made = receipts.put_year_right(
        partnership=gift.partnership, donor_id=donor.pk, year=gift.received_date.year,
        reason=reason,
    )  # fmt: skip
    receipts.queue_letters(made)


@transaction.atomic
def issue_for(gift: Gift) -> Receipt | None:
    """A receipt of its own for the giver whom the gift names now, after another's was cancelled.

    None where none is due: the gift is not posted (the worker issues it then), nobody is named, or
    the facts allow none.
    """
    rows = rows_of(OF_GIFT, gift=gift.pk, limit=1)
    if not rows:
        return None
    (row,) = rows
    issuer, at = Issuer.objects.get(pk=row.issuer_id), clock.now()
    lock_numbers(issuer, at)  # the worker may be issuing at this very moment
    if receipts.receipt_of(gift) is not None:
        return None
    draft = draft_of(row, issuer, master_keys(), Titles())
    count = Receipt.objects.filter(gift=gift).count()
    if count:
        cause = with_sum(f"gift:{gift.ref}#{count + 1}", row.refunded_minor)
        draft = replace(draft, cause=cause)
    if lacking(draft, issuer):
        return None
    made = write(issuer, [draft], at)
    made_for_year = receipts.put_year_right(
        partnership=gift.partnership, donor_id=row.donor_id, year=row.received_date.year,
        reason="", at=at,
    )  # fmt: skip
    if row.is_reachable:
        receipts.queue_letters([*made, *made_for_year])
    return made[0] if made else None
