"""Public files made without a database: the leaves of a small world, or of a million gifts.

What is written here is written by the same pure renderers as the server's files; tree, manifest
and signatures are put together from the log's pure core.
"""

import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from twinhood.opendata.core.facts import documents
from twinhood.opendata.core.rendering import PATHS, Rendering
from twinhood.translog.core import b64, canonical, commitment, merkle, note
from twinhood.translog.core.merkle import Tree, complete_subtrees, leaf_hash
from twinhood.translog.core.note import Checkpoint, Key, Signature

PARTNERSHIP = "stamford-kramatorsk"
ORIGIN = "twinhood.example/log"
SIGNED_AT = 1_795_000_000

type Leaf = dict[str, Any]


@dataclass(frozen=True)
class Signer:
    """A private key with its public line."""

    name: str
    private: Ed25519PrivateKey
    kind: int = note.ED25519

    @property
    def key(self) -> Key:
        return Key(self.name, self.private.public_key().public_bytes_raw(), self.kind)

    def sign(self, text: str) -> Signature:
        if self.kind == note.ED25519:
            return Signature(self.key.name, self.key.hash, self.private.sign(text.encode()))
        message = note.cosigned_message(text, SIGNED_AT)
        return note.cosignature(self.key, SIGNED_AT, self.private.sign(message))


def signer(name: str, number: int, kind: int = note.ED25519) -> Signer:
    return Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32), kind)


LOG = signer(ORIGIN, 1)
OTHER_LOG = signer(ORIGIN, 2)
NEWSROOM = signer("newsroom.example", 3, note.COSIGNATURE)
TWIN_CITY = signer("twin-city.example", 4, note.COSIGNATURE)


@dataclass
class World:
    """Leaves of the whole log in order, the openings that are public, and who signs."""

    leaves: list[Leaf] = field(default_factory=list)
    openings: list[Leaf] = field(default_factory=list)
    log: Sequence[Signer] = (LOG,)
    witnesses: Sequence[Signer] = (NEWSROOM, TWIN_CITY)
    cosigned_by: Sequence[Signer] = (NEWSROOM,)
    documents: dict[str, bytes] = field(default_factory=dict)
    seq: int = 0
    # Positions of our own leaves that a liar gives out as hashes among those of others.
    hidden: frozenset[int] = frozenset()

    def enter(self, key: str, records: Sequence[Leaf], *moves: tuple[str, str, int, str]) -> None:
        """Add an entry; a move is (debit, credit, amount, currency)."""
        self.seq += 1
        leaf = {
            "date": f"2026-11-{1 + self.seq % 28:02}",
            "journal": list(records),
            "key": key,
            "kind": "entry",
            "partnership": PARTNERSHIP,
            "seq": self.seq,
            "transfers": [
                {"amount": amount, "credit": credit, "currency": currency, "debit": debit}
                for debit, credit, amount, currency in moves
            ],
        }
        if records and records[0]["kind"] == "gift":
            leaf["donor"] = b64.encode(hashlib.sha256(key.encode()).digest())
        self.leaves.append(leaf)

    def fund(self, code: str, currency: str) -> None:
        self.enter(f"fund:{code}", [{"currency": currency, "fund": code, "kind": "fund"}])

    def gift(
        self, number: int, fund: str, amount: int, fee: int = 0, currency: str = "USD"
    ) -> None:
        self.enter(*gift_of(number, fund, amount, fee, currency))

    def order(self, number: int, parts: dict[str, int], units: dict[str, int]) -> None:
        """`parts` says what each fund pays, which follows from what is free."""
        self.enter(
            f"order:O-{number}",
            [
                {
                    "funds": list(parts),
                    "key": f"order:O-{number}",
                    "kind": "order",
                    "units": [{"amount": a, "unit": unit} for unit, a in units.items()],
                }
            ],
            *((f"fund:{fund}", f"commitments:O-{number}", a, "USD") for fund, a in parts.items()),
        )

    def commit(self, facts: Leaf | None = None, *, is_public: bool = True) -> str:
        """Add a commitment; with facts that are public, its opening too."""
        facts = facts or {"kind": "none that we know"}
        salt = hashlib.sha256(b"salt" + bytes([len(self.leaves)])).digest()
        made = b64.encode(commitment.commit(facts, salt))
        self.leaves.append({"commitment": made, "kind": "commitment", "partnership": PARTNERSHIP})
        if is_public:
            self.openings.append({"commitment": made, "facts": facts, "salt": b64.encode(salt)})
        return made

    def pull_back(self, made: str) -> None:
        self.leaves.append({"commitment": made, "kind": "pulled-back", "partnership": PARTNERSHIP})

    def elsewhere(self, count: int) -> None:
        """Leaves of another partnership, which this one's file holds as hashes."""
        self.leaves += [
            {
                "commitment": b64.encode(bytes([n % 256] * 32)),
                "kind": "commitment",
                "partnership": "b",
            }
            for n in range(count)
        ]


def gift_of(
    number: int, fund: str, amount: int, fee: int, currency: str = "USD"
) -> tuple[Any, ...]:
    """What `World.enter` takes for a gift."""
    key = f"gift:{number:07X}"
    record = {"amount": amount, "fee": fee, "fund": fund, "key": key, "kind": "gift"}
    moves = [("assets:clearing:card", f"fund:{fund}", amount - fee, currency)]
    if fee:
        moves.append(("expenses:fees:card", "income:fees-covered:card", fee, currency))
    return key, [record], *moves


def small_world() -> World:
    """All kinds of entries, things with names, what is not public yet, and leaves of others."""
    world = World()
    world.elsewhere(5)
    world.fund("k-usd", "USD")
    world.fund("k-uah", "UAH")
    world.fund("k-more", "USD")
    for number in range(12):
        world.gift(number, "k-usd", 2500 + number, 98 if number % 3 else 0)
    world.elsewhere(9)
    world.commit({"kind": "thing", "unit": "3f09a1b2c3d4e5f6", "name": "n1-ambulance-1", "need": 1,
                  "number": 1, "category": "ambulance", "order": "order:O-1",
                  "supplier": {"en": "Supplier"},
                  "title": {"en": "Ambulance", "uk": "Швидка"}})  # fmt: skip
    world.commit(is_public=False)
    world.order(1, {"k-usd": 9000}, {"3f09a1b2c3d4e5f6": 5000, "aaaabbbbccccdddd": 4000})
    world.enter("payment:1", [], ("commitments:O-1", "assets:bank:main", 3000, "USD"))
    world.enter(
        "cancel:O-1:2",
        [
            {
                "key": "cancel:O-1:2",
                "kind": "cancel",
                "order": "order:O-1",
                "unit": "aaaabbbbccccdddd",
            }
        ],
        ("commitments:O-1", "fund:k-usd", 4000, "USD"),
    )
    world.enter(
        "refund:1",
        [{"amount": 2000, "key": "refund:1", "kind": "refund", "source": "gift:0000000"}],
        ("fund:k-usd", "assets:clearing:card", 2000, "USD"),
        ("operating:1", "assets:clearing:card", 30, "USD"),
    )
    world.enter(
        "exchange:1",
        [{"amount": 10_000, "fund": "k-usd", "key": "exchange:1", "kind": "exchange",
          "received": 411_111, "to": "k-uah"}],
        ("fund:k-usd", "exchange:USD", 10_000, "USD"),
        ("exchange:USD", "assets:bank:main", 10_000, "USD"),
        ("assets:bank:uah", "exchange:UAH", 411_111, "UAH"),
        ("exchange:UAH", "fund:k-uah", 411_111, "UAH"),
    )  # fmt: skip
    world.enter(
        "exchange:2",
        [{"amount": 700, "fund": "k-usd", "key": "exchange:2", "kind": "exchange",
          "received": 700, "to": "k-more"}],
        ("fund:k-usd", "fund:k-more", 700, "USD"),
    )  # fmt: skip
    world.pull_back(world.commit(is_public=False))
    world.commit({"kind": "hand-over", "act": 1, "date": "2026-11-25", "giver": {"en": "City"},
                  "photos": [hashlib.sha256(b"photo").hexdigest()], "place": {"en": "Kramatorsk"},
                  "receiver": {"en": "Hospital"}, "signed_by": {"en": "the head doctor"},
                  "units": [{"condition": "new", "serial_last4": "1234",
                             "unit": "3f09a1b2c3d4e5f6"}]})  # fmt: skip
    world.elsewhere(3)
    world.gift(100, "k-uah", 5000, 0, "UAH")
    return world


def write(world: World, folder: Path, *, is_rendered: bool = True) -> Path:
    """Write the world's public file as a folder.

    Leaves that no rendering takes are written with empty files where others would be rendered.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = [canonical.encode(leaf) for leaf in world.leaves]
    own = [
        (index, line)
        for index, (leaf, line) in enumerate(zip(world.leaves, lines, strict=True))
        if leaf["partnership"] in {PARTNERSHIP, ""} and index not in world.hidden
    ]
    write_made(folder, own if is_rendered else (), world.openings)
    _write_lines(folder / "leaves.jsonl", (line for _, line in own))
    hashes = [leaf_hash(line) for line in lines]
    others = others_of([index for index, _ in own], len(lines), hashes)
    _write_lines(folder / "others.jsonl", map(canonical.encode, others))
    for path, data in {**documents(o["facts"] for o in world.openings), **world.documents}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    for language in ("en", "uk"):
        (folder / f"README.{language}.md").write_text("# Public file\n", encoding="utf-8")
    tree = Tree()
    for line in lines:
        tree.add(line)
    seal(folder, world, tree)
    return folder


def write_made(folder: Path, own: Iterable[tuple[int, bytes]], openings: Sequence[Leaf]) -> None:
    """Write leaves and openings, and every file that follows from them."""
    (folder / "ledger").mkdir(exist_ok=True)
    files: dict[str, Any] = {}

    def put(path: str, data: bytes) -> None:
        if path not in files:
            files[path] = (folder / path).open("wb")
        files[path].write(data)

    rendering = Rendering([opening["facts"] for opening in openings], put)
    with (folder / "leaves.jsonl").open("wb") as out:
        for index, line in own:
            out.write(line + b"\n")
            rendering.add(index, canonical.decode(line))
    rendering.finish()
    for file in files.values():
        file.close()
    for path in PATHS:
        (folder / path).touch()
    _write_lines(folder / "openings.jsonl", map(canonical.encode, openings))


def _write_lines(path: Path, lines: Iterable[bytes]) -> None:
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def others_of(own: Sequence[int], size: int, hashes: Sequence[bytes]) -> Iterator[Leaf]:
    """Yield the largest whole subtrees between our own leaves."""
    begin = 0
    for index in [*own, size]:
        for start, level in complete_subtrees(begin, index):
            tree = Tree()
            for found in hashes[start : start + (1 << level)]:
                tree.add_subtree(0, found)
            yield {"hash": b64.encode(tree.root()), "level": level, "start": start}
        begin = index + 1


def zip_of(folder: Path, path: Path) -> Path:
    """Pack a folder as the server does."""
    with zipfile.ZipFile(path, "w") as packed:
        for name in sorted(
            p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()
        ):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100644 << 16
            packed.writestr(entry, (folder / name).read_bytes())
    return path


def proof_of(world: World, index: int) -> Leaf:
    """The proof of the gift at `index` of the log."""
    hashes = [leaf_hash(canonical.encode(leaf)) for leaf in world.leaves]

    def read(level: int, place: int) -> bytes:
        tree = Tree()
        for found in hashes[place << level : (place + 1) << level]:
            tree.add_subtree(0, found)
        return tree.root()

    checkpoint = Checkpoint(ORIGIN, len(hashes), merkle.root(len(hashes), read))
    signatures = [one.sign(checkpoint.text) for one in (world.log[-1], *world.cosigned_by)]
    return {
        "checkpoint": note.build(checkpoint.text, signatures),
        "index": index,
        "key": world.log[-1].key.vkey,
        "kind": "twinhood proof of a gift",
        "leaf": world.leaves[index],
        "proof": [b64.encode(h) for h in merkle.inclusion_proof(index, len(hashes), read)],
        "version": 1,
        "witnesses": [one.key.vkey for one in world.cosigned_by],
    }


def seal(folder: Path, world: World, tree: Tree) -> None:
    """Write keys, checkpoint and manifest, and sign them."""
    log = world.log[-1]
    keys = {
        "log": [one.key.vkey for one in world.log],
        "witnesses": [one.key.vkey for one in world.witnesses],
    }
    (folder / "keys.json").write_bytes(canonical.encode(keys))
    checkpoint = Checkpoint(log.name, tree.size, tree.root())
    signatures = [one.sign(checkpoint.text) for one in (log, *world.cosigned_by)]
    (folder / "checkpoint").write_text(note.build(checkpoint.text, signatures), encoding="utf-8")
    write_manifest(folder, log, checkpoint)


def write_manifest(folder: Path, log: Signer, checkpoint: Checkpoint) -> None:
    """Hash what is there, and sign that."""
    manifest = {
        "files": list(files_in(folder)),
        "kind": "twinhood public file",
        "log": checkpoint.origin,
        "partnership": PARTNERSHIP,
        "root": b64.encode(checkpoint.root),
        "size": checkpoint.size,
        "version": 1,
    }
    data = canonical.encode(manifest)
    (folder / "manifest.json").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    text = f"twinhood public file\n{checkpoint.origin}\n{PARTNERSHIP}\n{digest}\n"
    (folder / "manifest.note").write_text(note.build(text, [log.sign(text)]), encoding="utf-8")


def files_in(folder: Path) -> Iterator[Leaf]:
    named = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    for name in sorted(named.keys() - {"manifest.json", "manifest.note"}):
        with named[name].open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        yield {"path": name, "sha256": digest, "size": named[name].stat().st_size}
