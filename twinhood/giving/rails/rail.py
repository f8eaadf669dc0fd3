"""What a rail says of itself. A rail is a way by which gifts arrive."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from twinhood.giving.models import Gift, Pledge, RecurringGift


class Asks(StrEnum):
    """What the desk asks beside amount, fund, day and donor."""

    REFERENCE = "reference"
    COUNTED_BY = "counted_by"
    FEE = "fee"


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a notice, as a code; with a `problem`, another code, a person must look.

    Outcomes: taken_in, waits, held, given_back, not_ours, other_mode, not_needed, gone.
    """

    outcome: str
    pledge: "Pledge | None" = None
    problem: str = ""


class Online(Protocol):
    """What a rail does when a donor gives by themselves. Amounts are minor units of the gift's
    currency. Each raises errors.RailDown (nothing is known to have changed; it may be repeated)
    and errors.RailRefuses (the rail said no, and why).
    """

    def is_ready(self) -> bool:
        """Whether whoever runs this has set it up; what is not is not offered."""

    def currencies(self) -> frozenset[str]:
        """In which it takes gifts; empty means all that a fund may have."""

    def begin(self, pledge: "Pledge", *, back_url: str, thanks_url: str) -> str:
        """Begin to pay: the address to send the donor to. Repeated, it is the same payment."""

    def look(self, pledge: "Pledge") -> None:
        """Ask the rail how it stands, when its notice has not come; what is known is taken in."""

    def refund(self, gift: "Gift", *, amount_minor: int, key: str) -> None:
        """Send money back; `key` makes it happen once."""

    def change(self, recurring: "RecurringGift", *, amount_minor: int) -> None: ...

    def new_card(self, recurring: "RecurringGift", *, back_url: str) -> str:
        """The address of a page where the donor types another card; afterwards, or when they
        turn back, it leads to `back_url`. What is owed is tried with that card at once."""

    def pause(self, recurring: "RecurringGift", *, until: date | None) -> None: ...

    def hold(self, recurring: "RecurringGift") -> None:
        """Let payments wait until the donor has decided."""

    def resume(self, recurring: "RecurringGift") -> None: ...

    def skip(self, recurring: "RecurringGift") -> None:
        """Let the next period pass without a payment."""

    def end(self, recurring: "RecurringGift") -> None: ...


@dataclass(frozen=True, slots=True)
class Rail:
    """One way by which gifts arrive; the labels are translated when they are shown.

    `account` is debited when a gift is booked, and a refund leaves by it. `name_of` makes the
    rail's own unique name of a gift from its reference and amount in minor units: the same name
    is the same gift, however often it is entered.
    """

    code: str
    label: "_StrPromise"
    account: str
    asks: frozenset[Asks] = frozenset()
    reference_label: "_StrPromise | str" = ""
    # What donors can use by themselves, and how donors call it.
    online: "Online | None" = None
    donors_label: "_StrPromise | str" = ""
    # Makes something of a notice, by its kind and the name of what it is about, by asking again.
    hears: Callable[[str, str], Heard] | None = None
    # Its notices since a moment (UTC), as `notices.store` takes them, when some got lost.
    tells: Callable[[datetime], Iterable[dict[str, Any]]] = field(default=lambda since: ())
    takes_monthly: bool = False
    name_of: Callable[[str, int], str] = field(default=lambda reference, amount_minor: reference)
