"""What a reader brings along: an older file, a key of the log, witnesses that they trust."""

from pathlib import Path
from typing import Any

import pytest

from twinhood.translog.core import canonical, keys, note
from twinhood.verify.errors import CannotTell, Fails
from twinhood.verify.signed import Trust
from twinhood.verify.tests.files import (
    LOG,
    NEWSROOM,
    OTHER_LOG,
    TWIN_CITY,
    Signer,
    World,
    small_world,
    write,
)
from twinhood.verify.tests.trying import entry_of, failure, signed_anew, verified

type Leaf = dict[str, Any]


def test_a_later_file_continues_an_older_one(tmp_path: Path) -> None:
    world = small_world()
    old = write(world, tmp_path / "old") / "checkpoint"
    note_before = old.read_bytes()
    world.gift(200, "k-usd", 700)
    world.elsewhere(3)
    world.gift(201, "k-usd", 700)
    newer = write(world, tmp_path / "new")

    found = verified(newer, old=note_before)

    assert found.old is not None
    assert found.old.size == len(small_world().leaves)


def test_a_file_that_forgot_something_does_not_continue(tmp_path: Path) -> None:
    old = (write(small_world(), tmp_path / "old") / "checkpoint").read_bytes()
    world = small_world()
    entry_of(world, "gift:0000001")["donor"] = "A" * 43 + "="
    world.gift(200, "k-usd", 700)
    newer = write(world, tmp_path / "new")

    with pytest.raises(Fails, match="the older checkpoint"):
        verified(newer, old=old)


def test_an_older_file_does_not_continue_a_newer_one(tmp_path: Path) -> None:
    world = small_world()
    older = write(world, tmp_path / "old")
    world.gift(200, "k-usd", 700)
    newer = (write(world, tmp_path / "new") / "checkpoint").read_bytes()

    with pytest.raises(Fails, match="checkpoint: expected 45 leaves or more"):
        verified(older, old=newer)


def test_an_older_size_among_leaves_of_others_cannot_be_told(tmp_path: Path) -> None:
    world = small_world()
    world.elsewhere(-len(world.leaves) % 8 + 3)
    old = (write(world, tmp_path / "old") / "checkpoint").read_bytes()
    world.elsewhere(5)
    newer = write(world, tmp_path / "new")

    with pytest.raises(CannotTell, match="among leaves of others"):
        verified(newer, old=old)


def test_an_older_checkpoint_of_another_log_is_refused(tmp_path: Path) -> None:
    world = small_world()
    world.log = (OTHER_LOG,)
    old = (write(world, tmp_path / "old") / "checkpoint").read_bytes()
    newer = write(small_world(), tmp_path / "new")

    with pytest.raises(Fails, match="the older checkpoint: expected a signature by"):
        verified(newer, old=old)


def handed_over() -> World:
    world = small_world()
    leaf = canonical.decode(keys.hand_over(LOG.key, OTHER_LOG.key, LOG.private.sign))
    world.leaves.append(leaf)
    world.gift(300, "k-usd", 1000)
    world.log = (LOG, OTHER_LOG)
    return world


def test_a_key_that_was_handed_over_is_followed(tmp_path: Path) -> None:
    folder = write(handed_over(), tmp_path / "file")
    old = (write(small_world(), tmp_path / "old") / "checkpoint").read_bytes()

    for known in (LOG, OTHER_LOG):
        assert verified(folder, Trust(known.key), old).keys.current == OTHER_LOG.key


@pytest.mark.parametrize("log", [(OTHER_LOG,), (OTHER_LOG, LOG), (LOG,)])
def test_keys_that_were_not_handed_over_so_are_refused(
    tmp_path: Path, log: tuple[Signer, ...]
) -> None:
    world = handed_over()
    world.log = log
    write(world, tmp_path / "file")

    failure(tmp_path / "file")


def test_a_key_in_the_list_needs_its_leaf(tmp_path: Path) -> None:
    world = small_world()
    world.log = (LOG, OTHER_LOG)
    write(world, tmp_path / "file")

    assert failure(tmp_path / "file").where == "keys.json"


def test_another_log_s_file_is_told_by_the_reader_s_key(tmp_path: Path) -> None:
    world = small_world()
    world.log = (OTHER_LOG,)
    folder = write(world, tmp_path / "file")

    assert verified(folder).keys.current == OTHER_LOG.key
    with pytest.raises(Fails, match="expected the log's key") as caught:
        verified(folder, Trust(LOG.key))
    assert caught.value.found == OTHER_LOG.key.vkey


def test_witnesses_are_counted_as_the_reader_asks(tmp_path: Path) -> None:
    folder = write(small_world(), tmp_path / "file")

    assert verified(folder, Trust(None, (NEWSROOM.key,), 1)).witnesses[0].is_trusted
    for trust in (
        Trust(None, (TWIN_CITY.key,), 1),
        Trust(None, (NEWSROOM.key, TWIN_CITY.key), 2),
        Trust(None, (), 2),
    ):
        with pytest.raises(Fails, match="cosignatures by at least"):
            verified(folder, trust)


def test_a_forged_a_doubled_and_an_unnamed_cosignature_are_refused(tmp_path: Path) -> None:
    forger = Signer(NEWSROOM.name, TWIN_CITY.private, NEWSROOM.kind)
    for number, wrong in enumerate(((forger,), (NEWSROOM, NEWSROOM), (OTHER_LOG,))):
        world = small_world()
        world.cosigned_by = wrong
        folder = write(world, tmp_path / str(number))

        assert failure(folder).where == "checkpoint"


def test_a_cosignature_of_another_checkpoint_is_refused(tmp_path: Path) -> None:
    folder = write(small_world(), tmp_path / "file")
    log = note.parse((folder / "checkpoint").read_bytes())
    stranger = NEWSROOM.sign(log.text.replace("44", "45"))
    forged = note.build(log.text, [LOG.sign(log.text), stranger])
    (folder / "checkpoint").write_text(forged, encoding="utf-8")
    signed_anew(folder)

    assert failure(folder).where == "checkpoint"
