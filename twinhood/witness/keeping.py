"""What a witness keeps: its key, and what it saw last."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from twinhood.translog.core import b64, note
from twinhood.translog.core.note import BadNote, Checkpoint, Key
from twinhood.witness.errors import BadFile

try:
    import fcntl
except ImportError:  # Windows: there two witnesses with one state file are not noticed.
    fcntl = None  # type: ignore[assignment]

_HEAD = "PRIVATE+KEY"


@dataclass(frozen=True, slots=True)
class Signer:
    """A witness's key with its secret."""

    key: Key
    private: Ed25519PrivateKey

    def cosign(self, text: str, time_s: int) -> note.Signature:
        """Sign a checkpoint's text (C2SP tlog-cosignature, v1) at a time (Unix, s)."""
        message = note.cosigned_message(text, time_s)
        return note.cosignature(self.key, time_s, self.private.sign(message))


def make_key(name: str, path: Path) -> Key:
    """Make a key in a file that only its owner reads. Raises BadFile; never replaces a file."""
    private = Ed25519PrivateKey.generate()
    key = Key(name, private.public_key().public_bytes_raw(), note.COSIGNATURE)
    try:
        note.parse_vkey(key.vkey)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except BadNote as problem:
        raise BadFile(f"{name!r} is no name for a key: {problem}") from problem
    except OSError as problem:
        raise BadFile(f"{path}: {problem.strerror}") from problem
    secret = b64.encode(bytes([note.COSIGNATURE]) + private.private_bytes_raw())
    with open(number, "w", encoding="utf-8") as file:
        file.write(f"{_HEAD}+{name}+{key.hash.hex()}+{secret}\n")
        file.flush()
        os.fsync(file.fileno())
    _force_folder(path)
    return key


def read_key(path: Path) -> Signer:
    """Read a key's file. Raises BadFile."""
    try:
        line = path.read_text(encoding="utf-8").removesuffix("\n")
        *head, name, told, encoded = line.split("+", 4)
        secret = b64.decode(encoded, 33)
    except OSError as problem:
        raise BadFile(f"{path}: {problem.strerror}") from problem
    except ValueError as problem:
        raise BadFile(f"{path} holds no key") from problem
    private = Ed25519PrivateKey.from_private_bytes(secret[1:])
    key = Key(name, private.public_key().public_bytes_raw(), secret[0])
    if "+".join(head) != _HEAD or key.hash.hex() != told or key.kind != note.COSIGNATURE:
        raise BadFile(f"{path} holds no witness's key")
    return Signer(key, private)


@dataclass(frozen=True, slots=True)
class State:
    """What was seen last: the log's key, its note, and our cosignature under it."""

    log: str
    note: str
    cosignature: str
    is_handed_in: bool

    @property
    def checkpoint(self) -> Checkpoint:
        return note.parse_checkpoint(note.parse(self.note).text)


def read_state(path: Path) -> State | None:
    """What was seen last; None if nothing was yet. Raises BadFile."""
    try:
        told = json.loads(path.read_bytes())
        state = State(**{field.name: told[field.name] for field in fields(State)})
        note.parse_vkey(state.log)
        if state.note:
            note.open_note(state.note, note.parse_vkey(state.log))
            note.parse_checkpoint(note.parse(state.note).text)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise BadFile(f"{path}: {problem.strerror}") from problem
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise BadFile(f"{path} is no witness's state") from problem
    return state


def write_state(path: Path, state: State) -> None:
    """Replace the state in one step; it is on the disk when this returns. Raises BadFile."""
    data = json.dumps(asdict(state), sort_keys=True, indent=1).encode() + b"\n"
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(handle)
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        _force_folder(path)
    except OSError as problem:
        raise BadFile(f"{path}: {problem.strerror}") from problem


def keep_evidence(path: Path, data: bytes) -> Path:
    """Put what contradicts the state beside it, under a name that is free."""
    number = 1
    while (beside := path.with_name(f"{path.name}.fork-{number}")).exists():
        number += 1
    beside.write_bytes(data)
    return beside


def _force_folder(path: Path) -> None:
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.absolute().parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a state against a second witness. Raises BadFile if there is one."""
    try:
        lock = open(path.with_name(f"{path.name}.lock"), "w", encoding="utf-8")  # noqa: SIM115
    except OSError as problem:
        raise BadFile(f"{path}: {problem.strerror}") from problem
    with lock:
        try:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise BadFile(f"{path}: another witness is using it") from problem
        yield
