"""A donor is told where to send how much and under which reference; the bank's statement settles.

Nothing is known of the money before the treasury reads it in a statement and a person accepts it
(`treasury.matching`), so there is nothing to ask the rail for, and a refund is paid by hand.
"""

from datetime import date
from typing import NoReturn

from django.utils.translation import gettext_lazy as _

from twinhood.giving.errors import RailRefuses
from twinhood.giving.models import Gift, Pledge, RecurringGift
from twinhood.giving.rails.rail import Rail
from twinhood.giving.rails.transfer.instructions import can_receive, is_any_ready


class Transfer:
    """Bank transfers as a donor uses them: `rail.Online`. Every bank's customer can, once."""

    def is_ready(self) -> bool:
        return is_any_ready()

    def currencies(self) -> frozenset[str]:
        return frozenset()

    def begin(self, pledge: Pledge, *, back_url: str, thanks_url: str) -> str:
        """Lead to the pledge's own page: it shows the instructions until the money is here."""
        if not can_receive(pledge.partnership):
            raise RailRefuses("no_account")
        from twinhood.giving import pledging

        pledging.start(pledge, rail_ref="")
        return thanks_url

    def look(self, pledge: Pledge) -> None:
        """The bank tells nothing by itself: the statement does."""

    def refund(self, gift: Gift, *, amount_minor: int, key: str) -> NoReturn:
        raise RailRefuses("by_hand")

    def change(self, recurring: RecurringGift, *, amount_minor: int) -> NoReturn:
        raise RailRefuses("by_hand")

    def new_card(self, recurring: RecurringGift, *, back_url: str) -> NoReturn:
        raise RailRefuses("by_hand")

    def pause(self, recurring: RecurringGift, *, until: date | None) -> NoReturn:
        raise RailRefuses("by_hand")

    def hold(self, recurring: RecurringGift) -> NoReturn:
        raise RailRefuses("by_hand")

    def resume(self, recurring: RecurringGift) -> NoReturn:
        raise RailRefuses("by_hand")

    def skip(self, recurring: RecurringGift) -> NoReturn:
        raise RailRefuses("by_hand")

    def end(self, recurring: RecurringGift) -> NoReturn:
        raise RailRefuses("by_hand")


TRANSFER = Rail(
    code="transfer",
    label=_("Transfer with our reference"),
    account="assets:bank:main",
    online=Transfer(),
    donors_label=_("Bank transfer"),
)
