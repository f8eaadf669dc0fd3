"""The example, and beside it a second partnership whose people must see nothing of the first."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

import pytest
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.internal.userkit import user_id_to_str
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker

from tests.addresses import Values
from twinhood.documents import actions, files, offices
from twinhood.documents.tests.papers import agreement
from twinhood.documents.tests.photos import photo
from twinhood.giving import in_kind
from twinhood.giving.models import InKindGift, ReceiptExport
from twinhood.kit import clock
from twinhood.opendata.actions import build as build_public_file
from twinhood.ops.world import build_example
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Organisation, Partnership, Person, Role
from twinhood.translog.actions import seal


@dataclass(frozen=True, slots=True)
class TwoWorlds:
    """The example's partnership and its objects, and the neighbours' partnership without any."""

    example: Partnership
    neighbours: Partnership
    values: Values
    # Has an account, and no role anywhere.
    stranger: Person

    def person_with(self, *roles: RoleName, partnership: Partnership | None = None) -> Person:
        """Somebody new with these roles; in the example unless another partnership is named."""
        place = partnership or self.example
        number = Person.objects.count()
        person = Person.objects.create_user(f"p{number}@twinhood.example", name=f"P{number}")
        EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=True)
        for role in roles:
            Role.objects.create(
                person=person,
                organisation=place.recipient,
                partnership=place,
                name=role,
                since_date=date(2023, 1, 1),
            )
        return person


def build() -> TwoWorlds:
    """Make both. The example takes its time; a module of tests shares it."""
    world = build_example()
    example: Partnership = world.partnership
    neighbours = Partnership.objects.create(
        slug="neighbours",
        giving_place=example.receiving_place,
        receiving_place=example.giving_place,
        recipient=Organisation.objects.create(kind="charity", name={"en": "Neighbours"}),
    )
    given = in_kind.Thing(
        "used ambulance", 1_800_000, "USD", InKindGift.Basis.VALUATION, "A valuer",
        date(2023, 6, 1), date(2023, 6, 2), "For Kramatorsk",
    )  # fmt: skip
    in_kind.take_in(partnership=example, form_key=uuid4(), thing=given, person=None)
    stranger = Person.objects.create_user("stranger@twinhood.example", name="Stranger")
    ReceiptExport.objects.create(
        partnership=example, year=2023, state=ReceiptExport.State.REMOVED, asked_by=stranger,
        asked_at=clock.now(),
    )  # fmt: skip
    # Whoever checks a signature fetches this, so it is there to be walked.
    offices.issue_list()
    actions.freeze(agreement(), about="agreement:1")
    files.keep(photo(), partnership=example, by=stranger)
    values = Values(example, secret=world.secrets["anna"])
    return TwoWorlds(example, neighbours, values, stranger)


@pytest.fixture(scope="module")
def worlds(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TwoWorlds]:
    """Both worlds for all tests of a module, which change them in savepoints of their own."""
    own_log = override_settings(LOG_DIR=tmp_path_factory.mktemp("log"))
    with own_log, django_db_blocker.unblock(), transaction.atomic():
        worlds = build()
        seal()
        build_public_file(worlds.example)
        # What waits for the end of the transaction is checked now, not again after each test.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            # Thousands of gifts came in at once: a planner that takes these two for empty joins
            # them by a loop in a loop.
            cursor.execute("ANALYZE giving_gift, ledger_entry")
        yield worlds
        transaction.set_rollback(True)


def signed_in(person: Person, *, checks_csrf: bool = False, has_key: bool = True) -> Client:
    """A browser with an open session of `person`, opened with a second factor if `has_key`."""
    client = Client(enforce_csrf_checks=checks_csrf)
    client.force_login(person)
    if has_key:
        key = Authenticator.objects.filter(user=person).first() or Authenticator.objects.create(
            user=person, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"}
        )
        session = client.session
        session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(person)
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {
                "method": "mfa",
                "type": "totp",
                "id": key.pk,
                "at": time.time(),
                # Settings of the account ask for it once more; it was shown just now.
                "reauthenticated": True,
            }
        ]
        session.save()
    return client
