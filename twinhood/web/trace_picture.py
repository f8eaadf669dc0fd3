"""A gift's cents as a picture: the whole fund's line, what lies around the gift, the gift itself.

Amounts are minor units of the fund's currency. However long the line, a picture reads at most
CELLS_MAX pieces of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from twinhood.deliveries.queries import PublicUnit, public_unit_names
from twinhood.kit.components import Cell, State, TraceZoom, ZoomLevel
from twinhood.kit.money import format_money
from twinhood.ledger.core.line import Span
from twinhood.ledger.models import Fund, Use, UseUnit
from twinhood.ledger.queries import DrawnPiece, Trace, drawn_pieces, head_minor_at
from twinhood.web.seen import Seen

CELLS_MAX = 240
AROUND = 4


@dataclass(frozen=True, slots=True)
class Own:
    """One of the gift's parts: what it became, in words."""

    currency: str
    amount_minor: int
    state: State
    words: str
    note: str
    url: str


def zoom(fund: Fund, followed: Trace, own: Sequence[Own], language: str, seen: Seen) -> TraceZoom:
    """Three levels, each with its cells."""
    head_minor = head_minor_at(fund=fund, as_of=seen.as_of)
    whole = line_cells(fund, Span(0, head_minor), seen)
    near = line_cells(fund, _margin(followed.span, head_minor), seen)
    around = _around(followed.span, near, head_minor)
    levels = [
        ZoomLevel(gettext("The whole fund"), 0, head_minor, whole, head_minor),
        ZoomLevel(
            gettext("Around your gift"),
            around.start,
            around.end,
            [c for c in near if c.start_minor < around.end and around.start < c.end_minor],
            max(0, min(head_minor, around.end)),
        ),
        ZoomLevel(
            gettext("Your gift"), followed.span.start, followed.span.end, _own_cells(followed, own)
        ),
    ]
    words = "; ".join(
        f"{format_money(part.amount_minor, part.currency, language)}: {part.words}" for part in own
    )
    return TraceZoom(followed.currency, levels, words)


def line_cells(fund: Fund, span: Span, seen: Seen) -> list[Cell]:
    """The fund's real line within `span`: each run that a use covers, for orders each thing's."""
    pieces = drawn_pieces(fund=fund, span=span, most=CELLS_MAX, as_of=seen.as_of)
    shares = _unit_shares(pieces)
    codes = {unit.name for found in shares.values() for unit in found}
    units = public_unit_names(fund.partnership, seen.at, codes)
    cells: list[Cell] = []
    for piece in pieces:
        cells += _cells_of(piece, shares.get(piece.use_id, ()), units, seen)
    return cells


def _unit_shares(pieces: Iterable[DrawnPiece]) -> dict[int, list[UseUnit]]:
    """The units of the orders among `pieces` that these touch, by order and offset."""
    orders: dict[int, Span] = {}
    for piece in pieces:
        if piece.kind == Use.Kind.ORDER:
            known = orders.get(piece.use_id, Span(piece.offset, piece.offset))
            end = piece.offset + piece.end - piece.start
            orders[piece.use_id] = Span(min(known.start, piece.offset), max(known.end, end))
    found: dict[int, list[UseUnit]] = {}
    for unit in UseUnit.objects.filter(use__in=orders).order_by("use", "start_offset"):
        span = orders[unit.use_id]
        if unit.start_offset < span.end and span.start < unit.end_offset:
            found.setdefault(unit.use_id, []).append(unit)
    return found


def _cells_of(
    piece: DrawnPiece, shares: Sequence[UseUnit], units: dict[str, PublicUnit], seen: Seen
) -> list[Cell]:
    length = piece.end - piece.start
    if piece.kind != Use.Kind.ORDER:
        label = gettext("Given back") if piece.kind == Use.Kind.REFUND else gettext("Changed")
        state: State = "" if piece.kind == Use.Kind.REFUND else "bought"
        return [Cell(piece.start, length, state, label)]
    cells = []
    for share in shares:
        low = max(share.start_offset, piece.offset)
        high = min(share.end_offset, piece.offset + length)
        if low < high:
            unit = units[share.name]
            is_in_order = unit.condition == "good" and seen.has_seen(unit.handed_over_date)
            state = "handed_over" if is_in_order else "bought"
            at = piece.start + low - piece.offset
            cells.append(Cell(at, high - low, state, str(unit.name)))
    return cells


def _margin(span: Span, head_minor: int) -> Span:
    """The gift and some of the line on both sides."""
    margin = max(span.length * AROUND, 1)
    return Span(max(0, span.start - margin), min(head_minor, span.end + margin))


def _around(span: Span, cells: Sequence[Cell], head_minor: int) -> Span:
    """The things that the gift touches, or a stretch around it where it touches none."""
    touched = [c for c in cells if c.start_minor < span.end and span.start < c.end_minor]
    if not touched:
        return _margin(span, head_minor)
    start = min([span.start, *(c.start_minor for c in touched)])
    end = max([span.end, *(c.end_minor for c in touched)])
    return Span(start, end)


def _own_cells(followed: Trace, own: Sequence[Own]) -> list[Cell]:
    """The gift's own cents, in its own currency, from left to right."""
    cells, position = [], followed.span.start
    for part in own:
        if part.currency != followed.currency or position >= followed.span.end:
            continue
        length = min(part.amount_minor, followed.span.end - position)
        cells.append(Cell(position, length, part.state, part.words, part.note, part.url))
        position += length
    return cells
