"""Promises of the rules of orders: nobody loosens them alone, and each change stays readable."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import translation

from twinhood.deliveries import errors, rules, waiting
from twinhood.deliveries.models import OrderRules
from twinhood.deliveries.rules import Limits
from twinhood.deliveries.terms import rules_of
from twinhood.deliveries.tests.world import World
from twinhood.kit import clock
from twinhood.needs.tests.world import AT
from twinhood.people import identity
from twinhood.people.core.permissions import RoleName
from twinhood.people.tests.desks import tasks_in

pytestmark = pytest.mark.django_db
LOOSER = Limits(5_000_000, "USD", 3, 30, 10)


@pytest.fixture
def world() -> World:
    return World()


def propose(world: World) -> OrderRules:
    return rules.propose(
        partnership=world.partnership, limits=LOOSER, reason="Small things take too long.",
        by=world.tom, organisation=world.charity, at=AT,
    )  # fmt: skip


def test_proposed_rules_hold_once_another_of_another_organisation_agrees(world: World) -> None:
    proposed = propose(world)
    before = rules_of(world.partnership).ceiling_percent
    for person, body in ((world.tom, world.city_s), (world.lesia, world.charity)):
        with pytest.raises(errors.MayNotDecideRules):
            rules.decide(rules=proposed, is_agreed=True, by=person, organisation=body, at=AT)

    rules.decide(rules=proposed, is_agreed=True, by=world.lesia, organisation=world.city_s, at=AT)

    assert (before, rules_of(world.partnership).ceiling_percent) == (5, 10)


def test_declined_rules_never_hold_and_stay_readable(world: World) -> None:
    proposed = propose(world)

    rules.decide(rules=proposed, is_agreed=False, by=world.lesia, organisation=world.city_s, at=AT)

    assert rules_of(world.partnership).ceiling_percent == 5
    with pytest.raises(errors.WrongState):
        rules.decide(
            rules=proposed, is_agreed=True, by=world.lesia, organisation=world.city_s, at=AT
        )


def test_one_change_waits_at_a_time_and_the_page_of_orders_says_so(world: World) -> None:
    url = reverse("deliveries:orders", args=[world.partnership.slug])
    lesia = world.signed_in(world.lesia)
    before = lesia.get(url).content.decode()
    propose(world)

    with pytest.raises(errors.WrongState):
        propose(world)

    assert "Decide about other rules" not in before
    assert "Decide about other rules" in lesia.get(url).content.decode()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE deliveries_orderrules SET quotes_limit_minor = 9",
        "UPDATE deliveries_orderrules SET is_agreed = true, decided_by_id = proposed_by_id,"
        " decided_for_id = proposed_for_id, decided_at = proposed_at",
        "UPDATE deliveries_orderrules SET is_agreed = true",
        "DELETE FROM deliveries_orderrules",
        "INSERT INTO deliveries_orderrules (partnership_id, quotes_limit_minor,"
        " quotes_limit_currency, quotes_needed, together_days, ceiling_percent, reason, is_agreed)"
        " SELECT partnership_id, 9, 'USD', 3, 30, 20, '', true FROM deliveries_orderrules",
    ],
)
def test_the_database_itself_lets_nobody_change_rules_alone(world: World, sql: str) -> None:
    propose(world)

    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(sql)


def test_tom_proposes_and_lesia_agrees_on_the_page(world: World) -> None:
    tom, lesia = world.signed_in(world.tom), world.signed_in(world.lesia)

    def at(name: str) -> str:
        return reverse(f"deliveries:{name}", args=[world.partnership.slug])

    form: dict[str, Any] = {
        "rules-limit": "much", "rules-currency": "USD", "rules-quotes_needed": "2",
        "rules-together_days": "30", "rules-ceiling_percent": "10", "rules-reason": "",
    }  # fmt: skip
    with clock.showing(AT), translation.override("en"):
        wrong = tom.post(at("propose_rules"), form)
        form |= {"rules-limit": "50,000", "rules-quotes_needed": "3", "rules-reason": "Too slow."}
        proposed = tom.post(at("propose_rules"), form, follow=True).content.decode()
        pk = OrderRules.objects.get().pk
        own = tom.post(at("decide_rules"), {"rules": pk, "agree": "1"}, follow=True)
        page = lesia.get(at("order_rules")).content.decode()
        agreed = lesia.post(at("decide_rules"), {"rules": pk, "agree": "1"}, follow=True)
        stale = lesia.post(at("decide_rules"), {"rules": pk, "agree": "1"}, follow=True)

    assert wrong.status_code == 422
    assert "much" in wrong.content.decode()
    assert "Say why the rules change" in wrong.content.decode()
    assert "Agree: these rules hold" not in proposed
    assert "somebody of another one decides" in own.content.decode()
    assert "Agree: these rules hold" in page
    assert "$50,000.00" in page
    assert "Your word is recorded." in agreed.content.decode()
    assert "This has moved on meanwhile" in stale.content.decode()
    assert rules_of(world.partnership).quotes_limit_minor == 5_000_000


def test_rules_are_not_put_in_without_two_people_in_sql_either(world: World) -> None:
    proposed = propose(world)
    copied = (
        "INSERT INTO deliveries_orderrules (partnership_id, quotes_limit_minor,"
        " quotes_limit_currency, quotes_needed, together_days, ceiling_percent, reason,"
        " proposed_by_id, proposed_for_id, proposed_at, is_agreed, decided_by_id, decided_for_id,"
        " decided_at) SELECT partnership_id, 0, 'USD', 3, 30, 20, 'Quick.', {}"
        " FROM deliveries_orderrules"
    )
    decided = (
        "UPDATE deliveries_orderrules SET is_agreed = true, decided_at = now(),"
        " decided_by_id = %s, decided_for_id = %s"
    )
    stranger = world.person("Stranger", world.checkers)
    second = world.person("T. Miller", world.checkers)
    world.give_role(second, world.checkers, RoleName.APPROVER)
    world.make_known(second, "Tom")

    for sql, *values in (
        (copied.format("NULL, NULL, NULL, true, NULL, NULL, NULL"),),
        (copied.format("NULL, NULL, NULL, NULL, NULL, NULL, NULL"),),
        (copied.format("proposed_by_id, proposed_for_id, proposed_at, true, %s, %s, now()"),
         world.lesia.pk, world.city_s.pk),
        (decided, world.lesia.pk, world.charity.pk),
        (decided, stranger.pk, world.city_k.pk),
        (decided, second.pk, world.checkers.pk),
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            connection.cursor().execute(sql, values)
    rules.decide(rules=proposed, is_agreed=True, by=world.lesia, organisation=world.city_s, at=AT)


def test_a_change_waits_for_who_approves_for_another_organisation_alone(world: World) -> None:
    propose(world)

    with clock.showing(AT):
        waits = {
            person.name: [t.url for t in tasks_in(waiting, person, world.partnership)]
            for person in (world.tom, world.lesia, world.iryna)
        }

    url = reverse("deliveries:order_rules", args=[world.partnership.slug])
    assert [name for name, urls in waits.items() if url in urls] == [world.lesia.name]


def test_a_change_does_not_wait_for_another_account_of_who_proposed_it(world: World) -> None:
    propose(world)
    for person in (world.tom, world.lesia):
        identity.check_identity(
            person=person, key="one paper", paper="passport", by=world.iryna,
            organisation=world.city_k, at=AT,
        )  # fmt: skip

    with clock.showing(AT):
        found = tasks_in(waiting, world.lesia, world.partnership)

    assert found == []
