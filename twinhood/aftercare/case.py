"""What aftercare tells of a case: what holders said at each date, and which dates are to come."""

from collections.abc import Iterator
from itertools import groupby

from django.urls import reverse
from django.utils.translation import ngettext

from twinhood.aftercare.models import FollowUp
from twinhood.people.case import Case, Stage, Step


def steps(case: Case) -> Iterator[Step]:
    """One step a date: answered for how many things, or still to be answered for how many."""
    found = FollowUp.objects.filter(
        unit__order__partnership=case.partnership,
        unit__order__need__number=case.need,
        unit__cancelled_at=None,
    )
    if case.order is not None:
        found = found.filter(unit__order__number=case.order)
    rows = found.select_related("unit__handover__act__receiver").order_by("months", "due_date")
    for months, of_date in groupby(rows, key=lambda row: row.months):
        yield from _of_date(months, list(of_date), case)


def _of_date(months: int, rows: list[FollowUp], case: Case) -> Iterator[Step]:
    url = reverse("aftercare:follow_ups", args=[case.partnership.slug])
    answered = [row.answered_at for row in rows if row.answered_at]
    waiting = [row for row in rows if row.answered_at is None]
    who = " · ".join(dict.fromkeys(str(row.unit.handover.act.receiver.name) for row in rows))
    if answered:
        title = ngettext(
            "After %(months)d months its holder answered for %(n)d thing",
            "After %(months)d months their holders answered for %(n)d things",
            len(answered),
        )
        said = title % {"months": months, "n": len(answered)}
        yield Step(Stage.FOLLOWED_UP, said, case.day_of(max(answered)), who, url=url)
    if waiting:
        title = ngettext(
            "After %(months)d months the holder is asked about %(n)d thing",
            "After %(months)d months the holders are asked about %(n)d things",
            len(waiting),
        )
        said = title % {"months": months, "n": len(waiting)}
        due = min(row.due_date for row in waiting)
        yield Step(Stage.FOLLOWED_UP, said, who=who, due=due, url=url)
