"""`{% load kit %}`: money, dates, translated text and the drawn components.

docs/reference/components.md shows how each is called.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.forms import BoundField
from django.template.defaultfilters import stringfilter
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from twinhood.kit import dates
from twinhood.kit.components import Cell, CityClock, FundLine, Pips, SharedDay, TraceZoom
from twinhood.kit.core import days, lines
from twinhood.kit.core.guilloche import Rosette, rosette
from twinhood.kit.money import format_money, format_number

register = template.Library()

GLYPHS = frozenset(
    (
        *("arrow", "check", "cross", "document", "download", "info"),
        *("link", "lock", "print", "search", "todo", "warn"),
    )
)
THINGS = frozenset(["ambulance", "bed", "generator", "money", "mri", "pallet", "truck"])


_DECORATION = SafeString('aria-hidden="true"')


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


# --- words and numbers


@register.filter
def money(amount_minor: int, currency: str) -> str:
    """`{{ gift.amount_minor|money:gift.currency }}`: "$25.00", «25,00 $»."""
    return format_money(amount_minor, currency, _language())


@register.filter
def money_short(amount_minor: int, currency: str) -> str:
    """As `money`, without minor digits where they are zero: "$25"."""
    return format_money(amount_minor, currency, _language(), short=True)


@register.filter
def column(amount_minor: int, currency: str) -> str:
    """The amount without a sign, for a column whose head names the currency."""
    return format_number(amount_minor, currency, _language())


@register.filter
def digits(number: int) -> str:
    """A whole number in groups: "31,204", «31 204»."""
    text = number_format(abs(number), use_l10n=True, force_grouping=True)
    return ("−" if number < 0 else "") + text


@register.filter
def local(value: Any) -> SafeString | str:
    """A LocalText in the reader's language; another language is marked with `lang`."""
    if value is None or isinstance(value, str):
        return value or ""
    text, language = value.in_language(_language())
    if language == _language():
        return str(text)
    return format_html('<span lang="{}">{}</span>', language, text)


@register.filter
def longdate(value: date | datetime | None) -> str:
    """A day in words: "6 April 2023", «6 квітня 2023 р.». A time counts by its UTC day."""
    if value is None:
        return ""
    day = value.astimezone(UTC).date() if isinstance(value, datetime) else value
    return dates.long_date(day, _language())


@register.filter
def in_zone(value: datetime | None, zone: str) -> SafeString | str:
    """A moment where the clocks show `zone`, with the zone named: "6 April 2023, 14:10 (Kyiv)"."""
    if value is None:
        return ""
    moment = value.astimezone(ZoneInfo(zone))
    words = dates.moment_words(moment, zone, _language())
    return format_html('<time datetime="{}">{}</time>', moment.isoformat("T", "minutes"), words)


@register.filter
def clock(value: datetime, zone: str) -> str:
    """Only the time of day in `zone`: "14:10"."""
    return f"{value.astimezone(ZoneInfo(zone)):%H:%M}"


@register.filter
@stringfilter
def fingerprint(value: str) -> str:
    """The first 16 hexadecimal digits in fours, for people to compare: "9e4b 02c7 d1a8 63ff"."""
    head = value[:16]
    return " ".join(head[i : i + 4] for i in range(0, len(head), 4))


@register.filter
def problem_of(error: str, field: BoundField) -> str:
    """An error as the summary shows it: where Django's general sentence stands, its field first."""
    is_general = error == gettext("This field is required.")
    return f"{field.label}: {error}" if is_general else str(error)


# --- drawings


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon; decoration unless `label` says what it means. Unknown names draw a pallet."""
    known = name if name in GLYPHS | THINGS else "pallet"
    kind, box = ("glyph", "0 0 20 20") if known in GLYPHS else ("ico", "0 0 160 96")
    meaning = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else SafeString('aria-hidden="true"')
    )
    return format_html(
        '<svg class="{}" viewBox="{}" {}><use href="{}#{}"/></svg>',
        kind, box, meaning, static("kit/icons.svg"), known,
    )  # fmt: skip


def _half(digest_hex: str | None, ink: str, x: int, name: str) -> dict[str, Any]:
    drawn: Rosette | None = rosette(bytes.fromhex(digest_hex)) if digest_hex else None
    suffix = (digest_hex or "")[:8]
    return {"ink": ink if drawn else "half", "x": x, "rosette": drawn, "name": f"{name}-{suffix}"}


@register.inclusion_tag("kit/_seal.html")
def seal_pair(
    first_hex: str | None, second_hex: str | None, label: str, name: str = "pair"
) -> dict[str, Any]:
    """Both halves of a partnership's seal from SHA-256 digests in hex; None = not signed yet.

    Give another `name` when one page draws the same seal twice (ids must differ).
    """
    halves = [_half(first_hex, "ra", -52, f"{name}-a"), _half(second_hex, "rb", 52, f"{name}-b")]
    return {"view_box": "-152 -104 304 208", "label": label, "halves": halves}


@register.inclusion_tag("kit/_seal.html")
def seal_single(
    digest_hex: str | None, side: str, label: str, name: str = "seal"
) -> dict[str, Any]:
    """One signature's rosette; `side` is "first" (teal) or "second" (orange)."""
    ink = "ra" if side == "first" else "rb"
    return {
        "view_box": "-104 -104 208 208",
        "label": label,
        "halves": [_half(digest_hex, ink, 0, name)],
    }


@register.inclusion_tag("kit/_fund_line.html")
def fund_line(line: FundLine) -> dict[str, Any]:
    """Draw a fund as a number line with its key (`components.FundLine`)."""
    whole = lines.scale_minor(line)
    given_share = line.given_minor / whole
    marks = lines.group_marks(line.groups, whole, first_y=132)
    gifts_minor = line.given_minor if line.gifts_minor is None else line.gifts_minor
    given, goal = (
        money_short(gifts_minor, line.currency),
        money_short(line.total_minor, line.currency),
    )
    is_over = line.given_minor > line.total_minor
    return {
        "bars": lines.bars(line.cells, 0, whole),
        "marks": marks,
        "height": max((mark.sub_y for mark in marks), default=100) + 10,
        "given_x": lines.percent(line.given_minor, whole),
        "given_anchor": lines.edge_anchor(given_share),
        "given_words": gettext("%(amount)s given") % {"amount": given},
        "goal_x": lines.percent(line.total_minor, whole),
        "goal_words": goal,
        "goal_y": 40 if given_share > 0.7 else 22,
        "has_goal_text": not is_over or line.total_minor / whole < 0.7,
        "has_zero_text": given_share > 0.15,
        "words": _line_words(line, goal, given),
    }


def _line_words(line: FundLine, goal: str, given: str) -> str:
    def total(*states: str) -> str:
        amount_minor = sum(cell.length_minor for cell in line.cells if cell.state in states)
        return money_short(amount_minor, line.currency)

    return gettext(
        "Number line of the fund from 0 to %(goal)s. Given: %(given)s. Bought: %(bought)s. "
        "Handed over: %(handed_over)s."
    ) % {
        "goal": goal,
        "given": given,
        "bought": total("bought", "handed_over"),
        "handed_over": total("handed_over"),
    }


PIPS_MAX = 40


@register.inclusion_tag("kit/_pips.html")
def pips(units: Pips) -> dict[str, Any]:
    """Draw the units of a need (`components.Pips`)."""
    if len(units.states) == 1 and units.states[0] == "":
        return {"label": units.label, "squares": ["w"]}
    inks = {"": "", "given": "g", "bought": "b", "handed_over": "d"}
    if len(units.states) <= PIPS_MAX:
        return {"label": units.label, "squares": [inks[state] for state in units.states]}
    return {"label": units.label, "bars": lines.bars(_runs(units.states), 0, len(units.states))}


def _runs(states: Sequence[Any]) -> list[Cell]:
    ordered = [(state, list(states).count(state)) for state in ("handed_over", "bought", "given")]
    starts = [sum(count for _, count in ordered[:i]) for i in range(len(ordered))]
    return [
        Cell(start, count, state)  # type: ignore[arg-type]
        for (state, count), start in zip(ordered, starts, strict=True)
        if count
    ]


@register.inclusion_tag("kit/_mini_line.html")
def mini_line(part_minor: int, whole_minor: int, label: str) -> dict[str, Any]:
    """How full one thing is, with `label` saying it in words."""
    share = min(part_minor, whole_minor) if whole_minor else 0
    return {"x": lines.percent(share, whole_minor or 1), "label": label}


@register.inclusion_tag("kit/_trace_zoom.html")
def trace_zoom(zoom: TraceZoom) -> dict[str, Any]:
    """Draw a gift's cents from the whole fund down to the gift (`components.TraceZoom`)."""
    return {
        "zoom": zoom,
        "rows": lines.zoom_rows(zoom.levels),
        "height": lines.zoom_height(zoom.levels),
        "parts": zoom.levels[-1].cells,
    }


@register.simple_tag
def plate_text(words: str, x: str, y: int, ink: str, extra: str = "") -> SafeString:
    """Text in a bar: light on the dark ink, on a plate of paper over a hatch."""
    if ink == "fl-done":
        return format_html(
            '<text class="on-dark {}" x="{}" y="{}" text-anchor="middle">{}</text>',
            extra, x, y, words,
        )  # fmt: skip
    width = len(words) * (11 if extra == "amt" else 8) + 16
    return format_html(
        '<g class="{}"><rect class="fl-plate" x="{}" y="{}" width="{}" height="28" '
        'transform="translate({} 0)"/>'
        '<text class="{}" x="{}" y="{}" text-anchor="middle">{}</text></g>',
        extra, x, y - 20, width, -width // 2, extra, x, y, words,
    )  # fmt: skip


# --- two clocks


@register.simple_tag
def live_clock(city: CityClock, now: datetime) -> SafeString:
    """A city's time of day, kept going by clocks.js; without JavaScript the time of the answer."""
    moment = now.astimezone(ZoneInfo(city.zone))
    return format_html(
        '<time data-clock="{}" datetime="{}">{}</time>',
        city.zone, moment.isoformat("T", "minutes"), f"{moment:%H:%M}",
    )  # fmt: skip


@register.inclusion_tag("kit/_shared_day.html")
def shared_day(day: SharedDay) -> dict[str, Any]:
    """Draw when both cities are awake, on the first city's clock (`components.SharedDay`)."""
    first, second = (day.now.astimezone(ZoneInfo(c.zone)) for c in (day.first, day.second))
    ahead_h = ((second.utcoffset() - first.utcoffset()).total_seconds()) / 3600  # type: ignore[operator]
    both = days.shared_hours(ahead_h)
    awake = gettext("%(city)s, awake 7:00–23:00")
    return {
        "first": _placed((days.AWAKE_FROM, days.AWAKE_UNTIL)),
        "second": [_placed(span) for span in days.awake_hours(ahead_h)],
        "both": [_placed(span) for span in both],
        "now_x": lines.percent(first.hour + first.minute / 60, 24),
        "first_words": awake % {"city": day.first.name},
        "second_words": awake % {"city": day.second.name},
        "good_words": _good_words(both, ahead_h, day),
        "words": _good_words(both, ahead_h, day)
        or gettext("%(first)s and %(second)s are never awake at the same hour.")
        % {"first": day.first.name, "second": day.second.name},
    }


def _placed(span: days.Hours) -> dict[str, str]:
    return {"x": lines.percent(span[0], 24), "width": lines.percent(span[1] - span[0], 24)}


def _good_words(both: Sequence[days.Hours], ahead_h: float, day: SharedDay) -> str:
    if not both:
        return ""
    start, end = max(both, key=lambda span: span[1] - span[0])
    return gettext(
        "Good hours to call: %(from)s–%(until)s (%(first)s), %(from2)s–%(until2)s (%(second)s)"
    ) % {
        "from": days.hour_text(start),
        "until": days.hour_text(end),
        "from2": days.hour_text((start + ahead_h) % 24),
        "until2": days.hour_text((end + ahead_h) % 24),
        "first": day.first.name,
        "second": day.second.name,
    }
