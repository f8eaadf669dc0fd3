"""A public file holds as a whole, or the first thing that does not is named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from twinhood.opendata.core.leaf import BadLeaf, kind_of
from twinhood.opendata.core.rendering import PATHS
from twinhood.opendata.parquet import Tables
from twinhood.translog.core import canonical
from twinhood.verify import container, tables
from twinhood.verify.tests.files import (
    LOG,
    NEWSROOM,
    OTHER_LOG,
    PARTNERSHIP,
    World,
    small_world,
    write,
    zip_of,
)
from twinhood.verify.tests.trying import entry_of, failure, signed_anew, verified

type Leaf = dict[str, Any]


def test_a_whole_file_holds_as_folder_and_as_zip(tmp_path: Path) -> None:
    folder = write(small_world(), tmp_path / "file")

    for path in (folder, zip_of(folder, tmp_path / "file.zip")):
        found = verified(path)
        assert (found.entries, found.gifts) == (22, 13)
        assert found.given == {"USD": 30_066, "UAH": 5_000}
        assert found.checkpoint.size == len(small_world().leaves)
        assert [one.key for one in found.witnesses] == [NEWSROOM.key]
        assert found.only_signed == ["README.en.md", "README.uk.md"]


def test_a_file_without_any_entry_holds(tmp_path: Path) -> None:
    assert verified(write(World(), tmp_path / "file")).entries == 0


def amount(world: World) -> None:
    entry_of(world, "gift:0000001")["transfers"][0]["amount"] += 1


def account(world: World) -> None:
    entry_of(world, "gift:0000001")["transfers"][0]["credit"] = "fund:k-more"


def to_no_asset(world: World) -> None:
    entry_of(world, "gift:0000001")["transfers"][0]["debit"] = "income:other"


def fee(world: World) -> None:
    entry_of(world, "gift:0000001")["transfers"][1]["debit"] = "assets:bank:main"


def order_amount(world: World) -> None:
    entry_of(world, "order:O-1")["transfers"][0]["amount"] -= 1


def order_account(world: World) -> None:
    entry_of(world, "order:O-1")["transfers"][0]["credit"] = "commitments:O-2"


def order_from_elsewhere(world: World) -> None:
    entry_of(world, "order:O-1")["transfers"][0]["debit"] = "fund:k-uah"


def refund_amount(world: World) -> None:
    entry_of(world, "refund:1")["transfers"][0]["amount"] += 5


def refund_in_a_circle(world: World) -> None:
    moves = entry_of(world, "refund:1")["transfers"]
    moves[0]["amount"] += 5
    more = {"amount": 5, "credit": "fund:k-usd", "currency": "USD", "debit": "due-from:2"}
    moves.insert(0, more)


def exchange_left_open(world: World) -> None:
    entry_of(world, "exchange:1")["transfers"][1]["amount"] -= 5


def payment_beyond(world: World) -> None:
    entry_of(world, "payment:1")["transfers"][0]["amount"] = 9_001


def payment_to_nowhere(world: World) -> None:
    entry_of(world, "payment:1")["transfers"][0]["credit"] = "expenses:dinner"


def unknown_account(world: World) -> None:
    entry_of(world, "payment:1")["transfers"][0]["credit"] = "pocket:mine"


def other_key(world: World) -> None:
    entry_of(world, "refund:1")["key"] = "refund:2"


def fund_key(world: World) -> None:
    entry_of(world, "fund:k-more")["key"] = "fund:k-most"


def key_again(world: World) -> None:
    entry_of(world, "payment:1")["key"] = "gift:0000003"


def two_records(world: World) -> None:
    entry = entry_of(world, "fund:k-more")
    entry["journal"].append({"currency": "USD", "fund": "k-most", "kind": "fund"})


def more_fields(world: World) -> None:
    entry_of(world, "order:O-1")["journal"][0]["note"] = "x"


def entry_field(world: World) -> None:
    entry_of(world, "order:O-1")["note"] = "x"


def no_day(world: World) -> None:
    entry_of(world, "payment:1")["date"] = "2026-02-30"


def number_missing(world: World) -> None:
    for leaf in world.leaves[world.leaves.index(entry_of(world, "refund:1")) :]:
        if "seq" in leaf:
            leaf["seq"] += 1


def donor_missing(world: World) -> None:
    del entry_of(world, "gift:0000001")["donor"]


def donor_changed(world: World) -> None:
    entry_of(world, "gift:0000001")["donor"] = "A" * 42 + "B="


def donor_of_an_order(world: World) -> None:
    entry_of(world, "order:O-1")["donor"] = "A" * 43 + "="


def bank_pays_a_fund(world: World) -> None:
    moves = entry_of(world, "fund:k-more")["transfers"]
    moves.append({"amount": 5, "credit": "fund:k-usd", "currency": "USD", "debit": "assets:bank:x"})


def no_transfers(world: World) -> None:
    entry_of(world, "gift:0000001")["transfers"] = []


def payment_of_nothing(world: World) -> None:
    entry_of(world, "payment:1")["transfers"] = []


def more_of_a_unit(world: World) -> None:
    entry_of(world, "order:O-1")["journal"][0]["units"][0]["note"] = "x"


def key_of_an_advance(world: World) -> None:
    entry_of(world, "payment:1")["key"] = "advance:refund:1"


WRONG_ENTRIES: dict[Callable[[World], None], tuple[str, str]] = {
    amount: ("gift:0000001", "the transfers"),
    account: ("gift:0000001", "the transfers"),
    to_no_asset: ("gift:0000001", "an asset"),
    fee: ("gift:0000001", ""),
    order_amount: ("order:O-1", "9000 out of funds"),
    order_account: ("order:O-1", "commitments:O-1"),
    order_from_elsewhere: ("order:O-1", ""),
    refund_amount: ("refund:1", "2000 out of funds"),
    refund_in_a_circle: ("refund:1", "2000 out of funds"),
    exchange_left_open: ("exchange:1", "back to zero"),
    payment_beyond: ("payment:1", "commitments:O-1 at zero or above"),
    payment_to_nowhere: ("payment:1", "transfers of a payment"),
    unknown_account: ("payment:1", ""),
    other_key: ("refund:2", "the record's key refund:1"),
    fund_key: ("fund:k-most", "the record's key fund:k-more"),
    key_again: ("gift:0000003", "not used before"),
    two_records: ("fund:k-more", "at most one record"),
    more_fields: ("order:O-1", "the fields of a record"),
    entry_field: ("order:O-1", ""),
    no_day: ("payment:1", ""),
    number_missing: ("refund:1", "the entry's number"),
    donor_missing: ("gift:0000001", ""),
    donor_changed: ("gift:0000001", ""),
    donor_of_an_order: ("order:O-1", ""),
    no_transfers: ("gift:0000001", "moves something"),
    payment_of_nothing: ("payment:1", "moves something"),
    more_of_a_unit: ("order:O-1", "units of a name and an amount"),
    key_of_an_advance: ("advance:refund:1", "does not begin with advance:"),
    bank_pays_a_fund: ("fund:k-more", "an entry of kind fund"),
}


@pytest.mark.parametrize("change", WRONG_ENTRIES, ids=lambda change: change.__name__)
def test_a_wrong_entry_is_named_though_all_is_signed_anew(
    tmp_path: Path, change: Callable[[World], None]
) -> None:
    """The log's owner may sign whatever it likes: the rules of the books still tell."""
    world = small_world()
    change(world)
    key, expected = WRONG_ENTRIES[change]
    write(world, tmp_path / "file", is_rendered=False)

    found = failure(tmp_path / "file")

    assert found.where.startswith("leaves.jsonl line ")
    assert key in found.where
    assert expected in found.expected


def cheaper(moved_minor: int, account: str = "fund:k-usd") -> World:
    """The small world, with 300 off the thing that was not cancelled, of which some is moved."""
    world = small_world()
    record = {"amount": 300, "key": "reduction:1", "kind": "reduction", "order": "order:O-1",
              "unit": "3f09a1b2c3d4e5f6"}  # fmt: skip
    world.enter("reduction:1", [record], ("commitments:O-1", account, moved_minor, "USD"))
    return world


def test_a_thing_that_became_cheaper_costs_what_is_left_in_the_tables_too(tmp_path: Path) -> None:
    folder = write(cheaper(300), tmp_path / "file")

    assert verified(folder).entries == 23
    assert ",order:O-1,4700,47.00,USD," in (folder / "units.csv").read_text("utf-8")
    assert '"code":"3f09a1b2c3d4e5f6"' in (folder / "journal.jsonl").read_text("utf-8")


@pytest.mark.parametrize(
    ("moved_minor", "account"), [(299, "fund:k-usd"), (301, "fund:k-usd"), (300, "fund:k-more")]
)
def test_what_a_reduction_frees_and_what_is_moved_are_one(
    tmp_path: Path, moved_minor: int, account: str
) -> None:
    write(cheaper(moved_minor, account), tmp_path / "file", is_rendered=False)

    assert "as its line has free" in failure(tmp_path / "file").expected


FORMS: dict[str, Any] = {
    "no kind": {"partnership": PARTNERSHIP},
    "no partnership": {"kind": "commitment", "commitment": "A" * 43 + "="},
    "another's leaf": {
        "kind": "commitment", "commitment": "A" * 43 + "=", "partnership": "elsewhere",
    },
    "a commitment with more": {
        "kind": "commitment", "commitment": "A" * 43 + "=", "partnership": PARTNERSHIP, "x": 1,
    },
    "a commitment in loose base64": {
        "kind": "commitment", "commitment": "A" * 42 + "B=", "partnership": PARTNERSHIP,
    },
    "a key of nobody": {
        "kind": "key", "partnership": "", "from": LOG.key.vkey, "to": OTHER_LOG.key.vkey,
        "signature": "A" * 86 + "==",
    },
    "an entry and nothing else": {"kind": "entry", "partnership": PARTNERSHIP},
}  # fmt: skip


@pytest.mark.parametrize("leaf", FORMS.values(), ids=list(FORMS))
def test_a_leaf_of_another_form_is_named(tmp_path: Path, leaf: Leaf) -> None:
    folder = write(small_world(), tmp_path / "file", is_rendered=False)
    with (folder / "leaves.jsonl").open("wb") as out:
        out.write(canonical.encode(leaf) + b"\n")
    signed_anew(folder)

    assert failure(folder).where.startswith("leaves.jsonl line 1")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**53 - 1) | st.text(max_size=3)
    | st.sampled_from(["gift", "order", "k-usd", "gift:0000001", "order:O-1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["kind", "key", "fund", "units", "unit", "amount", "funds", "order"]),
        inner, max_size=4),
    max_leaves=6,
)  # fmt: skip


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(st.data())
def test_no_value_in_an_entry_is_more_than_wrong(tmp_path: Path, data: st.DataObject) -> None:
    world = small_world()
    entries = [leaf for leaf in world.leaves if leaf["kind"] == "entry"]
    entry = data.draw(st.sampled_from(entries))
    holders = [entry, *entry["journal"], *entry["transfers"]]
    holders += [unit for record in entry["journal"] for unit in record.get("units", [])]
    holder = data.draw(st.sampled_from(holders))
    name = data.draw(st.sampled_from(sorted(set(holder) - {"partnership"})))
    before = holder[name]
    holder[name] = data.draw(JUNK)
    assume(holder[name] != before and not (holder is entry and name == "kind"))
    write(world, tmp_path / "file", is_rendered=False)

    assert failure(tmp_path / "file").where.startswith("leaves.jsonl")


def changed(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))


DERIVED = {
    "journal.jsonl": (b'"amount":2501', b'"amount":2511'),
    "ledger/entries.csv": (b"gift:0000001", b"gift:0000009"),
    "ledger/transfers.csv": (b"2403", b"2413"),
    "ledger/accounts.csv": (b"k-usd", b"k-usc"),
    "ledger/books.beancount": (b"24.03", b"24.13"),
    "ledger/books.journal": (b"24.03", b"24.13"),
    "traces.csv": (b"2403", b"2413"),
    "units.csv": (b"ambulance", b"ambulante"),
    "totals.json": (b'"units":2', b'"units":3'),
    "documents/acts/1.json": (b"Hospital", b"hospital"),
}


@pytest.mark.parametrize("path", DERIVED)
@pytest.mark.parametrize("is_signed", [False, True])
def test_a_changed_derived_file_is_named_with_its_line(
    tmp_path: Path, path: str, is_signed: bool
) -> None:
    folder = write(small_world(), tmp_path / "file")
    changed(folder / path, *DERIVED[path])
    if is_signed:
        signed_anew(folder)

    found = failure(folder)

    seen = found if is_signed else found.seen_at
    assert found.where.startswith(path)
    assert seen is not None
    assert seen.where.startswith(f"{path} line ")
    assert DERIVED[path][0].decode() in seen.expected or DERIVED[path][1].decode() in str(
        seen.found
    )


@pytest.mark.parametrize("path", DERIVED)
def test_a_derived_file_that_ends_early_or_late_is_named(tmp_path: Path, path: str) -> None:
    folder = write(small_world(), tmp_path / "file")
    whole = (folder / path).read_bytes()
    for wrong in (whole[:-1], whole + b"\n", b""):
        (folder / path).write_bytes(wrong)
        signed_anew(folder)

        assert failure(folder).where.startswith(path)


SOURCES = {
    "leaves.jsonl": (b'"amount":2403', b'"amount":2404'),
    "others.jsonl": (b'"level":0', b'"level":1'),
    "openings.jsonl": (b"ambulance", b"ambulante"),
    "checkpoint": (b"44", b"45"),
    "keys.json": (b"newsroom", b"newsrooM"),
    "README.en.md": (b"Public", b"public"),
}


@pytest.mark.parametrize("path", SOURCES)
def test_a_changed_source_is_named(tmp_path: Path, path: str) -> None:
    folder = write(small_world(), tmp_path / "file")
    changed(folder / path, *SOURCES[path])

    assert failure(folder).where.startswith(path)


def test_a_leaf_out_of_the_tree_is_told_though_the_manifest_is_signed_anew(tmp_path: Path) -> None:
    folder = write(small_world(), tmp_path / "file")
    world = small_world()
    entry_of(world, "gift:0000001")["donor"] = "A" * 43 + "="
    others = write(world, tmp_path / "other")
    for path in ("leaves.jsonl", *PATHS):
        (folder / path).write_bytes((others / path).read_bytes())
    signed_anew(folder)

    assert "leaves whose root is" in failure(folder).expected


def test_files_beside_those_of_the_manifest_are_refused(tmp_path: Path) -> None:
    folder = write(small_world(), tmp_path / "file")
    (folder / "manifest.json.bak").touch()

    assert failure(folder).found == "'manifest.json.bak'"

    (folder / "manifest.json.bak").unlink()
    (folder / "units.csv").unlink()

    assert "units.csv" in failure(folder).expected


def test_a_manifest_has_one_form_and_one_signature(tmp_path: Path) -> None:
    folder = write(small_world(), tmp_path / "file")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_text(json.dumps(manifest))

    assert "canonical JSON" in failure(folder).expected

    write(small_world(), folder)
    with (folder / "manifest.note").open("a") as out:
        out.write(NEWSROOM.sign("x").line)

    assert failure(folder).where == "manifest.note"


def test_what_was_pulled_back_may_not_be_opened(tmp_path: Path) -> None:
    world = small_world()
    world.pull_back(world.openings[0]["commitment"])
    write(world, tmp_path / "file")

    assert "pulled back" in failure(tmp_path / "file").expected


def test_an_opening_needs_its_commitment_in_the_log(tmp_path: Path) -> None:
    world = small_world()
    made = world.commit({"kind": "of another log"})
    del world.leaves[-1]
    write(world, tmp_path / "file")

    found = failure(tmp_path / "file")

    assert (found.where, found.found) == ("openings.jsonl", repr(made))


def test_swapped_facts_are_told_by_the_commitment(tmp_path: Path) -> None:
    world = small_world()
    first, second = world.openings
    first["facts"], second["facts"] = second["facts"], first["facts"]
    write(world, tmp_path / "file")

    assert failure(tmp_path / "file").where == "openings.jsonl line 1"


def test_two_things_of_one_name_are_told(tmp_path: Path) -> None:
    world = small_world()
    world.commit(world.openings[0]["facts"] | {"unit": "aaaabbbbccccdddd"})
    write(world, tmp_path / "file", is_rendered=False)

    assert "a name of its own" in failure(tmp_path / "file").expected


def test_what_can_happen_once_is_told_once(tmp_path: Path) -> None:
    by_kind = {o["facts"]["kind"]: o["facts"] for o in small_world().openings}
    for number, twice in enumerate((by_kind["hand-over"], by_kind["hand-over"] | {"act": 2})):
        world = small_world()
        world.commit(twice)
        write(world, tmp_path / str(number))

        assert "told once" in failure(tmp_path / str(number)).expected


def test_an_order_that_was_changed_is_approved_anew(tmp_path: Path) -> None:
    approval = {
        "content": "a" * 64, "date": "2026-05-04", "kind": "approval", "number": 1,
        "order": "order:O-1", "organisation": {"en": "Example Aid"},
    }  # fmt: skip
    contents = {"changed": "b" * 64, "same": "a" * 64}
    for name, content in contents.items():
        world = small_world()
        world.commit(approval)
        world.commit(approval | {"content": content})
        write(world, tmp_path / name)

    verified(tmp_path / "changed")
    assert "approval 1 told once" in failure(tmp_path / "same").expected


def test_a_thing_of_another_order_is_told(tmp_path: Path) -> None:
    world = small_world()
    told = world.openings[0]["facts"] | {"name": "n1-ambulance-2", "unit": "0" * 16}
    world.commit(told)
    write(world, tmp_path / "file")

    assert "a thing of 'order:O-1'" in failure(tmp_path / "file").expected


def with_tables(folder: Path, leaves: list[Leaf]) -> Path:
    """Add the Parquet tables of these leaves."""
    with (
        (folder / "ledger/entries.parquet").open("wb") as entries,
        (folder / "ledger/transfers.parquet").open("wb") as transfers,
    ):
        made = Tables(entries, transfers)
        for index, leaf in enumerate(leaves):
            if leaf["partnership"] == PARTNERSHIP:
                made.add(index, leaf)
        made.close()
    signed_anew(folder)
    return folder


def test_parquet_tables_are_read_where_that_can_be(tmp_path: Path) -> None:
    world = small_world()
    folder = with_tables(write(world, tmp_path / "file"), world.leaves)

    assert verified(folder).only_signed == ["README.en.md", "README.uk.md"]


def test_tables_are_compared_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = small_world()
    folder = with_tables(write(world, tmp_path / "file"), world.leaves)
    monkeypatch.setattr(tables, "CSV_BYTES", 20)
    found = container.opened(folder)

    glances = [tables._is_same_at_a_glance(found, path) for path in tables.TABLES]

    assert glances == [True, True]
    found.close()


def test_a_parquet_table_of_other_rows_is_named(tmp_path: Path) -> None:
    world = small_world()
    folder = write(world, tmp_path / "file")
    amount(world)
    with_tables(folder, world.leaves)

    found = failure(folder)
    assert found.where == "ledger/transfers.parquet"
    assert "2403" in found.expected
    assert "2404" in str(found.found)

    (folder / "ledger/transfers.parquet").write_bytes(b"PAR1" * 30)
    signed_anew(folder)

    assert failure(folder).where == "ledger/transfers.parquet"


def test_leaves_of_kinds_to_come_are_counted(tmp_path: Path) -> None:
    world = small_world()
    world.leaves.append({"kind": "agreement", "partnership": PARTNERSHIP, "what": [1, None]})

    assert verified(write(world, tmp_path / "file")).unknown == {"agreement": 1}


def paper(revision: int, digest: str = "ab" * 32) -> dict[str, object]:
    added = "signature" if revision else "frozen"
    return {"added": added, "code": "7Q2FKM", "date": "2026-09-01", "kind": "paper",
            "partnership": PARTNERSHIP, "revision": revision, "sha256": digest}  # fmt: skip


def test_revisions_of_a_signed_paper_stand_in_their_order(tmp_path: Path) -> None:
    world = small_world()
    world.leaves += [paper(0), paper(1, "cd" * 32)]

    assert verified(write(world, tmp_path / "file")).unknown == {}


@pytest.mark.parametrize("leaf", [paper(0, "ef" * 32), paper(2)])
def test_a_second_text_of_the_same_paper_is_named(tmp_path: Path, leaf: dict[str, object]) -> None:
    world = small_world()
    world.leaves += [paper(0), leaf]

    assert "leaves.jsonl" in failure(write(world, tmp_path / "file")).where


@pytest.mark.parametrize("change", [{"sha256": "AB" * 32}, {"signed_by": "x"}, {"revision": -1}])
def test_a_paper_of_another_form_is_no_leaf(change: dict[str, object]) -> None:
    with pytest.raises(BadLeaf):
        kind_of(paper(1) | change)
