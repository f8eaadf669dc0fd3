"""Promises of requests for quotes: each supplier alone, what was asked stays, one currency."""

from datetime import timedelta
from smtplib import SMTPDataError
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from twinhood.deliveries import actions, asking, errors, tasks, waiting
from twinhood.deliveries.asking import Ask, Stated
from twinhood.deliveries.core.ceiling import rate_of
from twinhood.deliveries.core.comparing import Vat
from twinhood.deliveries.models import AskedSupplier, QuoteRate, QuoteRequest, QuoteTerms
from twinhood.deliveries.tests.world import World
from twinhood.kit import clock
from twinhood.kit.tests.mailbox import open_mailbox, text_of
from twinhood.ledger.actions import open_fund
from twinhood.needs.models import Need, Quote
from twinhood.needs.tests.world import AT, DAY
from twinhood.people.models import Organisation, Person
from twinhood.people.tests.desks import tasks_in
from twinhood.people.waiting import Task

pytestmark = pytest.mark.django_db
BY = DAY + timedelta(days=14)


@pytest.fixture
def world() -> World:
    return World()


def ask(world: World, *suppliers: Ask, **more: Any) -> QuoteRequest:
    given: dict[str, Any] = {
        "need": world.need, "quantity": 8, "by_date": BY, "suppliers": suppliers,
        "by": world.iryna, "organisation": world.city_k, "at": AT, "form_key": uuid4(),
    }  # fmt: skip
    return asking.ask(**given | more)


def asked_dealer(world: World, language: str = "uk") -> AskedSupplier:
    return ask(world, Ask(world.dealer, "", "", language)).asked.get()


def answer(world: World, asked: AskedSupplier, price_minor: int, currency: str = "USD") -> Quote:
    return asking.answer(
        asked=asked, unit_price_minor=price_minor, currency=currency, quoted_date=DAY,
        terms=Stated(30, 24, Vat.INCLUDED), by=world.iryna, at=AT,
    )  # fmt: skip


def state_euro(world: World, typed: str = "1.0850", need: Need | None = None) -> QuoteRate:
    rate = rate_of(typed, "EUR", "USD", said_by="European Central Bank", date=DAY.isoformat())
    need = need or world.need
    return asking.state_rate(need=need, currency="EUR", rate=rate, by=world.iryna, at=AT)


# --- letters


def test_each_supplier_gets_a_letter_in_its_language_and_sees_no_other(world: World) -> None:
    ask(
        world,
        Ask(world.dealer, "", "sales@example.com", "en"),
        Ask(None, "Приклад Авто", "auto@example.com", "uk"),
        more="Four-wheel drive.",
    )
    first, second = AskedSupplier.objects.order_by("pk")
    world.iryna.is_example = False
    world.iryna.save()

    for asked in (first, second):
        assert asking.send(asked.pk, AT)

    assert [letter.to for letter in mail.outbox] == [["sales@example.com"], ["auto@example.com"]]
    assert "asks you for a quote" in mail.outbox[0].body
    assert "Four-wheel drive." in mail.outbox[0].body
    assert "Приклад Авто" not in mail.outbox[0].body
    assert "Кому: Приклад Авто" in mail.outbox[1].body
    assert [letter.body for letter in mail.outbox] == [first.letter, second.letter]
    assert mail.outbox[0].reply_to == [world.iryna.email]


def test_who_receives_the_things_is_not_in_the_letter(world: World) -> None:
    letter = asked_dealer(world, "en").letter

    assert "Kramatorsk" in letter
    assert "Hospital" not in letter


def test_a_letter_goes_once_and_nobody_of_the_example_sends_any(world: World) -> None:
    asked = ask(world, Ask(world.dealer, "", "sales@example.com", "en")).asked.get()
    world.iryna.is_example = True
    world.iryna.save()
    assert not asking.send(asked.pk, AT)
    world.iryna.is_example = False
    world.iryna.save()

    sent = [asking.send(asked.pk, AT) for _ in range(2)]

    assert sent == [True, False]
    assert len(mail.outbox) == 1


def test_one_form_sent_twice_asks_once(world: World) -> None:
    key = uuid4()

    requests = {ask(world, Ask(world.dealer, "", "", "en"), form_key=key).pk for _ in range(2)}

    assert len(requests) == 1
    assert AskedSupplier.objects.count() == 1


def test_nobody_is_asked_for_what_was_withdrawn(world: World) -> None:
    Need.objects.filter(pk=world.need.pk).update(
        state=Need.State.WITHDRAWN, state_reason="Not needed any more."
    )

    with pytest.raises(errors.WrongState):
        ask(world, Ask(world.dealer, "", "", "en"))


def test_letters_go_over_smtp_each_to_its_supplier_and_again_after_a_refusal(
    world: World, settings: Settings
) -> None:
    world.iryna.is_example = False
    world.iryna.save()
    form = {
        "form_key": str(uuid4()), "quantity": "8", "by_date": BY.isoformat(),
        "s1-name": "Приклад Авто", "s1-email": "auto@example.com", "s1-language": "uk",
        "s2-name": "Euro Motors", "s2-email": "sales@example.net", "s2-language": "en",
        **{f"s{n}-language": "en" for n in range(3, 9)},
    }  # fmt: skip
    url = reverse("deliveries:ask_for_quotes", args=[world.partnership.slug, world.need.number])
    with clock.showing(AT):
        world.signed_in(world.iryna).post(url, form)
    jobs = ProcrastinateJob.objects.filter(task_name=asking.LETTER_TASK).order_by("pk")
    first, second = (job.args for job in jobs)

    with open_mailbox(settings) as mailbox:
        mailbox.content = ["451 later"]
        with pytest.raises(SMTPDataError):
            tasks.ask_for_quote(**first)
        unsent = AskedSupplier.objects.filter(sent_at=None).count()
        for args in (first, second, second):
            tasks.ask_for_quote(**args)

    assert unsent == 2
    assert [letter["To"] for letter in mailbox.letters] == ["auto@example.com", "sales@example.net"]
    assert [envelope.rcpt_tos for envelope in mailbox.envelopes] == [
        ["auto@example.com"], ["sales@example.net"],
    ]  # fmt: skip
    for letter, asked in zip(mailbox.letters, AskedSupplier.objects.order_by("pk"), strict=True):
        assert letter["Reply-To"] == world.iryna.email
        assert letter["Subject"] == asked.subject
        assert text_of(letter).strip() == asked.letter.strip()
        assert asked.sent_at is not None
    assert "Кому: Приклад Авто" in text_of(mailbox.letters[0])


# --- answers


def test_an_answer_is_a_quote_with_what_it_says_and_comes_once(world: World) -> None:
    asked = asked_dealer(world)

    quote = answer(world, asked, 8_000_000)
    with pytest.raises(errors.WrongState):
        answer(world, asked, 7_000_000)

    asked.refresh_from_db()
    assert asked.quote == quote
    assert quote.supplier == world.dealer
    first = asking.comparison_of(world.need, DAY)[0]
    assert (first.offer.quote_id, first.missing, first.is_lowest) == (quote.pk, (), True)


def test_what_a_quote_says_may_be_said_anew_and_the_newest_holds(world: World) -> None:
    quote = world.quotes[0]
    asking.say_terms(quote=quote, terms=Stated(90), by=world.iryna, at=AT)
    asking.say_terms(quote=quote, terms=Stated(9, 12, Vat.ON_TOP, 81), by=world.tom, at=AT)

    row = next(
        row for row in asking.comparison_of(world.need, DAY) if row.offer.quote_id == quote.pk
    )

    assert (row.offer.delivery_days, row.offer.vat_permille) == (9, 81)
    assert row.price_minor == 8_918_250
    assert QuoteTerms.objects.count() == 2


# --- quotes recorded on the need's page


def recorded(world: World, quote: dict[str, Any]) -> Any:
    url = reverse("needs:quotes", args=[world.partnership.slug, world.need.number])
    typed = {"unit_price": "80,000", "currency": "USD", "quoted_date": DAY.isoformat()}
    sent = {f"quote-{name}": value for name, value in (typed | quote).items()}
    with clock.showing(AT), translation.override("en"):
        return world.signed_in(world.iryna).post(url, sent)


def asked_motors(world: World, **more: Any) -> AskedSupplier:
    """A supplier that was asked and that never gave a quote."""
    return ask(world, Ask(None, "Euro Motors", "", "en"), **more).asked.get()


def test_a_quote_on_the_needs_page_says_tax_delivery_and_warranty(world: World) -> None:
    terms = {"vat": "on_top", "vat_percent": "8.1", "delivery_days": "30", "warranty_months": ""}
    answer = recorded(world, terms | {"supplier": str(world.dealer.pk)})

    said = QuoteTerms.objects.get()
    assert answer.status_code == 302
    assert (said.vat_permille, said.delivery_days, said.warranty_months) == (81, 30, None)
    assert said.said_by == world.iryna
    assert said.quote.unit_price_minor == 8_000_000


def test_what_is_wrong_with_its_terms_is_said_and_nothing_is_recorded(world: World) -> None:
    before = Quote.objects.count()

    answer = recorded(world, {"new_supplier": "Euro Motors", "vat": "on_top",
                              "vat_percent": "lots", "warranty_months": "24"})  # fmt: skip

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "how many percent" in page
    assert 'value="lots"' in page
    assert 'value="24"' in page
    assert (Quote.objects.count(), QuoteTerms.objects.count()) == (before, 0)
    assert not Organisation.objects.filter(name__en="Euro Motors").exists()


def test_who_was_asked_is_a_choice_there_and_the_quote_is_the_answer(world: World) -> None:
    asked = asked_motors(world)

    answer = recorded(world, {"supplier": str(asked.supplier_id)})

    asked.refresh_from_db()
    assert answer.status_code == 302
    assert asked.quote == Quote.objects.latest("pk")
    assert not QuoteTerms.objects.exists()


def test_a_quote_from_before_the_letter_answers_it_not(world: World) -> None:
    asked = asked_motors(world)

    recorded(world, {"new_supplier": "EURO motors",
                     "quoted_date": (DAY - timedelta(days=1)).isoformat()})  # fmt: skip

    asked.refresh_from_db()
    assert asked.quote is None
    assert Quote.objects.latest("pk").supplier == asked.supplier


def test_whom_another_partnership_asked_is_nobodys_choice_here(world: World) -> None:
    other = asked_motors(World())

    answer = recorded(world, {"supplier": str(other.supplier_id)})

    assert answer.status_code == 422


# --- what waits


def answers_waiting(world: World, person: Person, days: int = 15) -> list[Task]:
    with clock.showing(AT + timedelta(days=days)):
        found = tasks_in(waiting, person, world.partnership)
    return [task for task in found if task.kind == waiting.QUOTES]


def test_once_the_day_has_passed_who_asked_is_told_how_many_answered(world: World) -> None:
    two = [Ask(world.dealer, "", "", "en"), Ask(None, "Euro Motors", "", "en")]
    answer(world, ask(world, *two).asked.get(supplier=world.dealer), 8_000_000)

    early = answers_waiting(world, world.iryna, days=14)
    (late,) = answers_waiting(world, world.iryna)
    others = answers_waiting(world, world.tom) + answers_waiting(world, world.lesia)

    assert early == others == []
    assert "1 of 2 answered" in late.why
    assert late.since.date() == BY + timedelta(days=1)
    assert late.url.endswith(f"/needs/{world.need.number}/comparison/")


def test_it_waits_no_longer_once_asked_again_proposed_or_withdrawn(world: World) -> None:
    asked_dealer(world)
    withdrawn = world.in_campaign(quantity=2)
    ask(world, Ask(world.dealer, "", "", "en"), need=withdrawn)
    before = len(answers_waiting(world, world.iryna))
    Need.objects.filter(pk=withdrawn.pk).update(state="withdrawn", state_reason="Not needed.")
    after_withdrawal = len(answers_waiting(world, world.iryna))
    again = AT + timedelta(days=15)
    ask(world, Ask(world.dealer, "", "", "uk"), at=again, by_date=again.date() + timedelta(days=9))
    after_asking = len(answers_waiting(world, world.iryna))
    later = len(answers_waiting(world, world.iryna, days=30))
    actions.propose_order(
        quote=world.quotes[0], quantity=1, by=world.iryna, organisation=world.city_k, at=again
    )

    assert (before, after_withdrawal, after_asking, later) == (2, 1, 0, 1)
    assert answers_waiting(world, world.iryna, days=30) == []


# --- comparing, and the order's proposal


def test_a_dearer_quote_in_another_currency_needs_a_reason_once_a_rate_is_stated(
    world: World,
) -> None:
    euro = world.quotes_of(world.need, [7_700_000, 7_800_000, 7_900_000], "EUR")[0]
    open_fund(partnership=world.partnership, code="main-eur", currency="EUR", at=AT)
    unstated = world.proposed(1, euro)
    state_euro(world)

    with pytest.raises(errors.ReasonMissing) as problem:
        world.proposed(1, euro)

    assert unstated.reason == ""
    assert problem.value.code == "not_lowest"


def test_three_quotes_of_one_supplier_are_not_three_quotes(world: World) -> None:
    need = world.in_campaign(quantity=2)
    quotes = [world.quote(need, 8_250_000 + more) for more in (0, 1, 2)]

    with pytest.raises(errors.ReasonMissing) as problem:
        world.proposed(1, quotes[0])

    assert problem.value.code == "few_quotes"


def test_quotes_of_three_currencies_count_together_at_stated_rates(world: World) -> None:
    need = world.in_campaign(quantity=2)
    dollars = world.quotes_of(need, [8_250_000, 8_300_000])
    other = Organisation.objects.create(
        kind=Organisation.Kind.SUPPLIER, name={"en": "Euro Motors"}, is_example=True
    )
    world.quote(need, 7_700_000, "EUR", other)
    with pytest.raises(errors.ReasonMissing):
        world.proposed(1, dollars[0])

    state_euro(world, need=need)

    assert world.proposed(1, dollars[0]).reason == ""


CHANGES = [
    "UPDATE deliveries_quoterequest SET quantity = 1",
    "DELETE FROM deliveries_quoteterms",
    "UPDATE deliveries_quoterate SET need_minor = 1",
    "UPDATE deliveries_askedsupplier SET letter = 'x'",
    "UPDATE deliveries_askedsupplier SET quote_id = NULL",
    "UPDATE deliveries_askedsupplier SET quote_id = (SELECT min(id) FROM needs_quote"
    " WHERE supplier_id <> deliveries_askedsupplier.supplier_id)",
    "DELETE FROM deliveries_askedsupplier",
]


@pytest.mark.parametrize("sql", CHANGES)
def test_the_database_keeps_what_was_asked_said_and_stated(world: World, sql: str) -> None:
    answer(world, asked_dealer(world), 8_000_000)
    state_euro(world)

    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(sql)


def test_an_answer_of_another_supplier_is_refused_by_the_database(world: World) -> None:
    asked = asked_dealer(world)
    others = world.quotes[1]

    with pytest.raises(IntegrityError, match="its own quote"), transaction.atomic():
        AskedSupplier.objects.filter(pk=asked.pk).update(quote=others)


# --- pages


def test_iryna_asks_records_states_the_rate_and_proposes_from_the_comparison(world: World) -> None:
    iryna = world.signed_in(world.iryna)
    slug, number = world.partnership.slug, world.need.number

    def at(name: str, *more: Any) -> str:
        return reverse(f"deliveries:{name}", args=[slug, number, *more])

    form = {
        "form_key": str(uuid4()), "quantity": "8", "by_date": "2020-01-01", "more": "Diesel.",
        "s1-supplier": str(world.dealer.pk), "s1-email": "nobody", "s1-language": "en",
        "s2-name": "Euro Motors", "s2-language": "uk",
        **{f"s{n}-language": "en" for n in range(3, 9)},
    }  # fmt: skip
    with clock.showing(AT), translation.override("en"):
        late = iryna.post(at("ask_for_quotes"), form)
        form |= {"by_date": BY.isoformat(), "s1-email": "", "s4-name": "example motors"}
        twice = iryna.post(at("ask_for_quotes"), form)
        form |= {"s4-name": ""}
        page = iryna.post(at("ask_for_quotes"), form, follow=True).content.decode()
        euro = AskedSupplier.objects.get(supplier__name__en="Euro Motors")
        quote = {"unit_price": "62,000.00", "currency": "EUR", "quoted_date": DAY.isoformat(),
                 "vat": "on_top", "vat_percent": "many"}  # fmt: skip
        sent = {f"answer-{euro.pk}-{name}": value for name, value in quote.items()}
        wrong = iryna.post(at("quote_answer", euro.pk), sent)
        sent[f"answer-{euro.pk}-vat_percent"] = "20"
        answered = iryna.post(at("quote_answer", euro.pk), sent, follow=True).content.decode()
        rate = {"rate-EUR-rate": "much", "rate-EUR-rate_said_by": "NBU",
                "rate-EUR-rate_date": DAY.isoformat()}  # fmt: skip
        unread = iryna.post(at("quote_rate", "EUR"), rate)
        rate["rate-EUR-rate"] = "1.0850"
        stated = iryna.post(at("quote_rate", "EUR"), rate, follow=True).content.decode()
        new = Quote.objects.get(currency="EUR")
        url = reverse("deliveries:propose", args=[slug])
        propose = iryna.get(f"{url}?need={number}&quote={new.pk}").content.decode()

    assert late.status_code == twice.status_code == wrong.status_code == unread.status_code == 422
    assert "within a year" in late.content.decode()
    assert "Diesel." in late.content.decode()
    assert "named twice" in twice.content.decode()
    assert "2 suppliers are asked." in page
    assert "62,000.00" in wrong.content.decode()
    assert "how many percent" in wrong.content.decode()
    assert "no rate is stated" in answered
    assert "much" in unread.content.decode()
    assert "$80,724.00" in stated
    assert "1 EUR = 1.0850 USD" in stated
    assert 'value="1.0850"' in propose


def test_a_rate_without_a_quote_in_that_currency_is_not_taken(world: World) -> None:
    iryna = world.signed_in(world.iryna)
    args = [world.partnership.slug, world.need.number, "GBP"]

    answer = iryna.post(reverse("deliveries:quote_rate", args=args), {})

    assert answer.status_code == 302
    assert not QuoteRate.objects.exists()


@pytest.mark.parametrize("typed", ["x", "999999999999", "-1", "0", "%D9%A3"])
def test_a_quote_in_the_address_that_is_none_is_ignored(world: World, typed: str) -> None:
    iryna = world.signed_in(world.iryna)
    url = reverse("deliveries:propose", args=[world.partnership.slug])

    answer = iryna.get(f"{url}?need={world.need.number}&quote={typed}")

    assert answer.status_code == 200


def test_who_only_approves_sees_the_comparison_and_writes_nothing(world: World) -> None:
    lesia = world.signed_in(world.lesia)
    args = [world.partnership.slug, world.need.number]

    page = lesia.get(reverse("deliveries:comparison", args=args))
    asks = lesia.post(reverse("deliveries:ask_for_quotes", args=args), {})

    assert page.status_code == 200
    assert "Save" not in page.content.decode()
    assert asks.status_code == 403
