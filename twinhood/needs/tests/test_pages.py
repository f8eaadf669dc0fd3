"""Promises of the desk's pages of needs, seen through a browser without JavaScript."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from twinhood.kit import clock
from twinhood.needs import actions, errors, renaming, waiting, words
from twinhood.needs.core.checks import Refusal
from twinhood.needs.models import Campaign, Need, Quote, Renaming, Verification
from twinhood.needs.tests.world import AT, DAY, World, quotes_unguarded
from twinhood.needs.tests.world import words as words_of
from twinhood.needs.urls import urlpatterns
from twinhood.needs.views.answers import sentence_for
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Organisation
from twinhood.people.tests.desks import tasks_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(autouse=True)
def _september_in_english() -> Iterator[None]:
    with clock.showing(AT), translation.override("en"):
        yield


def address(world: World, name: str, *more: Any) -> str:
    return reverse(f"needs:{name}", args=[world.partnership.slug, *more])


def text_of(response: Any) -> str:
    return str(response.content.decode())


def written(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "form_key": uuid4(),
        "kind": "ambulance-b",
        "has_relation": "no",
        "title_en": "Ambulances",
        "unit_title_en": "ambulance",
        "why_en": "Two burnt out in spring.",
        "quantity": 2,
        "unit_price": "62,000.00",
        "currency": "EUR",
        "beneficiary": world.hospital.pk,
    } | changes


def checked(**changes: Any) -> dict[str, Any]:
    """The form of a verifier who called and looked."""
    said = {
        "seen_revision": 1,
        "did_called": "on",
        "did_evidence": "on",
        "register": "the ministry's list",
        "what_was_seen": "The burnt vehicles.",
    } | changes
    return {f"check-{name}": value for name, value in said.items()}


def post(client: Client, url: str, data: dict[str, Any]) -> Any:
    return client.post(url, data, follow=True)


def test_a_need_goes_from_a_clerks_phone_into_the_campaign(world: World) -> None:
    iryna, tom = world.signed_in(world.iryna), world.signed_in(world.tom)
    page = post(iryna, address(world, "new"), written(world, currency="USD"))
    assert "Saved as a draft" in text_of(page)
    need = Need.objects.get()
    post(iryna, address(world, "submission", need.number), {})

    for person in (world.dana, world.oleh):
        client = world.signed_in(person)
        said = checked(what_was_seen="I saw the burnt vehicles.")
        post(client, address(world, "verification", need.number), said)
    post(tom, address(world, "campaign_place", need.number), {})

    need.refresh_from_db()
    assert (need.state, need.campaign) == (Need.State.VERIFIED, world.campaign)
    assert need.unit_price_minor == 6_200_000
    assert need.written_for == world.city_k


def test_sending_the_form_twice_writes_one_need(world: World) -> None:
    client, form = world.signed_in(world.iryna), written(world)

    pages = [post(client, address(world, "new"), form) for _ in range(2)]

    assert Need.objects.count() == 1
    assert [page.status_code for page in pages] == [200, 200]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("unit_price", "1.234,56", "Write the price as in"),
        ("unit_price", "0", "more than zero"),
        ("unit_price", "-5", "more than zero"),
        ("unit_price", "NaN", "Write the price as in"),
        ("unit_price", "1e400", "Write the price as in"),
        ("unit_price", "25.505", "no smaller part"),
        ("unit_price", "9" * 18, "more than can be booked"),
        ("quantity", "0", "greater than or equal to 1"),
        ("quantity", "100001", "less than or equal to"),
        ("title_en", "", "at least one language"),
        ("title_en", "\u202e\u200b", "at least one language"),
        ("beneficiary", "999999", "valid choice"),
        ("currency", "XXX", "valid choice"),
        ("form_key", "1", "UUID"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_written(
    world: World, field: str, typed: str, sentence: str
) -> None:
    client = world.signed_in(world.iryna)

    page = client.post(address(world, "new"), written(world, **{field: typed}))

    assert page.status_code == 422
    assert sentence in text_of(page)
    assert not Need.objects.exists()


def test_a_kind_of_the_catalogue_fills_in_its_name_and_asks_its_questions(world: World) -> None:
    client, url = world.signed_in(world.iryna), address(world, "new")

    kinds, form = text_of(client.get(url)), text_of(client.get(url + "?kind=ambulance-b"))
    sent = written(world, answer_drive="four-wheel", answer_head="60", needed_by_date="2026-10-01")
    page = text_of(post(client, url, sent))

    assert "?kind=ambulance-b" in kinds
    assert 'value="Ambulances, type B"' in form
    need = Need.objects.get()
    assert (need.kind, need.category) == ("ambulance-b", Need.Category.AMBULANCE)
    assert need.specification == {"drive": "four-wheel"}
    assert "four-wheel" in page
    assert "34114121" in page


def test_a_thing_of_its_own_is_named_by_its_writer(world: World) -> None:
    sent = written(world, kind="", category="water", title_en="Ice filter", unit_title_en="filter")

    post(world.signed_in(world.iryna), address(world, "new"), sent)

    need = Need.objects.get()
    assert (str(need.title), need.kind, need.category) == ("Ice filter", "", "water")


def test_what_a_form_began_with_in_ukrainian_is_named_in_both_languages(world: World) -> None:
    client, url = world.signed_in(world.iryna), address(world, "new").replace("/en/", "/uk/")

    form = text_of(client.get(url + "?kind=mri"))

    assert 'value="Апарати МРТ"' in form
    assert 'value="MRI scanners"' in form


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("kind", "tank", "valid choice"),
        ("has_relation", "", "yes or no"),
        ("has_relation", "yes", "who would gain"),
        ("needed_by_date", "2026-08-31", "This day is over"),
        ("needed_by_date", "2026-02-30", "valid date"),
        ("priority", "at once", "valid choice"),
        ("answer_drive", "x" * 201, "at most 200"),
    ],
)
def test_what_cannot_be_of_a_kind_is_said_too(
    world: World, field: str, typed: str, sentence: str
) -> None:
    page = world.signed_in(world.iryna).post(
        address(world, "new"), written(world, **{field: typed})
    )

    assert page.status_code == 422
    assert sentence in text_of(page)
    assert "Two burnt out in spring." in text_of(page)
    assert not Need.objects.exists()


def test_the_same_need_again_is_written_only_with_what_differs(world: World) -> None:
    first = world.submitted(kind="ambulance-b")
    hospital, url = world.signed_in(world.bondar), address(world, "new")

    told = hospital.post(url, written(world, title_en="Ambulanses"))
    assert list(Need.objects.all()) == [first]
    post(hospital, url, written(world, why_not_the_same="Those are for the second building."))

    assert told.status_code == 422
    assert f"This looks like need {first}" in text_of(told)
    again = Need.objects.latest("pk")
    assert again.why_not_the_same == "Those are for the second building."
    actions.submit(need=again, by=world.bondar, at=AT)
    read = text_of(world.signed_in(world.oleh).get(address(world, "desk_need", again.number)))
    assert "Those are for the second building." in read


def test_while_it_is_typed_the_page_says_what_looks_the_same(world: World) -> None:
    first, draft = world.submitted(), world.draft(title=words_of("Ambulances"))
    client, url = world.signed_in(world.bondar), address(world, "similar")

    def said(**typed: Any) -> str:
        return text_of(client.get(url, {"beneficiary": world.hospital.pk} | typed))

    assert f"{first}: " in said(title_en="ambulance")
    assert f"{draft}: " not in said(title_en="ambulance")
    assert "?" not in said(title_en="trash truck", kind="trash-truck")
    assert "?" not in said(title_en="ambulance", beneficiary="99999999999999999999")


def test_an_institution_is_written_down_with_its_code_and_its_head(world: World) -> None:
    client, url = world.signed_in(world.iryna), address(world, "institution")
    typed = {"name_en": "Waterworks", "head_office_en": "director", "head_name": "O. Head"}

    wrong = client.post(url, typed | {"registry_code": "14360571"})
    post(client, url, typed | {"registry_code": "1436 0570"})
    twice = client.post(url, typed | {"registry_code": "14360570"})

    assert "does not fit the others" in text_of(wrong)
    assert "O. Head" in text_of(wrong)
    waterworks = Organisation.objects.get(registry_code="14360570")
    assert (waterworks.place, waterworks.institution.head_name) == (world.kramatorsk, "O. Head")
    assert "Waterworks has this code" in text_of(twice)
    assert "Waterworks" in text_of(client.get(address(world, "new") + "?kind=water-pump"))


def test_a_code_that_others_verified_stays(world: World) -> None:
    client = world.signed_in(world.iryna)
    url = address(world, "edit_institution", world.hospital.pk)
    typed = {"name_en": "Hospital", "head_office_en": "director", "head_name": "Dr Bondar"}
    post(client, url, typed | {"registry_code": "14360570"})
    world.verified()

    refused = client.post(url, typed | {"registry_code": "20077720"})

    assert refused.status_code == 422
    world.hospital.refresh_from_db()
    assert world.hospital.registry_code == "14360570"


def test_a_checked_institution_is_renamed_by_two_and_its_name_before_stays(world: World) -> None:
    need = world.verified()
    iryna, dana = world.signed_in(world.iryna), world.signed_in(world.dana)
    url = address(world, "edit_institution", world.hospital.pk)
    typed = {
        "name_en": "Another Clinic", "head_office_en": "director", "head_name": "Dr Bondar",
        "registry_code": "14360570",
    }  # fmt: skip

    silent = text_of(iryna.post(url, typed))
    post(iryna, url, typed | {"why_renamed": "The council renamed it."})
    world.hospital.refresh_from_db()
    name_meanwhile = str(world.hospital.name)
    asked = Renaming.objects.get()
    decision = address(world, "renaming_decided", need.number)
    own = text_of(iryna.get(address(world, "desk_need", need.number)))
    page = text_of(dana.get(address(world, "desk_need", need.number)))
    desk = [task.title for task in tasks_in(waiting, world.dana, world.partnership)]
    post(dana, decision, {"renaming": asked.pk, "agree": "1"})
    after = text_of(dana.get(address(world, "desk_need", need.number)))

    assert "Say why the name changes." in silent
    assert name_meanwhile == "City Hospital 3"
    assert "somebody else must agree" in own
    assert "would be called: Another Clinic" in page
    assert "Agree to another name: City Hospital 3" in desk
    world.hospital.refresh_from_db()
    assert str(world.hospital.name) == "Another Clinic"
    assert "City Hospital 3 (The council renamed it.)" in after
    assert str(renaming.first_name(world.hospital)) == "City Hospital 3"


def test_nobody_renames_a_checked_institution_alone_in_sql_either(world: World) -> None:
    world.verified()
    asked = renaming.propose(
        organisation=world.hospital, name=words_of("Another Clinic"), reason="Why not.",
        by=world.iryna, body=world.city_k, at=AT,
    )  # fmt: skip

    with pytest.raises(errors.OwnChange):
        renaming.decide(renaming=asked, is_agreed=True, by=world.tom, body=world.city_k, at=AT)
    for sql in (
        "UPDATE people_organisation SET name = jsonb_build_object('en', 'Another Clinic')"
        " WHERE kind = 'beneficiary'",
        "UPDATE needs_renaming SET reason = 'Else.'",
        "DELETE FROM needs_renaming",
        "UPDATE needs_renaming SET is_agreed = true, decided_at = proposed_at,"
        " decided_by_id = proposed_by_id, decided_for_id = proposed_for_id",
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            connection.cursor().execute(sql)


def test_a_price_is_read_in_the_language_of_the_page(world: World) -> None:
    client = world.signed_in(world.iryna)
    url = address(world, "new").replace("/en/", "/uk/")

    client.post(url, written(world, unit_price="62 000,50"))

    assert Need.objects.get().unit_price_minor == 6_200_050


def test_only_listed_fields_are_taken(world: World) -> None:
    client = world.signed_in(world.iryna)
    extra = {"state": "verified", "is_verified": "1", "verified_at": "2026-01-01", "number": 99}

    client.post(address(world, "new"), written(world) | extra)

    need = Need.objects.get()
    assert (need.state, need.number, need.verified_at) == (Need.State.DRAFT, 1, None)


def test_the_writer_sees_no_button_to_verify_and_the_server_refuses_them(world: World) -> None:
    world.give_role(world.iryna, world.checkers, RoleName.VERIFIER)
    need = world.submitted()
    client = world.signed_in(world.iryna)

    page = text_of(client.get(address(world, "desk_need", need.number)))
    refused = post(
        client,
        address(world, "verification", need.number),
        checked(what_was_seen="It is true, I wrote it."),
    )

    assert address(world, "verification", need.number) not in page
    assert str(words.VERIFY_REFUSED[Refusal.WRITER]) in text_of(refused)
    assert not Verification.objects.exists()


def test_a_check_without_a_word_is_not_taken(world: World) -> None:
    need = world.submitted()

    page = world.signed_in(world.oleh).post(
        address(world, "verification", need.number),
        checked(what_was_seen=" "),
    )
    empty = world.signed_in(world.oleh).post(
        address(world, "verification", need.number), {"check-what_was_seen": "All of it."}
    )

    assert (page.status_code, empty.status_code) == (422, 422)
    assert "Tick at least one thing" in text_of(empty)
    assert "All of it." in text_of(empty)
    assert "Problem:" in text_of(page)
    assert not Verification.objects.exists()


def test_somebody_elses_draft_is_not_there(world: World) -> None:
    url = address(world, "desk_need", world.draft().number)

    page = text_of(world.signed_in(world.bondar).get(address(world, "list")))

    assert url not in page
    assert world.signed_in(world.tom).get(url).status_code == 404


def test_only_who_asked_or_would_receive_withdraws(world: World) -> None:
    need = world.verified()
    reason = {"withdrawal-reason": "A state donor delivers them."}

    stranger_side = world.signed_in(world.dana).post(
        address(world, "withdrawal", need.number), reason
    )
    hospital = world.signed_in(world.bondar).post(address(world, "withdrawal", need.number), reason)

    assert (stranger_side.status_code, hospital.status_code) == (403, 302)
    need.refresh_from_db()
    assert need.state == Need.State.WITHDRAWN


def test_what_people_typed_is_text_and_never_markup(world: World) -> None:
    attack = "<script>alert(1)</script>"
    post(
        world.signed_in(world.iryna),
        address(world, "new"),
        written(world, title_en=attack, why_en=attack, price_note_en=attack),
    )

    page = text_of(world.signed_in(world.iryna).get(address(world, "desk_need", 1)))

    assert attack not in page
    assert "&lt;script&gt;" in page


def test_a_quote_of_a_new_supplier_is_recorded(world: World) -> None:
    need = world.verified()
    quote = {
        "quote-new_supplier": "Motors of Lviv",
        "quote-unit_price": "81,000",
        "quote-currency": "USD",
        "quote-quoted_date": "2026-08-20",
    }

    post(world.signed_in(world.iryna), address(world, "quotes", need.number), quote)

    found = need.quotes.select_related("supplier").get()
    assert (str(found.supplier), found.unit_price_minor) == ("Motors of Lviv", 8_100_000)
    assert found.supplier.is_example


def test_a_known_suppliers_name_in_other_letters_makes_no_second_supplier(world: World) -> None:
    need = world.verified()
    world.quote(need, 8_000_000)
    quote = {
        "quote-new_supplier": "example MOTORS",
        "quote-unit_price": "81,000",
        "quote-currency": "USD",
        "quote-quoted_date": "2026-08-20",
    }

    post(world.signed_in(world.iryna), address(world, "quotes", need.number), quote)

    assert {quote.supplier for quote in need.quotes.all()} == {world.dealer}
    assert need.quotes.count() == 2


def test_a_supplier_of_another_partnership_is_nobodys_choice_here(world: World) -> None:
    other = World()
    other.quote(other.verified(), 8_000_000)
    need = world.verified()

    page = text_of(world.signed_in(world.iryna).get(address(world, "desk_need", need.number)))

    assert f'value="{other.dealer.pk}"' not in page


def test_the_campaigns_page_marks_a_need_whose_price_is_out_of_date(world: World) -> None:
    need = world.in_campaign()
    world.in_campaign(title=words_of("Generators", "Генератори"), beneficiary=world.city_k)
    url = address(world, "campaign")
    world.quote(need, 8_000_000)
    with quotes_unguarded():
        Quote.objects.update(quoted_date=DAY, valid_until_date=DAY)

    fresh = text_of(world.signed_in(world.tom).get(url))
    with clock.showing(AT + timedelta(days=2)):
        page = text_of(world.signed_in(world.tom).get(url))

    assert "Price out of date" not in fresh
    assert page.count("Price out of date") == 1


def test_the_campaign_opens_only_when_it_says_what_becomes_of_the_rest(world: World) -> None:
    world.in_campaign()
    tom, url = world.signed_in(world.tom), address(world, "campaign")

    lacking = post(tom, url, {"surplus_rule_en": "Stays.", "open": "1"})
    assert str(words.CAMPAIGN_LACKS["fallback_purpose"]) in text_of(lacking).replace("&#x27;", "'")
    world.campaign.refresh_from_db()
    assert world.campaign.state == Campaign.State.DRAFT

    terms = {
        "surplus_rule_en": "Stays.",
        "fallback_purpose_en": "Other vehicles.",
        "ends_date": "2027-01-31",
    }
    unadopted = post(tom, url, terms | {"open": "1"})
    assert str(words.CAMPAIGN_LACKS["adopted"]) in text_of(unadopted)
    need = world.campaign.needs.get()
    minutes = {"adopt-minutes_number": "7", "adopt-decided_date": "2099-01-01"}
    wrong = tom.post(address(world, "adoption"), minutes)
    assert wrong.status_code == 422
    assert "The day of the decision is not in the future." in text_of(wrong)
    assert 'value="2099-01-01"' in wrong.content.decode()
    minutes |= {"adopt-decided_date": "2026-01-05", "adopt-needs": str(need.pk)}
    post(tom, address(world, "adoption"), minutes)
    post(tom, url, terms | {"open": "1"})
    world.campaign.refresh_from_db()
    assert world.campaign.state == Campaign.State.OPEN


def test_every_desk_address_is_closed_to_strangers_and_asks_others_to_sign_in(
    world: World,
) -> None:
    need = world.submitted()
    stranger, nobody = world.signed_in(world.stranger()), Client()

    for pattern in urlpatterns:
        values = {"number": need.number, "organisation": world.hospital.pk, "waypoint": 1}
        more = [values[name] for name in pattern.pattern.converters if name != "slug"]
        url = address(world, str(pattern.name), *more)
        for method in ("get", "post"):
            if getattr(stranger, method)(url).status_code == 405:
                continue
            assert getattr(stranger, method)(url).status_code == 404, url
            assert getattr(nobody, method)(url)["Location"].startswith("/en/account/login/"), url


def test_every_view_names_the_action_that_guards_it() -> None:
    for pattern in urlpatterns:
        view = pattern.callback
        while hasattr(view, "__wrapped__") and not hasattr(view, "guarded_by"):
            view = view.__wrapped__
        assert hasattr(view, "guarded_by"), pattern.name


@pytest.mark.parametrize("name", ["new", "submission", "verification", "campaign_place"])
def test_a_member_without_the_role_is_told_so(world: World, name: str) -> None:
    need = world.submitted()
    more = [] if name == "new" else [need.number]

    page = world.signed_in(world.lesia).post(address(world, name, *more), {})

    assert page.status_code == 403


def test_the_list_takes_as_many_queries_whatever_there_is(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for _ in range(6):
        world.submitted()
    client = world.signed_in(world.oleh)

    with django_assert_max_num_queries(9):
        page = client.get(address(world, "list"))

    assert text_of(page).count("Look and decide") == 6


def test_every_refusal_has_its_sentence() -> None:
    for refusal in Refusal:
        assert sentence_for(errors.MayNotVerify(refusal))


def test_a_step_on_the_way_is_written_in_both_languages_and_nothing_typed_is_lost(
    world: World,
) -> None:
    world.in_campaign()
    tom, url = world.signed_in(world.tom), address(world, "waypoints")
    typed = {"waypoint-amount": "165,000", "waypoint-text_en": "Two ambulances are paid for"}

    refused = tom.post(url, typed)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Write it in Ukrainian too" in page
    assert 'value="165,000"' in page
    beyond = typed | {"waypoint-text_uk": "Зібрано на два", "waypoint-amount": "165,000,000"}
    assert "This is more than the target" in tom.post(url, beyond).content.decode()
    accepted = tom.post(url, typed | {"waypoint-text_uk": "Зібрано на два"})

    assert accepted.status_code == 302
    (waypoint,) = world.campaign.waypoints.all()
    assert waypoint.amount_minor == 16_500_000
    gone = address(world, "waypoint_gone", waypoint.pk)
    assert "Not reached yet" in tom.get(address(world, "campaign")).content.decode()
    assert world.signed_in(world.iryna).post(gone).status_code in {403, 404}
    assert tom.post(gone).status_code == 302
    assert not world.campaign.waypoints.exists()
