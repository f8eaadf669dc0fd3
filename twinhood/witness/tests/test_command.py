"""`twinhood witness` at the command line."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from twinhood.translog.core import note
from twinhood.witness import command
from twinhood.witness.keeping import alone
from twinhood.witness.tests.logs import KEY, leaves, sealed, served


def new_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, str]:
    path = tmp_path / "key"
    assert command.main(["--new-key", "newsroom", str(path)]) == 0
    return path, capsys.readouterr().out.strip()


def test_a_new_key_is_its_owner_s_alone_and_never_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, vkey = new_key(tmp_path, capsys)

    assert note.parse_vkey(vkey).kind == note.COSIGNATURE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    assert command.main(["--new-key", "newsroom", str(path)]) == 2
    assert path.read_bytes() == before
    for name in ("two words", "a+b", ""):
        assert command.main(["--new-key", name, str(tmp_path / "other")]) == 2
    assert not (tmp_path / "other").exists()


def test_once_is_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, vkey = new_key(tmp_path, capsys)
    with served(sealed(leaves(10))) as log:
        call = [log.url, "--key", str(path), "--state", str(tmp_path / "state"), "--once"]

        assert command.main(call) == 2
        assert "--log" in capsys.readouterr().err
        assert command.main([*call, "--log", KEY.vkey]) == 0
        assert capsys.readouterr().out.startswith("cosigned 10 leaves, root ")
        log.files = sealed(leaves(9))
        assert command.main(call) == 1
        assert "not cosigned: the log went back from 10 leaves to 9" in capsys.readouterr().err
        log.files = {}
        assert command.main(call) == 2
        note.open_note(log.handed_in[0], note.parse_vkey(vkey))


def test_it_goes_on_watching_until_it_must_refuse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = new_key(tmp_path, capsys)
    with served(sealed(leaves(10))) as log:
        call = [sys.executable, "-m", "twinhood", "witness", log.url, "--key", str(path)]
        call += ["--state", str(tmp_path / "state"), "--log", KEY.vkey, "--every", "1"]
        with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            assert running.stdout is not None
            assert running.stdout.readline().startswith(b"cosigned 10 ")
            log.files = sealed(leaves(20))
            assert any(line.startswith(b"cosigned 20 ") for line in running.stdout)
            log.files = sealed(leaves(20, "other"))
            _, complaint = running.communicate(timeout=60)

    assert running.returncode == 1
    assert b"two roots for 20 leaves" in complaint
    assert b"Traceback" not in complaint


def test_a_second_witness_with_the_same_state_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = new_key(tmp_path, capsys)
    state = tmp_path / "state"
    call = ["http://127.0.0.1:1/log", "--key", str(path), "--state", str(state), "--once"]

    with alone(state):
        assert command.main(call) == 2

    assert "another witness is using it" in capsys.readouterr().err


NOT_KEYS = ["", "PRIVATE+KEY", "x+y+z+w+v", "PRIVATE+KEY+a+00000000+AAAA", KEY.vkey]


@pytest.mark.parametrize("text", NOT_KEYS)
def test_a_file_that_holds_no_key_is_refused(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "key"
    path.write_text(text)
    call = ["http://127.0.0.1:1/log", "--key", str(path), "--state", str(tmp_path / "state")]

    assert command.main([*call, "--once"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_what_is_missing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    for call in ([], ["https://twinhood.example/log"], ["--every", "0"], ["--log", "x"]):
        with pytest.raises(SystemExit):
            command.main(call)
    assert "Traceback" not in capsys.readouterr().err


def test_it_needs_no_django() -> None:
    program = (
        "import sys, twinhood.cli, twinhood.witness.command;"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('django', 'psycopg')]"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr
