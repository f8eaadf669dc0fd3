"""A public file as a whole: signatures, hashes, then everything that follows from its leaves."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from twinhood.ledger.core.fields import shown
from twinhood.ledger.core.journal import Order
from twinhood.opendata.core.facts import BadFacts, Facts, documents, expect_facts
from twinhood.opendata.core.leaf import BadLeaf
from twinhood.opendata.core.rendering import PATHS, Rendering
from twinhood.translog.core import b64, commitment
from twinhood.translog.core.keys import read_hand_over
from twinhood.translog.core.note import BadNote, Checkpoint
from twinhood.verify.books import Books, Wrong
from twinhood.verify.container import Container
from twinhood.verify.errors import Fails, Said
from twinhood.verify.leaves import LEAVES, leaf_of, where
from twinhood.verify.older import Older
from twinhood.verify.reading import Compared, fields_of, lines_of, small
from twinhood.verify.signed import (
    CHECKPOINT,
    KEYS,
    MANIFEST,
    MANIFEST_NOTE,
    Keys,
    Trust,
    Witnessed,
    checkpoint_of,
    has_signed,
    keys_of,
    look_hashes,
    manifest_of,
    witnessed,
)
from twinhood.verify.tables import look_tables
from twinhood.verify.tree import OTHERS, Log, subtrees_of

OPENINGS = "openings.jsonl"
NEEDED = (*PATHS, LEAVES, OTHERS, OPENINGS)
OPENING_MAX = 1024 * 1024


@dataclass(slots=True)
class Found:
    """What holds of a public file."""

    partnership: str
    checkpoint: Checkpoint
    keys: Keys
    witnesses: list[Witnessed]
    entries: int = 0
    gifts: int = 0
    # By currency, in minor units: what gifts amount to, fees too.
    given: dict[str, int] = field(default_factory=dict)
    # Leaves of kinds that this program does not know, by kind.
    unknown: dict[str, int] = field(default_factory=dict)
    # The index in the log of each revision of a signed paper, by its SHA-256.
    papers: dict[str, int] = field(default_factory=dict)
    # Those that nobody signs: the log alone vouches for them.
    sealed: dict[str, int] = field(default_factory=dict)
    old: Checkpoint | None = None
    # Files whose bytes the manifest's signature alone vouches for.
    only_signed: list[str] = field(default_factory=list)


def verify(container: Container, trust: Trust, older: Older | None = None) -> Found:
    """Verify all that is in the file, and that it continues the older one, if given.

    Raises Fails, and CannotTell for an older checkpoint that is out of reach.
    """
    keys = keys_of(container, trust)
    manifest = manifest_of(container, keys.current)
    witnesses = witnessed(small(container, CHECKPOINT), keys, trust)
    for path in NEEDED:
        if path not in container.sizes:
            raise Fails("the list of files", f"a file {path}", Said("none"))
    found = Found(manifest.partnership, manifest.checkpoint, keys, witnesses)
    if older is not None:
        found.old = _old_checkpoint(older.note, found)
    altered = look_hashes(container, manifest)
    if altered is not None:
        raise _seen_closer(container, found, altered)
    recomputed = Recomputation(container, found)
    recomputed.run()
    if older is not None and found.old is not None:
        older.look(found.old.size, recomputed.elsewhere)
    return found


def _old_checkpoint(data: bytes, found: Found) -> Checkpoint:
    """Read it; one of the log's keys signed it, and it is not longer than this one."""
    where = "the older checkpoint"
    by = next((key for key in found.keys.log if has_signed(data, key)), found.keys.current)
    old = checkpoint_of(data, by, where)
    if old.size > found.checkpoint.size:
        raise Fails("checkpoint", f"{old.size} leaves or more, as before", found.checkpoint.size)
    return old


def _seen_closer(container: Container, found: Found, altered: Fails) -> Fails:
    """Say where in a file with a wrong hash the first wrong line is, if that can be seen."""
    try:
        Recomputation(container, found).run()
    except Fails as seen:
        return Fails(altered.where, altered.expected, Said(altered.found), seen)
    return altered


def _told_once(facts: Facts) -> Iterator[tuple[object, ...]]:
    """What some facts say that no others may say again."""
    match facts["kind"]:
        case "thing":
            yield "thing", facts["unit"]
        case "hand-over":
            yield "act", facts["act"]
            yield from (("hand-over of", line["unit"]) for line in facts["units"])
            yield from (("hand-over of", line["key"]) for line in facts.get("given", ()))
        case "follow-up":
            yield "follow-up of", facts["unit"], facts["months"]
        case "incident":
            yield "incident", facts["incident"]
        case "approval":
            # A change voids what was approved before; then there is a first approval again.
            yield "approval", facts["order"], facts["content"], facts["number"]


class Recomputation:
    """One pass over the leaves: the tree, the books, the line, and every file made of them."""

    def __init__(self, container: Container, found: Found) -> None:
        self._container = container
        self._found = found
        self._openings = dict(self._read_openings())
        # Commitments opened here whose leaf was not met yet.
        self._unmet = set(self._openings)
        # The next revision of each signed paper, by its code.
        self._papers: dict[str, int] = {}
        self._files = {path: Compared(path, container.read(path)) for path in PATHS}
        self._rendering = Rendering(list(self._openings.values()), self._write)
        self._books = Books(self._rendering.journal)
        subtrees = subtrees_of(container.read(OTHERS))
        self._log = Log(subtrees, None if found.old is None else found.old.size)
        self._keys = [found.keys.log[0]]

    @property
    def elsewhere(self) -> list[tuple[int, int]]:
        """Which positions below the older size are others'."""
        return self._log.elsewhere

    def run(self) -> None:
        """Raises Fails, CannotTell."""
        self._look_names()
        for number, line in enumerate(lines_of(self._container.read(LEAVES), LEAVES), 1):
            self._add(number, line)
        self._rendering.finish()
        for file in self._files.values():
            file.close()
        self._books.finish()
        checkpoint = self._found.checkpoint
        self._log.finish(checkpoint.size, checkpoint.root)
        if self._unmet:
            raise Fails(OPENINGS, "commitments that are in the log", min(self._unmet))
        if self._keys != list(self._found.keys.log):
            raise Fails(KEYS, "the keys that were handed over in the log", Said("others"))
        self._look_things()
        self._look_old()
        self._look_documents()
        found, books = self._found, self._books
        found.entries, found.gifts, found.given = books.seq, books.gifts, books.given

    def _write(self, path: str, data: bytes) -> None:
        self._files[path].write(data)

    def _add(self, number: int, line: bytes) -> None:
        """Take the next leaf. Raises Fails, which names it."""
        leaf, kind = leaf_of(line, number)
        try:
            index = self._log.add(line)
            self._rendering.add(index, leaf, kind)
            if kind == "entry":
                self._books.enter(leaf)
            if leaf["partnership"] != self._found.partnership:
                self._look_elsewhere(leaf)
            elif kind != "entry":
                self._add_fact(leaf, index)
        except BadLeaf as why:
            raise Fails(where(number, leaf), "a leaf of its form", Said(str(why))) from why
        except Wrong as wrong:
            raise Fails(where(number, leaf), wrong.expected, wrong.found) from wrong

    def _look_elsewhere(self, leaf: Facts) -> None:
        """What is no partnership's concerns the log: its keys."""
        if leaf["kind"] != "key" or leaf["partnership"]:
            raise Wrong(f"leaves of {self._found.partnership} alone", leaf["partnership"])
        try:
            old, new = read_hand_over(leaf)
        except BadNote as problem:
            raise Wrong("a key handed over by the one before", Said(str(problem))) from problem
        if old != self._keys[-1]:
            raise Wrong(f"a key handed over by {self._keys[-1].vkey}", old.vkey)
        self._keys.append(new)

    def _add_fact(self, leaf: Facts, index: int) -> None:
        kind = leaf["kind"]
        if kind == "commitment":
            self._unmet.discard(leaf["commitment"])
        elif kind == "pulled-back":
            if leaf["commitment"] in self._openings:
                raise Wrong("no opening of what was pulled back", leaf["commitment"])
        elif kind == "paper":
            self._look_paper(leaf)
            self._found.papers[leaf["sha256"]] = index
        elif kind == "sealed":
            self._found.sealed[leaf["sha256"]] = index
        else:
            self._found.unknown[kind] = self._found.unknown.get(kind, 0) + 1

    def _look_paper(self, leaf: Facts) -> None:
        """Revisions of a paper stand in their order, each once; other bytes are another one."""
        expected = self._papers.get(leaf["code"], 0)
        if leaf["revision"] != expected:
            raise Wrong(f"revision {expected} of paper {shown(leaf['code'])}", leaf["revision"])
        self._papers[leaf["code"]] = expected + 1

    def _read_openings(self) -> Any:
        """Yield the facts that are told, by commitment. Raises Fails unless they fit."""
        blocks = self._container.read(OPENINGS)
        for number, line in enumerate(lines_of(blocks, OPENINGS, OPENING_MAX), 1):
            where = f"{OPENINGS} line {number}"
            fields = fields_of(line, where, {"commitment", "facts", "salt"})
            try:
                salt = b64.decode(str(fields["salt"]), commitment.SALT_BYTES)
                facts = expect_facts(fields["facts"])
            except (b64.NotBase64, BadFacts) as problem:
                raise Fails(where, "facts and a salt", Said(shown(str(problem)))) from problem
            told = b64.encode(commitment.commit(facts, salt))
            if told != fields["commitment"]:
                raise Fails(where, f"the commitment {told}", fields["commitment"])
            yield told, facts

    def _look_things(self) -> None:
        """Each thing is one of its order and is told once; it is handed over once, by one act."""
        told: set[tuple[object, ...]] = set()
        for facts in self._openings.values():
            if facts["kind"] == "thing":
                order = self._rendering.journal.keys.get(facts["order"])
                if not isinstance(order, Order) or facts["name"] not in order.units:
                    expected = f"a thing of {shown(facts['order'])}"
                    raise Fails(OPENINGS, expected, facts["name"])
            for what in _told_once(facts):
                if what in told:
                    raise Fails(OPENINGS, f"{what[0]} {what[-1]} told once", Said("twice"))
                told.add(what)

    def _look_names(self) -> None:
        """No two things bear one name, and none bears another's code."""
        names = self._rendering.names.names
        if len(set(names.values())) < len(names) or names.keys() & set(names.values()):
            raise Fails(OPENINGS, "a name of its own for each thing", Said("one name twice"))

    def _look_old(self) -> None:
        old = self._found.old
        if old is not None and (root := self._log.old_root()) != old.root:
            expected = f"the root of the first {old.size} leaves here, {b64.encode(root)}"
            raise Fails("the older checkpoint", expected, Said(b64.encode(old.root)))

    def _look_documents(self) -> None:
        made = documents(self._openings.values())
        sizes = self._container.sizes
        for path, data in made.items():
            if path not in sizes:
                raise Fails("the list of files", f"a file {path}", Said("none"))
            file = Compared(path, self._container.read(path))
            file.write(data)
            file.close()
        compared = look_tables(self._container)
        known = {*NEEDED, *made, *compared, MANIFEST, MANIFEST_NOTE, CHECKPOINT, KEYS}
        self._found.only_signed = [path for path in sizes if path not in known]
