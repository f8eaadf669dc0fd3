"""What a donor's page says: where each cent of a gift is, in words, as a picture, as steps.

Amounts are minor units of the currency beside them. No name is on it, and what the safety rule
keeps back is not on it either: units come through `deliveries.queries.public_unit_names`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from twinhood.deliveries import way
from twinhood.deliveries.models import Order
from twinhood.deliveries.queries import BANK_FEE, PublicUnit, public_unit_names, released_photos
from twinhood.documents.models import StoredFile
from twinhood.giving.models import Dispute, Gift, Refund
from twinhood.giving.queries import returned_keys
from twinhood.kit.components import State, TraceZoom
from twinhood.kit.money import format_money
from twinhood.ledger.core.line import Span
from twinhood.ledger.queries import Trace, TracePart, trace
from twinhood.people.models import Partnership
from twinhood.treasury.queries import move_reasons
from twinhood.web import afterwards, trace_picture
from twinhood.web.seen import Seen

# A large gift may lie in thousands of things; the page names so many, the journal all.
SHARES_MAX = 60


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
    is_warning: bool = False
    # The code of the thing that was handed over by it.
    thing: str = ""
    photo: StoredFile | None = None


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
    more: int


def page(gift: Gift, language: str, seen: Seen) -> TracePage:
    """Everything the page of one gift shows: some twenty queries, whatever the number of gifts."""
    followed = trace(partnership=gift.partnership, key=gift.key, as_of=seen.as_of)
    parts = _all_parts(gift, followed, seen)
    codes = {code for part in parts for code, _ in part.units}
    units = public_unit_names(gift.partnership, seen.at, codes)
    reasons = move_reasons(gift.partnership, {part.key for part in parts if part.to == "exchange"})
    every = _shares(gift, parts, units, reasons, seen)
    shares = every[:SHARES_MAX]
    refunds = _refunds(gift, seen)
    things = {share.unit.code: share.unit for share in shares if share.unit is not None}
    told = way.told_of(things.values(), seen.at)
    steps = [
        *_steps(gift, followed, shares, language, refunds, seen),
        *_afterwards(shares, told, seen),
        *_credited(gift, language, seen),
    ]
    return TracePage(
        gift=gift,
        headline=_headline(gift, followed, shares, language, seen),
        dek=_dek(gift, followed, shares, language, seen),
        shares=shares,
        zoom=_zoom(gift, followed, shares, language, seen) if followed else None,
        span=followed.span if followed else None,
        steps=_in_time(_with_photos(dict.fromkeys(steps), things)),
        unknown=_unknown(shares, told if seen.day is None else {}),
        refunded_minor=sum(r.line_minor + r.operating_minor for r in refunds),
        more=len(every) - len(shares),
    )


def shares_of(gift: Gift, seen: Seen) -> list[Share]:
    """What became of a gift, for a list of gifts: its shares alone, without picture and steps."""
    followed = trace(partnership=gift.partnership, key=gift.key, as_of=seen.as_of)
    parts = _all_parts(gift, followed, seen)
    codes = {code for part in parts for code, _ in part.units}
    units = public_unit_names(gift.partnership, seen.at, codes) if codes else {}
    return _shares(gift, parts, units, {}, seen)


def _all_parts(gift: Gift, followed: Trace | None, seen: Seen) -> list[TracePart]:
    """What the gift's cents became, and what those became that a bank gave back after a dispute."""
    if followed is None:
        return []
    parts = list(followed.parts)
    for key in returned_keys(gift):
        found = trace(partnership=gift.partnership, key=key, as_of=seen.as_of)
        parts += found.parts if found else ()
    return parts


def _refunds(gift: Gift, seen: Seen) -> list[Refund]:
    """What was given back by then, oldest first; not what came back since."""
    found = gift.refunds.select_related("dispute").order_by("id")
    return [r for r in found if seen.has_known(r.refunded_at) and not _came_back(r, seen)]


def _came_back(refund: Refund, seen: Seen) -> bool:
    if refund.returned_at is not None:
        return seen.has_known(refund.returned_at)
    dispute: Dispute | None = getattr(refund, "dispute", None)
    if dispute is None or not dispute.returned_key or dispute.won_at is None:
        return False
    return seen.has_known(dispute.won_at)


def _zoom(
    gift: Gift, followed: Trace, shares: Sequence[Share], language: str, seen: Seen
) -> TraceZoom:
    return trace_picture.zoom(
        gift.fund,
        followed,
        [trace_picture.Own(s.currency, s.amount_minor, s.state, s.words, s.note, s.url)
         for s in shares],
        language,
        seen,
    )  # fmt: skip


# --- shares: what the cents became


def _shares(
    gift: Gift,
    parts: Iterable[TracePart],
    units: dict[str, PublicUnit],
    reasons: dict[str, str],
    seen: Seen,
) -> list[Share]:
    """The gift's cents in order of its line; then, for money that was changed, what that became."""
    shares: list[Share] = []
    for part in parts:
        shares += _of_part(gift.partnership, part, units, reasons, seen)
    return _joined(shares)


def _of_part(
    partnership: Partnership,
    part: TracePart,
    units: dict[str, PublicUnit],
    reasons: dict[str, str],
    seen: Seen,
) -> Iterable[Share]:
    currency = part.currency
    if part.to == "order":
        for code, amount_minor in part.units:
            yield _thing(partnership, units[code], amount_minor, currency, seen)
    elif part.to == "free":
        yield Share("free", part.span.length, currency, gettext("Waiting to be used"), "", "given")
    elif part.to == "refund":
        yield Share("refund", part.span.length, currency, gettext("Given back"), "", "")
    elif part.to_currency == currency:
        words, why = gettext("Moved to another fund"), reasons.get(part.key, "")
        yield Share("exchange", part.span.length, currency, words, why, "bought")
    else:
        words = gettext("Changed to another currency")
        yield Share("exchange", part.span.length, currency, words, "", "bought")


# Of these the commission noted that they did not come in order: no help that arrived.
_NOT_IN_ORDER = {
    "damaged": gettext_lazy("Arrived damaged: its price is asked back"),
    "missing": gettext_lazy("Did not arrive: its price is asked back"),
}


def _thing(
    partnership: Partnership, unit: PublicUnit, amount_minor: int, currency: str, seen: Seen
) -> Share:
    if not seen.has_seen(unit.handed_over_date):
        unit = replace(unit, handed_over_date=None)
    state: State = "bought"
    note = gettext("Bought")
    if unit.handed_over_date and unit.condition == "damaged" and unit.credited_minor:
        note = gettext("Arrived damaged: a part of its price is back")
    elif unit.handed_over_date and unit.condition in _NOT_IN_ORDER:
        note = str(_NOT_IN_ORDER[unit.condition])
    elif unit.handed_over_date:
        state, note = "handed_over", gettext("Handed over")
    if unit.category == BANK_FEE:
        return Share("fee", amount_minor, currency, str(unit.name), "", "bought")
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


def _headline(
    gift: Gift, followed: Trace | None, shares: Sequence[Share], language: str, seen: Seen
) -> str:
    given = format_money(gift.amount_minor, gift.currency, language, short=True)
    # Of now, it may have been posted since it was looked for: then it has arrived, as before.
    if followed is None and seen.day is not None and gift.stage == Gift.Stage.POSTED:
        return gettext("Your %(given)s was not on the line yet") % {"given": given}
    if followed is None:
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


def _dek(
    gift: Gift, followed: Trace | None, shares: Sequence[Share], language: str, seen: Seen
) -> str:
    if followed is None and seen.day is not None and gift.stage == Gift.Stage.POSTED:
        return gettext("It took its place later. Choose another day.")
    if followed is None:
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


def _unknown(shares: Sequence[Share], told: Mapping[str, way.Told]) -> list[str]:
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
    return found + _not_heard(shares, told)


def _not_heard(shares: Sequence[Share], told: Mapping[str, way.Told]) -> list[str]:
    """Silence as silence: since when nothing was heard, and when holders are asked next."""
    things: dict[str, list[str]] = {}
    is_asked_later = False
    for share in shares:
        if share.unit is None or share.state != "handed_over":
            continue
        known = told.get(share.unit.code)
        is_asked_later |= known is None or not (known.happened or known.unknown)
        for fact in known.unknown if known else ():
            things.setdefault(fact.title, []).append(share.words)
    found = [f"{', '.join(dict.fromkeys(names))}: {title}" for title, names in things.items()]
    if is_asked_later:
        found.append(gettext("Whether it still works: the follow-up check is still to come."))
    return found


# --- steps


def _why_given_back(refund: Refund) -> str:
    """The treasurer's words to the donor; what a bank calls a dispute is for the books alone."""
    if hasattr(refund, "dispute"):
        return gettext("Your bank asked for it back.")
    return refund.reason


def _steps(
    gift: Gift,
    followed: Trace | None,
    shares: Sequence[Share],
    language: str,
    refunds: Sequence[Refund],
    seen: Seen,
) -> list[Step]:
    steps = [_given(gift, language)] if seen.has_seen(gift.received_date) else []
    if followed is not None:
        steps.append(
            Step("done", gettext("It took its place on the line"), "", gift.settled_at.date())
        )
    for number in dict.fromkeys(s.unit.order_number for s in shares if s.unit):
        steps += _order_steps(gift.partnership, number)
    steps += [_hand_over_step(share) for share in shares if share.unit is not None]
    steps += [
        Step("done", gettext("Given back"), _why_given_back(refund), refund.refunded_at.date())
        for refund in refunds
    ]
    if any(share.to == "free" for share in shares):
        is_whole = all(share.to == "free" for share in shares)
        waits = gettext("It waits for the next order")
        steps.append(
            Step("now", waits if is_whole else gettext("Part of it waits for the next order"))
        )
    return steps


def _afterwards(
    shares: Sequence[Share], told: Mapping[str, way.Told], seen: Seen
) -> Iterator[Step]:
    """What became of each thing since it was handed over, as its own page says it."""
    for share in shares:
        for fact in told[share.unit.code].happened if share.unit else ():
            if seen.has_seen(fact.on):
                title = f"{share.words}: {fact.title}"
                yield Step("done", title, fact.text, fact.on, share.url, fact.is_warning)


def _credited(gift: Gift, language: str, seen: Seen) -> Iterator[Step]:
    """Cents that are free again, since a supplier gave a thing's price back, or a part of it."""
    for one in afterwards.credited(gift, seen):
        amount = format_money(one.amount_minor, one.unit.currency, language)
        url = reverse("deliveries:unit", args=[gift.partnership.slug, one.unit.code])
        text = one.text % {"amount": amount}
        yield Step("done", one.title, text, one.on, url, is_warning=one.is_warning)


def _with_photos(steps: Iterable[Step], things: Mapping[str, PublicUnit]) -> Iterator[Step]:
    """A hand-over with the first photo of it that the receiving side released."""
    photos = released_photos(things.values())
    for step in steps:
        photo = photos.get(step.thing)
        yield replace(step, photo=photo) if photo else step


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
            thing=unit.code,
        )
    return Step("todo", gettext("To be handed over: %(thing)s") % {"thing": share.words})
