"""Money, dates and texts as readers of each language write them."""

from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest
from django.template import Context, Template
from django.utils.translation import override

from twinhood.kit.components import Cell, FundLine, Pips
from twinhood.kit.fields import LocalText

pytestmark = pytest.mark.urls("twinhood.kit.tests.look_urls")

NBSP = "\u00a0"


def drawn(source: str, language: str = "en", **context: object) -> str:
    with override(language):
        return Template("{% load kit %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("source", "english", "ukrainian"),
    [
        ('{{ 2500|money:"USD" }}', "$25.00", f"25,00{NBSP}$"),
        ('{{ 2500|money_short:"USD" }}', "$25", f"25{NBSP}$"),
        ("{{ 31204|digits }}", "31,204", f"31{NBSP}204"),
        ("{{ day|longdate }}", "6 April 2023", f"6 квітня 2023{NBSP}р."),
        ('{{ at|clock:"Europe/Kyiv" }}', "14:10", "14:10"),
        ("{{ text|local }}", "Ambulances", "Автомобілі швидкої допомоги"),
    ],
)
def test_each_reader_sees_their_own_way_of_writing(
    source: str, english: str, ukrainian: str
) -> None:
    context = {
        "day": date(2023, 4, 6),
        "at": datetime(2023, 4, 6, 11, 10, tzinfo=UTC),
        "text": LocalText(en="Ambulances", uk="Автомобілі швидкої допомоги"),
    }

    assert drawn(source, "en", **context) == english
    assert drawn(source, "uk", **context) == ukrainian


def test_a_moment_names_whose_clock_it_is() -> None:
    at = datetime(2023, 4, 6, 11, 10, tzinfo=UTC)

    html = drawn('{{ at|in_zone:"Europe/Kyiv" }}', "uk", at=at)

    assert html == (
        f'<time datetime="2023-04-06T14:10+03:00">6 квітня 2023{NBSP}р., 14:10 (Київ)</time>'
    )


def test_a_text_that_is_not_translated_says_which_language_it_is() -> None:
    html = drawn("{{ text|local }}", "en", text=LocalText(uk="Ліжка <b>"))

    assert html == '<span lang="uk">Ліжка &lt;b&gt;</span>'


def test_a_label_cannot_bring_markup_into_a_drawing() -> None:
    line = FundLine(100, 50, "USD", [Cell(0, 50, "given", '"><script>')])

    html = drawn("{% fund_line line %}", line=line)

    assert "<script>" not in html


@pytest.mark.parametrize("language", ["en", "uk"])
def test_every_drawing_is_well_formed_in_every_language(language: str) -> None:
    line = FundLine(300, 200, "USD", [Cell(0, 90, "handed_over"), Cell(90, 77, "bought")])

    html = drawn(
        '{% fund_line line %}{% pips units %}{% seal_pair first None "Seal" %}',
        language,
        line=line,
        units=Pips(["given"] * 50, "50 funded"),
        first="ab" * 32,
    )

    tree = ElementTree.fromstring(f"<div>{html}</div>")  # noqa: S314 (ours)
    places = [e.get("x") or e.get("width") or "" for e in tree.iter("rect")]
    assert places
    assert not [place for place in places if "," in place]


def test_no_template_of_the_ground_carries_inline_style_or_script() -> None:
    from pathlib import Path

    templates = Path(__file__).parents[1] / "templates"
    found = [
        path.name
        for path in templates.rglob("*.html")
        if " style=" in (text := path.read_text(encoding="utf-8")) or "<script>" in text
    ]

    assert found == []


def test_the_error_page_of_last_resort_needs_nothing() -> None:
    html = Template('{% include "500.html" %}').render(Context())

    assert "Something went wrong on our side" in html
    assert "У нас сталася помилка" in html
