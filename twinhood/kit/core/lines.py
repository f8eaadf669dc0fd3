"""Where things stand on a drawn line. Positions are percent as text, so that no locale bends them.

A percent position lets bars stretch with the page while text keeps its size.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from twinhood.kit.components import Cell, FundLine, Group, ZoomLevel

# Below this share of the line a label does not fit into its cell.
LABEL_SHARE_MIN = 0.16
TICK_SHARE_MIN = 0.018
# One letter of a group's label as a share of the narrowest line that shows labels (704 px).
_LETTER_SHARE = 0.0092

_INK = {"": "", "given": "fl-given", "bought": "fl-bought", "handed_over": "fl-done"}


def percent(part: float, whole: float) -> str:
    """Write part/whole as an SVG length: "12.5%"."""
    return f"{part / whole * 100:.4f}".rstrip("0").rstrip(".") + "%"


@dataclass(frozen=True, slots=True)
class Bar:
    """A drawn cell: `ink` is its CSS class, `tick_x` is empty when a tick would not fit."""

    cell: Cell
    x: str
    width: str
    middle_x: str
    ink: str
    tick_x: str
    has_room: bool


@dataclass(frozen=True, slots=True)
class GroupMark:
    """A drawn group: its bracket, and its label's place so that no two labels touch."""

    group: Group
    x: str
    end_x: str
    text_x: str
    anchor: str
    text_y: int
    sub_y: int


def bars(cells: Iterable[Cell], start_minor: int, end_minor: int) -> list[Bar]:
    """Cut `cells` to the window [start, end) and place what is left."""
    whole = end_minor - start_minor
    placed = []
    for cell in cells:
        left, right = max(cell.start_minor, start_minor), min(cell.end_minor, end_minor)
        if left < right:
            placed.append(_bar(cell, left - start_minor, right - left, whole))
    return placed


def _bar(cell: Cell, offset: int, length: int, whole: int) -> Bar:
    share = length / whole
    middle = percent(offset + length / 2, whole)
    has_tick = cell.state == "handed_over" and share >= TICK_SHARE_MIN
    return Bar(
        cell=cell,
        x=percent(offset, whole),
        width=percent(length, whole),
        middle_x=middle,
        ink=_INK[cell.state],
        tick_x=middle if has_tick else "",
        has_room=share >= LABEL_SHARE_MIN,
    )


def scale_minor(line: FundLine) -> int:
    """How many minor units the drawn line stands for: the goal, or more when more was given."""
    return max(line.total_minor, line.given_minor, 1)


def group_marks(groups: Sequence[Group], whole_minor: int, first_y: int) -> list[GroupMark]:
    """Place each group's two lines of text on the highest row that is still free there."""
    row_ends: list[float] = []
    gap = whole_minor // 200  # parts one bracket from the next
    marks = []
    for group in groups:
        left = group.start_minor / whole_minor
        width = max(len(group.label), len(group.sub)) * _LETTER_SHARE
        is_at_end = left + width > 1
        begin = max(0.0, 1 - width) if is_at_end else left
        row = next((i for i, end in enumerate(row_ends) if end <= begin), len(row_ends))
        row_ends[row : row + 1] = [begin + width]
        marks.append(
            GroupMark(
                group=group,
                x=percent(group.start_minor, whole_minor),
                end_x=percent(group.start_minor + group.length_minor - gap, whole_minor),
                text_x="100%" if is_at_end else percent(left, 1),
                anchor="end" if is_at_end else "start",
                text_y=first_y + row * 40,
                sub_y=first_y + 18 + row * 40,
            )
        )
    return marks


def edge_anchor(share: float) -> str:
    """Which side a label above the line hangs on, so that it never leaves the page."""
    return "start" if share < 0.15 else "end" if share > 0.85 else "middle"


@dataclass(frozen=True, slots=True)
class ZoomRow:
    """A drawn level. `cone` is the polygon down to the next level, empty for the last."""

    level: ZoomLevel
    bars: list[Bar]
    given_width: str
    text_y: int
    bar_y: int
    height: int
    label_y: int
    scale_y: int
    mark_x: str
    mark_width: str
    is_mark_thin: bool
    mark_y: int
    mark_height: int
    is_last: bool
    cone: str
    cone_y: int
    cone_height: int


_ROW_STEP, _TEXT, _BAR = 182, 24, 52


def zoom_rows(levels: Sequence[ZoomLevel]) -> list[ZoomRow]:
    """Draw each level under the one it enlarges. The last level is what is marked in all."""
    return [_zoom_row(levels, index) for index in range(len(levels))]


def zoom_height(levels: Sequence[ZoomLevel]) -> int:
    return (len(levels) - 1) * _ROW_STEP + _TEXT + _BAR + 30


def _zoom_row(levels: Sequence[ZoomLevel], index: int) -> ZoomRow:
    level, gift, is_last = levels[index], levels[-1], index == len(levels) - 1
    whole = level.end_minor - level.start_minor
    top = index * _ROW_STEP
    length = gift.end_minor - gift.start_minor
    is_thin = length / whole < 0.012
    middle = gift.start_minor + length / 2 - level.start_minor
    return ZoomRow(
        level=level,
        bars=bars(level.cells, level.start_minor, level.end_minor),
        given_width=percent(min(max(level.given_minor - level.start_minor, 0), whole), whole),
        text_y=top + 14,
        bar_y=top + _TEXT + 4,
        height=_BAR,
        label_y=top + _TEXT + 4 + _BAR // 2 + 6,
        scale_y=top + _TEXT + 4 + _BAR + 22,
        mark_x=percent(middle if is_thin else gift.start_minor - level.start_minor, whole),
        mark_width="7" if is_thin else percent(length, whole),
        is_mark_thin=is_thin,
        mark_y=top + _TEXT + 4 - (8 if is_last else 6),
        mark_height=_BAR + 12,
        is_last=is_last,
        cone="" if is_last else _cone(level, levels[index + 1]),
        cone_y=top + _TEXT + 4 + _BAR,
        cone_height=_ROW_STEP - _BAR,
    )


def _cone(level: ZoomLevel, below: ZoomLevel) -> str:
    whole = level.end_minor - level.start_minor
    left = (below.start_minor - level.start_minor) / whole * 100
    right = max((below.end_minor - level.start_minor) / whole * 100, left + 0.2)
    return f"{left:.3f},0 {right:.3f},0 100,100 0,100"
