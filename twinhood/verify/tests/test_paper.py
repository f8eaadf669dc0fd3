"""`twinhood verify FILE.pdf`: a verdict in one sentence, and an exit status that says the same."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from twinhood.documents.tests import signed_papers as papers
from twinhood.documents.tests.signed_papers import World
from twinhood.verify import command, paper

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
