"""Programs that others wrote read our log: aics-tlog, and Go's own tlog and note packages."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from twinhood.translog import actions, queries
from twinhood.translog.core import b64, merkle
from twinhood.translog.store import CHECKPOINT, the_store
from twinhood.translog.tests.test_sealing import append

pytestmark = pytest.mark.django_db

SIZE = 1_000
GO_CODE = "/usr/share/gocode"
JUDGE = Path(__file__).with_name("judge.go")


@pytest.fixture
def log(tmp_path: Path) -> list[bytes]:
    """A log of a thousand leaves, its key in a file, and an older checkpoint beside it."""
    given = append(0, 300)
    actions.seal()
    (tmp_path / "older").write_bytes(the_store().read(CHECKPOINT) or b"")
    given += append(300, SIZE)
    actions.seal()
    (tmp_path / "key").write_text(queries.log_keys()[0])
    return given


def aics(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "aics_tlog", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return {"exit": done.returncode, **json.loads(done.stdout)}


def test_another_program_verifies_checkpoint_inclusion_and_consistency(
    log: list[bytes], tmp_path: Path
) -> None:
    with_key = ["--vkey-file", str(tmp_path / "key"), "--tiles", str(the_store().root)]
    (tmp_path / "leaf").write_bytes(log[731])

    signed = aics("verify-checkpoint", *with_key)
    found = aics("verify-inclusion", *with_key, "--index", "731", "--leaf", str(tmp_path / "leaf"))
    grew = aics("verify-consistency", *with_key, "--old-checkpoint", str(tmp_path / "older"))

    for verdict in (signed, found, grew):
        assert verdict["ok"], verdict
        assert verdict["exit"] == 0


def test_another_program_refuses_what_was_altered(log: list[bytes], tmp_path: Path) -> None:
    with_key = ["--vkey-file", str(tmp_path / "key"), "--tiles", str(the_store().root)]
    (tmp_path / "leaf").write_bytes(log[730])

    assert not aics(
        "verify-inclusion", *with_key, "--index", "731", "--leaf", str(tmp_path / "leaf")
    )["ok"]


def test_another_program_builds_the_same_tiles(log: list[bytes], tmp_path: Path) -> None:
    from aics_tlog.tree import MerkleTree

    tree = MerkleTree()
    for leaf in log:
        tree.append(leaf)

    sealed = queries.latest()
    assert sealed is not None
    assert tree.root() == sealed.root


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the judge that is made of Go's packages, offline."""
    if shutil.which("go") is None or not Path(GO_CODE, "src/golang.org/x/mod").is_dir():
        if os.environ.get("CI"):
            pytest.fail("CI must have golang-go and golang-golang-x-mod-dev.")
        pytest.skip("Go and its package x/mod are not installed")
    folder = tmp_path_factory.mktemp("go")
    program = folder / "judge"
    offline = {"GO111MODULE": "off", "GOPATH": GO_CODE, "GOFLAGS": "", "GOCACHE": str(folder)}
    subprocess.run(
        ["go", "build", "-o", str(program), str(JUDGE)], env=os.environ | offline, check=True
    )
    return program


def judged(program: Path, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [str(program), *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_gos_own_packages_verify_note_tiles_and_proofs(
    log: list[bytes], go: Path, tmp_path: Path
) -> None:
    """Go reads the tiles by itself, checks them against the root, and makes the proofs anew."""
    sealed = queries.latest()
    assert sealed is not None

    verdict = judged(
        go, queries.log_keys()[0], str(the_store().root), "731", str(tmp_path / "older")
    )

    assert verdict["size"] == SIZE
    assert verdict["root"] == b64.encode(sealed.root)
    assert verdict["leaf"] == b64.encode(merkle.leaf_hash(log[731]))
    assert verdict["inclusion"] == [b64.encode(h) for h in queries.inclusion(731, SIZE)]
    assert verdict["consistency"] == [b64.encode(h) for h in queries.consistency(300, SIZE)]


def test_gos_own_packages_refuse_an_altered_tile(
    log: list[bytes], go: Path, tmp_path: Path
) -> None:
    path = the_store().root / "tile/0/002"
    data = bytearray(path.read_bytes())
    data[219 * 32] ^= 1
    path.write_bytes(data)
    arguments = [queries.log_keys()[0], str(the_store().root), "731", str(tmp_path / "older")]

    done = subprocess.run([str(go), *arguments], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert re.search("invalid transparency proof|inconsistent tile", done.stderr)
