"""Hostile input for every page: addresses, queries, forms and stored words.

Generated from the table of addresses, as the walk of test_access is.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils.translation import override

from tests.addresses import Address, all_addresses
from tests.pages import Page
from tests.two_worlds import TwoWorlds, signed_in, worlds
from twinhood.kit import clock
from twinhood.kit.fields import LocalTextField
from twinhood.people.core.permissions import RoleName

__all__ = ["worlds"]

pytestmark = pytest.mark.django_db

ADDRESSES = all_addresses()
PUBLIC = [address for address in ADDRESSES if address.is_public]
every_address = pytest.mark.parametrize("address", ADDRESSES, ids=str)
every_public_address = pytest.mark.parametrize("address", PUBLIC, ids=str)
EVERY_ROLE = tuple(RoleName)


@pytest.fixture
def insider(worlds: TwoWorlds) -> Client:
    """Somebody with every role, who sees every page."""
    return signed_in(worlds.person_with(*EVERY_ROLE))


def body(answer: Any) -> str:
    parts = answer.streaming_content if answer.streaming else [answer.content]
    return b"".join(parts).decode()


def is_page(answer: Any) -> bool:
    return answer.get("Content-Type", "").startswith("text/html") and bool(answer.status_code < 300)


# --- public pages


@every_public_address
def test_a_public_page_is_the_same_for_all(
    address: Address, worlds: TwoWorlds, insider: Client
) -> None:
    url = worlds.values.url(address)

    with clock.showing(clock.now()):
        for_anybody, for_insider = Client().get(url), insider.get(url)

    assert for_anybody.status_code == 200
    assert for_anybody["Cache-Control"].startswith("public, max-age=")
    assert not for_anybody.cookies
    assert not for_insider.cookies
    assert "cookie" not in for_anybody.get("Vary", "").lower()
    # The journal is long, and made from nothing but its partnership.
    assert for_anybody.streaming or for_anybody.content == for_insider.content


@every_public_address
def test_a_public_page_has_its_own_address_in_each_language(
    address: Address, worlds: TwoWorlds
) -> None:
    for language in ("en", "uk"):
        url = worlds.values.url(address, language=language)
        other = "uk" if language == "en" else "en"
        answer = Client().get(url, headers={"accept-language": other})
        assert answer.status_code == 200
        if is_page(answer):
            assert Page(body(answer)).language in {language, ""}
            assert answer["Content-Language"] == language
            assert "accept-language" not in answer.get("Vary", "").lower()


# --- what a strict policy needs


WIDGETS = ("frame-ancestors *", "default-src 'none'", "form-action 'none'")


@every_address
def test_no_page_needs_a_weaker_policy(
    address: Address, worlds: TwoWorlds, insider: Client
) -> None:
    answer = insider.get(worlds.values.url(address))

    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "unsafe" not in answer["Content-Security-Policy"]
    # Widgets may stand in any page; they have no form, no script and nothing of the visitor.
    is_widget = address.name.startswith(("giving_embed_", "giving_share"))
    for directive in WIDGETS if is_widget else ("frame-ancestors 'none'",):
        assert directive in answer["Content-Security-Policy"]
    if is_page(answer):
        page = Page(body(answer))
        assert page.forbidden == []
        if "html" in page.tags and not is_widget:
            assert page.tags.count("h1") == 1
            assert page.tags.count("main") == 1
            assert page.language == "en"


# --- addresses

NUMBERS = [0, 2**31, 2**63, 10**30]
WORDS = ["0", "none", "-", "a" * 300, "NULL", "1e9"]
STRINGS = ["..", "%", "'", "$(id)", "ґ", "a" * 3_000, "\u202e", "{{7*7}}"]


@pytest.mark.parametrize("address", [a for a in ADDRESSES if a.parameters], ids=str)
def test_an_address_with_junk_in_it_is_not_found_and_no_fault(
    address: Address, worlds: TwoWorlds, insider: Client
) -> None:
    for url in _with_junk(address, worlds):
        assert insider.get(url).status_code in {302, 400, 403, 404, 405, 410}, url


def _with_junk(address: Address, worlds: TwoWorlds) -> Iterator[str]:
    known = worlds.values.kwargs(address)
    for name, value in known.items():
        for junk in NUMBERS if isinstance(value, int) else WORDS + STRINGS:
            try:
                with override("en"):
                    yield reverse(address.name, kwargs=known | {name: junk})
            except NoReverseMatch:
                continue


QUERIES = [
    "page=-1&sort=__class__&order_by=password",
    "page=9223372036854775808&limit=1e400",
    "q=" + "%F0%9F%92%9B" * 100,
    "q=%27%3B%20DROP%20TABLE%20ledger_entry%3B--",
    "q=%25%25%25___%5C",
    "q=((((((((a%2B)%2B)%2B)%2B)%2B)$",
    "next=//evil.example&from=javascript:alert(1)",
    "gift=999999999999999999999&need=abc&state=%E2%80%AE",
    "date=0000-00-00&since=9999-99-99&until=-1",
]


@every_address
def test_a_hostile_query_is_no_fault(address: Address, worlds: TwoWorlds, insider: Client) -> None:
    url = worlds.values.url(address)

    for query in QUERIES:
        answer = insider.get(f"{url}?{query}")
        assert answer.status_code < 500, query
        assert "evil.example" not in answer.get("Location", "").split("?")[0]


# --- forms

HOSTILE = [
    "",
    " \t\u00a0 ",
    "-1",
    "NaN",
    "Infinity",
    "1e400",
    str(2**63),
    "9" * 30,
    "١٢٣",
    "1.234,56",
    "2026-02-30",
    "99999-01-01",
    '"><script>alert(1)</script>',
    "\u202eabc\u2066",
    "Z" + "\u0335" * 500,
    "a" * 20_000,
    "'; DROP TABLE ledger_entry;--",
    "{{ 7|add:7 }}{% debug %}",
    "%s%(x)s{0.__class__}",
    "🇺🇦" * 50,
    '{"$gt": ""}',
    "[1,2,3]",
]


type Form = tuple[str, frozenset[str]]


@pytest.fixture(scope="module")
def tried() -> set[Form]:
    """Forms that were sent already: one that stands on many pages is tried on the first of them."""
    return set()


@every_address
def test_hostile_forms_are_refused_and_no_fault(
    address: Address, worlds: TwoWorlds, insider: Client, tried: set[Form]
) -> None:
    for client in (insider, Client()):
        for action, fields in _forms(worlds, client, address):
            form = (re.sub(r"\d+", "7", action), frozenset(fields))
            if form not in tried:
                tried.add(form)
                _tries_everything(client, action, fields)


def test_the_walk_finds_forms(worlds: TwoWorlds, insider: Client) -> None:
    on_desk = [a for a in ADDRESSES if a.guarded_by and not a.parameters[1:]]
    found = {action for a in on_desk for action, _fields in _forms(worlds, insider, a)}

    assert len(found) > 20


def _forms(
    worlds: TwoWorlds, client: Client, address: Address
) -> Iterator[tuple[str, dict[str, str]]]:
    """Every form that a client sees on a page: where it goes and what stands in it."""
    numbers = worlds.values.numbers(address.route) if "number" in address.parameters else []
    others: list[dict[str, Any]] = [{"number": number} for number in numbers]
    for instead in others or [{}]:
        url = worlds.values.url(address, "en", **instead)
        seen = client.get(url)
        for form in Page(body(seen)).forms if is_page(seen) else ():
            yield form.action or url, form.fields


def _tries_everything(client: Client, action: str, fields: dict[str, str]) -> None:
    """Send each hostile value in each field once, every time with other ones beside it."""
    names = [name for name in fields if name != "csrfmiddlewaretoken"]
    for turn in range(len(HOSTILE) if names else 1):
        sent = {name: HOSTILE[(turn + place) % len(HOSTILE)] for place, name in enumerate(names)}
        point, cookies = transaction.savepoint_create(), deepcopy(client.cookies)
        answer = client.post(action, sent)
        assert answer.status_code < 500, (action, sent)
        # As if it had not been sent: the next form needs the same session and the same rows.
        transaction.savepoint_rollback(point)
        client.cookies = cookies


# --- stored words

MARK = "\"'><img src=x onerror=alert(1)></script><i>{{7*7}}"


def _mark_everything() -> None:
    """Write the mark into every text of every row that the database lets one change."""
    marked = 0
    for model in apps.get_models():
        if model.__module__.startswith("twinhood."):
            for column in model._meta.concrete_fields:
                marked += _mark(model, column)
    assert marked > 10


def _mark(model: type[models.Model], column: Any) -> int:
    if isinstance(column, LocalTextField):
        value: Any = {"en": MARK, "uk": MARK}
    elif (
        isinstance(column, models.CharField | models.TextField)
        and not column.choices
        and not column.unique
        and (column.max_length or 1_000) > len(MARK)
        and column.name not in {"time_zone", "slug"}
    ):
        value = MARK
    else:
        return 0
    try:
        with transaction.atomic():
            return int(bool(model._default_manager.update(**{column.name: value})))
    except DatabaseError:
        # The database keeps this one as it was written.
        return 0


def test_stored_words_stay_words(worlds: TwoWorlds, insider: Client) -> None:
    _mark_everything()

    for address in ADDRESSES:
        answer = insider.get(worlds.values.url(address))
        assert answer.status_code < 500, address
        if is_page(answer):
            assert not re.search(r"<img src=x|</script><i>", body(answer)), address
            assert "<i>49" not in body(answer), address
            assert Page(body(answer)).forbidden == [], address
