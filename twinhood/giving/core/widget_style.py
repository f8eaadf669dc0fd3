"""How a newsroom may style a widget: its colour, its corners, light or dark; always readable.

Relative luminance and contrast are those of WCAG 2.2 ("contrast ratio", "relative luminance").
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

CONTRAST_MIN = 4.5
CORNER_MAX_PX = 24
THEMES = ("auto", "light", "dark")
PARAMETERS = ("color", "corner", "theme")
# The widget's own ground that is nearest to its ink: tokens.css, --a-tint in light and in dark.
GROUND = {"light": (0xC7, 0xE7, 0xE8), "dark": (0x0E, 0x37, 0x3C)}
# The colours of a picture, which no style sheet reaches: ground, words, words aside, the bar's
# ground, our own accent and what warns; tokens.css, in light and in dark.
PICTURE = {
    "light": ("#f2f8f5", "#0d2429", "#3c5558", "#fcfefd", "#00626c", "#9f400f"),
    "dark": ("#0d1719", "#e7f0ec", "#a6babb", "#142022", "#69ced0", "#ffb07c"),
}
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
_HEX = re.compile(r"#?([0-9a-f]{6})", re.IGNORECASE)
# So many steps from a colour to black or to white.
STEPS = 100

type Rgb = tuple[int, int, int]


class BadStyle(ValueError):
    """A parameter that says nothing; `name` is the parameter's."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class WidgetStyle:
    """What was asked for; None where nothing was. The corner in CSS pixels."""

    color: Rgb | None = None
    corner_px: int | None = None
    theme: str = "auto"

    @property
    def is_plain(self) -> bool:
        return self == WidgetStyle()


def read(given: Mapping[str, str]) -> WidgetStyle:
    """The style of an address. What is empty was not asked for. Raises BadStyle."""
    return WidgetStyle(
        color=_color(given.get("color", "")),
        corner_px=_corner(given.get("corner", "")),
        theme=_theme(given.get("theme", "")),
    )


def _color(typed: str) -> Rgb | None:
    if not typed:
        return None
    found = _HEX.fullmatch(typed)
    if found is None:
        raise BadStyle("color")
    digits = found[1]
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def _corner(typed: str) -> int | None:
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 2):
        raise BadStyle("corner")
    if int(typed) > CORNER_MAX_PX:
        raise BadStyle("corner")
    return int(typed)


def _theme(typed: str) -> str:
    if typed and typed not in THEMES:
        raise BadStyle("theme")
    return typed or "auto"


def as_hex(color: Rgb) -> str:
    return "#" + "".join(f"{part:02x}" for part in color)


def query_of(style: WidgetStyle) -> str:
    """The same as it stands in an address, shortest form; "" for a plain one."""
    parts = [
        f"color={as_hex(style.color)[1:]}" if style.color is not None else "",
        f"corner={style.corner_px}" if style.corner_px is not None else "",
        f"theme={style.theme}" if style.theme != "auto" else "",
    ]
    return "&".join(part for part in parts if part)


def luminance(color: Rgb) -> float:
    """0 for black, 1 for white."""
    red, green, blue = (_linear(part / 255) for part in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def contrast(one: Rgb, other: Rgb) -> float:
    """From 1 (the same) to 21 (black on white)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def ink_on(color: Rgb) -> Rgb:
    """Black or white, whichever is read better on it: never below 4.5 to 1."""
    return max(BLACK, WHITE, key=lambda ink: contrast(ink, color))


def readable(color: Rgb, theme: str) -> Rgb:
    """The colour, as little darker or lighter as it must be to be read on the widget's ground."""
    ground = GROUND[theme]
    target = BLACK if theme == "light" else WHITE
    shades = (_mixed(color, target, step) for step in range(STEPS + 1))
    return next(shade for shade in shades if contrast(shade, ground) >= CONTRAST_MIN)


def _mixed(color: Rgb, target: Rgb, step: int) -> Rgb:
    red, green, blue = (
        round(part + (to - part) * step / STEPS) for part, to in zip(color, target, strict=True)
    )
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a picture as SVG writes them, and its corner in pixels."""

    ground: str
    ink: str
    aside: str
    sheet: str
    accent: str
    warning: str
    corner_px: int


def palette(style: WidgetStyle) -> Palette:
    """A picture in this style. It is light unless it must be dark: it knows no reader's device."""
    theme = "dark" if style.theme == "dark" else "light"
    ground, ink, aside, sheet, accent, warning = PICTURE[theme]
    if style.color is not None:
        accent = as_hex(readable(style.color, theme))
    return Palette(ground, ink, aside, sheet, accent, warning, style.corner_px or 0)


def css(style: WidgetStyle) -> str:
    """The style sheet of a style: a few custom properties, nothing that was typed."""
    rules = []
    if style.theme != "auto":
        blend = "screen" if style.theme == "dark" else "multiply"
        rules.append(f":root{{color-scheme:{style.theme};--blend:{blend}}}")
    if style.color is not None:
        pairs = [readable(style.color, theme) for theme in ("light", "dark")]
        inks = [ink_on(shade) for shade in pairs]
        rules.append(
            f":root{{--a:light-dark({','.join(map(as_hex, pairs))});"
            f"--on-a:light-dark({','.join(map(as_hex, inks))})}}"
        )
    if style.corner_px is not None:
        rules.append(f":root{{--r:{style.corner_px}px}}.embed-card{{border-radius:var(--r)}}")
    return "\n".join(rules) + "\n"
