"""What became of things afterwards, for those who gave them: answers, incidents, credits.

Holders' answers and incidents are told by the room above deliveries; a supplier's credit frees the
cents of a thing that came damaged or did not come, and its givers are told so in words. Amounts are
minor units of the thing's currency.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext, gettext_lazy

from twinhood.aftercare.models import FollowUp, Incident
from twinhood.aftercare.words import CONDITION
from twinhood.deliveries.models import SupplierCredit, Unit
from twinhood.deliveries.queries import PublicUnit, public_unit_names
from twinhood.giving.models import Gift, Moment
from twinhood.ledger.models import Entry
from twinhood.ledger.queries import trace
from twinhood.people.models import Partnership
from twinhood.web.seen import Seen

KIND = Moment.Kind
# How the number of an order begins; a thing's code holds no such sign.
ORDER = "O-"
# A gift's page looks back at so many credits of its partnership, the latest ones.
CREDITS_MAX = 10

_CREDITED = {
    "damaged": gettext_lazy("Damaged, and credited"),
    "missing": gettext_lazy("Did not arrive, and credited"),
    "": gettext_lazy("Cancelled, and credited"),
}
_CHEAPER = {
    "damaged": gettext_lazy("Damaged, and a part of its price is back"),
    "": gettext_lazy("It costs less"),
}


# --- moments that letters tell


def new(
    partnership: Partnership, since: datetime, at: datetime
) -> Iterator[tuple[Moment.Kind, str, date]]:
    """What happened after `since`: its kind, what it is about, its day."""
    said = FollowUp.objects.filter(
        unit__order__partnership=partnership, answered_at__gt=since, answered_at__lte=at
    )
    for row in said.select_related("unit").order_by("answered_at", "pk"):
        if row.answered_at:
            yield KIND.FOLLOW_UP, f"{row.unit.code}:{row.months}", row.answered_at.date()
    public = Incident.objects.filter(
        partnership=partnership, published_at__gt=since, published_at__lte=at
    )
    related = public.select_related("order").prefetch_related("units")
    for incident in related.order_by("number"):
        for about in _about(incident):
            yield KIND.INCIDENT, f"{about}:{incident.number}", incident.found_date
    credited = SupplierCredit.objects.filter(
        unit__order__partnership=partnership, credited_at__gt=since, credited_at__lte=at
    )
    for one in credited.select_related("unit").order_by("credited_at", "pk"):
        part = f":{one.pk}" if one.is_part else ""
        yield KIND.CREDITED, f"{one.unit.code}{part}", one.credited_at.date()


def _about(incident: Incident) -> list[str]:
    """The things that it names, by their codes; one that names an order alone is about that."""
    codes = [unit.code for unit in incident.units.all()]
    return codes or ([str(incident.order)] if incident.order else [])


def codes_of(partnership: Partnership, about: str) -> set[str]:
    """The things of a moment: the one that it names, or those of its order.

    Of an order that was cancelled as a whole they are those that it had.
    """
    name = about.partition(":")[0]
    if not name.startswith(ORDER):
        return {name}
    units = Unit.objects.filter(
        order__partnership=partnership, order__number=int(name.removeprefix(ORDER))
    )
    codes = set(units.filter(cancelled_at=None).values_list("code", flat=True))
    return codes or set(units.values_list("code", flat=True))


def is_of_order(about: str) -> bool:
    return about.startswith(ORDER)


def is_told(kind: str, unit: PublicUnit) -> bool:
    """Whether the world may know it of a thing; a credit shows as soon as its need does."""
    if kind == KIND.FOLLOW_UP:
        return unit.is_open and unit.handed_over_date is not None
    return unit.is_open or kind == KIND.CREDITED


def before_they_were_cancelled(codes: Collection[str]) -> datetime | None:
    """The moment before the cents of these things were freed; None if some are still in them."""
    days = Unit.objects.filter(code__in=codes).values_list("cancelled_at", flat=True)
    first = min((day for day in days if day), default=None)
    return first - timedelta(microseconds=1) if first and None not in days else None


def part_of(moment: Moment) -> SupplierCredit | None:
    """The part of a price that a moment tells of, if it tells of one."""
    number = moment.about.partition(":")[2]
    if moment.kind != KIND.CREDITED or not number:
        return None
    return SupplierCredit.objects.get(unit__order__partnership=moment.partnership, pk=int(number))


def words_of(moment: Moment, unit: PublicUnit) -> str:
    """What a letter says happened, in the reader's language."""
    number = moment.about.rpartition(":")[2]
    if moment.kind == KIND.FOLLOW_UP:
        row = FollowUp.objects.get(unit__code=unit.code, months=int(number))
        return str(CONDITION[FollowUp.Condition(row.condition)])
    if moment.kind == KIND.INCIDENT:
        incident = Incident.objects.get(partnership=moment.partnership, number=int(number))
        return str(incident.title)
    return _what(unit, is_part=":" in moment.about)


def _what(unit: PublicUnit, *, is_part: bool) -> str:
    said = _CHEAPER if is_part else _CREDITED
    return str(said[unit.condition if unit.condition in said else ""])


# --- what a gift's page says


@dataclass(frozen=True, slots=True)
class Credited:
    """Cents of a gift that were in a thing whose price came back, whole or in part, or fell: they
    are free again.
    """

    unit: PublicUnit
    amount_minor: int
    on: date
    is_part: bool

    @property
    def title(self) -> str:
        what = _what(self.unit, is_part=self.is_part)
        return gettext("%(what)s: %(thing)s") % {"what": what, "thing": self.unit.name}

    @property
    def text(self) -> str:
        """With a slot for the amount."""
        if self.is_part:
            return gettext(
                "Its price fell, or a part came back: %(amount)s of yours is free again."
            )
        return gettext("The supplier gave its price back: %(amount)s of yours is free again.")

    @property
    def is_warning(self) -> bool:
        """A thing that only became cheaper is no bad news."""
        return not self.is_part or self.unit.condition == "damaged"


def credited(gift: Gift, seen: Seen) -> list[Credited]:
    """What of a gift was in things that were credited since, oldest first.

    One query where nothing was; otherwise the books as they stood before each credit.
    """
    rows = SupplierCredit.objects.filter(
        unit__order__partnership=gift.partnership, credited_at__gt=gift.settled_at
    )
    latest = rows.select_related("unit").order_by("-credited_at", "-pk")[:CREDITS_MAX]
    found = [
        (row, amount_minor)
        for row in reversed(latest)
        if seen.has_known(row.credited_at) and (amount_minor := _freed(gift, row))
    ]
    codes = {row.unit.code for row, _ in found}
    units = _readable(gift.partnership, seen.at, codes)
    return [
        Credited(units[row.unit.code], amount_minor, row.credited_at.date(), row.is_part)
        for row, amount_minor in found
        if row.unit.code in units
    ]


def _freed(gift: Gift, row: SupplierCredit) -> int:
    """How many cents of a gift a credit freed."""
    if not row.is_part:
        return _was_in(gift, row.unit.code, row.credited_at - timedelta(microseconds=1))
    then = Entry.objects.get(partnership=gift.partnership, key=row.key).posted_at
    before = _was_in(gift, row.unit.code, then - timedelta(microseconds=1))
    return before - _was_in(gift, row.unit.code, then) if before else 0


def _was_in(gift: Gift, code: str, as_of: datetime) -> int:
    followed = trace(partnership=gift.partnership, key=gift.key, as_of=as_of)
    parts = followed.parts if followed else ()
    return sum(minor for part in parts for name, minor in part.units if name == code)


def _readable(
    partnership: Partnership, at: datetime, codes: Collection[str]
) -> dict[str, PublicUnit]:
    found = public_unit_names(partnership, at, codes) if codes else {}
    return {code: unit for code, unit in found.items() if unit.need_number is not None}
