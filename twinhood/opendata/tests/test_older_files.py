"""A file continues every file before it, also where others' leaves came in between."""

from pathlib import Path

import pytest

from twinhood.deliveries.tests.world import World
from twinhood.opendata import actions
from twinhood.opendata.models import PublicFile
from twinhood.translog import actions as log
from twinhood.translog.core import b64, canonical
from twinhood.verify import command

pytestmark = pytest.mark.django_db


def others(count: int) -> None:
    """Append leaves of another partnership."""
    leaf = {"commitment": b64.encode(bytes(32)), "kind": "commitment", "partnership": "others"}
    log.append([canonical.encode(leaf)] * count)


def path_of(row: PublicFile) -> str:
    return str(actions.folder() / row.path)


def test_every_older_file_is_known_again_among_leaves_of_others(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    older: list[Path] = []
    for count in (0, 5, 11, 64, 3):
        others(count)
        newest = actions.build(world.partnership)
        checkpoint = actions.folder() / f"checkpoint-{newest.log_size}"
        checkpoint.write_text(newest.checkpoint, encoding="utf-8")

        for before in older:
            code = command.main([path_of(newest), "--since", str(before)])
            assert code == 0, capsys.readouterr().out
        older.append(checkpoint)
        others(7)
    assert len({path.name for path in older}) == len(older)


def test_without_files_before_it_the_subtrees_are_as_large_as_can_be(world: World) -> None:
    others(130)

    row = actions.build(world.partnership)

    lines = dict(row.contents)["others.jsonl"] // 100
    assert lines <= 16
