"""Whoever gave for one need is told when it asks for something else, once and not too early."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from twinhood.giving import changed_needs, letters
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.models import ChangeTold, Donor, Mail
from twinhood.giving.tests import world as givers
from twinhood.kit import clock
from twinhood.ledger.models import Fund
from twinhood.needs import actions, changing
from twinhood.needs.changing import Asked
from twinhood.needs.models import Change, Need
from twinhood.needs.tests.world import AT, DAY, World, words

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=10)


@pytest.fixture
def world() -> World:
    with clock.showing(AT):
        return World()


def own_fund(world: World) -> tuple[Need, Fund]:
    need = world.in_campaign()
    actions.set_terms(
        campaign=world.campaign,
        fallback_purpose=words("X-ray machines for the same hospital"),
        surplus_rule=words("The same"),
        ends_date=DAY + timedelta(days=300),
    )
    world.adopt_all()
    actions.open_campaign(campaign=world.campaign, today=DAY)
    need = actions.open_fund(need=Need.objects.get(pk=need.pk), at=AT)
    assert need.fund is not None
    world.partnership.refresh_from_db()
    return need, need.fund


def gives(world: World, fund: Fund, donor: DonorFacts) -> None:
    row = givers.cheque(10_000, donor, fund_code=fund.code, received_date=DAY)
    givers.posted(world.partnership, row)


def changed(world: World, need: Need, *, quantity: int = 6, covered: int = 2) -> Change:
    change = changing.propose(
        need=need, asked=Asked(quantity, covered, need.unit_price_minor),
        reason="Two came from the state.", by=world.iryna, organisation=world.city_k,
        at=clock.now(),
    )  # fmt: skip
    changing.agree(change=change, by=world.oleh, organisation=world.checkers, at=clock.now())
    return change


def told() -> list[str]:
    letters.send_due()
    texts = [str(message.body) for message in mail.outbox]
    return [text for text in texts if "Two came from the state." in text]


def test_each_giver_of_the_need_reads_once_what_changed_and_why(world: World) -> None:
    need, fund = own_fund(world)
    with clock.showing(AT):
        gives(world, fund, givers.ANNA)
        gives(world, fund, givers.ANNA)
        gives(world, fund, givers.BORIS)
        gives(world, world.fund, givers.CLARA)
    with clock.showing(LATER):
        changed(world, need)

        assert changed_needs.tell() == 2
        assert changed_needs.tell() == 0
        texts = told()

    assert len(texts) == 2
    assert {name for name in ("Anna", "Boris", "Clara") for text in texts if name in text} == {
        "Anna",
        "Boris",
    }
    assert "How many: 8 → 6" in texts[0]
    assert "Brought by others: 0 → 2" in texts[0]
    assert "Price of one" not in texts[0]
    assert f"/en/p/{world.partnership.slug}/needs/{need.number}/" in texts[0]


def test_the_letter_is_in_the_givers_language(world: World) -> None:
    need, fund = own_fund(world)
    with clock.showing(AT):
        gives(world, fund, givers.ANNA)
    Donor.objects.update(language="uk")
    with clock.showing(LATER):
        changed(world, need)
        changed_needs.tell()
        (text,) = told()

    assert "Автомобілі швидкої допомоги" in text
    assert "Кількість: 8 → 6" in text
    assert f"/uk/p/{world.partnership.slug}/needs/" in text


def test_nobody_is_told_before_the_world_may_read_the_need(world: World) -> None:
    need, fund = own_fund(world)
    with clock.showing(AT + timedelta(hours=1)):
        gives(world, fund, givers.ANNA)
        changed(world, need)
        assert changed_needs.tell() == 0

    with clock.showing(AT + timedelta(hours=73)):
        assert changed_needs.tell() == 1
        assert len(told()) == 1


def test_whoever_gives_after_the_change_is_not_told_of_it(world: World) -> None:
    need, fund = own_fund(world)
    with clock.showing(LATER):
        changed(world, need)
    with clock.showing(LATER + timedelta(hours=1)):
        gives(world, fund, givers.BORIS)

        assert changed_needs.tell() == 0
        assert ChangeTold.objects.count() == 1


def test_a_need_given_up_before_the_letter_left_tells_nothing_of_its_change(world: World) -> None:
    need, fund = own_fund(world)
    with clock.showing(AT):
        gives(world, fund, givers.ANNA)
    with clock.showing(LATER):
        changed(world, need)
        assert changed_needs.tell() == 1
        need.refresh_from_db()
        actions.withdraw(need=need, reason="A state donor delivers all.", is_confirmed=True)

        assert told() == []
        assert Mail.objects.get(kind=changed_needs.LETTER).state == Mail.State.DROPPED


def test_a_change_is_told_of_once_says_the_database_too(world: World) -> None:
    need, _fund = own_fund(world)
    with clock.showing(LATER):
        change = changed(world, need)
        changed_needs.tell()

    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeTold.objects.create(change=change, told_at=LATER)
