"""What waits for a person among needs that were withdrawn after money was given for them."""

from collections.abc import Iterator

from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from twinhood.giving.models import Reallocation
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace
from twinhood.people.waiting import SECOND_ASKED, Kind, Pile

WITHDRAWN = Kind("withdrawn", _("Withdrawn needs"))
FACTS = SECOND_ASKED | {"number": "need__number", "need": "need__title"}
ADDRESS = ("treasury:reallocation", "number")


def tasks(work: Workspace) -> Iterator[Pile]:
    """Withdrawals that others asked for; resolutions that others recorded."""
    here = Reallocation.objects.filter(partnership=work.partnership)
    if work.may(Action.VERIFY_NEED):
        yield Pile(
            kind=WITHDRAWN,
            rows=here.filter(state=Reallocation.State.ASKED)
            .exclude(asked_by=work.person)
            .order_by("asked_at", "id"),
            since="asked_at",
            facts=FACTS,
            title=_("Confirm that a need is withdrawn: %(need)s"),
            why=_("Money was given for it. You see there why, and which paper shows it."),
            address=ADDRESS,
        )
    if work.may(Action.CONFIRM_REFUND):
        yield Pile(
            kind=WITHDRAWN,
            rows=here.filter(state=Reallocation.State.CHOOSING, proposed_at__isnull=False)
            .exclude(proposed_by=work.person)
            .order_by("proposed_at", "id"),
            since=Coalesce("proposed_at", "asked_at"),
            facts=FACTS,
            title=_("Move what was left of a withdrawn need: %(need)s"),
            why=_("The board’s resolution is recorded."),
            address=ADDRESS,
        )
