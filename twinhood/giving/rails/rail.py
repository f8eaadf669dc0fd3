"""What a rail says of itself. A rail is a way by which gifts arrive."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Asks(StrEnum):
    """What the desk asks beside amount, fund, day and donor."""

    REFERENCE = "reference"
    COUNTED_BY = "counted_by"
    FEE = "fee"


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
    name_of: Callable[[str, int], str] = field(default=lambda reference, amount_minor: reference)
