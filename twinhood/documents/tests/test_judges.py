"""Promises of a signed paper before judges that we did not write: poppler, qpdf, mupdf, pyHanko."""

import io
import os
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader

from twinhood.documents import specimen
from twinhood.documents.core.typesetting import pages_of, typeset
from twinhood.documents.core.unfit import FIT
from twinhood.documents.paper_words import setting_of
from twinhood.documents.tests.papers import act, agreement

MOMENTS = (
    datetime(2026, 4, 6, 11, 10, tzinfo=UTC),
    datetime(2026, 4, 6, 15, 5, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("papers") / "frozen.pdf"
    paper = agreement(articles=8)
    url = "http://localhost:8000/v/3AGREEMENT"
    path.write_bytes(typeset(paper, setting_of(paper, code="3AGREEMENT", check_url=url)))
    return path


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("papers") / "signed.pdf"
    path.write_bytes(specimen.signed(agreement(articles=8), MOMENTS).data)
    return path


def judged(*command: str, code: int = 0) -> str:
    """What a judge says; skipped with its name where it is not installed, never in CI."""
    if shutil.which(command[0]) is None:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have {command[0]}.")
        pytest.skip(f"{command[0]} is not installed")
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == code, run.stdout + run.stderr
    return run.stdout


def test_pdfsig_calls_both_signatures_valid_and_the_whole_document_covered(signed: Path) -> None:
    told = judged("pdfsig", str(signed))

    assert told.count("Signature is Valid.") == 2
    assert told.count("Common Name: DEMO, ") == 2
    assert told.rstrip().rpartition("Signature #")[2].count("Total document signed") == 1


def test_pdfsig_sees_a_flipped_byte(signed: Path, tmp_path: Path) -> None:
    data = bytearray(signed.read_bytes())
    data[2000] ^= 1
    flipped = tmp_path / "flipped.pdf"
    flipped.write_bytes(data)

    assert "Signature is Valid." not in judged("pdfsig", str(flipped))


def test_mutool_calls_both_signatures_valid(signed: Path) -> None:
    assert judged("mutool", "sign", "-v", str(signed)).count("The signature is valid") == 2


@pytest.mark.parametrize("which", ["frozen", "signed"])
def test_qpdf_finds_nothing_wrong(which: str, request: pytest.FixtureRequest) -> None:
    told = judged("qpdf", "--check", str(request.getfixturevalue(which)))

    assert "No syntax or stream encoding errors found" in told
    assert "WARNING" not in told


@pytest.mark.parametrize("which", ["frozen", "signed"])
def test_every_font_is_embedded(which: str, request: pytest.FixtureRequest) -> None:
    rows = judged("pdffonts", str(request.getfixturevalue(which))).splitlines()[2:]

    # name … emb sub uni object ID
    assert rows
    assert {row.split()[-5] for row in rows} == {"yes"}


@pytest.mark.parametrize("which", ["frozen", "signed"])
def test_it_is_tagged_and_holds_no_program(which: str, request: pytest.FixtureRequest) -> None:
    told = judged("pdfinfo", str(request.getfixturevalue(which)))

    assert "Tagged:          yes" in told
    assert "JavaScript:      no" in told
    assert "Encrypted:       no" in told


@pytest.mark.parametrize("which", ["frozen", "signed"])
def test_it_still_says_and_holds_what_pdf_a_and_pdf_ua_want(
    which: str, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(which)

    with pikepdf.open(path) as pdf:
        with pdf.open_metadata() as meta:
            said = {name: meta.get(name) for name in CLAIMS}
        intents = [intent.S for intent in pdf.Root.OutputIntents]
        widgets = [one for page in pdf.pages for one in page.get("/Annots", [])]
        elements = forms_of(pdf.Root.StructTreeRoot)

        assert said == CLAIMS
        assert intents == ["/GTS_PDFA1"]
        assert str(pdf.Root.Lang) == "en"
        for widget in widgets:
            if not has_area(widget.Rect):
                continue  # a timestamp's, out of the page's bounds
            assert int(widget.F) & 0b100111 == 0b100  # printed, and never hidden
            assert "/N" in widget.AP
            assert str(widget.TU)
            assert any(element.K.Obj.objgen == widget.objgen for element in elements)
        assert {page.get("/Tabs") for page in pdf.pages if "/Annots" in page} >= {"/S"}


CLAIMS = {
    "{http://www.aiim.org/pdfa/ns/id/}part": "2",
    "{http://www.aiim.org/pdfa/ns/id/}conformance": "A",
    "{http://www.aiim.org/pdfua/ns/id/}part": "1",
}


def has_area(rectangle: pikepdf.Object) -> bool:
    left, bottom, right, top = (float(edge) for edge in rectangle)
    return right > left and top > bottom


def forms_of(element: pikepdf.Object) -> list[pikepdf.Object]:
    """The elements of fields, anywhere below."""
    if not isinstance(element, pikepdf.Dictionary):
        return []
    if element.get("/S") == "/Form":
        return [element]
    kids = element.get("/K", pikepdf.Array())
    below = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
    return [form for kid in below for form in forms_of(kid)]


def test_both_languages_are_marked(frozen: Path) -> None:
    with pikepdf.open(frozen) as pdf:
        marked = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary)]
        languages = {str(one.Lang) for one in marked if "/Lang" in one and "/S" in one}
        whole = str(pdf.Root.Lang)

    assert whole == "en"
    assert "uk" in languages


def test_the_words_of_both_languages_can_be_read_out(frozen: Path) -> None:
    told = judged("pdftotext", str(frozen), "-")

    assert "anybody can follow it to the thing" in " ".join(told.split())
    assert "Кожен дар записують" in " ".join(told.split())
    assert told.count("SPECIMEN") >= told.count("\f")


def test_a_paper_of_one_language_three_sides_and_two_hundred_articles_comes_out() -> None:
    long = agreement(articles=200)
    third = replace(long.places[0], field="Side3")
    paper = replace(long, languages=("uk",), places=(*long.places, third))

    setting = setting_of(paper, code="3AGREEMENT", check_url="http://localhost/v/3AGREEMENT")
    with pikepdf.open(io.BytesIO(typeset(paper, setting))) as pdf:
        fields = [str(field.T) for field in pdf.Root.AcroForm.Fields]
        assert str(pdf.Root.Lang) == "uk"
        assert len(pdf.pages) > 10

    assert fields == ["Side1", "Side2", "Side3"]


def test_every_character_that_is_fit_can_be_set() -> None:
    """PDF/A is not written at all if one of them is in no font."""
    paper = replace(agreement(), version=" ".join(sorted(FIT)))
    setting = setting_of(paper, code="3AGREEMENT", check_url="http://localhost/v/3AGREEMENT")

    assert pages_of(paper, setting).startswith(b"%PDF-1.7")


def test_the_same_paper_gives_the_same_bytes(frozen: Path) -> None:
    paper = agreement(articles=8)
    url = "http://localhost:8000/v/3AGREEMENT"

    again = typeset(paper, setting_of(paper, code="3AGREEMENT", check_url=url))

    assert again == frozen.read_bytes()


def test_each_signature_covers_all_that_was_there_and_is_written_in_one_form(signed: Path) -> None:
    data = signed.read_bytes()
    reader = PdfFileReader(io.BytesIO(data))

    found = list(reader.embedded_signatures)

    assert len(found) == 4
    for one in found:
        first, start, second, _ = (int(number) for number in one.byte_range)
        contents = data[first + start : second]
        assert contents == contents.lower()
        assert contents[:1] + contents[-1:] == b"<>"
        encoded = bytes.fromhex(contents[1:-1].decode())
        made = cms.ContentInfo.load(encoded).dump(force=True)
        assert encoded.startswith(made)
        assert not any(encoded[len(made) :])
    assert found[-1].byte_range[2] + found[-1].byte_range[3] == len(data)


def test_tables_and_drawings_are_tagged_and_can_be_read_aloud() -> None:
    paper = act()
    url = "http://localhost:8000/v/3AGREEMENT"
    data = typeset(paper, setting_of(paper, code="3AGREEMENT", check_url=url))

    with pikepdf.open(io.BytesIO(data)) as pdf:
        elements = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary)]
        kinds = {str(one.S) for one in elements if "/S" in one and "/P" in one}
        told = {str(one.Alt) for one in elements if "/Alt" in one}
        with pdf.open_metadata() as meta:
            said = {name: meta.get(name) for name in CLAIMS}

    assert {"/Table", "/TH", "/TD", "/Figure"} <= kinds
    assert "Commission: DEMO" in told
    assert said == CLAIMS
