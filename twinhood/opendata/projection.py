"""The one public projection: what anybody may read of a partnership's money.

Page, journal and every later format are made of it. No person is in it; a gift is its `ref`, a
unit its opaque code until the safety rule lets its name be public.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from twinhood.deliveries.queries import public_unit_names
from twinhood.ledger.models import Entry, Fund, Segment, Transfer, Use, UseUnit
from twinhood.people.models import Partnership

type Record = dict[str, Any]
BATCH = 2_000


def journal_records(partnership: Partnership, at: datetime) -> Iterator[Record]:
    """Yield the journal's records in posting order, as docs/reference/journal.md describes them.

    `at` decides which units may be named. Entries that touch no line (payments) are left out.
    Memory is bounded: entries are read in batches of 2,000.
    """
    names = _unit_names(partnership, at)
    last_seq = 0
    while batch := list(_entries(partnership).filter(seq__gt=last_seq)[:BATCH]):
        for entry in batch:
            yield from _records(entry, names)
        last_seq = batch[-1].seq


def _entries(partnership: Partnership) -> Any:
    uses = Use.objects.select_related("income__fund").prefetch_related(
        Prefetch("units", UseUnit.objects.order_by("start_offset"))
    )
    return (
        Entry.objects.filter(partnership=partnership)
        .exclude(kind=Entry.Kind.PAYMENT)
        .order_by("seq")
        .prefetch_related(
            Prefetch("segments", Segment.objects.select_related("fund").order_by("id")),
            Prefetch("transfers", Transfer.objects.select_related("debit", "credit")),
            Prefetch("opened_fund", Fund.objects.all()),
            Prefetch("use", uses),
            Prefetch("cancelled_units", UseUnit.objects.select_related("use")),
        )
    )


def _unit_names(partnership: Partnership, at: datetime) -> dict[str, str]:
    """Names by code of the things that the world may know: "n1-ambulance-3". Others stay opaque."""
    return {
        code: f"n{unit.need_number}-{unit.category}-{unit.number}"
        for code, unit in public_unit_names(partnership, at).items()
        if unit.is_open
    }


def _records(entry: Entry, names: Mapping[str, str]) -> Iterator[Record]:
    at = entry.happened_at.date().isoformat()
    match entry.kind:
        case Entry.Kind.FUND:
            fund = entry.opened_fund
            yield {"kind": "fund", "fund": fund.code, "currency": fund.currency, "date": at}
        case Entry.Kind.GIFT:
            yield _gift(entry) | {"date": at}
        case Entry.Kind.ORDER:
            yield _order(entry.use, names) | {"date": at}
        case Entry.Kind.CANCEL:
            yield from ({**record, "date": at} for record in _cancels(entry, names))
        case Entry.Kind.REFUND:
            use = entry.use
            yield {
                "kind": "refund",
                "key": entry.key,
                "source": use.source_key,
                "amount": use.amount_minor,
                "date": at,
            }
        case Entry.Kind.EXCHANGE:
            yield _exchange(entry.use) | {"date": at}
        case _:
            raise ValueError(entry.kind)


def _gift(entry: Entry) -> Record:
    (segment,) = entry.segments.all()
    net = segment.end_minor - segment.start_minor
    fee = sum(
        t.amount_minor for t in entry.transfers.all() if t.debit.code.startswith("expenses:fees:")
    )
    return {
        "kind": "gift",
        "key": entry.key,
        "fund": segment.fund.code,
        "amount": net + fee,
        "fee": fee,
    }


def _order(use: Use, names: Mapping[str, str]) -> Record:
    units = [
        {"unit": names.get(u.name, u.name), "amount": u.end_offset - u.start_offset}
        for u in use.units.all()
    ]
    return {"kind": "order", "key": use.key, "funds": use.fund_codes, "units": units}


def _cancels(entry: Entry, names: Mapping[str, str]) -> Iterator[Record]:
    """One record a cancelled unit, or one for the whole order where all went at once."""
    units = list(entry.cancelled_units.all())
    base = {"kind": "cancel", "key": entry.key, "order": units[0].use.key}
    if len(units) == 1:
        yield base | {"unit": names.get(units[0].name, units[0].name)}
    else:
        yield base


def _exchange(use: Use) -> Record:
    received = use.income.end_minor - use.income.start_minor
    return {
        "kind": "exchange",
        "key": use.key,
        "fund": use.fund_codes[0],
        "amount": use.amount_minor,
        "to": use.income.fund.code,
        "received": received,
    }
