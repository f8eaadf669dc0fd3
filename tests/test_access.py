"""A walk over every address: nobody reads or writes what is not theirs, and reading never writes.

The walk is made from the table of addresses, so a view added later is walked too.
"""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.addresses import Address, all_addresses
from tests.two_worlds import TwoWorlds, signed_in, worlds
from twinhood.people.core.permissions import POLICY, RoleName

__all__ = ["worlds"]

pytestmark = pytest.mark.django_db

ADDRESSES = all_addresses()
GUARDED = [address for address in ADDRESSES if address.guarded_by]
OF_A_PARTNERSHIP = [address for address in ADDRESSES if "slug" in address.parameters]
# Neither public nor of a partnership: signing in, the own account, the own list of desks, the
# donor's secret link, which is its own key, the donor's place, which has a door of its own, and
# what only the machine's operator sees.
OWN = re.compile(
    r"(account_\w+|mfa_\w+|people:\w+|web:desk|web:trace|web:proof\w*|web:machine|web_metrics"
    r"|web:reminders|web_calendar"
    r"|joining:\w+|giving:news|giving:receipt|giving:receipt_file|giving:choice|giver:\w+|hook_\w+)"
)
EVERY_ROLE = tuple(RoleName)
SIGN_IN = "/en/account/login/?next=/en/desk/"

every_address = pytest.mark.parametrize("address", ADDRESSES, ids=str)
every_guarded_address = pytest.mark.parametrize("address", GUARDED, ids=str)


def _statuses(*answers: Any) -> set[int]:
    """What was answered, but for 405: a view that only takes forms says so to everybody alike."""
    return {answer.status_code for answer in answers} - {405}


def test_the_walk_sees_the_site() -> None:
    assert len(ADDRESSES) > 50
    assert len(GUARDED) > 20


@every_address
def test_every_view_says_whom_it_is_open_to(address: Address) -> None:
    assert (
        address.guarded_by or address.is_public or address.is_open or OWN.fullmatch(address.name)
    ), f"{address} is open to whom? Decorate its view with @in_workspace(Action.…) or @public()."


@pytest.mark.parametrize("address", OF_A_PARTNERSHIP, ids=str)
def test_a_view_of_a_partnership_is_public_or_guarded_and_never_both(address: Address) -> None:
    assert bool(address.guarded_by) is not (address.is_public or address.is_open)


@every_guarded_address
def test_nobody_signed_in_is_led_to_the_sign_in_page(address: Address, worlds: TwoWorlds) -> None:
    url = worlds.values.url(address)

    answers = [Client().get(url), Client().post(url)]

    assert _statuses(*answers) == {302}
    for answer in answers:
        assert answer.get("Location", SIGN_IN).startswith(SIGN_IN)


@every_guarded_address
def test_a_stranger_learns_not_even_that_it_exists(address: Address, worlds: TwoWorlds) -> None:
    there = worlds.values.url(address)
    nowhere = worlds.values.url(address, slug="no-such-partnership")
    client = signed_in(worlds.stranger)

    seen = [client.get(there), client.post(there), client.get(nowhere), client.post(nowhere)]

    assert _statuses(*seen) == {404}


@every_guarded_address
def test_a_neighbour_with_every_role_finds_nothing(address: Address, worlds: TwoWorlds) -> None:
    neighbour = worlds.person_with(*EVERY_ROLE, partnership=worlds.neighbours)
    client = signed_in(neighbour)
    url = worlds.values.url(address)

    assert _statuses(client.get(url), client.post(url)) == {404}


@pytest.mark.parametrize("address", [a for a in GUARDED if len(a.parameters) > 1], ids=str)
def test_a_thing_of_another_partnership_is_not_found_under_the_own_address(
    address: Address, worlds: TwoWorlds
) -> None:
    neighbour = worlds.person_with(*EVERY_ROLE, partnership=worlds.neighbours)
    client = signed_in(neighbour)
    url = worlds.values.url(address, slug=worlds.neighbours.slug)

    assert _statuses(client.get(url), client.post(url)) == {404}


@every_guarded_address
@pytest.mark.parametrize("role", RoleName)
def test_a_role_opens_what_the_policy_says_and_nothing_more(
    role: RoleName, address: Address, worlds: TwoWorlds
) -> None:
    client = signed_in(worlds.person_with(role))
    url = worlds.values.url(address)

    read, written = client.get(url), client.post(url)

    if address.guarded_by in POLICY[role]:
        assert read.status_code in {200, 302, 405}
        # 403 too: the writer of a need or order may do things with it that nobody else may.
        assert written.status_code in {200, 302, 303, 403, 405, 409, 422}
    else:
        assert _statuses(read, written) == {403}


# Papers that the log seals: the first copy that goes out leaves its SHA-256 there (decision 0030).
SEALED_ON_FIRST_READING = {
    "deliveries:approvals_pdf", "giver:receipt", "giving:receipt_file",
    "giving:receipt_file_at_desk",
}  # fmt: skip
SEAL = {"documents_document", "documents_revision", "documents_loggedrevision"}


@every_address
def test_reading_writes_nothing(address: Address, worlds: TwoWorlds) -> None:
    client = signed_in(worlds.person_with(*EVERY_ROLE))
    url = worlds.values.url(address)
    if address.name in SEALED_ON_FIRST_READING:
        with CaptureQueriesContext(connection) as first:
            client.get(url)
        assert {_changed(query["sql"]) for query in first} <= {*SEAL, ""}

    with CaptureQueriesContext(connection) as asked:
        client.get(url)
        client.head(url)

    assert [query["sql"] for query in asked if _writes(query["sql"])] == []


def _writes(sql: str) -> bool:
    """Whether a statement changes rows of ours; an own session or cache is nobody's fact."""
    return _changed(sql) not in {"", "django_session", "kit_cache"}


def _changed(sql: str) -> str:
    """The table that a statement changes; "" for one that only reads."""
    found = re.match(r"\W*(?:INSERT INTO|UPDATE|DELETE FROM)\W+(\w+)", sql, re.IGNORECASE)
    return found[1] if found else ""


@every_address
def test_a_form_without_its_token_is_refused(address: Address, worlds: TwoWorlds) -> None:
    client = signed_in(worlds.person_with(*EVERY_ROLE), checks_csrf=True)

    answer = client.post(worlds.values.url(address), {"name": "x"})

    # What a rail tells us bears its signature instead; a mail program has the sealed address.
    instead = {"hook_stripe": 400, "giving:news": 404}
    assert answer.status_code == instead.get(address.name, 403)


def test_a_form_with_the_token_of_another_browser_is_refused(worlds: TwoWorlds) -> None:
    client = signed_in(worlds.person_with(*EVERY_ROLE), checks_csrf=True)
    client.cookies["csrf"] = "a" * 32

    answer = client.post("/en/who/leave/", {"csrfmiddlewaretoken": "b" * 32})

    assert answer.status_code == 403


@pytest.mark.parametrize("origin", ["null", "https://evil.example", "http://sub.testserver"])
def test_a_form_from_another_site_is_refused(worlds: TwoWorlds, origin: str) -> None:
    client = signed_in(worlds.person_with(*EVERY_ROLE), checks_csrf=True)
    client.cookies["csrf"] = token = "a" * 32

    answer = client.post(
        "/en/who/leave/", {"csrfmiddlewaretoken": token}, headers={"origin": origin}
    )

    assert answer.status_code == 403


def test_the_books_of_a_partnership_are_not_moved_by_mail_alone(worlds: TwoWorlds) -> None:
    client = signed_in(worlds.person_with(*EVERY_ROLE), has_key=False)
    moves = [address for address in GUARDED if address.guarded_by in _needs_second_factor()]
    assert moves

    for address in moves:
        answer = client.post(worlds.values.url(address))
        assert answer.status_code == 302, address
        assert answer["Location"].startswith("/en/account/second-factor/"), address


def _needs_second_factor() -> frozenset[object]:
    from twinhood.people.core.permissions import NEEDS_SECOND_FACTOR

    return frozenset(NEEDS_SECOND_FACTOR)
