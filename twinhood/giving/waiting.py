"""What waits for a person among the gifts."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from twinhood.giving.models import RefundRequest
from twinhood.giving.queries import unposted
from twinhood.kit.money import format_money
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace
from twinhood.people.waiting import Kind, Task, oldest

REFUNDS = Kind("refunds", _("Refunds to confirm"))
GIFTS = Kind("gifts", _("Gifts on their way to the line"))


def tasks(work: Workspace) -> Iterator[Task]:
    """Refunds that others proposed, for who confirms them; gifts not posted yet."""
    if work.may(Action.CONFIRM_REFUND):
        yield from _refunds(work)
    if work.may(Action.TAKE_GIFT):
        yield from _gifts(work)


def _refunds(work: Workspace) -> Iterator[Task]:
    proposed = (
        RefundRequest.objects.filter(
            gift__partnership=work.partnership, state=RefundRequest.State.PROPOSED
        )
        .exclude(proposed_by=work.person)
        .select_related("gift")
        .order_by("proposed_at", "id")
    )
    for request, behind in oldest(proposed):
        sum_ = format_money(request.amount_minor, request.gift.currency, get_language() or "en")
        yield Task(
            kind=REFUNDS,
            since=request.proposed_at,
            title=gettext("Confirm a refund: %(sum)s") % {"sum": sum_},
            why=gettext("Gift %(ref)s. You see there what it would do.")
            % {"ref": request.gift.ref},
            url=reverse("giving:refund_request", args=[work.partnership.slug, request.gift.ref]),
            action=gettext("Look at it"),
            done=1,
            wanted=2,
            behind=behind,
        )


def _gifts(work: Workspace) -> Iterator[Task]:
    waiting = unposted(work.partnership)
    if waiting.oldest_at is not None:
        yield Task(
            kind=GIFTS,
            since=waiting.oldest_at,
            title=gettext("Gifts on their way to the line: %d") % waiting.count,
            why=gettext("The worker posts them within moments."),
            url=reverse("giving:gifts", args=[work.partnership.slug]),
            action=gettext("Look at them"),
        )
