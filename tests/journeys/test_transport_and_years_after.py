"""S7.1 and S7.4: an ambulance is shipped, and a year later another holder is registered."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.conf import settings as house
from django.test import Client
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from tests.journeys.conftest import PATIENCE_MS
from twinhood.aftercare import following
from twinhood.aftercare.models import FollowUp, Question
from twinhood.aftercare.tests.world import World
from twinhood.deliveries.models import SerialClash
from twinhood.kit import clock
from twinhood.needs.tests.world import AT
from twinhood.people.models import Person
from twinhood.people.queries import PERSONA_SESSION_KEY
from twinhood.transport import actions
from twinhood.transport.actions import Packed
from twinhood.transport.models import Shipment

pytestmark = pytest.mark.django_db(transaction=True)
PHONE: ViewportSize = {"width": 390, "height": 844}
type Phone = Callable[[Person | None], Page]


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer) -> Iterator[Phone]:
    """Give a function that hands somebody a phone; who is named is signed in already."""
    contexts = []

    def handed(person: Person | None = None) -> Page:
        context = browser.new_context(viewport=PHONE, base_url=live_server.url)
        contexts.append(context)
        if person is not None:
            client = Client()
            client.force_login(person)
            session = client.session
            session[PERSONA_SESSION_KEY] = person.pk
            session.save()
            name = house.SESSION_COOKIE_NAME
            value = client.cookies[name].value
            context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        return page

    yield handed
    for context in contexts:
        context.close()


def no_wider_than_the_phone(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def test_iryna_ships_an_ambulance_on_her_phone(phone: Phone) -> None:
    with clock.showing(AT):
        world = World()
        (unit,) = world.with_serials(world.placed(1), 9)
    page = phone(world.iryna)
    desk = f"/en/desk/{world.partnership.slug}/shipments/"

    page.goto(f"{desk}new/")
    page.get_by_label("Receiver", exact=True).select_option(label="City Hospital 3")
    page.get_by_label("Purpose").fill("For emergency care")
    press(page, "Go on")
    page.get_by_label("Ambulance 2").check()
    page.get_by_label("Weight with packing, in kg").fill("2850")
    press(page, "Save")
    no_wider_than_the_phone(page)
    page.goto(f"{desk}1/legs/new/")
    page.get_by_label("From", exact=True).fill("Stamford")
    page.get_by_label("To", exact=True).fill("Kramatorsk")
    page.get_by_label("Carrier", exact=True).fill("Carrier (example)")
    page.get_by_label("Who bears the loss on this leg?").select_option(label="Carrier")
    page.get_by_label("Left", exact=True).fill("2026-08-20T08:00")
    page.get_by_label("Arrived", exact=True).fill("2026-08-12T08:00")
    press(page, "Save")
    assert "It would have arrived before it left" in page.locator("main").inner_text()
    page.get_by_label("Arrived", exact=True).fill("2026-08-27T19:30")
    press(page, "Save")
    for summary, field, words in (
        ("Record the code", "Code of the declaration", "GD-2026-17"),
        ("Record the clearance", "", ""),
    ):
        page.locator("summary", has_text=summary).click()
        form = page.locator("details[open] form")
        if field:
            form.get_by_label(field).fill(words)
        form.locator("input[type=date]").fill("2026-08-26")
        with page.expect_navigation():
            form.get_by_role("button").click()

    text = page.locator("main").inner_text()
    assert "GD-2026-17" in text
    assert "due until 24 November 2026" in text
    no_wider_than_the_phone(page)
    assert unit.serial in text
    letter = page.request.get(f"{desk}1/papers/donation-letter.pdf")
    assert letter.body().startswith(b"%PDF")


def test_a_number_known_in_another_delivery_is_blocked_and_kept(phone: Phone) -> None:
    with clock.showing(AT):
        world = World()
        other = world.placed(1).units.get()
    page = phone(world.iryna)
    page.goto(f"/en/desk/{world.partnership.slug}/orders/{other.order.number}/")

    page.locator("summary", has_text="Record the number").click()
    form = page.locator("details[open] form")
    form.get_by_label("Serial number or VIN").fill(world.unit.serial.replace("B", "В").lower())
    with page.expect_navigation():
        form.get_by_role("button").click()

    assert "This number already belongs to another thing." in page.locator("body").inner_text()
    assert SerialClash.objects.get().unit == other


def test_day_80_without_a_report_is_red_for_both_sides(phone: Phone) -> None:
    # Noon is on the same day here and in Kyiv, whether summer time began or ended since.
    day = clock.today_in("Europe/Kyiv") - timedelta(days=80)
    with clock.showing(datetime.combine(day, time(12), UTC)):
        world = World()
        (unit,) = world.with_serials(world.placed(1), 9)
        shipment = world.begun()
        actions.load(shipment=shipment, things=[Packed(unit, 1, 2_850_000)])
        shipment = actions.declare(shipment=shipment, code="GD-1", day=day)
        actions.clear_customs(shipment=shipment, day=day)
    assert Shipment.objects.count() == 1

    for person in (world.iryna, world.dana):
        page = phone(person)
        page.goto(f"/en/desk/{world.partnership.slug}/shipments/1/")
        text = page.locator("main").inner_text()
        assert "Report due: day 80 of 90" in text
        assert "loses the right to declare" in text


def test_another_holder_after_a_year_is_an_alarm_and_public_after_a_person_looked(
    phone: Phone,
) -> None:
    with clock.showing(AT):
        world = World()
    follow_up = world.follow_up(12)
    link = following.url_of(follow_up, "en").removeprefix(house.SITE_URL)

    holder = phone(None)
    holder.goto(link)
    no_wider_than_the_phone(holder)
    holder.get_by_label("In use", exact=True).check()
    holder.get_by_label("Number plate").fill("ah 1234 kk")
    holder.get_by_role("button", name="Send").click()
    expect(holder.get_by_role("alert")).to_contain_text("Copy the holder from the registration")
    assert holder.get_by_label("Number plate").input_value() == "ah 1234 kk"
    holder.get_by_label("Registered holder").fill("Fund of Dr B.")
    holder.get_by_label("Mileage, in km").fill("19870")
    holder.get_by_label("Your office").fill("Head physician")
    holder.context.set_offline(True)
    holder.get_by_role("button", name="Send").click()
    expect(holder.locator("[data-kept-words]")).to_contain_text("No line.")
    assert not FollowUp.objects.filter(plate="AH 1234 KK").exists()
    # The line is back: it goes by itself.
    holder.context.set_offline(False)
    expect(holder.locator("main")).to_contain_text("Thank you.", timeout=PATIENCE_MS)
    holder.goto(link)
    assert "Answered:" in holder.locator("main").inner_text()

    question = Question.objects.get()
    assert (question.said, FollowUp.objects.get(months=12).plate) == ("Fund of Dr B.", "AH 1234 KK")
    dana = phone(world.dana)
    dana.goto(f"/en/desk/{world.partnership.slug}/questions/{question.pk}/")
    no_wider_than_the_phone(dana)
    dana.get_by_label("Say in public that it is under question").check()
    dana.get_by_label("Why", exact=True).fill("The receiver is asked for the papers.")
    press(dana, "Decide")
    assert "Under question, in public" in dana.locator("main").inner_text()


def test_an_answer_sent_twice_is_one(phone: Phone) -> None:
    with clock.showing(AT):
        world = World()
    follow_up, key = world.follow_up(), uuid4()
    said = following.Answer(FollowUp.Condition.IN_USE, "Head physician")
    link = following.url_of(follow_up, "en").removeprefix(house.SITE_URL)

    for _twice in range(2):
        following.answer(follow_up=follow_up, said=said, form_key=key, at=clock.now())

    page = phone(None)
    page.goto(link)
    assert "Answered:" in page.locator("main").inner_text()
