"""A year's receipts as one file: whole, gathered in the background, removed after a day."""

import csv
import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from twinhood.giving import receipt_export, receipts
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.models import Receipt, ReceiptExport
from twinhood.giving.tests import world
from twinhood.giving.tests.test_receipts import pair
from twinhood.kit import clock
from twinhood.people.models import Partnership

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.RECEIPTS_DIR = tmp_path / "receipts"


def with_receipts(*donors: DonorFacts) -> Partnership:
    stamford = pair()
    world.posted(stamford, *(world.cheque(2500, donor) for donor in donors))
    receipts.issue_due()
    return stamford


def asked(of: Partnership) -> ReceiptExport:
    year = Receipt.objects.values_list("year", flat=True)[0]
    return receipt_export.ask(partnership=of, year=year, person=world.tom(of))


def test_it_holds_each_receipt_and_a_register() -> None:
    formula = DonorFacts(name="=1+1", email="eve@example.org")
    export = asked(with_receipts(world.ANNA, formula))

    receipt_export.gather(export)

    with zipfile.ZipFile(receipt_export.path_of(export)) as archive:
        names = archive.namelist()
        register = archive.read("register.csv").decode("utf-8-sig")
        first = archive.read(names[0])
    rows = list(csv.DictReader(io.StringIO(register)))
    export.refresh_from_db()
    assert (export.state, export.done, export.total) == ("ready", 2, 2)
    assert len(names) == 3
    assert first.startswith(b"%PDF")
    assert [row["payer"] for row in rows] == ["Anna", "'=1+1"]
    assert [row["amount"] for row in rows] == ["25.00", "25.00"]
    assert receipt_export.path_of(export).stat().st_mode & 0o077 == 0


def test_asked_for_twice_it_is_made_once_and_again_after_a_crash() -> None:
    stamford = with_receipts(world.ANNA)
    export = asked(stamford)
    draft = receipt_export.path_of(export).with_suffix(".new")
    draft.parent.mkdir(parents=True)
    draft.write_bytes(b"half of a")

    again = asked(stamford)
    receipt_export.gather(export)

    assert again == export
    assert not draft.exists()
    assert zipfile.is_zipfile(receipt_export.path_of(export))


def test_after_a_day_it_is_gone() -> None:
    export = asked(with_receipts(world.ANNA))
    receipt_export.gather(export)

    receipt_export.tidy_up()
    stays = receipt_export.path_of(export).exists()
    with clock.showing(clock.now() + timedelta(days=1, hours=1)):
        receipt_export.tidy_up()

    export.refresh_from_db()
    assert stays
    assert not receipt_export.path_of(export).exists()
    assert export.state == "removed"


def test_the_treasurer_downloads_it_and_nobody_of_another_partnership(client: Client) -> None:
    stamford = with_receipts(world.ANNA)
    other = world.partnership("other")
    year = Receipt.objects.values_list("year", flat=True)[0]
    tom = world.signed_in(client, world.tom(stamford))
    desk = f"/en/desk/{stamford.slug}/receipts/"
    tom.post(f"{desk}files/", {"year": year})
    export = ReceiptExport.objects.get()
    waiting = tom.get(desk).content.decode()
    receipt_export.gather(export)

    page = tom.get(desk).content.decode()
    file = tom.get(f"{desk}files/{export.pk}/")
    eve = world.signed_in(Client(), world.person("Eve", other, "treasurer"))
    refused = eve.get(f"/en/desk/other/receipts/files/{export.pk}/")

    assert "0 of 1" in waiting
    assert f"{desk}files/{export.pk}/" in page
    assert file["Content-Type"] == "application/zip"
    assert b"".join(file.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]
    assert refused.status_code == 404
