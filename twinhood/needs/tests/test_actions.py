"""Promises of needs and campaigns, kept by the actions and by the database."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from twinhood.needs import actions, errors, queries
from twinhood.needs.core.checks import Refusal
from twinhood.needs.models import Campaign, Need, Verification
from twinhood.needs.tests.world import AT, SEEN, World, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def test_nobody_verifies_a_need_that_they_wrote(world: World) -> None:
    need = world.submitted()

    with pytest.raises(errors.MayNotVerify) as refused:
        world.checked_by(need, world.iryna, world.city_k)

    assert refused.value.refusal == Refusal.WRITER
    assert not Verification.objects.exists()


def test_near_the_front_two_people_verify_and_elsewhere_one(world: World) -> None:
    near, far = world.submitted(), World(is_conflict_zone=False).submitted()

    world.checked_by(near, world.oleh, world.checkers)
    world.checked_by(far, world.oleh, world.checkers)

    near.refresh_from_db()
    far.refresh_from_db()
    assert (near.state, near.verified_at) == (Need.State.SUBMITTED, None)
    assert (far.state, far.verified_at) == (Need.State.VERIFIED, AT)


def test_a_person_verifies_once(world: World) -> None:
    need = world.submitted()
    world.checked_by(need, world.oleh, world.checkers)

    with pytest.raises(errors.MayNotVerify) as refused:
        world.checked_by(need, world.oleh, world.city_s)

    assert refused.value.refusal == Refusal.TWICE


def test_an_edit_after_submission_leaves_the_checks_behind(world: World) -> None:
    need = world.submitted()
    world.checked_by(need, world.oleh, world.checkers)

    need = actions.edit_need(need=need, text=world.text(quantity=9), by=world.iryna)
    world.checked_by(need, world.dana, world.city_s)

    need.refresh_from_db()
    assert need.state == Need.State.SUBMITTED
    found = queries.need_at_work(world.partnership, need.number)
    assert found is not None
    assert found.checks_done == 1  # type: ignore[attr-defined]


def test_a_check_of_words_that_changed_meanwhile_is_refused(world: World) -> None:
    need = world.submitted()
    actions.edit_need(need=need, text=world.text(quantity=9), by=world.iryna)

    with pytest.raises(errors.MayNotVerify) as refused:
        actions.verify(
            need=need,
            by=world.oleh,
            organisation=world.checkers,
            seen=SEEN,
            at=AT,
            seen_revision=1,
        )

    assert refused.value.refusal == Refusal.CHANGED


def test_a_verified_need_is_edited_by_nobody_not_even_in_sql(world: World) -> None:
    need = world.verified()

    with pytest.raises(errors.WrongState):
        actions.edit_need(need=need, text=world.text(quantity=9), by=world.iryna)
    with pytest.raises(IntegrityError, match="stays as it was seen"), transaction.atomic():
        Need.objects.filter(pk=need.pk).update(quantity=9)


def test_only_the_writer_edits_and_submits(world: World) -> None:
    need = world.draft()

    with pytest.raises(errors.NotTheWriter):
        actions.edit_need(need=need, text=world.text(), by=world.bondar)
    with pytest.raises(errors.NotTheWriter):
        actions.submit(need=need, by=world.bondar, at=AT)


def test_sending_a_new_need_twice_writes_one(world: World) -> None:
    key = uuid4()

    first, again = (
        actions.write_need(
            partnership=world.partnership,
            text=world.text(),
            by=world.iryna,
            organisation=world.city_k,
            at=AT,
            form_key=key,
        )
        for _ in range(2)
    )

    assert first == again
    assert Need.objects.count() == 1


def test_refusing_and_withdrawing_need_a_reason(world: World) -> None:
    need = world.submitted()

    with pytest.raises(errors.ReasonMissing):
        actions.refuse(need=need, by=world.oleh, reason=" ")
    with pytest.raises(errors.ReasonMissing):
        actions.withdraw(need=need, reason="")
    assert actions.refuse(need=need, by=world.oleh, reason="Twice.").state == Need.State.REJECTED


def test_a_withdrawn_need_leaves_its_campaign(world: World) -> None:
    need = world.in_campaign()

    need = actions.withdraw(need=need, reason="A state donor delivers them.")

    assert need.campaign is None
    assert not queries.campaign_needs(world.campaign, at=None).exists()


def test_only_a_verified_need_of_the_same_currency_enters_a_campaign(world: World) -> None:
    with pytest.raises(errors.WrongState):
        actions.add_to_campaign(need=world.submitted(), campaign=world.campaign)
    with pytest.raises(errors.OtherCurrency):
        actions.add_to_campaign(need=world.verified(currency="EUR"), campaign=world.campaign)


def test_needs_stand_in_the_campaign_in_the_order_in_which_they_entered(world: World) -> None:
    needs = [world.in_campaign(quantity=n) for n in (3, 1, 2)]

    actions.add_to_campaign(need=needs[0], campaign=world.campaign)

    assert list(queries.campaign_needs(world.campaign, at=None)) == needs


def test_a_campaign_opens_only_when_it_says_what_becomes_of_the_rest(world: World) -> None:
    with pytest.raises(errors.CampaignNotReady) as refused:
        actions.open_campaign(campaign=world.campaign, today=AT.date())
    assert refused.value.missing == ("fallback_purpose", "surplus_rule", "ends_date", "needs")

    world.in_campaign()
    campaign = actions.set_terms(
        campaign=world.campaign,
        fallback_purpose=words("Other ambulances."),
        surplus_rule=words("Stays for the hospital."),
        ends_date=date(2027, 9, 1),
    )
    world.adopt_all()
    campaign = actions.open_campaign(campaign=campaign, today=AT.date())

    assert campaign.state == Campaign.State.OPEN
    with pytest.raises(errors.WrongState):
        actions.set_terms(
            campaign=campaign, fallback_purpose=None, surplus_rule=None, ends_date=None
        )


def test_a_need_is_public_only_after_the_delay(world: World) -> None:
    need = world.verified()
    just_before = AT + timedelta(hours=72) - timedelta(seconds=1)

    assert queries.public_need(world.partnership, need.number, at=just_before) is None
    found = queries.public_need(world.partnership, need.number, at=AT + timedelta(hours=72))
    assert found == need


def test_drafts_and_rejected_needs_are_never_public(world: World) -> None:
    world.draft()
    world.submitted()
    actions.refuse(need=world.submitted(), by=world.oleh, reason="A double.")

    assert not queries.public_needs(world.partnership, at=AT + timedelta(days=900)).exists()


def test_a_similar_need_for_the_same_hospital_is_pointed_out(world: World) -> None:
    first, second = world.submitted(), world.draft(quantity=2)

    assert world.similar_to(second) == [first]


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        (
            "INSERT INTO needs_verification (need_id, written_by_id, verified_by_id,"
            " organisation_id, revision, what_was_seen, verified_at, checked, register)"
            " SELECT id, written_by_id, written_by_id, written_for_id, revision, '', now(),"
            " '[\"place\"]', ''"
            " FROM needs_need",
            "nobody_verifies_their_own_need",
        ),
        ("UPDATE needs_need SET state = 'verified', verified_at = now()", "lacks the verification"),
        ("UPDATE needs_verification SET what_was_seen = 'all of it'", "never changed"),
        ("DELETE FROM needs_verification", "never changed"),
    ],
)
def test_the_database_itself_refuses_to_be_talked_round(
    world: World, sql: str, refusal: str
) -> None:
    world.checked_by(world.submitted(), world.oleh, world.checkers)

    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        connection.cursor().execute(sql)
