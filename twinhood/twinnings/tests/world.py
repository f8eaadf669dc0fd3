"""Two cities that write an agreement: Dana for Stamford, Iryna for Kramatorsk."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from django.test import Client

from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Organisation, Partnership, Person, Role
from twinhood.places.models import Place
from twinhood.places.tests.few import KRAMATORSK, STAMFORD
from twinhood.twinnings import drafting
from twinhood.twinnings.actions import put_to_work
from twinhood.twinnings.core.drafting import Article, Change, ChangeKind, Content, Side
from twinhood.twinnings.models import Draft, Term, Twinning, Version

AT = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
DAY = AT.date()


def stamford_and_kramatorsk(*, is_example: bool = True) -> Partnership:
    """Their bond at work here; the few cities and the facts about them are loaded before."""
    recipient = Organisation.objects.create(
        kind=Organisation.Kind.CHARITY, name={"en": "Example Aid"}, is_example=is_example
    )
    partnership = Partnership.objects.create(
        slug="stamford-kramatorsk",
        giving_place=Place.objects.get(geoname_id=STAMFORD),
        receiving_place=Place.objects.get(geoname_id=KRAMATORSK),
        recipient=recipient,
        is_example=is_example,
    )
    put_to_work(
        twinning=Twinning.objects.get(a_id=KRAMATORSK, b_id=STAMFORD), partnership=partnership
    )
    return partnership


@dataclass
class Cities:
    """The partnership of the room's fixture, with people who speak for its cities."""

    partnership: Partnership
    is_example: bool = True
    dana: Person = field(init=False)
    iryna: Person = field(init=False)
    mayor: Person = field(init=False)
    head: Person = field(init=False)
    bondar: Person = field(init=False)

    def __post_init__(self) -> None:
        there, here = self.partnership.receiving_place, self.partnership.giving_place
        city_k = self._organisation("city", "City of Kramatorsk (example)", there)
        city_s = self._organisation("city", "City of Stamford (example)", here)
        hospital = self._organisation("beneficiary", "City Hospital 3", there)
        self.dana = self._person("Dana", city_s, RoleName.CLERK)
        self.iryna = self._person("Iryna", city_k, RoleName.CLERK)
        self.mayor = self._person("Mayor’s office", city_s, RoleName.SIGNATORY)
        self.head = self._person("Head’s office", city_k, RoleName.SIGNATORY)
        self.bondar = self._person("Dr Bondar", hospital, RoleName.CLERK)

    def _organisation(self, kind: str, name: str, place: Place) -> Organisation:
        return Organisation.objects.create(
            kind=kind, name={"en": name}, place=place, is_example=self.is_example
        )

    def _person(self, name: str, organisation: Organisation, role: RoleName) -> Person:
        number = Person.objects.count()
        person = Person.objects.create_user(
            f"p{number}@example.org", name=name, is_example=self.is_example
        )
        self.give_role(person, organisation, role)
        return person

    def give_role(self, person: Person, organisation: Organisation, role: RoleName) -> None:
        Role.objects.create(
            person=person, organisation=organisation, partnership=self.partnership, name=role,
            since_date=date(2023, 4, 6),
        )  # fmt: skip

    def draft(self, kind: Draft.Kind = Draft.Kind.SISTER, *, is_companion: bool = False) -> Draft:
        return drafting.begin(
            partnership=self.partnership, kind=kind, is_companion=is_companion,
            languages=("en", "uk"), by=self.dana, side=Side.GIVING, at=AT,
        )  # fmt: skip

    def term(
        self, side: Side, person: Person | None = None, until: date | None = None,
        since: date = date(2023, 1, 1), office: dict[str, str] | None = None,
    ) -> Term:  # fmt: skip
        title = {"en": "Mayor", "uk": "Міський голова"}
        if side == Side.RECEIVING:
            title = {"en": "Head of the city military administration",
                     "uk": "Начальник міської військової адміністрації"}  # fmt: skip
        return drafting.record_term(
            partnership=self.partnership, side=side, office=office or title,
            holder={"en": "DEMO"}, legal_basis={"en": "Charter"}, since_date=since,
            until_date=until, by=self.dana, at=AT, person=person,
        )  # fmt: skip

    def reword(self, draft: Draft, key: int, text: str, by: Person, side: Side) -> Version:
        """One side proposes other words in both languages, the other takes them."""
        content = drafting.last_version(draft).text
        proposal = drafting.propose(
            draft=draft, change=rewording(content, key, text), reason="", by=by, side=side, at=AT
        )
        other = self.iryna if side == Side.GIVING else self.dana
        return drafting.accept(proposal=proposal, by=other, side=side.other, at=AT)

    def signed_in(self, person: Person) -> Client:
        client = Client()
        client.force_login(person)
        return client


def article_of(content: Content, key: int) -> Article:
    found = content.article(key)
    assert found is not None
    return found


def rewording(content: Content, key: int, text: str) -> Change:
    stands = article_of(content, key)
    texts = {code: f"{text} ({code})" if code == "en" else f"{text}" for code in content.languages}
    return Change(ChangeKind.REWORD, key, stands.digest, dict(stands.heading), texts)
