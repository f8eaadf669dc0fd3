"""Changing money: what the bank's two lines say, once, and never more than is free."""

import pytest
from django.test import Client

from twinhood.giving.tests import world
from twinhood.ledger.models import Account, Fund, Segment, Use
from twinhood.people.models import Partnership

pytestmark = pytest.mark.django_db

URL = "/en/desk/stamford-kramatorsk/exchange/"


@pytest.fixture
def pair() -> Partnership:
    made = world.partnership()
    world.fund(made)
    world.fund(made, "kramatorsk-eur", "EUR")
    world.fund(made, "kramatorsk-mri", "USD")
    world.posted(made, world.cheque(10000))
    return made


@pytest.fixture
def desk(client: Client, pair: Partnership) -> Client:
    return world.signed_in(client, world.tom(pair))


def form(pair: Partnership, **more: str) -> dict[str, str]:
    fund = {f.code: str(f.pk) for f in Fund.objects.filter(partnership=pair)}
    typed = {
        "token": "t" * 22,
        "fund": "kramatorsk-usd",
        "amount": "100.00",
        "to": "kramatorsk-eur",
        "received": "92.00",
        "day": "2023-09-05",
        "step": "book",
    } | more
    return typed | {name: fund.get(typed[name], typed[name]) for name in ("fund", "to")}


def test_an_exchange_is_looked_at_with_its_rate_and_then_booked(
    desk: Client, pair: Partnership
) -> None:
    looked = desk.post(URL, form(pair, step="look")).content.decode()
    before = Use.objects.count()
    done = desk.post(URL, form(pair), follow=True)

    funds = {f.code: f.free_minor for f in Fund.objects.all()}
    balances = {(a.code, a.currency): a.balance_minor for a in Account.objects.all()}
    assert "1 USD = 0.920000 EUR" in looked
    assert before == 0
    assert (funds["kramatorsk-usd"], funds["kramatorsk-eur"]) == (0, 9200)
    assert balances["exchange:USD", "USD"] == balances["exchange:EUR", "EUR"] == 0
    assert "The exchange is booked." in done.content.decode()


def test_the_same_form_sent_twice_exchanges_once(desk: Client, pair: Partnership) -> None:
    answers = [desk.post(URL, form(pair, amount="40")) for _ in range(2)]
    other = desk.post(URL, form(pair, amount="41"))

    assert [a.status_code for a in answers] == [302, 302]
    assert other.status_code == 422
    assert Use.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"to": "kramatorsk-usd"},
        {"amount": "0"},
        {"received": "0"},
        {"amount": "-1"},
        {"amount": "100.01"},
        {"amount": "1e2"},
        {"amount": "NaN"},
        {"amount": "1.000,00"},
        {"received": "92.005"},
        {"received": ""},
        {"to": "kramatorsk-mri", "received": "99.99"},
        {"day": "2999-01-01"},
        {"day": "1999-12-31"},
        {"day": "x"},
        {"fund": "999999999"},
        {"token": ""},
    ],
)
def test_what_the_bank_cannot_have_done_is_refused(
    desk: Client, pair: Partnership, change: dict[str, str]
) -> None:
    answer = desk.post(URL, form(pair, **change))

    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert not Use.objects.exists()


def test_a_move_between_funds_of_one_currency_is_whole(desk: Client, pair: Partnership) -> None:
    done = desk.post(URL, form(pair, to="kramatorsk-mri", amount="60", received="60.00"))

    income = Segment.objects.get(fund__code="kramatorsk-mri")
    assert done.status_code == 302
    assert (income.start_minor, income.end_minor) == (0, 6000)


def test_another_partnership_s_fund_is_not_offered_nor_taken(
    desk: Client, pair: Partnership
) -> None:
    theirs = world.fund(world.partnership("westport-lyman"), "lyman-eur", "EUR")

    page = desk.get(URL).content.decode()
    answer = desk.post(URL, form(pair, to=str(theirs.pk)))

    assert "lyman" not in page
    assert answer.status_code == 422
    assert not Use.objects.exists()


def test_only_a_treasurer_changes_money(client: Client, pair: Partnership) -> None:
    for role in ("clerk", "approver", "auditor"):
        somebody = world.signed_in(client, world.person("Lesia", pair, role))
        assert somebody.post(URL, form(pair)).status_code == 403
    assert not Use.objects.exists()
