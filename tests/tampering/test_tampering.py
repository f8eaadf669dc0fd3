"""A hundred altered public files, and each is named; `make tamper` tries a thousand."""

from pathlib import Path

from tests.tampering.trying import small_genuine, tried, verdict

COUNT = 104


def test_the_genuine_file_holds(tmp_path: Path) -> None:
    genuine = small_genuine(tmp_path)
    options = ["--key", genuine.log_vkey, "--since", str(genuine.older)]
    for vkey in genuine.witness_vkeys:
        options += ["--witness", vkey]

    code, answer = verdict(genuine.folder, *options)

    assert (code, answer["holds"]) == (0, True), answer


def test_every_altered_file_is_named(tmp_path: Path) -> None:
    genuine = small_genuine(tmp_path)

    wrong = [
        f"{found.wrong}: {found}" for found in tried(genuine, COUNT, 7, tmp_path) if found.wrong
    ]

    assert wrong == []
