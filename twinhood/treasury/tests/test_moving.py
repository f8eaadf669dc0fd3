"""Moves between funds with their reason, and advances repaid, at the treasurer's desk."""

from html import unescape

import pytest
from django.test import Client

from twinhood.giving import actions as giving
from twinhood.giving.models import Gift
from twinhood.giving.tests import world
from twinhood.kit import clock
from twinhood.ledger import actions as ledger
from twinhood.ledger import queries as books
from twinhood.ledger.models import Fund, Use
from twinhood.people.models import Partnership
from twinhood.treasury import queries
from twinhood.treasury.models import Move

pytestmark = pytest.mark.django_db
DESK = "/en/desk/stamford-kramatorsk"


@pytest.fixture
def pair() -> Partnership:
    made = world.partnership()
    world.fund(made)
    world.fund(made, "kramatorsk-eur", "EUR")
    world.fund(made, "kramatorsk-mri", "USD")
    return made


@pytest.fixture
def gift(pair: Partnership) -> Gift:
    (made,) = world.posted(pair, world.cheque(10000))
    return made


@pytest.fixture
def desk(client: Client, pair: Partnership) -> Client:
    return world.signed_in(client, world.tom(pair))


def free(code: str) -> int:
    return Fund.objects.get(code=code).free_minor


def move_form(**more: str) -> dict[str, str]:
    fund = {f.code: str(f.pk) for f in Fund.objects.all()}
    typed = {
        "token": "m" * 22, "fund": "kramatorsk-usd", "to": "kramatorsk-mri", "amount": "40",
        "reason": "Board, minutes 12: the need was withdrawn",
    } | more  # fmt: skip
    return typed | {name: fund[typed[name]] for name in ("fund", "to")}


def sent(desk: Client, page: str, form: dict[str, str], status: int = 200) -> str:
    answer = desk.post(f"{DESK}/{page}/", form, follow=True)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def test_a_move_is_booked_once_with_its_reason_and_followed_through(
    desk: Client, gift: Gift
) -> None:
    for _ in range(2):
        page = sent(desk, "moves", move_form())

    assert "The money is moved." in page
    assert "Board, minutes 12: the need was withdrawn" in page
    assert (free("kramatorsk-usd"), free("kramatorsk-mri")) == (6000, 4000)
    found = books.trace(partnership=gift.partnership, key=gift.key)
    assert found is not None
    assert [(part.to, part.to_currency, part.span.length) for part in found.parts] == [
        ("exchange", "USD", 4000), ("free", "", 6000), ("free", "", 4000),
    ]  # fmt: skip
    (moved,) = queries.latest_moves(gift.partnership)
    assert (moved.source.code, moved.target.code) == ("kramatorsk-usd", "kramatorsk-mri")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"amount": "100.01"}, "In this fund $100.00 are free."),
        ({"to": "kramatorsk-usd"}, "Choose another fund"),
        ({"to": "kramatorsk-eur"}, "These funds are of two currencies."),
        ({"reason": " "}, "Say why the money moves."),
        ({"amount": "-5"}, "Enter the amount without a minus sign."),
    ],
)
def test_a_move_that_cannot_be_is_refused_in_words(
    desk: Client, gift: Gift, form: dict[str, str], words: str
) -> None:
    page = sent(desk, "moves", move_form(**form), status=422)

    assert words in page
    assert not Move.objects.exists()
    assert not Use.objects.exists()


@pytest.fixture
def advance(gift: Gift) -> str:
    """All is spent, $30 of it given back on the guarantor's money."""
    ledger.place_order(
        partnership=gift.partnership, key="order:1", fund_codes=["kramatorsk-usd"],
        units=[("pump", 10000)], at=clock.now(),
    )  # fmt: skip
    done = giving.refund_gift(gift=gift, person=None, amount_minor=3000, reason="a", earlier=0)
    assert done.advance_minor == 3000
    return f"advance:{done.key}"


def repay_form(advance: str, **more: str) -> dict[str, str]:
    return {"token": "r" * 22, "advance": advance, "amount": "20"} | more


def test_an_advance_is_repaid_once_from_what_is_free(
    desk: Client, pair: Partnership, advance: str
) -> None:
    world.posted(pair, world.cheque(2500))

    for _ in range(2):
        page = sent(desk, "advances", repay_form(advance))

    assert "The advance is repaid." in page
    assert "$10.00 still to repay" in page
    assert free("kramatorsk-usd") == 500
    assert [lent.left_minor for lent in books.advances(pair)] == [1000]


@pytest.mark.parametrize(
    ("amount", "words"),
    [("20.01", "In this fund $20.00 are free."), ("30.01", "Of this advance $30.00 are left.")],
)
def test_more_than_is_free_or_lent_is_not_repaid(
    desk: Client, pair: Partnership, advance: str, amount: str, words: str
) -> None:
    world.posted(pair, world.cheque(2000 if amount == "20.01" else 9000))

    page = sent(desk, "advances", repay_form(advance, amount=amount), status=422)

    assert words in page
    assert books.advances(pair)[0].repaid_minor == 0


def test_without_an_advance_the_page_says_that_nothing_is_owed(
    desk: Client, pair: Partnership
) -> None:
    page = desk.get(f"{DESK}/advances/").content.decode()

    assert "Nothing is owed" in page
