"""Every component in a real browser: no rule of axe is broken, nothing scrolls sideways."""

from datetime import UTC, date, datetime
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path
from typing import Any, Literal

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import RequestFactory
from django.utils.translation import override

from twinhood.kit.components import (
    Cell,
    CityClock,
    FundLine,
    Group,
    Pips,
    SharedDay,
    TraceZoom,
    ZoomLevel,
)
from twinhood.kit.fields import LocalText

axe_module = pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = pytest.mark.urls("twinhood.kit.tests.look_urls")

NOW = datetime(2026, 4, 6, 14, 2, tzinfo=UTC)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MAP = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2120 1240"><path d="M0 620h2120"/></svg>'
)
SUGGESTIONS = (
    '<li role="option" data-url="/en/kramatorsk/">Kramatorsk<small>Ukraine</small></li>'
    '<li role="option" data-url="/en/kramfors/">Kramfors<small>Sweden</small></li>'
)


class GiftForm(forms.Form):
    email = forms.EmailField(label="Email", help_text="For the receipt.")
    often = forms.ChoiceField(
        label="How often",
        choices=[("once", "Once"), ("monthly", "Monthly")],
        widget=forms.RadioSelect,
    )
    covers_fee = forms.BooleanField(label="Add the card fee", help_text="Off unless you choose it.")
    kind = forms.ChoiceField(label="Kind", choices=[("truck", "Truck")])
    why = forms.CharField(label="Why", widget=forms.Textarea)


def ambulances_and_trucks(given_minor: int) -> FundLine:
    ambulances = ["handed_over"] * 4 + ["bought"] * 2 + ["given"] * 2
    trucks = ["bought"] * 2 + ["given"] * 4 + [""] * 6
    cells = [Cell(i * 8_250_000, 8_250_000, state) for i, state in enumerate(ambulances)]  # type: ignore[arg-type]
    cells += [
        Cell(66_000_000 + i * 9_500_000, 9_500_000, state)  # type: ignore[arg-type]
        for i, state in enumerate(trucks)
    ]
    groups = [
        Group("8 ambulances", "4 handed over", 0, 66_000_000, "ambulance"),
        Group("12 trash trucks", "2 bought", 66_000_000, 114_000_000, "truck"),
        Group("1 MRI scanner", "not yet funded", 180_000_000, 170_000_000, "mri"),
    ]
    return FundLine(350_000_000, given_minor, "USD", cells, groups)


def one_gift() -> TraceZoom:
    line = ambulances_and_trucks(128_645_000)
    return TraceZoom(
        "USD",
        [
            ZoomLevel("The whole fund", 0, 350_000_000, line.cells, 128_645_000),
            ZoomLevel("Ambulances 4 and 5", 24_750_000, 41_250_000, line.cells),
            ZoomLevel(
                "Your gift",
                32_999_000,
                33_001_500,
                [
                    Cell(32_999_000, 1_000, "handed_over", "Ambulance 4", "act signed", "/en/"),
                    Cell(33_000_000, 1_500, "bought", "Ambulance 5", "on the road"),
                ],
            ),
        ],
        "Three number lines, each enlarging the one above.",
    )


def everything(language: str) -> dict[str, Any]:
    generator = LocalText(en="Diesel generator", uk="Дизельний генератор")
    untranslated = LocalText(uk="Лікарняні ліжка")
    return {
        "example_loaded": True,
        "main_partnership": {"slug": "stamford-kramatorsk"},
        "persona": {"name": "Iryna", "change_url": "/en/", "leave_url": "/en/"},
        "language_links": [
            {"code": "en", "name": "English", "url": "/en/", "current": language == "en"},
            {"code": "uk", "name": "Українська", "url": "/uk/", "current": language == "uk"},
        ],
        "first": sha256(b"first").hexdigest(),
        "second": sha256(b"second").hexdigest(),
        "line": ambulances_and_trucks(128_645_000),
        "more": ambulances_and_trucks(380_000_000),
        "nothing": ambulances_and_trucks(0),
        "zoom": one_gift(),
        "count": 31_204,
        "now": NOW,
        "today": date(2026, 4, 6),
        "day": SharedDay(
            CityClock("Stamford", "America/New_York"), CityClock("Kramatorsk", "Europe/Kyiv"), NOW
        ),
        "needs": [
            {"icon": "generator", "title": generator, "pips": Pips([""], "Not yet funded")},
            {"icon": "bed", "title": untranslated, "pips": Pips(["given", "bought"] * 30, "60")},
            {"icon": "truck", "title": generator, "pips": Pips(["handed_over", "given", ""], "3")},
        ],
        "form": GiftForm({"email": "anna@"}),
    }


def page_html(language: str) -> str:
    source = (Path(__file__).parent / "look.html").read_text(encoding="utf-8")
    with override(language):
        request = RequestFactory().get(f"/{language}/")
        template = engines["django"].engine.from_string(source)  # type: ignore[attr-defined]
        from django.template import Context

        return str(template.render(Context({**everything(language), "request": request})))


def answer(route: Any) -> None:
    """Serve the page, its static files and nothing else; the network stays closed."""
    path = route.request.url.split("//", 1)[1].partition("/")[2].partition("?")[0]
    found = finders.find(path.removeprefix("static/"))
    if path in {"en/", "uk/"}:
        route.fulfill(body=page_html(path[:2]), content_type="text/html; charset=utf-8")
    elif path.startswith("map-"):
        route.fulfill(body=MAP, content_type="image/svg+xml")
    elif path == "sums/":
        route.fulfill(body="31,204 gifts", content_type="text/html; charset=utf-8")
    elif path == "suggest/":
        route.fulfill(body=SUGGESTIONS, content_type="text/html; charset=utf-8")
    elif isinstance(found, str):
        route.fulfill(path=found, content_type=guess_type(path)[0] or "font/woff2")
    else:
        route.fulfill(status=404, body=path)


@pytest.fixture(autouse=True)
def _files_as_they_are_written(settings: Any) -> None:
    """Whatever was once collected into var/ must not be what this test looks at."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


def opened(browser: Any, width: int, scheme: str, language: str = "en", **options: Any) -> Any:
    context = browser.new_context(
        viewport={"width": width, "height": 850}, color_scheme=scheme, **options
    )
    context.route("**/*", answer)
    page = context.new_page()
    page.faults = []
    page.on("console", lambda line: page.faults.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(f"http://look.test/{language}/")
    page.evaluate("document.fonts.ready")
    return page


@pytest.mark.parametrize(
    ("width", "scheme", "language"), [(390, "light", "uk"), (1280, "dark", "en")]
)
def test_every_component_can_be_used_by_everybody(
    browser: Any, width: int, scheme: Literal["light", "dark"], language: str
) -> None:
    page = opened(browser, width, scheme, language)

    violations = axe_module.Axe().run(page, options={"runOnly": RULES}).response["violations"]

    shown = [(v["id"], [node["target"] for node in v["nodes"]]) for v in violations]
    assert shown == []
    assert page.faults == []
    page.context.close()


# 320 px is 1280 px at 400 percent (WCAG 2.2, 1.4.10).
@pytest.mark.parametrize("language", ["en", "uk"])
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_scrolls_sideways(browser: Any, width: int, language: str) -> None:
    page = opened(browser, width, "light", language)

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


def test_the_first_problem_has_the_focus_and_leads_to_its_field(browser: Any) -> None:
    page = opened(browser, 1280, "light")

    assert page.evaluate("document.activeElement.id") == "problems"
    page.get_by_role("link", name="Enter a valid email address.").click()
    assert page.evaluate("document.activeElement.id") == "id_email"
    page.context.close()


def test_cities_are_suggested_and_chosen_with_the_keyboard(browser: Any) -> None:
    page = opened(browser, 1280, "light")
    field = page.locator("#q")

    field.press_sequentially("kra")
    page.get_by_role("option", name="Kramfors").wait_for()
    field.press("ArrowDown")
    field.press("ArrowDown")

    assert field.get_attribute("aria-expanded") == "true"
    chosen = page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert "Kramfors" in chosen.inner_text()
    field.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    page.context.close()


def test_live_sums_change_only_when_the_words_do_and_survive_a_failure(browser: Any) -> None:
    page = opened(browser, 1280, "light")
    answers = iter([(200, "31,204 gifts"), (500, "Something went wrong"), (200, "31,205 gifts")])
    last = (200, "31,205 gifts")

    def sums(route: Any) -> None:
        status, body = next(answers, last)
        route.fulfill(status=status, body=body, content_type="text/html; charset=utf-8")

    page.evaluate(
        """() => {
            window.changes = [];
            const element = document.querySelector("[data-live]");
            new MutationObserver(() => changes.push(element.textContent))
                .observe(element, {childList: true, characterData: true, subtree: true});
        }"""
    )
    page.route("**/sums/", sums)
    page.get_by_text("31,205 gifts").wait_for(timeout=8_000)
    page.wait_for_timeout(1_500)

    assert page.evaluate("changes") == ["31,205 gifts"]
    page.context.close()


def test_without_javascript_everything_is_still_there(browser: Any) -> None:
    page = opened(browser, 390, "light", java_script_enabled=False)

    page.get_by_text("Menu", exact=True).click()

    assert page.get_by_role("link", name="Українська").is_visible()
    page.context.close()
