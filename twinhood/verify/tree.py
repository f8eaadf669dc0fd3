"""The Merkle tree of the log, out of our own leaves and the hashes that stand for all others."""

from collections.abc import Iterable, Iterator

from twinhood.translog.core import b64
from twinhood.translog.core.merkle import Tree
from twinhood.verify.errors import CannotTell, Fails, Said
from twinhood.verify.reading import fields_of, lines_of

OTHERS = "others.jsonl"
LEVEL_MAX = 62

# First leaf, level, hash.
type Subtree = tuple[int, int, bytes]


def subtrees_of(blocks: Iterable[bytes]) -> Iterator[Subtree]:
    """Yield what stands for the leaves of others, in order. Raises Fails."""
    for number, line in enumerate(lines_of(blocks, OTHERS), 1):
        where = f"{OTHERS} line {number}"
        fields = fields_of(line, where, {"hash", "level", "start"})
        start, level, told = fields["start"], fields["level"], fields["hash"]
        try:
            found = b64.decode(told, 32) if type(told) is str else b""
        except b64.NotBase64:
            found = b""
        if not (found and type(start) is int and type(level) is int and 0 <= level <= LEVEL_MAX):
            raise Fails(where, "a start, a level and the base64 of 32 bytes", line.decode())
        yield start, level, found


class Log:
    """The tree as far as it was read. `old_size` is the size whose root is to be remembered.

    `elsewhere` holds the positions [start, end) that are others' below that size, joined.
    """

    def __init__(self, others: Iterator[Subtree], old_size: int | None = None) -> None:
        self._tree = Tree()
        self._others = others
        self._other = next(others, None)
        self._old_size = old_size
        self._old_root = self._tree.root() if old_size == 0 else None
        self.elsewhere: list[tuple[int, int]] = []

    def add(self, leaf: bytes) -> int:
        """Put our next leaf where nothing else is; return its index in the log."""
        other = self._other
        if other is not None and other[0] <= self._tree.size:
            self._add_others()
        index = self._tree.size
        self._tree.add(leaf)
        if index + 1 == self._old_size:
            self._old_root = self._tree.root()
        return index

    def _add_others(self) -> None:
        tree = self._tree
        while self._other is not None and self._other[0] <= tree.size:
            start, level, found = self._other
            if start != tree.size or start % (1 << level):
                expected = f"a whole subtree that begins at leaf {tree.size} or later"
                raise Fails(OTHERS, expected, Said(f"level {level} at leaf {start}"))
            tree.add_subtree(level, found)
            if start < (self._old_size or 0):
                self._note_elsewhere(start, tree.size)
            if tree.size == self._old_size:
                self._old_root = tree.root()
            self._other = next(self._others, None)

    def _note_elsewhere(self, start: int, end: int) -> None:
        if self.elsewhere and self.elsewhere[-1][1] == start:
            start = self.elsewhere.pop()[0]
        self.elsewhere.append((start, end))

    def finish(self, size: int, root: bytes) -> None:
        """Say that all was added. Raises Fails unless that gives the checkpoint's tree."""
        found_size, found_root = self.so_far()
        if self._other is not None:
            raise Fails(OTHERS, f"nothing beyond leaf {found_size}", self._other[0])
        if found_size != size:
            raise Fails("leaves.jsonl", f"{size} leaves, with those of others", found_size)
        if found_root != root:
            found = Said(b64.encode(found_root))
            raise Fails("leaves.jsonl", f"leaves whose root is {b64.encode(root)}", found)

    def so_far(self) -> tuple[int, bytes]:
        """Size and root, with all that others have behind the last leaf."""
        self._add_others()
        return self._tree.size, self._tree.root()

    def old_root(self) -> bytes:
        """The root at the old size. Raises CannotTell if it falls among leaves of others."""
        if self._old_root is None:
            raise CannotTell(
                f"the older checkpoint ends at leaf {self._old_size}, among leaves of others that "
                "this file holds as one hash; a witness of the log can tell"
            )
        return self._old_root
