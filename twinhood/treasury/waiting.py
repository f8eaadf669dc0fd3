"""What waits for a person among needs that were withdrawn after money was given for them."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from twinhood.giving.models import Reallocation
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace
from twinhood.people.waiting import Kind, Task, oldest

WITHDRAWN = Kind("withdrawn", _("Withdrawn needs"))


def tasks(work: Workspace) -> Iterator[Task]:
    """Withdrawals that others asked for; resolutions that others recorded."""
    if work.may(Action.VERIFY_NEED):
        yield from _to_confirm(work)
    if work.may(Action.CONFIRM_REFUND):
        yield from _to_carry_out(work)


def _to_confirm(work: Workspace) -> Iterator[Task]:
    asked = _withdrawn(work, Reallocation.State.ASKED).exclude(asked_by=work.person)
    for found, behind in oldest(asked.order_by("asked_at", "id")):
        yield Task(
            kind=WITHDRAWN,
            since=found.asked_at,
            title=gettext("Confirm that a need is withdrawn: %(need)s")
            % {"need": found.need.title},
            why=gettext("Money was given for it. You see there why, and which paper shows it."),
            url=reverse("treasury:reallocation", args=[work.partnership.slug, found.need.number]),
            action=gettext("Look at it"),
            done=1,
            wanted=2,
            behind=behind,
        )


def _to_carry_out(work: Workspace) -> Iterator[Task]:
    choosing = _withdrawn(work, Reallocation.State.CHOOSING).filter(proposed_at__isnull=False)
    others = choosing.exclude(proposed_by=work.person)
    for found, behind in oldest(others.order_by("proposed_at", "id")):
        yield Task(
            kind=WITHDRAWN,
            since=found.proposed_at or found.asked_at,
            title=gettext("Move what was left of a withdrawn need: %(need)s")
            % {"need": found.need.title},
            why=gettext("The board’s resolution is recorded."),
            url=reverse("treasury:reallocation", args=[work.partnership.slug, found.need.number]),
            action=gettext("Look at it"),
            done=1,
            wanted=2,
            behind=behind,
        )


def _withdrawn(work: Workspace, state: str) -> QuerySet[Reallocation]:
    found = Reallocation.objects.filter(partnership=work.partnership, state=state)
    return found.select_related("need")
