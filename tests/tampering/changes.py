"""Ways to change a public file. Each takes a genuine one and chance, and leaves an altered one.

A change returns the path to look at, and the options with which it must be told; with none, it
must be told by the file alone.
"""

import json
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.tampering.genuine import (
    LEVELS,
    Genuine,
    Leaf,
    and_signed,
    leaves_in,
    manifest_anew,
    note_anew,
)
from twinhood.opendata.core.rendering import PATHS
from twinhood.translog.core import b64, canonical, note
from twinhood.translog.core.note import Signature
from twinhood.verify.tests.files import Signer, signer

STRANGER = 66


@dataclass(frozen=True, slots=True)
class Altered:
    """What to look at, and with which options; and what must be said, if it is known."""

    path: Path
    options: tuple[str, ...] = ()
    must_say: str = ""


type Change = Callable[[Genuine, Random, Path], Altered]


def stranger(genuine: Genuine) -> Signer:
    """Somebody else's key under the log's own name."""
    return signer(note.parse_vkey(genuine.log_vkey).name, STRANGER)


# Bytes


def a_bit_of_the_zip(genuine: Genuine, chance: Random, to: Path) -> Altered:
    whole = bytearray(genuine.zipped(to))
    whole[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
    to.write_bytes(whole)
    return Altered(to)


def a_bit_of_a_file(genuine: Genuine, chance: Random, to: Path) -> Altered:
    path = _some_file(genuine.copy(to), chance)
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    return Altered(to)


def a_byte_more_or_less(genuine: Genuine, chance: Random, to: Path) -> Altered:
    path = _some_file(genuine.copy(to), chance)
    data = path.read_bytes()
    place = chance.randrange(len(data))
    kept = place + chance.choice([0, 1])
    path.write_bytes(data[:place] + b"0" * (1 - (kept - place)) + data[kept:])
    return Altered(to)


def a_swapped_block(genuine: Genuine, chance: Random, to: Path) -> Altered:
    whole = genuine.zipped(to)
    length = chance.randrange(8, 64)
    first, second = sorted(chance.sample(range(0, len(whole) - length, length), 2))
    swapped = (
        whole[:first]
        + whole[second : second + length]
        + whole[first + length : second]
        + whole[first : first + length]
        + whole[second + length :]
    )
    to.write_bytes(swapped if swapped != whole else whole[:-1])
    return Altered(to)


def _some_file(folder: Path, chance: Random) -> Path:
    there = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    return chance.choice(there)


# Entries


def _hidden(genuine: Genuine, chance: Random, to: Path, leaves: list[Leaf]) -> Altered:
    """Hide a change of leaves as far as somebody without the log's key can."""
    chance.choice(LEVELS)(genuine.copy(to), leaves)
    return Altered(to)


def _gifts(leaves: list[Leaf]) -> list[Leaf]:
    return [leaf for leaf in leaves if leaf.get("donor")]


def another_amount(genuine: Genuine, chance: Random, to: Path) -> Altered:
    leaves = leaves_in(genuine.folder)
    _grow(chance.choice(_gifts(leaves)), chance.randint(1, 900))
    return _hidden(genuine, chance, to, leaves)


def _grow(gift: Leaf, by: int) -> None:
    gift["journal"][0]["amount"] += by
    gift["transfers"][0]["amount"] += by


def another_transfer(genuine: Genuine, chance: Random, to: Path) -> Altered:
    leaves = leaves_in(genuine.folder)
    moved = chance.choice([leaf for leaf in leaves if leaf.get("transfers")])
    chance.choice(moved["transfers"])["amount"] += chance.choice([-1, 1, 100])
    return _hidden(genuine, chance, to, leaves)


def another_date(genuine: Genuine, chance: Random, to: Path) -> Altered:
    leaves = leaves_in(genuine.folder)
    entry = chance.choice([leaf for leaf in leaves if leaf["kind"] == "entry"])
    entry["date"] = "2021-01-01" if entry["date"] != "2021-01-01" else "2021-01-02"
    return _hidden(genuine, chance, to, leaves)


def another_donor(genuine: Genuine, chance: Random, to: Path) -> Altered:
    leaves = leaves_in(genuine.folder)
    chance.choice(_gifts(leaves))["donor"] = b64.encode(chance.randbytes(32))
    return _hidden(genuine, chance, to, leaves)


def an_entry_left_out(genuine: Genuine, chance: Random, to: Path) -> Altered:
    leaves = leaves_in(genuine.folder)
    left_out = leaves.pop(chance.randrange(len(leaves)))
    if chance.random() < 0.5 and left_out["kind"] == "entry":
        for leaf in leaves:
            leaf["seq"] = leaf.get("seq", 0) - (leaf.get("seq", 0) > left_out["seq"])
            if leaf["kind"] != "entry":
                del leaf["seq"]
    return _hidden(genuine, chance, to, leaves)


def an_entry_twice(genuine: Genuine, chance: Random, to: Path) -> Altered:
    leaves = leaves_in(genuine.folder)
    place = chance.randrange(len(leaves))
    leaves.insert(chance.randrange(place, len(leaves) + 1), leaves[place])
    return _hidden(genuine, chance, to, leaves)


def two_entries_swapped(genuine: Genuine, chance: Random, to: Path) -> Altered:
    leaves = leaves_in(genuine.folder)
    first, second = chance.sample(range(len(leaves)), 2)
    leaves[first], leaves[second] = leaves[second], leaves[first]
    return _hidden(genuine, chance, to, leaves)


def an_entry_made_up(genuine: Genuine, chance: Random, to: Path) -> Altered:
    leaves = leaves_in(genuine.folder)
    gift = json.loads(json.dumps(chance.choice(_gifts(leaves))))
    gift["key"] = gift["journal"][0]["key"] = f"gift:{chance.randrange(16**7):07X}"
    gift["seq"] = 1 + max(leaf.get("seq", 0) for leaf in leaves)
    leaves.append(gift)
    return _hidden(genuine, chance, to, leaves)


def a_line_of_the_leaves_written_otherwise(genuine: Genuine, chance: Random, to: Path) -> Altered:
    """The same value in JSON that is not canonical."""
    folder = genuine.copy(to)
    lines = (folder / "leaves.jsonl").read_bytes().splitlines()
    place = chance.randrange(len(lines))
    value = json.loads(lines[place])
    loose = [
        json.dumps(value),
        json.dumps(value, separators=(",", ":"), ensure_ascii=True, indent=0).replace("\n", " "),
        json.dumps(dict(reversed(value.items())), separators=(",", ":")),
        lines[place].decode() + " ",
        lines[place].decode().replace('"kind"', '"\\u006bind"', 1),
    ]
    lines[place] = chance.choice(loose).encode()
    (folder / "leaves.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    if chance.random() < 0.5:
        manifest_anew(folder)
    return Altered(to)


# Signatures


def signed_by_another(genuine: Genuine, chance: Random, to: Path) -> Altered:
    """All of it made anew and signed, with another key; whoever knows the right one sees that."""
    folder = genuine.copy(to)
    leaves = leaves_in(folder)
    _grow(chance.choice(_gifts(leaves)), 100)
    other = stranger(genuine)
    told = {"log": [other.key.vkey], "witnesses": []}
    (folder / "keys.json").write_bytes(canonical.encode(told))
    and_signed(folder, leaves, other)
    return Altered(to, ("--key", genuine.log_vkey), other.key.vkey)


def signed_by_another_that_no_leaf_names(genuine: Genuine, chance: Random, to: Path) -> Altered:
    """The right key stays in the list; another is put behind it and signs."""
    folder = genuine.copy(to)
    told = json.loads((folder / "keys.json").read_bytes())
    other = stranger(genuine)
    told["log"] = chance.choice([[*told["log"], other.key.vkey], [other.key.vkey, *told["log"]]])
    (folder / "keys.json").write_bytes(canonical.encode(told))
    and_signed(folder, leaves_in(folder), other)
    return Altered(to, ("--key", genuine.log_vkey))


def signed_by_the_owner_against_the_past(genuine: Genuine, chance: Random, to: Path) -> Altered:
    """The log's owner changes what was; an older checkpoint tells, and so do witnesses."""
    if genuine.log is None:
        return signed_by_another(genuine, chance, to)
    folder = genuine.copy(to)
    leaves = leaves_in(folder)
    _grow(_gifts(leaves)[0], 5)
    and_signed(folder, leaves, genuine.log)
    witnesses = [word for key in genuine.witness_vkeys[:1] for word in ("--witness", key)]
    since = ["--since", str(genuine.older / "checkpoint")]
    return Altered(to, tuple(chance.choice([since, witnesses or since])))


def a_forged_cosignature(genuine: Genuine, chance: Random, to: Path) -> Altered:
    if not genuine.witness_vkeys:
        return signed_by_another(genuine, chance, to)
    folder = genuine.copy(to)
    read = note.parse((folder / "checkpoint").read_bytes())
    witness = note.parse_vkey(chance.choice(genuine.witness_vkeys))
    forger = Signer(witness.name, stranger(genuine).private, note.COSIGNATURE)
    forged = [
        Signature(witness.name, witness.hash, chance.randbytes(72)),
        Signature(witness.name, witness.hash, forger.sign(read.text).value),
        forger.sign(read.text),
        Signature(witness.name, witness.hash, bytes(72)),
    ]
    kept = [one for one in read.signatures if not one.is_by(witness)]
    lines = [*kept, chance.choice(forged)]
    (folder / "checkpoint").write_text(note.build(read.text, lines), encoding="utf-8")
    if chance.random() < 0.7:
        manifest_anew(folder)
    return Altered(to, ("--witness", witness.vkey))


def cosignatures_taken_away(genuine: Genuine, chance: Random, to: Path) -> Altered:
    if not genuine.witness_vkeys:
        return signed_by_another(genuine, chance, to)
    folder = genuine.copy(to)
    read = note.parse((folder / "checkpoint").read_bytes())
    by_log = [one for one in read.signatures if one.is_by(note.parse_vkey(genuine.log_vkey))]
    (folder / "checkpoint").write_text(note.build(read.text, by_log), encoding="utf-8")
    if chance.random() < 0.5:
        manifest_anew(folder)
    return Altered(to, ("--witness", genuine.witness_vkeys[0]))


def an_older_checkpoint(genuine: Genuine, chance: Random, to: Path) -> Altered:
    folder = genuine.copy(to)
    taken = ["checkpoint"]
    taken += chance.sample(["manifest.json", "manifest.note", "leaves.jsonl", "others.jsonl"], 2)
    for name in taken:
        (folder / name).write_bytes((genuine.older / name).read_bytes())
    if chance.random() < 0.5:
        manifest_anew(folder)
    return Altered(to)


def an_older_file(genuine: Genuine, chance: Random, to: Path) -> Altered:
    """All of it is genuine, only of the past: whoever has seen a newer one is not deceived."""
    newer = genuine.folder / "checkpoint" if chance.random() < 0.5 else genuine.folder
    return Altered(genuine.older, ("--since", str(newer)))


# Files


def another_derived_file(genuine: Genuine, chance: Random, to: Path) -> Altered:
    folder = genuine.copy(to)
    path = folder / chance.choice([path for path in PATHS if (folder / path).stat().st_size])
    data = bytearray(path.read_bytes())
    digits = [place for place, byte in enumerate(data) if byte in b"0123456789"]
    place = chance.choice(digits)
    data[place] = ord("0") + (data[place] - ord("0") + chance.randint(1, 9)) % 10
    path.write_bytes(data)
    if chance.random() < 0.7:
        manifest_anew(folder)
        if genuine.log is not None and chance.random() < 0.7:
            note_anew(folder, genuine.log)
    return Altered(to)


def openings_mixed_up(genuine: Genuine, chance: Random, to: Path) -> Altered:
    folder = genuine.copy(to)
    path = folder / "openings.jsonl"
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    first, second = chance.sample(rows, 2)
    name = chance.choice(["facts", "salt", "commitment"])
    first[name], second[name] = second[name], first[name]
    if chance.random() < 0.3:
        rows.remove(first)
    path.write_bytes(b"".join(canonical.encode(row) + b"\n" for row in rows))
    if chance.random() < 0.7:
        manifest_anew(folder)
        if genuine.log is not None and chance.random() < 0.7:
            note_anew(folder, genuine.log)
    return Altered(to)


def a_file_more_less_or_renamed(genuine: Genuine, chance: Random, to: Path) -> Altered:
    folder = genuine.copy(to)
    path = _some_file(folder, chance)
    match chance.randrange(4):
        case 0:
            path.unlink()
        case 1:
            path.rename(path.with_name(f"{path.name}x"))
        case 2:
            path.with_name("more.txt").write_text("more")
        case _:
            path.unlink()
            path.symlink_to(genuine.folder / "README.en.md")
    is_whole = (folder / "manifest.json").exists() and (folder / "checkpoint").exists()
    if is_whole and not path.is_symlink() and chance.random() < 0.5:
        manifest_anew(folder)
    return Altered(to)


# The zip


def _entries(genuine: Genuine) -> list[tuple[zipfile.ZipInfo, bytes]]:
    found = []
    for path in sorted(p for p in genuine.folder.rglob("*") if p.is_file()):
        about = zipfile.ZipInfo(path.relative_to(genuine.folder).as_posix())
        about.external_attr = 0o100644 << 16
        found.append((about, path.read_bytes()))
    return sorted(found, key=lambda entry: entry[0].filename)


def _write_zip(
    to: Path, entries: list[tuple[zipfile.ZipInfo, bytes]], comment: bytes = b""
) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(to, "w") as packed:
        warnings.simplefilter("ignore")  # one name twice is what we want
        packed.comment = comment
        for about, data in entries:
            packed.writestr(about, data)


def packed_otherwise(genuine: Genuine, chance: Random, to: Path) -> Altered:
    """The same files in another zip."""
    entries = _entries(genuine)
    about, data = chance.choice(entries)
    comment = b""
    match chance.randrange(9):
        case 0:
            about.compress_type = zipfile.ZIP_DEFLATED
        case 1:
            about.date_time = (2026, 11, 25, 1, 2, 4)
        case 2:
            about.external_attr = 0o100755 << 16
        case 3:
            about.extra = struct.pack("<HH4s", 0x7075, 4, b"more")
        case 4:
            about.comment = b"a comment"
        case 5:
            comment = b"a comment"
        case 6:
            chance.shuffle(entries)
            entries.sort(key=lambda entry: entry[0].filename == "checkpoint")
        case 7:
            about.create_system = 0
        case _:
            entries.append((about, data))
    _write_zip(to, entries, comment)
    return Altered(to)


def bytes_around_the_zip(genuine: Genuine, chance: Random, to: Path) -> Altered:
    whole = genuine.zipped(to)
    match chance.randrange(4):
        case 0:
            whole += chance.randbytes(chance.randint(1, 30))
        case 1:
            whole = chance.randbytes(chance.randint(1, 30)) + whole
        case 2:
            whole = whole[: chance.randrange(len(whole))]
        case _:
            whole = whole[chance.randrange(1, len(whole)) :]
    to.write_bytes(whole)
    return Altered(to)


def one_zip_in_front_of_another(genuine: Genuine, chance: Random, to: Path) -> Altered:
    whole = genuine.zipped(to)
    to.write_bytes(whole + whole)
    return Altered(to)


CHANGES: tuple[Change, ...] = (
    a_bit_of_the_zip, a_bit_of_a_file, a_byte_more_or_less, a_swapped_block,
    another_amount, another_transfer, another_date, another_donor, an_entry_left_out,
    an_entry_twice, two_entries_swapped, an_entry_made_up, a_line_of_the_leaves_written_otherwise,
    signed_by_another, signed_by_another_that_no_leaf_names, signed_by_the_owner_against_the_past,
    a_forged_cosignature, cosignatures_taken_away, an_older_checkpoint, an_older_file,
    another_derived_file, openings_mixed_up, a_file_more_less_or_renamed,
    packed_otherwise, bytes_around_the_zip, one_zip_in_front_of_another,
)  # fmt: skip
