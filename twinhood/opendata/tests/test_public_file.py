"""Promises of the public file: complete, the same twice, checked by strangers, silent in time."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from twinhood.deliveries import handing_over
from twinhood.deliveries.models import HandoverAct
from twinhood.deliveries.tests.world import VIN, World
from twinhood.needs.tests.world import AT
from twinhood.opendata import actions, tasks
from twinhood.opendata.core.facts import expect_facts
from twinhood.opendata.errors import AlreadyBuilding, NoRoom, NothingSealed
from twinhood.opendata.models import PublicFile
from twinhood.opendata.projection import journal_lines, name_in_log
from twinhood.opendata.tests.leaves import Told
from twinhood.people.models import Partnership
from twinhood.translog import queries as translog
from twinhood.translog.models import Leaf
from twinhood.verify import command

pytestmark = pytest.mark.django_db
# The need is public three days after it was verified, the hand-over two weeks after its day.
BEFORE, NEED_TOLD, ALL_TOLD = (timedelta(hours=71), timedelta(days=4), timedelta(days=15))


def built(world: World) -> zipfile.ZipFile:
    row = actions.build(world.partnership)
    return zipfile.ZipFile(actions.folder() / row.path)


def everything(file: zipfile.ZipFile) -> str:
    """All that can be read in the file, Parquet too, but for the pages that explain it."""
    read = [name for name in file.namelist() if not name.endswith((".parquet", ".md"))]
    texts = [file.read(name) for name in read]
    for name in ("ledger/entries.parquet", "ledger/transfers.parquet"):
        table = pq.read_table(io.BytesIO(file.read(name)))
        texts.append(json.dumps(table.to_pylist(), default=str).encode())
    return b"\n".join(texts).decode()


def test_verify_accepts_the_file_and_an_older_one_before_it(
    world: World, now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    old = actions.build(world.partnership)
    now(AT + ALL_TOLD)
    world.give(4_200)
    new = actions.build(world.partnership)

    paths = [str(actions.folder() / row.path) for row in (new, old)]
    code = command.main([paths[0], "--since", paths[1]])

    said = capsys.readouterr().out
    assert (code, said[:5]) == (0, "Holds"), said


def test_the_same_state_gives_the_same_bytes(world: World, now: Any) -> None:
    now(AT + ALL_TOLD)
    first = actions.build(world.partnership)
    PublicFile.objects.update(fingerprint="")

    second = actions.build(world.partnership)

    assert first.pk != second.pk
    assert (first.sha256, first.path) == (second.sha256, second.path)


def test_nothing_is_built_again_while_nothing_has_changed(world: World) -> None:
    first = actions.build(world.partnership)

    assert actions.build(world.partnership) == first
    assert not actions.is_due(world.partnership, at=AT + timedelta(hours=1))


def test_a_file_is_due_when_something_was_posted_or_became_public(world: World, now: Any) -> None:
    assert actions.build(world.partnership).state == "ready"

    assert not actions.is_due(world.partnership, at=AT + BEFORE)
    assert actions.is_due(world.partnership, at=AT + NEED_TOLD)
    world.give(100)
    actions.seal_all()
    assert not actions.is_due(world.partnership, at=AT + timedelta(minutes=1))
    assert actions.is_due(world.partnership, at=AT + timedelta(minutes=6))


def test_the_zip_is_sorted_undated_and_lists_every_file_in_its_manifest(world: World) -> None:
    file = built(world)

    names = file.namelist()
    manifest = json.loads(file.read("manifest.json"))
    assert names == sorted(names)
    assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert {f["path"] for f in manifest["files"]} == {*names} - {"manifest.json", "manifest.note"}
    assert {"README.en.md", "README.uk.md", "checkpoint", "keys.json"} < {*names}


def test_the_journal_in_the_file_is_the_one_on_the_page(world: World, now: Any) -> None:
    for at in (AT, AT + NEED_TOLD, AT + ALL_TOLD):
        now(at)

        told = built(world).read("journal.jsonl")

        assert told == b"".join(journal_lines(world.partnership, at))


def test_parquet_is_read_by_others_and_says_what_the_tables_say(
    world: World, tmp_path: Path
) -> None:
    file = built(world)
    path = tmp_path / "transfers.parquet"
    path.write_bytes(file.read("ledger/transfers.parquet"))

    asked = "SELECT seq, number, date::text, key, debit, credit, amount_minor, currency FROM "
    found = duckdb.execute(asked + f"'{path}' ORDER BY seq, number").fetchall()

    lines = file.read("ledger/transfers.csv").decode().splitlines()[1:]
    told = [",".join(map(str, row[:7])) for row in found]
    assert told == [",".join(line.split(",")[:7]) for line in lines]


# --- safety before publicity


def test_a_need_is_in_the_file_only_after_its_delay(world: World, now: Any) -> None:
    now(AT + BEFORE)
    before = everything(built(world))
    now(AT + NEED_TOLD)
    after = built(world)

    assert '"kind":"need"' not in before
    assert str(world.need.title) not in before
    assert json.loads(after.read("documents/needs/1.json"))["title"] == dict(world.need.title)


def test_nothing_tells_of_a_hand_over_before_its_day(world: World, now: Any) -> None:
    now(AT + timedelta(days=13))
    file = built(world)

    text = everything(file)
    assert not [name for name in file.namelist() if "acts/" in name]
    for hidden in ("hand-over", "handed over", VIN.format(1)[-4:], "physician", "n1-ambulance-1"):
        assert hidden not in text.replace("handed_over_date", ""), hidden


def test_after_its_day_the_act_is_there_with_four_digits_of_the_serial_number(
    world: World, now: Any
) -> None:
    now(AT + ALL_TOLD)
    file = built(world)

    act = json.loads(file.read("documents/acts/1.json"))
    assert [line["serial_last4"] for line in act["units"]] == [VIN.format(1)[-4:]]
    assert VIN.format(1) not in everything(file)
    assert "n1-ambulance-1" in file.read("units.csv").decode()
    assert "n1-ambulance-2" not in everything(file)


def test_what_is_pulled_back_is_gone_at_once_and_leaves_a_tombstone(world: World, now: Any) -> None:
    now(AT + ALL_TOLD)
    row = actions.build(world.partnership)

    handing_over.pull_back(act=HandoverAct.objects.get())
    removed = actions.remove_old(world.partnership)
    file = built(world)

    assert removed == 1
    assert not (actions.folder() / row.path).exists()
    assert '"kind":"pulled-back"' in file.read("leaves.jsonl").decode()
    text = everything(file)
    assert not [what for what in ("n1-ambulance-1", 'serial_last4":', "physician") if what in text]


def test_an_act_pulled_back_before_anybody_knew_of_it_leaves_no_sign(
    world: World, now: Any
) -> None:
    before = built(world).read("leaves.jsonl")

    handing_over.pull_back(act=HandoverAct.objects.get())
    now(AT + NEED_TOLD)

    assert built(world).read("leaves.jsonl") == before


def test_an_act_that_is_published_again_stands_behind_another_commitment(
    world: World, now: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    now(AT + ALL_TOLD)
    act = HandoverAct.objects.get()
    handing_over.pull_back(act=act)
    handing_over.set_public_date(act=act, public_from=act.handed_over_date, by=world.bondar)

    row = actions.build(world.partnership)

    with zipfile.ZipFile(actions.folder() / row.path) as file:
        assert "documents/acts/1.json" in file.namelist()
    assert command.main([str(actions.folder() / row.path)]) == 0, capsys.readouterr().out


def test_a_watcher_cannot_tell_a_hand_over_from_a_need(world: World) -> None:
    name = name_in_log(world.partnership)
    leaves = {
        str(opened.facts["kind"]): bytes(Leaf.objects.get(pk=opened.leaf_id).data)
        for opened in translog.openings(name)
        if opened.facts
    }

    assert leaves.keys() == {"need", "approval", "thing", "hand-over"}
    assert {tuple(json.loads(leaf)) for leaf in leaves.values()} == {
        ("commitment", "kind", "partnership")
    }
    assert len({len(leaf) for leaf in leaves.values()}) == 1


def test_a_hand_over_of_many_things_is_one_leaf_like_that_of_one(world: World) -> None:
    order = world.placed(3)
    world.paid(order)
    units = world.with_serials(order, first=5)
    before = Leaf.objects.count()

    world.handed_over(*units)

    assert Leaf.objects.count() == before + 1


def test_what_is_committed_to_is_in_the_documented_shape(world: World) -> None:
    kinds = []
    for opened in translog.openings(name_in_log(world.partnership)):
        assert opened.facts is not None
        assert expect_facts(opened.facts) == opened.facts
        kinds.append(opened.facts["kind"])
    assert kinds == ["need", "approval", "approval", "thing", "thing", "hand-over"]


def test_no_person_is_in_the_file(world: World, now: Any) -> None:
    now(AT + ALL_TOLD)

    text = everything(built(world))

    for person in (world.iryna, world.bondar, world.tom, world.lesia):
        assert person.name not in text
        assert person.email not in text


# --- building


def test_only_the_last_three_files_are_kept(world: World) -> None:
    rows = []
    for _ in range(4):
        world.give(100)
        rows.append(actions.build(world.partnership))

    there = [(actions.folder() / row.path).exists() for row in rows]
    assert there == [False, True, True, True]


def test_a_partnership_without_books_has_no_file(world: World) -> None:
    other = Partnership.objects.get(pk=world.partnership.pk)
    other.pk, other.slug = None, "a-b"
    other.save()

    with pytest.raises(NothingSealed):
        actions.build(other)
    assert not actions.is_due(other, at=AT)


def test_two_cannot_build_one_file_at_once_but_the_dead_do_not_block(
    world: World, now: Any
) -> None:
    first = actions.build(world.partnership)
    PublicFile.objects.filter(pk=first.pk).update(state="building", fingerprint="")
    world.give(100)

    with pytest.raises(AlreadyBuilding):
        actions.build(world.partnership)
    now(AT + timedelta(minutes=6))

    assert actions.build(world.partnership).state == "ready"
    first.refresh_from_db()
    assert first.state == "failed"


def test_a_building_that_fails_leaves_no_file_behind(world: World, settings: Any) -> None:
    place = actions.folder() / name_in_log(world.partnership)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("a file where a folder should be")

    with pytest.raises((FileExistsError, NotADirectoryError)):
        actions.build(world.partnership)

    assert PublicFile.objects.get().state == "failed"
    assert place.is_file()


def test_a_file_that_could_fill_the_disk_is_not_begun(world: World, settings: Any) -> None:
    settings.FREE_BYTES_MIN = 2**60

    with pytest.raises(NoRoom):
        actions.build(world.partnership)

    assert not PublicFile.objects.exists()


def test_the_worker_builds_what_is_due_and_looks_again_in_vain(world: World) -> None:
    actions.seal_all()

    tasks.build(world.partnership.pk)
    tasks.build(world.partnership.pk)

    assert [row.state for row in PublicFile.objects.all()] == ["ready"]


def test_the_leaves_of_the_tests_are_those_of_the_ledger(world: World) -> None:
    leaf = next(
        leaf
        for leaf in map(json.loads, built(world).read("leaves.jsonl").splitlines())
        if leaf["kind"] == "entry" and leaf["journal"][0]["kind"] == "gift"
    )
    told = Told()
    told.open_fund("main", "USD")
    told.give("gift:1", "main", 100)

    assert leaf.keys() == told.leaves[1].keys()
    assert leaf["transfers"][0].keys() == told.leaves[1]["transfers"][0].keys()
