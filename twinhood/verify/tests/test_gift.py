"""The proof of one gift holds, or what does not is named."""

from collections.abc import Callable
from typing import Any

import pytest

from twinhood.translog.core import b64, canonical, commitment
from twinhood.verify import gift
from twinhood.verify.errors import CannotTell, Fails
from twinhood.verify.signed import Trust
from twinhood.verify.tests.files import NEWSROOM, OTHER_LOG, TWIN_CITY, proof_of, small_world

type Proof = dict[str, Any]


def index_of(key: str) -> int:
    return next(i for i, leaf in enumerate(small_world().leaves) if leaf.get("key") == key)


def proof() -> Proof:
    return proof_of(small_world(), index_of("gift:0000004"))


def verified(told: Proof, trust: Trust | None = None) -> gift.FoundGift:
    return gift.verify(canonical.encode(told), trust or Trust())


def test_a_proof_holds_and_says_the_gift() -> None:
    found = verified(proof())

    assert found.leaf["key"] == "gift:0000004"
    assert [one.key for one in found.witnesses] == [NEWSROOM.key]
    assert not found.witnesses[0].is_trusted


def test_a_witness_that_the_reader_knows_is_told_of() -> None:
    found = verified(proof(), Trust(None, (NEWSROOM.key,), 1))

    assert [one.key for one in found.witnesses] == [NEWSROOM.key]
    with pytest.raises(Fails, match="cosignatures by at least"):
        verified(proof(), Trust(None, (TWIN_CITY.key,), 1))


def test_every_gift_of_a_log_has_a_proof() -> None:
    for index, leaf in enumerate(small_world().leaves):
        if "donor" in leaf:
            assert verified(proof_of(small_world(), index)).index == index


def test_what_the_donor_told_is_opened() -> None:
    world = small_world()
    index = index_of("gift:0000004")
    facts, salt = {"name": "Anna"}, bytes(32)
    made = b64.encode(commitment.commit(facts, salt))
    world.leaves[index]["donor"] = made
    opening = {"commitment": made, "facts": facts, "salt": b64.encode(salt)}
    told = proof_of(world, index) | {"opening": opening}

    assert verified(told).facts == facts
    for wrong in ({"facts": {"name": "Eve"}}, {"salt": b64.encode(b"1" * 32)}, {"facts": 1}):
        with pytest.raises(Fails, match="the proof's opening"):
            verified(told | {"opening": opening | wrong})


def test_witnesses_that_only_the_proof_names_are_not_counted() -> None:
    with pytest.raises(CannotTell, match="--witness"):
        verified(proof(), Trust(None, (), 1))


CHANGES: dict[str, Callable[[Proof], object]] = {
    "another amount": lambda told: told["leaf"]["transfers"][0].update(amount=1),
    "another place": lambda told: told.update(index=told["index"] + 1),
    "a negative place": lambda told: told.update(index=-1),
    "no place": lambda told: told.update(index=None),
    "a shorter proof": lambda told: told["proof"].pop(),
    "a longer proof": lambda told: told["proof"].append("A" * 43 + "="),
    "loose base64": lambda told: told["proof"].append("A" * 42 + "B="),
    "swapped hashes": lambda told: told["proof"].reverse(),
    "no hashes": lambda told: told.update(proof="x"),
    "a number for a hash": lambda told: told["proof"].append(7),
    "another key": lambda told: told.update(key=OTHER_LOG.key.vkey),
    "a witness's key": lambda told: told.update(key=NEWSROOM.key.vkey),
    "no key": lambda told: told.update(key=None),
    "another size": lambda told: told.update(checkpoint=told["checkpoint"].replace("44", "45")),
    "no checkpoint": lambda told: told.update(checkpoint=[]),
    "another version": lambda told: told.update(version=2),
    "an unnamed witness": lambda told: told.pop("witnesses"),
    "a witness that signed nothing": lambda told: told["witnesses"].append(TWIN_CITY.key.vkey),
    "a witness twice": lambda told: told["witnesses"].append(told["witnesses"][0]),
    "no list of witnesses": lambda told: told.update(witnesses={}),
    "another kind": lambda told: told.update(kind="x"),
    "one more field": lambda told: told.update(x=1),
    "one field less": lambda told: told.pop("index"),
    "no leaf": lambda told: told.update(leaf=None),
    "an order": lambda told: told.update(leaf=small_world().leaves[index_of("order:O-1")]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_changed_proof_is_refused(change: Callable[[Proof], object]) -> None:
    told = proof()
    change(told)

    with pytest.raises(Fails):
        verified(told)


def test_no_byte_of_a_proof_can_change() -> None:
    whole = canonical.encode(proof())

    for place in range(len(whole)):
        wrong = whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :]
        with pytest.raises(Fails):
            gift.verify(wrong, Trust())


def test_the_reader_s_key_must_be_the_proof_s() -> None:
    with pytest.raises(Fails, match="expected the log's key"):
        verified(proof(), Trust(OTHER_LOG.key))
