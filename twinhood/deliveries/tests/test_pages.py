"""Promises of the pages of orders and hand-overs, seen through a browser without JavaScript."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from twinhood.deliveries import actions, errors, handing_over, words
from twinhood.deliveries.core.approval import Refusal
from twinhood.deliveries.models import Approval, Order, Payment, Screening, Unit
from twinhood.deliveries.tests.world import VIN, World
from twinhood.deliveries.urls import need_urlpatterns, urlpatterns
from twinhood.deliveries.views.sentences import sentence_for
from twinhood.kit import clock
from twinhood.needs.tests.world import AT
from twinhood.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(autouse=True)
def _september_in_english() -> Iterator[None]:
    with clock.showing(AT), translation.override("en"):
        yield


def address(world: World, name: str, *more: Any) -> str:
    return reverse(f"deliveries:{name}", args=[world.partnership.slug, *more])


def text_of(response: Any) -> str:
    return str(response.content.decode())


def post(client: Client, url: str, data: dict[str, Any]) -> Any:
    return client.post(url, data, follow=True)


def public(url: str, days: float) -> Any:
    """What a visitor without a cookie gets so many days after the need was verified."""
    with clock.showing(AT + timedelta(days=days)):
        return Client().get(url)


def approval(order: Order, typed_sum: str = "165,000.00") -> dict[str, str]:
    order.refresh_from_db()
    return {
        "approval-seen_hash": order.content_hash,
        "approval-typed_sum": typed_sum,
        "approval-no_interest": "on",
    }


def form_for(world: World, **changes: Any) -> dict[str, Any]:
    proposal = {"form_key": uuid4(), "quote": world.quotes[0].pk, "quantity": 1}
    return proposal | {"has_interest": "no"} | changes


# --- orders


def test_an_order_goes_from_a_proposal_to_its_second_approval(world: World) -> None:
    world.give(20_000_000)
    proposal = form_for(world, quantity=2)
    iryna = world.signed_in(world.iryna)
    for _ in range(2):
        post(iryna, address(world, "propose") + f"?need={world.need.number}", proposal)
    order = Order.objects.get()

    first = post(world.signed_in(world.tom), address(world, "approval", 1), approval(order))
    second = post(world.signed_in(world.lesia), address(world, "approval", 1), approval(order))

    assert "One more person, of another organisation, decides." in text_of(first)
    assert "the order is placed" in text_of(second)
    order.refresh_from_db()
    assert order.state == Order.State.PLACED


def test_a_wrong_sum_approves_nothing(world: World) -> None:
    order = world.proposed(2)

    page = world.signed_in(world.tom).post(
        address(world, "approval", order.number), approval(order, "16,500.00")
    )

    assert page.status_code == 422
    assert "Type exactly what you approve: $165,000.00" in text_of(page)
    assert not Approval.objects.exists()


def test_the_page_of_an_order_says_why_this_person_may_not_approve(world: World) -> None:
    order = world.proposed(2)
    world.approved_by(order, world.tom)

    page = text_of(world.signed_in(world.tom).get(address(world, "order", order.number)))

    assert str(words.APPROVE_REFUSED[Refusal.TWICE]) in page
    assert address(world, "approval", order.number) not in page


def test_an_approver_who_looked_before_the_edit_is_told_to_read_again(world: World) -> None:
    order = world.proposed(2)
    old = approval(order)
    actions.edit_order(order=order, quote=world.quotes[0], quantity=3, by=world.iryna, at=AT)

    page = post(
        world.signed_in(world.tom),
        address(world, "approval", order.number),
        old | {"approval-typed_sum": "247,500.00"},
    )

    assert "Read it again" in text_of(page)
    assert not Approval.objects.exists()


def test_too_little_money_is_named_to_the_cent(world: World) -> None:
    world.give(16_499_999)
    order = world.proposed(2)
    world.approved_by(order, world.tom)

    page = post(
        world.signed_in(world.lesia), address(world, "approval", order.number), approval(order)
    )

    assert "The money does not suffice: $0.01 is missing." in text_of(page)
    assert Approval.objects.count() == 1


def test_an_approver_without_a_second_factor_is_sent_to_prove_it(world: World) -> None:
    order = world.proposed(2)
    Person.objects.filter(pk=world.tom.pk).update(is_example=False)
    client = Client()
    client.force_login(world.tom)

    page = client.post(address(world, "approval", order.number), approval(order))

    assert page.status_code == 302
    assert not Approval.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"quantity": "9"}, "Enter at most 8"),
        ({"quantity": "0"}, "greater than or equal to 1"),
        ({"quote": "999999"}, "valid choice"),
        ({"reason": "", "quote": "dear"}, "Say why it is the better one"),
        ({"has_interest": ""}, "Say whether you have an interest in this order."),
        ({"has_interest": "yes"}, "Say which interest it is"),
        ({"source_fund": "own", "rate": "1.1"}, "Choose a fund of another currency, or none."),
        ({"source_fund": "own", "rate": "one"}, "Write the rate as a number, as in 1.0850."),
        ({"source_fund": "own"}, "Write the rate as a number, as in 1.0850."),
    ],
)
def test_a_proposal_that_cannot_be_says_what_to_mend(
    world: World, changes: dict[str, Any], sentence: str
) -> None:
    if changes.get("quote") == "dear":
        changes = changes | {"quote": world.quotes[2].pk}
    if changes.get("source_fund") == "own":
        changes = changes | {"source_fund": world.fund.pk}
    proposal = form_for(world, **changes)

    page = world.signed_in(world.iryna).post(
        address(world, "propose") + f"?need={world.need.number}", proposal
    )

    assert page.status_code == 422
    assert sentence in text_of(page)
    assert not Order.objects.exists()


def test_a_quote_of_another_partnerships_need_is_no_choice(world: World) -> None:
    other = World()
    proposal = form_for(world, quote=other.quotes[0].pk)

    page = world.signed_in(world.iryna).post(
        address(world, "propose") + f"?need={world.need.number}", proposal
    )

    assert page.status_code == 422


@pytest.mark.parametrize("typed", ["x", "999", "-1", "²", "9" * 30])
def test_a_need_that_is_not_there_is_404(world: World, typed: str) -> None:
    client = world.signed_in(world.iryna)

    assert client.get(address(world, "propose") + f"?need={typed}").status_code == 404


def test_an_order_from_before_more_was_asked_says_that_it_is_saved_once_more(world: World) -> None:
    order = world.proposed(1)
    page = address(world, "order", order.number)
    before = text_of(world.signed_in(world.tom).get(page))
    Order.objects.filter(pk=order.pk).update(content_hash="0" * 64)

    approver = text_of(world.signed_in(world.tom).get(page))
    proposer = text_of(world.signed_in(world.iryna).get(page))

    assert "Type the sum that you approve" in before
    assert "must be saved" not in before
    assert "Whoever proposed it saves it once more" in approver
    assert "Type the sum that you approve" not in approver
    assert "Choose “Change”" in proposer
    actions.edit_order(order=order, quote=world.quotes[0], quantity=1, by=world.iryna, at=AT)
    assert "Type the sum that you approve" in text_of(world.signed_in(world.tom).get(page))


def test_a_payment_beyond_what_is_set_aside_says_how_much_is_left(world: World) -> None:
    order = world.placed(1)
    world.invoiced(order, "INV-7")
    client = world.signed_in(world.tom)
    form = {
        "payment-form_key": uuid4(),
        "payment-amount": "82,500.01",
        "payment-invoice": "INV-7",
        "payment-bank_code": "assets:bank:main",
    }

    too_much = client.post(address(world, "payments", order.number), form)
    for _ in range(2):
        client.post(
            address(world, "payments", order.number), form | {"payment-amount": "82,500.00"}
        )

    assert too_much.status_code == 422
    assert "Enter at most $82,500.00" in text_of(too_much)
    assert Payment.objects.count() == 1


def test_a_number_known_elsewhere_is_refused_in_words(world: World) -> None:
    first, second = world.placed(2).units.order_by("number")
    actions.set_serial(unit=first, serial=VIN.format(1))

    page = post(
        world.signed_in(world.iryna),
        address(world, "serial", second.order.number, second.code),
        {f"serial-{second.code}-serial": VIN.format(1).lower()},
    )

    assert "already belongs to another thing" in text_of(page)


# --- hand-overs


def test_the_giving_sides_clerk_pulls_back_and_does_not_publish(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    act = world.handed_over(unit)
    dana = world.signed_in(world.dana)

    told = post(dana, address(world, "public_date", act.number), {"public_from": "2026-09-01"})
    post(dana, address(world, "pull_back", act.number), {})

    assert str(words.NOT_THE_RECEIVER) in text_of(told)
    act.refresh_from_db()
    assert act.is_pulled_back


# --- what the world sees


def need_address(world: World) -> str:
    return reverse("needs:need", args=[world.partnership.slug, world.need.number])


def test_a_need_is_nowhere_before_its_delay(world: World) -> None:
    assert public(need_address(world), days=2.99).status_code == 404
    assert public(need_address(world), days=3).status_code == 200


def test_a_needs_page_names_organisations_and_no_person(world: World) -> None:
    page = text_of(public(need_address(world), days=3))

    assert str(world.checkers) in page
    assert not [p.name for p in Person.objects.all() if p.name in page]


def test_until_the_day_a_hand_over_changes_not_one_byte(world: World) -> None:
    units = world.with_serials(world.placed(2))
    pages = [need_address(world), *(address(world, "unit", unit.code) for unit in units)]
    before = [public(url, days=13.4).content for url in pages]

    world.handed_over(units[0])

    assert [public(url, days=13.4).content for url in pages] == before
    after = text_of(public(pages[1], days=14))
    assert "1 September 2026" in after
    assert f"…{units[0].serial[-4:]}" in after
    assert units[0].serial not in after


def test_a_pulled_back_hand_over_is_gone_at_once(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    url = address(world, "unit", unit.code)
    before = public(url, days=20).content
    act = world.handed_over(unit)
    assert public(url, days=20).content != before

    handing_over.pull_back(act=act)

    assert public(url, days=20).content == before


def test_a_thing_of_a_need_that_is_not_public_says_only_its_kind(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))

    page = text_of(public(address(world, "unit", unit.code), days=1))

    assert "Details follow." in page
    assert "82,500" not in page
    assert need_address(world) not in page


def test_a_thing_that_was_only_proposed_or_refused_is_not_there(world: World) -> None:
    order = world.proposed(1)
    url = address(world, "unit", order.units.get().code)

    assert public(url, days=30).status_code == 404


def test_a_thing_is_found_only_at_its_own_partnership(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    other = World()

    assert public(address(other, "unit", unit.code), days=30).status_code == 404


def test_public_pages_read_no_cookie_and_are_kept_no_longer_than_a_pull_back_bears(
    world: World,
) -> None:
    (unit,) = world.with_serials(world.placed(1))

    for url in (need_address(world), address(world, "unit", unit.code)):
        page = public(url, days=5)
        assert page["Cache-Control"] == "public, max-age=30, must-revalidate"
        assert "Cookie" not in page.get("Vary", "")
        assert not page.cookies


def test_what_people_typed_is_text_and_never_markup(world: World) -> None:
    attack = "<script>alert(1)</script>"
    need = world.in_campaign(title={"en": attack}, why={"en": attack}, unit_title={"en": attack})
    url = reverse("needs:need", args=[world.partnership.slug, need.number])

    page = text_of(public(url, days=3))

    assert attack not in page
    assert "&lt;script&gt;" in page


def test_public_pages_take_as_many_queries_however_much_there_is(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for first in (1, 3, 5):
        world.handed_over(*world.with_serials(world.placed(2), first))
    unit = Unit.objects.order_by("pk")[0]

    for url, most in ((need_address(world), 13), (address(world, "unit", unit.code), 13)):
        with django_assert_max_num_queries(most):
            public(url, days=20)


# --- who gets in


def desk_addresses(world: World) -> list[tuple[str, Any]]:
    unit = world.placed(1).units.get()
    addresses = []
    for pattern in urlpatterns:
        route = str(pattern.pattern)
        if route.startswith("desk/"):
            more: list[Any] = [unit.order.number] if "number" in route else []
            more += [unit.code] if "code" in route else []
            more += (
                [1]
                if any(
                    f"<int:{name}>" in route
                    for name in ("signer", "scan", "place", "licence", "invoice", "asked", "quote")
                )
                else []
            )
            more += ["EUR"] if "<slug:currency>" in route else []
            more += [world.dealer.pk] if "<int:organisation>" in route else []
            more += [Screening.objects.all()[0].pk] if "<int:screening>" in route else []
            addresses.append((address(world, str(pattern.name), *more), pattern))
    return addresses


def test_every_desk_address_is_closed_to_strangers_and_asks_others_to_sign_in(
    world: World,
) -> None:
    stranger, nobody = world.signed_in(world.stranger()), Client()

    for url, _ in desk_addresses(world):
        for method in ("get", "post"):
            if getattr(stranger, method)(url).status_code == 405:
                continue
            assert getattr(stranger, method)(url).status_code == 404, url
            assert getattr(nobody, method)(url)["Location"].startswith("/en/account/login/"), url


def test_every_view_is_guarded_or_public() -> None:
    for pattern in [*urlpatterns, *need_urlpatterns]:
        view: Any = pattern.callback
        while hasattr(view, "__wrapped__") and not hasattr(view, "guarded_by"):
            view = view.__wrapped__
        is_public = str(pattern.pattern).startswith("p/")
        assert is_public or hasattr(view, "guarded_by"), pattern.name


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("approval", "iryna"),
        ("refusal", "iryna"),
        ("payments", "lesia"),
        ("propose", "lesia"),
        ("hand_over", "tom"),
    ],
)
def test_a_member_without_the_role_is_told_so(world: World, name: str, who: str) -> None:
    order = world.proposed(1)
    more = [] if name in ("propose", "hand_over") else [order.number]

    page = world.signed_in(getattr(world, who)).post(address(world, name, *more), {})

    assert page.status_code == 403


def test_every_refusal_has_its_sentence() -> None:
    for refusal in Refusal:
        assert sentence_for(errors.MayNotApprove(refusal))
