"""Whatever colour a newsroom chooses, its readers can read the widget."""

import re

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from twinhood.giving.core import widget_style
from twinhood.giving.core.widget_style import BadStyle, WidgetStyle
from twinhood.giving.tests.donor_form import a_need
from twinhood.needs.models import Campaign

colors = st.tuples(*[st.integers(0, 255)] * 3)
PROGRESS = "/embed/stamford-kramatorsk/progress.en.html"


@given(color=colors, theme=st.sampled_from(["light", "dark"]))
def test_every_colour_is_read_on_the_ground_and_its_words_on_it(
    color: widget_style.Rgb, theme: str
) -> None:
    shade = widget_style.readable(color, theme)

    assert widget_style.contrast(shade, widget_style.GROUND[theme]) >= 4.5
    assert widget_style.contrast(widget_style.ink_on(shade), shade) >= 4.5


def test_a_colour_that_can_be_read_is_kept() -> None:
    assert widget_style.readable((0x7A, 0x1F, 0x3D), "light") == (0x7A, 0x1F, 0x3D)
    assert widget_style.contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


@given(color=st.none() | colors, theme=st.sampled_from(widget_style.THEMES))
def test_a_picture_is_read_in_every_style(color: widget_style.Rgb | None, theme: str) -> None:
    drawn = widget_style.palette(WidgetStyle(color=color, theme=theme))

    ground = rgb(drawn.ground)
    for words in (drawn.ink, drawn.aside, drawn.accent, drawn.warning):
        assert widget_style.contrast(rgb(words), ground) >= 4.5


def rgb(color: str) -> widget_style.Rgb:
    red, green, blue = bytes.fromhex(color[1:])
    return red, green, blue


@given(
    style=st.builds(
        WidgetStyle, color=st.none() | colors, corner_px=st.none() | st.integers(0, 24),
        theme=st.sampled_from(widget_style.THEMES),
    )
)  # fmt: skip
def test_a_style_goes_through_an_address_and_back(style: WidgetStyle) -> None:
    query = widget_style.query_of(style)

    pairs = (part.split("=") for part in query.split("&") if part)
    assert widget_style.read(dict(pairs)) == style


@pytest.mark.parametrize(
    ("name", "value"),
    [("color", "red"), ("color", "#12345"), ("color", "7a1f3d;x"), ("color", "１２３４５６"),
     ("corner", "25"), ("corner", "-1"), ("corner", "1e1"), ("corner", "٣"), ("theme", "blue")],
)  # fmt: skip
def test_what_says_nothing_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadStyle) as refused:
        widget_style.read({name: value})

    assert refused.value.name == name


@pytest.mark.django_db
def test_a_styled_widget_loads_one_more_sheet_of_ours_and_a_bad_style_is_told(
    campaign: Campaign,
) -> None:
    a_need(campaign)
    client = Client()

    page = client.get(PROGRESS + "?color=%237a1f3d&corner=8&theme=dark&utm_source=x")
    (address,) = re.findall(r'href="(/embed/style[^"]*)"', page.content.decode())
    sheet = client.get(address.replace("&amp;", "&"))
    refused = client.get(PROGRESS + "?color=red")

    assert address == "/embed/style.css?color=7a1f3d&amp;corner=8&amp;theme=dark"
    assert sheet["Content-Type"].startswith("text/css")
    assert "color-scheme:dark" in sheet.content.decode()
    assert "--r:8px" in sheet.content.decode()
    assert refused.status_code == 400
    assert "six hexadecimal digits" in refused.content.decode()
    assert "style.css" not in client.get(PROGRESS).content.decode()
    picture = PROGRESS.replace(".html", ".svg")
    drawn = client.get(picture + "?color=7a1f3d&corner=8&theme=light").content.decode()
    assert 'fill="#7a1f3d"' in drawn
    assert 'rx="8"' in drawn
    assert client.get(picture + "?theme=blue").status_code == 400


@pytest.mark.django_db
def test_the_page_of_snippets_styles_them_and_keeps_what_was_typed(campaign: Campaign) -> None:
    a_need(campaign)
    url = "/en/p/stamford-kramatorsk/give/embed/"

    styled = Client().get(url, {"color": "7a1f3d", "corner": "8", "theme": "auto"})
    refused = Client().get(url, {"color": "reddish", "corner": "8", "theme": "auto"})

    assert "progress.en.html?color=7a1f3d&amp;corner=8" in styled.content.decode()
    assert refused.status_code == 422
    assert 'value="reddish"' in refused.content.decode()
    assert "six hexadecimal digits" in refused.content.decode()
