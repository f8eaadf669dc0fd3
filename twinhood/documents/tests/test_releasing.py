"""Promises of the passkey: it releases one signature over exactly these bytes, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from fido2.utils import websafe_decode

from twinhood.documents import actions
from twinhood.documents.errors import NotReleased, ReleaseProblem, Stale
from twinhood.documents.models import Document, Signature, Slot
from twinhood.documents.releasing import challenge_for
from twinhood.documents.tests.papers import agreement, head, mayor
from twinhood.documents.tests.passkey import PRESENT, Passkey
from twinhood.kit import clock
from twinhood.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana() -> Person:
    return Person.objects.create_user("dana@example.org", name="Dana")


@pytest.fixture
def slot() -> Slot:
    # Not a specimen: this is the way that needs a passkey, whatever the paper is.
    document = actions.freeze(agreement(is_specimen=False), about="agreement:1")
    return document.slots.order_by("position")[0]


def sign(slot: Slot, person: Person, answer: Any) -> Signature:
    return actions.sign_here(slot=slot, capacity=mayor(), person=person, answer=answer)


def test_a_passkey_signs_and_what_it_said_can_be_worked_out_again(dana: Person, slot: Slot) -> None:
    key = Passkey(dana)
    asked = actions.begin_release(slot=slot, person=dana)

    signature = sign(slot, dana, key.answer(asked))

    kept = signature.release or {}
    frozen = Document.objects.get().sha256
    expected = challenge_for(
        nonce=bytes.fromhex(kept["nonce"]), field="Side1", revision_sha256=frozen
    )
    assert websafe_decode(asked["publicKey"]["challenge"]) == expected
    assert asked["publicKey"]["userVerification"] == "required"
    assert [level.level for level in signature.levels.all()] == ["B-B"]


def test_without_a_passkey_nothing_is_asked(dana: Person, slot: Slot) -> None:
    with pytest.raises(NotReleased) as told:
        actions.begin_release(slot=slot, person=dana)

    assert told.value.problem == ReleaseProblem.NO_PASSKEY


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://twinhood.evil.example"},
        {"rp": "evil.example"},
        {"flags": PRESENT},  # touched by somebody, nobody knows whom
    ],
)
def test_an_answer_for_another_site_or_by_nobody_known_signs_nothing(
    dana: Person, slot: Slot, wrong: dict[str, Any]
) -> None:
    key = Passkey(dana)
    asked = actions.begin_release(slot=slot, person=dana)

    with pytest.raises(NotReleased) as told:
        sign(slot, dana, key.answer(asked, **wrong))

    assert told.value.problem == ReleaseProblem.WRONG
    assert not Signature.objects.exists()
    # Nor may the same question be answered better now.
    with pytest.raises(NotReleased) as used:
        sign(slot, dana, key.answer(asked))
    assert used.value.problem == ReleaseProblem.USED


@pytest.mark.parametrize(
    "junk",
    [None, {}, [], "x", {"id": "a", "rawId": "a", "response": {"clientDataJSON": "e30"}}, 5],
)
def test_junk_is_an_answer_that_signs_nothing(dana: Person, slot: Slot, junk: Any) -> None:
    Passkey(dana)
    actions.begin_release(slot=slot, person=dana)

    with pytest.raises(NotReleased) as told:
        sign(slot, dana, junk)

    assert told.value.problem == ReleaseProblem.WRONG


def test_a_question_is_good_for_five_minutes(dana: Person, slot: Slot) -> None:
    key = Passkey(dana)
    asked = actions.begin_release(slot=slot, person=dana)

    with (
        clock.showing(clock.now() + timedelta(minutes=5, seconds=1)),
        pytest.raises(NotReleased) as told,
    ):
        sign(slot, dana, key.answer(asked))

    assert told.value.problem == ReleaseProblem.TOO_LATE


def test_another_persons_question_is_not_answered(dana: Person, slot: Slot) -> None:
    asked = actions.begin_release(slot=slot, person=_with_key(dana)[0])
    iryna, key = _with_key(Person.objects.create_user("iryna@example.org", name="Iryna"))

    with pytest.raises(NotReleased) as told:
        sign(slot, iryna, key.answer(asked))

    assert told.value.problem == ReleaseProblem.UNKNOWN


def test_a_question_about_another_slot_is_not_answered(dana: Person, slot: Slot) -> None:
    key = Passkey(dana)
    asked = actions.begin_release(slot=slot.document.slots.get(position=1), person=dana)

    with pytest.raises(NotReleased) as told:
        sign(slot, dana, key.answer(asked))

    assert told.value.problem == ReleaseProblem.UNKNOWN


def test_who_looked_at_an_older_revision_looks_again(dana: Person, slot: Slot) -> None:
    iryna, other = _with_key(Person.objects.create_user("iryna@example.org", name="Iryna"))
    _, key = _with_key(dana)
    asked = actions.begin_release(slot=slot, person=dana)
    second = slot.document.slots.get(position=1)
    theirs = actions.begin_release(slot=second, person=iryna)
    actions.sign_here(slot=second, capacity=head(), person=iryna, answer=other.answer(theirs))

    with pytest.raises(Stale):
        sign(slot, dana, key.answer(asked))

    sign(slot, dana, key.answer(actions.begin_release(slot=slot, person=dana)))
    assert Signature.objects.filter(slot=slot).exists()


def test_a_counter_that_does_not_grow_tells_of_a_copy(dana: Person, slot: Slot) -> None:
    _, key = _with_key(dana)
    key.counter = 7
    sign(slot, dana, key.answer(actions.begin_release(slot=slot, person=dana)))
    second = slot.document.slots.get(position=1)
    asked = actions.begin_release(slot=second, person=dana)

    with pytest.raises(NotReleased) as told:
        actions.sign_here(slot=second, capacity=head(), person=dana, answer=key.answer(asked))

    assert told.value.problem == ReleaseProblem.WRONG


def _with_key(person: Person) -> tuple[Person, Passkey]:
    return person, Passkey(person)
