"""Receipts put on paper: numbered without a gap, sealed each with a key of its own, stored at once.

A batch is one transaction under the lock of the issuer's counter for the year; so numbers follow
each other whatever is rolled back, and a cause that was written meanwhile is not written again.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from twinhood.giving.core import sealing
from twinhood.giving.core.receipt import (
    Organisation,
    ReceiptGift,
    ReceiptKind,
    ReceiptLacks,
    sentences,
)
from twinhood.giving.core.receipt import Receipt as Stated
from twinhood.giving.core.receipt_keeping import (
    Kept,
    kept_from_bytes,
    kept_to_bytes,
    kept_until_date,
)
from twinhood.giving.core.receipt_number import ReceiptNumber, year_of
from twinhood.giving.keys import MasterKeys, master_keys
from twinhood.giving.models import Issuer, Receipt, ReceiptCounter


@dataclass(frozen=True, slots=True)
class Draft:
    """A receipt without its number. `cause` is what it is issued for: the same cause issues once.

    Without gifts it only cancels what it `replaces`. `year` is set on a yearly statement.
    """

    cause: str
    kind: Receipt.Kind
    rule: ReceiptKind
    language: str
    gifts: tuple[ReceiptGift, ...]
    donor_id: int | None = None
    gift_id: int | None = None
    payer_name: str = ""
    payer_address: str = ""
    has_gift_aid: bool = False
    replaces: Receipt | None = None
    reason: str = ""
    year: int = 0


# Stands for the number while a draft is looked at, so that no number is used up by one that lacks.
_UNNUMBERED = "R-2000-0001"
COPY = """
COPY giving_receipt (
  issuer_id, year, serial, kind, rule, language, gift_id, donor_id, replaces_id, cause, sealed,
  wrapped_key, issued_at, kept_until_date
) FROM STDIN
"""
IDS = "SELECT serial, id FROM giving_receipt WHERE issuer_id = %s AND year = %s AND serial >= %s"


def lacking(draft: Draft, issuer: Issuer) -> tuple[str, ...]:
    """What this draft lacks to be a receipt; nothing for a good one."""
    try:
        sentences(_stated(draft, issuer, _UNNUMBERED, datetime(2000, 1, 1, tzinfo=ZoneInfo("UTC"))))
    except ReceiptLacks as problem:
        return problem.facts
    return ()


@transaction.atomic
def write(
    issuer: Issuer, drafts: Sequence[Draft], at: datetime, *, are_whole: bool = False
) -> list[Receipt]:
    """Number, seal and store; return those that are new, in the order of `drafts`.

    `are_whole`: the caller asked `lacking` of each already. Raises ReceiptLacks before anything
    is written.
    """
    for draft in () if are_whole else drafts:
        if missing := lacking(draft, issuer):
            raise ReceiptLacks(missing)
    counter = lock_numbers(issuer, at)
    causes = [draft.cause for draft in drafts]
    known = set(
        Receipt.objects.filter(issuer=issuer, cause__in=causes).values_list("cause", flat=True)
    )
    fresh = list({draft.cause: draft for draft in drafts if draft.cause not in known}.values())
    if not fresh:
        return []
    keys = master_keys()
    made = [
        _made(draft, issuer, counter.year, counter.last + number, at, keys)
        for number, draft in enumerate(fresh, 1)
    ]
    _store(issuer, counter.year, made)
    counter.last += len(made)
    counter.save(update_fields=["last"])
    return made


def lock_numbers(issuer: Issuer, at: datetime) -> ReceiptCounter:
    """Hold the right to number this issuer's receipts of this year until the transaction ends."""
    year = year_of(at, ZoneInfo(issuer.time_zone))
    ReceiptCounter.objects.bulk_create(
        [ReceiptCounter(issuer=issuer, year=year)], ignore_conflicts=True
    )
    return ReceiptCounter.objects.select_for_update().get(issuer=issuer, year=year)


def _stated(draft: Draft, issuer: Issuer, number: str, at: datetime) -> Stated:
    return Stated(
        kind=draft.rule,
        number=number,
        issued_date=at.astimezone(ZoneInfo(issuer.time_zone)).date(),
        organisation=Organisation(issuer.legal_name, issuer.registry_code, issuer.address),
        gifts=draft.gifts,
        payer_name=draft.payer_name,
        payer_address=draft.payer_address,
        has_gift_aid=draft.has_gift_aid,
        replaces=number_of(draft.replaces) if draft.replaces else "",
    )


def number_of(receipt: Receipt) -> str:
    """The number as it stands on the receipt, also if the issuer's letters changed since."""
    if receipt.wrapped_key is not None:
        return open_receipt(receipt).receipt.number
    return str(receipt)


def _made(
    draft: Draft, issuer: Issuer, year: int, serial: int, at: datetime, keys: MasterKeys
) -> Receipt:
    number = str(ReceiptNumber(issuer.letters, year, serial))
    stated = _stated(draft, issuer, number, at)
    kept = Kept(stated, draft.language, draft.reason, draft.year, issuer.is_example)
    receipt = Receipt(
        issuer=issuer,
        year=year,
        serial=serial,
        kind=draft.kind,
        rule=str(draft.rule),
        language=draft.language,
        gift_id=draft.gift_id,
        donor_id=draft.donor_id,
        replaces=draft.replaces,
        cause=draft.cause,
        issued_at=at,
        kept_until_date=kept_until_date(draft.rule, stated.issued_date),
    )
    _seal(receipt, kept, keys)
    return receipt


def _store(issuer: Issuer, year: int, made: Sequence[Receipt]) -> None:
    """Store all at once; each gets its id."""
    with connection.cursor() as cursor:
        with cursor.copy(COPY) as rows:
            for receipt in made:
                rows.write_row(_columns(receipt))
        cursor.execute(IDS, [issuer.pk, year, made[0].serial])
        ids = dict(cursor.fetchall())
    for receipt in made:
        receipt.pk = ids[receipt.serial]
        receipt._state.adding = False


def _columns(receipt: Receipt) -> tuple[Any, ...]:
    return (
        receipt.issuer_id,
        receipt.year,
        receipt.serial,
        str(receipt.kind),
        receipt.rule,
        receipt.language,
        receipt.gift_id,
        receipt.donor_id,
        receipt.replaces_id,
        receipt.cause,
        receipt.sealed,
        receipt.wrapped_key,
        receipt.issued_at,
        receipt.kept_until_date,
    )


# --- sealing


def _contexts(receipt: Receipt) -> tuple[bytes, bytes]:
    """What binds key and facts to this very receipt: its issuer, year and count."""
    name = b"%d:%d:%d" % (receipt.issuer_id, receipt.year, receipt.serial)
    return b"receipt-key:" + name, b"receipt-facts:" + name


def _seal(receipt: Receipt, kept: Kept, keys: MasterKeys) -> None:
    key_context, facts_context = _contexts(receipt)
    own_key = secrets.token_bytes(sealing.KEY_BYTES)
    plain = kept_to_bytes(kept)
    padded = plain + b" " * (-len(plain) % sealing.BLOCK_BYTES)
    receipt.sealed = sealing.seal(
        padded, key=own_key, nonce=secrets.token_bytes(sealing.NONCE_BYTES), context=facts_context
    )
    receipt.wrapped_key = sealing.seal(
        own_key,
        key=keys.wrapping,
        nonce=secrets.token_bytes(sealing.NONCE_BYTES),
        context=key_context,
    )


def open_receipt(receipt: Receipt, keys: MasterKeys | None = None) -> Kept:
    """What stands on a receipt. Raises NotOurs, also for one whose key was destroyed."""
    _, facts_context = _contexts(receipt)
    own_key = _own_key(receipt, keys)
    plain = sealing.unseal(bytes(receipt.sealed), key=own_key, context=facts_context)
    return kept_from_bytes(plain)


def secret_of(receipt: Receipt, keys: MasterKeys | None = None) -> str:
    """32 hexadecimal digits that go with a receipt for as long as its key is kept. Raises NotOurs.

    They follow from its key (HMAC-SHA-256, RFC 2104), of which they tell nothing.
    """
    return hmac.digest(_own_key(receipt, keys), b"copy of a receipt", "sha256").hex()[:32]


def _own_key(receipt: Receipt, keys: MasterKeys | None) -> bytes:
    key_context, _ = _contexts(receipt)
    wrapped = bytes(receipt.wrapped_key or b"")
    return sealing.unseal(wrapped, key=(keys or master_keys()).wrapping, context=key_context)


def as_draft(receipt: Receipt, kept: Kept) -> Draft:
    """A draft that says what `receipt` says, to be changed and issued in its place."""
    stated = kept.receipt
    return Draft(
        cause=receipt.cause,
        kind=Receipt.Kind(receipt.kind),
        rule=stated.kind,
        language=kept.language,
        gifts=stated.gifts,
        donor_id=receipt.donor_id,
        gift_id=receipt.gift_id,
        payer_name=stated.payer_name,
        payer_address=stated.payer_address,
        has_gift_aid=stated.has_gift_aid,
        year=kept.year,
    )


def in_place_of(receipt: Receipt, draft: Draft, *, cause: str, reason: str) -> Draft:
    """The draft that puts `receipt` out of force; without money left it only cancels."""
    kind = draft.kind if draft.gifts else Receipt.Kind.CANCELLATION
    return replace(draft, cause=cause, kind=kind, replaces=receipt, reason=reason)
