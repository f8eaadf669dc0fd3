"""What becomes of a bank's line: matched, ignored with a reason, opened again. Nothing by itself.

Each verb is one transaction that locks its line first; amounts are signed minor units of the bank
account's currency. Each leaves a `Decision`: who did what, when and why.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from django.db import IntegrityError, transaction

from twinhood.giving import actions as giving
from twinhood.giving import pledging
from twinhood.giving.core.offline import OfflineGift
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.keys import master_keys
from twinhood.giving.models import Gift, Payout, Pledge
from twinhood.giving.rails import BY_CODE
from twinhood.kit import clock
from twinhood.ledger import actions as ledger
from twinhood.ledger import dues
from twinhood.ledger.gathering import gather
from twinhood.ledger.models import Fund
from twinhood.people.models import Person
from twinhood.treasury import givers, sealed
from twinhood.treasury.entries import PLACED, effects_of
from twinhood.treasury.errors import (
    LineNotOpen,
    MatchedElsewhere,
    MovedMeanwhile,
    NotOurPayout,
    OtherAmount,
    OtherCurrency,
)
from twinhood.treasury.models import MAIN, Decision, Match, StatementLine

logger = logging.getLogger(__name__)

WIRE = "wire"


@dataclass(frozen=True, slots=True)
class NewGift:
    """What a treasurer types for a line that no pledge is known for. `fee_minor` is what banks on
    the way kept: the gift is the line and this.
    """

    fund: Fund
    donor: DonorFacts = field(default_factory=DonorFacts)
    shows_name: bool = False
    purpose: str = ""
    note: str = ""
    language: str = "en"
    fee_minor: int = 0


@transaction.atomic
def accept_pledge(
    *,
    line: StatementLine,
    pledge: Pledge,
    part: int = 0,
    reasons: Sequence[str] = (),
    person: Person | None,
) -> Match:
    """The line, or payment `part` of its batch, is this pledge's money: it becomes a gift.

    Where the line's money is a gift already whose giver was taken back, that gift gets this giver.
    Raises LineNotOpen, OtherCurrency, OtherFund; giving's BadGift and TakenInAlready.
    """
    line, amount_minor = _open_part(line, part)
    if pledge.currency != line.account.currency:
        raise OtherCurrency(line.account.currency, pledge.currency)
    gift = without_giver(line, part)
    if gift is not None:
        givers.name_by_pledge(gift=gift, pledge=pledge)
    else:
        taken = pledging.settle(
            pledge,
            rail_key=_rail_key(line, part),
            amount_minor=amount_minor,
            fee_minor=0,
            currency=line.account.currency,
            received_date=line.value_date or line.booked_date,
        )
        gift = Gift.objects.get(pk=taken.gift_id)
    return _match(
        line, Match.Kind.PLEDGE, gift.key, amount_minor, person,
        part=part, gift=gift, pledge=pledge, has_made=True, reasons=list(reasons),
    )  # fmt: skip


@transaction.atomic
def book_gift(*, line: StatementLine, new: NewGift, part: int = 0, person: Person | None) -> Match:
    """The line, or payment `part` of it, is a gift that no pledge is known for.

    Raises LineNotOpen, OtherCurrency, OtherFund; giving's BadGift and TakenInAlready.
    """
    line, amount_minor = _open_part(line, part)
    if new.fund.currency != line.account.currency:
        raise OtherCurrency(line.account.currency, new.fund.currency)
    gift = without_giver(line, part)
    if gift is not None:
        givers.name_by_words(
            gift=gift,
            facts=new.donor,
            shows_name=new.shows_name,
            purpose=new.purpose or gift.purpose,
            language=new.language,
        )
    else:
        gift = _wire(line, part, amount_minor, new, person)
    return _match(
        line, Match.Kind.GIFT, gift.key, amount_minor, person,
        part=part, gift=gift, has_made=True,
    )  # fmt: skip


def _wire(
    line: StatementLine, part: int, amount_minor: int, new: NewGift, person: Person | None
) -> Gift:
    row = OfflineGift(
        rail=WIRE,
        intake_key=_rail_key(line, part),
        fund_code=new.fund.code,
        amount_minor=amount_minor + new.fee_minor,
        fee_minor=new.fee_minor,
        currency=new.fund.currency,
        received_date=line.value_date or line.booked_date,
        donor=new.donor,
        donor_language=new.language,
        shows_name=new.shows_name and bool(new.donor.name),
        purpose=new.purpose,
        note=new.note,
    )
    taken = giving.take_in(partnership=line.account.partnership, person=person, rows=[row])
    refs = [gift.ref for gift in taken.new] or list(taken.known_refs)
    return Gift.objects.get(ref=refs[0])


@transaction.atomic
def match_entries(
    *, line: StatementLine, keys: Sequence[str], person: Person | None
) -> list[Match]:
    """The line is what stands in the books already: a cheque that was entered, a supplier paid.

    What these entries moved on the bank's account must be just what is open of the line. Raises
    LineNotOpen, OtherAmount, MatchedElsewhere.
    """
    line = _locked(line)
    if line.state != StatementLine.State.OPEN or not keys:
        raise LineNotOpen(line.pk)
    effects = effects_of(line.account, keys, is_also_main=True)
    chosen_minor = sum(effects.values())
    if chosen_minor != line.open_minor or len(effects) < len(set(keys)):
        raise OtherAmount(chosen_minor, line.open_minor, line.account.currency)
    return [
        _match(line, Match.Kind.ENTRY, key, amount_minor, person)
        for key, amount_minor in effects.items()
    ]


@transaction.atomic
def accept_payout(*, line: StatementLine, payout: Payout, person: Person | None) -> Match:
    """The line is what a rail sent to the bank: it leaves the rail's account and arrives here.

    Raises LineNotOpen, OtherCurrency, OtherAmount; NotOurPayout if its parts are not all gifts of
    this partnership, or do not add up to it.
    """
    line = _locked(line)
    if line.state != StatementLine.State.OPEN or line.matched_minor:
        raise LineNotOpen(line.pk)
    if payout.currency != line.account.currency:
        raise OtherCurrency(line.account.currency, payout.currency)
    if payout.amount_minor != line.amount_minor:
        raise OtherAmount(payout.amount_minor, line.amount_minor, payout.currency)
    if payout.unexplained_minor or not _is_of(payout, line.account.partnership_id):
        raise NotOurPayout(payout.rail_ref)
    key = _entry_key("payout", line)
    _gather(line, BY_CODE[payout.rail].account, line.amount_minor, key)
    return _match(
        line, Match.Kind.PAYOUT, key, line.amount_minor, person,
        has_made=True, reasons=[payout.rail_ref],
    )  # fmt: skip


def _is_of(payout: Payout, partnership_id: int) -> bool:
    others = payout.parts.filter(gift__isnull=False).exclude(gift__partnership=partnership_id)
    return not others.exists() and payout.parts.filter(gift__partnership=partnership_id).exists()


def _gather(line: StatementLine, rail_code: str, amount_minor: int, key: str) -> None:
    """Move between the rail's account and the bank's; negative amounts go back to the rail."""
    here = line.account.code
    from_code, to_code = (rail_code, here) if amount_minor > 0 else (here, rail_code)
    gather(
        partnership=line.account.partnership,
        key=key,
        from_code=from_code,
        to_code=to_code,
        amount_minor=abs(amount_minor),
        currency=line.account.currency,
        at=_moment(line.booked_date),
    )


@transaction.atomic
def book_cost(*, line: StatementLine, person: Person | None) -> Match:
    """The bank's own charge, or its interest: the organisation's operating account bears it.

    No fund pays for it and none gains. Raises LineNotOpen.
    """
    line = _locked(line)
    if line.state != StatementLine.State.OPEN or line.matched_minor or not line.amount_minor:
        raise LineNotOpen(line.pk)
    key = _entry_key("bank-cost", line)
    _bear(line, line.amount_minor, key)
    return _match(line, Match.Kind.COST, key, line.amount_minor, person, has_made=True)


def _bear(line: StatementLine, amount_minor: int, key: str) -> None:
    account, at = line.account, _moment(line.booked_date)
    if amount_minor < 0:
        dues.bear(
            partnership=account.partnership, key=key, amount_minor=-amount_minor,
            currency=account.currency, paid_from=account.code, at=at,
        )  # fmt: skip
    else:
        dues.bear_no_more(
            partnership=account.partnership, key=key, amount_minor=amount_minor,
            currency=account.currency, arrives_at=account.code, at=at,
        )  # fmt: skip


@transaction.atomic
def ignore(*, line: StatementLine, reason: str, person: Person | None) -> None:
    """The line is no matter of this partnership's books, for a reason that stays beside it.

    Raises LineNotOpen, also while a part of it is matched or its money is a gift without a giver.
    """
    line = _locked(line)
    is_open = line.state == StatementLine.State.OPEN and not line.matched_minor
    if not is_open or gifts_without_giver(line):
        raise LineNotOpen(line.pk)
    line.state, line.reason = StatementLine.State.IGNORED, reason
    line.save(update_fields=["state", "reason"])
    _decide(line, Decision.Kind.IGNORED, person, reason=reason)


@transaction.atomic
def open_again(*, line: StatementLine, reason: str, person: Person | None) -> None:
    """What was ignored waits for a person again. Raises LineNotOpen if it is not ignored."""
    line = _locked(line)
    if line.state != StatementLine.State.IGNORED:
        raise LineNotOpen(line.pk)
    line.state, line.reason = StatementLine.State.OPEN, ""
    line.save(update_fields=["state", "reason"])
    _decide(line, Decision.Kind.OPENED, person, reason=reason)


@transaction.atomic
def undo(*, match: Match, reason: str, person: Person | None) -> None:
    """Take a match back, for a reason that stays. What it had booked is not lost:

    - a gift stays on its line, without a giver until another match of this line names one;
    - a payout or a cost is booked back;
    - what stood in the books before stands there still.

    Raises MovedMeanwhile if it was undone before.
    """
    line = _locked(match.line)
    match = Match.objects.select_for_update(of=("self",)).get(pk=match.pk)
    if match.undone_at is not None:
        raise MovedMeanwhile(match.key)
    match.undone_at, match.undone_by, match.undo_reason = clock.now(), person, reason
    match.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    _take_from_place(match)
    if match.has_made and match.gift is not None:
        givers.take_back(gift=match.gift, reason=reason, person=person)
    elif match.kind == Match.Kind.PAYOUT:
        payout = Payout.objects.get(rail_ref=match.reasons[0])
        _gather(line, BY_CODE[payout.rail].account, -match.amount_minor, f"undo:{match.key}")
    elif match.kind == Match.Kind.COST:
        _bear(line, -match.amount_minor, f"undo:{match.key}")
    _decide(line, Decision.Kind.UNDONE, person, key=match.key, reason=reason)
    logger.info("treasury.undone line=%d key=%s", line.pk, match.key)


def gifts_without_giver(line: StatementLine) -> dict[int, Gift]:
    """Gifts that this line's money is already, by part, whose match was undone."""
    undone = line.matches.filter(has_made=True, gift__isnull=False, undone_at__isnull=False)
    live = set(line.matches.filter(undone_at=None).values_list("gift_id", flat=True))
    found = undone.exclude(gift_id__in=live).select_related("gift__fund", "gift__partnership")
    return {match.part or 0: match.gift for match in found.order_by("id") if match.gift}


def without_giver(line: StatementLine, part: int) -> Gift | None:
    return gifts_without_giver(line).get(part)


def _locked(line: StatementLine) -> StatementLine:
    """The line as it stands now; whoever else decides about it waits."""
    found = StatementLine.objects.select_for_update(of=("self",), no_key=True)
    return found.select_related("account__partnership__recipient").get(pk=line.pk)


def _open_part(line: StatementLine, part: int) -> tuple[StatementLine, int]:
    """The locked line, and what came in by that part of it. Raises LineNotOpen."""
    line = _locked(line)
    words = sealed.words_of(line, line.account.partnership_id, master_keys())
    credits = sealed.credits_in(line, words)
    is_free = not line.matches.filter(part=part, undone_at=None).exists()
    if line.state != StatementLine.State.OPEN or part >= len(credits) or not is_free:
        raise LineNotOpen(line.pk)
    amount_minor = credits[part].amount_minor
    # What a batch takes back inside it is negative, and lets its other payments be more than it.
    gone_minor = sum(max(-(credit.amount_minor or 0), 0) for credit in credits)
    if amount_minor is None or amount_minor <= 0 or amount_minor > line.open_minor + gone_minor:
        raise LineNotOpen(line.pk)
    return line, amount_minor


def _match(
    line: StatementLine,
    kind: Match.Kind,
    key: str,
    amount_minor: int,
    person: Person | None,
    *,
    part: int | None = None,
    gift: Gift | None = None,
    pledge: Pledge | None = None,
    has_made: bool = False,
    reasons: Sequence[str] = (),
) -> Match:
    try:
        with transaction.atomic():
            match = Match.objects.create(
                partnership=line.account.partnership,
                line=line,
                part=part,
                kind=kind,
                key=key,
                amount_minor=amount_minor,
                has_made=has_made,
                gift=gift,
                pledge=pledge,
                reasons=list(reasons),
                made_by=person,
                made_at=clock.now(),
            )
    except IntegrityError as problem:
        raise MatchedElsewhere(key) from problem
    if not (has_made and gift is None):
        _place(match)
    _decide(line, Decision.Kind.MATCHED, person, key=key)
    logger.info("treasury.matched line=%d key=%s", line.pk, key)
    return match


def _place(match: Match) -> None:
    """Let money that the books have at the bank, in no account of its own, lie where the line is.

    Rails and the desk know one place for all that reaches the bank (MAIN); the line says in which
    account it is. What the books have in this account already stays.
    """
    account = match.line.account
    if account.code != MAIN and not effects_of(account, [match.key]):
        _move_in(match, match.amount_minor, f"{PLACED}{match.pk}")


def _take_from_place(match: Match) -> None:
    """Let it lie in no account of its own again, if this match had placed it."""
    key = f"{PLACED}{match.pk}"
    if effects_of(match.line.account, [key]):
        _move_in(match, -match.amount_minor, f"undo:{key}")


def _move_in(match: Match, amount_minor: int, key: str) -> None:
    account, at = match.line.account, _moment(match.line.booked_date)
    open_from = ledger.lock_books(account.partnership).closed_before_at
    from_code, to_code = (MAIN, account.code) if amount_minor > 0 else (account.code, MAIN)
    gather(
        partnership=account.partnership,
        key=key,
        from_code=from_code,
        to_code=to_code,
        amount_minor=abs(amount_minor),
        currency=account.currency,
        at=max(at, open_from) if open_from else at,
    )


def _decide(
    line: StatementLine, kind: Decision.Kind, person: Person | None, *, key: str = "",
    reason: str = "",
) -> None:  # fmt: skip
    Decision.objects.create(
        line=line, kind=kind, key=key, reason=reason, person=person, at=clock.now()
    )


def _rail_key(line: StatementLine, part: int) -> str:
    """The bank's line is the rail's name of the gift: the same line is never two gifts."""
    return f"bank:{line.account_id}:{line.key}:{part}"


def _entry_key(what: str, line: StatementLine) -> str:
    """A key of its own for each time that this line books something."""
    return f"{what}:{line.pk}-{line.matches.count() + 1}"


def _moment(day: date) -> datetime:
    """When the bank's day counts as having been: its noon (UTC), and never later than now."""
    return min(datetime.combine(day, time(12), UTC), clock.now())
