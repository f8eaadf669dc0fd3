"""Who is known, and which accounts are one person. The rules of four eyes ask here.

Two accounts are one person as soon as anybody read the same in a document for both; a person is
known once two others read the same.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.crypto import salted_hmac

from twinhood.people.core.identity import key_text
from twinhood.people.models import IdentityCheck, Organisation, Person

CHECKS_NEEDED = 2


class OwnIdentity(Exception):
    """Nobody checks their own identity, nor that of another account of theirs."""


def key_of(surname: str, given_names: str, birth_date: date) -> str:
    """The key of whoever has this name and birth date. Raises core.identity.BadName."""
    text = key_text(surname, given_names, birth_date)
    return salted_hmac("twinhood.people.identity", text, algorithm="sha256").hexdigest()


@transaction.atomic
def check_identity(
    *,
    person: Person,
    key: str,
    paper: str,
    by: Person,
    organisation: Organisation,
    at: datetime,
) -> IdentityCheck:
    """Record that `by` saw the person with a document that gives this key. Safe to repeat.

    Raises OwnIdentity.
    """
    own = IdentityCheck.objects.filter(person=by, key=key)
    if person.pk == by.pk or own.exists():
        raise OwnIdentity
    found, _ = IdentityCheck.objects.get_or_create(
        person=person,
        key=key,
        checked_by=by,
        defaults={"paper": paper, "organisation": organisation, "checked_at": at},
    )
    return found


def is_known(person: Person) -> bool:
    """Whether two others read the same in the person's document."""
    return person.pk in known_among([person])


def known_among(persons: Iterable[Person]) -> frozenset[int]:
    """The ids of those in whose document two others read the same. One query."""
    same = IdentityCheck.objects.filter(person__in=persons).values("person_id", "key")
    counted = same.annotate(others=Count("checked_by", distinct=True))
    return frozenset(row["person_id"] for row in counted.filter(others__gte=CHECKS_NEEDED))


def same_people(person: Person) -> frozenset[int]:
    """The ids of every account that is this person, the given one among them."""
    return frozenset({person.pk, *other_accounts(person).values_list("person_id", flat=True)})


def other_accounts(person: Person) -> QuerySet[IdentityCheck]:
    """The checks that gave the key of a document of this person's, to ask of them in a query."""
    keys = IdentityCheck.objects.filter(person=person).values("key")
    return IdentityCheck.objects.filter(key__in=keys)
