"""Papers of a shipment: what is known stands in them, and no reader of PDFs objects."""

import csv
import io
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest

from twinhood.kit import clock
from twinhood.needs.tests.world import AT, DAY
from twinhood.transport import actions, queries
from twinhood.transport.models import Shipment
from twinhood.transport.papers import Paper, paper, report_csv
from twinhood.transport.tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipment() -> Shipment:
    with clock.showing(AT):
        world = World()
        begun = world.loaded(*world.with_serials(world.placed(2)))
        actions.state_rate(
            shipment=begun, currency="USD", amount_minor=1_000_000, uah_minor=41_234_500,
            day=DAY, source="National Bank of Ukraine", by=world.iryna,
        )  # fmt: skip
        actions.declare(shipment=begun, code="GD-77", day=DAY)
        actions.clear_customs(shipment=begun, day=DAY)
        unit = begun.loads.order_by("pk")[0].unit
        assert unit is not None
        world.handed_over(unit)
        found = queries.shipment_at_work(world.partnership, begun.number)
    assert found is not None
    return found


def text_of(data: bytes, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler) is not installed")
    path = tmp_path / "paper.pdf"
    path.write_bytes(data)
    ran = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    return " ".join(ran.stdout.decode().replace("\u00a0", " ").split())


EXPECTED = {
    Paper.LETTER: ["Offer of humanitarian aid", "Пропозиція гуманітарної допомоги", "Дарчий лист"],
    Paper.PACKING: ["Packing list", "Пакувальний лист"],
    Paper.DECLARATION: ["GD-77", "6 803 692,50 UAH", "National Bank of Ukraine"],
    Paper.REPORT: ["30 November 2026", "A-1", "not handed over yet", "ще не передано"],
}


@pytest.mark.parametrize("kind", Paper)
def test_a_paper_says_what_is_known_in_both_languages(
    kind: Paper, shipment: Shipment, tmp_path: Path
) -> None:
    data = paper(shipment, kind)

    text = text_of(data, tmp_path)
    for words in EXPECTED[kind]:
        assert words in text
    assert "City Hospital 3" in text
    assert "01234567" in text
    assert text.count("WDB9066331S000001") == 2
    assert paper(shipment, kind) == data


@pytest.mark.parametrize("kind", Paper)
def test_a_paper_is_tagged_archivable_and_in_its_language(kind: Paper, shipment: Shipment) -> None:
    with pikepdf.open(io.BytesIO(paper(shipment, kind))) as pdf:
        metadata = pdf.open_metadata()
        assert metadata["pdfaid:part"] == "2"
        assert metadata["pdfaid:conformance"] == "A"
        assert metadata["pdfuaid:part"] == "1"
        assert str(pdf.Root.Lang)[:2] in {"en", "uk"}
        assert pdf.Root.MarkInfo.Marked


def test_a_paper_of_the_example_is_a_specimen(shipment: Shipment, tmp_path: Path) -> None:
    assert "SPECIMEN" in text_of(paper(shipment, Paper.LETTER), tmp_path)

    shipment.partnership.is_example = False

    assert "SPECIMEN" not in text_of(paper(shipment, Paper.LETTER), tmp_path)


def test_the_reports_data_open_in_a_spreadsheet(shipment: Shipment) -> None:
    rows = list(csv.DictReader(io.StringIO(report_csv(shipment).removeprefix("\ufeff"))))

    assert [row["serial"] for row in rows] == ["WDB9066331S000001", "WDB9066331S000002"]
    assert [row["act"] for row in rows] == ["A-1", ""]
    assert (rows[0]["value"], rows[0]["value_uah"]) == ("82500.00", "3401846.25")
    assert rows[0]["report_due_date"] == "2026-11-30"
