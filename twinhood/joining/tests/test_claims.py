"""Promises about claims: nobody is believed alone, and what is not confirmed stays private."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from twinhood.joining import claiming, letters, pairing, queries, suggesting
from twinhood.joining.core.claim import Missing
from twinhood.joining.core.matching import Why
from twinhood.joining.errors import (
    CityTaken,
    LinkUnknown,
    MovedOn,
    NotAPair,
    OwnClaim,
    SamePerson,
    StillMissing,
    TooManyLetters,
)
from twinhood.joining.models import Claim, Pairing
from twinhood.joining.tests.people import House, claimed
from twinhood.kit import clock
from twinhood.people.models import Organisation, Partnership, Role
from twinhood.twinnings.models import Twinning


@pytest.fixture
def house() -> House:
    return House()


def test_mail_a_call_and_a_second_person_confirm_a_city(house: House) -> None:
    claim = house.vetted(house.kramatorsk())

    assert claim.state == Claim.State.CONFIRMED
    assert claim.organisation is not None
    assert claim.organisation.registry_code == "04052790"
    assert claim.organisation.kind == Organisation.Kind.CITY
    assert claiming.lacks(claim) == ()


def test_the_united_republic_of_kailania_never_gets_through(house: House) -> None:
    claim = claimed(
        house.dana, None, place_text="Kailania", name="United Republic of Kailania",
        registry_code="", website="kailania.example", email="pope@kailania.example",
    )  # fmt: skip
    claiming.confirm_mail(secret=claiming.secret_of(claim), at=clock.now())
    house.called(claim)

    with pytest.raises(StillMissing) as lacking:
        claiming.confirm(claim=claim, by=house.sasha, at=clock.now())

    assert lacking.value.what == (Missing.PLACE, Missing.CODE)
    assert not Organisation.objects.exists()
    claim.refresh_from_db()
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(
            state="confirmed", decided_by=house.sasha, decided_at=clock.now()
        )


def test_each_step_is_needed(house: House) -> None:
    claim = house.kramatorsk()
    with pytest.raises(StillMissing) as lacking:
        claiming.confirm(claim=claim, by=house.sasha, at=clock.now())
    assert lacking.value.what == (Missing.MAIL, Missing.CALL)

    house.called(claim)

    with pytest.raises(StillMissing) as lacking:
        claiming.confirm(claim=claim, by=house.sasha, at=clock.now())
    assert lacking.value.what == (Missing.MAIL,)


def test_who_called_is_not_the_second_person_and_nobody_vets_their_own(house: House) -> None:
    claim = house.kramatorsk()
    claiming.confirm_mail(secret=claiming.secret_of(claim), at=clock.now())
    house.called(claim)

    with pytest.raises(SamePerson):
        claiming.confirm(claim=claim, by=house.olha, at=clock.now())
    with pytest.raises(OwnClaim):
        claiming.confirm(claim=claim, by=house.iryna, at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        # SQL of one's own does not go around it either.
        Claim.objects.filter(pk=claim.pk).update(
            state="confirmed", decided_by=house.olha, decided_at=clock.now(),
            organisation=Organisation.objects.create(kind="city", name={"en": "K"}),
        )  # fmt: skip


def test_one_city_is_confirmed_once(house: House) -> None:
    house.vetted(house.kramatorsk())

    with pytest.raises(CityTaken):
        house.vetted(house.kramatorsk())


def test_a_link_is_good_for_a_week_and_only_the_last_one(house: House) -> None:
    claim = house.kramatorsk()
    old = claiming.secret_of(claim)
    with clock.showing(clock.now() + timedelta(minutes=1)):
        claim = claiming.ask_for_mail(claim=claim, at=clock.now())

    for secret in (old, "00", claiming.secret_of(claim) + "x"):
        with pytest.raises(LinkUnknown):
            claiming.confirm_mail(secret=secret, at=clock.now())

    assert claiming.confirm_mail(secret=claiming.secret_of(claim), at=clock.now()).mail_confirmed_at
    assert not letters.send(claim.pk)  # nothing more to ask


def test_letters_do_not_bury_a_mailbox(house: House) -> None:
    claim = house.kramatorsk()
    claiming.ask_for_mail(claim=claim, at=clock.now())
    claiming.ask_for_mail(claim=claim, at=clock.now())

    with pytest.raises(TooManyLetters):
        claiming.ask_for_mail(claim=claim, at=clock.now())


def test_a_decision_is_made_once(house: House) -> None:
    claim = house.kramatorsk()
    claiming.refuse(claim=claim, by=house.olha, reason="The number is not theirs.", at=clock.now())

    with pytest.raises(MovedOn):
        claiming.confirm(claim=claim, by=house.sasha, at=clock.now())
    with pytest.raises(MovedOn):
        claiming.withdraw(claim=claim, at=clock.now())


def test_who_looks_at_claims(house: House) -> None:
    assert queries.may_vet(house.olha)
    assert not queries.may_vet(house.dana)


# --- two cities


@pytest.fixture
def pair(house: House) -> Pairing:
    giving, receiving = house.vetted(house.stamford()), house.vetted(house.kramatorsk())
    return pairing.bring_together(
        giving=giving, receiving=receiving, by=house.olha, note="", at=clock.now()
    )


def say(pair: Pairing, claim: Claim, *, is_yes: bool = True) -> Pairing:
    return pairing.answer(
        pair=pair, claim=claim, is_yes=is_yes, reason="Not this year.", at=clock.now()
    )


def test_a_partnership_opens_once_both_said_yes(pair: Pairing) -> None:
    half = say(pair, pair.receiving)
    assert half.partnership is None
    assert say(pair, pair.receiving).partnership is None

    whole = say(pair, pair.giving)

    partnership = whole.partnership
    assert partnership is not None
    assert partnership.slug == "stamford-kramatorsk"
    assert partnership.is_conflict_zone
    roles = Role.objects.filter(partnership=partnership).values_list("person__name", "name")
    assert set(roles) == {("Dana", "clerk"), ("Iryna", "clerk"), ("Olha", "matchmaker")}
    assert Twinning.objects.get(partnership=partnership).a.name == "Kramatorsk"
    with pytest.raises(MovedOn):
        say(pair, pair.giving, is_yes=False)


def test_one_no_ends_a_pairing_and_another_may_follow(house: House, pair: Pairing) -> None:
    say(pair, pair.giving, is_yes=False)

    with pytest.raises(MovedOn):
        say(pair, pair.receiving)
    assert not Partnership.objects.exists()
    again = pairing.bring_together(
        giving=pair.giving, receiving=pair.receiving, by=house.olha, note="", at=clock.now()
    )
    assert again.pk != pair.pk
    with pytest.raises(NotAPair):
        pairing.bring_together(
            giving=pair.giving, receiving=pair.receiving, by=house.olha, note="", at=clock.now()
        )


def test_only_confirmed_cities_are_brought_together(house: House) -> None:
    giving, receiving = house.vetted(house.stamford()), house.kramatorsk()

    with pytest.raises(MovedOn):
        pairing.bring_together(
            giving=giving, receiving=receiving, by=house.olha, note="", at=clock.now()
        )


def test_the_database_opens_nothing_before_both_said_yes(pair: Pairing) -> None:
    partnership = Partnership.objects.create(
        slug="x", giving_place=pair.giving.body[0], receiving_place=pair.receiving.body[0],
        recipient=pair.giving.body[1],
    )  # fmt: skip

    with pytest.raises(DatabaseError), transaction.atomic():
        Pairing.objects.filter(pk=pair.pk).update(partnership=partnership)


def test_suggestions_name_confirmed_cities_of_other_countries_with_reasons(house: House) -> None:
    own, other = house.vetted(house.stamford()), house.vetted(house.kramatorsk())

    found = suggesting.suggestions(own)

    assert [one.claim for one in found] == [other]
    whys = [reason.why for reason in found[0].candidate.reasons]
    assert whys == [Why.TWINS, Why.SIZE, Why.HABIT, Why.DISTANCE]
    assert found[0].pair is None
