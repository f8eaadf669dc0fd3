"""One look at a log: is it the one that was seen before, only longer? Then cosign it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from twinhood.translog.core import b64, merkle, note, tiles
from twinhood.translog.core.merkle import EMPTY_ROOT, HASH_BYTES, BadProof
from twinhood.translog.core.note import BadNote, Checkpoint, Key
from twinhood.translog.core.tiles import BadTile, Tile
from twinhood.witness.errors import BadFile, Forked, Refused, Unreachable
from twinhood.witness.fetching import Log
from twinhood.witness.keeping import Signer, State, keep_evidence, read_state, write_state

TILE_BYTES_MAX = tiles.WIDTH * HASH_BYTES
TILES_KEPT = 64


@dataclass(frozen=True, slots=True)
class Watch:
    """A witness of one log. `state` is the file that outlives it; `now` gives Unix seconds."""

    log: Log
    signer: Signer
    state: Path
    log_key: Key | None = None
    now: Callable[[], float] = time.time

    def look(self) -> str:
        """Fetch, prove, keep, sign, hand in; return a sentence that says what was done.

        Raises Refused (nothing was signed, and a person must look), Unreachable (try again),
        BadFile.
        """
        before = self._before()
        data = self.log.get("checkpoint", note.NOTE_BYTES_MAX)
        if data is None:
            raise Unreachable("the log has no checkpoint yet")
        found = self._checkpoint_of(data, note.parse_vkey(before.log))
        try:
            is_new = self._look_history(before, found, data)
        except Forked as fork:
            beside = keep_evidence(self.state, fork.evidence)
            raise Refused(f"{fork}. Both signed notes are kept: {self.state}, {beside}") from fork
        if is_new:
            before = self._signed(before, found, data)
        elif before.is_handed_in:
            return f"nothing new: {found.size} leaves, cosigned already"
        self.log.post("cosignatures", f"{found.text}\n{before.cosignature}".encode())
        write_state(self.state, replace(before, is_handed_in=True))
        return f"cosigned {found.size} leaves, root {b64.encode(found.root)}"

    def _before(self) -> State:
        """What was seen last; the log's key is the one that a person gave, once."""
        state = read_state(self.state)
        if state is None:
            if self.log_key is None:
                raise BadFile("the first time, the log's key must be given (--log)")
            return State(self.log_key.vkey, "", "", is_handed_in=False)
        if self.log_key is not None and self.log_key.vkey != state.log:
            return replace(state, log=self.log_key.vkey)
        return state

    def _checkpoint_of(self, data: bytes, key: Key) -> Checkpoint:
        try:
            found = note.parse_checkpoint(note.open_note(data, key).text)
        except BadNote as problem:
            raise Refused(
                f"the checkpoint is not signed by the log's key {key.vkey}: {problem}. If the log "
                "has handed over to another key, make sure of that, and give the new one (--log)"
            ) from problem
        if found.origin != key.name:
            raise Refused(f"the checkpoint is of {found.origin!r}, not of {key.name!r}")
        return found

    def _look_history(self, before: State, found: Checkpoint, data: bytes) -> bool:
        """Whether there is something new; Refused unless it continues what was seen."""
        old = before.checkpoint if before.note else Checkpoint(found.origin, 0, EMPTY_ROOT)
        if found.origin != old.origin:
            raise Refused(f"the checkpoint is of {found.origin!r}, not of {old.origin!r} as before")
        if found.size < old.size:
            raise Forked(f"the log went back from {old.size} leaves to {found.size}", data)
        if found.size == old.size:
            if found.root != old.root:
                raise Forked(f"the log shows two roots for {old.size} leaves", data)
            return not before.note
        self._prove(old, found, data)
        return True

    def _prove(self, old: Checkpoint, found: Checkpoint, data: bytes) -> None:
        """Work out from the log's own tiles that its tree begins with the old one."""
        fetch = lru_cache(TILES_KEPT)(self._fetch)

        def read(level: int, index: int) -> bytes:
            return tiles.node(level, index, found.size, fetch)

        try:
            if merkle.root(found.size, read) != found.root:
                raise Refused(f"the log's tiles do not give the root of its {found.size} leaves")
            if old.size and merkle.root(old.size, read) != old.root:
                raise Forked(
                    f"the {found.size} leaves do not begin with the {old.size} seen before", data
                )
            proof = merkle.consistency_proof(old.size, found.size, read)
            merkle.check_consistency(old.size, old.root, found.size, found.root, proof)
        except (BadTile, BadProof) as problem:
            raise Refused(f"the log's tiles prove nothing: {problem}") from problem

    def _fetch(self, tile: Tile) -> bytes:
        # A tile that is still filling may be full by now, and then only be there as a full one.
        data = self.log.get(tile.path, TILE_BYTES_MAX)
        if data is None and tile != tile.full:
            data = self.log.get(tile.full.path, TILE_BYTES_MAX)
        if data is None:
            raise Unreachable(f"{tile.path}: the log does not have it")
        return data[: tile.width * HASH_BYTES]

    def _signed(self, before: State, found: Checkpoint, data: bytes) -> State:
        """Keep what will be signed, and only then let the signature out of here."""
        line = self.signer.cosign(found.text, int(self.now())).line
        state = State(before.log, data.decode(), line, is_handed_in=False)
        write_state(self.state, state)
        return state
