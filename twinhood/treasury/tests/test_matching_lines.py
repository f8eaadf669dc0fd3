"""A line becomes what a person says it is, once; and can be taken back, with a reason."""

from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction

from twinhood.giving import actions as giving
from twinhood.giving import pledging
from twinhood.giving.core.pledged import Told
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.keys import master_keys, open_donor
from twinhood.giving.models import Gift, Payout, PayoutPart, Pledge
from twinhood.giving.queries import gift_by_secret, segment_of
from twinhood.giving.tests import pledges, world
from twinhood.kit import clock
from twinhood.ledger.models import Account, Fund
from twinhood.people.models import Partnership
from twinhood.treasury import bank, entries, statements, suggesting
from twinhood.treasury.errors import (
    LineNotOpen,
    MatchedElsewhere,
    MovedMeanwhile,
    NotOurPayout,
    OtherAmount,
    OtherCurrency,
    OtherFund,
)
from twinhood.treasury.models import BankAccount, Decision, GiverChange, Match, StatementLine
from twinhood.treasury.reconciling import reconcile
from twinhood.treasury.tests.camt_files import Movement, Payment, file_of, one

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> Partnership:
    return world.partnership()


@pytest.fixture
def fund(pair: Partnership) -> Fund:
    return world.fund(pair, "kramatorsk-eur", "EUR")


def lines_of(pair: Partnership, *movements: Movement) -> list[StatementLine]:
    file = statements.keep(
        partnership=pair, name="s.xml", stream=BytesIO(file_of(movements)), person=None
    )
    statements.take_in(file=file, statements=statements.read_camt(file), source="camt", person=None)
    return list(StatementLine.objects.filter(statement__file=file).order_by("row", "id"))


def pledge(fund: Fund, name: str = "Anna Kovalenko", amount_minor: int = 2500) -> Pledge:
    told = Told(name=name, email=f"{name.split()[0].lower()}@example.org")
    return pledges.made(fund, rail="transfer", told=told, amount_minor=amount_minor).pledge


def understood(line: StatementLine) -> suggesting.Understood:
    (found,) = suggesting.understood(line.account.partnership, [line])
    return found


def books(code: str, currency: str = "EUR") -> int:
    found = Account.objects.filter(code=code, currency=currency).first()
    return found.balance_minor if found else 0


def test_a_pledge_is_suggested_by_its_reference_and_becomes_a_gift_when_accepted(
    pair: Partnership, fund: Fund
) -> None:
    annas = pledge(fund)
    (line,) = lines_of(pair, one(2500, bank_ref="A-1", texts=(f"Gift {annas.reference}",)))
    best = understood(line).best
    assert best is not None

    match = bank.accept_pledge(
        line=line, pledge=annas, reasons=[str(r) for r in best.reasons], person=None
    )

    giving.post_settled()
    annas.refresh_from_db()
    line.refresh_from_db()
    assert (annas.state, line.state, line.matched_minor) == ("settled", "matched", 2500)
    assert match.gift == annas.gift
    assert match.reasons[0] == "reference"
    assert gift_by_secret(pledging.secret_of(annas)) == annas.gift
    assert books("assets:bank:main") == books("fund:kramatorsk-eur") == 2500


def test_an_amount_alone_suggests_nothing(pair: Partnership, fund: Fund) -> None:
    pledge(fund)
    (line,) = lines_of(pair, one(2500, name="Somebody Else", texts=("for the ambulances",)))

    found = understood(line)

    assert found.best is None
    assert found.payments[0].answer.listed == ()


def test_who_paid_before_from_this_account_is_known_by_it(pair: Partnership, fund: Fund) -> None:
    account = "DE02120300000000202051"
    first, second = pledge(fund), pledge(fund)
    early, late = lines_of(
        pair,
        one(2500, day="2023-09-01", account=account, texts=(first.reference,)),
        one(2500, day="2023-09-20", account=account, texts=("again",)),
    )
    bank.accept_pledge(line=early, pledge=first, person=None)

    (suggestion,) = understood(late).payments[0].answer.listed

    assert suggestion.pledge.reference == second.reference
    assert "same_account" in suggestion.reasons


def test_the_same_line_is_accepted_once(pair: Partnership, fund: Fund) -> None:
    annas, boris = pledge(fund), pledge(fund, "Boris")
    (line,) = lines_of(pair, one(2500))
    bank.accept_pledge(line=line, pledge=annas, person=None)

    for other in (annas, boris):
        with pytest.raises(LineNotOpen):
            bank.accept_pledge(line=line, pledge=other, person=None)

    assert Gift.objects.count() == 1


def test_more_or_less_than_was_pledged_is_booked_as_it_came(pair: Partnership, fund: Fund) -> None:
    annas = pledge(fund)
    (line,) = lines_of(pair, one(3000, texts=(annas.reference,)))

    bank.accept_pledge(line=line, pledge=annas, person=None)

    assert Gift.objects.get().amount_minor == 3000


def test_a_pledge_in_another_currency_is_refused(pair: Partnership, fund: Fund) -> None:
    dollars = pledge(world.fund(pair))
    (line,) = lines_of(pair, one(2500))

    with pytest.raises(OtherCurrency):
        bank.accept_pledge(line=line, pledge=dollars, person=None)

    assert not Gift.objects.exists()


def test_a_line_without_a_pledge_becomes_a_wire_from_whom_the_treasurer_names(
    pair: Partnership, fund: Fund
) -> None:
    (line,) = lines_of(pair, one(2400, name="Rotary", bank_ref="A-9"))
    new = bank.NewGift(
        fund, DonorFacts("Rotary", "rotary@example.org"), shows_name=True, fee_minor=100
    )

    bank.book_gift(line=line, new=new, person=world.tom(pair))

    giving.post_settled()
    gift = Gift.objects.get()
    assert (gift.rail, gift.amount_minor, gift.fee_minor) == ("wire", 2500, 100)
    assert books("assets:bank:main") == 2400
    line.refresh_from_db()
    assert line.state == "matched"


def test_each_payment_of_a_batch_is_matched_by_itself(pair: Partnership, fund: Fund) -> None:
    annas, boris = pledge(fund), pledge(fund, "Boris Melnyk", 3000)
    batch = Movement(
        5500,
        bank_ref="B-1",
        payments=(
            Payment(2500, "A", texts=(annas.reference,)),
            Payment(3000, "B", texts=(boris.reference,)),
        ),
    )
    (line,) = lines_of(pair, batch)

    bank.accept_pledge(line=line, pledge=boris, part=1, person=None)
    line.refresh_from_db()
    half = (line.state, line.open_minor)
    with pytest.raises(LineNotOpen):
        bank.accept_pledge(line=line, pledge=annas, part=1, person=None)
    bank.accept_pledge(line=line, pledge=annas, part=0, person=None)

    line.refresh_from_db()
    assert (half, line.state) == (("open", 2500), "matched")
    assert Gift.objects.count() == 2


def test_undoing_leaves_the_segment_and_frees_the_giver(pair: Partnership, fund: Fund) -> None:
    annas = pledge(fund)
    (line,) = lines_of(pair, one(250_000, name="St Basil", texts=("AMBULANCE ANNA K",)))
    match = bank.accept_pledge(line=line, pledge=annas, person=None)
    giving.post_settled()
    gift = Gift.objects.get()
    segment = segment_of(gift)

    bank.undo(match=match, reason="The cheque is the parish’s", person=None)
    waiting = StatementLine.objects.get(pk=line.pk)
    assert (waiting.state, waiting.matched_minor) == ("open", 0)
    new = bank.NewGift(fund, DonorFacts("St Basil parish", "basil@example.org"), shows_name=True)
    bank.book_gift(line=line, new=new, person=None)

    gift.refresh_from_db()
    annas.refresh_from_db()
    assert Gift.objects.count() == 1
    assert segment_of(gift) == segment
    assert gift.donor is not None
    assert open_donor(gift.donor, master_keys()).name == "St Basil parish"
    assert (annas.state, annas.gift) == ("started", None)
    assert gift_by_secret(pledging.secret_of(annas)) is None
    (old,) = GiverChange.objects.all()
    assert (old.donor, old.pledge, old.reason) == (
        annas.donor, annas, "The cheque is the parish’s",
    )  # fmt: skip
    line.refresh_from_db()
    assert line.state == "matched"
    assert [d.kind for d in Decision.objects.order_by("id")] == ["matched", "undone", "matched"]


def test_what_was_undone_may_be_given_to_the_right_pledge(pair: Partnership, fund: Fund) -> None:
    annas, boris = pledge(fund), pledge(fund, "Boris Melnyk")
    (line,) = lines_of(pair, one(2500))
    match = bank.accept_pledge(line=line, pledge=annas, person=None)
    giving.post_settled()
    bank.undo(match=match, reason="It was Boris", person=None)

    bank.accept_pledge(line=line, pledge=boris, person=None)

    boris.refresh_from_db()
    assert boris.gift == Gift.objects.get()
    assert gift_by_secret(pledging.secret_of(boris)) == boris.gift
    assert books("fund:kramatorsk-eur") == 2500


def test_a_gift_does_not_move_to_another_funds_line(pair: Partnership, fund: Fund) -> None:
    annas = pledge(fund)
    elsewhere = pledge(world.fund(pair, "kramatorsk-mri", "EUR"), "Boris Melnyk")
    (line,) = lines_of(pair, one(2500))
    match = bank.accept_pledge(line=line, pledge=annas, person=None)
    bank.undo(match=match, reason="Not hers", person=None)

    with pytest.raises(OtherFund):
        bank.accept_pledge(line=line, pledge=elsewhere, person=None)


def test_a_match_is_undone_once_and_never_without_a_reason(pair: Partnership, fund: Fund) -> None:
    (line,) = lines_of(pair, one(2500))
    match = bank.accept_pledge(line=line, pledge=pledge(fund), person=None)

    with pytest.raises(IntegrityError), transaction.atomic():
        bank.undo(match=match, reason="", person=None)
    bank.undo(match=match, reason="Not hers", person=None)

    with pytest.raises(MovedMeanwhile):
        bank.undo(match=match, reason="Again", person=None)


def test_a_cheque_that_was_entered_is_found_at_the_bank(pair: Partnership) -> None:
    fund = world.fund(pair, "kramatorsk-eur", "EUR")
    rows = [
        world.cheque(amount, fund_code=fund.code, currency="EUR", received_date=date(2023, 9, 14))
        for amount in (2500, 5000)
    ]
    first, second = world.posted(pair, *rows)
    deposit, other = lines_of(pair, one(7500), one(2500, day="2023-09-20"))

    with pytest.raises(OtherAmount):
        bank.match_entries(line=deposit, keys=[first.key], person=None)
    bank.match_entries(line=deposit, keys=[first.key, second.key], person=None)

    deposit.refresh_from_db()
    assert deposit.state == "matched"
    assert entries.unmatched_around(deposit.account, None) == ([], [])
    assert Gift.objects.count() == 2
    with pytest.raises(MatchedElsewhere):
        bank.match_entries(line=other, keys=[first.key], person=None)


def test_undoing_what_stood_in_the_books_changes_nothing_there(pair: Partnership) -> None:
    fund = world.fund(pair, "kramatorsk-eur", "EUR")
    (gift,) = world.posted(pair, world.cheque(2500, fund_code=fund.code, currency="EUR"))
    (line,) = lines_of(pair, one(2500))
    (match,) = bank.match_entries(line=line, keys=[gift.key], person=None)

    bank.undo(match=match, reason="Another cheque", person=None)

    gift.refresh_from_db()
    assert gift.donor is not None
    assert not GiverChange.objects.exists()
    assert [one.key for one in entries.unmatched_around(line.account, None)[1]] == [gift.key]


def test_the_banks_own_charge_is_borne_by_the_organisation_and_can_be_undone(
    pair: Partnership, fund: Fund
) -> None:
    charge, interest = lines_of(pair, one(-150), one(12, day="2023-09-20"))

    match = bank.book_cost(line=charge, person=None)
    bank.book_cost(line=interest, person=None)

    assert books("assets:bank:main") == -138
    bank.undo(match=match, reason="It was a supplier", person=None)
    assert books("assets:bank:main") == 12
    bank.book_cost(line=charge, person=None)
    assert books("assets:bank:main") == -138


def payout(gift: Gift, amount_minor: int, rail: str = "cash") -> Payout:
    made = Payout.objects.create(
        rail=rail, rail_ref="po_1", currency=gift.currency, amount_minor=amount_minor,
        parts_minor=amount_minor, arrival_date=date(2023, 9, 15), state="paid",
        read_at=clock.now(),
    )  # fmt: skip
    PayoutPart.objects.create(
        payout=made, rail_ref="txn_1", kind="gift", amount_minor=amount_minor,
        happened_at=clock.now(), gift=gift,
    )  # fmt: skip
    return made


def test_a_payout_moves_from_the_rails_account_to_the_bank(pair: Partnership) -> None:
    fund = world.fund(pair, "kramatorsk-eur", "EUR")
    row = world.cheque(2500, rail="cash", fund_code=fund.code, currency="EUR")
    (gift,) = world.posted(pair, row)
    sent = payout(gift, 2500)
    (line,) = lines_of(pair, one(2500))
    assert suggesting.payouts_for(line) == [sent]

    match = bank.accept_payout(line=line, payout=sent, person=None)

    assert (books("assets:cash:main"), books("assets:bank:main")) == (0, 2500)
    assert books("fund:kramatorsk-eur") == 2500
    assert suggesting.payouts_for(line) == []
    bank.undo(match=match, reason="Another payout", person=None)
    assert (books("assets:cash:main"), books("assets:bank:main")) == (2500, 0)
    bank.accept_payout(line=line, payout=sent, person=None)


def test_a_payout_that_does_not_add_up_or_is_not_ours_is_refused(pair: Partnership) -> None:
    fund = world.fund(pair, "kramatorsk-eur", "EUR")
    row = world.cheque(2500, rail="cash", fund_code=fund.code, currency="EUR")
    (gift,) = world.posted(pair, row)
    sent = payout(gift, 2500)
    (line,) = lines_of(pair, one(2500))
    Payout.objects.update(parts_minor=2400)
    sent.refresh_from_db()

    with pytest.raises(NotOurPayout):
        bank.accept_payout(line=line, payout=sent, person=None)

    assert books("assets:bank:main") == 0


def test_an_ignored_line_says_why_and_can_be_opened_again(pair: Partnership, fund: Fund) -> None:
    (line,) = lines_of(pair, one(2500))

    bank.ignore(line=line, reason="A deposit of the tenant", person=None)
    line.refresh_from_db()
    assert (line.state, line.reason) == ("ignored", "A deposit of the tenant")
    with pytest.raises(LineNotOpen):
        bank.accept_pledge(line=line, pledge=pledge(fund), person=None)
    bank.open_again(line=line, reason="It was a gift", person=None)

    line.refresh_from_db()
    assert (line.state, line.reason) == ("open", "")
    assert [(d.kind, d.reason) for d in Decision.objects.order_by("id")] == [
        ("ignored", "A deposit of the tenant"), ("opened", "It was a gift"),
    ]  # fmt: skip


def test_a_line_whose_money_is_a_gift_is_never_ignored(pair: Partnership, fund: Fund) -> None:
    (line,) = lines_of(pair, one(2500))
    match = bank.accept_pledge(line=line, pledge=pledge(fund), person=None)
    bank.undo(match=match, reason="Not hers", person=None)

    with pytest.raises(LineNotOpen):
        bank.ignore(line=line, reason="Never mind", person=None)


def test_history_never_shrinks(pair: Partnership, fund: Fund) -> None:
    (line,) = lines_of(pair, one(2500))
    match = bank.accept_pledge(line=line, pledge=pledge(fund), person=None)
    bank.undo(match=match, reason="Not hers", person=None)

    for rows in (Match, Decision, GiverChange):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.objects.all()._raw_delete("default")
    with pytest.raises(IntegrityError), transaction.atomic():
        Match.objects.update(key="gift:OTHER")


def test_the_bank_and_the_books_agree_to_the_cent(pair: Partnership, fund: Fund) -> None:
    annas = pledge(fund)
    early, late = (world.cheque(a, fund_code=fund.code, currency="EUR") for a in (100, 4000))
    with clock.showing(datetime(2023, 8, 1, 12, tzinfo=UTC)):
        world.posted(pair, early)
    with clock.showing(datetime(2023, 9, 20, 12, tzinfo=UTC)):
        world.posted(pair, late)
    gift_line, charge, ignored, waiting = lines_of(
        pair, one(2500, day="2023-09-01"), one(-150, day="2023-09-02"),
        one(700, day="2023-09-03"), one(900, day="2023-09-04"),
    )  # fmt: skip
    bank.accept_pledge(line=gift_line, pledge=annas, person=None)
    bank.book_cost(line=charge, person=None)
    bank.ignore(line=ignored, reason="A deposit", person=None)

    before = reconcile(BankAccount.objects.get())
    giving.post_settled()
    after = reconcile(BankAccount.objects.get())

    assert waiting.state == "open"
    assert after.bank_minor == 100_000 + 2500 - 150 + 700 + 900
    assert after.book_minor == 100 + 4000 + 2500 - 150
    assert (after.before_minor, after.unmatched_minor) == (100_000 - 100, 4000)
    assert (after.open.sum_minor, after.ignored.sum_minor, after.matched.count) == (900, 700, 2)
    assert (before.unposted_minor, after.unposted_minor) == (2500, 0)
    assert (before.left_minor, after.left_minor, after.unexplained_minor) == (0, 0, 0)
