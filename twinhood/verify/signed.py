"""Who signed what: the manifest, the checkpoint, its cosignatures, and the keys they are by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from twinhood.translog.core import note
from twinhood.translog.core.note import BadNote, Checkpoint, Key
from twinhood.verify.container import Container
from twinhood.verify.errors import Fails, Said
from twinhood.verify.reading import fields_of, hash_of, small

MANIFEST, MANIFEST_NOTE, CHECKPOINT, KEYS = (
    "manifest.json",
    "manifest.note",
    "checkpoint",
    "keys.json",
)
KIND = "twinhood public file"


@dataclass(frozen=True, slots=True)
class Trust:
    """What the reader brings: keys known from elsewhere, and how many witnesses there must be."""

    log_key: Key | None = None
    witnesses: tuple[Key, ...] = ()
    required: int = 0


@dataclass(frozen=True, slots=True)
class Keys:
    """The log's keys, the current one last, and those of the witnesses that the file names."""

    log: tuple[Key, ...]
    witnesses: tuple[Key, ...]

    @property
    def current(self) -> Key:
        return self.log[-1]


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A witness's word, when it gave it (Unix, s), and whether the reader named the witness."""

    key: Key
    time_s: int
    is_trusted: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """Which files there are, with size and SHA-256, for which tree."""

    partnership: str
    files: dict[str, tuple[int, str]]
    checkpoint: Checkpoint


def keys_of(container: Container, trust: Trust) -> Keys:
    """Read keys.json. Raises Fails, also if the reader's key of the log is not there."""
    fields = fields_of(small(container, KEYS), KEYS, {"log", "witnesses"})
    keys = Keys(
        tuple(key_of(line, KEYS, note.ED25519) for line in _texts(fields["log"])),
        tuple(key_of(line, KEYS, note.COSIGNATURE) for line in _texts(fields["witnesses"])),
    )
    if not keys.log or len(set(keys.log)) < len(keys.log):
        raise Fails(KEYS, "the log's keys, each once", fields["log"])
    expect_key(trust, keys.log, KEYS)
    return keys


def expect_key(trust: Trust, found: Sequence[Key], where: str) -> None:
    """Raise Fails unless the reader's key of the log is among those found, or there is none."""
    if trust.log_key is not None and trust.log_key not in found:
        raise Fails(where, f"the log's key {trust.log_key.vkey}", Said(found[-1].vkey))


def key_of(line: object, where: str, kind: int) -> Key:
    """Read a key's line of the given kind. Raises Fails."""
    try:
        key = note.parse_vkey(line if type(line) is str else "")
    except BadNote as problem:
        raise Fails(where, "a key as name+hash+base64", line) from problem
    if key.kind != kind:
        raise Fails(where, f"a key of kind {kind}", Said(f"one of kind {key.kind}"))
    return key


def _texts(value: object) -> list[str]:
    if type(value) is not list or any(type(line) is not str for line in value):
        raise Fails(KEYS, "lists of keys", value)
    return value


def signed_text(data: bytes, key: Key, where: str) -> note.Note:
    """Read a note that `key` signed. Raises Fails."""
    try:
        return note.open_note(data, key)
    except BadNote as problem:
        raise Fails(where, f"a signature by {key.vkey}", Said(str(problem))) from problem


def has_signed(data: bytes, key: Key) -> bool:
    """Whether a note says that it is signed by `key`; not yet whether that verifies."""
    try:
        return note.parse(data).by(key) is not None
    except BadNote:
        return False


def checkpoint_of(data: bytes, key: Key, where: str = CHECKPOINT) -> Checkpoint:
    """Read a checkpoint that the log's key signed. Raises Fails."""
    try:
        found = note.parse_checkpoint(signed_text(data, key, where).text)
    except BadNote as problem:
        raise Fails(where, "origin, size and root", Said(str(problem))) from problem
    if found.origin != key.name:
        raise Fails(where, f"the origin {key.name}", found.origin)
    return found


def witnessed(data: bytes, keys: Keys, trust: Trust, *, names_all: bool = True) -> list[Witnessed]:
    """Verify every cosignature of a checkpoint. Raises Fails, also where too few are there.

    What is by nobody's key that is known fails too, unless the keys do not claim to name all.
    """
    read = note.parse(data)
    known = dict.fromkeys([*trust.witnesses, *keys.witnesses])
    found = []
    for signature in read.signatures:
        if signature.is_by(keys.current):
            continue
        by = next((key for key in known if signature.is_by(key)), None)
        if by is None and not names_all:
            continue
        if by is None:
            raise Fails(CHECKPOINT, "signatures by keys of keys.json alone", signature.name)
        try:
            note.verify(read.text, signature, by)
        except BadNote as problem:
            raise Fails(CHECKPOINT, f"a signature by {by.vkey}", Said(str(problem))) from problem
        found.append(Witnessed(by, note.cosigned_at(signature), by in trust.witnesses))
    _expect_witnesses(found, trust)
    return found


def _expect_witnesses(found: Sequence[Witnessed], trust: Trust) -> None:
    if len({one.key for one in found}) < len(found):
        raise Fails(CHECKPOINT, "each witness once", Said("one that signed twice"))
    counted = [one for one in found if one.is_trusted or not trust.witnesses]
    if len(counted) < trust.required:
        whose = "of those named" if trust.witnesses else "of those in keys.json"
        expected = f"cosignatures by at least {trust.required} witnesses {whose}"
        raise Fails(CHECKPOINT, expected, len(counted))


def manifest_of(container: Container, key: Key) -> Manifest:
    """Read the manifest, that the log signed it, and that it names every file. Raises Fails."""
    data = small(container, MANIFEST)
    fields = fields_of(
        data, MANIFEST, {"files", "kind", "log", "partnership", "root", "size", "version"}
    )
    if (fields["kind"], fields["version"]) != (KIND, 1):
        raise Fails(MANIFEST, f"{KIND}, version 1", Said("another kind or version"))
    _look_note(container, key, fields, hash_of(container, MANIFEST))
    rows = [_file_of(row) for row in _list(fields["files"])]
    files = {path: (size, digest) for path, size, digest in rows}
    if [path for path, _, _ in rows] != sorted(files):
        raise Fails(MANIFEST, "each file once, sorted by path", Said("another order"))
    named = sorted([*files, MANIFEST, MANIFEST_NOTE])
    _expect_paths(named, container.sizes)
    for path, (size, _) in files.items():
        if container.sizes[path] != size:
            raise Fails(path, f"{size} bytes ({MANIFEST})", container.sizes[path])
    found = checkpoint_of(small(container, CHECKPOINT), key)
    told = note.Checkpoint(found.origin, found.size, found.root)
    if [fields["log"], fields["size"], fields["root"]] != _as_told(told):
        raise Fails(MANIFEST, "the checkpoint's origin, size and root", fields["root"])
    return Manifest(fields["partnership"], files, found)


def _as_told(checkpoint: Checkpoint) -> list[object]:
    origin, size, root, _ = checkpoint.text.split("\n")
    return [origin, int(size), root]


def _look_note(container: Container, key: Key, fields: dict[str, Any], digest: str) -> None:
    """The log's signature over the manifest's hash; one signature and nothing else."""
    expected = f"{KIND}\n{fields['log']}\n{fields['partnership']}\n{digest}\n"
    found = signed_text(small(container, MANIFEST_NOTE), key, MANIFEST_NOTE)
    if found.text != expected:
        raise Fails(MANIFEST_NOTE, f"the hash of {MANIFEST}, {digest}", found.text)
    if len(found.signatures) > 1:
        raise Fails(MANIFEST_NOTE, "one signature", len(found.signatures))


def _list(value: object) -> list[object]:
    if type(value) is not list:
        raise Fails(MANIFEST, "a list of files", value)
    return value


def _file_of(row: object) -> tuple[str, int, str]:
    if type(row) is dict and row.keys() == {"path", "sha256", "size"}:
        path, size, digest = row["path"], row["size"], row["sha256"]
        if type(path) is str and type(size) is int and type(digest) is str:
            return path, size, digest
    raise Fails(MANIFEST, "files with path, size and sha256", row)


def _expect_paths(named: Iterable[str], there: Iterable[str]) -> None:
    named, there = list(named), list(there)
    if missing := sorted(set(named) - set(there)):
        raise Fails("the list of files", f"a file {missing[0]} ({MANIFEST} names it)", Said("none"))
    if more := sorted(set(there) - set(named)):
        raise Fails("the list of files", f"only files that {MANIFEST} names", more[0])


def look_hashes(container: Container, manifest: Manifest) -> Fails | None:
    """Return what is wrong with the first file that is not as the manifest says, if any."""
    for path, (_, digest) in manifest.files.items():
        found = hash_of(container, path)
        if found != digest:
            return Fails(path, f"SHA-256 {digest} ({MANIFEST})", Said(found))
    return None
