"""Build the example by the same actions that people use, with the clock showing each day."""

import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from twinhood.deliveries import actions as deliveries
from twinhood.deliveries import given, handing_over, invoices, payees, screening
from twinhood.deliveries.handing_over import Handed
from twinhood.deliveries.models import Order, PayeeAccount, Unit
from twinhood.deliveries.terms import Terms
from twinhood.giving import actions as giving
from twinhood.giving import in_kind, receipts
from twinhood.giving.core.offline import OfflineGift
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.models import Gift, InKindGift
from twinhood.giving.teams import open_team
from twinhood.giving.waypoints import note_reached
from twinhood.kit import clock
from twinhood.ledger import actions as ledger
from twinhood.ledger.models import Fund
from twinhood.needs import actions as needs
from twinhood.needs.campaigns import Minutes, add_waypoint, adopt
from twinhood.needs.models import Campaign, Need, Quote
from twinhood.ops.world import acts, cast, papers, quotes
from twinhood.ops.world.aftercare import follow
from twinhood.ops.world.agreements import record_terms, write_agreements
from twinhood.ops.world.bank import show_bank
from twinhood.ops.world.gifts import ExampleGift, gifts
from twinhood.ops.world.shipping import ship
from twinhood.people.models import Organisation, Partnership, Person
from twinhood.places.actions import load_gazetteer
from twinhood.places.gazetteer import City, all_cities
from twinhood.places.models import Place
from twinhood.twinnings import actions as twinnings
from twinhood.twinnings.models import Twinning

SLUG = "stamford-kramatorsk"
STAMFORD, KRAMATORSK = 4843564, 704508
USD, EUR = "kramatorsk-usd", "kramatorsk-eur"
BATCH = 500
# Gifts of so many days are taken in together, as a treasurer does who comes by twice a week.
INTAKE_DAYS = timedelta(days=3)

type Progress = Callable[[str], None]


def is_built() -> bool:
    return Partnership.objects.filter(slug=SLUG).exists()


@dataclass(slots=True)
class World:
    """What the example has made so far, by name."""

    partnership: Partnership
    places: dict[str, Place]
    organisations: dict[str, Organisation]
    persons: dict[str, Person]
    needs: dict[str, Need] = field(default_factory=dict)
    quotes: dict[str, Quote] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def build_example(progress: Progress = lambda _: None, *, gift_limit: int | None = None) -> World:
    """Build it all, or nothing. `gift_limit` keeps tests quick: only the first gifts."""
    ensure_places(progress)
    twinnings.load_facts()
    world = _open()
    _ask(world)
    terms = record_terms(world.partnership, world.persons)
    _follow_the_calendar(world, progress, gift_limit)
    if gift_limit is None:
        ship(world.partnership, world.persons)
        follow(world.partnership, world.persons, world.organisations)
    _confirm(world)
    note_reached()
    write_agreements(world.partnership, world.persons, terms)
    show_bank(world.partnership, fund_code=USD, person=world.persons["tom"])
    _write_what_to_try(world)
    return world


@cache
def _few_cities() -> tuple[City, ...]:
    """The cities that the example names, read once from the list of all."""
    wanted = set(papers.PLACE_IDS)
    return tuple(city for city in all_cities() if city.geoname_id in wanted)


def ensure_places(progress: Progress) -> None:
    """Load the handful of cities that the example names, where the gazetteer is not loaded."""
    wanted = set(papers.PLACE_IDS)
    if Place.objects.filter(geoname_id__in=wanted).count() < len(wanted):
        load_gazetteer(progress=progress, cities=_few_cities())


def _open() -> World:
    places = {
        "stamford": Place.objects.get(geoname_id=STAMFORD),
        "kramatorsk": Place.objects.get(geoname_id=KRAMATORSK),
    }
    organisations = cast.organisations(places)
    partnership = Partnership.objects.create(
        slug=SLUG,
        giving_place=places["stamford"],
        receiving_place=places["kramatorsk"],
        recipient=organisations["charity"],
        guarantor=organisations["guarantor"],
        is_conflict_zone=True,
        is_example=True,
    )
    cast.issuer(organisations["charity"])
    twinning = Twinning.objects.get(a_id=KRAMATORSK, b_id=STAMFORD)
    twinning.partnership = partnership
    twinning.save(update_fields=["partnership"])
    persons = cast.persons(partnership, organisations)
    world = World(partnership, places, organisations, persons)
    for code, currency in ((USD, "USD"), (EUR, "EUR")):
        with day(date(2023, 4, 6)) as at:
            ledger.open_fund(partnership=partnership, code=code, currency=currency, at=at)
    return world


class day:
    """Let the clock show noon of a day (UTC) within the block."""

    def __init__(self, on: date, hour: int = 12) -> None:
        self.at = datetime.combine(on, time(hour), UTC)
        self.shown = clock.showing(self.at)

    def __enter__(self) -> datetime:
        self.shown.__enter__()
        return self.at

    def __exit__(self, *problem: object) -> None:
        self.shown.__exit__(None, None, None)


def _ask(world: World) -> None:
    """Needs are written by clerks, verified by two others, and enter the campaign."""
    for number, paper in enumerate(papers.NEEDS):
        with day(date(2023, 4, 6), 13) as at:
            writer = world.persons[paper.writer]
            need = needs.write_need(
                partnership=world.partnership,
                text=paper.text(world.organisations),
                by=writer,
                organisation=world.organisations[paper.writer_for],
                at=at,
            )
            if paper.verifiers or paper.is_submitted:
                need = needs.submit(need=need, by=writer, at=at)
        with day(date(2023, 4, 6), 15) as at:
            for name in paper.verifiers:
                member = next(m for m in cast.CAST if m.key == name)
                needs.verify(
                    need=need,
                    by=world.persons[name],
                    organisation=world.organisations[member.organisation],
                    seen=papers.SEEN[number % len(papers.SEEN)],
                    at=at,
                )
        world.needs[paper.key] = Need.objects.get(pk=need.pk)
    _quote(world)
    _open_campaign(world)


def _confirm(world: World) -> None:
    """Whoever asked says today that it is still needed."""
    for paper in papers.NEEDS:
        if world.needs[paper.key].verified_at is not None:
            needs.confirm(
                need=world.needs[paper.key],
                by=world.persons[paper.writer],
                organisation=world.organisations[paper.writer_for],
                at=clock.now(),
            )


def _quote(world: World) -> None:
    with day(date(2023, 4, 7)) as at:
        for paper in papers.QUOTES:
            world.quotes[paper.key] = needs.add_quote(
                need=world.needs[paper.need],
                supplier=world.organisations[paper.supplier],
                unit_price_minor=paper.unit_price_minor,
                currency=paper.currency,
                quoted_date=at.date(),
                by=world.persons["tom"],
                at=at,
                note=paper.note,
            )
        quotes.say_terms(world.quotes, world.persons["tom"], at)


def _open_campaign(world: World) -> None:
    fund = Fund.objects.get(partnership=world.partnership, code=USD)
    with day(date(2023, 4, 7)) as at:
        campaign: Campaign = needs.plan_campaign(
            partnership=world.partnership, fund=fund, **papers.CAMPAIGN
        )
        needs.set_terms(campaign=campaign, **papers.TERMS)
        for key in ("ambulances", "trucks", "mri"):
            needs.add_to_campaign(need=world.needs[key], campaign=campaign)
        adopt(
            campaign=campaign,
            needs=list(campaign.needs.order_by("position")),
            minutes=Minutes(papers.MINUTES, at.date()),
            by=world.persons["tom"],
            at=at,
        )
        needs.open_campaign(campaign=campaign, today=at.date())
        for amount_minor, text in papers.WAYPOINTS:
            add_waypoint(
                campaign=campaign, amount_minor=amount_minor, text=text,
                by=world.persons["tom"], at=at,
            )  # fmt: skip
        world.needs["mri"] = needs.open_fund(need=world.needs["mri"], at=at)
        open_team(partnership=world.partnership, name=papers.TEAM, by=world.persons["tom"], at=at)


def _follow_the_calendar(world: World, progress: Progress, gift_limit: int | None) -> None:
    """Gifts arrive in order of their dates, and between them what was done with them."""
    todo = list(_calendar())
    arrived = list(gifts())[:gift_limit]
    randomness = random.Random(406).randbytes  # noqa: S311 (the example hides nothing)
    waiting: list[ExampleGift] = []
    for number, gift in enumerate(arrived, 1):
        while todo and gift.received_date > todo[0][0]:
            _take_in(world, waiting, randomness)
            waiting = []
            on, act = todo.pop(0)
            act(world, on)
        if waiting and gift.received_date - waiting[0].received_date > INTAKE_DAYS:
            _take_in(world, waiting, randomness)
            waiting = []
        waiting.append(gift)
        if len(waiting) >= BATCH:
            _take_in(world, waiting, randomness)
            waiting = []
            progress(f"{number} of {len(arrived)} gifts")
    _take_in(world, waiting, randomness)
    if gift_limit is None:
        for on, act in todo:
            act(world, on)


def _take_in(world: World, rows: list[ExampleGift], randomness: Callable[[int], bytes]) -> None:
    if not rows:
        return
    with day(max(gift.received_date for gift in rows), 20):
        taken = giving.take_in(
            partnership=world.partnership,
            person=world.persons["tom"],
            rows=[_offline(world, gift) for gift in rows],
            randomness=randomness,
        )
        while giving.post_settled():
            pass
        while receipts.issue_due():
            pass
    for gift, new in zip(rows, taken.new, strict=True):
        if gift.number < 10:
            name = gift.name.split()[0].lower()
            world.secrets[name], world.refs[name] = new.secret, new.ref


def _offline(world: World, gift: ExampleGift) -> OfflineGift:
    own = world.needs["mri"].fund if gift.is_for_mri else None
    return OfflineGift(
        rail=gift.rail,
        intake_key=f"example-{gift.number}",
        fund_code=own.code if own else USD,
        amount_minor=gift.amount_minor,
        fee_minor=gift.fee_minor,
        currency="USD",
        received_date=gift.received_date,
        donor=DonorFacts(name=gift.name) if gift.name else DonorFacts(),
        shows_name=gift.shows_name,
        purpose="Help for Kramatorsk (example)",
        counted_by_id=world.persons["dana"].pk if gift.rail == "cash" else None,
    )


type Step = Callable[[World, date], None]


def _calendar() -> Iterator[tuple[date, Step]]:
    today = clock.now().date()
    yield date(2023, 7, 12), _approve_account("motors", "GB33BUKB20201555555555")
    yield date(2023, 7, 17), _screen("motors", "hospital")
    yield date(2023, 7, 18), _order("first", "motors-usd", 4, ("tom", "lesia"))
    yield date(2023, 7, 25), _pay("first", 4 * 8_250_000, "EX-2023-071")
    yield date(2023, 8, 31), _hand_over("first", (0, 1, 2))
    yield date(2023, 9, 12), _hand_over("first", (3,))
    yield date(2023, 11, 5), _screen("motors", "hospital", "trucks", "waste")
    yield date(2023, 11, 6), _order("second", "motors-usd", 2, ("tom", "lesia"))
    yield date(2023, 11, 9), _pay("second", 8_250_000, "EX-2023-118")
    yield date(2023, 11, 20), _refund_boris
    yield date(2023, 12, 11), _exchange("usd-eur-1", USD, 28_481_250, EUR, 26_250_000)
    yield date(2023, 12, 11), _screen("trucks", "waste")
    yield date(2023, 12, 11), _state_rate
    yield date(2023, 12, 12), _order("trucks", "trucks-eur", 3, ("tom", "lesia"))
    yield date(2024, 1, 22), _cancel_third_truck
    yield date(2024, 1, 24), _exchange("eur-usd-1", EUR, 8_750_000, USD, 9_616_250)
    yield today - timedelta(days=45), _given_blankets
    yield today - timedelta(days=30), _hand_blankets_over
    yield today - timedelta(days=21), _propose_account("trucks", "FR1420041010050500013M02606")
    yield today - timedelta(days=20), _propose("third", "motors-usd", 2)
    yield today - timedelta(days=9), _ask_for_quotes
    yield today - timedelta(days=7), _screen("motors", "hospital", "trucks", "waste")
    yield today - timedelta(days=6), _order("next-trucks", "trucks-usd", 2, ("tom",))
    yield today - timedelta(days=5), _refuse("refused", "mri-dear", 1)
    yield today - timedelta(days=3), _hand_over("second", (0,), is_half_signed=True)


BLANKETS_KEY = UUID("00000000-0000-4000-8000-000000000406")


def _given_blankets(world: World, on: date) -> None:
    with day(on):
        in_kind.take_in(
            partnership=world.partnership,
            form_key=BLANKETS_KEY,
            thing=in_kind.Thing(
                description="wool blankets (illustrative)",
                quantity=120,
                value_minor=300_000,
                currency="USD",
                basis=InKindGift.Basis.CATALOGUE,
                valued_by="An illustrative catalogue, $25 each",
                valued_date=on,
                received_date=on,
                purpose="Help for Kramatorsk (example)",
            ),
            person=world.persons["tom"],
        )


def _hand_blankets_over(world: World, on: date) -> None:
    (blankets,) = given.waiting(world.partnership)
    _accept(world, on, [Handed(blankets)], "blankets")


def _propose_account(name: str, account: str) -> Step:
    """The supplier's account as their offer has it. It is nobody's: the standard's examples."""

    def step(world: World, on: date) -> None:
        with day(on) as at:
            supplier = world.organisations[name]
            payees.propose_payee(
                partnership=world.partnership,
                supplier=supplier,
                account=account,
                holder=str(supplier.name["en"]),
                came_by="Their offer, page 2 (example)",
                by=world.persons["iryna"],
                organisation=world.organisations["kramatorsk"],
                at=at,
            )

    return step


def _approve_account(name: str, account: str) -> Step:
    """The same, called back about, and approved by two."""

    def step(world: World, on: date) -> None:
        _propose_account(name, account)(world, on)
        persons = world.persons
        with day(on, 14) as at:
            payee = PayeeAccount.objects.get(supplier=world.organisations[name])
            payees.record_call(
                payee=payee,
                number="+1 203 555 0100",
                note="Their accountant read the number out. (example)",
                by=persons["tom"],
                at=at,
            )
            for approver in ("tom", "lesia"):
                payees.approve_payee(payee=payee, by=persons[approver], at=at)

    return step


SPECIMEN_LIST = """id,name
X-1,Nobody of That Name (invented for this example)
X-2,Specimen Arms Factory (invented for this example)
"""


def _screen(*names: str) -> Step:
    """Look them up in a list of invented names; who runs a real Twinhood takes real ones in."""

    def step(world: World, on: date) -> None:
        with day(on, 8) as at:
            data = f"{SPECIMEN_LIST}X-3,Version of {on} (invented)\n".encode()
            screening.import_list(data, code="specimen", kind="plain", version=on, at=at)
            for name in names:
                screening.screen(
                    organisation=world.organisations[name],
                    partnership=world.partnership,
                    by=world.persons["iryna"],
                    at=at,
                )

    return step


def _propose(name: str, quote: str, quantity: int) -> Step:
    def step(world: World, on: date) -> None:
        with day(on) as at:
            world.orders[name] = deliveries.propose_order(
                quote=world.quotes[quote],
                quantity=quantity,
                by=world.persons["iryna"],
                organisation=world.organisations["kramatorsk"],
                at=at,
                terms=Terms(reason=papers.REASONS.get(name, "")),
            )

    return step


def _order(name: str, quote: str, quantity: int, approvers: Iterable[str]) -> Step:
    def step(world: World, on: date) -> None:
        _propose(name, quote, quantity)(world, on)
        with day(on, 16) as at:
            for approver in approvers:
                order = world.orders[name]
                deliveries.approve(
                    order=order, by=world.persons[approver], seen_hash=order.content_hash, at=at
                )
        world.orders[name] = Order.objects.get(pk=world.orders[name].pk)
        for unit in units_of(world.orders[name]):
            if name in papers.SERIALS and world.orders[name].placed_at:
                deliveries.set_serial(unit=unit, serial=papers.SERIALS[name][unit.number])

    return step


def _state_rate(world: World, on: date) -> None:
    with day(on) as at:
        quotes.state_rate(world.needs["trucks"], world.persons["iryna"], at)


def _ask_for_quotes(world: World, on: date) -> None:
    with day(on) as at:
        iryna, city = world.persons["iryna"], world.organisations["kramatorsk"]
        quotes.ask(world.needs["mri"], world.organisations, iryna, city, at)


def _refuse(name: str, quote: str, quantity: int) -> Step:
    def step(world: World, on: date) -> None:
        _propose(name, quote, quantity)(world, on)
        with day(on, 17) as at:
            deliveries.refuse_order(
                order=world.orders[name],
                by=world.persons["lesia"],
                reason="The campaign has not reached the MRI yet. (example)",
                at=at,
            )

    return step


def units_of(order: Order) -> list[Unit]:
    return list(order.units.order_by("number"))


def _pay(name: str, amount_minor: int, invoice: str) -> Step:
    def step(world: World, on: date) -> None:
        with day(on) as at:
            invoices.record(
                order=world.orders[name],
                number=invoice,
                amount_minor=amount_minor,
                invoice_date=on,
                difference="As agreed, in parts. (example)",
                by=world.persons["tom"],
                at=at,
            )
            deliveries.pay(
                order=world.orders[name],
                amount_minor=amount_minor,
                invoice=invoice,
                bank_code="assets:bank:main",
                by=world.persons["tom"],
                at=at,
            )

    return step


def _hand_over(name: str, numbers: Iterable[int], *, is_half_signed: bool = False) -> Step:
    def step(world: World, on: date) -> None:
        units = units_of(world.orders[name])
        things = [Handed(units[number], model_year=on.year) for number in numbers]
        _accept(world, on, things, name, is_half_signed=is_half_signed)

    return step


def _accept(
    world: World, on: date, things: list[Handed], name: str, *, is_half_signed: bool = False
) -> None:
    terms = acts.terms(world.partnership, world.organisations, on)
    with day(on) as at:
        act = handing_over.hand_over(
            partnership=world.partnership,
            things=things,
            giver=world.organisations["charity"],
            receiver=world.organisations["hospital"],
            place=world.places["kramatorsk"],
            signing=acts.signing(is_half_signed=is_half_signed),
            handed_over_date=on,
            by=world.persons["iryna"],
            at=at,
            basis=acts.basis(name, on, terms),
        )
        if not is_half_signed:
            acts.finish(act, world.persons, world.organisations, at)


def _refund_boris(world: World, on: date) -> None:
    gift = Gift.objects.get(ref=world.refs["boris"])
    with day(on) as at:
        giving.refund_gift(
            gift=gift,
            person=world.persons["tom"],
            amount_minor=gift.amount_minor,
            reason="Asked for it back. (example)",
            earlier=0,
            at=at,
        )
        receipts.replace_for(gift, "Asked for it back. (example)")


def _exchange(name: str, source: str, amount: int, target: str, received: int) -> Step:
    def step(world: World, on: date) -> None:
        with day(on) as at:
            ledger.exchange(
                partnership=world.partnership,
                key=f"exchange:{name}",
                fund_code=source,
                amount_minor=amount,
                to_code=target,
                received_minor=received,
                at=at,
            )

    return step


def _cancel_third_truck(world: World, on: date) -> None:
    with day(on) as at:
        deliveries.cancel_unit(
            unit=units_of(world.orders["trucks"])[2],
            reason="The maker could not deliver the third one. (example)",
            at=at,
        )


def _write_what_to_try(world: World) -> None:
    """Tell `twinhood run` what to print: addresses without a language lead to the reader's own."""
    anna = world.secrets.get("anna")
    steps = [
        {
            "what": "See what Stamford gives and what became of it",
            "url": f"/p/{SLUG}/",
        },
        {
            "what": "Give $25 and follow it, with a test card where cards are practised",
            "url": f"/p/{SLUG}/give/",
        },
        {
            "what": "Be the treasurer: enter a gift and watch it join the line",
            "url": "/who/",
        },
    ]
    if anna:
        steps.append({"what": "Follow Anna’s $25 to two ambulances", "url": f"/t/{anna}/"})
    path = Path(settings.VAR_DIR) / "example.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"try": steps}, ensure_ascii=False, indent=1), encoding="utf-8")
