"""A little world for tests of needs: two cities, their people, one campaign."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count

from django.db import connection
from django.db.models import Q
from django.test import Client

from twinhood.kit.fields import LocalText
from twinhood.ledger.actions import open_fund
from twinhood.needs import actions, campaigns, queries
from twinhood.needs.actions import NeedText
from twinhood.needs.core.checks import Check
from twinhood.needs.models import Campaign, Need, Quote
from twinhood.people import identity
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Organisation, Partnership, Person, Role
from twinhood.people.queries import PERSONA_SESSION_KEY
from twinhood.places.models import Place

AT = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
DAY = date(2026, 9, 1)
SEEN = actions.Seen((Check.CALLED, Check.PLACE), "The place.", "the ministry's list")
_numbers = count(1)


def words(english: str, ukrainian: str = "") -> LocalText:
    return LocalText({"en": english} | ({"uk": ukrainian} if ukrainian else {}))


def place(name: str, country_code: str, time_zone: str) -> Place:
    return Place.objects.create(
        geoname_id=next(_numbers),
        name=name,
        country_code=country_code,
        latitude=48.7,
        longitude=37.6,
        time_zone=time_zone,
    )


def organisation(kind: Organisation.Kind, name: str, at: Place | None = None) -> Organisation:
    return Organisation.objects.create(kind=kind, name=words(name), place=at, is_example=True)


@contextmanager
def quotes_unguarded() -> Iterator[None]:
    """Within, quotes may be written anew, as if nobody guarded them: the database refuses it."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE needs_quote DISABLE TRIGGER refuse_change")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE needs_quote ENABLE TRIGGER refuse_change")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@dataclass
class World:
    """Kramatorsk asks, Stamford gives. People have the roles that their names stand for."""

    is_conflict_zone: bool = True
    stamford: Place = field(init=False)
    kramatorsk: Place = field(init=False)

    def __post_init__(self) -> None:
        kinds = Organisation.Kind
        self.stamford = place("Stamford", "US", "America/New_York")
        self.kramatorsk = place("Kramatorsk", "UA", "Europe/Kyiv")
        self.city_k = organisation(kinds.CITY, "City of Kramatorsk (example)", self.kramatorsk)
        self.city_s = organisation(kinds.CITY, "City of Stamford (example)", self.stamford)
        self.charity = organisation(kinds.CHARITY, "Example Aid")
        self.checkers = organisation(kinds.CHARITY, "Example Watch")
        self.hospital = organisation(kinds.BENEFICIARY, "City Hospital 3", self.kramatorsk)
        self.hospital.legal_form = "public_institution"
        self.hospital.save()
        self.dealer = organisation(kinds.SUPPLIER, "Example Motors")
        self.partnership = Partnership.objects.create(
            slug=f"stamford-kramatorsk-{next(_numbers)}",
            giving_place=self.stamford,
            receiving_place=self.kramatorsk,
            recipient=self.charity,
            guarantor=self.city_s,
            is_conflict_zone=self.is_conflict_zone,
            is_example=True,
        )
        self.iryna = self.person("Iryna", self.city_k, RoleName.CLERK)
        self.dana = self.person("Dana", self.city_s, RoleName.CLERK, RoleName.VERIFIER)
        self.bondar = self.person("Dr Bondar", self.hospital, RoleName.CLERK)
        self.tom = self.person("Tom", self.charity, RoleName.TREASURER, RoleName.APPROVER)
        self.lesia = self.person("Lesia", self.city_s, RoleName.APPROVER)
        self.oleh = self.person("Oleh", self.checkers, RoleName.VERIFIER)
        self.fund = open_fund(partnership=self.partnership, code="main", currency="USD", at=AT)
        self.campaign = self.campaign_named("main")

    def person(self, name: str, organisation: Organisation, *roles: RoleName) -> Person:
        email = f"{name.lower().replace(' ', '.')}{next(_numbers)}@example.org"
        person = Person.objects.create_user(email, name=name, is_example=True)
        for role in roles:
            self.give_role(person, organisation, role)
        if RoleName.APPROVER in roles:
            self.make_known(person, name)
        return person

    def make_known(self, person: Person, surname: str) -> None:
        """Two others look at the document of somebody who is born on the day of the world."""
        key = identity.key_of(surname, "EXAMPLE", DAY)
        for other in (self.iryna, self.dana, self.bondar):
            if other.pk != person.pk and not other.identity_checks.filter(key=key).exists():
                identity.check_identity(
                    person=person, key=key, paper="passport", by=other,
                    organisation=self.city_k, at=AT,
                )  # fmt: skip

    def give_role(self, person: Person, organisation: Organisation, role: RoleName) -> Role:
        return Role.objects.create(
            person=person,
            organisation=organisation,
            partnership=self.partnership,
            name=role,
            since_date=date(2023, 4, 6),
        )

    def campaign_named(self, slug: str) -> Campaign:
        return actions.plan_campaign(
            partnership=self.partnership,
            slug=slug,
            title=words("For Kramatorsk", "Для Краматорська"),
            fund=self.fund,
            residents=135_470,
            residents_source=words("census 2020"),
            slogan_per_head_minor=2_500,
            slogan_residents=140_000,
            slogan_source=words("a public-radio story of 6 April 2023"),
        )

    def text(self, **changes: object) -> NeedText:
        return NeedText(**{
            "category": Need.Category.AMBULANCE,
            "title": words("Ambulances", "Автомобілі швидкої допомоги"),
            "unit_title": words("ambulance", "швидка"),
            "why": words("To replace vehicles destroyed or stolen since 2022."),
            "quantity": 8,
            "unit_price_minor": 8_250_000,
            "currency": "USD",
            "beneficiary": self.hospital,
        } | changes)  # type: ignore[arg-type]  # fmt: skip

    def draft(self, **changes: object) -> Need:
        return actions.write_need(
            partnership=self.partnership,
            text=self.text(**changes),
            by=self.iryna,
            organisation=self.city_k,
            at=AT,
        )

    def submitted(self, **changes: object) -> Need:
        return actions.submit(need=self.draft(**changes), by=self.iryna, at=AT)

    def checked_by(self, need: Need, person: Person, organisation: Organisation) -> None:
        actions.verify(need=need, by=person, organisation=organisation, seen=SEEN, at=AT)

    def verified(self, **changes: object) -> Need:
        need = self.submitted(**changes)
        self.checked_by(need, self.oleh, self.checkers)
        if self.is_conflict_zone:
            self.checked_by(need, self.dana, self.city_s)
        need.refresh_from_db()
        return need

    def similar_to(self, need: Need) -> list[Need]:
        """What the writer is told that the need looks like."""
        found = queries.similar_needs(
            self.partnership, queries.looks_of(need), by=need.written_by, besides=Q(pk=need.pk)
        )
        return list(found)

    def in_campaign(self, **changes: object) -> Need:
        return actions.add_to_campaign(need=self.verified(**changes), campaign=self.campaign)

    def adopt_all(self) -> None:
        """The charity's board adopts everything that is in the campaign."""
        campaigns.adopt(
            campaign=self.campaign,
            needs=list(self.campaign.needs.all()),
            minutes=campaigns.Minutes("7/2023", DAY),
            by=self.tom,
            at=AT,
        )

    def quotes_of(
        self, need: Need, prices_minor: Sequence[int], currency: str = "USD"
    ) -> list[Quote]:
        """A quote for each price: the dealer's, then those of other suppliers."""
        others = [
            organisation(Organisation.Kind.SUPPLIER, f"Other Motors {number}")
            for number in range(1, len(prices_minor))
        ]
        return [
            self.quote(need, price_minor, currency, supplier)
            for price_minor, supplier in zip(prices_minor, [self.dealer, *others], strict=True)
        ]

    def quote(
        self,
        need: Need,
        price_minor: int,
        currency: str = "USD",
        supplier: Organisation | None = None,
    ) -> Quote:
        return actions.add_quote(
            need=need,
            supplier=supplier or self.dealer,
            unit_price_minor=price_minor,
            currency=currency,
            quoted_date=DAY,
            by=self.iryna,
            at=AT,
        )

    def signed_in(self, person: Person) -> Client:
        """A browser in which an example person is signed in, as the page of personas does it."""
        client = Client()
        client.force_login(person)
        session = client.session
        session[PERSONA_SESSION_KEY] = person.pk
        session.save()
        return client

    def stranger(self) -> Person:
        """Somebody with an account, and a clerk's role in another partnership."""
        other = Partnership.objects.create(
            slug=f"westport-lyman-{next(_numbers)}",
            giving_place=self.kramatorsk,
            receiving_place=self.stamford,
            recipient=self.checkers,
        )
        person = Person.objects.create_user(
            f"stranger{next(_numbers)}@example.org", name="Stranger"
        )
        for role in RoleName:
            Role.objects.create(
                person=person,
                organisation=self.checkers,
                partnership=other,
                name=role,
                since_date=date(2023, 4, 6),
            )
        return person
