"""What an open line may be, with reasons: asked of `core.matching`, and of the books beside it.

Nothing here writes. Amounts are minor units of the bank account's currency.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from twinhood.giving import pledging
from twinhood.giving.keys import MasterKeys, master_keys, open_donor
from twinhood.giving.models import Payout, Pledge
from twinhood.people.models import Partnership
from twinhood.treasury import sealed
from twinhood.treasury.core import matching
from twinhood.treasury.core.matching import Answer, Credit, Pledges
from twinhood.treasury.models import Match, StatementLine
from twinhood.treasury.sealed import Words

RAIL = "transfer"
# Pledges that are asked about: the newest that still wait, and the references of those that do not.
OPEN_MAX = 5_000
KNOWN_MAX = 50_000
AGE_MAX = timedelta(days=730)
PAYOUT_DAYS = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of a line: what came in, and which pledges it may be."""

    part: int
    credit: Credit
    answer: Answer


@dataclass(frozen=True, slots=True)
class Understood:
    """A line with its words, and what each of its payments may be; none for money that left."""

    line: StatementLine
    words: Words
    payments: tuple[Payment, ...]

    @property
    def best(self) -> matching.Suggestion | None:
        """The suggestion for a line of one payment, if one stands out."""
        return self.payments[0].answer.best if len(self.payments) == 1 else None


def understood(partnership: Partnership, lines: Sequence[StatementLine]) -> list[Understood]:
    """Read the lines' words, and ask about those that wait. The pledges are read once for all."""
    keys = master_keys()
    read = [(line, sealed.words_of(line, partnership.pk, keys)) for line in lines]
    days = [line.booked_date for line in lines if line.state == StatementLine.State.OPEN]
    pledges = known_pledges(partnership, min(days) - AGE_MAX, keys) if days else Pledges(())
    return [Understood(line, words, _payments(line, words, pledges)) for line, words in read]


def _payments(line: StatementLine, words: Words, pledges: Pledges) -> tuple[Payment, ...]:
    is_open = line.state == StatementLine.State.OPEN
    done = set(line.matches.filter(undone_at=None).values_list("part", flat=True))
    found = []
    for part, credit in enumerate(sealed.credits_in(line, words)):
        asked = credit
        if line.other_index is not None and credit.other_account == words.other_account:
            asked = replace(credit, other_account=bytes(line.other_index).hex())
        answer = pledges.suggest(asked) if is_open and part not in done else Answer()
        found.append(Payment(part, credit, answer))
    return tuple(found)


def known_pledges(partnership: Partnership, since: date, keys: MasterKeys) -> Pledges:
    """The partnership's pledges by transfer that were made on `since` or later: those that wait
    with what is known of their donors, the others by their reference alone.
    """
    pledges = Pledge.objects.filter(partnership=partnership, rail=RAIL, made_at__date__gte=since)
    settled = pledges.filter(state=Pledge.State.SETTLED).order_by("-made_at")
    waiting = list(
        pledges.exclude(state=Pledge.State.SETTLED)
        .select_related("donor")
        .order_by("-made_at")[:OPEN_MAX]
    )
    accounts = _accounts_of(partnership, {p.donor_id for p in waiting if p.donor_id})
    return Pledges(
        (
            *(_asked(pledge, accounts.get(pledge.donor_id or 0, frozenset()), keys)
              for pledge in waiting),
            *(_plain(pledge) for pledge in settled[:KNOWN_MAX]),
        )
    )  # fmt: skip


def _asked(pledge: Pledge, accounts: frozenset[str], keys: MasterKeys) -> matching.Pledge:
    told = pledging.told_with(pledge, keys)
    name = told.name or (open_donor(pledge.donor, keys).name if pledge.donor else "")
    return replace(_plain(pledge), name=name, accounts=accounts, is_open=True)


def _plain(pledge: Pledge) -> matching.Pledge:
    return matching.Pledge(
        reference=pledge.reference,
        amount_minor=pledge.amount_minor,
        currency=pledge.currency,
        pledged_date=pledge.made_at.date(),
        is_open=False,
    )


def _accounts_of(partnership: Partnership, donors: Iterable[int]) -> dict[int, frozenset[str]]:
    """From which accounts these donors paid before, as hexadecimal keyed hashes."""
    rows = Match.objects.filter(
        partnership=partnership,
        undone_at=None,
        gift__donor_id__in=set(donors),
        line__other_index__isnull=False,
    ).values_list("gift__donor_id", "line__other_index")
    found: dict[int, set[str]] = defaultdict(set)
    for donor_id, index in rows:
        if index is not None:
            found[donor_id].add(bytes(index).hex())
    return {donor_id: frozenset(accounts) for donor_id, accounts in found.items()}


def pledges_named(
    partnership: Partnership, answer: Answer
) -> list[tuple[Pledge, matching.Suggestion]]:
    """The stored pledges behind an answer, best first."""
    references = [one.pledge.reference for one in answer.listed]
    stored = {
        pledge.reference: pledge
        for pledge in Pledge.objects.filter(
            partnership=partnership, reference__in=references
        ).select_related("donor", "fund")
    }
    return [
        (stored[one.pledge.reference], one)
        for one in answer.listed
        if one.pledge.reference in stored
    ]


def payouts_for(line: StatementLine) -> list[Payout]:
    """Payouts of a rail that this line may be: of its amount, around its day, not at the bank yet.

    A person accepts one: two payouts of a week may be equal.
    """
    days = (line.booked_date - PAYOUT_DAYS, line.booked_date + PAYOUT_DAYS)
    found = Payout.objects.filter(
        currency=line.account.currency,
        amount_minor=line.amount_minor,
        arrival_date__range=days,
        parts__gift__partnership=line.account.partnership_id,
    ).exclude(state=Payout.State.FAILED)
    live = Match.objects.filter(kind=Match.Kind.PAYOUT, undone_at=None)
    taken = {str(reasons[0]) for reasons in live.values_list("reasons", flat=True) if reasons}
    return [one for one in found.distinct().order_by("arrival_date") if one.rail_ref not in taken]
