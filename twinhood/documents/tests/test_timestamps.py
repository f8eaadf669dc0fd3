"""Promises with a timestamp server: it lifts the level, and whatever it does, people sign."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from twinhood.documents import actions, evidence
from twinhood.documents.core import signing
from twinhood.documents.models import Signature, Slot, TrustedIssuer
from twinhood.documents.store import the_store
from twinhood.documents.tests import tsa as servers
from twinhood.documents.tests.papers import agreement, mayor
from twinhood.documents.tests.passkey import Passkey
from twinhood.documents.tests.tsa import Tsa
from twinhood.people.models import Person

pytestmark = pytest.mark.django_db

ALL = {"B-B", "B-T", "B-LT", "B-LTA"}


@pytest.fixture(scope="module")
def server() -> Iterator[Tsa]:
    with servers.running() as tsa:
        yield tsa


@pytest.fixture
def tsa(server: Tsa, settings: Any) -> Tsa:
    settings.TSA_URL, settings.TSA_TIMEOUT_S = server.url, 20.0
    server.does = "well"
    return server


@pytest.fixture
def trusted(tsa: Tsa, tmp_path: Path, db: None) -> Tsa:
    """The operator trusts the server's root, by the command that they have for it."""
    file = tmp_path / "root.crt"
    file.write_bytes(tsa.root.certificate)
    call_command("trust_issuer", str(file), "--for", "timestamps", "--source", "its own page")
    return tsa


def sign() -> Signature:
    document = actions.freeze(agreement(is_specimen=False), about="agreement:1")
    slot: Slot = document.slots.order_by("position")[0]
    person = Person.objects.create_user(f"d{document.pk}@example.org", name="Dana")
    answer = Passkey(person).answer(actions.begin_release(slot=slot, person=person))
    return actions.sign_here(slot=slot, capacity=mayor(), person=person, answer=answer)


def levels(signature: Signature) -> set[str]:
    return set(signature.levels.values_list("level", flat=True))


def test_with_a_trusted_server_a_signature_reaches_the_highest_level(trusted: Tsa) -> None:
    signature = sign()

    data = the_store().get(actions.last_revision(signature.slot.document).sha256)
    assert levels(signature) == ALL
    assert trusted.certificate in signing.certificates_of_timestamps(data)
    assert TrustedIssuer.objects.get().source == "its own page"


def test_a_server_whose_root_nobody_trusts_gives_a_timestamp_and_no_more(tsa: Tsa) -> None:
    assert levels(sign()) == {"B-B", "B-T"}


@pytest.mark.parametrize("fault", ["slow", "junk", "long", "empty", "fails", "redirects"])
def test_whatever_the_server_does_people_sign_and_the_level_follows_later(
    trusted: Tsa, fault: str, settings: Any
) -> None:
    trusted.does = fault
    settings.TSA_TIMEOUT_S = 0.5 if fault == "slow" else 20.0

    signature = sign()

    assert levels(signature) == {"B-B"}
    assert signature.slot.document.revisions.count() == 2

    trusted.does = "well"
    settings.TSA_TIMEOUT_S = 20.0

    assert evidence.raise_levels() == 1
    assert levels(signature) == ALL
    assert evidence.raise_levels() == 0


def test_raising_asks_once_for_a_paper_that_has_all(trusted: Tsa) -> None:
    sign()
    asked = trusted.asked

    evidence.raise_levels()

    assert trusted.asked == asked
