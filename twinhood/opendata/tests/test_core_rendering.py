"""What follows from the leaves: texts that other programs read, with our balances and traces."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from twinhood.kit import money
from twinhood.opendata.core import amounts, cells
from twinhood.opendata.core import rendering as files
from twinhood.opendata.core.facts import BadFacts, documents
from twinhood.opendata.core.leaf import BadLeaf
from twinhood.opendata.core.rendering import Rendering
from twinhood.opendata.tests.leaves import Told, play
from twinhood.verify.replay import replay

FUNDS = {"k-usd": "USD", "k_usd": "USD", "k-eur": "EUR", "k-jpy": "JPY", "k-kwd": "KWD"}
# Each try starts two programs: no hundreds of them to find the smallest example.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
some = st.integers(1, 10**7)
fund = st.sampled_from(sorted(FUNDS))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("give"), fund, some, st.integers(0, 900)),
        st.tuples(
            st.just("order"),
            st.sampled_from([["k-usd", "k_usd"], ["k-eur"], ["k-jpy"], ["k-kwd"]]),
            st.lists(some, min_size=1, max_size=3),
        ),
        st.tuples(st.just("cancel"), st.integers(0, 9), st.integers(0, 3)),
        st.tuples(st.just("reduction"), st.integers(0, 9), st.integers(0, 3), some),
        st.tuples(st.just("refund"), st.integers(0, 50), some),
        st.tuples(st.just("exchange"), fund, fund, some, some),
        st.tuples(st.just("pay"), st.integers(0, 9), some),
    ),
    min_size=3,
    max_size=40,
)


def rendered(told: Told, facts: list[dict[str, Any]] | None = None) -> dict[str, str]:
    found: dict[str, bytes] = dict.fromkeys(files.PATHS, b"")

    def write(path: str, more: bytes) -> None:
        found[path] += more

    rendering = Rendering(facts or [], write)
    for index, leaf in told.numbered:
        rendering.add(index, leaf)
    rendering.finish()
    return {path: text.decode() for path, text in found.items()}


def in_order(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def a_played(todo: list[tuple[Any, ...]]) -> Told:
    told = Told()
    for code, currency in FUNDS.items():
        told.open_fund(code, currency)
    told.give("gift:first", "k-usd", 2500, 98)
    play(told, todo)
    return told


def hledger(*arguments: str) -> str:
    """Run hledger; without it the test is skipped, on the machine that tries all it fails."""
    if shutil.which("hledger") is None:
        assert not os.environ.get("CI"), "hledger is missing: apt-get install hledger"
        pytest.skip("hledger is not installed")
    done = subprocess.run(["hledger", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def bean_check(path: Path) -> str:
    command = [str(Path(sys.executable).parent / "bean-check"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout + done.stderr


def hledger_balances(path: Path) -> dict[tuple[str, str], Decimal]:
    """What hledger makes of the books: balance by account and currency."""
    found = {}
    text = hledger("-f", str(path), "bal", "-E", "--flat", "--no-total", "-O", "csv")
    for line in rows(text):
        for amount in line["balance"].split(", "):
            number, _, currency = amount.partition(" ")
            if currency:
                found[line["account"], currency] = Decimal(number)
    return found


@given(todo=steps)
@settings(max_examples=6, deadline=None, phases=UNSHRUNK)
def test_bean_check_and_hledger_take_the_books_and_find_our_balances(
    tmp_path_factory: pytest.TempPathFactory, todo: list[tuple[Any, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("books")
    texts = rendered(a_played(todo))
    for name in (files.BEANCOUNT, files.HLEDGER):
        (folder / Path(name).name).write_text(texts[name], encoding="utf-8")

    said = bean_check(folder / "books.beancount")
    hledger("-f", str(folder / "books.journal"), "check", "-s")
    theirs = hledger_balances(folder / "books.journal")

    assert said == ""
    assert {key: sum_ for key, sum_ in theirs.items() if sum_} == our_balances(texts)


def our_balances(texts: dict[str, str]) -> dict[tuple[str, str], Decimal]:
    """Balances of accounts.csv under the names that the books give the accounts."""
    names = {}
    for line in texts[files.HLEDGER].splitlines():
        if line.startswith("account "):
            name, _, code = line.removeprefix("account ").partition("  ; code:")
            names[code] = name
    found = {}
    for row in rows(texts[files.ACCOUNTS]):
        sign = -1 if row["side"] == "credit" else 1
        name = names[cells.books_text(row["account"])]
        if Decimal(row["balance"]):
            found[name, row["currency"]] = sign * Decimal(row["balance"])
    return found


def test_bean_check_names_a_balance_that_is_wrong_by_one_cent(tmp_path: Path) -> None:
    told = Told()
    told.open_fund("k-usd", "USD")
    told.give("gift:1", "k-usd", 2500)
    text = rendered(told)[files.BEANCOUNT]
    path = tmp_path / "books.beancount"
    path.write_text(text.replace("  25.00 ~ 0 USD", "  25.01 ~ 0 USD"))

    said = bean_check(path)

    assert "Balance failed for 'Assets:Clearing:Card'" in said


@given(todo=steps)
@settings(max_examples=25, deadline=None)
def test_the_rendered_journal_replays_to_the_rendered_traces_and_totals(
    todo: list[tuple[Any, ...]],
) -> None:
    texts = rendered(a_played(todo))

    answer = io.StringIO()
    replay(io.BytesIO(texts[files.JOURNAL].encode()), answer, lambda *what: pytest.fail(str(what)))
    found = json.loads(answer.getvalue())

    told = [
        {"to": r["to"], "key": r["key"], "unit": r["unit"], "amount": int(r["amount_minor"])}
        | {"gift": r["gift"]}
        for r in rows(texts[files.TRACES])
    ]
    parts = [p | {"gift": key} for key, gift in found["gifts"].items() for p in gift["trace"]]
    assert sorted(told, key=in_order) == sorted(parts, key=in_order)
    totals = json.loads(texts[files.TOTALS])
    assert {name: int(f["free_minor"]) for name, f in totals["funds"].items()} == {
        name: line["free"] for name, line in found["funds"].items()
    }


@given(todo=steps)
@settings(max_examples=25, deadline=None)
def test_accounts_are_the_sums_of_transfers_and_a_funds_balance_is_what_is_free(
    todo: list[tuple[Any, ...]],
) -> None:
    texts = rendered(a_played(todo))

    sums: dict[tuple[str, str], int] = {}
    for row in rows(texts[files.TRANSFERS]):
        for side, sign in (("debit", 1), ("credit", -1)):
            key = row[side], row["currency"]
            sums[key] = sums.get(key, 0) + sign * int(row["amount_minor"])
    shown = {
        (row["account"], row["currency"]): int(row["debits_minor"]) - int(row["credits_minor"])
        for row in rows(texts[files.ACCOUNTS])
    }
    assert shown == sums
    for name, fund in json.loads(texts[files.TOTALS])["funds"].items():
        assert -shown.get((f"fund:{name}", fund["currency"]), 0) == int(fund["free_minor"])


def test_two_codes_that_names_cannot_tell_apart_are_two_accounts(tmp_path: Path) -> None:
    told = Told()
    for code in ("k-usd", "k_usd", "K.usd"):
        told.open_fund(code, "USD")
        told.give(f"gift:{code}", code, 2500)
    path = tmp_path / "books.beancount"
    path.write_text(rendered(told)[files.BEANCOUNT])

    said = bean_check(path)

    assert said == ""
    assert path.read_text().count(" open Equity:Fund:K-usd") == 3


# A formula for a spreadsheet, the end of a text, a comment, a tag, another line.
HOSTILE = (
    '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\uff1d1+1", "\uff0b1",
    "\uff0d1", "\uff201", 'a"b\\', "a;b", "a,tag:b", "a\nb", "швидка № 3", "a  b", "a|b", "%",
)  # fmt: skip


def test_no_key_can_become_a_formula_a_line_or_a_comment(tmp_path: Path) -> None:
    told = Told()
    told.open_fund("k-usd", "USD")
    for key in HOSTILE:
        told.give(key, "k-usd", 100)

    texts = rendered(told)
    for name in (files.BEANCOUNT, files.HLEDGER):
        (tmp_path / Path(name).name).write_text(texts[name], encoding="utf-8", newline="")

    assert bean_check(tmp_path / "books.beancount") == ""
    hledger("-f", str(tmp_path / "books.journal"), "check", "-s")
    for name in (files.ENTRIES, files.TRANSFERS, files.TRACES):
        shown = [cell for row in rows(texts[name]) for cell in row.values()]
        assert not [cell for cell in shown if cell.startswith(tuple("=+-@\t\r＝＋－＠"))]
    shown = [row["key"] for row in rows(texts[files.ENTRIES])][1:]
    assert [key.removeprefix("'") for key in shown] == list(HOSTILE)


@given(st.text(max_size=30))
def test_a_cell_is_read_back_as_it_was_but_for_the_sign_that_guards_it(text: str) -> None:
    (read,) = next(csv.reader(io.StringIO(cells.cell(text) + "\r\n", newline=""))) or [""]

    assert read in (text, f"'{text}")
    assert not read.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.integers(0, 10**30), st.sampled_from(money.CURRENCIES))
def test_major_units_are_exact_with_the_currencys_own_digits(minor: int, currency: str) -> None:
    written = amounts.major(minor, amounts.digits_of(currency))

    assert int(written.replace(".", "")) == minor
    assert len(written.partition(".")[2]) == money.digits_of(currency)


THING = {
    "category": "ambulance", "kind": "thing", "name": "n1-ambulance-3", "need": 1, "number": 3,
    "order": "order:O-1", "supplier": {"en": "Supplier"}, "unit": "3f09",
    "title": {"en": "ambulance 3", "uk": "швидка № 3"},
}  # fmt: skip
ACT = {
    "act": 1, "date": "2026-11-20", "giver": {"en": "Charity"}, "kind": "hand-over", "photos": [],
    "place": {"en": "Kramatorsk"}, "receiver": {"en": "Hospital"}, "signed_by": {"en": "offices"},
    "units": [{"condition": "good", "serial_last4": "4711", "unit": "3f09"}],
}  # fmt: skip


def an_order() -> Told:
    told = Told()
    told.open_fund("k-usd", "USD")
    told.give("gift:1", "k-usd", 2500)
    told.order("order:O-1", ["k-usd"], ("3f09", 900), ("77aa", 600))
    told.cancel("cancel:O-1:77aa", "order:O-1", "77aa")
    return told


def test_a_thing_keeps_its_opaque_name_until_an_opening_tells_it() -> None:
    told = an_order()

    texts = rendered(told)

    assert "ambulance" not in "".join(texts.values())
    (unit, cancelled) = rows(texts[files.UNITS])
    assert (unit["unit"], unit["name"], unit["state"]) == ("3f09", "", "bought")
    assert cancelled["state"] == "cancelled"


def test_an_opening_names_the_thing_in_journal_traces_and_units() -> None:
    texts = rendered(an_order(), [THING, ACT])

    order = json.loads(texts[files.JOURNAL].splitlines()[2])
    assert order["units"] == [
        {"amount": 900, "code": "3f09", "unit": "n1-ambulance-3"},
        {"amount": 600, "unit": "77aa"},
    ]
    assert "n1-ambulance-3" in {row["unit"] for row in rows(texts[files.TRACES])}
    unit = rows(texts[files.UNITS])[0]
    assert (unit["title_uk"], unit["state"]) == ("швидка № 3", "handed over")
    assert (unit["handed_over_date"], unit["serial_last4"]) == ("2026-11-20", "4711")


def test_what_is_told_is_a_document_too() -> None:
    found = documents([THING, ACT])

    assert list(found) == ["documents/acts/1.json"]
    assert json.loads(found["documents/acts/1.json"]) == ACT


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "thing"}, THING | {"more": 1}, THING | {"name": 3}, THING | {"title": "x"},
        THING | {"need": True}, ACT | {"units": []}, ACT | {"units": [{}]}, ACT | {"date": "x"},
        ACT | {"units": [3]}, ACT | {"photos": ["x"]}, {}, [],
    ],
)  # fmt: skip
def test_facts_of_a_known_kind_have_its_one_shape(facts: Any) -> None:
    with pytest.raises(BadFacts):
        rendered(an_order(), [facts])


def a_leaf(**changed: Any) -> dict[str, Any]:
    told = an_order()
    leaf = told.leaves[1] | changed
    return {name: value for name, value in leaf.items() if value is not ...}


def a_transfer(**changed: Any) -> dict[str, Any]:
    (transfer,) = a_leaf()["transfers"]
    return a_leaf(transfers=[transfer | changed])


@pytest.mark.parametrize(
    "leaf",
    [
        [], {}, a_leaf(kind=3), a_leaf(kind="entry", seq=0), a_leaf(seq=True), a_leaf(seq="2"),
        a_leaf(date="2026-02-30"), a_leaf(date="26-02-01"), a_leaf(date=3), a_leaf(key=""),
        a_leaf(donor="AAAA"), a_leaf(donor=...), a_leaf(more=1), a_leaf(journal={}),
        a_leaf(journal=[3]), a_leaf(journal=[]), a_leaf(transfers=None), a_leaf(transfers=[{}]),
        a_leaf(journal=[a_leaf()["journal"][0] | {"date": "2026-01-01"}]), a_leaf(partnership=1),
        a_leaf(journal=[{"kind": "gift"}]), a_transfer(amount=0), a_transfer(amount=-1),
        a_transfer(amount=True), a_transfer(amount=1.5), a_transfer(debit="fund:k-usd"),
        a_transfer(debit=""), a_transfer(currency="usd"), a_transfer(credit=None),
        {"kind": "commitment", "partnership": "s"},
        {"kind": "commitment", "partnership": "s", "commitment": "AAAA"},
        {"kind": "pulled-back", "partnership": "s", "commitment": 3},
        {"kind": "key", "partnership": ""},
    ],
)  # fmt: skip
def test_a_leaf_that_is_not_what_it_says_is_refused(leaf: Any) -> None:
    rendering = Rendering([], lambda *_: None)
    rendering.add(0, an_order().leaves[0])

    with pytest.raises(BadLeaf):
        rendering.add(1, leaf)


def test_a_leaf_of_a_later_kind_is_counted_and_changes_nothing() -> None:
    told, richer = an_order(), an_order()
    richer.leaves.append({"kind": "agreement", "partnership": "s", "what": ["ever"]})

    before, after = rendered(told), rendered(richer)

    assert json.loads(after.pop(files.TOTALS))["leaves"]["agreement"] == 1
    before.pop(files.TOTALS)
    assert before == after


def test_an_entry_dated_before_others_and_one_without_money_are_in_the_books(
    tmp_path: Path,
) -> None:
    told = an_order()
    told.day = "1999-01-01"
    told.pay("payment:O-1", "order:O-1", 10)
    told.open_fund("k-eur", "EUR")
    path = tmp_path / "books.beancount"
    path.write_text(rendered(told)[files.BEANCOUNT])

    assert bean_check(path) == ""
    assert "; 1999-01-01 fund:k-eur: no money moved" in path.read_text()
