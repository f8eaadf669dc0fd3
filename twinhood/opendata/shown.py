"""What the public file's page shows, gathered for its template."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from twinhood.opendata.models import PublicFile
from twinhood.opendata.queries import checkpoint_of, shelf
from twinhood.people.models import Partnership
from twinhood.translog import queries as translog
from twinhood.translog.core import b64


@dataclass(frozen=True, slots=True)
class Newest:
    """The file that one takes: its checkpoint, and who witnessed that."""

    row: PublicFile
    root: str
    witnesses: Sequence[str]
    documents_count: int


@dataclass(frozen=True, slots=True)
class Page:
    """The newest file, those before it, and how far the next one is (percent)."""

    newest: Newest | None
    older: Sequence[PublicFile]
    building_percent: int | None
    vkey: str


def page(partnership: Partnership, *, at: datetime) -> Page:
    """Read what there is at `at`. Five queries, or seven where something is opened."""
    there = shelf(partnership, at=at)
    building = there.building
    return Page(
        newest=_newest(there.newest) if there.newest else None,
        older=there.files[1:],
        building_percent=_percent(building) if building else None,
        vkey=(translog.log_keys() or [""])[-1],
    )


def _newest(row: PublicFile) -> Newest:
    checkpoint, witnesses = checkpoint_of(row)
    documents = sum(path.startswith("documents/") for path, _ in row.contents)
    return Newest(row, b64.encode(checkpoint.root), witnesses, documents)


def _percent(row: PublicFile) -> int:
    """At most 99: packing comes after the last leaf."""
    return min(99, 100 * row.leaves_done // max(1, row.leaves_count))
