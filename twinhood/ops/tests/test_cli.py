"""The command line: one clear sentence for each expected fault, never a traceback."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import twinhood
from twinhood.ops import run
from twinhood.ops.errors import OpsError
from twinhood.ops.var import CHECKOUT_DIR, ensure_secret_key, ensure_var, var_dir


def twinhood_says(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT_DIR), **variables}
    return subprocess.run(
        [sys.executable, "-m", "twinhood", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_knows_its_version_and_its_commands() -> None:
    version, words = twinhood_says("--version"), twinhood_says("--help")

    assert version.stdout.strip() == f"twinhood {twinhood.__version__}"
    assert all(command in words.stdout for command in ("run", "replay", "doctor", "manage"))


def test_an_unknown_command_is_refused_with_the_known_ones() -> None:
    said = twinhood_says("rum")

    assert said.returncode == 2
    assert "run" in said.stderr
    assert "Traceback" not in said.stderr


def test_replay_needs_neither_django_nor_a_database() -> None:
    loaded = "import sys; from twinhood.cli import main; main(['replay', '--help'])\n"
    check = "import atexit, sys; atexit.register(lambda: print('django' in sys.modules))\n"

    done = subprocess.run(
        [sys.executable, "-c", check + loaded], capture_output=True, text=True, check=False
    )

    assert done.stdout.splitlines()[-1] == "False"


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        said = twinhood_says("run", PORT=str(port), TWINHOOD_VAR=str(tmp_path))

    assert said.returncode == 1
    assert said.stderr.startswith(f"twinhood: Port {port} on 127.0.0.1 cannot be used")
    assert said.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir()), "nothing was started"


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"PORT": "eighty"}, "PORT must be a number from 1 to 65535, and is 'eighty'"),
        ({"PORT": "70000"}, "PORT must be a number"),
        ({"DATABASE_URL": "mysql://anna:secret@db/x"}, "DATABASE_URL is no address of a Postgre"),
        ({"HOST": "no.such.host.invalid"}, "there is no such address"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    tmp_path: Path, variables: dict[str, str], sentence: str
) -> None:
    said = twinhood_says("run", TWINHOOD_VAR=str(tmp_path), **variables)

    assert said.returncode == 1
    assert sentence in said.stderr
    assert said.stderr.count("\n") == 1
    assert "secret" not in said.stderr


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    said = twinhood_says(
        "manage",
        "showmigrations",
        DATABASE_URL="postgresql://anna@127.0.0.1:9/twinhood",
        TWINHOOD_VAR=str(tmp_path),
    )

    assert said.returncode == 1
    assert "twinhood: The database does not answer:" in said.stderr
    assert "Traceback" not in said.stderr


def test_the_folder_for_data_is_named_or_beside_the_checkout() -> None:
    assert var_dir({"TWINHOOD_VAR": "/srv/twinhood"}) == Path("/srv/twinhood")
    assert var_dir({}) == CHECKOUT_DIR / "var"


def test_the_secret_key_is_made_once_and_for_us_alone(tmp_path: Path) -> None:
    ensure_var(tmp_path / "var")

    ensure_secret_key(tmp_path / "var")
    path = tmp_path / "var" / "keys" / "secret_key"
    first = path.read_text()
    ensure_secret_key(tmp_path / "var")

    assert path.read_text() == first
    assert len(first) > 50
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == ["secret_key"]


def test_a_place_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")

    with pytest.raises(OpsError, match="cannot be created"):
        ensure_var(tmp_path / "var")


def test_without_an_example_every_installation_has_something_to_try(tmp_path: Path) -> None:
    (tmp_path / "example.json").write_text("{torn", encoding="utf-8")

    assert len(run.things_to_try(tmp_path)) == 3
