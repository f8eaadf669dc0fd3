"""What waits for a person among the gifts."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from twinhood.giving.models import RefundRequest
from twinhood.giving.queries import unposted
from twinhood.kit.money import format_money
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace
from twinhood.people.waiting import SECOND_ASKED, Kind, Pile, Task

REFUNDS = Kind("refunds", _("Refunds to confirm"))
GIFTS = Kind("gifts", _("Gifts on their way to the line"))


def tasks(work: Workspace) -> Iterator[Pile | Task]:
    """Refunds that others proposed, for who confirms them; gifts not posted yet."""
    if work.may(Action.CONFIRM_REFUND):
        yield _refunds(work)
    if work.may(Action.TAKE_GIFT):
        yield from _gifts(work)


def _refunds(work: Workspace) -> Pile:
    def sum_in_words(facts: Mapping[str, Any]) -> dict[str, Any]:
        language = get_language() or "en"
        return {"sum": format_money(facts["amount_minor"], facts["currency"], language)}

    return Pile(
        kind=REFUNDS,
        rows=RefundRequest.objects.filter(
            gift__partnership=work.partnership, state=RefundRequest.State.PROPOSED
        )
        .exclude(proposed_by=work.person)
        .order_by("proposed_at", "id"),
        since="proposed_at",
        facts=SECOND_ASKED
        | {"ref": "gift__ref", "amount_minor": "amount_minor", "currency": "gift__currency"},
        also=sum_in_words,
        title=_("Confirm a refund: %(sum)s"),
        why=_("Gift %(ref)s. You see there what it would do."),
        address=("giving:refund_request", "ref"),
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
