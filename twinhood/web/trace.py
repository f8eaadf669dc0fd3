"""What a donor's page says: where each cent of a gift is, in words, as a picture, as steps.

Amounts are minor units of the currency beside them. No name is on it, and what the safety rule
keeps back is not on it either: units come through `deliveries.queries.public_unit_names`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.urls import reverse
from django.utils.translation import gettext

from twinhood.deliveries.models import Order
from twinhood.deliveries.queries import PublicUnit, public_unit_names
from twinhood.giving.models import Gift
from twinhood.kit.components import Cell, State, TraceZoom, ZoomLevel
from twinhood.kit.money import format_money
from twinhood.ledger.core.line import Span
from twinhood.ledger.models import Fund, Piece, UseUnit
from twinhood.ledger.queries import Trace, TracePart, trace
from twinhood.people.models import Partnership

CELLS_MAX = 240


@dataclass(frozen=True, slots=True)
class Share:
    """Part of the gift and what became of it; a thing's `unit` is None for what is no thing."""

    to: str
    amount_minor: int
    currency: str
    words: str
    note: str
    state: State
    unit: PublicUnit | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, or has not yet: `done`, `now` or `todo`."""

    state: Literal["done", "now", "todo"]
    title: str
    text: str = ""
    on: date | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class TracePage:
    gift: Gift
    headline: str
    dek: str
    shares: Sequence[Share]
    zoom: TraceZoom | None
    span: Span | None
    steps: Sequence[Step]
    unknown: Sequence[str]
    refunded_minor: int


def page(gift: Gift, language: str, at: datetime) -> TracePage:
    """Everything the page of one gift shows. About ten queries, whatever the number of gifts."""
    units = public_unit_names(gift.partnership, at)
    followed = trace(partnership=gift.partnership, key=gift.key)
    shares = _shares(gift, followed, units) if followed else []
    refunded_minor = sum(r.line_minor + r.operating_minor for r in gift.refunds.all())
    return TracePage(
        gift=gift,
        headline=_headline(gift, shares, language),
        dek=_dek(gift, shares, language),
        shares=shares,
        zoom=_zoom(gift.fund, followed, shares, units, language) if followed else None,
        span=followed.span if followed else None,
        steps=_steps(gift, shares, language),
        unknown=_unknown(shares),
        refunded_minor=refunded_minor,
    )


# --- shares: what the cents became


def _shares(gift: Gift, followed: Trace, units: dict[str, PublicUnit]) -> list[Share]:
    """The gift's cents in order of its line; then, for money that was changed, what that became."""
    shares: list[Share] = []
    for part in followed.parts:
        shares += _of_part(gift.partnership, part, units)
    return _joined(shares)


def _of_part(
    partnership: Partnership, part: TracePart, units: dict[str, PublicUnit]
) -> Iterable[Share]:
    currency = part.currency
    if part.to == "order":
        for code, amount_minor in part.units:
            yield _thing(partnership, units[code], amount_minor, currency)
    elif part.to == "free":
        yield Share("free", part.span.length, currency, gettext("Waiting to be used"), "", "given")
    elif part.to == "refund":
        yield Share("refund", part.span.length, currency, gettext("Given back"), "", "")
    else:
        words = gettext("Changed to another currency")
        yield Share("exchange", part.span.length, currency, words, "", "bought")


def _thing(partnership: Partnership, unit: PublicUnit, amount_minor: int, currency: str) -> Share:
    state: State = "handed_over" if unit.handed_over_date else "bought"
    note = gettext("Handed over") if state == "handed_over" else gettext("Bought")
    url = reverse("deliveries:unit", args=[partnership.slug, unit.code])
    return Share("order", amount_minor, currency, str(unit.name), note, state, unit, url)


def _joined(shares: Iterable[Share]) -> list[Share]:
    """Neighbouring shares of one thing are one."""
    joined: list[Share] = []
    for share in shares:
        last = joined[-1] if joined else None
        same = last and (last.to, last.currency, last.unit) == (
            share.to,
            share.currency,
            share.unit,
        )
        if last and same:
            joined[-1] = Share(
                last.to, last.amount_minor + share.amount_minor, last.currency, last.words,
                last.note, last.state, last.unit, last.url,
            )  # fmt: skip
        else:
            joined.append(share)
    return joined


# --- words


def _headline(gift: Gift, shares: Sequence[Share], language: str) -> str:
    given = format_money(gift.amount_minor, gift.currency, language, short=True)
    if gift.stage != Gift.Stage.POSTED:
        return gettext("Your %(given)s has arrived") % {"given": given}
    things = list(dict.fromkeys(s.words for s in shares if s.to == "order"))
    if not things:
        if all(share.to == "refund" for share in shares):
            return gettext("Your %(given)s was given back") % {"given": given}
        return gettext("Your %(given)s is waiting to be used") % {"given": given}
    if len(things) == 1 and all(s.state == "handed_over" for s in shares if s.to == "order"):
        text = gettext("Your %(given)s helped to buy, and it has been handed over: %(thing)s")
    elif len(things) == 1:
        text = gettext("Your %(given)s went into buying: %(thing)s")
    else:
        text = gettext("Your %(given)s was split between: %(thing)s")
    return text % {"given": given, "thing": ", ".join(things)}


def _dek(gift: Gift, shares: Sequence[Share], language: str) -> str:
    if gift.stage != Gift.Stage.POSTED:
        return gettext(
            "It takes its place on the fund’s line within moments. Load this page again."
        )
    parts = "; ".join(
        f"{format_money(s.amount_minor, s.currency, language)}\u00a0— {_inside(s)}"
        for s in shares
        if s.to != "exchange"
    )
    return gettext("%(parts)s. These are the exact cents, not an average.") % {"parts": parts}


def _inside(share: Share) -> str:
    """The share's words within a sentence: a thing keeps its capital letter."""
    return share.words if share.unit else share.words[:1].lower() + share.words[1:]


def _unknown(shares: Sequence[Share]) -> list[str]:
    """What is not known yet, said plainly."""
    open_things = [s.words for s in shares if s.unit is not None and not s.unit.handed_over_date]
    found = []
    if any(share.to == "free" for share in shares):
        found.append(gettext("What the waiting part will buy: the next order decides it."))
    if open_things:
        names = ", ".join(dict.fromkeys(open_things))
        found.append(
            gettext(
                "When this is handed over: %(things)s. Near a front, place and day are told"
                " only afterwards."
            )
            % {"things": names}
        )
    if any(share.state == "handed_over" for share in shares):
        found.append(gettext("Whether it still works: the follow-up check is still to come."))
    return found


# --- steps


def _steps(gift: Gift, shares: Sequence[Share], language: str) -> list[Step]:
    steps = [_given(gift, language)]
    if gift.posted_at:
        steps.append(
            Step("done", gettext("It took its place on the line"), "", gift.settled_at.date())
        )
    for number in dict.fromkeys(s.unit.order_number for s in shares if s.unit):
        steps += _order_steps(gift.partnership, number)
    steps += [_hand_over_step(share) for share in shares if share.unit is not None]
    if any(share.to == "refund" for share in shares):
        steps += [
            Step("done", gettext("Given back"), refund.reason, refund.refunded_at.date())
            for refund in gift.refunds.order_by("id")
        ]
    if any(share.to == "free" for share in shares):
        is_whole = all(share.to == "free" for share in shares)
        waits = gettext("It waits for the next order")
        steps.append(
            Step("now", waits if is_whole else gettext("Part of it waits for the next order"))
        )
    return _in_time(dict.fromkeys(steps))


def _in_time(steps: Iterable[Step]) -> list[Step]:
    """What happened by its day, then what is going on, then what is still to come."""
    places = {"done": 0, "now": 1, "todo": 2}
    return sorted(steps, key=lambda step: (places[step.state], step.on or date.max))


def _given(gift: Gift, language: str) -> Step:
    amount = format_money(gift.amount_minor, gift.currency, language)
    text = ""
    if gift.fee_minor:
        fee = format_money(gift.fee_minor, gift.currency, language)
        text = gettext("The bank or card kept %(fee)s; the rest is on the line.") % {"fee": fee}
    return Step(
        "done", gettext("You gave %(amount)s") % {"amount": amount}, text, gift.received_date
    )


def _order_steps(partnership: Partnership, number: int) -> list[Step]:
    order = (
        Order.objects.filter(partnership=partnership, number=number)
        .select_related("need", "quote")
        .prefetch_related("approvals__organisation")
        .get()
    )
    quotes = order.need.quotes.filter(currency=order.currency).count()
    organisations = " · ".join(
        str(approval.organisation) for approval in order.approvals.all()
        if approval.content_hash == order.content_hash
    )  # fmt: skip
    last = max((a.approved_at for a in order.approvals.all()), default=order.proposed_at)
    return [
        Step(
            "done",
            gettext("%(need)s: quotes compared: %(count)d")
            % {"need": order.need.title, "count": quotes},
            "",
            order.proposed_at.date(),
        ),
        Step(
            "done",
            gettext("%(need)s: two people approved the order") % {"need": order.need.title},
            organisations,
            last.date(),
        ),
    ]


def _hand_over_step(share: Share) -> Step:
    unit = share.unit
    if unit is not None and unit.handed_over_date:
        act = gettext("Act A-%d") % unit.act_number if unit.act_number else ""
        text = f"{act}, № …{unit.serial_last4}" if unit.serial_last4 else act
        return Step(
            "done",
            gettext("Handed over: %(thing)s") % {"thing": share.words},
            text,
            unit.handed_over_date,
            share.url,
        )
    return Step("todo", gettext("To be handed over: %(thing)s") % {"thing": share.words})


# --- the picture


def _zoom(
    fund: Fund,
    followed: Trace,
    shares: Sequence[Share],
    units: dict[str, PublicUnit],
    language: str,
) -> TraceZoom:
    cells = line_cells(fund, units)
    around = _around(followed.span, cells, fund.head_minor)
    own = _own_cells(followed, shares)
    levels = [
        ZoomLevel(gettext("The whole fund"), 0, fund.head_minor, cells, fund.head_minor),
        ZoomLevel(
            gettext("Around your gift"),
            around.start,
            around.end,
            [c for c in cells if c.start_minor < around.end and around.start < c.end_minor],
            max(0, min(fund.head_minor, around.end)),
        ),
        ZoomLevel(gettext("Your gift"), followed.span.start, followed.span.end, own),
    ]
    words = "; ".join(
        f"{format_money(s.amount_minor, s.currency, language)}: {s.words}" for s in shares
    )
    return TraceZoom(followed.currency, levels, words)


def line_cells(fund: Fund, units: dict[str, PublicUnit]) -> list[Cell]:
    """The fund's real line: each run of cents that a use covers, and for orders each thing's."""
    spans = {
        (unit.use_id, unit.name): (unit.start_offset, unit.end_offset)
        for unit in UseUnit.objects.filter(use__pieces__fund=fund).distinct()
    }
    pieces = (
        Piece.objects.filter(fund=fund, ended_by__isnull=True)
        .select_related("use")
        .order_by("start_minor")
    )
    cells: list[Cell] = []
    for piece in pieces:
        cells += _cells_of(piece, spans, units)
    return cells[:CELLS_MAX]


def _cells_of(
    piece: Piece, spans: dict[tuple[int, str], tuple[int, int]], units: dict[str, PublicUnit]
) -> list[Cell]:
    length = piece.end_minor - piece.start_minor
    if piece.use.kind != "order":
        label = gettext("Given back") if piece.use.kind == "refund" else gettext("Changed")
        state: State = "" if piece.use.kind == "refund" else "bought"
        return [Cell(piece.start_minor, length, state, label)]
    cells = []
    for (use_id, code), (start, end) in spans.items():
        low = max(start, piece.offset_minor)
        high = min(end, piece.offset_minor + length)
        if use_id == piece.use_id and low < high:
            unit = units[code]
            state = "handed_over" if unit.handed_over_date else "bought"
            at = piece.start_minor + low - piece.offset_minor
            cells.append(Cell(at, high - low, state, str(unit.name)))
    return sorted(cells, key=lambda cell: cell.start_minor)


def _around(span: Span, cells: Sequence[Cell], head_minor: int) -> Span:
    """The things that the gift touches, or a stretch around it where it touches none."""
    touched = [c for c in cells if c.start_minor < span.end and span.start < c.end_minor]
    margin = max(span.length * 4, 1)
    start = min([span.start, *(c.start_minor for c in touched)])
    end = max([span.end, *(c.end_minor for c in touched)])
    if not touched:
        start, end = max(0, start - margin), min(head_minor, end + margin)
    return Span(start, end)


def _own_cells(followed: Trace, shares: Sequence[Share]) -> list[Cell]:
    """The gift's own cents, in its own currency, from left to right."""
    cells, position = [], followed.span.start
    for share in shares:
        if share.currency != followed.currency or position >= followed.span.end:
            continue
        length = min(share.amount_minor, followed.span.end - position)
        cells.append(Cell(position, length, share.state, share.words, share.note, share.url))
        position += length
    return cells
