"""Who acts in the example: organisations and persons, all marked as made up."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from twinhood.giving.models import Issuer
from twinhood.people import identity
from twinhood.people.core.bodies import LegalForm
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import IdentityCheck, Organisation, Partnership, Person, Role
from twinhood.places.models import Place

SINCE = date(2023, 4, 6)


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the example and what they do for whom."""

    key: str
    name: str
    language: str
    organisation: str
    roles: tuple[RoleName, ...]


ORGANISATIONS: dict[str, tuple[str, str, str, str]] = {
    # By key: what kind, its English and its Ukrainian name, its city.
    "stamford": (
        "city",
        "Mayor’s office, Stamford (example)",
        "Офіс мера Стемфорда (приклад)",
        "stamford",
    ),
    "kramatorsk": (
        "city",
        "Kramatorsk city administration (example)",
        "Краматорська міська адміністрація (приклад)",
        "kramatorsk",
    ),
    "charity": (
        "charity",
        "Example Aid, a charity made up for this example",
        "«Прикладна допомога», організація, вигадана для прикладу",
        "stamford",
    ),
    "guarantor": (
        "charity",
        "Example Foundation, made up for this example",
        "«Прикладна фундація», вигадана для прикладу",
        "stamford",
    ),
    "hospital": (
        "beneficiary",
        "Kramatorsk hospital (example)",
        "Лікарня Краматорська (приклад)",
        "kramatorsk",
    ),
    "waste": (
        "beneficiary",
        "Kramatorsk municipal waste service (example)",
        "Комунальна служба вивезення відходів Краматорська (приклад)",
        "kramatorsk",
    ),
    "motors": ("supplier", "Example Motors (made up)", "«Прикладні мотори» (вигадано)", ""),
    "trucks": ("supplier", "Example Trucks (made up)", "«Прикладні вантажівки» (вигадано)", ""),
    "medical": ("supplier", "Example Medical (made up)", "«Прикладна медтехніка» (вигадано)", ""),
}

# Who may receive a vehicle must be known before the first one is handed over.
LEGAL_FORMS = {
    "hospital": LegalForm.PUBLIC_INSTITUTION,
    "waste": LegalForm.MUNICIPAL_ENTERPRISE,
}

CAST = (
    Member("iryna", "Iryna (example)", "uk", "kramatorsk", (RoleName.CLERK,)),
    Member("bondar", "Dr Bondar (example)", "uk", "hospital", (RoleName.CLERK,)),
    Member("dana", "Dana (example)", "en", "stamford", (RoleName.CLERK,)),
    Member("tom", "Tom (example)", "en", "charity", (RoleName.TREASURER, RoleName.APPROVER)),
    Member("lesia", "Lesia (example)", "uk", "kramatorsk", (RoleName.APPROVER,)),
    Member("verifier-1", "First verifier (example)", "en", "charity", (RoleName.VERIFIER,)),
    Member("verifier-2", "Second verifier (example)", "uk", "guarantor", (RoleName.VERIFIER,)),
    Member(
        "mayor-stamford", "Mayor’s office, Stamford (example)", "en", "stamford",
        (RoleName.SIGNATORY,),
    ),
    Member(
        "head-kramatorsk", "Head’s office, Kramatorsk (example)", "uk", "kramatorsk",
        (RoleName.SIGNATORY,),
    ),
    Member("grant", "Grant (example)", "en", "guarantor", (RoleName.AUDITOR,)),
)  # fmt: skip


def organisations(places: dict[str, Place]) -> dict[str, Organisation]:
    return {
        key: Organisation.objects.create(
            kind=kind,
            name={"en": english, "uk": ukrainian},
            place=places.get(city),
            registry_code="EIN 00-0000000" if kind == "charity" else "",
            legal_form=LEGAL_FORMS.get(key, ""),
            is_example=True,
        )
        for key, (kind, english, ukrainian, city) in ORGANISATIONS.items()
    }


def issuer(charity: Organisation) -> Issuer:
    """Who issues the example's receipts. Nothing of it is real: no such number is ever assigned,
    and the account is the one by which the standard shows its form (ISO 13616).
    """
    return Issuer.objects.create(
        organisation=charity,
        legal_name=str(charity.name["en"]),
        address="1 Example Street, Stamford, Connecticut (made up)",
        registry_code="00-0000000",
        time_zone="America/New_York",
        rules="us,eu",
        iban="DE89370400440532013000",
        bic="COBADEFFXXX",
        bank_lines="Example Bank (made up)",
        contact_email="gifts@twinhood.example",
        is_example=True,
    )


def persons(partnership: Partnership, organisations: dict[str, Organisation]) -> dict[str, Person]:
    """Create the cast with their roles; addresses end in .example, which no mail can reach."""
    made = {}
    for member in CAST:
        person = Person.objects.create_user(
            f"{member.key}@twinhood.example",
            name=member.name,
            language=member.language,
            is_example=True,
        )
        for role in member.roles:
            Role.objects.create(
                person=person,
                organisation=organisations[member.organisation],
                partnership=partnership,
                name=role,
                since_date=SINCE,
            )
        made[member.key] = person
    for key in ("tom", "lesia"):
        _make_known(made, key, organisations)
    return made


def _make_known(made: dict[str, Person], key: str, organisations: dict[str, Organisation]) -> None:
    """Whoever approves is known: two others saw a document (an invented one)."""
    for checker, organisation in (("grant", "guarantor"), ("iryna", "kramatorsk")):
        identity.check_identity(
            person=made[key],
            key=identity.key_of(key, "EXAMPLE", SINCE),
            paper=IdentityCheck.Paper.PASSPORT,
            by=made[checker],
            organisation=organisations[organisation],
            at=datetime.combine(SINCE, time(9), UTC),
        )
