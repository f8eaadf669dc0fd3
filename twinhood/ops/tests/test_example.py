"""Promises of `twinhood example`: a file that a stranger's check accepts, in one command."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pyhanko.pdf_utils.reader import PdfFileReader

from twinhood.ops import example as command
from twinhood.ops.errors import OpsError
from twinhood.verify import command as verify


def test_the_examples_public_file_holds(
    example: Any, tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.PUBLIC_FILES_DIR = tmp_path / "public-files"
    target = tmp_path / "example.zip"

    call_command("write_example_file", str(target))
    code = verify.main([str(target)])

    assert code == 0, capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["example.zip"]


def test_a_path_that_cannot_be_written_is_said_before_anything_is_started(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no-such-folder" / "file.zip"):
        with pytest.raises(OpsError, match="cannot be written"):
            command.main(["public-file", str(path)])


def test_the_examples_agreement_is_a_specimen_that_two_offices_signed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "agreement.pdf"

    call_command("write_example_agreement", str(target))

    reader = PdfFileReader(io.BytesIO(target.read_bytes()))
    signed = list(reader.embedded_regular_signatures)
    names = [one.signer_cert.subject.native["common_name"] for one in signed]
    assert [one.field_name for one in signed] == ["Side1", "Side2"]
    assert all(name.startswith("DEMO, ") for name in names)
    assert len(list(reader.embedded_timestamp_signatures)) == 2

    root = tmp_path / "agreement.root.crt"
    code = verify.main([str(target), "--trust", str(root)])

    told = capsys.readouterr().out
    assert code == 0, told
    assert told.count("B-LTA") == 2
