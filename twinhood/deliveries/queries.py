"""Reads of orders, units and hand-overs. What is public goes through `public_unit_names`."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Max, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.utils.translation import gettext_lazy, override

from twinhood.deliveries.core import publicity
from twinhood.deliveries.core.approval import Content
from twinhood.deliveries.core.publicity import ActFacts, PublicState
from twinhood.deliveries.models import (
    Approval,
    BankFee,
    HandoverAct,
    HandoverLine,
    LinePhoto,
    Order,
    OrderRules,
    Payment,
    SupplierCredit,
    Unit,
)
from twinhood.deliveries.terms import exchange_of
from twinhood.documents.models import StoredFile
from twinhood.kit.fields import LocalText
from twinhood.ledger.models import Account, Fund
from twinhood.ledger.queries import held_minor, orderable_minor
from twinhood.needs import words
from twinhood.needs.core import goal
from twinhood.needs.models import Campaign, Need, Quote
from twinhood.needs.queries import Bought, campaign_needs, items_of, public_needs
from twinhood.people import identity
from twinhood.people.core.permissions import Action, RoleName, allowed
from twinhood.people.models import Partnership, Person, Role
from twinhood.people.queries import workspace
from twinhood.translog.models import Opening

VEHICLES = (Need.Category.AMBULANCE, Need.Category.TRUCK)
# Not placed yet, and not given up.
OPEN_ORDERS = (Order.State.PROPOSED, Order.State.APPROVED)
LIVE_ORDERS = (*OPEN_ORDERS, Order.State.PLACED)


def is_vehicle(need: Need) -> bool:
    """Whether its things carry a vehicle identification number."""
    return need.category in VEHICLES


def content_of(order: Order, units: Sequence[Unit]) -> Content:
    """The exact content of an order, read from its rows; what an approval binds."""
    quote = order.quote
    return Content(
        partnership=order.partnership.slug,
        order_number=order.number,
        need_number=order.need.number,
        quote_id=quote.pk,
        quote_unit_price_minor=quote.unit_price_minor,
        supplier_id=quote.supplier_id,
        supplier_name=quote.supplier.name.in_language("en")[0],
        currency=order.currency,
        fund_codes=tuple(order.fund_codes),
        units=tuple((unit.code, unit.amount_minor) for unit in units),
        reason=order.reason,
        proposed_by_id=order.proposed_by_id,
        delivery_terms=order.delivery_terms,
        interest=order.interest,
        payee=order.payee.content if order.payee else "",
        exchange=exchange_of(order),
    )


def standing_approvals(order: Order) -> list[Approval]:
    """Approvals of the present content by people who hold that role still, oldest first.

    Of two accounts of one person the first counts.
    """
    found = present_approvals().filter(order=order, approved_by__is_active=True)
    standing: list[Approval] = []
    heard = set(identity.same_people(order.proposed_by))
    for approval in found:
        if approval.approved_by_id in heard:
            continue
        if _may_still_approve(approval, order.partnership):
            standing.append(approval)
        heard |= identity.same_people(approval.approved_by)
    return standing


def _may_still_approve(approval: Approval, partnership: Partnership) -> bool:
    roles = workspace(approval.approved_by, partnership).roles
    return any(
        role.organisation_id == approval.organisation_id
        and Action.APPROVE_ORDER in allowed([RoleName(role.name)])
        for role in roles
    )


def funds_for(need: Need, currency: str) -> list[Fund]:
    """The funds that may pay for a need, in order of preference.

    Its own first, then its campaign's. In a currency that neither has, the open funds of that
    currency (they receive exchanges), save those restricted to other needs or campaigns.
    """
    funds = [need.fund, need.campaign.fund if need.campaign else None]
    restricted = [fund for fund in funds if fund and fund.currency == currency]
    if restricted:
        return restricted
    others = Fund.objects.filter(partnership=need.partnership_id, currency=currency)
    return list(others.filter(need=None, campaign=None).order_by("id"))


def source_funds(need: Need) -> list[Fund]:
    """Funds that may be exchanged for the need: its own, its campaign's, then the open ones."""
    funds = [need.fund, need.campaign.fund if need.campaign else None]
    own = [fund for fund in funds if fund]
    others = Fund.objects.filter(partnership=need.partnership_id, need=None, campaign=None)
    return own + list(others.exclude(pk__in=[fund.pk for fund in own]).order_by("id"))


def fund_codes_for(need: Need, currency: str) -> list[str]:
    return [fund.code for fund in funds_for(need, currency)]


def things_ordered(need: Need, *, besides: Order | None = None) -> int:
    """How many things of a need stand in proposed or placed orders and are not cancelled."""
    units = Unit.objects.filter(order__need=need, order__state__in=LIVE_ORDERS, cancelled_at=None)
    return units.exclude(order=besides).count() if besides else units.count()


def is_above_limit(
    order: Order, quote: Quote, quantity: int, rules: OrderRules, at: datetime
) -> bool:
    """Whether an order needs several quotes, counted with others so that none is split in parts.

    What was proposed within the rules' days from the same supplier or for the same need counts
    together. A price in another currency than the limit's is above it: no rate is guessed.
    """
    if quote.currency != rules.quotes_limit_currency:
        return True
    since = at - timedelta(days=rules.together_days)
    near = Unit.objects.filter(
        Q(order__quote__supplier=quote.supplier_id) | Q(order__need=order.need_id),
        order__partnership=order.partnership_id,
        order__state__in=LIVE_ORDERS,
        order__currency=quote.currency,
        order__proposed_at__gte=since,
        cancelled_at=None,
    )
    others = near.exclude(order=order.pk) if order.pk else near
    together_minor = others.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    return int(together_minor) + quote.unit_price_minor * quantity > rules.quotes_limit_minor


def next_unit_number(need: Need) -> int:
    """The number after the last thing of the need that was really ordered."""
    placed = Unit.objects.filter(order__need=need, order__placed_at__isnull=False)
    return (placed.aggregate(last=Max("number"))["last"] or 0) + 1


def paid_minor(order: Order) -> int:
    """What was paid to the supplier and did not come back."""
    paid = order.payments.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    back = SupplierCredit.objects.filter(unit__order=order).exclude(bank_code="")
    return int(paid - (back.aggregate(sum=Sum("amount_minor"))["sum"] or 0))


def unpaid_minor(order: Order) -> int:
    """What the order still commits: what its live units cost less what is paid."""
    live = order.units.filter(cancelled_at=None).aggregate(sum=Sum("price_minor"))["sum"] or 0
    return int(live) - paid_minor(order)


def orders_of(partnership: Partnership) -> QuerySet[Order]:
    """Every order, newest first, for those at work.

    With `total_minor`, `units_count` and `approvals_count` (of its present content).
    """
    present = Q(approvals__content_hash=F("content_hash"))
    # Summed apart: joined with the approvals each unit would count once for each of them.
    sums = Unit.objects.filter(order=OuterRef("pk")).order_by().values("order")
    units = sums.annotate(sum=Sum("amount_minor"))
    return (
        Order.objects.filter(partnership=partnership)
        .select_related("need", "quote__supplier", "proposed_by", "proposed_for")
        .annotate(
            total_minor=Subquery(units.values("sum")[:1]),
            units_count=Count("units", distinct=True),
            approvals_count=Count("approvals", filter=present, distinct=True),
        )
        .order_by("-number")
    )


def order_at_work(partnership: Partnership, number: int) -> Order | None:
    """One order with its units, present approvals and payments."""
    return (
        Order.objects.filter(partnership=partnership, number=number)
        .select_related(
            "partnership", "need__campaign__fund", "need__fund", "need__beneficiary",
            "quote__supplier", "proposed_by", "proposed_for", "refused_by", "source_fund",
            "exchanged_by", "bank_fee", "payee",
        )
        .prefetch_related(
            Prefetch("units", Unit.objects.select_related("handover__act").order_by("number")),
            Prefetch(
                "units__credits",
                SupplierCredit.objects.filter(is_part=True)
                .select_related("recorded_by")
                .order_by("credited_at", "id"),
                to_attr="parts_back",
            ),
            Prefetch("payments", Payment.objects.select_related("payee").order_by("id")),
            Prefetch("approvals", present_approvals(), to_attr="present_approvals"),
        )
        .first()
    )  # fmt: skip


def present_approvals() -> QuerySet[Approval]:
    """Approvals of the content that the order has now, oldest first."""
    return (
        Approval.objects.filter(content_hash=F("order__content_hash"))
        .select_related("approved_by", "organisation")
        .order_by("approved_at", "id")
    )


@dataclass(frozen=True, slots=True)
class FundRoom:
    """What may be ordered from a fund now and what is held back, in its minor units."""

    fund: Fund
    orderable_minor: int
    held_minor: int


def rooms_for(need: Need, currency: str, *, at: datetime) -> list[FundRoom]:
    """The funds that may pay for a need, in order of preference, and what each has room for."""
    funds = funds_for(need, currency)
    return [FundRoom(fund, orderable_minor(fund=fund, at=at), held_minor(fund)) for fund in funds]


def acts_of(partnership: Partnership) -> QuerySet[HandoverAct]:
    """Every hand-over act, newest first, for those at work; with `things`."""
    return (
        HandoverAct.objects.filter(partnership=partnership)
        .select_related("receiver", "giver", "place", "recorded_by", "partnership")
        .annotate(things=Count("lines"))
        .order_by("-number")
    )


def paying_accounts(partnership: Partnership, currency: str) -> list[str]:
    """The codes of the accounts that money to suppliers may leave, in one currency."""
    here = Account.objects.filter(partnership=partnership, currency=currency)
    known = here.filter(Q(code__startswith="assets:bank:") | Q(code__startswith="assets:cash:"))
    return list(known.order_by("code").values_list("code", flat=True)) or ["assets:bank:main"]


def orderable_needs(partnership: Partnership) -> QuerySet[Need]:
    """Verified needs that have a quote, for whoever wants to propose an order."""
    return (
        Need.objects.filter(partnership=partnership, state=Need.State.VERIFIED)
        .filter(quotes__isnull=False)
        .distinct()
        .order_by("number")
    )


def units_without_act(partnership: Partnership) -> QuerySet[Unit]:
    """Things that were bought and are not handed over, by need and number."""
    return (
        Unit.objects.filter(
            order__partnership=partnership,
            order__state=Order.State.PLACED,
            cancelled_at=None,
            handover=None,
        )
        .select_related("order__need", "order__quote__supplier")
        .order_by("order__need__number", "number")
    )


def offices_of(act: HandoverAct) -> LocalText:
    """The offices that signed an act, in each language: what may be said of its signatures."""
    if act.is_from_before:
        return LocalText(act.signed_by)
    offices = list(act.signers.order_by("position").values_list("office", flat=True))
    languages = dict.fromkeys(language for office in offices for language in office)
    return LocalText(
        (language, "; ".join(dict.fromkeys(office.in_language(language)[0] for office in offices)))
        for language in languages
    )


def photos_of(act: HandoverAct) -> QuerySet[LinePhoto]:
    """Every photo of an act's things, with what shows it."""
    found = LinePhoto.objects.filter(line__act=act)
    found = found.select_related("line__unit__order__need", "line__given", "file")
    return found.prefetch_related("file__renditions").order_by("line", "pk")


def is_public_act(act: HandoverAct, today: date) -> bool:
    """Whether the world may know of an act: complete, its day is there, not pulled back."""
    is_told = act.is_complete and not act.is_over and not act.is_pulled_back
    return is_told and act.public_from_date <= today


def public_acts(partnership: Partnership, at: datetime) -> set[int]:
    """Numbers of the acts that the world may know of; of what is bought, its need decides too."""
    acts = HandoverAct.objects.complete().filter(partnership=partnership, is_pulled_back=False)
    return set(acts.filter(public_from_date__lte=at.date()).values_list("number", flat=True))


def is_of_the_receiving_side(person: Person, act: HandoverAct) -> bool:
    """Whether the person is a clerk of the receiving city or of the act's receiver today."""
    return are_of_the_receiving_side(workspace(person, act.partnership).roles, act)


def are_of_the_receiving_side(roles: Iterable[Role], act: HandoverAct) -> bool:
    return any(
        role.name == RoleName.CLERK
        and (
            role.organisation_id == act.receiver_id
            or role.organisation.place_id == act.partnership.receiving_place_id
        )
        for role in roles
    )


def is_taken_back(act: HandoverAct) -> bool:
    """Whether the log says that what it committed to of the act was taken back."""
    taken = Opening.objects.filter(commitment=act.commitment, pulled_back_by__isnull=False)
    return act.commitment is not None and taken.exists()


@dataclass(frozen=True, slots=True)
class PublicUnit:
    """What the world may know of one thing now. Amounts in minor units of `currency`.

    While `is_open` is false everything below it is empty, whatever has happened.
    """

    code: str
    name: LocalText
    category: str
    need_number: int | None
    number: int
    order_key: str
    order_number: int
    amount_minor: int
    currency: str
    ordered_at: datetime
    state: PublicState
    is_open: bool
    # How much less it costs than was ordered.
    credited_minor: int = 0
    serial_last4: str = ""
    supplier: LocalText | None = None
    handed_over_date: date | None = None
    act_number: int | None = None
    receiver: LocalText | None = None
    condition: str = ""


def public_unit_names(
    partnership: Partnership, at: datetime, codes: Collection[str] | None = None
) -> dict[str, PublicUnit]:
    """Every thing that was really ordered, by its code, as the world may see it at `at`.

    The one place that decides publicity: journal, traces and pages all ask here. Three queries.
    `codes` asks for these alone, where an order may have thousands of others.
    """
    units = _ordered_units(partnership)
    fees = BankFee.objects.filter(order__partnership=partnership).select_related("order")
    if codes is not None:
        units, fees = units.filter(code__in=codes), fees.filter(code__in=codes)
    named = _public_units(partnership, at, units)
    return named | {fee.code: _public_fee(fee) for fee in fees}


# What stands in place of a thing's category where cents went to a bank for an exchange.
BANK_FEE = "bank-fee"


def _public_fee(fee: BankFee) -> PublicUnit:
    """What the bank took for an exchange: it is no thing, and says nothing of any."""
    return PublicUnit(
        code=fee.code,
        name=_in_each_language(gettext_lazy("The bank’s charge for changing money")),
        category=BANK_FEE,
        need_number=None,
        number=0,
        order_key=fee.key,
        order_number=fee.order.number,
        amount_minor=fee.amount_minor,
        currency=fee.currency,
        ordered_at=fee.order.placed_at or fee.order.proposed_at,
        state=PublicState.BOUGHT,
        is_open=False,
    )


def _ordered_units(partnership: Partnership) -> QuerySet[Unit]:
    return (
        Unit.objects.filter(order__partnership=partnership, order__placed_at__isnull=False)
        .select_related("order__need", "order__quote__supplier", "handover__act__receiver")
        .order_by("order__need__number", "number")
    )


def _public_units(
    partnership: Partnership, at: datetime, units: QuerySet[Unit]
) -> dict[str, PublicUnit]:
    readable = set(public_needs(partnership, at=at).values_list("pk", flat=True))
    return {
        unit.code: _public_unit(unit, partnership, at.date(), unit.order.need_id in readable)
        for unit in units
    }


def _public_unit(
    unit: Unit, partnership: Partnership, today: date, is_need_public: bool
) -> PublicUnit:
    line = complete_line(unit)
    facts = (
        ActFacts(line.act.public_from_date, line.act.is_pulled_back, line.condition)
        if line
        else None
    )
    zone = partnership.is_conflict_zone
    state = publicity.public_state(
        facts, is_cancelled=unit.cancelled_at is not None, is_conflict_zone=zone, today=today
    )
    is_open = is_need_public and publicity.is_open(facts, is_conflict_zone=zone, today=today)
    order, need = unit.order, unit.order.need
    shown = PublicUnit(
        code=unit.code,
        name=unit_name(need, unit.number) if is_need_public else category_name(need.category),
        category=need.category,
        need_number=need.number if is_need_public else None,
        number=unit.number,
        order_key=order.key,
        order_number=order.number,
        amount_minor=unit.price_minor,
        credited_minor=unit.credited_minor,
        currency=order.currency,
        ordered_at=order.placed_at or order.proposed_at,
        state=state if is_need_public else PublicState.BOUGHT,
        is_open=is_open,
    )
    return _opened(shown, unit) if is_open else shown


def complete_line(unit: Unit) -> HandoverLine | None:
    """The thing's line in an act that counts: one that lacks signatures changes nothing."""
    line: HandoverLine | None = getattr(unit, "handover", None)
    return line if line is not None and line.act.is_complete else None


def _opened(shown: PublicUnit, unit: Unit) -> PublicUnit:
    line = complete_line(unit)
    shown = replace(
        shown,
        serial_last4=publicity.last_four(unit.serial),
        supplier=unit.order.quote.supplier.name,
    )
    if line is None:
        return shown
    return replace(
        shown,
        handed_over_date=line.act.handed_over_date,
        act_number=line.act.number,
        receiver=line.act.receiver.name,
        condition=line.condition,
    )


# How languages number things: Ukrainian sets № before the number, kept on one line with it.
_NUMBERED = {"uk": "{} №\u00a0{}"}


def unit_name(need: Need, number: int) -> LocalText:
    """The thing's name in each language of its need: "ambulance 3", «швидка № 3»."""
    return numbered(need.unit_title, number)


def numbered(title: LocalText, number: int) -> LocalText:
    """The name of one thing of many, in each language of their title."""
    return LocalText(
        (language, _NUMBERED.get(language, "{} {}").format(text, number))
        for language, text in title.items()
    )


def category_name(category: str) -> LocalText:
    """What may be said of a thing whose need is not public yet: its kind alone."""
    return _in_each_language(words.CATEGORY[Need.Category(category)])


def _in_each_language(sentence: object) -> LocalText:
    names = LocalText()
    for language in ("en", "uk"):
        with override(language):
            names[language] = str(sentence)
    return names


def public_unit(partnership: Partnership, code: str, *, at: datetime) -> PublicUnit | None:
    """One thing as the world may see it, or None if no such thing was ordered."""
    units = _ordered_units(partnership).filter(code=code)
    return _public_units(partnership, at, units).get(code)


@dataclass(frozen=True, slots=True)
class PublicAct:
    """What the world may know of an act: offices and counts, the paper's SHA-256, no names."""

    number: int
    giver: LocalText
    offices: LocalText
    signatures: int
    confirmations: int
    # "" of acts from before Twinhood made the paper.
    sha256: str
    signed_by_office: bool
    photos: Sequence[LinePhoto]


def public_act(shown: PublicUnit) -> PublicAct | None:
    """The act of a thing whose hand-over is open, with the photos of it that were released."""
    if not shown.is_open or shown.act_number is None:
        return None
    act = (
        HandoverAct.objects.complete()
        .filter(lines__standing_unit__code=shown.code)
        .select_related("giver", "document")
        .get()
    )
    document = act.document
    photos = photos_of(act).filter(line__unit__code=shown.code, is_released=True)
    return PublicAct(
        number=act.number,
        giver=act.giver.name,
        offices=offices_of(act),
        signatures=act.signers.count(),
        confirmations=act.confirmations.count(),
        sha256=document.sha256 if document else "",
        signed_by_office=bool(document and document.slots.filter(signature__isnull=False).exists()),
        photos=list(photos),
    )


def released_photos(units: Iterable[PublicUnit]) -> dict[str, StoredFile]:
    """The first photo of each hand-over that is open and has one for the world; two queries."""
    codes = {unit.code for unit in units if unit.is_open and unit.act_number is not None}
    found = LinePhoto.objects.filter(line__standing_unit__code__in=codes, is_released=True)
    rows = found.select_related("file").prefetch_related("file__renditions")
    rows = rows.annotate(code=F("line__standing_unit__code")).order_by("-pk")
    return {row.code: row.file for row in rows} if codes else {}


def bought_of(units: Iterable[PublicUnit]) -> dict[int, Bought]:
    """How many things of each public need are bought and handed over, as the world may know."""
    counts: dict[int, list[int]] = {}
    for unit in units:
        if unit.need_number is None or unit.state == PublicState.CANCELLED:
            continue
        handed_over, on_the_way = counts.setdefault(unit.need_number, [0, 0])
        is_done = unit.state == PublicState.HANDED_OVER
        counts[unit.need_number] = [handed_over + is_done, on_the_way + (not is_done)]
    return {number: Bought(*pair) for number, pair in counts.items()}


@dataclass(frozen=True, slots=True)
class CampaignProgress:
    """A campaign as the world may see it: its needs in line order and how far each is."""

    campaign: Campaign
    needs: list[Need]
    progress: goal.Progress


def campaign_progress(
    campaign: Campaign, *, at: datetime, units: dict[str, PublicUnit] | None = None
) -> CampaignProgress:
    """Lay the campaign's public needs along its line. Three queries, however many gifts.

    `units` are those of `public_unit_names` where the caller has them already.
    """
    needs = list(campaign_needs(campaign, at=at))
    if units is None:
        ordered = _ordered_units(campaign.partnership)
        units = _public_units(campaign.partnership, at, ordered)
    bought = bought_of(units.values())
    laid = goal.progress(items_of(needs, bought), campaign.fund.free_minor, campaign.costs_per_10k)
    return CampaignProgress(campaign, needs, laid)
