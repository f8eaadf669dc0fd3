"""Receipts: issued for what is posted, corrected by new ones, summed up yearly, sent and kept.

A receipt's `cause` says what it was issued for and, after "=", how much of that had been given
back by then: so what must be replaced is found without opening anything. Amounts are minor units.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from django.db import connection, transaction
from django.db.models import Q
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from twinhood.giving import letters, poster, queries
from twinhood.giving.core.receipt import ReceiptGift, ReceiptLacks
from twinhood.giving.core.sealing import NotOurs
from twinhood.giving.keys import master_keys, open_donor
from twinhood.giving.models import Donor, Gift, Issuer, Receipt, ReceiptMark
from twinhood.giving.receipt_rows import (
    DUE,
    OF_DONORS,
    OF_GIFT,
    STALE,
    Row,
    Titles,
    bounds,
    donors_of,
    draft_of,
    rows_of,
    rule_for,
    with_sum,
)
from twinhood.giving.receipt_writing import (
    Draft,
    as_draft,
    in_place_of,
    lacking,
    lock_numbers,
    open_receipt,
    write,
)
from twinhood.kit import clock, limits
from twinhood.people.models import Partnership

logger = logging.getLogger(__name__)

ISSUING_TASK = "giving.issue_receipts"
BATCH = 1_000
LETTER = "receipt"
# So often in a day a receipt is sent again, and so many of them in an hour to one address.
AGAIN_MAX, AGAIN_AN_HOUR = 3, 3

YEAR_TASK = "giving.issue_year"
YEAR_QUEUE = "files"

# --- issuing


def ask_for_issuing() -> None:
    """Defer the job in this same transaction; one that waits already is enough."""
    try:
        with transaction.atomic():
            task = app.configure_task(ISSUING_TASK, queue=letters.QUEUE, queueing_lock=ISSUING_TASK)
            task.defer()
    except AlreadyEnqueued:
        pass


def issue_due(limit: int = BATCH, *, batches_max: int = 1) -> int:
    """Issue receipts for posted gifts that have none, in order of their ids; return how many.

    Each `limit` of gifts is one transaction of an issuer: killed at any point, each has its
    receipt and its letter or neither. A gift whose facts allow no receipt is passed over. What one
    issuer's books of receipts refuse holds up no other; it is raised at the end.
    """
    posted_up_to = poster.floor()
    after, issued, problems = _floor(), 0, list[Exception]()
    is_done = False
    for _ in range(batches_max):
        rows = rows_of(DUE, after=after, partnership=None, limit=limit)
        issued += _issue_each(rows, problems)
        after = rows[-1].gift_id if rows else after
        is_done = len(rows) < limit
        if is_done:
            break
    if problems:
        raise ExceptionGroup("receipts that could not be issued", problems)
    _raise_floor(posted_up_to if is_done else min(posted_up_to, after))
    return issued


def issue_earlier(partnership: Partnership, *, limit: int = BATCH) -> int:
    """Issue receipts for all posted gifts of a partnership that have none; return how many."""
    after, issued, problems = 0, 0, list[Exception]()
    while rows := rows_of(DUE, after=after, partnership=partnership.pk, limit=limit):
        issued += _issue_each(rows, problems)
        after = rows[-1].gift_id
    if problems:
        raise ExceptionGroup("receipts that could not be issued", problems)
    return issued


def _floor() -> int:
    return ReceiptMark.objects.values_list("floor", flat=True).first() or 0


def _raise_floor(up_to: int) -> None:
    ReceiptMark.objects.bulk_create([ReceiptMark()], ignore_conflicts=True)
    ReceiptMark.objects.filter(floor__lt=up_to).update(floor=up_to)


def _issue_each(rows: Sequence[Row], problems: list[Exception]) -> int:
    issued = 0
    by_issuer = sorted(rows, key=attrgetter("issuer_id", "gift_id"))
    for issuer_id, group in groupby(by_issuer, key=attrgetter("issuer_id")):
        try:
            issued += _issue(Issuer.objects.get(pk=issuer_id), list(group))
        except Exception as problem:  # told to the caller, with all others
            problems.append(problem)
    return issued


@transaction.atomic
def _issue(issuer: Issuer, rows: Sequence[Row]) -> int:
    at, keys = clock.now(), master_keys()
    lock_numbers(issuer, at)  # whoever comes second sees what the first wrote
    standing = set(
        Receipt.objects.filter(gift_id__in=[row.gift_id for row in rows]).values_list(
            "gift_id", flat=True
        )
    )
    titles = Titles()
    drafts = [draft_of(row, issuer, keys, titles) for row in rows if row.gift_id not in standing]
    good = [draft for draft in drafts if not lacking(draft, issuer)]
    made = write(issuer, good, at, are_whole=True)
    made += _with_late_gifts(issuer, rows, at)
    reachable = {row.donor_id for row in rows if row.is_reachable}
    queue_letters(receipt for receipt in made if receipt.donor_id in reachable)
    if made:
        logger.info(
            "giving.receipts issuer=%d count=%d first=%s last=%s",
            issuer.pk, len(made), made[0], made[-1],
        )  # fmt: skip
    return len(made)


def _with_late_gifts(issuer: Issuer, rows: Sequence[Row], at: datetime) -> list[Receipt]:
    """New yearly statements of donors who had theirs before these gifts arrived."""
    heads = _standing(issuer, [row.donor_id for row in rows])
    known = {head.rpartition(":")[0] for head in heads}
    late = {
        f"year:{row.received_date.year}:{row.donor_id}": row
        for row in rows
        if f"year:{row.received_date.year}:{row.donor_id}" in known
    }
    return [receipt for row in late.values() for receipt in _years_of(row, "", at)]


def queue_letters(made: Iterable[Receipt]) -> None:
    """A letter for each receipt, in the transaction that wrote it."""
    letters.queue_many(
        letters.NewLetter(receipt.donor_id, LETTER, f"receipt:{receipt.pk}", {"id": receipt.pk})
        for receipt in made
        if receipt.donor_id is not None
    )


@transaction.atomic
def issue_for_goods(
    *,
    donor: Donor,
    key: str,
    description: str,
    received_date: date,
    purpose: str,
    rule: str = "",
    language: str = "",
    at: datetime | None = None,
) -> Receipt:
    """The receipt of a gift in kind: what it was, never what it was worth. Once for each `key`.

    Raises ReceiptLacks, Issuer.DoesNotExist.
    """
    issuer = issuer_of(donor.partnership)
    cause = f"goods:{key}"
    known = Receipt.objects.filter(issuer=issuer, cause=cause).first()
    if known is not None:
        return known
    facts = open_donor(donor, master_keys())
    goods = ReceiptGift(received_date=received_date, purpose=purpose, description=description)
    draft = Draft(
        cause=cause,
        kind=Receipt.Kind.GIFT,
        rule=rule_for(issuer, rule),
        language=language or donor.language,
        gifts=(goods,),
        donor_id=donor.pk,
        payer_name=facts.name,
        payer_address=facts.address,
    )
    made = write(issuer, [draft], at or clock.now())
    queue_letters(made)
    return made[0] if made else Receipt.objects.get(issuer=issuer, cause=cause)


def issuer_of(partnership: Partnership) -> Issuer:
    """Who issues receipts for gifts to this partnership. Raises Issuer.DoesNotExist."""
    return Issuer.objects.get(organisation=partnership.recipient_id)


# --- correcting


def receipt_of(gift: Gift) -> Receipt | None:
    """The receipt that stands for a gift now; None if there is none, or it was cancelled."""
    latest = _latest(gift)
    return None if latest is None or latest.kind == Receipt.Kind.CANCELLATION else latest


def receipt_of_goods(partnership: Partnership, key: str) -> Receipt | None:
    """The receipt that stands for a gift in kind now; None as for one of money."""
    cause = f"goods:{key}"
    found = Receipt.objects.filter(
        Q(cause=cause) | Q(cause__startswith=f"{cause}#"),
        issuer__organisation=partnership.recipient_id, replaced_by=None,
    ).select_related("issuer", "donor")  # fmt: skip
    latest = found.order_by("-id").first()
    return None if latest is None or latest.kind == Receipt.Kind.CANCELLATION else latest


def _latest(gift: Gift) -> Receipt | None:
    found = Receipt.objects.filter(gift=gift, replaced_by=None).select_related("issuer")
    return found.order_by("-id").first()


@transaction.atomic
def replace_for(gift: Gift, reason: str) -> list[Receipt]:
    """Put receipts right after a refund, a lost dispute or money that came back; return new ones.

    The gift's own receipt and the yearly statement that it stands on are replaced by ones that
    name them, or cancelled where nothing is left. Safe to repeat: what is right stays.
    """
    rows = rows_of(OF_GIFT, gift=gift.pk, limit=1)
    standing = _latest(gift)
    issuer = standing.issuer if standing else (rows and Issuer.objects.get(pk=rows[0].issuer_id))
    if not issuer:
        return []
    at = clock.now()
    lock_numbers(issuer, at)
    refunded_minor = queries.given_back_minor(gift)
    made = _replaced_gift(gift, issuer, refunded_minor, reason, at)
    for row in rows:
        made += _years_of(row, reason, at)
    queue_letters(made)
    return made


def _years_of(row: Row, reason: str, at: datetime) -> list[Receipt]:
    return put_year_right(
        partnership=Partnership.objects.get(pk=row.partnership_id), donor_id=row.donor_id,
        year=row.received_date.year, reason=reason, at=at,
    )  # fmt: skip


def _replaced_gift(
    gift: Gift, issuer: Issuer, refunded_minor: int, reason: str, at: datetime
) -> list[Receipt]:
    latest = _latest(gift)
    if latest is None or _sum_in(latest.cause) == refunded_minor:
        return []
    if _is_cancelled_by_hand(latest, gift):
        return []
    draft = _last_full(latest)
    if draft is None:
        return []
    left = replace(draft.gifts[0], refunded_minor=refunded_minor)
    gifts = (left,) if left.amount_minor > 0 else ()
    return write(issuer, [_next(latest, replace(draft, gifts=gifts), refunded_minor, reason)], at)


def _is_cancelled_by_hand(receipt: Receipt, gift: Gift) -> bool:
    is_cancellation = receipt.kind == Receipt.Kind.CANCELLATION
    return is_cancellation and _sum_in(receipt.cause) < gift.amount_minor


def _sum_in(cause: str) -> int:
    return int(cause.partition("=")[2] or 0)


def _next(latest: Receipt, draft: Draft, refunded_minor: int, reason: str) -> Draft:
    """The draft that takes the place of `latest`: its cause is counted on."""
    head, _, count = latest.cause.partition("=")[0].partition("#")
    cause = with_sum(f"{head}#{int(count or 1) + 1}", refunded_minor)
    return in_place_of(latest, draft, cause=cause, reason=reason)


def _last_full(receipt: Receipt) -> Draft | None:
    """What the last one in a chain that was no cancellation said; None if its key is destroyed."""
    found: Receipt | None = receipt
    while found is not None and found.kind == Receipt.Kind.CANCELLATION:
        found = found.replaces
    if found is None:
        return None
    try:
        return as_draft(found, open_receipt(found))
    except NotOurs:
        return None


def replace_due(limit: int = 200) -> int:
    """Put right what refunds and disputes made wrong; return how many new receipts that took."""
    with connection.cursor() as cursor:
        cursor.execute(STALE, {"limit": limit})
        ids = [pk for (pk,) in cursor]
    gifts = Gift.objects.select_related("partnership").filter(pk__in=ids).order_by("pk")
    return sum(len(replace_for(gift, "")) for gift in gifts)


@transaction.atomic
def cancel(receipt: Receipt, reason: str, *, at: datetime | None = None) -> Receipt:
    """Put a receipt out of force by one that names it and stands for nothing; once.

    Returns the cancellation. Raises Replaced if another took its place already.
    """
    return _corrected(receipt, lambda draft: replace(draft, gifts=()), reason, at)


@transaction.atomic
def reissue(receipt: Receipt, reason: str, *, at: datetime | None = None) -> Receipt:
    """Issue it anew with what is known of the donor now, for a name or address that was wrong.

    Raises Replaced, ReceiptLacks.
    """
    return _corrected(receipt, _with_donor_of_today, reason, at)


class Replaced(ValueError):
    """This receipt is out of force already."""


def _corrected(
    receipt: Receipt, change: Callable[[Draft], Draft], reason: str, at: datetime | None
) -> Receipt:
    at = at or clock.now()
    lock_numbers(receipt.issuer, at)
    if Receipt.objects.filter(replaces=receipt).exists() or (
        receipt.kind == Receipt.Kind.CANCELLATION
    ):
        raise Replaced(str(receipt))
    draft = change(as_draft(receipt, open_receipt(receipt)))
    made = write(receipt.issuer, [_next(receipt, draft, _sum_in(receipt.cause), reason)], at)
    queue_letters(made)
    return made[0]


def _with_donor_of_today(draft: Draft) -> Draft:
    if draft.donor_id is None:
        return draft
    donor = Donor.objects.filter(pk=draft.donor_id, sealed__isnull=False).first()
    if donor is None:
        return draft
    facts = open_donor(donor, master_keys())
    return replace(
        draft,
        payer_name=facts.name or draft.payer_name,
        payer_address=facts.address or draft.payer_address,
        language=donor.language,
    )


# --- a year


def issue_year(
    partnership: Partnership,
    year: int,
    *,
    progress: Callable[[int], None] = lambda done: None,
    at: datetime | None = None,
) -> int:
    """A statement for each donor of the gifts that a partnership received in a year.

    Safe to repeat: who has one gets another only if it says other gifts than are theirs now. In
    batches of donors, so memory does not grow with
    their number; `progress` hears how many donors were looked at. Returns how many were issued.
    """
    issuer, at = issuer_of(partnership), at or clock.now()
    issued = looked_at = 0
    for donors in donors_of(partnership, year):
        rows = rows_of(OF_DONORS, donors=donors, **bounds(partnership, year), limit=None)
        issued += _issue_statements(issuer, year, rows, at)
        looked_at += len(donors)
        progress(looked_at)
    return issued


def ask_for_year(partnership: Partnership, year: int) -> None:
    """Let the worker issue a year's statements, unless that is ordered already."""
    lock = f"{YEAR_TASK}:{partnership.pk}:{year}"
    try:
        with transaction.atomic():
            task = app.configure_task(YEAR_TASK, queue=YEAR_QUEUE, queueing_lock=lock, lock=lock)
            task.defer(partnership_id=partnership.pk, year=year)
    except AlreadyEnqueued:
        pass


@transaction.atomic
def _issue_statements(issuer: Issuer, year: int, rows: Sequence[Row], at: datetime) -> int:
    drafts = list(_statements(issuer, year, rows))
    lock_numbers(issuer, at)
    standing = _standing(issuer, [draft.donor_id for draft in drafts])
    made = write(issuer, _due_statements(issuer, drafts, standing, ""), at)
    reachable = {row.donor_id for row in rows if row.is_reachable}
    queue_letters(receipt for receipt in made if receipt.donor_id in reachable)
    return len(made)


def _standing(issuer: Issuer, donors: Iterable[int | None]) -> dict[str, Receipt]:
    """The last statement of each cause, whatever was given back since; a cancellation too."""
    found = Receipt.objects.filter(
        issuer=issuer, donor_id__in={pk for pk in donors if pk is not None}, gift=None,
        cause__startswith="year:", replaced_by=None,
    ).select_related("issuer", "replaces")  # fmt: skip
    return {_head(receipt.cause): receipt for receipt in found}


def _head(cause: str) -> str:
    """A cause without the count of its corrections and what was given back."""
    return cause.partition("=")[0].partition("#")[0]


def _due_statements(
    issuer: Issuer, drafts: Iterable[Draft], standing: dict[str, Receipt], reason: str
) -> list[Draft]:
    """Those of `drafts` that nobody has yet, or has with other figures."""
    due = []
    for draft in drafts:
        latest = standing.get(_head(draft.cause))
        if draft.gifts and lacking(draft, issuer):
            continue
        if latest is not None and not _says(latest, draft):
            due.append(_next(latest, draft, _sum_in(draft.cause), reason))
        elif latest is None and draft.gifts:
            due.append(draft)
    return due


def _says(latest: Receipt, draft: Draft) -> bool:
    """Whether a statement is right as it stands; one that was cancelled by hand stays so."""
    if latest.kind == Receipt.Kind.CANCELLATION:
        return not draft.gifts or _is_cancelled_for_itself(latest)
    try:
        return _figures(open_receipt(latest).receipt.gifts) == _figures(draft.gifts)
    except NotOurs:
        return True


def _is_cancelled_for_itself(latest: Receipt) -> bool:
    """Not because nothing was left of it: that changes the sum in its cause."""
    replaced = latest.replaces
    return replaced is not None and _sum_in(latest.cause) == _sum_in(replaced.cause)


def _figures(gifts: Iterable[ReceiptGift]) -> list[tuple[date, int, int, str]]:
    return sorted(
        (gift.received_date, gift.given_minor, gift.refunded_minor, gift.currency) for gift in gifts
    )


def _statements(issuer: Issuer, year: int, rows: Iterable[Row]) -> Iterator[Draft]:
    """One draft for each donor and kind of receipt; `rows` come by donor."""
    keys, titles = master_keys(), Titles()
    for _donor_id, group in groupby(rows, key=attrgetter("donor_id")):
        by_kind: dict[str, list[Draft]] = {}
        for row in group:
            draft = draft_of(row, issuer, keys, titles)
            name = f"{draft.rule}{'+gift-aid' if draft.has_gift_aid else ''}"
            by_kind.setdefault(name, []).append(draft)
        for name, drafts in by_kind.items():
            yield _statement(year, name, drafts)


def _statement(year: int, name: str, drafts: Sequence[Draft]) -> Draft:
    gifts = [gift for draft in drafts for gift in draft.gifts]
    refunded_minor = sum(gift.refunded_minor for gift in gifts)
    last = drafts[-1]
    return replace(
        last,
        cause=with_sum(f"year:{year}:{last.donor_id}:{name}", refunded_minor),
        kind=Receipt.Kind.YEAR,
        gift_id=None,
        gifts=tuple(gift for gift in gifts if gift.amount_minor > 0),
        year=year,
    )


@transaction.atomic
def put_year_right(
    *, partnership: Partnership, donor_id: int, year: int, reason: str, at: datetime | None = None
) -> list[Receipt]:
    """Replace the yearly statements of a donor that say other gifts than are theirs now.

    For a gift that arrived late, left the donor or came to them, or was given back. Who had no
    statement of that year gets none. Returns the new ones; their letters are the caller's.
    """
    issuer, at = issuer_of(partnership), at or clock.now()
    lock_numbers(issuer, at)
    prefix = f"year:{year}:{donor_id}:"
    standing = {
        head: one for head, one in _standing(issuer, [donor_id]).items() if head.startswith(prefix)
    }
    if not standing:
        return []
    rows = rows_of(OF_DONORS, donors=[donor_id], **bounds(partnership, year), limit=None)
    drafts = list(_statements(issuer, year, rows))
    made = write(issuer, _due_statements(issuer, drafts, standing, reason), at)
    left = standing.keys() - {_head(draft.cause) for draft in drafts}
    emptied = [_emptied(standing[head], reason) for head in sorted(left)]
    return made + write(issuer, [draft for draft in emptied if draft is not None], at)


def _emptied(latest: Receipt, reason: str) -> Draft | None:
    """What cancels a statement none of whose gifts is the donor's any more."""
    full = None if latest.kind == Receipt.Kind.CANCELLATION else _last_full(latest)
    if full is None:
        return None
    gone_minor = _sum_in(latest.cause) + sum(gift.given_minor for gift in full.gifts)
    return _next(latest, replace(full, gifts=()), gone_minor, reason)


# --- sending again, and forgetting


def send_again(receipt: Receipt, *, at: datetime | None = None) -> bool:
    """Queue the receipt's letter once more; False if enough was sent to this address lately."""
    at = at or clock.now()
    if receipt.donor is None or not _may_send_again(receipt.donor, at):
        return False
    on = at.date().isoformat()
    for number in range(1, AGAIN_MAX + 1):
        key = f"receipt:{receipt.pk}:{on}:{number}"
        if not receipt.donor.letters.filter(key=key).exists():
            letters.queue(receipt.donor, LETTER, key, {"id": receipt.pk})
            return True
    return False


def _may_send_again(donor: Donor, at: datetime) -> bool:
    """Whoever asks, by a link, in the donor's place or at the desk: one mailbox is not flooded."""
    email = open_donor(donor, master_keys()).email
    return bool(email) and limits.count("receipt", email.casefold(), at=at) <= AGAIN_AN_HOUR


def forget_old(*, on: date) -> int:
    """Destroy the keys of receipts that nothing makes us keep any longer; return how many."""
    due = Receipt.objects.filter(kept_until_date__lt=on, wrapped_key__isnull=False)
    return due.update(wrapped_key=None, sealed=b"")


__all__ = [
    "ReceiptLacks",
    "Replaced",
    "cancel",
    "forget_old",
    "issue_due",
    "issue_earlier",
    "issue_for_goods",
    "issue_year",
    "issuer_of",
    "put_year_right",
    "receipt_of",
    "receipt_of_goods",
    "reissue",
    "replace_due",
    "replace_for",
    "send_again",
]
