"""What the example's suppliers say beside their prices, the rate to compare at, who is asked."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from twinhood.deliveries import asking
from twinhood.deliveries.asking import Ask, Stated
from twinhood.deliveries.core.ceiling import rate_of
from twinhood.deliveries.core.comparing import Vat
from twinhood.needs.models import Need, Quote
from twinhood.people.models import Organisation, Person

REQUEST_KEY = UUID("00000000-0000-4000-8000-000000000407")
# Two quotes say nothing of tax or warranty: their page says so.
SAID = {
    "motors-usd": Stated(45, 24, Vat.NOT_DUE),
    "trucks-ambulance": Stated(60, 12, Vat.NOT_DUE),
    "medical-ambulance": Stated(30, None, None),
    "trucks-usd": Stated(60, 12, Vat.NOT_DUE),
    "motors-truck": Stated(40, 24, Vat.NOT_DUE),
    "trucks-eur": Stated(35, 12, Vat.NOT_DUE),
}


def say_terms(quotes: Mapping[str, Quote], by: Person, at: datetime) -> None:
    """Record what the quotes say of delivery, warranty and tax."""
    for name, terms in SAID.items():
        asking.say_terms(quote=quotes[name], terms=terms, by=by, at=at)


def state_rate(need: Need, by: Person, at: datetime) -> None:
    """State at which rate the trucks in euros are compared: that of the exchange of that day."""
    rate = rate_of(
        "1.0850", "EUR", need.currency, said_by="European Central Bank (example)",
        date=at.date().isoformat(),
    )  # fmt: skip
    asking.state_rate(need=need, currency="EUR", rate=rate, by=by, at=at)


def ask(
    need: Need, bodies: Mapping[str, Organisation], by: Person, body: Organisation, at: datetime
) -> None:
    """Ask two more makers for a price; neither has answered yet."""
    asking.ask(
        need=need,
        quantity=need.quantity,
        by_date=(at + timedelta(days=21)).date(),
        suppliers=[Ask(bodies["motors"], "", "", "en"), Ask(bodies["trucks"], "", "", "uk")],
        by=by,
        organisation=body,
        at=at,
        form_key=REQUEST_KEY,
    )
