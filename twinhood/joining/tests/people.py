"""Dana for Stamford and Iryna for Kramatorsk; Olha and Sasha who look at claims."""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.core import mail
from django.test import Client

from twinhood.joining import claiming, letters
from twinhood.joining.models import Claim
from twinhood.kit import clock
from twinhood.people.models import Person
from twinhood.places.models import Place
from twinhood.places.tests.few import KRAMATORSK, STAMFORD


def a_person(name: str, *, language: str = "en", is_operator: bool = False) -> Person:
    return Person.objects.create_user(
        f"{name.lower()}@people.example", name=name, language=language, is_operator=is_operator
    )


@dataclass
class House:
    """Who is there; claims are made by hand, or by the pages."""

    dana: Person = field(default_factory=lambda: a_person("Dana"))
    iryna: Person = field(default_factory=lambda: a_person("Iryna", language="uk"))
    olha: Person = field(default_factory=lambda: a_person("Olha", is_operator=True))
    sasha: Person = field(default_factory=lambda: a_person("Sasha", is_operator=True))

    def stamford(self, **more: Any) -> Claim:
        return claimed(
            self.dana, STAMFORD, name="City of Stamford", registry_code="06-6001887",
            website="https://www.stamfordct.gov", email="clerk@stamfordct.gov", **more,
        )  # fmt: skip

    def kramatorsk(self, **more: Any) -> Claim:
        return claimed(
            self.iryna, KRAMATORSK, name="Краматорська міська рада", registry_code="04052790",
            website="krm.gov.ua", email="rada@krm.gov.ua", **more,
        )  # fmt: skip

    def vetted(self, claim: Claim) -> Claim:
        """Mail confirmed, called by Olha, confirmed by Sasha."""
        claiming.confirm_mail(secret=claiming.secret_of(claim), at=clock.now())
        self.called(claim)
        return claiming.confirm(claim=claim, by=self.sasha, at=clock.now())

    def called(self, claim: Claim) -> Claim:
        return claiming.record_call(
            claim=claim, by=self.olha, number="+380 6264 1-22-33", source="The ministry's register",
            answer="The secretary: yes, Iryna works here.", at=clock.now(),
        )  # fmt: skip


def claimed(by: Person, geoname_id: int | None, **facts: Any) -> Claim:
    place = Place.objects.get(geoname_id=geoname_id) if geoname_id else None
    asked: dict[str, Any] = {
        "place_text": str(place),
        "office": "Clerk",
        "form_key": uuid4(),
    } | facts
    return claiming.apply(by=by, place=place, at=clock.now(), **asked)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def link_in_the_letter(claim: Claim) -> str:
    """What the official mailbox gets, as a path."""
    assert letters.send(claim.pk)
    found = re.search(r"https?://[^/\s]+(/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]
