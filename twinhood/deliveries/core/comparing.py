"""Quotes side by side: the price of one thing in one currency, and what a quote does not say.

Amounts are minor units; a price that comes out between two is rounded up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from twinhood.deliveries.core.ceiling import Rate


class Vat(StrEnum):
    """What a quote says of value added tax."""

    INCLUDED = "included"
    ON_TOP = "on_top"
    NOT_DUE = "not_due"


class Missing(StrEnum):
    """What is not known of a quote that others are compared by."""

    RATE = "rate"
    VAT = "vat"
    DELIVERY = "delivery"
    WARRANTY = "warranty"


@dataclass(frozen=True, slots=True)
class Offer:
    """What one quote says. `vat` is None where it says nothing; `vat_permille` beside ON_TOP."""

    quote_id: int
    supplier_id: int
    unit_price_minor: int
    currency: str
    valid_until: date | None = None
    delivery_days: int | None = None
    warranty_months: int | None = None
    vat: Vat | None = None
    vat_permille: int = 0

    @property
    def with_vat_minor(self) -> int:
        """The price of one with the tax that comes on top of it, as far as that is known."""
        if self.vat is not Vat.ON_TOP:
            return self.unit_price_minor
        return -(-self.unit_price_minor * (1000 + self.vat_permille) // 1000)


@dataclass(frozen=True, slots=True)
class Compared:
    """An offer in the comparison's currency; `price_minor` is None where no rate is known."""

    offer: Offer
    price_minor: int | None
    missing: tuple[Missing, ...]
    is_expired: bool
    is_lowest: bool


def compare(
    offers: Iterable[Offer], rates: Mapping[str, Rate], currency: str, today: date
) -> list[Compared]:
    """Sort offers: those that hold first, then by price, then the sooner delivery.

    `rates` say what other currencies cost in `currency`. The lowest are those that hold, and have
    the lowest price of them.
    """
    known = [
        (offer, price_in(offer, rates, currency), _has_ended(offer, today)) for offer in offers
    ]
    holding = [price for _, price, is_expired in known if price is not None and not is_expired]
    rows = [
        Compared(
            offer,
            price,
            _missing(offer, price),
            is_expired,
            is_lowest=not is_expired and price is not None and price == min(holding),
        )
        for offer, price, is_expired in known
    ]
    return sorted(rows, key=_place)


def price_in(offer: Offer, rates: Mapping[str, Rate], currency: str) -> int | None:
    """The price of one, tax on top of it included, in another currency; None without a rate."""
    if offer.currency == currency:
        return offer.with_vat_minor
    rate = rates.get(offer.currency)
    return rate.price_minor(offer.with_vat_minor) if rate else None


@dataclass(frozen=True, slots=True)
class Beside:
    """A chosen offer's price, the lowest of all that it is compared with, and who gave those."""

    price_minor: int
    lowest_minor: int
    supplier_ids: frozenset[int]


def beside(
    chosen: Offer, offers: Sequence[Offer], rates: Mapping[str, Rate], currency: str
) -> Beside:
    """Compare a chosen offer with the others; it is among `offers`.

    Without a rate for its currency it is compared with offers of its own currency only.
    """
    if price_in(chosen, rates, currency) is None:
        currency = chosen.currency
        offers = [offer for offer in offers if offer.currency == currency]
    prices = [(offer, price_in(offer, rates, currency)) for offer in offers]
    known = [(offer, price) for offer, price in prices if price is not None]
    return Beside(
        price_minor=next(price for offer, price in known if offer == chosen),
        lowest_minor=min(price for _, price in known),
        supplier_ids=frozenset(offer.supplier_id for offer, _ in known),
    )


def _missing(offer: Offer, price_minor: int | None) -> tuple[Missing, ...]:
    said = {
        Missing.RATE: price_minor is not None,
        Missing.VAT: offer.vat is not None,
        Missing.DELIVERY: offer.delivery_days is not None,
        Missing.WARRANTY: offer.warranty_months is not None,
    }
    return tuple(code for code, is_said in said.items() if not is_said)


def _has_ended(offer: Offer, today: date) -> bool:
    return offer.valid_until is not None and offer.valid_until < today


def _place(row: Compared) -> tuple[bool, bool, int, int, int]:
    days = row.offer.delivery_days
    return (
        row.is_expired,
        row.price_minor is None,
        row.price_minor or 0,
        10**6 if days is None else days,
        row.offer.quote_id,
    )
