"""A receipt, taken away with the proof of its leaf, and checked without us."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from twinhood.documents.models import Document
from twinhood.giving import receipt_pdf, receipts
from twinhood.giving.tests import world
from twinhood.giving.tests.test_receipts import pair
from twinhood.translog import actions as translog
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
    status = command.main([str(paper), "--log", str(proof)])
    out = capsys.readouterr().out
    paper.write_bytes(paper.read_bytes() + b"\n")
    changed = command.main([str(paper), "--log", str(proof)])

    assert early == 404
    assert (alone, status, changed) == (1, 0, 1)
    assert "it has no place for a signature" in unsigned
    assert "It is what was issued, byte for byte." in out
    assert "whether it was replaced or cancelled since" in out
