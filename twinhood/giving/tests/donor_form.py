"""A donor at the giving page: what stands in its form, and sending it."""

import re
from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils.translation import gettext_lazy

from twinhood.giving import pledging
from twinhood.giving.models import Issuer, Pledge
from twinhood.giving.rails import Rail
from twinhood.giving.tests import world
from twinhood.kit.fields import LocalText
from twinhood.ledger.models import Fund
from twinhood.needs import actions as needs
from twinhood.needs.actions import NeedText
from twinhood.needs.campaigns import Minutes, adopt
from twinhood.needs.core.checks import Check
from twinhood.needs.models import Campaign, Need
from twinhood.people.models import Partnership

PAGE = "/en/p/stamford-kramatorsk/give/"
FROM_HERE = {"origin": "http://testserver"}
PAY = "https://pay.example/cs_1"


class Pay:
    """A rail that sends donors to a page elsewhere, or fails as it is told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.looked = 0
        self.problem: Exception | None = None

    def is_ready(self) -> bool:
        return True

    def currencies(self) -> frozenset[str]:
        return frozenset({"USD", "GBP"})

    def page_origins(self) -> list[str]:
        return ["https://pay.example"]

    def begin(self, pledge: Pledge, *, back_url: str, thanks_url: str) -> str:
        if self.problem is not None:
            raise self.problem
        self.begun.append(pledge.reference)
        pledging.start(pledge, rail_ref=f"cs_{pledge.pk}")
        return PAY

    def look(self, pledge: Pledge) -> None:
        self.looked += 1
        if self.problem is not None:
            raise self.problem


def a_campaign(pair: Partnership, fund: Fund) -> Campaign:
    campaign = Campaign.objects.create(
        partnership=pair,
        slug="each",
        title=LocalText({"en": "Ambulances", "uk": "Швидкі"}),
        currency=fund.currency,
        fund=fund,
        residents=135_470,
        residents_source=LocalText({"en": "census"}),
        slogan_per_head_minor=2500,
        slogan_residents=140_000,
        slogan_source=LocalText({"en": "slogan"}),
        fallback_purpose=LocalText({"en": "Other needs of the city."}),
        surplus_rule=LocalText({"en": "What is over goes to the fallback purpose."}),
        ends_date=date(2099, 12, 31),
    )
    campaign.state = Campaign.State.OPEN
    campaign.save()
    return campaign


def a_need(campaign: Campaign, *, in_campaign: bool = True, own_fund: bool = False) -> Need:
    """Six generators for $14,500 each, verified long ago."""
    pair, then = campaign.partnership, datetime(2023, 4, 1, tzinfo=UTC)
    writer, verifier = world.person("Bondar", pair), world.person("Oleh", pair)
    text = NeedText(
        category=Need.Category.GENERATOR,
        title=LocalText({"en": "Generators", "uk": "Генератори"}),
        unit_title=LocalText({"en": "Generator", "uk": "Генератор"}),
        why=LocalText({"en": "For pumps."}),
        quantity=6,
        unit_price_minor=1_450_000,
        currency="USD",
        beneficiary=pair.recipient,
    )
    need = needs.write_need(
        partnership=pair, text=text, by=writer, organisation=pair.recipient, at=then
    )
    need = needs.submit(need=need, by=writer, at=then)
    needs.verify(
        need=need, by=verifier, organisation=pair.recipient, at=then,
        seen=needs.Seen([Check.CALLED], "pumps", register="the ministry's list"),
    )  # fmt: skip
    need.refresh_from_db()
    if in_campaign:
        minutes = Minutes("1", then.date())
        adopt(campaign=campaign, needs=[need], minutes=minutes, by=verifier, at=then)
        needs.add_to_campaign(need=need, campaign=campaign)
    if own_fund:
        needs.open_fund(need=need, at=then)
    need.refresh_from_db()
    return need


def get(query: str = "", language: str = "en") -> str:
    answer = Client().get(PAGE.replace("/en/", f"/{language}/") + query)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def entries_in(page: str) -> dict[str, str]:
    """What a browser would send of the page's form, without pressing anything else."""
    form = page[page.index('method="post"') :].partition("</form>")[0]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        kind = attributes.get("type", "text")
        if kind in {"radio", "checkbox"} and " checked" not in tag:
            continue
        found[attributes["name"]] = attributes.get("value", "on" if kind == "checkbox" else "")
    for name, select in re.findall(r'<select name="([a-z_]+)"(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', select) or re.search(
            r'value="([^"]*)"', select
        )
        found[name] = chosen[1] if chosen else ""
    return found


def send(entries: dict[str, str], *, url: str = PAGE, headers: Any = None) -> HttpResponse:
    client = Client(enforce_csrf_checks=True, headers=FROM_HERE if headers is None else headers)
    return client.post(url, entries)  # type: ignore[return-value]


def filled(**more: str) -> dict[str, str]:
    return entries_in(get()) | {"rail": "card"} | more


def text_of(answer: HttpResponse) -> str:
    plain = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", plain)


def card_by(online: Pay) -> Rail:
    return Rail(
        code="card",
        label=gettext_lazy("Card"),
        account="assets:stripe",
        online=online,  # type: ignore[arg-type]
        takes_monthly=True,
    )


def open_campaign_here() -> Campaign:
    pair = world.partnership()
    Issuer.objects.create(
        organisation=pair.recipient,
        legal_name="Example Aid",
        registry_code="00-0000000",
        iban="GB33BUKB20201555555555",
        rules="us,eu",
        is_example=True,
    )
    return a_campaign(pair, world.fund(pair))
