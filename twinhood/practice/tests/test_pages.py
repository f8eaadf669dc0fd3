"""The checkout page as a phone without JavaScript sees it: plain forms over HTTP."""

import re
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import stripe

from twinhood.practice import Practice, RefusedInProduction, serve, words
from twinhood.practice.__main__ import _register
from twinhood.practice.tests.conftest import monthly, once

TYPED = {
    "email": "anna@example.org",
    "number": "4242 4242 4242 4242",
    "expiry": "12/34",
    "cvc": "123",
    "name": "Anna",
}


@dataclass
class Seen:
    status: int
    text: str
    location: str
    policy: str


def look(url: str, typed: dict[str, str] | None = None, **headers: str) -> Seen:
    """Ask for a page, or send a form, without following where it leads."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    body = urlencode(typed) if typed is not None else None
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request("POST" if body is not None else "GET", target, body, headers)
    response = connection.getresponse()
    found = Seen(
        response.status,
        response.read().decode(),
        response.headers.get("Location", ""),
        response.headers.get("Content-Security-Policy", ""),
    )
    connection.close()
    return found


@pytest.fixture
def session(client: stripe.StripeClient) -> stripe.checkout.Session:
    return client.v1.checkout.sessions.create(once(2500))


def test_a_test_card_leads_to_the_thank_you_page(
    client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    shown = look(str(session.url))
    assert "PRACTICE" in shown.text
    assert "<h1>Give $25.00</h1>" in shown.text
    assert "<script" not in shown.text

    done = look(str(session.url), TYPED)

    assert (done.status, done.location) == (
        303,
        f"http://localhost:8000/thanks?session={session.id}",
    )
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_a_double_click_pays_once(
    client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    first, second = look(str(session.url), TYPED), look(str(session.url), TYPED)

    assert first.location == second.location
    assert len(client.v1.charges.list().data) == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"number": "4000000000000002"}, "error_declined"),
        ({"number": "4242424242424241"}, "error_number"),
        ({"number": "4539148803436467"}, "error_real"),
        ({"expiry": "13/34"}, "error_expiry"),
        ({"expiry": "01/20"}, "error_expiry_past"),
        ({"cvc": "12"}, "error_cvc"),
        ({"email": "anna"}, "error_email"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "uk"])
def test_what_is_wrong_is_said_and_the_rest_stays_typed(
    session: stripe.checkout.Session, wrong: dict[str, str], says: str, lang: str
) -> None:
    answer = look(f"{session.url}?lang={lang}", TYPED | wrong)

    assert answer.status == 422
    assert answer.text.count(words.WORDS[lang][says]) == 2
    assert words.WORDS[lang]["not_charged"] in answer.text
    assert 'value="Anna"' in answer.text


def test_a_card_that_could_be_real_is_kept_nowhere(
    practice: Practice, session: stripe.checkout.Session
) -> None:
    answer = look(str(session.url), TYPED | {"number": "4539 1488 0343 6467"})

    assert "4539" not in answer.text
    assert "6467" not in repr(practice.store.all("payment_method"))


@pytest.mark.parametrize(("word", "is_paid"), [("yes", True), ("no", False)])
@pytest.mark.parametrize("wanted", [once(2500), monthly(2500)], ids=["once", "monthly"])
def test_the_bank_asks_before_it_agrees(
    client: stripe.StripeClient, wanted: dict[str, object], word: str, *, is_paid: bool
) -> None:
    session = client.v1.checkout.sessions.create(wanted)  # type: ignore[arg-type]
    asked = look(str(session.url), TYPED | {"number": "4000000000003220"})
    bank = f"{urlsplit(str(session.url)).scheme}://{urlsplit(str(session.url)).netloc}"
    assert words.ENGLISH["bank_asks"] in look(bank + asked.location).text

    answer = look(bank + asked.location, {"answer": word})

    assert answer.status == (303 if is_paid else 422)
    found = client.v1.checkout.sessions.retrieve(session.id)
    assert (found.status == "complete") == is_paid


@pytest.mark.parametrize(
    ("locale", "accepted", "lang"), [("uk", "en", "uk"), ("auto", "uk,en;q=0.5", "uk")]
)
def test_the_page_speaks_the_readers_language(
    client: stripe.StripeClient, locale: str, accepted: str, lang: str
) -> None:
    session = client.v1.checkout.sessions.create(once(250_000, "uah", locale=locale))

    shown = look(str(session.url), None, **{"Accept-Language": accepted})

    assert f'<html lang="{lang}">' in shown.text
    assert "Внести 2\N{NO-BREAK SPACE}500,00\N{NO-BREAK SPACE}₴" in shown.text


def test_both_languages_say_the_same_sentences_with_the_same_slots() -> None:
    slots = re.compile(r"{\w+}")

    assert words.ENGLISH.keys() == words.UKRAINIAN.keys()
    for key, sentence in words.ENGLISH.items():
        assert slots.findall(sentence) == slots.findall(words.UKRAINIAN[key]), key


def test_names_are_escaped(client: stripe.StripeClient) -> None:
    wanted = once(2500)
    wanted["line_items"][0]["price_data"]["product_data"]["name"] = "<script>go()</script>"
    session = client.v1.checkout.sessions.create(wanted)

    shown = look(str(session.url), TYPED | {"number": "1", "name": '"><script>'})

    assert "<script" not in shown.text
    assert "default-src 'none'" in shown.policy


@pytest.mark.parametrize("target", ["javascript:go()", "ftp://x/", "/relative"])
def test_a_checkout_leads_to_web_pages_alone(client: stripe.StripeClient, target: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="URL"):
        client.v1.checkout.sessions.create(once(2500, success_url=target))


def test_an_expired_checkout_says_so(
    practice: Practice, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    practice.control("time", advance_s=86_401)

    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    shown = look(str(session.url), TYPED)
    assert (shown.status, words.ENGLISH["closed_expired"] in shown.text) == (410, True)


def test_the_desk_lets_time_pass_and_banks_complain(
    practice: Practice, client: stripe.StripeClient, session: stripe.checkout.Session
) -> None:
    look(str(session.url), TYPED)
    (charge,) = client.v1.charges.list().data
    desk = f"{practice.url}/practice/"
    before = practice.store.now()

    look(desk, {"act": "month_passes"})
    look(desk, {"dispute": charge.id})
    look(desk, {"act": "pay_out"})

    assert practice.store.now() - before >= 28 * 86_400
    assert words.ENGLISH["disputed"] in look(desk).text


def test_another_site_cannot_press_our_buttons(
    practice: Practice, session: stripe.checkout.Session
) -> None:
    evil = {"Origin": "https://evil.example"}

    assert look(f"{practice.url}/practice/", {"act": "pay_out"}, **evil).status == 403
    assert look(f"{practice.url}/practice/time", {"advance_s": "1"}).status == 415
    assert look(str(session.url), Host="evil.example:80").status == 421


def test_a_large_request_is_refused(practice: Practice) -> None:
    parts = urlsplit(practice.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as line:
        line.sendall(b"POST /v1/customers HTTP/1.1\r\nHost: localhost\r\n")
        line.sendall(b"Content-Length: 999999999\r\n\r\n")

        assert b" 413 " in line.recv(200)


# The command


@pytest.mark.parametrize("said", ["1", "true", "ON"])
def test_it_does_not_run_where_money_is_real(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("TWINHOOD_PRODUCTION", said)

    with pytest.raises(RefusedInProduction), serve():
        pass


def test_the_command_prints_its_address_and_stops_when_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "twinhood.practice", "--snapshot", str(tmp_path / "x.db")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None

    address = process.stdout.readline().strip()
    with urllib.request.urlopen(f"{address}/practice/", timeout=10) as page:  # noqa: S310
        assert page.status == 200
    process.terminate()

    assert process.wait(10) == 0
    process.stdout.close()


def test_events_go_where_the_newest_start_has_them_sent(tmp_path: Path) -> None:
    for port, secret in ((8001, "whsec_old"), (8002, "whsec_new")):
        url = f"http://127.0.0.1:{port}/hooks/stripe"
        with serve(snapshot=tmp_path / "x.db") as practice:
            _register(practice, url, secret)
            (endpoint,) = practice.store.all("webhook_endpoint")
            assert endpoint["url"] == url
            assert practice.store.get("_secret", endpoint["id"])["current"] == secret


def test_it_needs_nothing_but_the_standard_library() -> None:
    script = (
        "import sys; import twinhood.practice.__main__; "
        "print([m for m in sys.modules if m.partition('.')[0] in ('django', 'stripe', 'psycopg')"
        " or m.startswith('twinhood.') and not m.startswith('twinhood.practice')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
