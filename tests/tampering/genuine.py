"""A genuine public file, and what it would take to change its leaves and hide that."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinhood.opendata.core.leaf import BadLeaf
from twinhood.opendata.core.rendering import PATHS, Rendering
from twinhood.translog.core import b64, canonical, note
from twinhood.translog.core.note import Checkpoint
from twinhood.verify.tests.files import Signer, files_in, zip_of
from twinhood.verify.tree import Log, subtrees_of

type Leaf = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Genuine:
    """A folder that holds, an older one that it continues, and the keys that are known of both."""

    folder: Path
    older: Path
    log_vkey: str
    witness_vkeys: tuple[str, ...]
    # Where the log's own secret is at hand, to try what only its owner could do.
    log: Signer | None = None

    def copy(self, to: Path) -> Path:
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.folder, to)
        return to

    def zipped(self, to: Path) -> bytes:
        return zip_of(self.folder, to).read_bytes()


def leaves_in(folder: Path) -> list[Leaf]:
    return [json.loads(line) for line in (folder / "leaves.jsonl").read_bytes().splitlines()]


def checkpoint_in(folder: Path) -> Checkpoint:
    return note.parse_checkpoint(note.parse((folder / "checkpoint").read_bytes()).text)


# How far somebody goes to hide a change; each goes as far as the one before, and further.
def only_leaves(folder: Path, leaves: Iterable[Leaf]) -> None:
    """Change the leaves and nothing else."""
    data = b"".join(canonical.encode(leaf) + b"\n" for leaf in leaves)
    (folder / "leaves.jsonl").write_bytes(data)


def and_rendered(folder: Path, leaves: list[Leaf]) -> None:
    """Make everything that follows from them anew; as far as it can be made."""
    only_leaves(folder, leaves)
    facts = [
        json.loads(line)["facts"] for line in (folder / "openings.jsonl").read_bytes().splitlines()
    ]
    texts = dict.fromkeys(PATHS, b"")

    def put(path: str, data: bytes) -> None:
        texts[path] += data

    rendering = Rendering(facts, put)
    log = _log_of(folder)
    try:
        for leaf in leaves:
            rendering.add(log.add(canonical.encode(leaf)), leaf)
        rendering.finish()
    except BadLeaf:
        return
    for path, data in texts.items():
        (folder / path).write_bytes(data)


def and_root(folder: Path, leaves: list[Leaf]) -> None:
    """Write the new root into the checkpoint; the signatures stay as they were."""
    and_rendered(folder, leaves)
    _write_checkpoint(folder, leaves, None)


def and_manifest(folder: Path, leaves: list[Leaf]) -> None:
    """Write the new hashes into the manifest too."""
    and_root(folder, leaves)
    manifest_anew(folder)


def and_note(folder: Path, leaves: list[Leaf]) -> None:
    """Write the manifest's new hash into its note, whose signature stays as it was."""
    and_manifest(folder, leaves)
    note_anew(folder, None)


def and_signed(folder: Path, leaves: list[Leaf], signer: Signer) -> None:
    """Sign all of it, by whatever key there is."""
    and_rendered(folder, leaves)
    _write_checkpoint(folder, leaves, signer)
    manifest_anew(folder)
    note_anew(folder, signer)


type Hide = Callable[[Path, list[Leaf]], None]
LEVELS: tuple[Hide, ...] = (only_leaves, and_rendered, and_root, and_manifest, and_note)


def _log_of(folder: Path) -> Log:
    return Log(subtrees_of([(folder / "others.jsonl").read_bytes()]))


def _write_checkpoint(folder: Path, leaves: Iterable[Leaf], signer: Signer | None) -> None:
    before = note.parse((folder / "checkpoint").read_bytes())
    log = _log_of(folder)
    for leaf in leaves:
        log.add(canonical.encode(leaf))
    made = Checkpoint(checkpoint_in(folder).origin, *log.so_far())
    signatures = list(before.signatures) if signer is None else [signer.sign(made.text)]
    (folder / "checkpoint").write_text(note.build(made.text, signatures), encoding="utf-8")


def manifest_anew(folder: Path) -> None:
    """Hash what is there now."""
    told = json.loads((folder / "manifest.json").read_bytes())
    found = checkpoint_in(folder)
    told |= {"files": list(files_in(folder)), "root": b64.encode(found.root), "size": found.size}
    (folder / "manifest.json").write_bytes(canonical.encode(told))


def note_anew(folder: Path, signer: Signer | None) -> None:
    before = note.parse((folder / "manifest.note").read_bytes())
    lines = before.text.split("\n")
    lines[3] = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    text = "\n".join(lines)
    signatures = list(before.signatures) if signer is None else [signer.sign(text)]
    (folder / "manifest.note").write_text(note.build(text, signatures), encoding="utf-8")
