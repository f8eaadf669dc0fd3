"""A case's timeline: one need from the asking to the last follow-up, as its rooms tell it.

A room registers one function when Django starts. It is given the case and yields its own steps,
those that happened and those that are still to come. For those at work alone: nothing here asks
what may be public.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from zoneinfo import ZoneInfo

from twinhood.kit.above import Above
from twinhood.people.models import Partnership


class Stage(IntEnum):
    """Where on its way a step stands; steps are told in this order."""

    ASKED = 1
    CHECKED = 2
    IN_CAMPAIGN = 3
    ORDERED = 4
    PAID = 5
    SHIPPED = 6
    HANDED_OVER = 7
    FOLLOWED_UP = 8


@dataclass(frozen=True, slots=True)
class Case:
    """A need of a partnership, by number; `order` if only one of its orders is meant. `today` is
    a day of the receiving city."""

    partnership: Partnership
    need: int
    today: date
    order: int | None = None

    def day_of(self, at: datetime) -> date:
        """The day of a moment where the things arrive."""
        return at.astimezone(ZoneInfo(self.partnership.receiving_place.time_zone)).date()


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened `on` a day, or is still to come, perhaps `due` on one.

    `who` did it or has to: an organisation or an office, no person.
    """

    stage: Stage
    title: str
    on: date | None = None
    who: str = ""
    due: date | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class ToldStep:
    """A step as it is shown: `done`, `now` for the next one, or `todo`."""

    step: Step
    state: str
    is_late: bool = False


type Teller = Callable[[Case], Iterator[Step]]
_tellers = Above[Teller]()
register = _tellers.register


def told(case: Case) -> list[ToldStep]:
    """The whole timeline. The first step that did not happen is the next one.

    What lies before the orders and was passed over, as where a need is paid for by its own fund
    without the campaign, is not asked for any more once something later happened.
    """
    found = [step for teller in _tellers for step in teller(case)]
    reached = max((step.stage for step in found if step.on), default=Stage.ASKED)
    is_bought = reached >= Stage.ORDERED
    steps = sorted(
        (step for step in found if step.on or not is_bought or step.stage >= Stage.ORDERED),
        key=_place,
    )
    following = next((step for step in steps if step.on is None), None)
    return [_told(step, step is following, case.today) for step in steps]


def _place(step: Step) -> tuple[Stage, bool, date]:
    """By stage, then by day; what is still to come stands behind what happened."""
    return step.stage, step.on is None, step.on or step.due or date.max


def _told(step: Step, is_next: bool, today: date) -> ToldStep:
    if step.on is not None:
        return ToldStep(step, "done")
    is_late = step.due is not None and step.due < today
    return ToldStep(step, "now" if is_next else "todo", is_late)
