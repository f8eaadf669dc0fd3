"""Promises of a need's public page: what happened, what shows it, what nobody knows yet."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from twinhood.documents import files
from twinhood.documents.tests.photos import jpeg, photo
from twinhood.kit import clock
from twinhood.needs import actions, changing, evidence
from twinhood.needs.changing import Asked
from twinhood.needs.evidence import Said
from twinhood.needs.models import Evidence, Need
from twinhood.needs.tests.world import AT, DAY, World, words

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=72)


def a_need(world: World, *, is_shown: bool = True) -> Need:
    """A boiler with a photo, answers of which one tells of the building, and a dated quote."""
    file = files.keep(photo(jpeg(has_place=True)), partnership=world.partnership, by=world.iryna)
    text = world.text(
        kind="boiler", category=Need.Category.ENERGY, title=words("Boilers"), quantity=4,
        specification={"heat_kw": "500", "room": "SECRET-ROOM"}, needed_by_date=date(2026, 11, 1),
        has_relation=True, relation="SECRET-RELATION",
    )  # fmt: skip
    need = actions.write_need(
        partnership=world.partnership, text=text, by=world.iryna, organisation=world.city_k,
        at=AT, files=[file],
    )  # fmt: skip
    said = Said(Evidence.Kind.DAMAGE, words("The old boiler, burnt out"), is_public=is_shown)
    evidence.say(need=need, said={need.evidence.get().pk: said}, by=world.iryna)
    need = actions.submit(need=need, by=world.iryna, at=AT)
    for person in (world.oleh, world.dana):
        world.checked_by(need, person, world.checkers)
    actions.add_quote(
        need=need, supplier=world.dealer, unit_price_minor=8_250_000, currency="USD",
        quoted_date=DAY, valid_until_date=date(2026, 9, 30), by=world.iryna, at=AT,
    )  # fmt: skip
    return Need.objects.get(pk=need.pk)


def read(world: World, need: Need, at: Any = LATER, client: Client | None = None) -> Any:
    with clock.showing(at):
        url = reverse("needs:need", args=[world.partnership.slug, need.number])
        return (client or Client()).get(url)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_it_tells_what_happened_what_shows_it_and_what_is_not_known() -> None:
    world = World()
    page = text_of(read(world, a_need(world)))

    assert "Kramatorsk hromada" in page
    assert "The old boiler, burnt out" in page
    assert "Called them, by a number of a register" in page
    assert "Checked by: Example Watch" in page
    assert "When the rest of them is bought" in page
    assert "1 November 2026" in page
    assert ">500<" in page


def test_of_one_that_is_withdrawn_nothing_is_to_come() -> None:
    world = World()
    need = a_need(world)
    before = text_of(read(world, need))
    actions.withdraw(need=need, reason="A state donor delivers them.")
    after = text_of(read(world, need))

    assert ["to go" in page for page in (before, after)] == [True, False]
    assert ["A state donor delivers them." in page for page in (before, after)] == [False, True]


def test_what_tells_of_a_building_or_of_people_is_not_on_it() -> None:
    world = World()
    page = text_of(read(world, a_need(world, is_shown=False)))

    for secret in ("SECRET-ROOM", "SECRET-RELATION", "Dr Bondar", "Iryna", "Oleh", "burnt out"):
        assert secret not in page


def test_before_its_delay_neither_page_nor_photo_is_there() -> None:
    world = World()
    need = a_need(world)
    rendition = need.evidence.get().file.renditions.order_by("width_px")[0]
    picture = reverse(
        "documents_picture", args=[rendition.file.code, rendition.page, rendition.width_px]
    )

    def answers(at: Any) -> tuple[int, int]:
        page = read(world, need, at)
        with clock.showing(at):
            return page.status_code, Client().get(picture).status_code

    assert answers(LATER - timedelta(seconds=1)) == (404, 404)
    assert answers(LATER) == (200, 200)


def test_it_says_when_nobody_confirmed_it_and_when_its_price_ended() -> None:
    world = World()
    need = a_need(world)

    fresh, stale = text_of(read(world, need)), text_of(read(world, need, AT + timedelta(days=70)))
    assert "Not confirmed since" not in fresh
    assert "Out of date since" not in fresh
    assert "Not confirmed since 31 October 2026" in stale
    assert "Out of date since 1 October 2026" in stale


def test_what_it_asked_for_before_stays_readable_with_the_reason() -> None:
    world = World()
    need = a_need(world)
    change = changing.propose(
        need=need, asked=Asked(4, 1, 9_000_000), reason="Poland brought one; steel is dearer.",
        by=world.iryna, organisation=world.city_k, at=LATER,
    )  # fmt: skip
    before = text_of(read(world, need))
    changing.agree(change=change, by=world.oleh, organisation=world.checkers, at=LATER)

    after = text_of(read(world, need))

    assert "Poland brought one" not in before
    assert "Poland brought one; steel is dearer." in after
    assert "$82,500.00 → $90,000.00" in after
    assert "of these brought by others: 1" in after
    assert "$270,000" in after


def test_it_takes_as_many_queries_however_much_happened(
    django_assert_max_num_queries: Any,
) -> None:
    world = World()
    need = a_need(world)
    for days in range(5):
        at = LATER + timedelta(days=days)
        actions.confirm(need=need, by=world.iryna, organisation=world.city_k, at=at)

    with django_assert_max_num_queries(20):
        page = read(world, need, LATER + timedelta(days=6))

    assert text_of(page).count("Still needed, says") == 5
