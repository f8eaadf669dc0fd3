"""The public file itself: a folder written in one pass over the leaves, then a zip of it.

Memory stays bounded whatever the number of leaves, but for the journal's state machine (some 300
bytes a gift). The same snapshot gives the same bytes.
"""

import gzip
import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from twinhood.opendata.core.facts import documents
from twinhood.opendata.core.rendering import Rendering
from twinhood.opendata.documents import more_documents
from twinhood.opendata.parquet import Tables
from twinhood.opendata.readme import readmes
from twinhood.opendata.snapshot import Snapshot
from twinhood.translog import keys
from twinhood.translog import queries as translog
from twinhood.translog.core import b64, canonical, merkle

BLOCK = 1024 * 1024
REPORT_EVERY = 5_000
GZIP_LEVEL = 4
ENTRIES_PARQUET = "ledger/entries.parquet"
TRANSFERS_PARQUET = "ledger/transfers.parquet"

# Told how many of the leaves are done.
Report = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Written:
    """A finished zip: where, what it hashes to, and what is in it (path and size in bytes)."""

    path: Path
    sha256: str
    size_bytes: int
    contents: list[tuple[str, int]]


class Folder:
    """The files of one public file, by path, written in any order."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._open: dict[str, BinaryIO] = {}

    def stream(self, path: str) -> BinaryIO:
        """The file of that path, open for writing until `close`."""
        if path not in self._open:
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            self._open[path] = (self.root / path).open("wb")
        return self._open[path]

    def write(self, path: str, data: bytes) -> None:
        self.stream(path).write(data)

    def close(self) -> None:
        for stream in self._open.values():
            stream.close()
        self._open.clear()

    def files(self) -> list[dict[str, object]]:
        """Path, size and SHA-256 of every file, by path."""
        found = []
        for path in self.paths():
            with (self.root / path).open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            size = (self.root / path).stat().st_size
            found.append({"path": path, "sha256": digest, "size": size})
        return found

    def paths(self) -> list[str]:
        there = (path for path in self.root.rglob("*") if path.is_file())
        return sorted(path.relative_to(self.root).as_posix() for path in there)


def write_zip(snapshot: Snapshot, target_dir: Path, report: Report) -> Written:
    """Write the snapshot's public file into `target_dir`, in one step at the end.

    Raises OSError; then nothing is left behind. Needs room for the unpacked files too.
    """
    target_dir.mkdir(parents=True, exist_ok=True)
    for left_behind in target_dir.glob(".building-*"):  # by one that was killed
        shutil.rmtree(left_behind, ignore_errors=True)
    root = Path(tempfile.mkdtemp(dir=target_dir, prefix=".building-"))
    try:
        folder = Folder(root / "files")
        write_folder(snapshot, folder, report)
        packed = root / "public-file.zip"
        contents = _pack(folder, packed, lambda: report(snapshot.leaves_count))
        with packed.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            os.fsync(stream.fileno())
        size_bytes = packed.stat().st_size
        target = target_dir / f"{snapshot.sealed.size}-{digest[:12]}.zip"
        _compress(packed, root / "packed.gz")
        os.replace(root / "packed.gz", compressed_path(target))
        os.replace(packed, target)
        return Written(target, digest, size_bytes, contents)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def write_folder(snapshot: Snapshot, folder: Folder, report: Report) -> None:
    """Write every file of the snapshot; manifest and its signature last."""
    try:
        _write_small(snapshot, folder)
        _write_leaves(snapshot, folder, report)
    finally:
        folder.close()
    _write_manifest(snapshot, folder)


def _write_small(snapshot: Snapshot, folder: Folder) -> None:
    facts = [opened.facts for opened in snapshot.openings if opened.facts]
    for path, data in documents(facts).items():
        folder.write(path, data)
    for path, data in more_documents(snapshot):
        folder.write(path, data)
    for path, data in readmes(snapshot).items():
        folder.write(path, data)
    folder.write("checkpoint", snapshot.sealed.note.encode())
    folder.write("keys.json", snapshot.keys_json)
    folder.stream("openings.jsonl")
    for opened in snapshot.openings:
        told = {
            "commitment": b64.encode(opened.commitment),
            "facts": opened.facts,
            "salt": b64.encode(opened.salt or b""),
        }
        folder.write("openings.jsonl", canonical.encode(told) + b"\n")


def _write_leaves(snapshot: Snapshot, folder: Folder, report: Report) -> None:
    """One pass over the leaves: they, what lies between them, and all that follows from them."""
    rendering = Rendering([o.facts for o in snapshot.openings if o.facts], folder.write)
    tables = Tables(folder.stream(ENTRIES_PARQUET), folder.stream(TRANSFERS_PARQUET))
    leaves, others = folder.stream("leaves.jsonl"), folder.stream("others.jsonl")
    size = snapshot.sealed.size
    tree = translog.Tiles(size)
    begin = 0
    for number, (index, data) in enumerate(_own_leaves(snapshot), 1):
        others.writelines(_between(tree, begin, index, snapshot.older_sizes))
        begin = index + 1
        leaf = json.loads(data)
        leaves.write(data + b"\n")
        rendering.add(index, leaf)
        tables.add(index, leaf)
        if number % REPORT_EVERY == 0:
            report(number)
    others.writelines(_between(tree, begin, size, snapshot.older_sizes))
    rendering.finish()
    tables.close()


def _own_leaves(snapshot: Snapshot) -> Iterator[tuple[int, bytes]]:
    """The partnership's leaves, and those that concern the log itself (its keys), by index."""
    size = snapshot.sealed.size
    return merge(translog.leaves(snapshot.name, size), translog.leaves("", size))


def _between(
    tree: translog.Tiles, begin: int, end: int, older_sizes: Sequence[int]
) -> Iterator[bytes]:
    """Lines for what others have between two of our leaves: the largest complete subtrees.

    None goes over the end of an older file, so that its root can be worked out from this one.
    """
    stops = older_sizes[bisect_right(older_sizes, begin) : bisect_left(older_sizes, end)]
    for first, last in pairwise([begin, *stops, end]):
        for start, level in merkle.complete_subtrees(first, last):
            found = tree.node(level, start >> level)
            told = {"hash": b64.encode(found), "level": level, "start": start}
            yield canonical.encode(told) + b"\n"


def _write_manifest(snapshot: Snapshot, folder: Folder) -> None:
    manifest = canonical.encode(
        {
            "files": folder.files(),
            "kind": "twinhood public file",
            "log": snapshot.origin,
            "partnership": snapshot.name,
            "root": b64.encode(snapshot.sealed.root),
            "size": snapshot.sealed.size,
            "version": 1,
        }
    )
    digest = hashlib.sha256(manifest).hexdigest()
    text = f"twinhood public file\n{snapshot.origin}\n{snapshot.name}\n{digest}\n"
    folder.write("manifest.json", manifest)
    folder.write("manifest.note", keys.signer(snapshot.log_keys[-1]).note(text).encode())
    folder.close()


def _pack(folder: Folder, target: Path, say_alive: Callable[[], None]) -> list[tuple[str, int]]:
    """Zip the folder: sorted, without times, nothing compressed.

    A compressed text can be packed in many ways, so that a byte could change unseen. What is sent
    over the network is compressed on the way (`_compress`).
    """
    contents = []
    with zipfile.ZipFile(target, "w", allowZip64=False) as packed:
        for path in folder.paths():
            source = folder.root / path
            about = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            about.create_system = 3
            about.external_attr = 0o100644 << 16
            about.file_size = source.stat().st_size
            with source.open("rb") as stream, packed.open(about, "w") as entry:
                shutil.copyfileobj(stream, entry, BLOCK)
            contents.append((path, about.file_size))
            source.unlink()
            say_alive()
    return contents


def compressed_path(path: Path) -> Path:
    """Where a zip lies as it is sent to whoever takes gzip; about a tenth of the size."""
    return path.with_name(f"{path.name}.gz")


def _compress(source: Path, target: Path) -> None:
    with (
        source.open("rb") as stream,
        target.open("wb") as file,
        gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as packed,
    ):
        shutil.copyfileobj(stream, packed, BLOCK)
