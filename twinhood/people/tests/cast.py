"""Two partnerships and the people in them, made by hand: small, and of this room only."""

from datetime import date

from allauth.account.models import EmailAddress

from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Organisation, Partnership, Person, Role
from twinhood.places.models import Place

SINCE = date(2023, 4, 6)


def a_place(geoname_id: int, name: str) -> Place:
    return Place.objects.get_or_create(
        geoname_id=geoname_id,
        defaults={
            "name": name,
            "country_code": "XX",
            "latitude": 0.0,
            "longitude": 0.0,
            "time_zone": "UTC",
        },
    )[0]


def a_partnership(slug: str = "lviv-freiburg", *, is_example: bool = False) -> Partnership:
    recipient = Organisation.objects.create(
        kind="charity", name={"en": f"Charity of {slug}"}, is_example=is_example
    )
    return Partnership.objects.create(
        slug=slug,
        giving_place=a_place(2925177, "Freiburg"),
        receiving_place=a_place(702550, "Lviv"),
        recipient=recipient,
        is_example=is_example,
    )


def a_person(name: str = "Anna", *, is_example: bool = False) -> Person:
    person = Person.objects.create_user(
        f"{name.lower()}@twinhood.example", name=name, is_example=is_example
    )
    EmailAddress.objects.create(user=person, email=person.email, primary=True)
    return person


def gives_role(
    person: Person, partnership: Partnership, name: RoleName = RoleName.APPROVER
) -> Role:
    return Role.objects.create(
        person=person,
        organisation=partnership.recipient,
        partnership=partnership,
        name=name,
        since_date=SINCE,
    )
