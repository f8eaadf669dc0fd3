"""The PDF of a receipt: read by other people's programs, whatever a donor is called."""

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from django.utils import translation

from twinhood.documents.sealed import Mark
from twinhood.giving import receipt_pdf, receipt_words
from twinhood.giving.core.receipt import (
    Key,
    Organisation,
    Receipt,
    ReceiptGift,
    ReceiptKind,
    Sentence,
    gift_aid_declaration,
    sentences,
)
from twinhood.giving.core.receipt_keeping import Kept

ORGANISATIONS = {
    ReceiptKind.US: Organisation("Example Aid Inc.", "00-0000000", "1 Example Street"),
    ReceiptKind.UA: Organisation("БО «Прикладна допомога»", "00000000"),
    ReceiptKind.EU: Organisation("Beispielhilfe e. V.", "VR 0000"),
    ReceiptKind.UK_GIFT_AID: Organisation("Example Aid UK", "0000000"),
}
GIFT = ReceiptGift(date(2023, 4, 7), "Ambulances", 2_500_00, currency="USD")
BACK = ReceiptGift(date(2023, 5, 9), "Карети швидкої", 100_00, 40_00, "USD")
GOODS = ReceiptGift(date(2023, 6, 1), "Hospital", description="A pallet of blankets")
RETURNED = ReceiptGift(
    date(2023, 4, 7), "Gala", 300_00, currency="USD", return_description="Dinner",
    return_minor=80_00,
)  # fmt: skip
POUNDS = ReceiptGift(date(2023, 4, 7), "Ambulances", 100_00, currency="GBP")

MARK = Mark("3AGREEMENT", "https://twinhood.example/v/3AGREEMENT")


def page(told: Kept) -> bytes:
    return receipt_pdf.page(told, MARK, secret="0" * 32)


def kept(
    kind: ReceiptKind = ReceiptKind.US,
    *gifts: ReceiptGift,
    name: str = "Anna Kovalenko",
    language: str = "en",
    replaces: str = "",
    gift_aid: bool = False,
    year: int = 0,
    is_example: bool = False,
) -> Kept:
    stated = Receipt(
        kind, "R-2023-0001", date(2023, 4, 8), ORGANISATIONS[kind], gifts or (GIFT,), name,
        "12 Main Street", gift_aid, replaces,
    )  # fmt: skip
    return Kept(stated, language, year=year, is_example=is_example)


def run(program: str, *arguments: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    done = subprocess.run([found, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def text_in(pdf: bytes, folder: Path) -> str:
    path = folder / "receipt.pdf"
    path.write_bytes(pdf)
    return " ".join(run("pdftotext", "-layout", str(path), "-").split())


def test_another_program_reads_what_stands_on_it(tmp_path: Path) -> None:
    text = text_in(page(kept()), tmp_path)

    assert "Receipt R-2023-0001" in text
    assert "Received by Example Aid Inc., 1 Example Street, registered as 00-0000000" in text
    assert "Received from Anna Kovalenko, 12 Main Street" in text
    assert "$2,500.00, received on 7 April 2023 for: Ambulances" in text
    assert "No goods or services were provided in return." in text
    assert "Keep this acknowledgement" in text
    assert "Specimen" not in text


def test_in_ukrainian_it_is_written_as_papers_are(tmp_path: Path) -> None:
    text = text_in(page(kept(ReceiptKind.UA, BACK, language="uk")), tmp_path)

    assert "Квитанція № R-2023-0001" in text
    assert "60,00 дол. США" in text
    assert "з них повернуто 40,00 дол. США" in text
    assert "благодійна пожертва за Законом України" in text


def test_its_fonts_are_inside_and_it_is_tagged_and_runs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "receipt.pdf"
    path.write_bytes(page(kept(is_example=True)))

    rows = [line.split() for line in run("pdffonts", str(path)).splitlines()[2:]]
    told = dict(
        line.split(":", 1) for line in run("pdfinfo", str(path)).splitlines() if ":" in line
    )

    assert rows
    assert all(row[-5:-2] == ["yes", "yes", "yes"] for row in rows)
    assert told["Tagged"].strip() == "yes"
    assert told["JavaScript"].strip() == "no"
    assert told["Title"].strip() == "Receipt R-2023-0001"
    assert told["Page size"].strip().startswith("612 x 792")


def test_the_same_facts_give_the_same_bytes() -> None:
    assert page(kept()) == page(kept())


@pytest.mark.parametrize(
    "name",
    [
        '#eval("1") #read("/etc/passwd")',
        "*bold* _it_ $x^2$ `raw` @ref <label>",
        "= Heading",
        "\\u{1F600} \\ \\# ] [ } {",
        "</script><b>Anna</b>",
        '#image("x.png")',
    ],
)
def test_a_name_is_never_read_as_markup(name: str, tmp_path: Path) -> None:
    text = text_in(page(kept(name=name)), tmp_path)

    assert " ".join(name.split()) in text


@pytest.mark.parametrize(
    "name",
    ["Оксана Їжакевич-Ґудзь", "Αλέξης Ζορμπάς", "Łukasz Żółć", "Nguyễn Thị Hương", "José Ñandú"],
)
def test_names_in_the_programs_own_scripts_are_whole(name: str, tmp_path: Path) -> None:
    assert name in text_in(page(kept(name=name)), tmp_path)


@pytest.mark.parametrize(
    "name", ["王伟", "محمد علي", "דוד כהן", "ნინო", "हिन्दी", "김철수", "👩🏽‍🌾", "Z̷a̸l̵g̶o̷"]
)
def test_a_name_in_any_other_script_never_costs_the_receipt(name: str, tmp_path: Path) -> None:
    text = text_in(page(kept(name=name)), tmp_path)

    assert "$2,500.00, received on 7 April 2023" in text
    assert "12 Main Street" in text


def test_a_year_is_a_table_over_as_many_pages_as_it_takes(tmp_path: Path) -> None:
    gifts = (GIFT, BACK, GOODS) * 40
    pdf = page(kept(ReceiptKind.US, *gifts, year=2023, is_example=True))

    text = text_in(pdf, tmp_path)

    assert "Gifts in 2023: statement R-2023-0001" in text
    assert text.count("9 May 2023") == 40
    assert "$60.00 ($100.00, less $40.00 given back)" in text
    assert "In all: $102,400.00" in text
    assert "never both" in text
    assert "Specimen: the organisation and the money on it are made up" in text


def test_a_cancellation_says_so_and_nothing_else(tmp_path: Path) -> None:
    stated = Receipt(
        ReceiptKind.US, "R-2023-0002", date(2023, 4, 8), ORGANISATIONS[ReceiptKind.US],
        replaces="R-2023-0001",
    )  # fmt: skip

    text = text_in(page(Kept(stated, "en")), tmp_path)

    assert "Cancellation R-2023-0002" in text
    assert "Receipt R-2023-0001 is cancelled and no longer valid." in text
    assert "$" not in text


@pytest.mark.parametrize("language", ["en", "uk"])
def test_every_sentence_of_every_rule_has_words_in_each_language(language: str) -> None:
    found: list[Sentence] = list(
        gift_aid_declaration(
            organisation=ORGANISATIONS[ReceiptKind.UK_GIFT_AID], donor="Anna",
            home_address="London", which="this gift",
        )
    )  # fmt: skip
    for one in (
        kept(ReceiptKind.US, GIFT, BACK, GOODS, replaces="R-2023-0009"),
        kept(ReceiptKind.US, RETURNED),
        kept(ReceiptKind.UK_GIFT_AID, POUNDS, gift_aid=True),
        kept(ReceiptKind.UK_GIFT_AID, POUNDS),
        kept(ReceiptKind.EU, GIFT),
        kept(ReceiptKind.UA, GIFT),
    ):
        found += sentences(one.receipt)
    found.append(Sentence(Key.CANCELS, "", {"number": "R-2023-0001"}))

    with translation.override(language):
        said = {sentence.key: receipt_words.words(sentence) for sentence in found}

    assert set(said) == set(Key)
    assert all(text and "%(" not in text for text in said.values())


def test_text_in_arabic_turns_only_itself() -> None:
    assert receipt_words.isolated("محمد") == "\u2068محمد\u2069"
    assert receipt_words.isolated("Anna") == "Anna"
