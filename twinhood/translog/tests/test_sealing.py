"""What is appended is sealed: once, in order, and whatever dies in between."""

import errno
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from twinhood.kit import clock
from twinhood.translog import actions, keys, queries, sealing
from twinhood.translog.core import merkle, note, tiles
from twinhood.translog.errors import LogAhead, LogKeyMissing, TilesMissing
from twinhood.translog.models import Checkpoint, Head, Leaf, Position, Waiting
from twinhood.translog.store import CHECKPOINT, Folder, the_store
from twinhood.translog.tests.test_appending import leaf
from twinhood.translog.tests.test_core_merkle import slow_root


def append(first: int, last: int, partnership: str = "") -> list[bytes]:
    """Append leaves of these numbers to the log, of three partnerships in turn."""
    given = [leaf(n, partnership or f"pair-{n % 3}") for n in range(first, last)]
    actions.append(given)
    return given


def in_bundles(store: Folder, size: int) -> list[bytes]:
    """The leaves as a stranger reads them."""
    found = []
    for number in range(-(-size // 256)):
        tile = tiles.Tile(tiles.ENTRIES, number, min(256, size - number * 256))
        found += tiles.split_bundle(store.read(tile.path) or b"")
    return found


class Failing(Folder):
    """A folder on a disk that fails: after `count` files, with that error, at that step."""

    def __init__(self, root: Path, count: int, number: int = errno.ENOSPC) -> None:
        super().__init__(root)
        self.count = count
        self.number = number

    def place(self, path: str, data: bytes) -> None:
        if self.count == 0:
            raise OSError(self.number, "injected")
        self.count -= 1
        super().place(path, data)


class NeverForced(Folder):
    """A folder whose disk takes every write and then fails to keep them."""

    def force(self, whole: int, paths: list[str]) -> None:
        raise OSError(errno.EIO, "injected")


@pytest.mark.django_db
@pytest.mark.parametrize("steps", [[1], [255, 256, 257], [300, 900], [10, 20, 70_000]])
def test_the_sealed_tree_is_that_of_the_leaves(steps: list[int]) -> None:
    given: list[bytes] = []
    for end in steps:
        given += append(len(given), end)
        while actions.seal():
            pass

        sealed = queries.latest()
        assert sealed is not None
        assert sealed.size == end
        if end < 2_000:
            assert sealed.root == slow_root(given)

    assert in_bundles(the_store(), steps[-1]) == given
    assert merkle.root(steps[-1], queries.Tiles(steps[-1]).node) == bytes(Head.objects.get().root)
    assert not Waiting.objects.exists()
    assert actions.seal() is None


@pytest.mark.django_db
def test_the_checkpoint_is_a_note_that_the_logs_key_signed(settings: Any) -> None:
    settings.LOG_ORIGIN = "twinhood.example/log"
    append(0, 5)

    sealed = actions.seal()

    assert sealed is not None
    assert (the_store().read(CHECKPOINT) or b"").decode() == sealed.note
    key = note.parse_vkey(queries.log_keys()[-1])
    told = note.parse_checkpoint(note.open_note(sealed.note, key).text)
    assert told == note.Checkpoint("twinhood.example/log", 5, sealed.root)


@pytest.mark.django_db
def test_every_leaf_is_proved_from_the_tiles() -> None:
    given = append(0, 700)
    actions.seal()
    root = slow_root(given)

    for index in (0, 1, 255, 256, 511, 512, 698, 699):
        proof = queries.inclusion(index, 700)
        merkle.check_inclusion(merkle.leaf_hash(given[index]), index, 700, proof, root)


@pytest.mark.django_db
def test_an_older_tree_is_proved_to_begin_the_newer_one() -> None:
    given = append(0, 300)
    actions.seal()
    given += append(300, 1_000)
    actions.seal()

    for old in (1, 255, 256, 299, 300, 512, 999, 1_000):
        proof = queries.consistency(old, 1_000)
        merkle.check_consistency(old, slow_root(given[:old]), 1_000, slow_root(given), proof)
    for index in (0, 299):
        proof = queries.inclusion(index, 300)
        leaf_hash = merkle.leaf_hash(given[index])
        merkle.check_inclusion(leaf_hash, index, 300, proof, slow_root(given[:300]))


@pytest.mark.django_db
@pytest.mark.parametrize("partnership", ["pair-0", "pair-1", "nobody", "only"])
def test_own_leaves_and_others_subtrees_make_the_whole_tree(partnership: str) -> None:
    given = append(0, 650)
    given += append(650, 900, "only")
    actions.seal()
    size = 800

    tree = merkle.Tree()
    own = queries.leaves(partnership, size)
    for subtree in [*queries.others(partnership, size), None]:
        while tree.size < (subtree.start if subtree else size):
            index, data = next(own)
            assert index == tree.size
            tree.add(data)
        if subtree:
            tree.add_subtree(subtree.level, subtree.hash)

    assert next(own, None) is None
    assert tree.root() == slow_root(given[:size])


@pytest.mark.django_db
def test_positions_follow_the_order_of_appending() -> None:
    ids = [pk for n in range(30) for pk in actions.append([leaf(n), leaf(n)])]

    actions.seal()

    found = list(Position.objects.order_by("index").values_list("index", "leaf_id"))
    assert found == list(enumerate(ids))
    assert [queries.index_of(pk) for pk in ids[:3]] == [0, 1, 2]
    assert queries.index_of(ids[-1] + 1) is None


@pytest.mark.django_db
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_no_checkpoint_stands_over_a_tile_that_could_not_be_written(
    count: int, number: int
) -> None:
    append(0, 100)
    actions.seal()
    before = the_store().read(CHECKPOINT)
    given = append(100, 600)

    with pytest.raises(OSError, match="injected"):
        actions.seal(store=Failing(the_store().root, count, number))

    assert the_store().read(CHECKPOINT) == before
    assert Head.objects.get().size == 100
    assert Waiting.objects.count() == 500

    actions.seal()

    assert Head.objects.get().size == 600
    assert in_bundles(the_store(), 600)[100:] == given


@pytest.mark.django_db
def test_no_checkpoint_stands_over_tiles_that_the_disk_did_not_keep() -> None:
    append(0, 600)

    with pytest.raises(OSError, match="injected"):
        actions.seal(store=NeverForced(the_store().root))

    assert the_store().read(CHECKPOINT) is None
    assert not Checkpoint.objects.exists()


@pytest.mark.django_db
def test_a_full_disk_is_told_from_a_file_that_may_not_grow() -> None:
    """The kernel's own refusal, not one of ours: a file beyond the process's limit."""
    import resource
    import signal

    append(0, 600)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            sealing.seal_chunk(the_store())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)

    assert not Checkpoint.objects.exists()
    assert list(the_store().root.rglob(".new-*")) == []


@pytest.mark.django_db
def test_dying_between_the_commit_and_the_checkpoints_file_is_made_up_for() -> None:
    append(0, 10)
    actions.seal()
    append(10, 20)
    sealing.seal_chunk(the_store())  # and here the machine dies
    assert (sealing.published(the_store()) or note.Checkpoint("", 0, b"")).size == 10

    actions.seal()

    assert (sealing.published(the_store()) or note.Checkpoint("", 0, b"")).size == 20


@pytest.mark.django_db
def test_tiles_of_a_sealing_that_died_are_written_again() -> None:
    """Other leaves may be in them then: a lower id that was committed later."""
    append(0, 10)
    actions.seal()
    append(10, 300)
    with transaction.atomic():
        sealing.seal_chunk(the_store())  # all tiles are on the disk, and the commit is lost
        transaction.set_rollback(True)
    append(300, 310)

    actions.seal()

    order = Position.objects.order_by("index").values_list("leaf__data", flat=True)
    assert in_bundles(the_store(), 310) == [bytes(data) for data in order]
    assert queries.is_ahead() is None


@pytest.mark.django_db
def test_missing_or_altered_tiles_stop_the_sealing() -> None:
    append(0, 300)
    actions.seal()
    append(300, 310)
    path = the_store().root / "tile/0/001.p/44"
    kept = path.read_bytes()

    path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    with pytest.raises(TilesMissing):
        actions.seal()
    path.unlink()
    with pytest.raises(TilesMissing):
        actions.seal()

    path.write_bytes(kept)
    assert actions.seal() is not None


@pytest.mark.django_db
def test_a_log_ahead_of_its_database_signs_nothing() -> None:
    """A backup was restored: the database knows less than the world."""
    append(0, 10)
    actions.seal()
    with transaction.atomic():
        append(10, 20)
        actions.seal()
        transaction.set_rollback(True)
    told = the_store().read(CHECKPOINT)
    append(10, 15)

    with pytest.raises(LogAhead) as refused:
        actions.seal()

    assert (refused.value.published, refused.value.known) == (20, 10)
    assert queries.is_ahead() is not None
    assert queries.is_known_ahead()
    assert the_store().read(CHECKPOINT) == told
    assert Waiting.objects.count() == 5


@pytest.mark.django_db
def test_another_tree_of_the_same_size_is_never_signed() -> None:
    append(0, 10)
    with transaction.atomic():
        append(10, 20, "one")
        actions.seal()
        transaction.set_rollback(True)
    append(10, 20, "another")

    with pytest.raises(LogAhead):
        actions.seal()


@pytest.mark.django_db
def test_a_lost_folder_is_told_and_not_begun_anew() -> None:
    append(0, 10)
    actions.seal()
    append(10, 20)
    the_store().root.rename(the_store().root.with_suffix(".lost"))

    with pytest.raises(TilesMissing):
        actions.seal()


@pytest.mark.django_db
def test_a_lost_key_is_told_and_not_replaced(settings: Any, tmp_path: Path) -> None:
    append(0, 10)
    actions.seal()
    append(10, 20)
    settings.KEYS_DIR = tmp_path / "empty"

    with pytest.raises(LogKeyMissing):
        actions.seal()

    assert len(queries.log_keys()) == 1
    assert Head.objects.get().size == 10


@pytest.mark.django_db
def test_the_key_is_for_its_owner_alone(settings: Any) -> None:
    append(0, 1)
    actions.seal()

    (path,) = (Path(settings.KEYS_DIR) / "log").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().startswith("PRIVATE+KEY+")
    assert "PRIVATE" not in repr(keys.signer(queries.log_keys()[0]))


@pytest.mark.django_db
def test_a_clock_that_goes_wrong_by_an_hour_changes_no_order() -> None:
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    for number, hours in enumerate([0, 1, -1, 0]):
        with clock.showing(noon + timedelta(hours=hours)):
            append(number, number + 1)
            sealed = actions.seal()
            assert sealed is not None
            assert sealed.size == number + 1
            assert queries.latest() == sealed


@pytest.mark.django_db
def test_the_head_never_goes_back() -> None:
    append(0, 10)
    actions.seal()

    with pytest.raises(IntegrityError), transaction.atomic():
        Head.objects.update(size=9)


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["position", "checkpoint", "head", "leaf"])
def test_what_is_sealed_is_never_deleted(table: str) -> None:
    append(0, 10)
    actions.seal()

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM translog_{table}")  # noqa: S608


@pytest.mark.django_db
def test_narrow_tiles_go_when_the_full_one_is_published() -> None:
    for end in (100, 200, 300):
        append(end - 100, end)
        actions.seal()

    left = sorted(str(p.relative_to(the_store().root)) for p in the_store().root.rglob("*.p"))
    assert left == ["tile/0/001.p", "tile/1/000.p", "tile/entries/001.p"]


@pytest.mark.django_db(transaction=True)
def test_sealers_and_posters_at_once_leave_no_gap_and_no_double() -> None:
    posted: list[int] = []
    failed: list[BaseException] = []
    is_over = threading.Event()

    def run(what: Any) -> None:
        try:
            what()
        except BaseException as problem:
            failed.append(problem)
        finally:
            connection.close()

    def post(name: str) -> None:
        for number in range(40):
            with transaction.atomic():
                posted.extend(actions.append([leaf(number, name) for _ in range(7)]))

    def seal() -> None:
        while not is_over.is_set():
            actions.seal()

    posters = [threading.Thread(target=run, args=[lambda n=n: post(f"p{n}")]) for n in range(3)]
    sealers = [threading.Thread(target=run, args=[seal]) for _ in range(2)]
    for thread in [*sealers, *posters]:
        thread.start()
    for thread in posters:
        thread.join()
    is_over.set()
    for thread in sealers:
        thread.join()
    while actions.seal():
        pass

    assert failed == []
    found = list(Position.objects.order_by("index").values_list("index", "leaf_id", "leaf__data"))
    assert [index for index, _, _ in found] == list(range(len(posted)))
    assert sorted(pk for _, pk, _ in found) == sorted(posted)
    assert in_bundles(the_store(), len(posted)) == [bytes(data) for _, _, data in found]
    assert Leaf.objects.count() == len(posted)
    sizes = list(Checkpoint.objects.order_by("size").values_list("size", "root"))
    for size, root in sizes:
        assert merkle.root(size, queries.Tiles(size).node) == bytes(root)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 65_535, 65_536, 65_537, 70_000])
def test_the_edge_is_what_a_size_leaves_over(size: int) -> None:
    widths = {(tile.level, tile.width) for tile in tiles.edge(size) if tile.level >= 0}

    assert widths == {(n, size >> 8 * n & 255) for n in range(3) if size >> 8 * n & 255}
