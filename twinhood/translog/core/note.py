"""Signed notes and checkpoints, as other people's tools read them.

C2SP signed-note (a text, a blank line, lines `— name base64(key hash ‖ signature)`),
tlog-checkpoint (origin, size, root) and tlog-cosignature (a witness signs the same text with a
time). Parsing is strict: a note that `build` would not have written is refused.
"""

import re
import struct
from dataclasses import dataclass
from hashlib import sha256

from twinhood.translog.core import b64, ed25519

ED25519 = 1
COSIGNATURE = 4
NOTE_BYTES_MAX = 64 * 1024
SIGNATURES_MAX = 100
KEY_HASH_BYTES = 4
_DASH = "— "
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_HASH = re.compile(r"[0-9a-f]{8}")


class BadNote(ValueError):
    """A note, checkpoint, key or signature that cannot be read, or that does not verify."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with its name: who signs, by which kind of signature (1 or 4)."""

    name: str
    public: bytes
    kind: int = ED25519

    @property
    def hash(self) -> bytes:
        """The four bytes that name the key in a signature's line."""
        told = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return sha256(told).digest()[:KEY_HASH_BYTES]

    @property
    def vkey(self) -> str:
        """The key as one line, `name+hash+base64(kind ‖ key)`."""
        return f"{self.name}+{self.hash.hex()}+{b64.encode(bytes([self.kind]) + self.public)}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One line under a note; `value` is what stands behind the key's hash."""

    name: str
    key_hash: bytes
    value: bytes

    @property
    def line(self) -> str:
        return f"{_DASH}{self.name} {b64.encode(self.key_hash + self.value)}\n"

    def is_by(self, key: Key) -> bool:
        """Whether it says that it is by `key`; not yet whether it verifies."""
        return self.name == key.name and self.key_hash == key.hash


@dataclass(frozen=True, slots=True)
class Note:
    """A text (it ends with a newline) and what is signed below it."""

    text: str
    signatures: tuple[Signature, ...]

    def by(self, key: Key) -> Signature | None:
        """The signature that says it is by `key`. Raises BadNote if it stands there twice."""
        found = [signature for signature in self.signatures if signature.is_by(key)]
        if len(found) > 1:
            raise BadNote(f"{key.name} signed twice")
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: how many leaves, and their root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64.encode(self.root)}\n"


def parse_vkey(line: str) -> Key:
    """Read a key's line. Raises BadNote."""
    name, first, rest = line.partition("+")
    told, second, encoded = rest.partition("+")
    if not first or not second or not _HASH.fullmatch(told):
        raise BadNote("not a key: name+hash+base64")
    _look_at_name(name)
    try:
        data = b64.decode(encoded, 33)
    except b64.NotBase64 as problem:
        raise BadNote("not the base64 of a key") from problem
    key = Key(name, data[1:], data[0])
    if key.kind not in {ED25519, COSIGNATURE} or key.hash.hex() != told:
        raise BadNote("a key of another kind, or changed")
    return key


def build(text: str, signatures: tuple[Signature, ...] | list[Signature]) -> str:
    """Return the note as it is served. Raises BadNote for a text that no note may have."""
    _look_at_text(text)
    return text + "\n" + "".join(signature.line for signature in signatures)


def parse(data: bytes | str) -> Note:
    """Read a note strictly, with at least one signature. Raises BadNote. Verifies nothing."""
    raw = data.encode() if isinstance(data, str) else data
    if len(raw) > NOTE_BYTES_MAX:
        raise BadNote("longer than a note may be")
    try:
        whole = raw.decode()
    except UnicodeDecodeError as problem:
        raise BadNote("not UTF-8") from problem
    text, blank, below = whole.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise BadNote("no signatures below a blank line")
    text += "\n"
    _look_at_text(text)
    lines = below[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise BadNote("too many signatures")
    return Note(text, tuple(_parse_line(line) for line in lines))


def parse_signatures(data: str) -> tuple[Signature, ...]:
    """Read signature lines alone, each ended by a newline. Raises BadNote."""
    return parse("x\n\n" + data).signatures


def _parse_line(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise BadNote("not a signature's line")
    name, space, encoded = line[len(_DASH) :].partition(" ")
    if not space:
        raise BadNote("a signature without a name")
    _look_at_name(name)
    try:
        value = b64.decode(encoded)
    except b64.NotBase64 as problem:
        raise BadNote("a signature that is not canonical base64") from problem
    if len(value) <= KEY_HASH_BYTES:
        raise BadNote("a signature that is too short")
    return Signature(name, value[:KEY_HASH_BYTES], value[KEY_HASH_BYTES:])


def _look_at_name(name: str) -> None:
    if not name or "+" in name or len(name) > 200 or any(c.isspace() or c < " " for c in name):
        raise BadNote("a key's name is a word without spaces or +")


def _look_at_text(text: str) -> None:
    if not text.endswith("\n") or len(text) < 2:
        raise BadNote("a note's text ends with a newline")
    if any((c < " " and c != "\n") or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in text):
        raise BadNote("a control character")


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text: origin, size, root, and nothing else. Raises BadNote."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise BadNote("a checkpoint has three lines")
    origin, size, root = lines[:3]
    if not _SIZE.fullmatch(size) or int(size) >= 2**63:
        raise BadNote("a checkpoint's size is a whole number")
    try:
        return Checkpoint(origin, int(size), b64.decode(root, 32))
    except b64.NotBase64 as problem:
        raise BadNote("a checkpoint's root is 32 bytes in base64") from problem


def cosigned_message(text: str, time_s: int) -> bytes:
    """The bytes that a witness signs: the note's text under a line with the time."""
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


def cosignature(key: Key, time_s: int, signature: bytes) -> Signature:
    """Put a witness's Ed25519 signature (64 bytes) and its time (Unix, s) into a line."""
    return Signature(key.name, key.hash, struct.pack(">Q", time_s) + signature)


def cosigned_at(signature: Signature) -> int:
    """When a witness says it signed (Unix, s); 0 if it does not say."""
    return int.from_bytes(signature.value[:8], "big")


def verify(text: str, signature: Signature, key: Key) -> None:
    """Raise BadNote unless `signature` is that of `key` over `text`, by either kind."""
    if not signature.is_by(key):
        raise BadNote(f"not signed by {key.name}")
    if key.kind == ED25519:
        message, value = text.encode(), signature.value
    else:
        if len(signature.value) != 72:
            raise BadNote("a cosignature has 72 bytes")
        message = cosigned_message(text, cosigned_at(signature))
        value = signature.value[8:]
    if not ed25519.verify(key.public, message, value):
        raise BadNote(f"the signature of {key.name} does not fit")


def open_note(data: bytes | str, key: Key) -> Note:
    """Read a note and verify that `key` signed it. Raises BadNote."""
    found = parse(data)
    signature = found.by(key)
    if signature is None:
        raise BadNote(f"not signed by {key.name}")
    verify(found.text, signature, key)
    return found
