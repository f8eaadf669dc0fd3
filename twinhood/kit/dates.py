"""Dates and moments as people of each language write them.

Ukrainian: «6 квітня 2023 р.» (no leading zero, genitive month, no-break space before «р.»).
"""

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel.core import Locale, get_global
from babel.dates import format_date, get_timezone_location

_PATTERNS = {"uk": "d MMMM y р."}


@cache
def _locale(language: str) -> Locale:
    return Locale.parse({"en": "en_US", "uk": "uk_UA"}.get(language, language))


def long_date(day: date, language: str) -> str:
    """Write the day with its month in words."""
    text = format_date(day, _PATTERNS.get(language, "d MMMM y"), locale=_locale(language))
    return text.replace(" р.", "\u00a0р.")


def month_words(day: date, language: str) -> str:
    """Write the month of a day: "October 2026", «жовтень 2026» (small, as within a sentence)."""
    return format_date(day, "LLLL y", locale=_locale(language))


@cache
def zone_city(zone: str, language: str) -> str:
    """The city that names an IANA zone, in the reader's language: "Kyiv", «Київ»."""
    names = _locale(language).time_zones
    # CLDR files a renamed zone under the name that it had first (Europe/Kiev).
    for known in (zone, *_former_names(zone)):
        if city := names.get(known, {}).get("city"):
            return str(city)
    return get_timezone_location(ZoneInfo(zone), locale=_locale(language), return_city=True)


def _former_names(zone: str) -> list[str]:
    return [old for old, new in get_global("zone_aliases").items() if new == zone]


def moment_words(moment: datetime, zone: str, language: str) -> str:
    """Write a moment (already in `zone`) with its day, its time and whose clock that is."""
    day = long_date(moment.date(), language)
    return f"{day}, {moment:%H:%M} ({zone_city(zone, language)})"
