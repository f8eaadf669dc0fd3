"""The door of the donor's place: whom it lets in, for how long, and what it tells nobody."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from twinhood.giving import actions, keys, letters, visits
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.models import Donor, Visit
from twinhood.giving.tests import world
from twinhood.kit import clock
from twinhood.people.models import Partnership

pytestmark = pytest.mark.django_db
DOOR = "/en/giver/"
INSIDE = "/en/giver/gifts/"


@pytest.fixture
def pair() -> Partnership:
    """A partnership with a gift of Anna's and one of Boris's."""
    pair = world.partnership()
    world.fund(pair)
    world.posted(pair, world.cheque(donor=world.ANNA), world.cheque(donor=world.BORIS))
    return pair


def ask(email: str, client: Client | None = None) -> HttpResponse:
    """Ask at the door, and let the worker do what it was asked for."""
    answer = (client or Client()).post(DOOR, {"email": email})
    for job in ProcrastinateJob.objects.filter(task_name=visits.TASK):
        visits.let_in_sealed(job.args["sealed"])
    ProcrastinateJob.objects.filter(task_name=visits.TASK).delete()
    return answer  # type: ignore[return-value]


def link_in_letter() -> str:
    """The path of the link in the letter that came last."""
    letters.send_due()
    found = re.search(r"http://[^/\s]+(/\w+/giver/open/[^/\s]+/)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def entered(email: str = "anna@example.org") -> Client:
    """A browser in the donor's place of this address, the way that donors come there."""
    client = Client()
    ask(email, client)
    client.post(link_in_letter())
    return client


def test_a_donor_comes_in_by_the_link_of_a_letter_and_a_click(pair: Partnership) -> None:
    client = Client()
    ask("Anna@Example.org", client)
    link = link_in_letter()

    looked = client.get(link)
    opened = client.post(link)
    inside = client.get(INSIDE)

    assert (looked.status_code, opened.status_code) == (200, 302)
    assert opened["Location"] == INSIDE
    assert "anna@example.org" in inside.content.decode()
    assert inside["X-Robots-Tag"] == "noindex"
    assert inside["Cache-Control"] == "private, no-store"


def test_the_door_answers_alike_whether_an_address_is_a_donor_s_or_not(pair: Partnership) -> None:
    known, unknown = ask("anna@example.org"), ask("nobody@example.org")
    letters.send_due()

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [letter.to for letter in mail.outbox] == [["anna@example.org"]]


def test_the_page_does_the_same_work_for_every_address(pair: Partnership) -> None:
    client = Client()
    client.post(DOOR, {"email": "first@example.org"})

    asked = []
    for email in ("anna@example.org", "nobody@example.org"):
        with CaptureQueriesContext(connection) as queries:
            client.post(DOOR, {"email": email})
        asked.append([query["sql"].split(" ")[0] for query in queries])

    assert asked[0] == asked[1]


def test_what_waits_for_the_worker_does_not_say_the_address(pair: Partnership) -> None:
    Client().post(DOOR, {"email": "anna@example.org"})

    (job,) = ProcrastinateJob.objects.filter(task_name=visits.TASK)
    assert "anna" not in str(job.args)
    assert b"anna".hex() not in str(job.args)


def test_a_link_opens_once(pair: Partnership) -> None:
    ask("anna@example.org")
    link = link_in_letter()
    Client().post(link)

    again = Client()
    answers = [again.get(link), again.post(link)]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert again.get(INSIDE)["Location"] == DOOR


def test_programs_that_look_at_every_link_do_not_use_it_up(pair: Partnership) -> None:
    ask("anna@example.org")
    link = link_in_letter()

    for _ in range(3):
        Client().get(link)
        Client().head(link)

    assert Client().post(link).status_code == 302


def test_a_link_of_half_an_hour_ago_opens_nothing(pair: Partnership) -> None:
    ask("anna@example.org")
    link = link_in_letter()

    with clock.showing(clock.now() + timedelta(minutes=31)):
        assert Client().post(link).status_code == 410


@pytest.mark.parametrize("token", ["1", "1.", "1.AAAA", "0", "é", "1.x.y", "%00", "-1.AAAA"])
def test_a_forged_link_opens_nothing(pair: Partnership, token: str) -> None:
    Visit.objects.create(donors=[Donor.objects.first().pk], asked_at=clock.now())  # type: ignore[union-attr]

    assert Client().post(f"/en/giver/open/{token}/").status_code in {400, 404, 410}


def test_a_link_is_no_cookie_and_a_cookie_no_link(pair: Partnership) -> None:
    client = entered()
    cookie = client.cookies[visits.COOKIE].value
    visit = Visit.objects.get()
    other = Client()
    other.cookies[visits.COOKIE] = visits.entry_token(visit.pk)

    assert other.get(INSIDE)["Location"] == DOOR
    assert Client().post(f"/en/giver/open/{cookie}/").status_code == 410


def test_a_visit_ends_after_two_hours(pair: Partnership) -> None:
    client = entered()

    with clock.showing(clock.now() + timedelta(hours=2, minutes=1)):
        assert client.get(INSIDE)["Location"] == DOOR


def test_who_leaves_has_left_wherever_the_cookie_has_got_to(pair: Partnership) -> None:
    client = entered()
    elsewhere = Client()
    elsewhere.cookies[visits.COOKIE] = client.cookies[visits.COOKIE].value
    assert elsewhere.get(INSIDE).status_code == 200

    client.post("/en/giver/leave/")

    assert client.get(INSIDE)["Location"] == DOOR
    assert elsewhere.get(INSIDE)["Location"] == DOOR


def test_a_visit_of_a_donor_who_is_forgotten_ends(pair: Partnership) -> None:
    client = entered()
    ask("boris@example.org")
    link = link_in_letter()

    for donor in Donor.objects.all():
        actions.erase(donor=donor)

    assert client.get(INSIDE)["Location"] == DOOR
    boris = Client()
    boris.post(link)
    assert boris.get(INSIDE)["Location"] == DOOR


def test_one_address_of_two_partnerships_sees_both_and_no_gift_of_others(
    pair: Partnership,
) -> None:
    second = world.partnership("westport-lyman")
    world.fund(second)
    (there,) = world.posted(second, world.cheque(4200, donor=world.ANNA))
    (foreign,) = world.posted(second, world.cheque(7700, donor=world.CLARA))

    page = entered().get(INSIDE).content.decode()

    assert "$25.00" in page
    assert "$42.00" in page
    assert f"/gifts/{there.ref}/" in page
    assert foreign.ref not in page


def test_a_gift_of_somebody_else_is_not_found(pair: Partnership) -> None:
    client = entered()
    boris = Donor.objects.order_by("id").last()
    assert boris is not None

    for ref in [boris.gifts.get().ref, "NOSUCH"]:
        assert client.get(f"{INSIDE}{ref}/").status_code == 404


def test_an_address_gets_three_letters_an_hour_and_then_more_later(pair: Partnership) -> None:
    for _ in range(5):
        ask("anna@example.org")
    letters.send_due()
    assert len(mail.outbox) == visits.LETTERS_AN_HOUR

    with clock.showing(clock.now() + timedelta(minutes=61)):
        ask("anna@example.org")
        letters.send_due()
    assert len(mail.outbox) == visits.LETTERS_AN_HOUR + 1


def test_one_visitor_s_many_askings_are_refused_and_another_s_are_not(pair: Partnership) -> None:
    asked = [Client().post(DOOR, {"email": f"n{n}@example.org"}) for n in range(61)]
    other = Client(REMOTE_ADDR="203.0.113.9").post(DOOR, {"email": "anna@example.org"})

    assert [answer.status_code for answer in asked] == [302] * 60 + [422]
    assert other.status_code == 302


@pytest.mark.parametrize(
    "typed", ["", "anna", "a@b\ncc: x@example.org", "x" * 250 + "@example.org"]
)
def test_what_is_no_address_is_said_so(typed: str) -> None:
    assert Client().post(DOOR, {"email": typed}).status_code == 422


def test_from_one_gift_s_link_the_letter_goes_to_who_gave_it(pair: Partnership) -> None:
    anna = Donor.objects.order_by("id").first()
    assert anna is not None
    secret = actions.renew_secret(gift=anna.gifts.get()).secret

    page = Client().get(f"/en/giver/from/{secret}/")
    answer = Client().post(f"/en/giver/from/{secret}/")
    for job in ProcrastinateJob.objects.filter(task_name=visits.TASK):
        visits.let_in_sealed(job.args["sealed"])
    letters.send_due()

    assert "anna@example.org" not in page.content.decode()
    assert answer["Location"] == "/en/giver/sent/"
    assert [letter.to for letter in mail.outbox] == [["anna@example.org"]]
    assert Client().get("/en/giver/from/nosuchsecret/").status_code == 404


def test_an_account_comes_in_by_the_addresses_that_it_has_verified(pair: Partnership) -> None:
    tom = world.tom(pair)
    client = Client()
    client.force_login(tom)
    EmailAddress.objects.create(user=tom, email="anna@example.org", verified=False)
    refused = client.post("/en/giver/account/")

    EmailAddress.objects.update(verified=True)
    let_in = client.post("/en/giver/account/")

    assert refused.status_code == 422
    assert let_in["Location"] == INSIDE
    assert "anna@example.org" in client.get(INSIDE).content.decode()


def test_nobody_comes_in_as_an_account_who_has_none(pair: Partnership) -> None:
    assert Client().post("/en/giver/account/").status_code == 422


def test_a_donor_without_an_address_is_nobody_s_place(pair: Partnership) -> None:
    world.posted(pair, world.cheque(donor=DonorFacts(name="Anna")))

    assert visits.let_in("") is None
    assert visits.let_in(" ") is None


def test_visits_are_forgotten_after_thirty_days(pair: Partnership) -> None:
    entered()

    assert visits.forget_old() == 0
    with clock.showing(clock.now() + timedelta(days=31)):
        assert visits.forget_old() == 1


def test_the_letter_s_words_are_the_donor_s_language(pair: Partnership) -> None:
    Donor.objects.update(language="uk")
    ask("anna@example.org")

    link = link_in_letter()

    assert link.startswith("/uk/")
    assert "Добрий день" in str(mail.outbox[-1].body) or "Anna" in str(mail.outbox[-1].body)


def test_keys_open_only_what_was_asked(pair: Partnership) -> None:
    other_purpose = keys.seal_note("anna@example.org", keys.master_keys(), "links:1")

    assert visits.let_in_sealed(other_purpose) is None
