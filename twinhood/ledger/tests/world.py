"""A partnership with books, small enough to be read in a test."""

from collections.abc import Sequence
from datetime import UTC, datetime

from twinhood.ledger import actions
from twinhood.ledger.actions import Income
from twinhood.ledger.core import entry
from twinhood.people.models import Organisation, Partnership
from twinhood.places.models import Place

AT = datetime(2023, 9, 1, 12, tzinfo=UTC)
CASH = "assets:cash:main"


def a_partnership(slug: str = "stamford-kramatorsk", *, has_guarantor: bool = True) -> Partnership:
    ends = [
        Place.objects.create(
            geoname_id=abs(hash((slug, name))) % 2_000_000_000,
            name=name,
            country_code=country,
            latitude=41.0,
            longitude=37.0,
            time_zone=zone,
        )
        for name, country, zone in (
            ("Stamford", "US", "America/New_York"),
            ("Kramatorsk", "UA", "Europe/Kyiv"),
        )
    ]
    charity = Organisation.objects.create(kind="charity", name={"en": "Example Aid"})
    return Partnership.objects.create(
        slug=slug,
        giving_place=ends[0],
        receiving_place=ends[1],
        recipient=charity,
        guarantor=charity if has_guarantor else None,
    )


def open_funds(partnership: Partnership, **currencies: str) -> None:
    for code, currency in currencies.items():
        actions.open_fund(partnership=partnership, code=code, currency=currency, at=AT)


def give(
    partnership: Partnership, fund: str, *gifts: tuple[str, int, int], currency: str = "USD"
) -> None:
    """Post gifts (key, amount, fee), in minor units of the fund's currency."""
    incomes: Sequence[Income] = [
        Income(
            entry.gift_settled(
                key=key,
                fund_code=fund,
                currency=currency,
                arrives_at=CASH,
                rail="cash",
                amount_minor=amount,
                fee_minor=fee,
            ),
            fund,
            amount - fee,
            AT,
        )
        for key, amount, fee in gifts
    ]
    actions.post_income(partnership=partnership, incomes=incomes)


def order(
    partnership: Partnership, key: str, funds: Sequence[str], *units: tuple[str, int]
) -> None:
    actions.place_order(partnership=partnership, key=key, fund_codes=funds, units=units, at=AT)


def refund(partnership: Partnership, key: str, source: str, amount: int) -> None:
    actions.refund(
        partnership=partnership,
        key=key,
        source_key=source,
        amount_minor=amount,
        paid_from=CASH,
        at=AT,
    )
