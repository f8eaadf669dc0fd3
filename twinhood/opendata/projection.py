"""The one public projection: what anybody may read of a partnership.

Every format is made of the log's leaves and of the openings that this module lets out. No person
is in them; a thing keeps its opaque code until the safety rule lets its name be public.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from twinhood.aftercare.queries import public_incidents
from twinhood.deliveries.queries import PublicUnit, public_acts, public_unit_names
from twinhood.ledger.models import Books, Entry
from twinhood.needs.queries import public_needs
from twinhood.opendata.core.journal_text import line_of, records_of
from twinhood.opendata.core.names import Names
from twinhood.people.models import Partnership
from twinhood.translog import queries as translog
from twinhood.translog.models import Leaf
from twinhood.translog.queries import Opened

type Record = dict[str, Any]
BATCH = 2_000


def name_in_log(partnership: Partnership) -> str:
    """What the log calls the partnership; "" while its books are not open."""
    books = Books.objects.filter(partnership=partnership)
    return books.values_list("name", flat=True).first() or ""


def journal_records(partnership: Partnership, at: datetime) -> Iterator[Record]:
    """Yield the journal's records in posting order, as docs/reference/journal.md describes them.

    `at` decides which units may be named. Entries that touch no line (payments) have none. Read
    from the leaves, also from those that wait to be sealed. Memory is bounded: 2,000 at once.
    """
    facts = [opened.facts for opened in public_openings(partnership, at) if opened.facts]
    names = Names.told_by(facts)
    entries = Entry.objects.filter(partnership=partnership).order_by("seq")
    last = 0
    while batch := list(entries.filter(seq__gt=last).values_list("seq", "leaf_id")[:BATCH]):
        leaves = Leaf.objects.filter(pk__in=[leaf_id for _, leaf_id in batch])
        texts = dict(leaves.values_list("pk", "data"))
        for _, leaf_id in batch:
            yield from records_of(json.loads(bytes(texts[leaf_id or 0])), names)
        last = batch[-1][0]


def journal_lines(partnership: Partnership, at: datetime) -> Iterator[bytes]:
    """The same as the file's lines, each with its newline."""
    return map(line_of, journal_records(partnership, at))


def public_openings(
    partnership: Partnership, at: datetime, *, size: int | None = None
) -> list[Opened]:
    """What may be opened to the world at `at`, in the log's order.

    With `size`, only what is sealed below it. What was erased, pulled back, kept back by a delay,
    or is of a kind that no rule lets out stays a commitment.
    """
    rule = Publicity(partnership, at)
    return [
        opened
        for opened in translog.openings(name_in_log(partnership))
        if opened.facts is not None
        and not opened.is_pulled_back
        and (size is None or (opened.index is not None and opened.index < size))
        and rule.lets_out(opened.facts)
    ]


class Publicity:
    """Which facts the world may know at one moment: asks the rules of the rooms below."""

    def __init__(self, partnership: Partnership, at: datetime) -> None:
        self._units: Mapping[str, PublicUnit] = public_unit_names(partnership, at)
        self._acts = public_acts(partnership, at)
        self._needs = set(public_needs(partnership, at=at).values_list("number", flat=True))
        self._incidents = {incident.number for incident in public_incidents(partnership, at)}
        # Orders whose need is public: who approved them says something of the need.
        self._orders = {u.order_key for u in self._units.values() if u.need_number is not None}

    def lets_out(self, facts: Mapping[str, Any]) -> bool:
        match facts.get("kind"):
            case "need" | "need-changed" | "need-evidence" | "need-withdrawn":
                return facts["need"] in self._needs
            case "approval":
                return facts["order"] in self._orders
            case "thing":
                unit = self._units.get(facts["unit"])
                return unit is not None and unit.is_open
            case "hand-over":
                return facts["act"] in self._acts and all(
                    self._is_told(line["unit"], facts["act"]) for line in facts["units"]
                )
            case "follow-up":
                return self._is_handed_over(facts["unit"])
            case "incident":
                return facts["incident"] in self._incidents
        return False

    def _is_handed_over(self, code: str) -> bool:
        unit = self._units.get(code)
        return unit is not None and unit.is_open and unit.handed_over_date is not None

    def _is_told(self, code: str, act: int) -> bool:
        unit = self._units.get(code)
        return unit is not None and unit.is_open and unit.act_number == act
