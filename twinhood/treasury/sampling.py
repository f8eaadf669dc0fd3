"""A sample of gifts for an auditor: each followed from the bank to what it became, on one page.

Who gave is not said. Amounts are minor units of the currency beside them. A sample is drawn so
that anybody draws the same again: gifts stand in the order of the SHA-256 of "<seed>:<ref>", and
the first are taken. The number of queries does not grow with the sample.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from django.db.models import BinaryField, F, Func, QuerySet, Value
from django.db.models.functions import Concat

from twinhood.deliveries.models import HandoverLine, Order, Payment, Unit
from twinhood.deliveries.queries import complete_line
from twinhood.giving.models import Gift, PayoutPart
from twinhood.ledger.models import Entry
from twinhood.ledger.queries import Trace, TracePart, traces
from twinhood.people.models import Partnership
from twinhood.treasury.models import Match, StatementLine

SIZE, SIZE_MAX = 25, 100
# Cash is proved by two who counted it, not by a line of the bank.
COUNTED = "cash"

type How = Literal["seed", "newest", "largest"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which gifts: `size` of those received from `first` to `last`, by chance or by their order."""

    seed: str
    size: int = SIZE
    how: How = "seed"
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class AtTheBank:
    """What shows that the money came: the bank's line, of the gift itself or of the payout that
    held it. `line` is None while nobody has matched the payout.
    """

    line: StatementLine | None
    payout: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What some of the gift's cents became, and what of that lacks its proof, as codes.

    `to` is order, refund, exchange or free; `amount_minor` is in `currency`.
    """

    to: str
    key: str
    amount_minor: int
    currency: str
    missing: tuple[str, ...] = ()
    unit: Unit | None = None
    payments: tuple[Payment, ...] = ()
    handover: HandoverLine | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """One gift with everything that proves it. `missing` are codes that a page puts into words."""

    gift: Gift
    entry: Entry
    bank: AtTheBank | None
    parts: tuple[Part, ...]
    missing: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every cent is followed to a thing handed over, or back to who gave it."""
        parts = self.parts
        return not self.missing and not any(p.missing or p.to == "free" for p in parts)


@dataclass(frozen=True, slots=True)
class Sample:
    """The gifts drawn, in the order of the draw, out of `population` that were asked for."""

    population: int
    followed: tuple[Followed, ...]

    @property
    def whole_count(self) -> int:
        return sum(one.is_whole for one in self.followed)

    @property
    def lacking_count(self) -> int:
        return sum(bool(one.missing or any(p.missing for p in one.parts)) for one in self.followed)


def draw(partnership: Partnership, asked: Asked) -> Sample:
    """Draw a sample of posted gifts, and follow each. Some fifteen queries, however many gifts."""
    every = Gift.objects.filter(partnership=partnership).posted(is_posted=True)
    if asked.first is not None:
        every = every.filter(received_date__gte=asked.first)
    if asked.last is not None:
        every = every.filter(received_date__lte=asked.last)
    ordered = _ordered(every, asked).select_related("fund", "entered_by", "counted_by")
    gifts = list(ordered[: asked.size])
    return Sample(every.count(), tuple(_follow(partnership, gifts)))


def _ordered(gifts: QuerySet[Gift], asked: Asked) -> QuerySet[Gift]:
    if asked.how == "newest":
        return gifts.order_by("-received_date", "-id")
    if asked.how == "largest":
        return gifts.order_by("-amount_minor", "id")
    drawn = Func(
        Concat(Value(f"{asked.seed}:"), F("ref")),
        template="sha256(convert_to(%(expressions)s, 'UTF8'))",
        output_field=BinaryField(),
    )
    return gifts.order_by(drawn, "ref")


def _follow(partnership: Partnership, gifts: Sequence[Gift]) -> Iterable[Followed]:
    keys = [gift.key for gift in gifts]
    entries = Entry.objects.filter(partnership=partnership, key__in=keys)
    by_key = {entry.key: entry for entry in entries}
    followed = traces(partnership=partnership, keys=keys)
    bank = _bank(partnership, gifts)
    goods = _Goods(partnership, followed.values())
    for gift in gifts:
        parts = goods.parts_of(followed.get(gift.key))
        proof = bank.get(gift.pk)
        yield Followed(gift, by_key[gift.key], proof, parts, tuple(_missing(gift, proof)))


def _missing(gift: Gift, proof: AtTheBank | None) -> Iterable[str]:
    if gift.rail == COUNTED:
        if gift.counted_by_id is None:
            yield "counted_by_one"
    elif proof is None:
        yield "no_line"
    elif proof.line is None:
        yield "payout_without_line"


# --- the bank


def _bank(partnership: Partnership, gifts: Sequence[Gift]) -> dict[int, AtTheBank]:
    """By the gift's id: the line of its own, else the payout that held it."""
    live = Match.objects.filter(partnership=partnership, undone_at=None).select_related(
        "line__account", "line__statement"
    )
    by_key = {gift.key: gift.pk for gift in gifts}
    found = {by_key[match.key]: AtTheBank(match.line) for match in live.filter(key__in=by_key)}
    held = PayoutPart.objects.filter(
        gift__in=[gift.pk for gift in gifts if gift.pk not in found], kind=PayoutPart.Kind.GIFT
    ).exclude(payout__state="failed")
    refs = dict(held.values_list("gift_id", "payout__rail_ref"))
    wanted = set(refs.values())
    payouts = live.filter(kind=Match.Kind.PAYOUT, reasons__0__in=wanted) if wanted else ()
    lines = {str(match.reasons[0]): match.line for match in payouts}
    return found | {pk: AtTheBank(lines.get(ref), ref) for pk, ref in refs.items() if pk}


# --- what was bought


class _Goods:
    """Orders, payments and acts behind many traces, each read once for all."""

    def __init__(self, partnership: Partnership, followed: Iterable[Trace]) -> None:
        codes = {code for one in followed for part in one.parts for code, _share in part.units}
        units = Unit.objects.filter(order__partnership=partnership, code__in=codes)
        found = units.select_related("order__need", "handover__act")
        self.units = {unit.code: unit for unit in found}
        orders = {unit.order_id for unit in self.units.values()}
        self.payments: dict[int, list[Payment]] = defaultdict(list)
        for payment in Payment.objects.filter(order__in=orders).order_by("paid_at", "id"):
            self.payments[payment.order_id].append(payment)
        self.due_minor: dict[int, int] = defaultdict(int)
        priced = Unit.objects.filter(order__in=orders, cancelled_at=None)
        for order_id, price_minor in priced.values_list("order_id", "price_minor"):
            self.due_minor[order_id] += price_minor
        paid = [one.key for several in self.payments.values() for one in several]
        live = Match.objects.filter(partnership=partnership, undone_at=None, key__in=paid)
        self.at_the_bank = set(live.values_list("key", flat=True))

    def parts_of(self, followed: Trace | None) -> tuple[Part, ...]:
        """What the gift became, equal things summed, in the order of its cents."""
        sums: dict[tuple[str, str, str], Part] = {}
        for part in followed.parts if followed else ():
            for code, share_minor in part.units or (("", part.span.length),):
                name = (part.to, part.key, code)
                known = sums.get(name) or self._part(part, code)
                sums[name] = replace(known, amount_minor=known.amount_minor + share_minor)
        return tuple(sums.values())

    def _part(self, part: TracePart, code: str) -> Part:
        bare = Part(part.to, part.key, 0, part.currency)
        unit = self.units.get(code)
        if unit is None:
            return replace(bare, missing=("no_thing",)) if part.to == "order" else bare
        payments = tuple(self.payments[unit.order_id])
        handover = complete_line(unit)
        missing = self._lacks(unit, payments, handover)
        return replace(
            bare, unit=unit, payments=payments, handover=handover, missing=tuple(missing)
        )

    def _lacks(
        self, unit: Unit, payments: Sequence[Payment], handover: HandoverLine | None
    ) -> Iterable[str]:
        if unit.order.state != Order.State.PLACED:
            yield "order_not_placed"
        if sum(one.amount_minor for one in payments) < self.due_minor[unit.order_id]:
            yield "not_paid"
        if any(one.key not in self.at_the_bank for one in payments):
            yield "payment_without_line"
        if handover is None:
            yield "not_handed_over"
        elif not unit.serial:
            yield "no_serial"
