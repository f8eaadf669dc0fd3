"""`twinhood verify` says one sentence, exits 0, 1 or 2, and never shows a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from twinhood.translog.core import canonical
from twinhood.verify import command
from twinhood.verify.tests.files import (
    LOG,
    NEWSROOM,
    OTHER_LOG,
    TWIN_CITY,
    proof_of,
    small_world,
    write,
    zip_of,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(small_world(), tmp_path / "file")


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    code = command.main([str(argument) for argument in arguments])
    return code, capsys.readouterr().out


def test_what_holds_is_one_sentence_with_figures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = said(capsys, folder)

    sentence, *rest = out.splitlines()
    assert code == 0
    assert sentence == (
        "Holds: all 22 entries of stamford-kramatorsk, 13 gifts of 50.00 UAH and 300.66 USD among "
        f"them, sealed with 44 leaves and signed by twinhood.example/log+{LOG.key.hash.hex()}, "
        f"witnessed by newsroom.example+{NEWSROOM.key.hash.hex()} on 2026-11-18."
    )
    assert any(LOG.key.vkey in line for line in rest)
    assert any("--witness" in line for line in rest)
    assert any("README.en.md" in line for line in rest)
    assert any("--since" in line for line in rest)


def test_what_was_checked_is_not_listed_as_unchecked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = said(
        capsys, folder, "--key", LOG.key.vkey, "--witness", NEWSROOM.key.vkey,
        "--since", folder / "checkpoint",
    )  # fmt: skip

    assert code == 0
    assert "Nothing of the older 44 leaves has changed." in out
    assert not any(word in out for word in ("--key", "--witness", "--since"))


def test_a_zip_and_json(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = said(capsys, zip_of(folder, tmp_path / "file.zip"), "--json")

    answer = json.loads(out)
    assert (code, answer["exit"], answer["holds"]) == (0, 0, True)
    assert answer["given_minor"] == {"UAH": "5000", "USD": "30066"}
    assert answer["signed_by"] == LOG.key.vkey
    assert answer["witnesses"] == [
        {"is_trusted": False, "key": NEWSROOM.key.vkey, "time_s": 1_795_000_000}
    ]


def test_what_does_not_hold_is_named_and_exits_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "ledger" / "transfers.csv"
    path.write_bytes(path.read_bytes().replace(b"2403", b"9403", 1))

    code, out = said(capsys, folder, "--json")

    answer = json.loads(out)
    assert (code, answer["exit"], answer["holds"]) == (1, 1, False)
    assert answer["where"] == "ledger/transfers.csv"
    assert answer["seen_at"].startswith("ledger/transfers.csv line ")
    assert "2403" in answer["sentence"]
    assert "9403" in answer["sentence"]


def test_another_key_and_too_few_witnesses_exit_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = said(capsys, folder, "--key", OTHER_LOG.key.vkey)
    assert code == 1
    assert OTHER_LOG.key.vkey in out
    assert LOG.key.vkey in out

    assert said(capsys, folder, "--witness", TWIN_CITY.key.vkey)[0] == 1
    both = ("--witness", TWIN_CITY.key.vkey, "--witness", NEWSROOM.key.vkey)
    assert said(capsys, folder, *both)[0] == 1
    assert said(capsys, folder, *both, "--require", 1)[0] == 0
    assert said(capsys, folder, "--require", 2)[0] == 1


def test_the_proof_of_a_gift(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = small_world()
    index = next(i for i, leaf in enumerate(world.leaves) if leaf.get("key") == "gift:0000004")
    path = tmp_path / "gift.json"
    path.write_bytes(canonical.encode(proof_of(world, index)))

    code, out = said(capsys, path, "--key", LOG.key.vkey)

    assert code == 0
    assert out.startswith(
        "Holds: 'gift:0000004' of 2026-11-09, 25.04 USD for 'k-usd' of 'stamford-kramatorsk', is "
        f"leaf {index} of the log,"
    )
    assert said(capsys, path, "--since", path)[0] == 2


def test_an_older_file_of_any_kind_is_taken(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = small_world()
    index = next(i for i, leaf in enumerate(world.leaves) if "donor" in leaf)
    proof = tmp_path / "gift.json"
    proof.write_bytes(canonical.encode(proof_of(world, index)))
    world.gift(500, "k-usd", 700)
    newer = write(world, tmp_path / "newer")

    for older in (folder, zip_of(folder, tmp_path / "z.zip"), proof, folder / "checkpoint"):
        assert said(capsys, newer, "--since", older)[0] == 0
        assert said(capsys, folder, "--since", newer)[0] == 1


def test_what_was_told_before_cannot_become_a_bare_hash(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tree is the same, so only who kept an older file, or a gift's proof, can tell."""
    world = small_world()
    last = len(world.leaves) - 1
    proof = tmp_path / "gift.json"
    proof.write_bytes(canonical.encode(proof_of(world, last)))
    world.hidden = frozenset({last})
    liar = write(world, tmp_path / "liar")

    assert said(capsys, liar)[0] == 0
    for older, expected in ((folder, f"leaf {last} told as in the older file"),
                            (proof, f"the gift at leaf {last} told")):  # fmt: skip
        code, out = said(capsys, liar, "--since", older)
        assert code == 1
        assert expected in out


@pytest.mark.parametrize("content", [b"", b"junk", b"{}", b"PK junk", b"x\n" * 400_000])
def test_an_older_file_that_is_none_exits_2(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    older = tmp_path / "older"
    older.write_bytes(content)

    assert said(capsys, folder, "--since", older)[0] == 2
    assert said(capsys, folder, "--since", tmp_path)[0] == 2


UNREADABLE = [b"", b"PK", b"junk" * 100, b"{", b"{}", b"[]", b'{"a":' * 100_000, b"\xff" * 50]


@pytest.mark.parametrize("data", UNREADABLE, ids=range(len(UNREADABLE)))
def test_junk_is_one_line(tmp_path: Path, data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "junk"
    path.write_bytes(data)

    code, out = said(capsys, path)

    assert code in {1, 2}
    assert out.count("\n") == 1
    assert "this program failed" not in out


def test_what_is_not_there_or_not_a_file_exits_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "none", tmp_path / "pipe", Path("/dev/null"), tmp_path / "pipe" / "x"):
        code, out = said(capsys, path)
        assert (code, out.count("\n")) == (2, 1)


def test_what_could_move_a_terminal_is_spelled_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = small_world()
    index = next(i for i, leaf in enumerate(world.leaves) if "donor" in leaf)
    world.leaves[index]["partnership"] = "\x1b[2J\u202e"
    path = tmp_path / "gift.json"
    path.write_bytes(canonical.encode(proof_of(world, index)))

    code, out = said(capsys, path)

    assert code == 0
    assert out.replace("\n", "").isprintable()


def test_wrong_options_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in (["--key", "x"], ["--key", NEWSROOM.key.vkey], ["--witness", LOG.key.vkey]):
        with pytest.raises(SystemExit) as caught:
            command.main(["file", *wrong])
        assert caught.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_it_needs_no_django_and_opens_no_socket(folder: Path) -> None:
    program = (
        "import sys, socket\n"
        "def refuse(*_, **__): raise AssertionError('a socket')\n"
        "socket.socket = refuse\n"
        "from twinhood.cli import main\n"
        f"code = main(['verify', {str(folder)!r}])\n"
        "heavy = {'django', 'psycopg', 'cryptography'}\n"
        "assert not [m for m in sys.modules if m.split('.')[0] in heavy]\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Holds: ")
