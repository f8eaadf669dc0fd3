"""What a donor can hand on: codes, and a picture that is the same for everybody."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import typst
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, override

from twinhood.documents.core.typesetting import set_pages
from twinhood.giving.core import payment_qr
from twinhood.giving.core.widget_style import Palette
from twinhood.giving.offering import Progress
from twinhood.kit import dates
from twinhood.kit.money import format_money
from twinhood.people.models import Partnership

POSTER = Path(__file__).parent / "typst" / "poster.typ"


def qr(address: str, title: str) -> SafeString:
    """The QR code of an address of ours, as an SVG for a page."""
    # Drawn by segno from an address; the title is escaped there.
    return mark_safe(payment_qr.svg(payment_qr.address_qr(address), title=title))  # noqa: S308


def _words(facts: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What a picture says, in one language: heading, sums, and since when."""
    partnership: Partnership = facts["partnership"]
    progress: Progress | None = facts["progress"]
    moment = facts["at"].astimezone(ZoneInfo(facts["zone"]))
    with override(language):
        city = str(partnership.receiving_place)
        sums = ""
        if progress is not None:
            sums = gettext("%(given)s of %(target)s is here, after fees.") % {
                "given": _short(progress.given_minor, progress.currency, language),
                "target": _short(progress.target_minor, progress.currency, language),
            }
        when = f"{gettext('As of')} {dates.moment_words(moment, facts['zone'], language)}"
        example = gettext("Example: all money here is invented.")
        return {
            "pair": f"{partnership.giving_place} — {city}",
            "heading": gettext("Give to %(city)s") % {"city": city},
            "sums": sums,
            "when": when,
            "words": f"{sums} {when}",
            "host": urlsplit(facts["give_url"]).netloc,
            "example": example if partnership.is_example else "",
            "progress": progress,
        }


def _short(amount_minor: int, currency: str, language: str) -> str:
    return format_money(amount_minor, currency, language, short=True)


def _width(progress: Progress | None, whole: int) -> int:
    """How much of a bar of `whole` pixels is full."""
    if progress is None:
        return 0
    return min(whole, progress.given_minor * whole // max(1, progress.target_minor))


def _size(text: str, size: int, room: int) -> int:
    """The size in which a line of text has room: long lines are set smaller, by the widest of the
    bold letters that a reader's own font may have."""
    return min(size, room * 10 // (7 * max(1, len(text))))


def progress_svg(facts: Mapping[str, Any], language: str, palette: Palette) -> str:
    """How far the campaign is: 600 by 200."""
    words = _words(facts, language) | {"palette": palette}
    words |= {"heading": words["pair"], "width": _width(words["progress"], 552)}
    words |= {"size": _size(words["heading"], 24, 552), "sums_size": _size(words["sums"], 17, 552)}
    return render_to_string("giving/embed_progress.svg", words)


def share_svg(facts: Mapping[str, Any], language: str) -> str:
    """The picture beside a shared link: 1200 by 630."""
    words = _words(facts, language)
    words["size"] = _size(words["heading"], 88, 1_072)
    words["pair_size"] = _size(words["pair"], 40, 1_072)
    words["sums_size"] = _size(words["sums"], 36, 1_072)
    return render_to_string("giving/share.svg", words | {"width": _width(words["progress"], 1_072)})


def png(svg: str) -> bytes:
    """A picture of ours, 1200 by 630, as PNG."""
    page = "#set page(width: 1200pt, height: 630pt, margin: 0pt)\n"
    page += '#image(bytes(sys.inputs.svg), format: "svg", width: 100%)'
    made = typst.compile(page.encode(), format="png", ppi=72.0, sys_inputs={"svg": svg})
    assert isinstance(made, bytes)  # noqa: S101 (one page)
    return made


def poster_pdf(sheets: Sequence[Mapping[str, Any]]) -> bytes:
    """A sheet of A4 with every language's words and one code, for a wall.

    The code leads to each reader's own language. The sheet holds no sums: paper keeps no pace
    with them.
    """
    told = [_poster_words(facts, facts["language"]) for facts in sheets]
    partnership: Partnership = sheets[0]["partnership"]
    address = sheets[0]["give_url"].replace(f"/{sheets[0]['language']}/", "/", 1)
    facts = {
        "qr": payment_qr.svg(payment_qr.address_qr(address), title="QR"),
        "address": address,
        "sheets": told,
        "cities": [str(partnership.giving_place), str(partnership.receiving_place)],
        "example": [words["example"] for words in told if words["example"]],
    }
    return set_pages(POSTER, facts, any_font=True)


def _poster_words(facts: Mapping[str, Any], language: str) -> dict[str, str]:
    partnership: Partnership = facts["partnership"]
    with override(language):
        return {
            "language": language,
            "heading": gettext("Give to %(city)s") % {"city": str(partnership.receiving_place)},
            "pair": f"{partnership.giving_place} — {partnership.receiving_place}",
            "campaign": str(facts["campaign"].title) if facts["campaign"] else "",
            "how": gettext(
                "Point your telephone’s camera at the code. Thirty seconds, no account. Then "
                "follow each cent to the very thing that it bought."
            ),
            "who": gettext("%(recipient)s receives the gifts and has control over them.")
            % {"recipient": str(partnership.recipient)},
            "example": gettext("Example: all money here is invented.")
            if partnership.is_example
            else "",
        }
