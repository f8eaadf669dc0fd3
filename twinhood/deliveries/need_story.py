"""What happened to a need, in order, and what nobody knows yet: for its public page."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import get_language, gettext

from twinhood.deliveries.queries import PublicUnit
from twinhood.kit.money import format_money
from twinhood.needs.core.goal import ItemProgress
from twinhood.needs.models import Change, Confirmation, Need, Verification


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, on a day; `more` says it in the words of whoever did it."""

    day: date
    what: str
    more: str = ""


def story(
    need: Need,
    *,
    checks: Iterable[Verification],
    confirmations: Iterable[Confirmation],
    changes: Iterable[Change],
    units: Sequence[PublicUnit],
) -> list[Step]:
    """Everything that may be told, the oldest first."""
    steps = [
        Step(
            need.written_at.date(),
            gettext("Written, for: %(organisation)s") % {"organisation": need.written_for.name},
        ),
        *_of_checks(checks),
        *_of_confirmations(confirmations),
        *(Step(_day(one.decided_at), gettext("It asks for something else"), one.reason)
          for one in changes),
        *_of_units(units),
    ]  # fmt: skip
    return sorted(steps, key=lambda step: step.day)


def _of_checks(checks: Iterable[Verification]) -> Iterator[Step]:
    for one in checks:
        what = gettext("Checked by: %(organisation)s") % {"organisation": one.organisation.name}
        yield Step(one.verified_at.date(), what)


def _of_confirmations(confirmations: Iterable[Confirmation]) -> Iterator[Step]:
    for one in confirmations:
        organisation = one.organisation.name
        what = gettext("Still needed, says: %(organisation)s") % {"organisation": organisation}
        yield Step(one.confirmed_at.date(), what)


def _of_units(units: Sequence[PublicUnit]) -> Iterator[Step]:
    ordered = Counter((unit.ordered_at.date(), unit.order_number) for unit in units)
    for (day, number), count in ordered.items():
        what = gettext("Ordered (O-%(order)s), things: %(count)d")
        yield Step(day, what % {"order": number, "count": count})
    handed_over = Counter(unit.handed_over_date for unit in units if unit.handed_over_date)
    for day, count in handed_over.items():
        if day is not None:
            yield Step(day, gettext("Handed over, things: %(count)d") % {"count": count})


def _day(at: datetime | None) -> date:
    if at is None:
        raise ValueError("what is told has a day")
    return at.date()


def unknown(need: Need, item: ItemProgress | None, units: Sequence[PublicUnit]) -> list[str]:
    """What a reader would ask and nobody can answer yet, in words."""
    if need.state != Need.State.VERIFIED:
        return []
    found = []
    if item is not None and item.missing_minor > 0:
        missing = format_money(item.missing_minor, need.currency, get_language() or "en")
        found.append(
            gettext("Whether the rest of the money comes: %(sum)s is lacking.") % {"sum": missing}
        )
    if len(units) < need.wanted:
        found.append(gettext("When the rest of them is bought, and from whom."))
    if any(unit.handed_over_date is None for unit in units) or len(units) < need.wanted:
        found.append(
            gettext("When they arrive. The day of a hand-over is told only some time after it.")
        )
    if units:
        found.append(gettext("Whether they still work in a year. Whoever holds them is asked."))
    return found
