"""A receipt, taken away with the proof of its leaf, and checked without us."""

from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from django.test import Client

from twinhood.documents.models import Document
from twinhood.giving import receipt_pdf, receipts
from twinhood.giving.models import Receipt
from twinhood.giving.tests import world
from twinhood.giving.tests.test_receipts import pair
from twinhood.translog import actions as translog
from twinhood.translog import queries
from twinhood.verify import command

pytestmark = pytest.mark.django_db


def test_a_receipt_is_checked_without_us(
    client: Client, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.LOG_DIR = tmp_path / "log"
    (gift,) = world.posted(pair(), world.cheque(2500))
    receipts.issue_due()
    receipt = receipts.receipt_of(gift)
    assert receipt is not None
    paper, proof = tmp_path / "receipt.pdf", tmp_path / "proof.json"
    paper.write_bytes(receipt_pdf.render(receipt))
    address = f"/v/{Document.objects.get().code}/1/proof.json"
    early = client.get(address).status_code
    translog.seal()
    proof.write_bytes(client.get(address).content)

    alone = command.main([str(paper)])
    unsigned = capsys.readouterr().out
    strange = command.main([str(paper), "--log", str(proof)])
    whose = capsys.readouterr().out
    known = ["--log", str(proof), "--key", queries.log_keys()[-1]]
    status = command.main([str(paper), *known])
    out = capsys.readouterr().out
    paper.write_bytes(paper.read_bytes() + b"\n")
    changed = command.main([str(paper), *known])

    assert early == 404
    assert (alone, strange, status, changed) == (1, 2, 0, 1)
    assert "it has no place for a signature" in unsigned
    assert "Anybody can make a log" in whose
    assert "Holds." not in whose
    assert "It is what was issued, byte for byte." in out
    assert "Whether it was replaced or cancelled since" in out


def test_the_page_names_the_key_that_the_proof_needs(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.LOG_DIR = tmp_path / "log"
    world.posted(pair(), world.cheque(2500))
    receipts.issue_due()
    receipt_pdf.render(Receipt.objects.get())
    address = f"/en/v/{Document.objects.get().code}/"
    early = client.get(address).content.decode()
    translog.seal()

    page = client.get(address).content.decode()
    rmtree(settings.LOG_DIR / "tile")
    queries._rows.cache_clear()
    lost = client.get(address)

    assert f"--key '{queries.log_keys()[-1]}'" in page
    assert "--key" not in early
    assert lost.status_code == 200
    assert client.get(f"{address.removeprefix('/en')}1/proof.json").status_code == 404
