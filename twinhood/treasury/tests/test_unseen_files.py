"""Statements as banks write them that nobody here had seen: read as they mean it, or held."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from twinhood.giving.tests import world
from twinhood.treasury.models import BankAccount, StatementFile, StatementLine

pytestmark = pytest.mark.django_db
DESK = "/en/desk/stamford-kramatorsk/bank/"
PAYLOADS = Path(__file__).parent / "payloads"


@pytest.fixture
def desk(client: Client) -> Client:
    pair = world.partnership()
    world.fund(pair)
    return world.signed_in(client, world.tom(pair))


def uploaded(desk: Client, name: str) -> tuple[str, str]:
    """The address of the look at the file, and its page."""
    file = SimpleUploadedFile(name, (PAYLOADS / name).read_bytes())
    answer = desk.post(DESK, {"file": file}, follow=True)
    assert answer.redirect_chain, unescape(answer.content.decode())
    return answer.redirect_chain[-1][0], answer.content.decode()


def suggested(page: str) -> dict[str, str]:
    """The form as the page fills it in."""
    form = {}
    for name, body in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        form[name] = unescape(chosen[1]) if chosen else ""
    for name, value in re.findall(
        r'<input type="(?:text|number)" name="(\w+)"(?: value="([^"]*)")?', page
    ):
        form[name] = unescape(value)
    return form


def answer_to(desk: Client, address: str, **form: str) -> tuple[int, str]:
    answer = desk.post(address, form, follow=True)
    return answer.status_code, unescape(answer.content.decode())


def amounts() -> list[int]:
    return list(StatementLine.objects.order_by("id").values_list("amount_minor", flat=True))


# Files, what a person adds to what the page suggests, and the lines that they hold.
TAKEN: dict[str, tuple[dict[str, str], list[int]]] = {
    "sum-below-cp1251.csv": ({"opening": "1 000,00", "closing": "24,50"}, [2500, -100050]),
    "latin-i-in-heading.csv": ({}, [100000, 25000]),
    "apostrophe-cp1252.csv": ({"currency": "EUR"}, [123456, -3456]),
    "soll-haben.csv": ({"currency": "EUR", "opening": "0", "closing": "15,00"}, [2500, -1000]),
    "dr-cr.csv": ({"currency": "USD", "opening": "0", "closing": "15.00"}, [2500, -1000]),
    "dr-behind-amount.csv": (
        {"currency": "EUR", "opening": "0", "closing": "40,00"}, [2500, 2500, -1000],
    ),
    "semicolon-in-text.csv": ({"currency": "UAH", "opening": "0", "closing": "2500"}, [250000]),
    "excel-sep.csv": ({"currency": "EUR"}, [123456, -3456]),
    "table-below-facts.csv": ({}, [2500]),
}  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_is_taken_in_as_the_page_suggests(desk: Client, name: str) -> None:
    added, lines = TAKEN[name]
    address, page = uploaded(desk, name)

    form = suggested(page) | {"account": "26007233566001"} | added
    status, said = answer_to(desk, address, **form, step="take")

    assert status == 200, said
    assert amounts() == lines
    assert BankAccount.objects.get().currency == form["currency"]


def test_a_sum_below_the_lines_is_shown_as_left_out(desk: Client) -> None:
    _, page = uploaded(desk, "sum-below-cp1251.csv")

    assert "These last rows hold no day and are left out:" in page
    assert "Всього · -975,50 · UAH" in page


def test_a_mark_inside_the_last_text_loses_nothing_of_it(desk: Client) -> None:
    address, page = uploaded(desk, "semicolon-in-text.csv")

    form = suggested(page) | {"account": "1", "currency": "UAH"}
    _, said = answer_to(desk, address, **form, step="read")

    assert "Внесок; частина 1" in said


def test_thousands_that_may_be_cents_are_asked_about(desk: Client) -> None:
    address, page = uploaded(desk, "thousands-or-cents.csv")

    form = suggested(page) | {"account": "1", "currency": "EUR"}
    status, said = answer_to(desk, address, **form, step="take")

    assert form["marks"] == ""
    assert status == 422
    assert "Say how amounts are written: the file leaves it open." in said
    assert not amounts()


def test_a_fee_beside_the_amount_holds_the_file_and_says_where(desk: Client) -> None:
    address, page = uploaded(desk, "fee-outside-amount.csv")

    status, said = answer_to(desk, address, **suggested(page) | {"account": "1"}, step="take")

    assert status == 422
    assert "balance breaks at row 3" in said
    assert "The difference is −$0.50." in said
    assert not amounts()


def test_a_word_that_is_no_direction_is_named_with_its_row(desk: Client) -> None:
    address, page = uploaded(desk, "dr-cr.csv")
    form = suggested(page) | {"account": "1", "currency": "USD"}
    form["col_2"], form["col_3"] = "", "direction"

    status, said = answer_to(desk, address, **form, step="read")

    assert status == 422
    assert "gift: this does not say whether money came in or went out" in re.sub(
        r"\s*<[^>]*>", "", said
    )


def test_xml_without_a_byte_order_mark_is_still_xml(desk: Client) -> None:
    address, _ = uploaded(desk, "utf-16-without-mark.xml")

    answer_to(desk, address, step="take")

    assert amounts() == [2500]


def test_a_balance_that_the_file_lacks_is_typed_and_must_add_up(desk: Client) -> None:
    address, page = uploaded(desk, "no-opening.xml")
    assert "S1: balance before the first line" in page

    status, said = answer_to(desk, address, step="take", opening_0="nothing")
    assert status == 422
    assert "Write the balance like 1,234.50." in said
    assert 'value="nothing"' in said
    status, said = answer_to(desk, address, step="read", opening_0="10")
    assert "make €35.00, but the statement ends with €25.00" in said
    status, _ = answer_to(desk, address, step="take", opening_0="0.00")

    assert status == 200
    assert amounts() == [2500]
    assert StatementFile.objects.get().state == "taken"


def test_a_batch_that_takes_one_payment_back_can_be_decided(desk: Client) -> None:
    address, _ = uploaded(desk, "batch-with-a-return.xml")
    answer_to(desk, address, step="take")
    line = StatementLine.objects.get()
    world.fund(line.account.partnership, "kramatorsk-eur", "EUR")
    page = desk.get(f"{DESK}lines/{line.pk}/").content.decode()
    funds = re.findall(r'<option value="(\d+)"[^>]*>kramatorsk-eur', page)

    status, said = answer_to(
        desk, f"{DESK}lines/{line.pk}/", step="gift", part="0",
        **{"giver-fund": funds[0], "giver-donor_language": "en"},
    )  # fmt: skip

    assert status == 200, said
    line.refresh_from_db()
    assert (line.matched_minor, line.open_minor, line.state) == (5000, -1000, "open")
    assert "Payment 2" not in said


def test_another_kind_of_file_is_named_as_not_read_here(desk: Client) -> None:
    file = SimpleUploadedFile("other.json", (PAYLOADS / "other.json").read_bytes())

    answer = desk.post(DESK, {"file": file})

    assert answer.status_code == 422
    assert "This format is not read here." in unescape(answer.content.decode())
    assert not StatementFile.objects.exists()
