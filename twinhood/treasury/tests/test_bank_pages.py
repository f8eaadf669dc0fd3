"""The bank's desk: files looked at before anything is written, lines decided by a person."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from twinhood.giving import actions as giving
from twinhood.giving.core.pledged import Told
from twinhood.giving.core.reference import spaced
from twinhood.giving.models import Gift, Pledge
from twinhood.giving.tests import pledges, world
from twinhood.ledger.models import Fund
from twinhood.people.models import Partnership
from twinhood.treasury.models import (
    BankAccount,
    CsvMapping,
    Match,
    Statement,
    StatementFile,
    StatementLine,
)
from twinhood.treasury.tests.camt_files import SEPTEMBER, file_of, one

pytestmark = pytest.mark.django_db
DESK = "/en/desk/stamford-kramatorsk/bank/"
CSV = (
    "Buchungstag;Betrag;Verwendungszweck;Name;Saldo\r\n"
    "14.09.2023;25,00;{words};Änna Kowal;1.025,00\r\n"
    "15.09.2023;-1.000,50;=1+1;@Müller;24,50\r\n"
)


@pytest.fixture
def pair() -> Partnership:
    return world.partnership()


@pytest.fixture
def fund(pair: Partnership) -> Fund:
    return world.fund(pair, "kramatorsk-eur", "EUR")


@pytest.fixture
def desk(client: Client, pair: Partnership) -> Client:
    return world.signed_in(client, world.tom(pair))


def uploaded(desk: Client, data: bytes, name: str = "s.xml", status: int = 200) -> tuple[str, str]:
    """The address that the upload leads to, and the page there."""
    file = SimpleUploadedFile(name, data)
    answer = desk.post(DESK, {"file": file}, follow=True)
    assert answer.status_code == status
    address = answer.redirect_chain[-1][0] if answer.redirect_chain else DESK
    return address, unescape(answer.content.decode())


def sent(desk: Client, address: str, status: int = 200, /, **form: Any) -> str:
    answer = desk.post(address, form, follow=True)
    assert answer.status_code == status, unescape(answer.content.decode())[-4000:]
    return unescape(answer.content.decode())


def page_of(desk: Client, address: str) -> str:
    answer = desk.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def line_url(line: StatementLine) -> str:
    return f"{DESK}lines/{line.pk}/"


def pledge(fund: Fund, name: str = "Anna Kovalenko") -> Pledge:
    told = Told(name=name, email="anna@example.org")
    return pledges.made(fund, rail="transfer", told=told).pledge


def test_nothing_is_written_before_it_was_looked_at(desk: Client) -> None:
    address, page = uploaded(desk, file_of(SEPTEMBER))

    assert "5 new lines." in page
    assert "1 line is only announced" in page
    assert "St Basil" in page
    assert not StatementLine.objects.exists()
    assert not BankAccount.objects.exists()
    done = sent(desk, address, step="take")
    assert "5 new lines are taken in." in done
    assert "0.00" in done
    assert StatementLine.objects.count() == 5


def test_the_same_file_again_says_that_nothing_is_new(desk: Client) -> None:
    address, _ = uploaded(desk, file_of(SEPTEMBER))
    sent(desk, address, step="take")

    again, page = uploaded(desk, file_of(SEPTEMBER))

    assert "0 new lines." in page
    assert "5 lines are known" in page
    assert 'value="take"' not in page
    assert "All these lines were known" in sent(desk, again, step="take")
    assert StatementLine.objects.count() == 5


def test_a_file_that_does_not_add_up_is_held_with_the_difference_on_the_list(
    desk: Client,
) -> None:
    address, page = uploaded(desk, file_of(SEPTEMBER, closing_minor=357_000))

    assert "This file is held." in page
    assert "make €3,573.50, but the statement ends with €3,570.00" in page
    assert "−€3.50" in page
    assert 'value="take"' not in page
    assert "−€3.50" in page_of(desk, DESK)
    # Also for who asks for it all the same.
    sent(desk, address, 422, step="take")
    assert not StatementLine.objects.exists()
    sent(desk, address, step="put_away")
    assert "Files that wait" not in page_of(desk, DESK)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no line of a statement"),
        (b"PK\x03\x04xxxx", "This is a spreadsheet."),
        (b"%PDF-1.7", "This is a PDF"),
        (b":20:START", "This is MT940"),
        (b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>", "document type"),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', "document type"),
        (file_of(SEPTEMBER)[:900], "no well-formed XML"),
        (b"<rss/>", "not a bank statement in camt.053"),
        (file_of(SEPTEMBER).replace(b"<Sts>", b"<Wrong>").replace(b"</Sts>", b"</Wrong>"),
         "not as camt.053 says"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_named_and_leaves_nothing_behind(
    data: bytes, words: str, desk: Client
) -> None:
    _, page = uploaded(desk, data, status=422)

    assert words in page
    assert not StatementFile.objects.filter(sealed__isnull=False).exists()
    assert not StatementLine.objects.exists()


def test_a_refusal_is_said_in_ukrainian_too(desk: Client) -> None:
    file = SimpleUploadedFile("s.pdf", b"%PDF-1.7")

    answer = desk.post(DESK.replace("/en/", "/uk/"), {"file": file})

    assert answer.status_code == 422
    assert "PDF" in answer.content.decode()
    assert "camt.053 або CSV" in answer.content.decode()


def mapping_of(page: str, **more: str) -> dict[str, str]:
    form = {
        "encoding": "cp1252", "delimiter": ";", "skipped_rows": "1", "col_0": "booked_date",
        "col_1": "amount", "col_2": "text", "col_3": "other_name", "col_4": "balance",
        "date_form": "14.09.2023", "marks": "1.234,56", "account": "DE89 3704 0044 0532 0130 00",
        "currency": "EUR", "opening": "", "closing": "", "save_as": "Sparkasse",
    }  # fmt: skip
    return form | more


def test_a_csv_is_read_as_a_person_said_once_and_so_again(desk: Client, fund: Fund) -> None:
    annas = pledge(fund)
    data = CSV.format(words=f"Spende {annas.reference}").encode("cp1252")
    address, page = uploaded(desk, data, "umsatz.csv")
    assert "Änna Kowal" in page
    assert "Nothing in the file says its encoding." in page
    assert '<option value="14.09.2023" selected>' in page
    assert '<option value="amount" selected>' in page

    looked = sent(desk, address, step="read", **mapping_of(page))
    assert "2 new lines." in looked
    assert not StatementLine.objects.exists()
    sent(desk, address, step="take", **mapping_of(page))

    first, second = StatementLine.objects.order_by("booked_date")
    assert (first.amount_minor, second.amount_minor) == (2500, -100_050)
    account = BankAccount.objects.get()
    assert (account.first_minor, account.last_minor) == (100_000, 2450)
    assert CsvMapping.objects.get().name == "Sparkasse"
    later = data.replace(b"14.09.", b"24.09.").replace(b"15.09.", b"25.09.")
    _, again = uploaded(desk, later, "umsatz2.csv")
    assert "Read as “Sparkasse” was read before." in again
    assert "=1+1" in page_of(desk, line_url(second))


def test_where_a_day_can_be_read_in_two_ways_a_person_says_which(desk: Client) -> None:
    data = b"Date,Amount,Description\n04/06/2023,25.00,x\n05/06/2023,1.00,y\n"
    address, page = uploaded(desk, data, "bank.csv")
    assert '<option value="04/06/2023" selected>' not in page
    form = mapping_of(
        page, encoding="utf-8", delimiter=",", date_form="", marks="1,234.56", col_2="text",
        col_3="", col_4="", opening="0.00", closing="26.00", account="1234567",
    )  # fmt: skip
    form = {name: value for name, value in form.items() if name not in {"col_3", "col_4"}}

    refused = sent(desk, address, 422, step="read", **form)
    read = sent(desk, address, step="read", **form | {"date_form": "14/09/2023"})

    assert "the file leaves it open" in refused
    assert "4 June 2023" in read


def test_rows_that_do_not_fit_are_named_and_nothing_is_taken(desk: Client) -> None:
    data = CSV.format(words="x").replace("15.09.2023", "31.09.2023").replace("25,00;x", "=1+1;x")
    address, page = uploaded(desk, data.encode("cp1252"), "umsatz.csv")

    refused = sent(desk, address, 422, step="take", **mapping_of(page))

    assert "Line 2, Amount with its sign" in refused
    assert "=1+1" in refused
    assert "Line 3, Day booked" in refused
    assert not StatementLine.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"encoding": "utf-8"}, "no text in the chosen encoding"),
        ({"col_2": "amount"}, "one column only"),
        ({"col_1": ""}, "one column for the day"),
        ({"account": "DE89 3704 0044 0532 0130 01"}, "This IBAN cannot be right"),
        ({"currency": ""}, "which currency"),
        ({"skipped_rows": "-1"}, "greater than or equal to 0"),
        ({"opening": "abc", "col_4": ""}, "Write this balance as"),
        ({"closing": "9,99"}, "This file is held."),
    ],
)
def test_what_was_said_about_a_csv_is_mended_where_it_is_wrong(
    change: dict[str, str], words: str, desk: Client
) -> None:
    address, page = uploaded(desk, CSV.format(words="x").encode("cp1252"), "umsatz.csv")

    refused = sent(desk, address, 422, step="take", **mapping_of(page, **change))

    assert words in refused
    # What was typed is still there.
    assert "Sparkasse" in refused
    assert not StatementLine.objects.exists()


def test_a_csv_without_balances_asks_for_them(desk: Client) -> None:
    address, page = uploaded(desk, CSV.format(words="x").encode("cp1252"), "umsatz.csv")
    form = mapping_of(page, col_4="")

    held = sent(desk, address, step="read", **form)
    typed = sent(desk, address, step="read", **form | {"opening": "1.000", "closing": "24,50"})

    assert "Type both balances" in held
    assert "2 new lines." in typed


def test_a_line_known_from_another_kind_of_file_is_asked_about(desk: Client) -> None:
    data = CSV.format(words="x").encode("cp1252")
    address, page = uploaded(desk, data, "umsatz.csv")
    sent(desk, address, step="take", **mapping_of(page))
    lines = [
        one(2500, bank_ref="A-1", name="Anna"),
        one(-100_050, bank_ref="A-2", day="2023-09-15"),
    ]

    other, page = uploaded(desk, file_of(lines))

    assert "Perhaps known already" in page
    sent(desk, other, step="take")
    assert StatementLine.objects.count() == 2
    # Called new, the two would not add up with the bank's balance, and so the file is held.
    again, page = uploaded(desk, file_of(lines))
    boxes = dict.fromkeys(re.findall(r'name="(accept-[0-9a-f]{64})"', page), "on")
    assert len(boxes) == 2
    assert "are not explained" in sent(desk, again, 422, step="take", **boxes)


def test_a_suggestion_says_why_and_is_accepted_from_the_list(desk: Client, fund: Fund) -> None:
    annas = pledge(fund)
    address, _ = uploaded(desk, file_of([one(2500, texts=(f"Thanks {annas.reference}",))]))
    page = sent(desk, address, step="take")
    assert "it names this pledge’s reference" in page
    assert "the same amount" in page
    line = StatementLine.objects.get()

    done = sent(desk, line_url(line), step="accept", reference=annas.reference, then="list")

    assert "Its gift is taken in." in done
    assert "Every line that the bank has shown is decided." in done
    assert Gift.objects.get().pledge == annas
    assert Match.objects.get().reasons[0] == "reference"


def test_a_reference_may_be_typed_and_a_wrong_one_is_said(desk: Client, fund: Fund) -> None:
    annas = pledge(fund)
    address, _ = uploaded(desk, file_of([one(2500)]))
    sent(desk, address, step="take")
    line = StatementLine.objects.get()

    refused = sent(desk, line_url(line), 422, step="accept", reference="RF00 1234")
    typed = spaced(annas.reference).lower()
    sent(desk, line_url(line), step="accept", reference=typed)

    assert "No pledge has this reference." in refused
    assert Gift.objects.count() == 1


def test_a_gift_without_a_pledge_is_typed(desk: Client, fund: Fund) -> None:
    address, _ = uploaded(desk, file_of([one(2500, name="Rotary")]))
    sent(desk, address, step="take")
    line = StatementLine.objects.get()
    form = {
        "giver-fund": str(fund.pk), "giver-name": "Rotary", "giver-email": "r@example.org",
        "giver-donor_language": "en", "giver-fee": "1.00", "giver-purpose": "Beds",
    }  # fmt: skip

    refused = sent(desk, line_url(line), 422, step="gift", **form | {"giver-email": "nobody"})
    sent(desk, line_url(line), step="gift", **form)

    assert "not an e-mail address" in refused
    gift = Gift.objects.get()
    assert (gift.amount_minor, gift.fee_minor, gift.purpose) == (2600, 100, "Beds")


def test_a_cheque_that_was_pasted_is_found_in_the_books(
    desk: Client, pair: Partnership, fund: Fund
) -> None:
    rows = (
        "amount\tdate\tname\treference\n25.00\t2023-09-14\tAnna\t101\n50.00\t2023-09-14\tBoris\t102"
    )
    paste = {
        "text": rows, "rail": "cheque", "fund": str(fund.pk), "language": "en",
        "day_order": "day", "counted_by": "", "purpose": "", "step": "preview",
    }  # fmt: skip
    address = reverse("giving:paste", args=[pair.slug])
    looked = desk.post(address, paste)
    seal = looked.context["preview"].seal
    desk.post(
        address,
        paste | {"step": "commit", "seal": seal, "has_header": "on"}
        | {f"col_{i}": c for i, c in enumerate(("amount", "date", "name", "reference"))},
    )  # fmt: skip
    giving.post_settled()
    assert Gift.objects.count() == 2
    day = Gift.objects.latest("id").settled_at.date().isoformat()
    address, _ = uploaded(desk, file_of([one(7500, day=day)]))
    sent(desk, address, step="take")
    line = StatementLine.objects.get()
    keys = [gift.key for gift in Gift.objects.all()]

    boxes = {f"entry-{key}": "on" for key in keys}

    nothing = sent(desk, line_url(line), 422, step="entries")
    refused = sent(desk, line_url(line), 409, step="entries", **{f"entry-{keys[0]}": "on"})
    sent(desk, line_url(line), step="entries", **boxes)

    assert "Choose at least one entry." in nothing
    assert "€75.00 of the line are open" in refused
    assert Gift.objects.count() == 2
    line.refresh_from_db()
    assert line.state == "matched"


def test_a_line_is_ignored_opened_booked_and_undone_with_reasons(desk: Client, fund: Fund) -> None:
    address, _ = uploaded(desk, file_of([one(-150)]))
    sent(desk, address, step="take")
    line = StatementLine.objects.get()
    url = line_url(line)

    without = sent(desk, url, 422, step="ignore", **{"ignore-reason": ""})
    sent(desk, url, step="ignore", **{"ignore-reason": "Somebody else’s"})
    sent(desk, url, step="open", **{"open-reason": "Ours after all"})
    sent(desk, url, step="cost")
    match = Match.objects.get()
    sent(desk, url, 422, step="undo", match=match.pk, **{"undo-reason": ""})
    page = sent(desk, url, step="undo", match=match.pk, **{"undo-reason": "A supplier"})

    assert "Say why." in without
    for words in ("Somebody else’s", "Ours after all", "A supplier", "Tom"):
        assert words in page
    again = sent(desk, url, 409, step="undo", match=match.pk, **{"undo-reason": "Once more"})
    assert "Look again." in again


def test_the_account_shows_bank_beside_books(desk: Client, fund: Fund) -> None:
    address, _ = uploaded(desk, file_of(SEPTEMBER))
    sent(desk, address, step="take")

    page = page_of(desk, f"{DESK}accounts/{BankAccount.objects.get().pk}/")

    assert "€0.00 unexplained." in page
    assert "3,573.50" in page


def test_another_partnerships_bank_is_not_found(
    desk: Client, pair: Partnership, client: Client
) -> None:
    address, _ = uploaded(desk, file_of([one(2500)]))
    sent(desk, address, step="take")
    other = world.partnership("other-pair")
    stranger = world.signed_in(Client(), world.tom(other))
    line, account = StatementLine.objects.get(), BankAccount.objects.get()
    file = StatementFile.objects.get()

    for path in (f"files/{file.pk}/", f"lines/{line.pk}/", f"accounts/{account.pk}/"):
        assert stranger.get(f"{DESK}{path}").status_code == 404
        assert stranger.get(f"{DESK}{path}".replace("stamford-k", "other-p")).status_code == 404
        answer = stranger.get(f"/en/desk/other-pair/bank/{path}")
        assert answer.status_code == 404


@pytest.mark.parametrize("step", ["accept", "gift", "entries", "payout", "undo", "nonsense", ""])
def test_a_form_with_nothing_in_it_changes_nothing(step: str, desk: Client, fund: Fund) -> None:
    address, _ = uploaded(desk, file_of([one(2500)]))
    sent(desk, address, step="take")
    line = StatementLine.objects.get()

    answer = desk.post(line_url(line), {"step": step, "part": "99999999", "match": "x"})

    assert answer.status_code in {200, 409, 422}
    line.refresh_from_db()
    assert line.state == "open"
    assert not Gift.objects.exists()


def test_a_statement_taken_in_is_on_the_list(desk: Client) -> None:
    address, _ = uploaded(desk, file_of(SEPTEMBER), "september.xml")
    sent(desk, address, step="take")

    page = page_of(desk, DESK)

    assert Statement.objects.get().name in page
    assert "€3,573.50" in page
    assert page_of(desk, f"{DESK}?state=matched")
    assert page_of(desk, f"{DESK}?state=nonsense&page=x")
    assert StatementFile.objects.get().sealed is None
