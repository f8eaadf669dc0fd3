"""What the partnership page shows, asked for once: every number on it is a query.

Amounts are minor units of the currency beside them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.languages import get_official_languages
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext, ngettext

from twinhood.deliveries.queries import (
    CampaignProgress,
    PublicUnit,
    campaign_progress,
    unit_name,
)
from twinhood.giving import queries as giving
from twinhood.giving.stages import Stages
from twinhood.kit.components import Cell, CityClock, FundLine, Group, Pips, SharedDay, State
from twinhood.kit.money import format_money
from twinhood.ledger.models import Entry
from twinhood.needs.campaigns import paused_by
from twinhood.needs.core import goal
from twinhood.needs.models import BoardDecision, Campaign, Need, TargetNote, Waypoint
from twinhood.needs.queries import campaign_of
from twinhood.needs.words import ICON
from twinhood.people.models import Partnership
from twinhood.places.models import Place, Standing
from twinhood.twinnings.core.drafting import BOTH
from twinhood.twinnings.models import Milestone, Signature
from twinhood.web.stages import stages

FEED_GIFTS = 3
FEED_OTHERS = 4
GIVERS_LENGTH = 14


@dataclass(frozen=True, slots=True)
class BookRow:
    label: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Book:
    """The sums of one currency: the rows add up to what is free. `gifts` are counted as they were
    taken in; `things` were given in kind, and their fair value is in no other sum.
    """

    currency: str
    rows: Sequence[BookRow]
    free_minor: int
    gifts: int
    things: int
    things_minor: int


@dataclass(frozen=True, slots=True)
class NeedCard:
    need: Need
    pips: Pips
    missing_minor: int


@dataclass(frozen=True, slots=True)
class CampaignPart:
    """The equation, the line, and what is next."""

    campaign: Campaign
    target_minor: int
    per_head_minor: int
    slogan_sum_minor: int
    costs_minor: int
    line: FundLine
    stages: Stages
    notes: Sequence[TargetNote]
    decisions: Sequence[BoardDecision]
    pause: Standing | None
    # Asked for where they are shown; the sums that are asked for anew leave them out.
    waypoints: QuerySet[Waypoint]
    cards: Sequence[NeedCard]
    next_name: str
    next_missing_minor: int
    next_part_minor: int
    next_whole_minor: int


@dataclass(frozen=True, slots=True)
class FeedRow:
    at: datetime
    text: str


def campaign_part(
    partnership: Partnership,
    at: datetime,
    units: dict[str, PublicUnit],
    standing: Standing | None = None,
) -> CampaignPart | None:
    """The campaign as the world may see it now, or None where there is none.

    `standing` is what an official list says of the receiving city today.
    """
    campaign = campaign_of(partnership)
    if campaign is None or campaign.state == Campaign.State.DRAFT:
        return None
    campaign.partnership = partnership
    laid = campaign_progress(campaign, at=at, units=units)
    if not laid.needs:
        return None
    needs = {need.number: need for need in laid.needs}
    slogan = goal.Slogan(campaign.slogan_per_head_minor, campaign.slogan_residents)
    target_minor = laid.progress.target_minor
    reached = stages(laid, units)
    decisions = list(campaign.decisions.order_by("-decided_date", "-pk"))
    next_up = laid.progress.next
    next_need = needs[next_up.number] if next_up else None
    return CampaignPart(
        campaign=campaign,
        target_minor=target_minor,
        per_head_minor=goal.each_minor(target_minor, campaign.residents, campaign.currency),
        slogan_sum_minor=slogan.sum_minor,
        costs_minor=laid.progress.costs_minor,
        line=fund_line(laid, needs, gifts_minor=reached.given_minor),
        stages=reached,
        notes=_public_notes(campaign, needs),
        decisions=decisions,
        pause=paused_by(standing, campaign, decisions),
        waypoints=campaign.waypoints.order_by("amount_minor"),
        cards=[need_card(needs[p.item.number], p) for p in laid.progress.items],
        next_name=str(unit_name(next_need, next_up.unit_number)) if next_need and next_up else "",
        next_missing_minor=next_up.missing_minor if next_up else 0,
        next_part_minor=next_need.unit_price_minor - next_up.missing_minor
        if next_need and next_up
        else 0,
        next_whole_minor=next_need.unit_price_minor if next_need else 0,
    )


def _public_notes(campaign: Campaign, public: Mapping[int, Need]) -> list[TargetNote]:
    """Why the target changed, the newest first; of needs that the world may know, or knew."""
    notes = campaign.target_notes.select_related("need").order_by("-noted_at", "-pk")
    return [
        note for note in notes[:20] if note.need.number in public or note.need.campaign_id is None
    ]


def _drawn(state: goal.State) -> State:
    return "" if state == "part" else state


def fund_line(laid: CampaignProgress, needs: dict[int, Need], *, gifts_minor: int) -> FundLine:
    """The campaign's items end to end, as the fund line draws them; the words say what gifts
    brought.

    The hatch of what is given runs to where the items' money ends; more than that lies beyond.
    """
    reached_minor = sum(item.given_minor for item in laid.progress.items)
    cells = [
        Cell(
            unit.start_minor,
            unit.length_minor,
            _drawn(unit.state),
            str(unit_name(needs[unit.number], unit.first + 1)),
        )
        for run in laid.progress.runs()
        for unit in (run.units() if run.count <= 60 else [run])
    ]
    groups = [
        Group(
            label=f"{item.item.quantity} × {needs[item.item.number].title}",
            sub=state_words(item),
            start_minor=item.start_minor,
            length_minor=item.item.total_minor,
            icon=ICON[Need.Category(needs[item.item.number].category)],
        )
        for item in laid.progress.items
    ]
    laid_costs = laid.progress
    if laid_costs.costs_minor:
        start_minor = laid_costs.target_minor - laid_costs.costs_minor
        words = gettext("Stated costs")
        is_given = laid_costs.costs_given_minor == laid_costs.costs_minor
        state: State = "given" if is_given else ""
        cells.append(Cell(start_minor, laid_costs.costs_minor, state, words))
        groups.append(Group(words, "", start_minor, laid_costs.costs_minor, "money"))
    return FundLine(
        total_minor=laid.progress.target_minor,
        given_minor=reached_minor + laid.progress.costs_given_minor + laid.progress.surplus_minor,
        currency=laid.campaign.currency,
        cells=cells,
        groups=groups,
        gifts_minor=gifts_minor,
    )


def need_card(need: Need, item: goal.ItemProgress) -> NeedCard:
    words = gettext("%(states)s, of %(count)d") % {
        "states": state_words(item),
        "count": need.quantity,
    }
    states = [_drawn(state) for state in item.states()]
    return NeedCard(need, Pips(states, words), item.missing_minor)


def state_words(item: goal.ItemProgress) -> str:
    """ "4 handed over, 2 bought, 2 funded": what became of the things of one need."""
    parts = [
        (item.count("handed_over"), gettext("handed over: %d")),
        (item.count("bought"), gettext("bought: %d")),
        (item.count("given"), gettext("funded: %d")),
        (item.count("") + item.count("part"), gettext("to go: %d")),
    ]
    return ", ".join(text % count for count, text in parts if count)


# One row for each currency and kind: what came in that is no gift, what live uses cover, fees,
# and the lines themselves. Gifts are the rest of the lines, so their amounts are not added up; how
# many there are, and what was given in kind, is asked along.
SUMS = """
SELECT f.currency, 'head', sum(f.head_minor) FROM ledger_fund f
 WHERE f.partnership_id = %(id)s GROUP BY 1
UNION ALL
SELECT f.currency, 'brought ' || s.kind, sum(s.end_minor - s.start_minor)
  FROM ledger_segment s JOIN ledger_fund f ON f.id = s.fund_id
 WHERE f.partnership_id = %(id)s AND s.kind <> 'gift' GROUP BY 1, 2
UNION ALL
SELECT f.currency, 'took ' || u.kind, sum(p.end_minor - p.start_minor)
  FROM ledger_piece p JOIN ledger_fund f ON f.id = p.fund_id JOIN ledger_use u ON u.id = p.use_id
 WHERE f.partnership_id = %(id)s AND p.ended_by_id IS NULL GROUP BY 1, 2
UNION ALL
SELECT a.currency, 'fees', sum(a.balance_minor) FROM ledger_account a
 WHERE a.partnership_id = %(id)s AND a.code LIKE 'income:fees-covered:%%' GROUP BY 1
UNION ALL
SELECT g.currency, 'gifts', count(*) FROM giving_gift g
 WHERE g.partnership_id = %(id)s GROUP BY 1
UNION ALL
SELECT k.currency, 'things', count(*) FROM giving_inkindgift k
 WHERE k.partnership_id = %(id)s AND k.undone_at IS NULL GROUP BY 1
UNION ALL
SELECT k.currency, 'worth of things', sum(k.value_minor) FROM giving_inkindgift k
 WHERE k.partnership_id = %(id)s AND k.undone_at IS NULL GROUP BY 1
"""


def books(partnership: Partnership) -> list[Book]:
    """The sums of the books by currency, in one query whatever the number of gifts."""
    sums: dict[str, Counter[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(SUMS, {"id": partnership.pk})
        for currency, kind, amount in cursor.fetchall():
            sums.setdefault(currency, Counter())[kind] = int(amount)
    return [
        _book(currency, sums[currency])
        for currency in sorted(sums, key=lambda code: (-sums[code]["fees"], code))
        if {"head", "gifts", "things"} & sums[currency].keys()
    ]


def _book(currency: str, sums: Counter[str]) -> Book:
    not_given = sums["brought exchange"] + sums["brought advance"]
    rows = [
        BookRow(gettext("Gifts received"), sums["head"] - not_given + sums["fees"]),
        BookRow(gettext("Fees that rails kept"), -sums["fees"]),
        BookRow(gettext("Changed from other currencies"), sums["brought exchange"]),
        BookRow(gettext("Lent by the guarantor"), sums["brought advance"]),
        BookRow(gettext("Refunds"), -sums["took refund"]),
        BookRow(gettext("Changed into other currencies"), -sums["took exchange"]),
        BookRow(gettext("Ordered and paid for"), -sums["took order"]),
    ]
    free_minor = sum(row.amount_minor for row in rows)
    return Book(
        currency=currency,
        rows=[row for row in rows if row.amount_minor],
        free_minor=free_minor,
        gifts=sums["gifts"],
        things=sums["things"],
        things_minor=sums["worth of things"],
    )


def feed(partnership: Partnership, givers: Iterable[giving.Giver], language: str) -> list[FeedRow]:
    """The latest gifts and the latest of what was done with them, in words, newest first.

    `givers` are the latest ones, with names only where they asked for it.
    """
    of_here = Entry.objects.filter(partnership=partnership).order_by("-seq")
    is_gift = Q(kind=Entry.Kind.GIFT)
    newest = Q(pk__in=of_here.filter(is_gift).values("pk")[:FEED_GIFTS]) | Q(
        pk__in=of_here.exclude(is_gift | Q(kind=Entry.Kind.FUND)).values("pk")[:FEED_OTHERS]
    )
    entries = of_here.filter(newest).select_related("use").prefetch_related("transfers")
    names = {f"gift:{giver.ref}": giver.name for giver in givers}
    return [
        FeedRow(entry.happened_at, _entry_words(entry, names.get(entry.key), language))
        for entry in entries
    ]


def _entry_words(entry: Entry, name: str | None, language: str) -> str:
    transfers = list(entry.transfers.all())
    amount_minor = sum(transfer.amount_minor for transfer in transfers)
    if entry.kind == Entry.Kind.REFUND:
        amount_minor = entry.use.amount_minor
    amount = format_money(amount_minor, transfers[0].currency, language)
    facts = {"amount": amount, "name": name or ""}
    match entry.kind:
        case Entry.Kind.GIFT if name:
            return gettext("%(amount)s given: %(name)s") % facts
        case Entry.Kind.GIFT:
            return gettext("%(amount)s given, anonymous") % facts
        case Entry.Kind.ORDER:
            return gettext("Order placed: %(amount)s, approved by two people") % facts
        case Entry.Kind.PAYMENT:
            return gettext("Supplier paid: %(amount)s") % facts
        case Entry.Kind.CANCEL:
            return gettext("Taken out of an order: %(amount)s is free again") % facts
        case Entry.Kind.REDUCTION:
            return gettext("A thing became cheaper: %(amount)s is free again") % facts
        case Entry.Kind.REFUND:
            return gettext("Refund: %(amount)s") % facts
        case _:
            return gettext("Money changed to another currency") % facts


def shared_day(partnership: Partnership, language: str, now: datetime) -> SharedDay:
    return SharedDay(
        CityClock(partnership.giving_place.name_in(language), partnership.giving_place.time_zone),
        CityClock(
            partnership.receiving_place.name_in(language), partnership.receiving_place.time_zone
        ),
        now,
    )


def bond(partnership: Partnership, language: str) -> dict[str, Any]:
    """Signatures in the order they were given, the seal drawn from them, and the milestones."""
    signatures = list(
        Signature.objects.filter(instrument__agreement__twinning__partnership=partnership)
        .select_related("place", "instrument")
        .order_by("position")
    )
    seals = {signature.place_id: signature.seal_hex for signature in signatures}
    found = Milestone.objects.filter(twinning__partnership=partnership)
    milestones = list(found.select_related("twinning", "place").order_by("date", "pk"))
    here = [one for one in milestones if one.kind == Milestone.Kind.SIGNED and one.place_id]
    return {
        "signatures": signatures,
        "seal_first": seals.get(partnership.giving_place_id),
        "seal_second": seals.get(partnership.receiving_place_id),
        "bond_date": max((s.signed_date for s in signatures), default=None),
        "milestones": milestones,
        "twinning": milestones[0].twinning if milestones else None,
        # Signed on this server, where nobody recorded a paper from reports.
        "signed_here": here,
        "is_signed_by_both": len({one.place_id for one in here}) == len(BOTH),
    }


def own_name(place: Place, language: str) -> tuple[str, str]:
    """What people there call their city, and in which language, if the page says it otherwise."""
    for code in get_official_languages(place.country_code, de_facto=True):
        name = (place.local_names or {}).get(code, "")
        if name and name != place.name_in(language):
            return name, code
    return "", ""


def newest_hand_over(units: Iterable[PublicUnit]) -> PublicUnit | None:
    """The thing handed over last, of those the world may know of."""
    done = [unit for unit in units if unit.handed_over_date]
    return max(done, key=lambda unit: (unit.handed_over_date, unit.number), default=None)


def heads_words(gifts: int, residents: int) -> str:
    """ "about one gift for every 34 residents"."""
    if not gifts:
        return ""
    every = max(1, round(residents / gifts))
    return ngettext(
        "about one for every resident", "about one for every %(every)d residents", every
    ) % {"every": every}
