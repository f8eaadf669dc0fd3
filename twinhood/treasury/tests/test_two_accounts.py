"""Two accounts of one currency at the bank: each has its own place in the books, to the cent."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client

from twinhood.giving import actions as giving
from twinhood.giving.models import Gift
from twinhood.giving.tests import pledges, world
from twinhood.ledger.models import Account, Fund
from twinhood.people.models import Partnership
from twinhood.treasury import bank
from twinhood.treasury.models import MAIN, BankAccount, Match, StatementLine
from twinhood.treasury.reconciling import reconcile
from twinhood.treasury.tests.camt_files import file_of, one

pytestmark = pytest.mark.django_db
BANK = "/en/desk/stamford-kramatorsk/bank/"


@pytest.fixture
def pair() -> Partnership:
    made = world.partnership()
    world.fund(made)
    return made


@pytest.fixture
def tom(client: Client, pair: Partnership) -> Client:
    return world.signed_in(client, world.tom(pair))


def taken_in(tom: Client, number: str, *amounts: int, opening_minor: int = 0) -> BankAccount:
    data = file_of(
        [one(amount, bank_ref=f"{number}-{amount}") for amount in amounts],
        currency="USD", account=f"<Othr><Id>{number}</Id></Othr>", opening_minor=opening_minor,
    )  # fmt: skip
    looked = tom.post(BANK, {"file": SimpleUploadedFile("s.xml", data)}, follow=True)
    tom.post(looked.redirect_chain[-1][0], {"step": "take"})
    return BankAccount.objects.get(number=number)


def balance(code: str) -> int:
    found = Account.objects.filter(code=code).first()
    return found.balance_minor if found else 0


def left(*accounts: BankAccount) -> list[int]:
    return [reconcile(BankAccount.objects.get(pk=account.pk)).left_minor for account in accounts]


def test_the_first_account_is_where_it_was_and_the_second_has_its_own(tom: Client) -> None:
    first = taken_in(tom, "US-100001", 2500)
    second = taken_in(tom, "US-200002", 1000)
    alike = taken_in(tom, "EU-200002", 700)

    assert [first.code, second.code, alike.code] == [
        MAIN, "assets:bank:200002", "assets:bank:eu200002",
    ]  # fmt: skip
    with pytest.raises(IntegrityError):
        BankAccount.objects.filter(pk=alike.pk).update(code=second.code)


def test_a_pledges_money_lies_in_the_account_where_the_bank_shows_it(
    tom: Client, pair: Partnership
) -> None:
    first, second = taken_in(tom, "US-100001", 5000), taken_in(tom, "US-200002", 2500)
    pledge = pledges.made(Fund.objects.get(), rail="transfer").pledge
    line = StatementLine.objects.get(account=second)

    match = bank.accept_pledge(line=line, pledge=pledge, person=None)
    before_posting = left(first, second)
    giving.post_settled()

    assert balance("assets:bank:200002") == 2500
    assert balance(MAIN) == 0
    assert before_posting == left(first, second) == [0, 0]
    assert reconcile(second).unmatched == ()
    bank.undo(match=match, reason="Another's", person=None)
    assert (balance("assets:bank:200002"), balance(MAIN)) == (0, 2500)
    assert left(first, second) == [0, 0]
    again = bank.NewGift(fund=Fund.objects.get())
    bank.book_gift(line=line, new=again, person=None)
    assert (balance("assets:bank:200002"), balance(MAIN)) == (2500, 0)
    assert left(first, second) == [0, 0]
    assert Gift.objects.count() == 1


def test_a_cheque_that_was_entered_is_found_by_the_line_of_either_account(
    tom: Client, pair: Partnership
) -> None:
    first, second = taken_in(tom, "US-100001", 4000), taken_in(tom, "US-200002", 2500, -300)
    (gift,) = world.posted(pair, world.cheque(2500, received_date=date(2023, 9, 10)))
    line = StatementLine.objects.get(amount_minor=2500)

    (match,) = bank.match_entries(line=line, keys=[gift.key], person=None)
    bank.book_cost(line=StatementLine.objects.get(amount_minor=-300), person=None)

    assert (balance("assets:bank:200002"), balance(MAIN)) == (2200, 0)
    assert left(first, second) == [0, 0]
    bank.undo(match=match, reason="The other account", person=None)
    assert (balance("assets:bank:200002"), balance(MAIN)) == (-300, 2500)
    assert left(first, second) == [0, 0]
    assert Match.objects.filter(undone_at=None).count() == 1


def test_with_one_account_nothing_is_moved(tom: Client, pair: Partnership) -> None:
    only = taken_in(tom, "US-100001", 2500)
    pledge = pledges.made(Fund.objects.get(), rail="transfer").pledge

    bank.accept_pledge(line=StatementLine.objects.get(), pledge=pledge, person=None)
    giving.post_settled()

    assert balance(MAIN) == 2500
    assert left(only) == [0]
    assert not Account.objects.filter(code__startswith="assets:bank:").exclude(code=MAIN).exists()
