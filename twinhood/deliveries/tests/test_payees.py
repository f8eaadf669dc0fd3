"""Promises of suppliers' accounts: a mail with "new bank details" moves no money by itself."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from twinhood.deliveries import actions, alarms, errors, payees, screening
from twinhood.deliveries.core.approval import Refusal
from twinhood.deliveries.core.payee import BadAccount, in_groups, normal_account
from twinhood.deliveries.core.payee import alarms as odd
from twinhood.deliveries.models import Order, PayeeAccount, PayeeApproval, Payment
from twinhood.deliveries.tests.world import IBAN, LONG_AGO, World
from twinhood.kit import clock
from twinhood.needs import renaming
from twinhood.needs.tests.world import AT, organisation, words
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Organisation, Person, Role

OTHER_IBAN = "FR1420041010050500013M02606"


@pytest.fixture
def world() -> World:
    return World()


# --- how an account is written


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("gb33 bukb 2020 1555 5555 55", IBAN),
        ("UA21 3223 1300 0002 6007 2335 6600 1", "UA213223130000026007233566001"),
        ("021000021 / 12345678", "021000021/12345678"),
    ],
)
def test_an_account_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert normal_account(typed) == kept
    assert normal_account(in_groups(kept)) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "form"),
        ("12345678", "form"),
        ("GB33 BUKB 2020 1555 5555 56", "digits"),
        ("XX33BUKB20201555555555", "digits"),
        ("021000022/12345678", "digits"),
        ("ГВ33 BUKB 2020 1555 5555 55", "form"),
    ],
)
def test_an_account_that_no_bank_has_is_refused(typed: str, code: str) -> None:
    with pytest.raises(BadAccount, match=code):
        normal_account(typed)


def test_what_is_odd_about_an_account_is_said() -> None:
    facts: dict[str, Any] = {
        "account": IBAN, "holder": "Motors, EXAMPLE", "others": [], "own": [],
        "supplier_names": ["Example Motors"], "names_at_work": ["Tom Miller"],
    }  # fmt: skip

    assert odd(**facts) == ["first"]
    assert odd(**facts | {"others": [IBAN], "own": [OTHER_IBAN]}) == ["shared", "changed"]
    assert odd(**facts | {"holder": "MILLER Tóm"}) == ["first", "holder", "person"]


# --- from a proposal to its use

db = pytest.mark.django_db


def called(world: World, payee: PayeeAccount, by: Person | None = None) -> PayeeAccount:
    return payees.record_call(
        payee=payee, number="+1 203 555 0100", note="No such change.", by=by or world.tom, at=AT
    )


def paid(world: World, order: Order, payee: PayeeAccount | None, at: Any = AT) -> Payment:
    world.invoiced(order, "INV-1")
    return actions.pay(
        order=order, amount_minor=100, invoice="INV-1", bank_code="assets:bank:main",
        by=world.tom, at=at, payee=payee,
    )  # fmt: skip


@db
def test_s6c_new_details_are_paid_to_after_a_call_two_approvals_and_72_hours(world: World) -> None:
    order = world.placed(1)
    new = world.approved_payee(world.dealer, OTHER_IBAN, AT)

    with pytest.raises(errors.NoPayee):
        paid(world, order, new, AT + timedelta(hours=72, seconds=-1))

    assert new.usable_from_at == AT + timedelta(hours=72)
    assert paid(world, order, new, AT + timedelta(hours=72)).payee == new
    # Meanwhile and without a word the old account stays the one that is paid.
    assert paid(world, order, None).payee == world.payee


@db
def test_nothing_is_approved_before_somebody_else_has_called(world: World) -> None:
    payee = world.proposed_payee(world.dealer, OTHER_IBAN)

    with pytest.raises(errors.NotCalled):
        payees.approve_payee(payee=payee, by=world.tom, at=AT)
    with pytest.raises(errors.MayNotApprove):
        called(world, payee, world.iryna)


@db
def test_an_account_needs_two_people_of_two_organisations_who_did_not_propose_it(
    world: World,
) -> None:
    payee = called(world, world.proposed_payee(world.dealer, OTHER_IBAN))
    colleague = world.person("Colleague", world.charity, RoleName.APPROVER)
    world.give_role(world.iryna, world.checkers, RoleName.APPROVER)
    seller = world.person("Seller", world.dealer, RoleName.APPROVER)
    payees.approve_payee(payee=payee, by=world.tom, at=AT)

    refusals = {}
    for person in (world.tom, colleague, world.iryna, seller, world.dana):
        with pytest.raises(errors.MayNotApprove) as problem:
            payees.approve_payee(payee=payee, by=person, at=AT)
        refusals[person.name] = problem.value.refusal

    assert refusals == {
        "Tom": Refusal.TWICE,
        "Colleague": Refusal.SAME_ORGANISATION,
        "Iryna": Refusal.PROPOSER,
        "Seller": Refusal.PAYEE,
        "Dana": Refusal.NO_ROLE,
    }
    payee.refresh_from_db()
    assert payee.state == PayeeAccount.State.PROPOSED


@db
def test_anybody_with_a_role_stops_an_account_also_after_its_wait(world: World) -> None:
    order = world.placed(1)
    payees.stop_payee(payee=world.payee, reason="They rang: not theirs.", by=world.dana, at=AT)

    with pytest.raises(errors.NoPayee):
        paid(world, order, world.payee)
    with pytest.raises(errors.WrongState):
        payees.approve_payee(payee=world.payee, by=world.lesia, at=AT)


@db
def test_an_account_of_another_supplier_is_paid_by_no_order(world: World) -> None:
    other = organisation(Organisation.Kind.SUPPLIER, "Other Motors")
    theirs = world.approved_payee(other, OTHER_IBAN)

    with pytest.raises(errors.NoPayee):
        paid(world, world.placed(1), theirs)


@db
def test_the_account_is_part_of_what_is_approved(world: World) -> None:
    other = organisation(Organisation.Kind.SUPPLIER, "Other Motors")
    theirs = world.approved_payee(other, OTHER_IBAN)
    order = world.proposed(1, payee=world.payee)

    with pytest.raises(errors.BadTerms, match="payee"):
        world.proposed(1, payee=theirs)
    with pytest.raises(IntegrityError, match="another hash"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(payee=theirs)


@db
def test_everybody_with_a_role_is_told_in_their_language(world: World) -> None:
    Person.objects.filter(pk=world.lesia.pk).update(is_example=False, language="uk")
    Person.objects.filter(pk=world.dana.pk).update(is_example=False)
    Role.objects.filter(person=world.oleh).update(until_date=date(2024, 1, 1))
    with clock.showing(AT):
        told = payees.people_at_work(world.partnership)
        payee = world.proposed_payee(world.dealer, OTHER_IBAN, AT)
        sent = [alarms.sound(payee.pk, person.pk) for person in told]

    assert world.oleh not in told
    assert {world.iryna, world.tom, world.lesia, world.dana, world.bondar} <= set(told)
    assert sum(sent) == 2
    letters = {letter.to[0]: letter for letter in mail.outbox}
    assert "FR14 2004 1010 0505 0001 3M02 606" in letters[world.lesia.email].body
    assert "had another account before" in letters[world.dana.email].body
    assert "раніше мав інший рахунок" in letters[world.lesia.email].body


@db
@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        ("UPDATE deliveries_payeeaccount SET account = 'X'", "stays"),
        ("DELETE FROM deliveries_payeeaccount", "stays"),
        (
            "UPDATE deliveries_payeeaccount SET usable_from_at = approved_at"
            " WHERE state = 'approved'",
            "stays|payee_waits",
        ),
        (
            "UPDATE deliveries_payeeaccount SET state = 'approved', approved_at = now(),"
            " usable_from_at = now() + interval '72 hours', called_by_id = proposed_by_id + 1,"
            " called_number = '1', call_note = '1' WHERE state = 'proposed'",
            "lacks two approvals",
        ),
        (
            "INSERT INTO deliveries_payeeapproval (payee_id, proposed_by_id, approved_by_id,"
            " organisation_id, approved_at) SELECT id, proposed_by_id, proposed_by_id,"
            " proposed_for_id, now() FROM deliveries_payeeaccount WHERE state = 'proposed'",
            "after the call|of_their_own",
        ),
        ("UPDATE deliveries_payeeapproval SET approved_at = now()", "never changed"),
        (
            "INSERT INTO deliveries_payment (order_id, key, amount_minor, invoice, bank_code,"
            " paid_at, paid_by_id, payee_id) SELECT o.id, 'x', 1, '', '', now(),"
            " o.proposed_by_id + 1, p.id FROM deliveries_order o, deliveries_payeeaccount p"
            " WHERE p.state = 'proposed'",
            "whose wait is over",
        ),
        (
            "INSERT INTO deliveries_payment (order_id, key, amount_minor, invoice, bank_code,"
            " paid_at, paid_by_id) SELECT id, 'x', 1, '', '', now(), proposed_by_id + 1"
            " FROM deliveries_order",
            "whose wait is over",
        ),
    ],
)
def test_the_database_itself_keeps_the_wait(world: World, sql: str, refusal: str) -> None:
    world.placed(1)
    world.proposed_payee(world.dealer, OTHER_IBAN)

    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        connection.cursor().execute(sql)


# --- the pages


def address(world: World, name: str, *more: Any) -> str:
    return reverse(f"deliveries:{name}", args=[world.partnership.slug, *more])


def sent(client: Client, url: str, data: dict[str, Any]) -> Any:
    return client.post(url, data, follow=True)


@db
def test_an_account_goes_through_the_pages_from_paper_to_approval(world: World) -> None:
    iryna, tom, lesia = (world.signed_in(p) for p in (world.iryna, world.tom, world.lesia))
    paper = {
        "supplier": world.dealer.pk, "account": "FR14 2004 1010 0505 0001 3M02 606",
        "holder": "Example Motors", "came_by": "A mail of 1 September.",
    }  # fmt: skip
    with clock.showing(AT), translation.override("en"):
        wrong = iryna.post(address(world, "new_payee"), paper | {"account": "FR15 2004"})
        page = sent(iryna, address(world, "new_payee"), paper).content.decode()
        payee = PayeeAccount.objects.get(account=OTHER_IBAN)
        early = sent(tom, address(world, "payee_approval", payee.number), {}).content.decode()
        call = {"call-number": "+1 203 555 0100", "call-note": "They say yes."}
        sent(tom, address(world, "payee_call", payee.number), call)
        for client in (tom, lesia):
            after = sent(client, address(world, "payee_approval", payee.number), {})

    assert wrong.status_code == 422
    assert "A mail of 1 September." in wrong.content.decode()
    assert "had another account before" in page
    assert "First somebody calls the supplier" in early
    assert "It may be paid to from 04.09.2026 12:00 UTC on." in after.content.decode()
    assert PayeeApproval.objects.filter(payee=payee).count() == 2


@db
def test_a_payment_chooses_among_accounts_whose_wait_is_over(world: World) -> None:
    order = world.placed(1)
    world.invoiced(order, "INV-1")
    world.approved_payee(world.dealer, OTHER_IBAN, LONG_AGO)
    world.proposed_payee(world.dealer, "DE89370400440532013000")
    with clock.showing(AT), translation.override("en"):
        page = world.signed_in(world.tom).get(address(world, "order", order.number))

    text = page.content.decode()
    assert in_groups(IBAN) in text
    assert in_groups(OTHER_IBAN) in text
    assert "DE89 3704" not in text


@pytest.mark.django_db
def test_no_renaming_makes_an_account_familiar_or_its_first_name_forgotten(world: World) -> None:
    payee = world.proposed_payee(world.hospital, OTHER_IBAN, holder="Another Clinic")
    before = payees.alarms_of(payee)
    asked = renaming.propose(
        organisation=world.hospital, name=words("Another Clinic"), reason="So it is written.",
        by=world.iryna, body=world.city_k, at=AT,
    )  # fmt: skip
    renaming.decide(renaming=asked, is_agreed=True, by=world.tom, body=world.charity, at=AT)

    payee = PayeeAccount.objects.get(pk=payee.pk)

    assert str(payee.supplier.name) == "Another Clinic"
    assert "holder" in before
    assert payees.alarms_of(payee) == before
    assert "City Hospital 3" in screening.names_of(payee.supplier, world.partnership)


@db
def test_without_an_account_that_may_be_paid_the_order_leads_to_the_accounts(world: World) -> None:
    order = world.placed(1)
    world.invoiced(order, "INV-7")
    client = world.signed_in(world.tom)
    with translation.override("en"):
        address = reverse("deliveries:order", args=[world.partnership.slug, order.number])
        accounts = reverse("deliveries:payees", args=[world.partnership.slug])

    def after_the_heading() -> str:
        page: str = client.get(address).content.decode()
        return page.split('id="payments"')[1].split("</section>")[0]

    with clock.showing(AT):
        payable = after_the_heading()
        payees.stop_payee(payee=world.payee, reason="They moved.", by=world.tom, at=AT)
        stopped = after_the_heading()

    assert ["Record a payment" in page for page in (payable, stopped)] == [True, False]
    assert [f'href="{accounts}"' in page for page in (payable, stopped)] == [False, True]
    assert "no account that may be paid to today" in stopped
