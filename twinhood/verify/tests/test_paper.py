"""`twinhood verify FILE.pdf`: a verdict in one sentence, and an exit status that says the same."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from twinhood.documents.tests import signed_papers as papers
from twinhood.documents.tests.signed_papers import World
from twinhood.translog.core import canonical, tiles
from twinhood.translog.core.proof import PAPER
from twinhood.verify import command, paper
from twinhood.verify.tests import files

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def authority() -> World:
    return papers.new_world()


@pytest.fixture(scope="module")
def complete(authority: World) -> bytes:
    return papers.complete(authority)


@pytest.fixture
def agreement(tmp_path: Path, complete: bytes) -> Path:
    path = tmp_path / "agreement.pdf"
    path.write_bytes(complete)
    return path


@pytest.fixture
def trust(tmp_path: Path, authority: World) -> Path:
    path = tmp_path / "roots.pem"
    path.write_bytes(authority.root.pem + authority.tsa_root.pem)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    status = command.main([str(one) for one in arguments])
    shown = capsys.readouterr()
    assert shown.err == ""
    return status, shown.out


def test_a_finished_paper_holds(
    agreement: Path, trust: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = run(capsys, agreement, "--trust", trust)

    assert status == 0
    assert out.startswith("Holds. Signed by DEMO, Head of the City Military Administration")
    assert "Signature (B-LTA: " in out
    assert "[passed] The issuer is in the trust list: DEMO, Root of Twinhood." in out


def test_without_trust_it_cannot_be_told_whose_they_are(
    agreement: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = run(capsys, agreement)

    assert status == 2
    assert "The issuer is not in the trust list" in out.splitlines()[0]


def test_a_changed_paper_does_not_hold(
    agreement: Path, trust: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(agreement.read_bytes())
    data[data.index(b"/MediaBox") + 11] ^= 1
    agreement.write_bytes(data)

    status, out = run(capsys, agreement, "--trust", trust)

    assert status == 1
    assert out.startswith("Does not hold. ")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "The file is empty."),
        (b"PK\3\4", "The file is no PDF"),
        (b"%PDF-1.7\n", "The end of the file is missing"),
    ],
)
def test_what_is_no_paper_cannot_be_checked(
    tmp_path: Path, data: bytes, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(data)

    status, out = run(capsys, path)

    assert status == 2
    assert out.startswith("Cannot be checked. " + told)


def test_a_huge_file_is_refused_before_it_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "huge.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(500 * 2**20)

    status, out = run(capsys, path)

    assert (status, "larger than 64 MB" in out) == (2, True)


def test_the_sha256_that_one_knows_is_compared(
    agreement: Path, trust: Path, complete: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    right = sha256(complete).hexdigest()

    same = run(capsys, agreement, "--trust", trust, "--sha256", right.upper())
    other = run(capsys, agreement, "--trust", trust, "--sha256", "0" * 64)

    assert (same[0], other[0]) == (0, 1)
    assert "is not the paper" in other[1]


def test_json_says_the_same_to_programs(
    agreement: Path, trust: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = run(capsys, agreement, "--trust", trust, "--json")

    answer = json.loads(out)
    assert (status, answer["holds"], answer["exit"]) == (0, True, 0)
    assert answer["report"]["signatures"][0]["level"] == "B-LTA"


def test_what_is_no_certificate_is_not_trusted(
    agreement: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "junk.pem"
    path.write_bytes(b"junk")

    status, out = run(capsys, agreement, "--trust", path)

    assert (status, out) == (2, "Cannot be told: junk.pem is no certificate.\n")


def test_a_python_without_the_packages_says_what_it_needs(agreement: Path) -> None:
    script = "import sys; sys.path.insert(0, sys.argv.pop(1)); " + (
        "from twinhood.verify.command import main; sys.exit(main(sys.argv[1:]))"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(CHECKOUT), str(agreement)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout == f"Cannot be told: {paper.NEEDS}.\n"


# --- where it stands in the log


@pytest.fixture
def world(complete: bytes) -> files.World:
    """A partnership whose log holds the three revisions of the paper, the last of them ours."""
    world = files.small_world()
    for number, added in enumerate(("frozen", "signature", "evidence")):
        data = complete if number == 2 else f"an earlier revision, {number}".encode()
        world.leaves.append(
            {
                "added": added, "code": "7Q2FKM", "date": "2026-09-01", "kind": "paper",
                "partnership": files.PARTNERSHIP, "revision": number,
                "sha256": sha256(data).hexdigest(),
            }
        )  # fmt: skip
    return world


def proof_in(folder: Path, world: files.World, index: int = -1, **changed: object) -> Path:
    """The proof of a leaf, as the paper's page offers it."""
    told = files.proof_of(world, index % len(world.leaves)) | {"kind": PAPER} | changed
    path = folder / "proof.json"
    path.write_bytes(canonical.encode(told))
    return path


def tiles_in(folder: Path, world: files.World) -> Path:
    """The log as its server keeps it: a checkpoint, a bundle of leaves, a tile of hashes."""
    made = folder / "log"
    leaves = [canonical.encode(leaf) for leaf in world.leaves]
    for path, data in {
        tiles.Tile(tiles.ENTRIES, 0, len(leaves)).path: tiles.bundle(leaves),
        tiles.Tile(0, 0, len(leaves)).path: b"".join(tiles.leaf_hashes(leaves)),
    }.items():
        (made / path).parent.mkdir(parents=True)
        (made / path).write_bytes(data)
    told = files.proof_of(world, 0)
    (made / "checkpoint").write_text(str(told["checkpoint"]), encoding="utf-8")
    return made


KEY = files.LOG.key.vkey


def test_its_proof_shows_where_it_stands_in_the_log(
    agreement: Path, trust: Path, world: files.World, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    log = proof_in(tmp_path, world)

    status, out = run(capsys, agreement, "--trust", trust, "--log", log)
    _, as_json = run(capsys, agreement, "--trust", trust, "--log", log, "--key", KEY, "--json")

    size = len(world.leaves)
    assert status == 0
    assert f"leaf {size - 1}, under the checkpoint over {size} leaves." in out
    assert f"give that one (--key): {KEY}" in out
    assert json.loads(as_json)["log"]["index"] == size - 1
    assert "(--key)" not in as_json


@pytest.mark.parametrize("form", ["folder", "zip", "tiles"])
def test_a_public_file_or_the_tiles_show_the_same(
    agreement: Path, trust: Path, world: files.World, tmp_path: Path, form: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    log = tiles_in(tmp_path, world) if form == "tiles" else files.write(world, tmp_path / "file")
    log = files.zip_of(log, tmp_path / "file.zip") if form == "zip" else log

    status, out = run(capsys, agreement, "--trust", trust, "--log", log, "--key", KEY)

    assert status == 0
    assert f"leaf {len(world.leaves) - 1}, under the checkpoint" in out


@pytest.mark.parametrize("form", ["proof", "file", "tiles"])
def test_a_log_without_the_paper_leaves_that_open(
    agreement: Path, trust: Path, world: files.World, tmp_path: Path, form: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    if form != "proof":
        world.leaves.pop()
    make = {"proof": lambda: proof_in(tmp_path, world, -2),
            "file": lambda: files.write(world, tmp_path / "file"),
            "tiles": lambda: tiles_in(tmp_path, world)}  # fmt: skip

    status, out = run(capsys, agreement, "--trust", trust, "--log", make[form](), "--key", KEY)

    assert status == 2
    assert "The log that you brought does not name its SHA-256." in out.splitlines()[0]


def test_a_log_that_does_not_hold_fails(
    agreement: Path, trust: Path, world: files.World, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    moved = proof_in(tmp_path, world, index=-1, leaf=world.leaves[-2])
    status, out = run(capsys, agreement, "--trust", trust, "--log", moved)
    assert (status, "hashes that lead to" in out) == (1, True)

    folder = tiles_in(tmp_path, world)
    bundle = next((folder / "tile" / "entries").rglob("000.p/*"))
    lied = bundle.read_bytes().replace(b"7Q2FKM", b"7Q2FKN")
    bundle.write_bytes(lied)
    status, out = run(capsys, agreement, "--trust", trust, "--log", folder, "--key", KEY)
    assert (status, "the log's tiles" in out) == (1, True)


def test_what_cannot_show_a_leaf_is_said(
    agreement: Path, trust: Path, world: files.World, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    folder = tiles_in(tmp_path, world)

    alone = run(capsys, agreement, "--trust", trust, "--log", folder / "checkpoint", "--key", KEY)
    keyless = run(capsys, agreement, "--trust", trust, "--log", folder)
    gone = run(capsys, agreement, "--trust", trust, "--log", tmp_path / "none.json")

    assert (alone[0], "a checkpoint alone shows no leaf" in alone[1]) == (2, True)
    assert (keyless[0], "name the one that you know (--key)" in keyless[1]) == (2, True)
    assert gone[0] == 2


# --- what the log alone seals


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    path = tmp_path / "receipt.pdf"
    path.write_bytes(papers.frozen())
    return path


@pytest.fixture
def sealed(receipt: Path) -> files.World:
    """A log whose last leaf seals the receipt."""
    world = files.small_world()
    world.leaves.append(
        {
            "date": "2026-09-01", "kind": "sealed", "partnership": files.PARTNERSHIP,
            "sha256": sha256(receipt.read_bytes()).hexdigest(),
        }
    )  # fmt: skip
    return world


def log_in(folder: Path, world: files.World, form: str, *, is_rendered: bool = True) -> Path:
    made = {"proof": proof_in, "tiles": tiles_in}
    if form in made:
        return made[form](folder, world)
    return files.write(world, folder / "file", is_rendered=is_rendered)


@pytest.mark.parametrize("form", ["proof", "file", "tiles"])
def test_what_the_log_seals_holds_by_its_key_alone(
    receipt: Path, sealed: files.World, tmp_path: Path, form: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    log = log_in(tmp_path, sealed, form)

    known = run(capsys, receipt, "--log", log, "--key", KEY)
    strange = run(capsys, receipt, "--log", log)
    seen = run(capsys, receipt, "--log", log, "--witness", files.NEWSROOM.key.vkey)
    receipt.write_bytes(receipt.read_bytes() + b"\n")
    longer = run(capsys, receipt, "--log", log, "--key", KEY)

    assert (known[0], strange[0], seen[0], longer[0]) == (0, 2, 2, 1)
    assert known[1].startswith("Holds. It is what was issued, byte for byte.")
    for status, out in (strange, seen, longer):
        assert "Holds" not in out, status


@pytest.mark.parametrize("form", ["proof", "file", "tiles"])
def test_a_log_that_somebody_made_up_seals_nothing(
    receipt: Path, sealed: files.World, tmp_path: Path, form: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    sealed.log = (files.OTHER_LOG,)
    log = log_in(tmp_path, sealed, form)

    assert run(capsys, receipt, "--log", log, "--key", KEY)[0] == 1
    assert run(capsys, receipt, "--log", log)[0] == 2


@pytest.mark.parametrize("form", ["proof", "file", "tiles"])
@pytest.mark.parametrize(
    "odd",
    [{"code": "7Q2FKM"}, {"added": "frozen", "revision": 0}, {"date": "2026-02-30"}, {"date": ""}],
)
def test_a_leaf_of_another_shape_seals_nothing(
    receipt: Path, sealed: files.World, tmp_path: Path, form: str, odd: dict[str, object],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    sealed.leaves[-1] = {**sealed.leaves[-1], **odd}

    log = log_in(tmp_path, sealed, form, is_rendered=False)
    status, out = run(capsys, receipt, "--log", log, "--key", KEY)

    assert status == 1
    assert "Holds" not in out
