"""S9.1: a new head is appointed by decree; in browsers, on the phones of both heads."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from tests.journeys import test_link_and_proclamation as link
from tests.journeys.test_link_and_proclamation import Phone, said
from twinhood.deliveries.handing_over import Basis
from twinhood.deliveries.tests.world import World
from twinhood.documents.models import Document, Signature
from twinhood.kit import clock
from twinhood.people.core.permissions import RoleName
from twinhood.twinnings import drafting
from twinhood.twinnings.core.drafting import Side
from twinhood.twinnings.models import Draft

pytestmark = pytest.mark.django_db(transaction=True)
phone = link.phone
HEAD = "Head of the city military administration"


def test_s9_what_waits_goes_to_the_new_head_and_what_was_signed_stays_valid(phone: Phone) -> None:
    cities = link.two_cities()
    dana, iryna = phone(cities.dana), phone(cities.iryna)
    old, mayor = phone(cities.head), phone(cities.mayor)
    today = clock.today_in("Europe/Kyiv")
    agree_and_freeze(dana, iryna)
    link.signs_the_specimen(mayor, "Stamford")
    link.signs_the_specimen(old, "Kramatorsk")
    signed = Document.objects.get()
    before = said(phone(None), f"/en/v/{signed.code}/")

    link.ends_the_powers(iryna, today - timedelta(days=1))
    city = cities.head.roles.get().organisation
    successor = cities._person("New head’s office", city, RoleName.SIGNATORY)
    link.records_powers(
        iryna, HEAD, signs_in_as=successor.name, act="Decree DEMO-3", since_date=today
    )
    draft = cities.draft(Draft.Kind.FRIENDSHIP)
    agree_and_freeze(dana, iryna, draft)

    new = phone(successor)
    title = "To be signed: "
    assert title in said(new, f"/en/desk/{link.SLUG}/")
    assert title not in said(old, f"/en/desk/{link.SLUG}/")
    link.opens_the_paper(old, "Kramatorsk", draft)
    assert old.get_by_role("button", name="Sign the specimen").count() == 0
    link.signs_the_specimen(new, "Kramatorsk", draft)

    assert said(phone(None), f"/en/v/{signed.code}/") == before
    assert Signature.objects.filter(slot__document=signed).count() == 2
    assert Signature.objects.exclude(slot__document=signed).get().entered_by == successor
    assert Draft.objects.get(number=1).state == Draft.State.SIGNED


def agree_and_freeze(dana: Page, iryna: Page, draft: Draft | None = None) -> None:
    link.agrees(dana, draft)
    link.agrees(iryna, draft)
    link.freezes(dana, draft)


def test_s9_the_old_head_tries_to_sign_for_a_hand_over_and_is_refused(phone: Phone) -> None:
    world = World()
    head = world.person("Head’s office", world.city_k, RoleName.SIGNATORY)
    today = clock.today_in("Europe/Kyiv")
    office = drafting.record_term(
        partnership=world.partnership, side=Side.RECEIVING,
        office={"en": HEAD, "uk": "Начальник міської військової адміністрації"},
        holder={"en": "DEMO"}, legal_basis={"en": "Decree"}, act_number="DEMO-2",
        since_date=today - timedelta(days=900), person=head, by=world.iryna, at=clock.now(),
    )  # fmt: skip
    (unit,) = world.with_serials(world.placed(1))
    act = world.begun_act(unit, basis=Basis(terms={world.hospital.pk: office}))
    old, iryna = phone(head), phone(world.iryna)
    opened = f"/en/desk/{world.partnership.slug}/acts/{act.number}/"
    assert "Sign the paper of a hand-over" in said(old, f"/en/desk/{world.partnership.slug}/")
    old.goto(opened)

    link.ends_the_powers(iryna, today - timedelta(days=1), world.partnership.slug)
    with old.expect_navigation():
        old.get_by_role("button", name=re.compile("Sign (here|the specimen)")).click()

    assert "The powers of this office have ended" in said(old)
    assert "The powers of this office have ended" in said(old, opened)
    assert old.get_by_role("button", name=re.compile("Sign (here|the specimen)")).count() == 0
    assert not Signature.objects.exists()
