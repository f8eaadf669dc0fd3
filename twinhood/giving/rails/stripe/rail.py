"""Cards and wallets: the donor pays on Stripe's page, and Stripe tells us of it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from twinhood.giving.rails.rail import Heard, Rail

if TYPE_CHECKING:
    from twinhood.giving.models import Gift, Pledge, RecurringGift

# What does the work imports the verbs of giving, which know all rails; so it is imported late.


class Card:
    """What `rails.rail.Online` promises, by Stripe."""

    def is_ready(self) -> bool:
        return bool(settings.STRIPE_KEY)

    def is_test(self) -> bool:
        """Whether no money moves: Stripe's test mode, or practice on this machine."""
        from twinhood.giving.rails.stripe.client import Mode, mode

        return mode() in {Mode.TEST, Mode.PRACTICE}

    def currencies(self) -> frozenset[str]:
        return settings.STRIPE_CURRENCIES

    def page_origins(self) -> tuple[str, ...]:
        """Where `begin` leads: the policy of a page whose form ends there must name it."""
        from twinhood.giving.rails.stripe.client import page_origin

        return (page_origin(),)

    def begin(self, pledge: "Pledge", *, back_url: str, thanks_url: str) -> str:
        from twinhood.giving.rails.stripe import checkout

        return checkout.begin(pledge, back_url=back_url, thanks_url=thanks_url)

    def look(self, pledge: "Pledge") -> None:
        from twinhood.giving.rails.stripe import checkout

        if pledge.rail_ref:
            checkout.take_in_named(pledge.rail_ref)

    def refund(self, gift: "Gift", *, amount_minor: int, key: str) -> None:
        from twinhood.giving.rails.stripe import sending_back

        sending_back.refund(gift, amount_minor=amount_minor, key=key)

    def change(self, recurring: "RecurringGift", *, amount_minor: int) -> None:
        from twinhood.giving.rails.stripe import monthly

        monthly.change(recurring, amount_minor=amount_minor)

    def new_card(self, recurring: "RecurringGift", *, back_url: str) -> str:
        from twinhood.giving.rails.stripe import cards

        return cards.page(recurring, back_url=back_url)

    def pause(self, recurring: "RecurringGift", *, until: date | None) -> None:
        from twinhood.giving.rails.stripe import monthly

        monthly.pause(recurring, until=until)

    def hold(self, recurring: "RecurringGift") -> None:
        from twinhood.giving.rails.stripe import monthly

        monthly.hold(recurring)

    def resume(self, recurring: "RecurringGift") -> None:
        from twinhood.giving.rails.stripe import monthly

        monthly.resume(recurring)

    def skip(self, recurring: "RecurringGift") -> None:
        from twinhood.giving.rails.stripe import monthly

        monthly.skip(recurring)

    def end(self, recurring: "RecurringGift") -> None:
        from twinhood.giving.rails.stripe import monthly

        monthly.end(recurring)


def _hear(kind: str, about: str) -> Heard:
    from twinhood.giving.rails.stripe import hearing

    return hearing.hear(kind, about)


def _tell(since: datetime) -> Iterable[dict[str, Any]]:
    from twinhood.giving.rails.stripe import hearing

    return hearing.told_since(since)


CARD = Rail(
    code="card",
    label=_("Card"),
    account="assets:clearing:card",
    online=Card(),
    donors_label=_("Card or wallet"),
    hears=_hear,
    tells=_tell,
    takes_monthly=True,
)
