"""What a partnership offers to donors now: what for, in which currency, by which rail.

Amounts are minor units of the currency beside them.
"""

import time
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from django.conf import settings
from django.db import connection
from django.db.models import Q

from twinhood.giving import teams
from twinhood.giving.core.giving_form import NamedTeam, Purpose, Terms
from twinhood.giving.models import Issuer, Pledge
from twinhood.giving.rails import RAILS
from twinhood.kit import clock
from twinhood.kit.money import minor_from_major
from twinhood.ledger.models import Fund
from twinhood.needs.campaigns import pause_of
from twinhood.needs.core.goal import with_costs_minor
from twinhood.needs.models import Campaign, Need
from twinhood.needs.queries import campaign_of, public_needs
from twinhood.people.models import Partnership

# The rail whose fee a donor can take upon themselves (TWINHOOD_CARD_FEES).
CARD = "card"
# Only where the recipient itself has named an account.
TRANSFER = "transfer"
SUGGESTIONS_MAX = 5
CAMPAIGN = "campaign"
NEED = "need"


@dataclass(frozen=True, slots=True)
class Offer:
    """All that the giving page says. `terms` are None where nothing is to be given for now.

    `campaign` is the open one; `needs` by the code of their purpose are those with a fund of their
    own. `given` is what gifts brought to each of these funds, by the fund's number.
    """

    partnership: Partnership
    terms: Terms | None
    campaign: Campaign | None
    needs: dict[str, Need]
    priced: tuple[Need, ...]
    issuer: Issuer | None
    given: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An amount, and what of a thing it is: the `parts`-th part, or the whole (1); 0 for nothing
    that could be said."""

    amount_minor: int
    need: Need | None = None
    parts: int = 0


def offer(partnership: Partnership, *, at: datetime, language: str) -> Offer:
    """What may be given for at this moment; words in the active language."""
    campaign = open_campaign(partnership, at)
    needs = list(public_needs(partnership, at=at).filter(state=Need.State.VERIFIED))
    issuer = Issuer.objects.filter(organisation=partnership.recipient_id).first()
    priced = tuple(need for need in needs if campaign and need.campaign_id == campaign.pk)
    own = {f"{NEED}-{need.number}": need for need in priced if need.fund_id is not None}
    purposes = [*_campaign_purposes(partnership, campaign), *_need_purposes(own)]
    terms = _terms(partnership, purposes, issuer, language) if purposes else None
    funds = {purpose.fund_id for purpose in purposes}
    return Offer(partnership, terms, campaign, own, priced, issuer, given_to(funds))


def open_campaign(partnership: Partnership, at: datetime) -> Campaign | None:
    """The campaign that takes gifts at `at`: open, not paused by an official list, and its last
    day is not over where it is."""
    campaign = campaign_of(partnership)
    if campaign is None or campaign.state != Campaign.State.OPEN:
        return None
    campaign.partnership = partnership
    if pause_of(campaign, at) is not None:
        return None
    with clock.showing(at):
        today = clock.today_in(partnership.giving_place.time_zone)
    return campaign if campaign.ends_date is None or campaign.ends_date >= today else None


def _campaign_purposes(partnership: Partnership, campaign: Campaign | None) -> list[Purpose]:
    """The campaign in its own currency, and in others for which the partnership has a fund."""
    if campaign is None:
        return []
    funds = {campaign.fund.currency: campaign.fund}
    free = Fund.objects.filter(Q(campaign=None), partnership=partnership, need=None)
    for fund in free.order_by("id"):
        funds.setdefault(fund.currency, fund)
    title = str(campaign.title)[:300]
    return [
        Purpose(f"{CAMPAIGN}-{currency.lower()}", fund.pk, currency, title)
        for currency, fund in funds.items()
    ]


def _need_purposes(own: dict[str, Need]) -> list[Purpose]:
    return [
        Purpose(code, need.fund_id, need.fund.currency, str(need.title)[:300], need.pk)
        for code, need in own.items()
        if need.fund_id is not None and need.fund is not None
    ]


def _terms(
    partnership: Partnership, purposes: list[Purpose], issuer: Issuer | None, language: str
) -> Terms:
    has_account = issuer is not None and bool(issuer.iban or issuer.bank_lines.strip())
    ready = [
        rail
        for rail in RAILS
        if rail.online is not None
        and rail.online.is_ready()
        and (rail.code != TRANSFER or has_account)
    ]
    # What is quickest for a donor comes first.
    ready.sort(key=lambda rail: rail.code != CARD)
    known = set(Pledge.Rule.values)
    rules = [rule.strip() for rule in (issuer.rules if issuer else "us").split(",")]
    return Terms(
        purposes=tuple(purposes),
        rails=tuple(rail.code for rail in ready),
        monthly_rails=frozenset(rail.code for rail in ready if rail.takes_monthly),
        rail_currencies={rail.code: rail.online.currencies() for rail in ready if rail.online},
        rules=tuple(rule for rule in rules if rule in known) or ("us",),
        fees={(CARD, currency): rule for currency, rule in settings.CARD_FEES.items()},
        major_min=settings.GIFT_MAJOR_MIN,
        major_max=settings.GIFT_MAJOR_MAX,
        language=language,
        teams=tuple(
            NamedTeam(team.slug, team.pk, str(team.name)) for team in teams.open_teams(partnership)
        ),
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a purpose is: `given_minor` after fees and refunds, of `target_minor`."""

    given_minor: int
    target_minor: int
    currency: str


# What gifts brought to a fund, without what was changed into it or lent, less what went back.
GIVEN = """
SELECT f.id, f.head_minor
     - coalesce((SELECT sum(s.end_minor - s.start_minor) FROM ledger_segment s
                  WHERE s.fund_id = f.id AND s.kind <> 'gift'), 0)
     - coalesce((SELECT sum(p.end_minor - p.start_minor)
                   FROM ledger_piece p JOIN ledger_use u ON u.id = p.use_id
                  WHERE p.fund_id = f.id AND p.ended_by_id IS NULL
                    AND u.kind = 'refund'), 0)
  FROM ledger_fund f WHERE f.id = ANY(%(funds)s)
"""


def given_to(fund_ids: Collection[int]) -> dict[int, int]:
    """What gifts brought to each fund, after fees and refunds: what was partly refunded counts
    with its rest. Costs the same however many gifts there are."""
    with connection.cursor() as cursor:
        cursor.execute(GIVEN, {"funds": sorted(fund_ids)})
        return {fund_id: max(0, int(given)) for fund_id, given in cursor.fetchall()}


def progress(shown: Offer, purpose: Purpose) -> Progress | None:
    """How far a purpose is; None where no target is known in its currency."""
    need = shown.needs.get(purpose.code)
    if need is not None:
        if need.currency != purpose.currency:
            return None
        given_minor = shown.given.get(purpose.fund_id, 0)
        return Progress(given_minor, need.total_minor, purpose.currency)
    return campaign_progress(shown)


def campaign_progress(shown: Offer) -> Progress | None:
    """How far the campaign is in its own currency, gifts for single needs of it included."""
    campaign, items = shown.campaign, _in_currency(shown)
    if campaign is None or not items:
        return None
    given_minor = _of_campaign(shown) + sum(_of_own(shown, need) for need in items)
    items_minor = sum(need.total_minor for need in items)
    target_minor = with_costs_minor(items_minor, campaign.costs_per_10k)
    return Progress(given_minor, target_minor, campaign.currency)


def _in_currency(shown: Offer) -> list[Need]:
    """The campaign's needs that are priced in its own currency, in line order."""
    campaign = shown.campaign
    return [n for n in shown.priced if campaign is not None and n.currency == campaign.currency]


def _of_campaign(shown: Offer) -> int:
    return shown.given.get(shown.campaign.fund_id, 0) if shown.campaign else 0


def _of_own(shown: Offer, need: Need) -> int:
    return shown.given.get(need.fund_id, 0) if need.fund_id is not None else 0


def _next_need(shown: Offer) -> Need | None:
    """The need that the campaign's next gift goes into: the first that is not given for wholly."""
    left_minor = _of_campaign(shown)
    need = None
    for need in _in_currency(shown):
        missing_minor = max(0, need.total_minor - _of_own(shown, need))
        if left_minor < missing_minor:
            return need
        left_minor -= missing_minor
    return need


def suggestions(shown: Offer, purpose: Purpose) -> list[Suggestion]:
    """Amounts that say what they are of the next thing, smallest first.

    The campaign's own sum for each resident leads the ladder; the last one is a round part of the
    thing. In a currency that nothing is priced in they are plain.
    """
    need = shown.needs.get(purpose.code) or _next_need(shown)
    if need is not None and need.currency != purpose.currency:
        need = None
    per_head = minor_from_major(25, purpose.currency)
    campaign = shown.campaign
    if campaign is not None and campaign.currency == purpose.currency:
        per_head = campaign.slogan_per_head_minor
    amounts = {_rounded(per_head * tenths // 10) for tenths in (4, 10, 20, 40)}
    if need is not None:
        amounts.add(_rounded(need.unit_price_minor // 250))
    else:
        amounts.add(_rounded(per_head * 10))
    least = minor_from_major(settings.GIFT_MAJOR_MIN, purpose.currency)
    return [_told(amount, need) for amount in sorted(amounts) if amount >= least][:SUGGESTIONS_MAX]


def _rounded(amount_minor: int) -> int:
    """Two telling digits: 33,000 stays, 32,950 becomes 33,000."""
    unit = int(10 ** max(0, len(str(amount_minor)) - 2))
    return (amount_minor + unit // 2) // unit * unit


def _told(amount_minor: int, need: Need | None) -> Suggestion:
    if need is None or amount_minor > need.unit_price_minor:
        return Suggestion(amount_minor)
    return Suggestion(amount_minor, need, need.unit_price_minor // amount_minor)


# What was offered some seconds ago, for the many that send the same form in a burst.
_known: dict[Hashable, tuple[float, Offer]] = {}
_KNOWN_MAX = 100
# One thread looks anew; what the others meanwhile answer with is older by the time that it takes.
_looking = Lock()


def offer_lately(slug: str, language: str) -> Offer | None:
    """What was offered not longer than BURST_CACHE_S ago in this process; None for no such slug.

    A campaign that closes stops taking gifts when this has passed.
    """
    now = time.monotonic()
    found = _known.get((slug, language))
    if found is not None and now - found[0] < settings.BURST_CACHE_S:
        return found[1]
    if found is None:
        return _look(slug, language)
    if not _looking.acquire(blocking=False):
        return found[1]
    try:
        return _look(slug, language)
    finally:
        _looking.release()


def _look(slug: str, language: str) -> Offer | None:
    now = time.monotonic()
    related = ("giving_place", "receiving_place", "recipient")
    partnership = Partnership.objects.filter(slug=slug).select_related(*related).first()
    if partnership is None:
        return None
    shown = offer(partnership, at=clock.now(), language=language)
    while len(_known) >= _KNOWN_MAX:
        _known.pop(next(iter(_known)), None)
    _known[slug, language] = (now, shown)
    return shown
