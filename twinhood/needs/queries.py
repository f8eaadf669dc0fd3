"""Reads of needs and campaigns. What is public here is public at `at`, an aware UTC time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Case, Count, F, Prefetch, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Greatest

from twinhood.kit.inputs import LANGUAGES
from twinhood.needs.core import checks, freshness, goal
from twinhood.needs.models import Campaign, Change, Evidence, Need, Quote, Verification
from twinhood.people.models import Organisation, Partnership, Person

# Once public, a need that is withdrawn stays readable, with its reason.
PUBLIC_STATES = (Need.State.VERIFIED, Need.State.WITHDRAWN)
ALIVE = (Need.State.DRAFT, Need.State.SUBMITTED, Need.State.VERIFIED)
# So alike are titles, by their trigrams, that one may be a slip of the other (0 to 1).
LIKENESS_MIN = 0.45


@dataclass(frozen=True, slots=True)
class Bought:
    """How many things of a need are bought, and how many of those were handed over."""

    handed_over: int = 0
    on_the_way: int = 0


def public_needs(partnership: Partnership, *, at: datetime) -> QuerySet[Need]:
    """Needs that the world may read: verified, and the partnership's delay is over.

    In campaign order, then by number.
    """
    delay = timedelta(hours=partnership.need_delay_hours)
    return (
        Need.objects.filter(
            partnership=partnership, state__in=PUBLIC_STATES, verified_at__lte=at - delay
        )
        .select_related("beneficiary", "written_for", "campaign__fund", "fund")
        .order_by("campaign_id", "position", "number")
    )


def public_need(partnership: Partnership, number: int, *, at: datetime) -> Need | None:
    """The need, if the world may read it."""
    return public_needs(partnership, at=at).filter(number=number).first()


def is_public(need: Need, *, at: datetime) -> bool:
    """Whether the world may read this need (its partnership is read along)."""
    since = public_from(need)
    return need.state in PUBLIC_STATES and since is not None and since <= at


def shown_evidence(need: Need) -> QuerySet[Evidence]:
    """What the world may see of a need that it may read: the pieces that are public."""
    return _evidence().filter(need=need, is_public=True, pulled_back_at=None)


def evidence_of(need: Need) -> QuerySet[Evidence]:
    """Every piece, for those at work."""
    return _evidence().filter(need=need)


def _evidence() -> QuerySet[Evidence]:
    return (
        Evidence.objects.select_related("file", "added_by")
        .prefetch_related("file__renditions")
        .order_by("id")
    )


def stale_prices(needs: Iterable[Need], today: date) -> dict[int, date]:
    """Since when no quote of a need holds any more, by the need's primary key.

    Needs without quotes, and those whose quote still holds, are not in it.
    """
    ends: dict[int, list[date | None]] = {}
    quotes = Quote.objects.filter(need__in=[need.pk for need in needs])
    for need_id, end in quotes.values_list("need_id", "valid_until_date"):
        ends.setdefault(need_id, []).append(end)
    since = {pk: freshness.price_stale_since(found, today) for pk, found in ends.items()}
    return {pk: day for pk, day in since.items() if day is not None}


def unconfirmed_since(need: Need, today: date) -> date | None:
    """Until when somebody said that a verified need is true, if that day is over."""
    if need.state != Need.State.VERIFIED or need.verified_at is None:
        return None
    until = need.confirmed_until_date or freshness.holds_until(need.verified_at.date())
    return until if until < today else None


def open_change(need: Need) -> Change | None:
    """What was proposed for a verified need and nobody has decided yet."""
    proposed = need.changes.filter(state=Change.State.PROPOSED)
    return proposed.select_related("proposed_by", "proposed_for").first()


def changes_of(need: Need) -> QuerySet[Change]:
    """What a need asked for before, the newest change first."""
    made = need.changes.filter(state=Change.State.MADE)
    return made.select_related("proposed_for", "decided_for").order_by("-id")


def public_from(need: Need) -> datetime | None:
    """From when the world may read a need; None while it is not verified."""
    if need.verified_at is None:
        return None
    return checks.public_from(need.verified_at, need.partnership.need_delay_hours)


def needs_of(partnership: Partnership) -> QuerySet[Need]:
    """Every need, for those at work; with `checks_done` of its present words and `quotes_count`."""
    present = Q(verifications__revision=F("revision"))
    return (
        Need.objects.filter(partnership=partnership)
        .select_related("partnership", "beneficiary", "campaign", "written_by", "written_for")
        .annotate(
            checks_done=Count("verifications", filter=present, distinct=True),
            quotes_count=Count("quotes", distinct=True),
        )
        .order_by("number")
    )


def need_at_work(partnership: Partnership, number: int) -> Need | None:
    """One need with its quotes (cheapest first within a currency) and present verifications."""
    return (
        needs_of(partnership)
        .filter(number=number)
        .prefetch_related(
            Prefetch("quotes", _quotes()),
            Prefetch("verifications", present_verifications(), to_attr="present_checks"),
        )
        .first()
    )


def _quotes() -> QuerySet[Quote]:
    return (
        Quote.objects.select_related("supplier", "file")
        .prefetch_related("file__renditions")
        .order_by("currency", "unit_price_minor", "id")
    )


def present_verifications() -> QuerySet[Verification]:
    """Verifications of the words that the need has now, oldest first."""
    return (
        Verification.objects.filter(revision=F("need__revision"))
        .select_related("verified_by", "organisation")
        .order_by("verified_at", "id")
    )


@dataclass(frozen=True, slots=True)
class Looks:
    """What tells that two needs may be one: who receives it, what it is, what it is called."""

    beneficiary_id: int
    kind: str
    category: str
    titles: Sequence[str]


def looks_of(need: Need) -> Looks:
    return Looks(need.beneficiary_id, need.kind, need.category, list(need.title.values()))


def similar_needs(
    partnership: Partnership, looks: Looks, *, by: Person, besides: Q
) -> QuerySet[Need]:
    """Needs for the same beneficiary that are alive and may be the same one, oldest first.

    The same kind of the catalogue; or a title that shares many trigrams with one of `looks`; or,
    of two needs that are no kind of the catalogue, the same category. Drafts of others than `by`
    are not told of.
    """
    alive = Need.objects.filter(
        partnership=partnership, beneficiary=looks.beneficiary_id, state__in=ALIVE
    ).exclude(Q(state=Need.State.DRAFT) & ~Q(written_by=by))
    likeness = [
        TrigramSimilarity(Coalesce(KeyTextTransform(language, "title"), Value("")), title[:120])
        for title in looks.titles
        for language, _where in LANGUAGES
    ]
    is_alike = Q(likeness__gte=LIKENESS_MIN)
    if looks.kind:
        is_alike |= Q(kind=looks.kind)
    if looks.category != Need.Category.OTHER:
        has_no_kind = Q() if not looks.kind else Q(kind="")
        is_alike |= Q(category=looks.category) & has_no_kind
    best = Greatest(*likeness, Value(0.0)) if likeness else Value(0.0)
    return alive.annotate(likeness=best).filter(is_alike).exclude(besides).order_by("number")


def campaign_of(partnership: Partnership) -> Campaign | None:
    """The campaign that takes gifts now, or else the newest one that is planned or closed."""
    found = Campaign.objects.filter(partnership=partnership).select_related("fund")
    is_open = Case(When(state=Campaign.State.OPEN, then=1), default=0)
    campaign = found.order_by(is_open.desc(), "-id").first()
    if campaign is not None:
        campaign.partnership = partnership  # Known already: its city is not read once more.
    return campaign


def campaign_needs(campaign: Campaign, *, at: datetime | None) -> QuerySet[Need]:
    """The campaign's needs in line order: those public at `at`, or all of them with None."""
    if at is not None:
        return public_needs(campaign.partnership, at=at).filter(campaign=campaign)
    return campaign.needs.select_related("beneficiary", "fund").order_by("position", "number")


def items_of(needs: Iterable[Need], bought: Mapping[int, Bought]) -> list[goal.Item]:
    """Turn needs into the goal's items; `bought` by need number, as the floor above knows it."""
    return [_item(need, bought.get(need.number, Bought())) for need in needs]


def _item(need: Need, bought: Bought) -> goal.Item:
    handed_over = min(bought.handed_over, need.wanted)
    return goal.Item(
        number=need.number,
        quantity=need.wanted,
        unit_price_minor=need.unit_price_minor,
        handed_over=handed_over,
        bought=min(bought.on_the_way, need.wanted - handed_over),
        own_free_minor=need.fund.free_minor if need.fund else 0,
    )


def beneficiaries(partnership: Partnership) -> QuerySet[Organisation]:
    """Who may receive: the receiving city's own bodies."""
    kinds = [Organisation.Kind.BENEFICIARY, Organisation.Kind.CITY]
    return Organisation.objects.filter(
        kind__in=kinds, place=partnership.receiving_place_id
    ).order_by("kind", "id")


def called(bodies: Iterable[Organisation], name: str) -> Organisation | None:
    """The first of `bodies` with this name in any language, be it in other letter case."""
    wanted = name.casefold()
    return next(
        (body for body in bodies if wanted in {text.casefold() for text in body.name.values()}),
        None,
    )
