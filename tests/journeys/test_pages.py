"""Every page as a reader meets it: axe finds nothing, nothing scrolls sideways, caches help."""

import gzip
import re
import urllib.request
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import DESK, P, Site, oldest_whole

PUBLIC = ("/", P, P + "agreement/", P + "needs/1/", P + "public-file/", "/registry/",
          "/registry/?q=Krmatorsk", "/registry/704508/", P + "give/embed/",
          "/account/login/", "/who/", "/nowhere/")  # fmt: skip
# A form with a key of its own, or a visitor's own: no cache keeps these.
OWN = (P + "give/", P + "give/?amount=40&monthly=1", P + "give/?need=3", "/giver/",
       "/giver/sent/", "/v/")  # fmt: skip
EMBEDDED = ("progress", "button")
DESKS = {
    "Tom": ("", "needs/", "needs/1/", "gifts/", "gifts/new/", "gifts/paste/", "exchange/",
            "orders/", "orders/1/", "orders/4/", "orders/new/", "receipts/", "in-kind/",
            "in-kind/new/", "matching/", "payouts/", "notices/", "inbox/", "bank/",
            "bank/accounts/1/", "bank/lines/1/", "bank/files/1/", "months/",
            "trail/", "exports/", "moves/", "advances/", "withdrawn/", "needs/3/money/",
            "gifts/{ref}/", "gifts/{ref}/refund/", "gifts/{ref}/disputes/",
            "gifts/{ref}/erasure/"),
    "Iryna": ("needs/new/", "needs/4/", "hand-over/"),
}  # fmt: skip
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
LOOKS: tuple[tuple[str, int, Any], ...] = (("en", 390, "light"), ("uk", 1280, "dark"))
COMPRESSED_BYTES_MAX = 60_000


@pytest.mark.parametrize(("language", "width", "scheme"), LOOKS)
def test_no_page_breaks_a_rule_of_axe_or_scrolls_sideways(
    site: Site, browser: Browser, language: str, width: int, scheme: Any
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(m.text) if "Content Security" in m.text else None)
    trace = site.trace_path()
    visited = [*PUBLIC, *OWN, trace, trace + "proof/", trace + "receipt/"]
    ref = oldest_whole(site, 500_000)
    for name, tails in DESKS.items():
        page.goto(site.at("/who/"))
        with page.expect_navigation():
            page.get_by_role("button", name=name).first.click()
        for path in (*visited, *(DESK + tail.format(ref=ref) for tail in tails)):
            page.goto(site.at(path, language))
            wrong += [f"{path}: {fault}" for fault in faults(page, language)]
        visited = []
    for name in EMBEDDED:
        page.goto(f"{site.url}/embed/stamford-kramatorsk/{name}.{language}.html")
        wrong += [f"{name}: {fault}" for fault in faults(page, language)]

    context.close()
    assert not wrong, "\n".join(wrong)


def faults(page: Page, language: str) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    wrong = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append("scrolls sideways")
    if page.get_by_role("heading", level=1).count() != 1:
        wrong.append("not one h1")
    if page.evaluate("document.documentElement.lang") != language:
        wrong.append("another language")
    return wrong


def test_giving_is_small_and_fits_the_narrowest_telephone(site: Site, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 600})

    for path in (*OWN, P, P + "give/embed/"):
        page.goto(site.at(path))
        assert len(gzip.compress(page.content().encode())) <= COMPRESSED_BYTES_MAX, path
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path

    page.close()


@pytest.mark.parametrize("path", PUBLIC[:-3])
@pytest.mark.parametrize("language", ["en", "uk"])
def test_a_public_page_is_small_and_any_cache_may_keep_it(
    site: Site, path: str, language: str
) -> None:
    with urllib.request.urlopen(site.at(path, language), timeout=30) as answer:  # noqa: S310
        body, headers = answer.read(), answer.headers

    assert len(gzip.compress(body)) <= COMPRESSED_BYTES_MAX
    assert headers["Cache-Control"].startswith("public")
    assert headers["ETag"]
    assert headers["Set-Cookie"] is None
    assert "Cookie" not in (headers["Vary"] or "")
    assert b"style=" not in re.sub(rb"<title>.*?</title>", b"", body)


@pytest.mark.parametrize(
    ("accepts", "expected"),
    [("uk", "/uk/"), ("uk;q=0.5, en;q=0.9", "/en/"), ("de, uk;q=0.3", "/uk/"), ("fr", "/en/")],
)
@pytest.mark.parametrize("path", ["/", P, "/registry/"])
def test_an_address_without_a_language_leads_to_the_reader_s(
    site: Site, path: str, accepts: str, expected: str
) -> None:
    asked = urllib.request.Request(site.url + path, headers={"Accept-Language": accepts})  # noqa: S310

    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
        where = answer.url.removeprefix(site.url)

    assert where == expected.rstrip("/") + path
