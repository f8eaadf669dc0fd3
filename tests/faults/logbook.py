"""The log under faults: watched while parts are killed, recomputed afterwards."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

from django.db.models import Q

from twinhood.ledger.models import Entry
from twinhood.translog.core import merkle, note, tiles
from twinhood.translog.models import Checkpoint, Position
from twinhood.translog.store import Folder

WATCH_S = 0.05


@dataclass
class Watcher(threading.Thread):
    """Reads the published checkpoint again and again, as a witness would."""

    folder: Path
    stopping: threading.Event
    seen: dict[int, bytes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        last = 0
        while not self.stopping.wait(WATCH_S):
            try:
                text = (self.folder / "checkpoint").read_text(encoding="utf-8")
            except FileNotFoundError:
                continue
            head = note.parse_checkpoint(note.parse(text).text)
            if head.size < last:
                self.problems.append(f"the log shrank from {last} to {head.size}")
            if self.seen.setdefault(head.size, head.root) != head.root:
                self.problems.append(f"two roots of size {head.size} were published")
            last = head.size


def problems(watcher: Watcher) -> list[str]:
    """What is wrong with the log, in sentences."""
    return [*watcher.problems, *_roots(watcher.seen), *_entries(), *_files(watcher.folder)]


def _roots(seen: dict[int, bytes]) -> list[str]:
    """Every root ever shown or signed is that of the leaves as they stand now."""
    signed = {c.size: bytes(c.root) for c in Checkpoint.objects.all()}
    found = [f"size {size} was shown and never signed" for size in seen.keys() - signed.keys()]
    expected = [*signed.items(), *seen.items()]
    tree, roots = merkle.Tree(), {}
    wanted = {size for size, _ in expected}
    leaves = Position.objects.order_by("index").values_list("index", "leaf__data")
    for number, (index, data) in enumerate(leaves.iterator()):
        if index != number:
            return [*found, f"leaf {number} is missing"]
        tree.add(bytes(data))
        if number + 1 in wanted:
            roots[number + 1] = tree.root()
    wrong = [size for size, root in expected if size and roots.get(size) != root]
    return [*found, *(f"the root of size {size} is not that of its leaves" for size in wrong)]


def _entries() -> list[str]:
    """Every entry has one leaf of its own, sealed."""
    entries = Entry.objects.count()
    leaves = Entry.objects.values("leaf_id").distinct().count()
    sealed = Position.objects.filter(
        leaf_id__in=Entry.objects.filter(~Q(leaf_id=None)).values("leaf_id")
    ).count()
    if (leaves, sealed) == (entries, entries):
        return []
    return [f"{entries} entries have {leaves} leaves, of which {sealed} are sealed"]


def _files(folder: Path) -> list[str]:
    """The published checkpoint's tiles are on the disk and give its root."""
    store = Folder(folder)
    head = note.parse_checkpoint(note.parse((folder / "checkpoint").read_text("utf-8")).text)

    def read(level: int, index: int) -> bytes:
        return tiles.node(level, index, head.size, lambda tile: store.read(tile.path) or b"")

    if merkle.root(head.size, read) != head.root:
        return ["the tiles do not give the published root"]
    return []
