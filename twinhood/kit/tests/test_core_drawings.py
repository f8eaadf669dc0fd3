"""Seals, lines and shared hours: what is drawn follows from what is given, and nothing else."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.kit.components import Cell, FundLine, Group, ZoomLevel
from twinhood.kit.core.days import awake_hours, hour_text, shared_hours
from twinhood.kit.core.guilloche import RADIUS, rosette
from twinhood.kit.core.lines import bars, edge_anchor, group_marks, percent, scale_minor, zoom_rows


def digest(text: str) -> bytes:
    return sha256(text.encode()).digest()


def test_one_signature_gives_one_seal() -> None:
    assert rosette(digest("Stamford")) == rosette(digest("Stamford"))
    assert rosette(digest("Stamford")) != rosette(digest("Kramatorsk"))


@given(st.binary(min_size=32, max_size=32))
def test_a_seal_stays_within_its_circle(digest: bytes) -> None:
    drawn = rosette(digest)

    points = [pair.split() for pair in drawn.outer_path[1:-1].split("L")]
    assert len(points) == 200
    assert all(float(x) ** 2 + float(y) ** 2 <= (RADIUS * 1.06) ** 2 for x, y in points)


def test_a_seal_is_drawn_from_sha256_only() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        rosette(b"short")


def test_a_position_is_written_with_a_point_in_every_language() -> None:
    assert percent(1, 8) == "12.5%"
    assert percent(0, 8) == "0%"
    assert percent(8, 8) == "100%"


def test_cells_are_cut_to_the_window_that_is_shown() -> None:
    cells = [Cell(0, 100, "handed_over"), Cell(100, 100, "bought"), Cell(200, 100, "given")]

    shown = bars(cells, 50, 150)

    assert [(bar.x, bar.width, bar.ink) for bar in shown] == [
        ("0%", "50%", "fl-done"),
        ("50%", "50%", "fl-bought"),
    ]


def test_only_what_was_handed_over_gets_a_tick() -> None:
    cells = [Cell(0, 50, "handed_over"), Cell(50, 1, "handed_over"), Cell(51, 49, "bought")]

    assert [bool(bar.tick_x) for bar in bars(cells, 0, 100)] == [True, False, False]


def test_a_fund_that_got_more_than_its_goal_makes_the_line_longer() -> None:
    assert scale_minor(FundLine(total_minor=100, given_minor=150, currency="USD")) == 150
    assert scale_minor(FundLine(total_minor=100, given_minor=0, currency="USD")) == 100
    assert scale_minor(FundLine(total_minor=0, given_minor=0, currency="USD")) == 1


def test_names_of_narrow_groups_go_to_rows_of_their_own() -> None:
    groups = [Group("8 ambulances", "4 handed over", start, 20) for start in (0, 20, 40)]

    marks = group_marks(groups, 1000, first_y=132)

    assert [mark.text_y for mark in marks] == [132, 172, 212]


def test_a_name_at_the_end_of_the_line_is_written_leftwards() -> None:
    (mark,) = group_marks([Group("1 MRI scanner", "not yet funded", 950, 50)], 1000, first_y=132)

    assert (mark.text_x, mark.anchor) == ("100%", "end")


@pytest.mark.parametrize(
    ("share", "anchor"), [(0, "start"), (0.5, "middle"), (0.85, "middle"), (1, "end")]
)
def test_the_sum_above_the_line_never_leaves_the_page(share: float, anchor: str) -> None:
    assert edge_anchor(share) == anchor


def test_a_gift_is_marked_on_every_level_even_where_it_is_too_thin_to_see() -> None:
    levels = [
        ZoomLevel("The whole fund", 0, 350_000_000, ()),
        ZoomLevel("Your gift", 32_999_000, 33_001_500, ()),
    ]

    fund, gift = zoom_rows(levels)

    assert (fund.mark_width, fund.is_mark_thin) == ("7", True)
    assert (gift.mark_x, gift.mark_width, gift.cone) == ("0%", "100%", "")
    assert fund.cone.endswith("100,100 0,100")


def test_stamford_and_kramatorsk_share_nine_hours() -> None:
    assert shared_hours(7) == [(7.0, 16.0)]
    assert hour_text(16.5) == "16:30"


def test_a_night_that_lies_across_midnight_comes_in_two_parts() -> None:
    assert awake_hours(-8) == [(0.0, 7.0), (15.0, 24.0)]


@given(st.integers(-48, 56))
def test_every_city_is_awake_for_sixteen_hours(quarters: int) -> None:
    assert sum(end - start for start, end in awake_hours(quarters / 4)) == 16
