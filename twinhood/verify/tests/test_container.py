"""Zips and folders that were not made to be read: each is refused before anything is unpacked."""

import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from twinhood.verify import container
from twinhood.verify.errors import Fails, Unreadable

FILES = {"a.json": b"{}", "b/c.csv": b"1,2\r\n" * 500, "empty": b""}


def entry(name: str, method: int = zipfile.ZIP_STORED) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.compress_type = method
    made.external_attr = 0o100644 << 16
    return made


def packed(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, data in files.items():
            made.writestr(entry(name, method), data)
    return path


def unpacked(path: Path) -> dict[str, bytes]:
    opened = container.opened(path)
    try:
        return {name: b"".join(opened.read(name)) for name in opened.sizes}
    finally:
        opened.close()


def test_a_plain_zip_is_read(tmp_path: Path) -> None:
    assert unpacked(packed(tmp_path / "z", FILES)) == FILES


def test_a_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)

    assert unpacked(tmp_path) == FILES


def test_no_byte_of_a_stored_zip_can_change(tmp_path: Path) -> None:
    path = packed(tmp_path / "z", {"a": b"some data", "b": b"more"})
    whole = path.read_bytes()
    wrong = tmp_path / "wrong"

    for place in range(len(whole)):
        for bit in range(8):
            wrong.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
            try:
                # What is left are names, which the manifest has.
                assert unpacked(wrong).keys() != {"a", "b"}, (place, bit)
            except (Fails, Unreadable):
                continue


WRONG_PATHS = [
    "../a", "/a", "a/../b", "./a", "a//b", "a/", "a\\b", "C:a", "a:b", "a\x00b", "a b", ".hidden",
    "con\u0301", "é", "a\u202eb", "a.", "a" * 201, "", "~a", "-\n",
]  # fmt: skip


@pytest.mark.parametrize("name", WRONG_PATHS)
def test_a_path_that_could_lead_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    raw = name.encode()
    path = tmp_path / "z"
    path.write_bytes(zip_bytes([(raw, b"x")]))

    with pytest.raises((Fails, Unreadable)):
        container.opened(path)


def zip_bytes(files: list[tuple[bytes, bytes]], *, flags: int = 0, mode: int = 0o100644) -> bytes:
    """A zip as the builder lays it out, of any names."""
    body, records = b"", b""
    for name, data in files:
        sums = (zlib.crc32(data), len(data), len(data), len(name))
        start = len(body)
        body += struct.pack("<4s5H3I2H", b"PK\3\4", 20, flags, 0, 0, 0x21, *sums, 0) + name + data
        records += struct.pack(
            "<4s6H3I5H2I", b"PK\1\2", 3 << 8 | 20, 20, flags, 0, 0, 0x21, *sums, 0, 0, 0, 0,
            mode << 16, start,
        ) + name  # fmt: skip
    count = len(files)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(records), len(body), 0)
    return body + records + end


def test_the_bytes_of_these_tests_are_those_that_python_writes(tmp_path: Path) -> None:
    made = packed(tmp_path / "z", {"a": b"x", "b": b""}).read_bytes()

    assert made == zip_bytes([(b"a", b"x"), (b"b", b"")])


TWICE: list[list[tuple[bytes, bytes]]] = [
    [(b"a", b"1"), (b"a", b"2")],
    [(b"A", b"1"), (b"a", b"2")],
    [(b"a", b"1"), (b"a/b", b"2")],
    [(b"a/B/c", b"1"), (b"a/b", b"2")],
    [(b"B/a", b"1"), (b"b/a", b"2")],
    [(b"b", b"1"), (b"a", b"2")],
]


@pytest.mark.parametrize("files", TWICE)
def test_two_files_for_one_place_are_refused(
    tmp_path: Path, files: list[tuple[bytes, bytes]]
) -> None:
    path = tmp_path / "z"
    path.write_bytes(zip_bytes(files))

    with pytest.raises(Fails, match="the list of files"):
        container.opened(path)


def test_an_encrypted_entry_and_a_symbolic_link_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "z"
    for data in (
        zip_bytes([(b"a", b"x")], flags=1),
        zip_bytes([(b"a", b"x")], flags=8),
        zip_bytes([(b"a", b"/etc/passwd")], mode=0o120777),
        zip_bytes([(b"a", b"")], mode=0o040755),
    ):
        path.write_bytes(data)

        with pytest.raises(Fails, match="the zip's directory"):
            container.opened(path)


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "bytes in front": lambda whole: b"#!/bin/sh\n" + whole,
    "bytes behind": lambda whole: whole + b"\0",
    "a comment": lambda whole: whole[:-2] + b"\1\0x",
    "cut short": lambda whole: whole[:-1],
    "half of it": lambda whole: whole[: len(whole) // 2],
    "nothing": lambda _: b"",
    "no directory": lambda whole: whole[-22:],
    "a gap": lambda whole: moved_on(whole, b"gap"),
}


def moved_on(whole: bytes, gap: bytes) -> bytes:
    """Bytes between the data and the directory, which is moved on."""
    start = int.from_bytes(whole[-6:-2], "little")
    end = whole[-22:-6] + (start + len(gap)).to_bytes(4, "little") + whole[-2:]
    return whole[:start] + gap + whole[start:-22] + end


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_bytes_around_the_files_are_refused(
    tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "z"
    path.write_bytes(change(packed(path, FILES).read_bytes()))

    with pytest.raises((Fails, Unreadable)):
        container.opened(path)


def test_a_bomb_is_refused_since_nothing_may_be_compressed(tmp_path: Path) -> None:
    path = packed(tmp_path / "z", {"a": bytes(10_000_000)}, zipfile.ZIP_DEFLATED)

    with pytest.raises(Fails, match="not compressed"):
        container.opened(path)


def test_a_file_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "z"
    whole = zip_bytes([(b"a", bytes(4_000))])
    for lie in (3_999, 4_001, 2**32 - 1):
        path.write_bytes(whole.replace((4_000).to_bytes(4, "little"), lie.to_bytes(4, "little")))

        with pytest.raises((Fails, Unreadable)):
            container.opened(path)


def test_a_million_entries_are_refused_by_their_number(tmp_path: Path) -> None:
    path = tmp_path / "z"
    path.write_bytes(zip_bytes([(b"f%06d" % n, b"") for n in range(2_001)]))

    with pytest.raises(Unreadable, match="more than 2000 files"):
        container.opened(path)


def test_a_directory_larger_than_its_number_of_entries_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "z"
    whole = zip_bytes([(b"f%04d" % n, b"") for n in range(2_000)])
    path.write_bytes(whole[:-14] + b"\1\0\1\0" + whole[-10:])

    with pytest.raises((Fails, Unreadable)):
        container.opened(path)


def test_overlapping_entries_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "z"
    whole = zip_bytes([(b"a", b"same data"), (b"b", b"same data")])
    second = whole.rindex(b"PK\1\2")
    path.write_bytes(whole[: second + 42] + (0).to_bytes(4, "little") + whole[second + 46 :])

    with pytest.raises(Fails):
        unpacked(path)


def test_more_bytes_than_allowed_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "z", {"a": bytes(1_001)})

    with pytest.raises(Unreadable, match="more than 1000 bytes"):
        container.opened(path, 1_000)
    container.opened(path, 1_001).close()


ODD_FOLDERS: dict[str, Callable[[Path], object]] = {
    "a link to a file": lambda folder: (folder / "a").symlink_to("/etc/passwd"),
    "a link to a folder": lambda folder: (folder / "a").symlink_to("/etc"),
    "a pipe": lambda folder: os.mkfifo(folder / "a"),
    "too deep": lambda folder: (folder / "/".join("abcdefghij")).mkdir(parents=True),
}


@pytest.mark.parametrize("make", ODD_FOLDERS.values(), ids=list(ODD_FOLDERS))
def test_a_folder_of_other_things_than_files_is_refused(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    make(tmp_path)

    with pytest.raises(Fails):
        container.opened(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(Unreadable):
        container.opened(tmp_path / "pipe")


def test_a_folder_of_very_many_files_is_refused(tmp_path: Path) -> None:
    for number in range(2_001):
        (tmp_path / str(number)).touch()

    with pytest.raises(Unreadable, match="more than 2000 files"):
        container.opened(tmp_path)
