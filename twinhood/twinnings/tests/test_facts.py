from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from twinhood.people.models import Partnership
from twinhood.places.models import Place, PlaceName
from twinhood.places.tests.few import COVENTRY, KRAMATORSK, STAMFORD, VOLGOGRAD, load_few
from twinhood.twinnings import facts as public
from twinhood.twinnings.actions import (
    add_milestone,
    load_facts,
    record_agreement,
    record_twinning,
)
from twinhood.twinnings.core.records import PartialDate
from twinhood.twinnings.errors import PlacesMissing, SamePlace
from twinhood.twinnings.models import Instrument, Milestone, Signature, Twinning, TwinningSource
from twinhood.twinnings.queries import bond, count_by_place, recorded, twinnings_of


def place(geoname_id: int) -> Place:
    return Place.objects.get(geoname_id=geoname_id)


def recorded_now() -> list[int]:
    tables = (Twinning, Milestone, TwinningSource, Instrument, Signature, PlaceName)
    return [table.objects.count() for table in tables]


# --- the facts themselves


def test_every_fact_is_told_in_every_language_of_the_site() -> None:
    languages = {code for code, _ in settings.LANGUAGES}
    agreement = public.STAMFORD_AGREEMENT
    signatures = [instrument.signature for instrument in agreement.instruments]
    texts = [
        *(m.text for twinning in public.TWINNINGS for m in twinning.milestones),
        *(instrument.title for instrument in agreement.instruments),
        *chain.from_iterable((s.signatory, s.office, s.signed_where) for s in signatures),
        agreement.title,
        agreement.aim,
        *public.TODAYS_NAMES.values(),
    ]

    assert all(languages <= set(text) and all(text.values()) for text in texts)


def test_every_fact_names_its_source() -> None:
    for twinning in public.TWINNINGS:
        assert twinning.sources
        assert all(milestone.source for milestone in twinning.milestones)
        assert twinning.is_confirmed == bool(twinning.milestones)
    assert all(name.source for name in public.FORMER_NAMES)


def test_a_date_is_read_as_exactly_as_it_is_known() -> None:
    dates = [PartialDate.of(text) for text in ("1944", "2022-03", "2023-04-06")]

    assert [(known.date.year, known.digits) for known in dates] == [
        (1944, 4), (2022, 6), (2023, 8),
    ]  # fmt: skip
    assert [known.in_words("en") for known in dates] == ["1944", "March 2022", "6 April 2023"]
    assert [known.in_words("uk") for known in dates] == [
        "1944", "березень 2022\u00a0р.", "6 квітня 2023\u00a0р.",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "soon", "2023-13", "2023-02-30", "2023-04-06-01"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        PartialDate.of(text)


def test_a_time_without_its_zone_is_no_time_of_signing() -> None:
    signature = public.STAMFORD_AGREEMENT.instruments[0].signature

    with pytest.raises(ValueError, match="zone"):
        replace(signature, signed_at=datetime(2023, 4, 6, 14))  # noqa: DTZ001


# --- recording them


def test_recording_the_facts_again_changes_nothing(facts: None) -> None:
    before = recorded_now()

    load_facts()

    assert recorded_now() == before
    assert before[0] == len(public.TWINNINGS)


@pytest.mark.django_db
def test_facts_about_places_that_are_not_loaded_are_refused_by_number() -> None:
    load_few()
    Place.objects.filter(geoname_id=COVENTRY).delete()

    with pytest.raises(PlacesMissing, match=str(COVENTRY)):
        load_facts()

    assert not Twinning.objects.exists()


def test_a_twinning_is_one_from_whichever_end_it_is_recorded(facts: None) -> None:
    again = record_twinning(
        a=place(STAMFORD),
        b=place(KRAMATORSK),
        kind=Twinning.Kind.SISTER,
        state=Twinning.State.IN_FORCE,
        since_year=2023,
        is_confirmed=True,
        sources=["another report"],
    )

    assert (again.a_id, again.b_id) == (KRAMATORSK, STAMFORD)
    assert Twinning.objects.filter(a_id=KRAMATORSK, b_id=STAMFORD).count() == 1
    assert "another report" in [source.name for source in again.sources.all()]
    assert again.other(place(STAMFORD)) == place(KRAMATORSK)


def test_a_place_is_not_its_own_sister(facts: None) -> None:
    with pytest.raises(SamePlace):
        record_twinning(
            a=place(STAMFORD),
            b=place(STAMFORD),
            kind="sister",
            state="in_force",
            since_year=None,
            is_confirmed=False,
            sources=[],
        )


def test_the_database_keeps_the_smaller_number_first(facts: None) -> None:
    with pytest.raises(IntegrityError, match="twinning_joins_two_places"), transaction.atomic():
        Twinning.objects.create(a=place(COVENTRY), b=place(VOLGOGRAD))


def test_the_database_refuses_a_milestone_without_a_source(facts: None) -> None:
    twinning = Twinning.objects.first()
    assert twinning is not None

    with pytest.raises(IntegrityError, match="milestone_names_its_source"), transaction.atomic():
        add_milestone(
            twinning=twinning,
            kind="other",
            when=PartialDate.of("2024"),
            text={"en": "?"},
            source="",
        )


def test_papers_do_not_change_when_they_are_recorded_again(facts: None) -> None:
    twinning = Twinning.objects.get(a_id=KRAMATORSK, b_id=STAMFORD)
    before = list(Signature.objects.values().order_by("pk"))

    record_agreement(twinning=twinning, record=public.STAMFORD_AGREEMENT)

    assert list(Signature.objects.values().order_by("pk")) == before


# --- reading them


def test_a_bond_has_its_milestones_in_order_and_both_signatures(partnership: Partnership) -> None:
    found = bond(partnership)

    assert found is not None
    assert [m.date for m in found.milestones] == sorted(m.date for m in found.milestones)
    assert found.milestones[-1].kind == Milestone.Kind.IN_FORCE
    assert [s.place.geoname_id for s in found.signatures] == [KRAMATORSK, STAMFORD]
    assert all(s.signed_date == date(2023, 4, 6) for s in found.signatures)
    assert all(s.signed_at is None and s.legal_basis is None for s in found.signatures)
    assert found.is_signed_by_both
    assert found.sources


def test_a_bond_signed_by_one_side_says_so(partnership: Partnership) -> None:
    Signature.objects.filter(place__geoname_id=STAMFORD).delete()

    found = bond(partnership)

    assert found is not None
    assert not found.is_signed_by_both


def test_a_bond_takes_four_statements(partnership: Partnership) -> None:
    with CaptureQueriesContext(connection) as asked:
        found = bond(partnership)
        assert found is not None
        assert [s.place.name for s in found.signatures] == ["Kramatorsk", "Stamford"]
        assert found.twinning.b.time_zone == "America/New_York"

    assert len(asked) <= 4


def test_a_partnership_without_a_twinning_has_no_bond(partnership: Partnership) -> None:
    Twinning.objects.update(partnership=None)

    assert bond(partnership) is None


def test_lists_take_three_statements_however_many_twinnings_there_are(facts: None) -> None:
    asks: list[Callable[[], list[Twinning]]] = [
        partial(twinnings_of, place(STAMFORD)), partial(recorded, limit=100),
    ]  # fmt: skip

    for ask in asks:
        with CaptureQueriesContext(connection) as asked:
            found = ask()
            words = [(str(t.a), str(t.b), len(t.milestones.all()), t.sources.all()) for t in found]

        assert len(words) > 7
        assert len(asked) == 3


def test_confirmed_links_stand_before_those_that_only_lists_name(facts: None) -> None:
    confirmed = [twinning.is_confirmed for twinning in twinnings_of(place(STAMFORD))]

    assert confirmed == [True] + [False] * 7


def test_twinnings_are_counted_from_both_ends(facts: None) -> None:
    assert count_by_place([STAMFORD, KRAMATORSK, VOLGOGRAD, 1]) == {
        STAMFORD: 8, KRAMATORSK: 1, VOLGOGRAD: 1,
    }  # fmt: skip


def test_a_time_of_signing_is_kept_to_the_second(facts: None) -> None:
    at = datetime(2023, 4, 6, 18, 30, tzinfo=UTC)
    first, second = public.STAMFORD_AGREEMENT.instruments
    timed = replace(second, signature=replace(second.signature, signed_at=at))
    record = replace(public.STAMFORD_AGREEMENT, title={"en": "Another"}, instruments=(first, timed))

    agreement = record_agreement(
        twinning=Twinning.objects.get(a_id=KRAMATORSK, b_id=STAMFORD), record=record
    )

    assert agreement.instruments.get(position=2).signature.signed_at == at
