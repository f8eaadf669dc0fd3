"""Lines of the journal: an entry's records as the log holds them, with date and public names."""

from collections.abc import Iterator
from typing import Any

from twinhood.opendata.core.cells import json_text
from twinhood.opendata.core.leaf import Leaf
from twinhood.opendata.core.names import Names
from twinhood.translog.core import canonical

GIFT_FIELDS = {"amount", "fee", "fund", "key", "kind"}


def gift_line(record: dict[str, Any], day: str) -> str:
    """A gift's record with its date, canonical; nearly every line is one."""
    return (
        f'{{"amount":{record["amount"]},"date":"{day}","fee":{record["fee"]},'
        f'"fund":{json_text(record["fund"])},"key":{json_text(record["key"])},"kind":"gift"}}\n'
    )


def records_of(leaf: Leaf, names: Names) -> Iterator[dict[str, Any]]:
    """An entry's records with date and public names; nothing for what is no entry."""
    for record in leaf.get("journal", ()):
        yield names.renamed(record) | {"date": leaf["date"]}


def line_of(record: dict[str, Any]) -> bytes:
    """A record as the journal has it."""
    return canonical.encode(record) + b"\n"
