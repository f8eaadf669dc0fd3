"""A need withdrawn after it was funded: two people withdraw it, donors choose, the board resolves.

The rule is told before the first gift (the campaign's fallback purpose): who is silent stays for
the fallback, who asks within 30 days has the money back. Money is moved by the treasury, one floor
up. Amounts are minor units of the fund's currency; verbs are one transaction each.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from secrets import compare_digest
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet, Sum
from django.utils.translation import get_language

from twinhood.giving import errors, letters, queries, recurring, refunding
from twinhood.giving.keys import MasterKeys, link_secret, master_keys
from twinhood.giving.models import (
    Choice,
    Gift,
    Mail,
    Pledge,
    Reallocation,
    RecurringGift,
    Refund,
    RefundRequest,
    ReturnRight,
)
from twinhood.kit import clock
from twinhood.kit.money import format_money
from twinhood.ledger import actions as ledger
from twinhood.ledger.errors import LedgerError
from twinhood.needs import actions as needs
from twinhood.needs.models import Campaign, Need
from twinhood.needs.queries import campaign_of
from twinhood.people.models import Partnership, Person

logger = logging.getLogger(__name__)

DAYS_TO_CHOOSE = 30
# The letter that asks, and the one that says what was understood.
ASK, CHOSEN, RESOLVED = "choice", "chosen", "resolved"
LETTER_GIFTS_MAX = 60
State = Reallocation.State
# Reasons in the books are facts, not sentences of a page, so they are in one language.
REFUND_REASON = "The need was withdrawn; the donor asked for it back"
RETURN_REASON = "The need was withdrawn; the grant had a right of return"


class CannotReallocate(errors.GivingError):
    """`code`: no_money, no_fallback, same_person, moved_on, too_late, paid, refunds_wait,
    grants_wait, too_early."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# --- who withdraws


@transaction.atomic
def ask(*, need: Need, person: Person, reason: str, proof: str) -> Reallocation:
    """One person says that a funded need is needed no more, and which paper shows it.

    Raises CannotReallocate.
    """
    ledger.lock_books(need.partnership)
    need = Need.objects.select_related("partnership", "fund", "campaign__fund").get(pk=need.pk)
    standing = reallocation_of(need)
    if standing is not None:
        return standing
    if need.fund is None or not need.fund.head_minor or need.state != Need.State.VERIFIED:
        raise CannotReallocate("no_money")
    campaign = need.campaign or campaign_of(need.partnership)
    if campaign is None or not _is_fallback(campaign, need):
        raise CannotReallocate("no_fallback")
    return Reallocation.objects.create(
        partnership=need.partnership,
        need=need,
        fund=need.fund,
        to_fund=campaign.fund,
        fallback=campaign.fallback_purpose,
        reason=reason,
        proof=proof,
        asked_by=person,
        asked_at=clock.now(),
    )


def _is_fallback(campaign: Campaign, need: Need) -> bool:
    return (
        campaign.fallback_purpose is not None
        and campaign.currency == need.currency
        and campaign.fund_id != need.fund_id
    )


def reallocation_of(need: Need) -> Reallocation | None:
    """The one that stands for this need."""
    found = Reallocation.objects.filter(need=need).exclude(state=State.REFUSED)
    return found.select_related("partnership", "need", "fund", "to_fund").first()


def of_gift(gift: Gift) -> Reallocation | None:
    """The one that a posted gift is concerned by, while donors choose and after."""
    found = Reallocation.objects.filter(
        fund=gift.fund_id, state__in=(State.CHOOSING, State.RESOLVED)
    )
    return found.select_related("partnership", "need", "fund", "to_fund").first()


@transaction.atomic
def refuse(*, reallocation: Reallocation, person: Person) -> None:
    """Another person says that the need stands. Raises CannotReallocate."""
    locked = _decided(reallocation, person)
    locked.state = State.REFUSED
    locked.save()


@transaction.atomic
def confirm(*, reallocation: Reallocation, person: Person) -> Reallocation:
    """Another person confirms: the need takes no gift from now on, and its donors are asked.

    Monthly gifts for it are held by `hold_recurring`, which asks the rail. Raises
    CannotReallocate; needs.errors.NeedError.
    """
    locked = _decided(reallocation, person)
    needs.withdraw(need=locked.need, reason=locked.reason, is_confirmed=True)
    today = clock.today_in(locked.partnership.giving_place.time_zone)
    locked.deadline_date = today + timedelta(days=DAYS_TO_CHOOSE)
    locked.state = State.CHOOSING
    locked.save()
    ask_donors(locked)
    logger.info("giving.withdrawn partnership=%s need=%s", locked.partnership.slug, locked.need)
    return locked


def _decided(reallocation: Reallocation, person: Person) -> Reallocation:
    locked = _locked(reallocation)
    if locked.state != State.ASKED:
        raise CannotReallocate("moved_on")
    if locked.asked_by_id == person.pk:
        raise CannotReallocate("same_person")
    locked.decided_by, locked.decided_at = person, clock.now()
    return locked


def _locked(reallocation: Reallocation) -> Reallocation:
    ledger.lock_books(reallocation.partnership)
    found = Reallocation.objects.select_for_update(of=("self",)).select_related(
        "partnership__giving_place", "need", "fund", "to_fund"
    )
    return found.get(pk=reallocation.pk)


# --- donors


def concerned(reallocation: Reallocation) -> QuerySet[Gift]:
    """Every gift that was given for the need alone, the oldest first."""
    return Gift.objects.filter(fund=reallocation.fund_id).order_by("id")


def ask_donors(reallocation: Reallocation) -> int:
    """Queue a letter to each donor who has none since their latest gift; return how many.

    Safe to repeat: what is given after the need was withdrawn is asked about, too.
    """
    latest = (
        concerned(reallocation)
        .filter(donor__isnull=False)
        .order_by("donor")
        .values("donor")
        .annotate(last=Max("id"))
    )
    count = 0
    for batch in _batches(latest.iterator(chunk_size=1_000), 1_000):
        letters.queue_many(
            letters.NewLetter(
                donor_id=row["donor"],
                kind=ASK,
                key=f"choice:{reallocation.pk}:{row['donor']}:{row['last']}",
                facts={"reallocation": reallocation.pk},
            )
            for row in batch
        )
        count += len(batch)
    return count


def _batches[T](found: Iterable[T], size: int) -> Iterator[list[T]]:
    batch: list[T] = []
    for one in found:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def token_of(reallocation: Reallocation, gift: Gift, keys: MasterKeys | None = None) -> str:
    """What opens the choice for one gift, for its letter: the gift's ref and a secret."""
    secret = link_secret(f"choice:{reallocation.pk}:{gift.ref}", keys or master_keys())
    return f"{gift.ref}.{secret}"


def gift_by_token(token: str) -> Gift | None:
    """The gift of a letter's link, or of its own trace link; None for any other text."""
    if "." not in token:
        return queries.gift_by_secret(token)
    ref = token.partition(".")[0]
    gift = Gift.objects.select_related("fund", "partnership").filter(ref=ref).first()
    found = of_gift(gift) if gift is not None else None
    if gift is None or found is None:
        return None
    return gift if compare_digest(token.encode(), token_of(found, gift).encode()) else None


@dataclass(frozen=True, slots=True)
class Standing:
    """A choice as its page shows it; `left_minor` is what comes back if the donor asks."""

    reallocation: Reallocation
    gift: Gift
    answer: str
    left_minor: int
    refunded_minor: int
    is_open: bool
    others: int


def standing(gift: Gift) -> Standing | None:
    """How the choice for a gift stands; None where there is nothing to choose."""
    found = of_gift(gift)
    if found is None or gift.posted_at is None:
        return None
    chosen = Choice.objects.filter(reallocation=found, gift=gift).first()
    left = queries.left_of(gift)
    others = (
        concerned(found).filter(donor=gift.donor_id).exclude(pk=gift.pk).count()
        if gift.donor_id
        else 0
    )
    return Standing(
        reallocation=found,
        gift=gift,
        answer=chosen.answer if chosen is not None else "",
        left_minor=left.total_minor,
        refunded_minor=gift.amount_minor - left.total_minor,
        is_open=_is_open(found) and left.line_minor > 0 and refunding.under_way(gift) is None,
        others=others,
    )


def _is_open(reallocation: Reallocation) -> bool:
    today = clock.today_in(reallocation.partnership.giving_place.time_zone)
    deadline = reallocation.deadline_date
    return reallocation.state == State.CHOOSING and deadline is not None and today <= deadline


@transaction.atomic
def choose(
    *,
    gift: Gift,
    answer: Choice.Answer,
    is_for_all: bool = False,
    person: Person | None = None,
) -> Reallocation:
    """The donor chooses for a gift, or for all that they gave for this need; it can change.

    `person` writes it down for a donor who wrote or called. Raises CannotReallocate.
    """
    found = of_gift(gift)
    if found is None:
        raise CannotReallocate("moved_on")
    locked = _locked(found)
    if not _is_open(locked):
        raise CannotReallocate("too_late")
    chosen = _chosen(locked, gift, is_for_all)
    if not chosen:
        raise CannotReallocate("paid")
    now = clock.now()
    for one in chosen:
        Choice.objects.update_or_create(
            reallocation=locked,
            gift=one,
            defaults={"answer": answer, "chosen_at": now, "recorded_by": person},
        )
    if gift.donor is not None:
        letters.queue(
            gift.donor,
            CHOSEN,
            f"chosen:{locked.pk}:{gift.ref}:{now.timestamp():.0f}",
            {"reallocation": locked.pk, "ref": gift.ref},
        )
    return locked


def _chosen(reallocation: Reallocation, gift: Gift, is_for_all: bool) -> list[Gift]:
    """Those of the donor's gifts that can still be chosen for."""
    found = [gift]
    if is_for_all and gift.donor_id is not None:
        found = list(concerned(reallocation).filter(donor=gift.donor_id))
    return [
        one
        for one in found
        if queries.left_of(one).line_minor > 0 and refunding.under_way(one) is None
    ]


# --- monthly gifts


def hold_recurring(reallocation: Reallocation) -> int:
    """Ask the rail to hold monthly gifts for the need; return how many could not be held yet.

    Safe to repeat; the worker does, since a rail may be away.
    """
    going = RecurringGift.objects.filter(
        pledge__fund=reallocation.fund_id,
        state__in=(RecurringGift.State.ACTIVE, RecurringGift.State.FAILING),
    ).select_related("pledge")
    problems = 0
    for gift in going:
        try:
            recurring.hold(recurring=gift)
        except errors.GivingError as problem:
            problems += 1
            logger.warning("giving.not_held recurring=%s why=%s", gift.pk, type(problem).__name__)
    return problems


def sweep() -> None:
    """What the worker does each few minutes while donors choose: hold, and ask who gave late."""
    for found in Reallocation.objects.filter(state=State.CHOOSING).select_related("fund"):
        hold_recurring(found)
        ask_donors(found)


# --- money that goes back


@transaction.atomic
def mark_return_right(*, gift: Gift, terms: str, person: Person) -> ReturnRight:
    """Say that a gift is a grant whose giver may have it back if its purpose fails."""
    right, _ = ReturnRight.objects.update_or_create(
        gift=gift,
        defaults={"terms": terms, "recorded_by": person, "recorded_at": clock.now()},
    )
    return right


@dataclass(frozen=True, slots=True)
class Paid:
    """What became of refunds that were asked for: how many are booked, wait, or failed."""

    booked: int = 0
    waiting: int = 0
    failed: int = 0


def refund_asked(*, reallocation: Reallocation, person: Person, limit: int = 200) -> Paid:
    """Give back the next gifts whose donors asked, each by its rail, and by its own rules.

    A large one waits for a second person, one of a card for the rail. Safe to repeat.
    """
    booked = waiting = failed = 0
    for gift in list(unpaid(reallocation)[:limit]):
        state = _give_back(gift, person, REFUND_REASON)
        booked += state == "booked"
        waiting += state == "waiting"
        failed += state == "failed"
    return Paid(booked, waiting, failed)


def return_grant(*, gift: Gift, person: Person) -> str:
    """Return a grant that had a right of return: "booked", "waiting" or "failed"."""
    return _give_back(gift, person, RETURN_REASON)


def _give_back(gift: Gift, person: Person, reason: str) -> str:
    if refunding.under_way(gift) is not None:
        return "waiting"
    left = queries.left_of(gift)
    try:
        request = refunding.propose(
            gift=gift,
            person=person,
            amount_minor=left.total_minor,
            reason=reason,
            earlier=gift.refunds.count(),
        )
    except (errors.GivingError, LedgerError) as problem:
        logger.warning("giving.not_refunded source=%s why=%s", gift.key, type(problem).__name__)
        return "failed"
    return "booked" if request.state == RefundRequest.State.BOOKED else "waiting"


def unpaid(reallocation: Reallocation) -> QuerySet[Gift]:
    """Gifts whose donors asked for them back and of which nothing was given back yet."""
    asked = Choice.objects.filter(
        reallocation=reallocation, gift=OuterRef("pk"), answer=Choice.Answer.REFUND
    )
    back = Refund.objects.filter(gift=OuterRef("pk"))
    return concerned(reallocation).filter(Exists(asked) & ~Exists(back))


def grants(reallocation: Reallocation) -> QuerySet[Gift]:
    """Grants for the need whose givers may have them back."""
    return concerned(reallocation).filter(return_right__isnull=False).select_related("return_right")


@dataclass(frozen=True, slots=True)
class Sums:
    """The money of a withdrawn need: what came, what was asked for and went back, what is left."""

    gifts: int
    received_minor: int
    fees_minor: int
    asked: int
    asked_minor: int
    back: int
    back_line_minor: int
    back_operating_minor: int
    grants_minor: int
    free_minor: int

    @property
    def back_minor(self) -> int:
        return self.back_line_minor + self.back_operating_minor


def sums(reallocation: Reallocation) -> Sums:
    """Everything that the page of a withdrawn need shows; `free_minor` is what the board decides
    about."""
    all_gifts = concerned(reallocation)
    came = all_gifts.aggregate(amount=Sum("amount_minor"), fee=Sum("fee_minor"))
    asked = all_gifts.filter(
        choices__reallocation=reallocation, choices__answer=Choice.Answer.REFUND
    )
    back = Refund.objects.filter(gift__in=asked.values("pk"))
    gone = back.aggregate(line=Sum("line_minor"), operating=Sum("operating_minor"))
    returned = Refund.objects.filter(gift__in=grants(reallocation).values("pk")).exclude(
        gift__in=asked.values("pk")
    )
    reallocation.fund.refresh_from_db()
    return Sums(
        gifts=all_gifts.count(),
        received_minor=int(came["amount"] or 0),
        fees_minor=int(came["fee"] or 0),
        asked=asked.count(),
        asked_minor=int(asked.aggregate(sum=Sum("amount_minor"))["sum"] or 0),
        back=back.values("gift").distinct().count(),
        back_line_minor=int(gone["line"] or 0),
        back_operating_minor=int(gone["operating"] or 0),
        grants_minor=int(returned.aggregate(sum=Sum("line_minor"))["sum"] or 0),
        free_minor=reallocation.fund.free_minor,
    )


# --- the board


def why_not_resolve(reallocation: Reallocation) -> str:
    """Why the rest cannot be moved yet, as a code of CannotReallocate; "" if it can."""
    today = clock.today_in(reallocation.partnership.giving_place.time_zone)
    deadline = reallocation.deadline_date
    if reallocation.state != State.CHOOSING or deadline is None:
        return "moved_on"
    if today <= deadline:
        return "too_early"
    waiting = RefundRequest.objects.filter(
        gift__fund=reallocation.fund_id, state__in=refunding.UNDER_WAY
    )
    if waiting.exists() or unpaid(reallocation).exists():
        return "refunds_wait"
    back = Refund.objects.filter(gift=OuterRef("pk"))
    return "grants_wait" if grants(reallocation).filter(~Exists(back)).exists() else ""


def note_resolution(reallocation: Reallocation) -> None:
    """After the move: monthly gifts go to the fallback from now on, and donors are told.

    Held ones stay held: only their donors let them go on. In the caller's transaction.
    """
    Pledge.objects.filter(fund=reallocation.fund_id, recurring__isnull=False).update(
        fund=reallocation.to_fund_id, need=None
    )
    givers = (
        concerned(reallocation)
        .filter(donor__isnull=False)
        .order_by("donor")
        .values_list("donor", flat=True)
        .distinct()
    )
    for batch in _batches(givers.iterator(chunk_size=1_000), 1_000):
        letters.queue_many(
            letters.NewLetter(
                donor_id=donor_id,
                kind=RESOLVED,
                key=f"resolved:{reallocation.pk}:{donor_id}",
                facts={"reallocation": reallocation.pk},
            )
            for donor_id in batch
        )


# --- letters


def _words(found: Reallocation) -> dict[str, Any]:
    return {
        "need": str(found.need.title),
        "reason": found.reason,
        "fallback": str(found.fallback),
        "deadline": found.deadline_date,
        "resolution": found.resolution,
        "resolution_date": found.resolution_date,
    }


def _of_mail(mail: Mail) -> Reallocation | None:
    found = Reallocation.objects.select_related("need", "partnership", "fund")
    return found.filter(pk=mail.facts["reallocation"]).first()


def _row(found: Reallocation, gift: Gift, language: str) -> dict[str, Any]:
    token = token_of(found, gift)
    return {
        "sum": format_money(gift.amount_minor, gift.currency, language),
        "day": gift.received_date,
        "url": letters.url("giving:choice", language, secret=token),
    }


def _tell_choice(mail: Mail) -> letters.Told | None:
    """The donor's gifts for the need, each with its link; None once the time is over."""
    found = _of_mail(mail)
    if found is None or not _is_open(found):
        return None
    language = get_language() or "en"
    gifts = concerned(found).filter(donor=mail.donor_id)[:LETTER_GIFTS_MAX]
    rows = [_row(found, gift, language) for gift in gifts]
    return letters.Told({**_words(found), "gifts": rows}) if rows else None


def _tell_chosen(mail: Mail) -> letters.Told | None:
    found = _of_mail(mail)
    gift = Gift.objects.filter(ref=mail.facts["ref"], donor=mail.donor_id).first()
    chosen = Choice.objects.filter(reallocation=found, gift=gift).first() if gift else None
    if found is None or gift is None or chosen is None:
        return None
    row = _row(found, gift, get_language() or "en")
    wants_back = chosen.answer == Choice.Answer.REFUND
    return letters.Told({**_words(found), **row, "wants_back": wants_back})


def _tell_resolved(mail: Mail) -> letters.Told | None:
    """To whom something of a gift is left: where it is now."""
    found = _of_mail(mail)
    if found is None or found.state != State.RESOLVED:
        return None
    gifts = concerned(found).filter(donor=mail.donor_id)
    has_some = any(queries.left_of(gift).line_minor > 0 for gift in gifts[:LETTER_GIFTS_MAX])
    return letters.Told(_words(found)) if has_some else None


letters.KINDS[ASK] = letters.Kind(tell=_tell_choice)
letters.KINDS[CHOSEN] = letters.Kind(tell=_tell_chosen)
letters.KINDS[RESOLVED] = letters.Kind(tell=_tell_resolved)


def open_reallocations(partnership: Partnership) -> QuerySet[Reallocation]:
    """Those at work, the newest first."""
    found = Reallocation.objects.filter(partnership=partnership).exclude(state=State.REFUSED)
    return found.select_related("need", "fund", "to_fund").order_by("-id")
