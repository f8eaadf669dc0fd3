"""A need withdrawn after it was funded: two people withdraw it, donors choose, the board resolves.

The rule is told before the first gift (the campaign's fallback purpose): who is silent stays for
the fallback, who asks within 30 days has the money back. Money is moved by the treasury, one floor
up. Amounts are minor units of the fund's currency; verbs are one transaction each.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from secrets import compare_digest
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import get_language

from twinhood.giving import errors, letters, queries, recurring, refunding
from twinhood.giving.keys import MasterKeys, link_secret, master_keys
from twinhood.giving.models import (
    Choice,
    Gift,
    Mail,
    Reallocation,
    RecurringGift,
)
from twinhood.kit import clock
from twinhood.kit.money import format_money
from twinhood.ledger import actions as ledger
from twinhood.needs import actions as needs
from twinhood.needs.models import Campaign, Need
from twinhood.needs.queries import campaign_of
from twinhood.people.identity import same_people
from twinhood.people.models import Partnership, Person

logger = logging.getLogger(__name__)

DAYS_TO_CHOOSE = 30
# The letter that asks, and the one that says what was understood.
ASK, CHOSEN, RESOLVED = "choice", "chosen", "resolved"
LETTER_GIFTS_MAX = 60
# So often a day the letter that asks is sent again to whoever asks for it.
AGAIN_MAX = 3
State = Reallocation.State


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
    if locked.asked_by_id in same_people(person):
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
    for batch in batched(latest.iterator(chunk_size=1_000), 1_000):
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


def token_of(reallocation: Reallocation, gift: Gift, keys: MasterKeys | None = None) -> str:
    """What opens the choice for one gift, for its letter: the gift's ref and a secret."""
    secret = link_secret(f"choice:{reallocation.pk}:{gift.ref}", keys or master_keys())
    return f"{gift.ref}.{secret}"


def gift_by_token(token: str) -> Gift | None:
    """The gift of a letter's link, which alone lets one choose; None for any other text.

    The gift's trace link does not: it is made to be shown around.
    """
    ref = token.partition(".")[0]
    gift = Gift.objects.select_related("fund", "partnership").filter(ref=ref).first()
    found = of_gift(gift) if gift is not None else None
    if gift is None or found is None:
        return None
    return gift if compare_digest(token.encode(), token_of(found, gift).encode()) else None


@transaction.atomic
def ask_again(gift: Gift) -> bool:
    """Queue the letter that asks once more; False if it was sent often enough today."""
    found = of_gift(gift)
    if found is None or gift.donor is None or not _is_open(found):
        return False
    for number in range(1, AGAIN_MAX + 1):
        key = f"choice:{found.pk}:{gift.donor_id}:{clock.now().date().isoformat()}:{number}"
        if not gift.donor.letters.filter(key=key).exists():
            letters.queue(gift.donor, ASK, key, {"reallocation": found.pk})
            return True
    return False


def choices_of(gifts: Iterable[Gift]) -> dict[int, tuple[Reallocation, str]]:
    """By the gift's number, what its donor may choose about now, and the token that opens it.

    For pages that only the donor sees.
    """
    gifts, keys = list(gifts), master_keys()
    found = Reallocation.objects.filter(
        fund__in={gift.fund_id for gift in gifts}, state=State.CHOOSING
    ).select_related("partnership__giving_place", "need")
    by_fund = {one.fund_id: one for one in found if _is_open(one)}
    return {
        gift.pk: (by_fund[gift.fund_id], token_of(by_fund[gift.fund_id], gift, keys))
        for gift in gifts
        if gift.fund_id in by_fund
    }


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
        refunded_minor=queries.given_back_minor(gift),
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
