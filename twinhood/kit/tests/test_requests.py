"""What every request passes: bad input, caches, languages, headers, faults."""

import logging
import re
from typing import Any

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("twinhood.kit.tests.urls")]


# --- bad input


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=a%00b",
        "%00=1",
        "q=%ff",
        "q=%C3%28",
        "q=%ED%A0%80",
        "q=1&q=2",
        "q=&q=",
        "q=" + "a" * 2_000,
    ],
)
def test_an_address_that_no_page_could_mean_is_refused(client: Client, query: str) -> None:
    answer = client.get(f"/en/private/?{query}")

    assert answer.status_code == 400
    assert "This request could not be read" in answer.content.decode()


@pytest.mark.parametrize("path", ["/en/private/%00/", "/%00", "/en/t/%00/"])
def test_a_path_with_nul_is_refused(client: Client, path: str) -> None:
    assert client.get(path).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"name=%00",
        b"name=a%00b&other=1",
        b"na%00me=1",
        b"name=%ff",
        b"name=\xff",
        b"name=%ED%A0%80",
        b"name=1&name=2",
    ],
)
def test_a_form_that_no_page_could_mean_is_refused(client: Client, body: bytes) -> None:
    answer = client.post("/en/form/", data=body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 400


def test_a_form_of_parts_is_held_to_the_same_rule(client: Client) -> None:
    assert client.post("/en/form/", {"name": "a\x00b"}).status_code == 400
    assert client.post("/en/form/", {"name": ["1", "2"]}).status_code == 400


@pytest.mark.parametrize(
    "name", ["Краматорськ", "💛", "'; DROP TABLE--", "a+b&c", "%", "\u202eabc"]
)
def test_everything_that_people_write_gets_through(client: Client, name: str) -> None:
    assert client.post("/en/form/", {"name": name}).content.decode() == f"taken: {name}"
    assert name in client.get("/en/private/", {"q": name}).content.decode()


def test_a_form_of_a_thousand_and_one_fields_is_refused(client: Client) -> None:
    answer = client.post("/en/form/", {f"f{number}": "1" for number in range(1_001)})

    assert answer.status_code == 400


def test_a_form_above_two_megabytes_is_refused(client: Client) -> None:
    body = b"name=" + b"a" * (2 * 1024 * 1024 + 1)

    answer = client.post("/en/form/", data=body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code in {400, 413}


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "localhost.evil.example", "localhost@evil.example", "localhost:80:90"),
        *("a b", "localhost\r\nX-Injected: 1", "", "%00", "[::1", "localhost/evil"),
    ],
)
def test_another_host_gets_a_page_of_ours_and_nothing_else(client: Client, host: str) -> None:
    answer = client.get("/uk/private/", headers={"host": host})

    assert answer.status_code == 400
    assert 'lang="uk"' in answer.content.decode()
    assert "X-Injected" not in answer.headers


def test_a_forwarded_host_is_not_believed(client: Client) -> None:
    answer = client.get(
        "/private/",
        headers={"x-forwarded-host": "evil.example", "x-forwarded-proto": "https"},
    )

    assert answer["Location"] == "/en/private/"


# --- caches


def test_a_public_page_is_the_same_for_all_and_says_so(client: Client) -> None:
    client.get("/en/private/")
    assert client.cookies

    answer = client.get("/en/")

    assert answer["Cache-Control"].startswith("public, max-age=30")
    assert not answer.cookies
    assert "cookie" not in answer.get("Vary", "").lower()
    assert "accept-language" not in answer.get("Vary", "").lower()
    assert "A message for one reader" not in answer.content.decode()


def test_a_public_page_is_sent_once_while_it_stays_the_same(client: Client) -> None:
    first = client.get("/en/")

    again = client.get("/en/", headers={"if-none-match": first["ETag"]})
    other = client.get("/uk/", headers={"if-none-match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == first["Cache-Control"]
    assert other.status_code == 200


def test_a_page_with_a_version_of_its_own_is_public_also_when_it_is_not_sent(
    client: Client,
) -> None:
    answer = client.get("/en/open/versioned/", headers={"if-none-match": '"v1"'})

    assert answer.status_code == 304
    assert answer["Cache-Control"].startswith("public")


def test_asking_for_the_head_gives_the_head(client: Client) -> None:
    page, head = client.get("/en/"), client.head("/en/")

    assert head.status_code == 200
    assert head.content == b""
    assert head["ETag"] == page["ETag"]


def test_a_page_that_sets_a_cookie_is_private_whatever_its_view_says(client: Client) -> None:
    answer = client.get("/en/open/cookie/")

    assert answer["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer


@pytest.mark.parametrize(
    "path", ["/en/private/", "/en/nothing/", "/nothing/", "/en/private/?q=%00"]
)
def test_every_other_answer_stays_out_of_caches(client: Client, path: str) -> None:
    assert "no-store" in client.get(path)["Cache-Control"]


def test_parts_and_pages_of_one_address_are_kept_apart(client: Client) -> None:
    assert "HX-Request" in client.get("/en/")["Vary"]


# --- languages


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("uk", "uk"),
        ("uk-UA,uk;q=0.9,en;q=0.8", "uk"),
        ("en;q=0.5,uk;q=0.9", "uk"),
        ("uk;q=0.1, en;q=0.2", "en"),
        ("de,fr;q=0.5", "en"),
        ("de, uk;q=0.3", "uk"),
        ("uk;q=0, en", "en"),
        ("*", "en"),
        ("", "en"),
        ("x" * 10_000, "en"),
        ("uk;q=abc", "en"),
    ],
)
def test_an_address_without_language_leads_to_the_readers(
    client: Client, accepted: str, language: str
) -> None:
    answer = client.get("/", headers={"accept-language": accepted})

    assert (answer.status_code, answer["Location"]) == (302, f"/{language}/")
    assert "Accept-Language" in answer["Vary"]
    assert answer["Cache-Control"] == "private, no-store"


def test_the_language_chosen_before_goes_first(client: Client) -> None:
    client.cookies["language"] = "uk"

    answer = client.get("/private/?q=1", headers={"accept-language": "en"})

    assert answer["Location"] == "/uk/private/?q=1"


def test_the_language_of_an_address_is_the_language_of_its_page(client: Client) -> None:
    answer = client.get("/uk/", headers={"accept-language": "en"})

    assert answer["Content-Language"] == "uk"
    assert '<html lang="uk"' in answer.content.decode()


# --- headers


@pytest.mark.parametrize("path", ["/en/", "/en/private/", "/en/nothing/", "/en/?q=%00", "/"])
def test_every_answer_carries_the_same_protection(client: Client, path: str) -> None:
    answer = client.get(path)

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("kit/kit.css", "text/css"),
        ("kit/live.js", "text/javascript"),
        ("kit/favicon.svg", "image/svg+xml"),
        ("kit/fonts/literata-latin-wght-normal.woff2", "font/woff2"),
    ],
)
def test_files_come_with_their_type(client: Client, file: str, kind: str) -> None:
    answer = client.get(f"/static/{file}")

    assert answer["Content-Type"].split(";")[0] == kind
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["../settings.py", "..%2fsettings.py", "kit/../../settings.py", "%2e%2e/settings.py"]
)
def test_no_file_outside_is_served(client: Client, path: str) -> None:
    assert client.get(f"/static/{path}").status_code in {302, 400, 404}


# --- faults


def test_a_fault_has_a_number_that_the_page_and_the_log_share(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.raise_request_exception = False

    page = client.get("/uk/falls/").content.decode()

    number = re.search(r"<code>([0-9a-f]{8})</code>", page)
    assert number
    logged = [record for record in caplog.records if record.name == "django.request"]
    assert [record.request.fault_id for record in logged] == [number[1]]  # type: ignore[attr-defined]
    assert "no row of" not in page


@pytest.mark.parametrize("path", ["/en/t/S3CR3T-of-a-donor/", "/en/falls/"])
def test_the_log_of_a_fault_names_no_secret_and_no_person(client: Client, path: str) -> None:
    from twinhood.kit.logs import PlainFormatter

    client.raise_request_exception = False
    lines = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(PlainFormatter().format(record))

    keep, logger = Keep(), logging.getLogger("django.request")
    logger.addHandler(keep)
    try:
        client.post(path, {"email": "anna@twinhood.example", "amount": "MARKER-3"})
        client.get("/en/t/S3CR3T-of-a-donor/more/")
    finally:
        logger.removeHandler(keep)

    told = "\n".join(lines)
    assert "RuntimeError" in told
    for marker in ("S3CR3T", "anna@", "MARKER-3"):
        assert marker not in told


def test_a_missing_page_says_so_in_the_language_of_its_address(client: Client) -> None:
    english: Any = client.get("/en/nothing/")
    ukrainian: Any = client.get("/uk/nothing/")

    assert english.status_code == ukrainian.status_code == 404
    assert 'lang="en"' in english.content.decode()
    assert 'lang="uk"' in ukrainian.content.decode()
    assert 'href="/en/nothing/"' in ukrainian.content.decode()
