"""`make shots`: pictures of pages at 390 and 1280 px, light and dark, in each language.

python scripts/shots.py [--axe] [--out var/shots] [http://localhost:8000 /p/one-two/ ...]

Twinhood must be running (`make run`). Paths are given without a language; `/en` and `/uk` are put
before them. Without any, all pages of the example are taken, the desks of its people as well. Ends
with 1 when a page scrolls sideways, answers with an error, or (with --axe) breaks a rule of axe.
"""

import argparse
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

BASE = f"http://localhost:{os.environ.get('PORT', '8000')}"
P, DESK = "/p/stamford-kramatorsk/", "/desk/stamford-kramatorsk/"
PATHS = (
    "/", P, f"{P}agreement/", f"{P}needs/1/", "/registry/", "/registry/?q=Krmatorsk",
    "/registry/704508/", "/who/", "/account/login/", "/account/signup/",
)  # fmt: skip
# What the people of the example see at their desks, by the name on their button.
DESKS = {
    "Tom": ("", "needs/", "needs/1/", "campaign/", "gifts/", "gifts/new/", "gifts/paste/",
            "exchange/", "orders/", "orders/1/", "orders/4/", "orders/new/", "acts/"),
    "Iryna": ("needs/new/", "needs/4/", "hand-over/", "acts/1/"),
    "Second verifier": ("", "needs/4/"),
}  # fmt: skip
WIDTHS = (390, 1280)
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
AXE_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
_OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
_ALL_SEEN = """async () => {
    for (const image of document.images) image.loading = 'eager';
    await document.fonts.ready;
    await Promise.all([...document.images].map(
        i => i.complete || new Promise(r => i.onload = i.onerror = r)));
}"""


@dataclass
class Report:
    faults: list[str] = field(default_factory=list)

    def add(self, name: str, fault: str) -> None:
        self.faults.append(f"{name}: {fault}")
        print(f"  ! {fault}")


def find_chromium() -> str:
    """Return the browser on this machine, or say that there is none."""
    for name in (os.environ.get("TWINHOOD_CHROMIUM", ""), "chromium", "chromium-browser"):
        if name and (found := shutil.which(name)):
            return found
    raise SystemExit("No chromium found on PATH (or in TWINHOOD_CHROMIUM).")


def launch(playwright: Any) -> Browser:
    """Start chromium; the sandbox needs a user who is not root."""
    args = ["--no-sandbox"] if os.geteuid() == 0 else []
    browser: Browser = playwright.chromium.launch(executable_path=find_chromium(), args=args)
    return browser


def take(page: Page, url: str, name: str, out: Path, report: Report, *, with_axe: bool) -> None:
    """Photograph one page and note what is wrong with it."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    answer = page.goto(url)
    print(name)
    if answer is None or answer.status >= 400:
        report.add(name, f"answered {answer.status if answer else 'nothing'}")
    page.evaluate(_ALL_SEEN)
    page.screenshot(path=out / f"{name}.png", full_page=True)
    if page.evaluate(_OVERFLOW):
        report.add(name, "scrolls sideways")
    for error in errors:
        report.add(name, error)
    if with_axe:
        for violation in Axe().run(page, options=AXE_RULES).response["violations"]:
            targets = [node["target"] for node in violation["nodes"]][:3]
            report.add(name, f"axe {violation['id']}: {targets}")


def rounds(
    base: str, context: BrowserContext, given: list[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield who looks ("" for anybody) and at what."""
    if given:
        yield "", tuple(given)
        return
    yield "", (*PATHS, *linked(base, context))
    for who, tails in DESKS.items():
        yield who, tuple(DESK + tail for tail in tails)


def linked(base: str, context: BrowserContext) -> list[str]:
    """The page of the thing handed over last, whose address is drawn by lot."""
    page = context.new_page()
    page.goto(base + P)
    hrefs = page.locator("a[href*='/units/']").evaluate_all(
        "links => links.map(link => link.pathname)"
    )
    page.close()
    return [href.removeprefix("/" + base.rpartition("/")[2]) for href in hrefs[:1]]


def become(context: BrowserContext, base: str, who: str) -> None:
    page = context.new_page()
    page.goto(f"{base}/who/")
    page.locator(f"li:has(h3:has-text('{who}')) button").first.click()
    page.wait_for_load_state()
    page.close()


def file_name(path: str, language: str, width: int, scheme: str, *, who: str = "") -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", f"{path} {who}".lower()).strip("-") or "home"
    return f"{slug}-{language}-{width}-{scheme}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("base", nargs="?", default=BASE)
    parser.add_argument("paths", nargs="*", help="default: every page of the example")
    parser.add_argument("--out", type=Path, default=Path("var/shots"))
    parser.add_argument("--languages", default="en,uk")
    parser.add_argument("--axe", action="store_true")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    report = Report()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for width in WIDTHS:
            for scheme in SCHEMES:
                context = browser.new_context(
                    viewport={"width": width, "height": 850},
                    color_scheme=scheme,
                    reduced_motion="reduce",  # no picture of a page that is still fading in
                )
                for language in given.languages.split(","):
                    base = f"{given.base.rstrip('/')}/{language}"
                    look = (language, width, scheme)
                    for who, paths in rounds(base, context, given.paths):
                        if who:
                            become(context, base, who)
                        for path in paths:
                            page = context.new_page()
                            name = file_name(path, *look, who=who)
                            take(page, base + path, name, given.out, report, with_axe=given.axe)
                            page.close()
                    context.clear_cookies()
                context.close()
        browser.close()
    print(f"{len(report.faults)} faults", *report.faults, sep="\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
