"""A small world for giving's tests: two cities, a charity, Tom, and who gives."""

from datetime import date
from itertools import count

from django.test import Client

from twinhood.giving import actions
from twinhood.giving.core.offline import OfflineGift
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.models import Gift
from twinhood.kit import clock
from twinhood.ledger import actions as ledger
from twinhood.ledger.models import Fund
from twinhood.people.models import Organisation, Partnership, Person, Role
from twinhood.people.queries import PERSONA_SESSION_KEY
from twinhood.places.models import Place

ANNA = DonorFacts(name="Anna", email="anna@example.org")
BORIS = DonorFacts(name="Boris", email="boris@example.org")
CLARA = DonorFacts(name="Clara", email="clara@example.org")

_numbers = count(1)


def place(name: str, zone: str) -> Place:
    return Place.objects.create(
        geoname_id=900_000_000 + next(_numbers),
        name=name,
        country_code="XX",
        latitude=41.0,
        longitude=float(next(_numbers) % 90),
        time_zone=zone,
    )


def partnership(slug: str = "stamford-kramatorsk", *, has_guarantor: bool = True) -> Partnership:
    charity = organisation("Example Aid")
    return Partnership.objects.create(
        slug=slug,
        giving_place=place("Stamford", "America/New_York"),
        receiving_place=place("Kramatorsk", "Europe/Kyiv"),
        recipient=charity,
        guarantor=organisation("Guarantor (example)") if has_guarantor else None,
        is_example=True,
    )


def organisation(name: str) -> Organisation:
    return Organisation.objects.create(kind="charity", name={"en": name}, is_example=True)


def fund(of: Partnership, code: str = "kramatorsk-usd", currency: str = "USD") -> Fund:
    return ledger.open_fund(partnership=of, code=code, currency=currency, at=clock.now())


def person(name: str, of: Partnership, *roles: str) -> Person:
    """Somebody with roles for the recipient; as a persona, so that no second factor is asked."""
    somebody = Person.objects.create_user(
        email=f"{name.lower()}-{next(_numbers)}@example.org", name=name, is_example=True
    )
    for role in roles:
        Role.objects.create(
            person=somebody,
            organisation=of.recipient,
            partnership=of,
            name=role,
            since_date=date(2023, 1, 1),
        )
    return somebody


def tom(of: Partnership) -> Person:
    return person("Tom", of, "treasurer")


def signed_in(client: Client, somebody: Person) -> Client:
    client.force_login(somebody)
    session = client.session
    session[PERSONA_SESSION_KEY] = somebody.pk
    session.save()
    return client


def cheque(
    amount_minor: int = 2500, donor: DonorFacts = ANNA, *, key: str = "", **more: object
) -> OfflineGift:
    facts: dict[str, object] = {
        "rail": "cheque",
        "intake_key": key or f"key-{next(_numbers)}",
        "fund_code": "kramatorsk-usd",
        "amount_minor": amount_minor,
        "currency": "USD",
        "received_date": date(2023, 4, 6),
        "donor": donor,
        "purpose": "Ambulances",
    }
    return OfflineGift(**(facts | more))  # type: ignore[arg-type]


def taken_in(of: Partnership, *rows: OfflineGift) -> list[Gift]:
    """Take gifts in, not posted yet; in the order of `rows`."""
    taken = actions.take_in(partnership=of, person=None, rows=rows)
    by_ref = {gift.ref: gift for gift in Gift.objects.filter(partnership=of)}
    return [by_ref[gift.ref] for gift in taken.new]


def posted(of: Partnership, *rows: OfflineGift) -> list[Gift]:
    gifts = taken_in(of, *rows)
    actions.post_settled()
    for gift in gifts:
        gift.refresh_from_db()
    return gifts
