"""Papers of a shipment, made from what is known already; nobody types a fact twice.

They are filled, not filed: the receiver files the declaration and the report with the authority.
"""

import csv
import io
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from django.utils import translation
from django.utils.translation import gettext, pgettext

from twinhood.deliveries.queries import complete_line
from twinhood.documents.core.sheets import Part, Table, sheet
from twinhood.giving.core.text import csv_cell
from twinhood.kit.core.text import tidy_line
from twinhood.kit.dates import long_date
from twinhood.kit.fields import LocalText
from twinhood.kit.money import format_number, major
from twinhood.people.models import Organisation
from twinhood.transport import queries, words
from twinhood.transport.core.reporting import due_date
from twinhood.transport.models import Load, Shipment


class Paper(StrEnum):
    """Which paper; also its name in addresses."""

    LETTER = "donation-letter"
    PACKING = "packing-list"
    DECLARATION = "declaration-data"
    REPORT = "report-data"


# The authority reads Ukrainian; sender and carrier read English.
LANGUAGES = {
    Paper.LETTER: ("en", "uk"),
    Paper.PACKING: ("en", "uk"),
    Paper.DECLARATION: ("uk", "en"),
    Paper.REPORT: ("uk", "en"),
}


def paper(shipment: Shipment, kind: Paper) -> bytes:
    """The paper as PDF, the same bytes for the same facts. Raises NotTypeset."""
    return sheet(
        [_part(shipment, kind, language) for language in LANGUAGES[kind]],
        author=_name(shipment.consignor, "en"),
        dated=shipment.letter_date,
        foot=f"{shipment} · {shipment.letter_number}",
    )


def _name(organisation: Organisation, language: str) -> str:
    return str(organisation.name.in_language(language)[0])


def _part(shipment: Shipment, kind: Paper, language: str) -> Part:
    with translation.override(language):
        made = _PARTS[kind](shipment, language)
        is_example = shipment.partnership.is_example
        specimen = gettext("Specimen") if is_example else ""
        return Part(**{"language": language, "specimen": specimen} | made)


def _letter(shipment: Shipment, language: str) -> dict[str, Any]:
    return {
        "kind": gettext("Donation letter %(number)s") % {"number": shipment.letter_number},
        "title": gettext("Offer of humanitarian aid"),
        "facts": [
            (gettext("Date"), long_date(shipment.letter_date, language)),
            *_parties(shipment, language),
        ],
        "before": [
            gettext(
                "We offer the receiver the things listed below as a gift, without any payment or "
                "counter-service, for this purpose: %(purpose)s"
            )
            % {"purpose": shipment.purpose},
            gettext(
                "They are for the receiver’s own use or for those whom it serves. They are not to "
                "be sold, and not to be given to others without our consent in writing."
            ),
        ],
        "table": _things(shipment, language),
        "signs": [
            gettext("For the sender: office, name, signature"),
            gettext("The receiver accepts: office, name, signature, seal"),
        ],
    }


def _packing(shipment: Shipment, language: str) -> dict[str, Any]:
    return {
        "kind": str(shipment),
        "title": gettext("Packing list"),
        "facts": [
            *_parties(shipment, language),
            (gettext("Way"), _way(shipment, language)),
        ],
        "table": _things(shipment, language),
    }


def _declaration(shipment: Shipment, language: str) -> dict[str, Any]:
    rates = [
        f"{_amount(rate.amount_minor, rate.currency, language)} = "
        f"{_amount(rate.uah_minor, 'UAH', language)}, "
        f"{long_date(rate.rate_date, language)}, {rate.source}"
        for rate in shipment.rates.all()
    ]
    return {
        "kind": str(shipment),
        "title": gettext("Data for the humanitarian declaration"),
        "facts": [
            *_parties(shipment, language),
            (gettext("Basis"), gettext("Donation letter %(number)s of %(day)s") % {
                "number": shipment.letter_number,
                "day": long_date(shipment.letter_date, language),
            }),
            (gettext("Purpose"), shipment.purpose),
            (gettext("Code of the declaration"),
             shipment.declaration_code or gettext("not given yet")),
            *[(gettext("Rate"), rate) for rate in rates],
        ],
        "table": _things(shipment, language, with_uah=True),
        "after": [
            gettext(
                "The receiver files the declaration in the authority’s system. This sheet only "
                "gathers what is known here."
            )
        ],
    }  # fmt: skip


def _report(shipment: Shipment, language: str) -> dict[str, Any]:
    cleared = shipment.cleared_date
    facts = [
        *_parties(shipment, language),
        (gettext("Code of the declaration"), shipment.declaration_code or gettext("not known yet")),
    ]
    if cleared:
        facts += [
            (gettext("Cleared by customs on"), long_date(cleared, language)),
            (gettext("Report due until"), long_date(due_date(cleared), language)),
        ]
    rows = [
        [str(number), *row]
        for number, row in enumerate((_fate(load, language) for load in _loads(shipment)), 1)
    ]
    heads = [
        pgettext("column of a table", "№"), gettext("Thing"), gettext("Number"),
        gettext("Quantity"), gettext("Condition"), gettext("Handed over to"), gettext("Act, day"),
    ]  # fmt: skip
    return {
        "kind": str(shipment),
        "title": gettext("Data for the report on presence and distribution"),
        "facts": facts,
        "table": Table(heads, rows, right=(3,)),
    }


_PARTS = {
    Paper.LETTER: _letter,
    Paper.PACKING: _packing,
    Paper.DECLARATION: _declaration,
    Paper.REPORT: _report,
}


def _parties(shipment: Shipment, language: str) -> list[tuple[str, str]]:
    def party(organisation: Organisation) -> str:
        code = organisation.registry_code
        said = gettext("%(name)s, registry code %(code)s") if code else "%(name)s"
        return said % {"name": _name(organisation, language), "code": code}

    return [
        (gettext("Sender"), party(shipment.consignor)),
        (gettext("Receiver"), party(shipment.consignee)),
    ]


def _way(shipment: Shipment, language: str) -> str:
    """Cities only; a packing list is carried through many hands."""
    legs = list(shipment.legs.all())
    if not legs:
        return gettext("not planned yet")
    places = [legs[0].from_place, *(leg.to_place for leg in legs)]
    return " → ".join(place.name_in(language) for place in places)


def _loads(shipment: Shipment) -> Iterator[Load]:
    yield from shipment.loads.all()


def _things(shipment: Shipment, language: str, *, with_uah: bool = False) -> Table:
    heads = [
        pgettext("column of a table", "№"), gettext("Thing"), gettext("Number"),
        gettext("Quantity"), gettext("Packages"), gettext("Weight, kg"), gettext("Value"),
    ]  # fmt: skip
    rates = list(shipment.rates.all())
    rows = []
    for number, load in enumerate(_loads(shipment), 1):
        row = [
            str(number),
            _load_name(load, language),
            queries.load_serial(load) or "—",
            _quantity(load),
            str(load.packages),
            kilograms(load.weight_grams, language),
            _amount(load.value_minor, load.currency, language),
        ]
        if with_uah:
            uah = queries.uah_minor(load, rates)
            row.append("—" if uah is None else _amount(uah, "UAH", language))
        rows.append(row)
    totals = queries.totals_of(shipment)
    values = "; ".join(_amount(minor, code, language) for code, minor in totals.value_minor.items())
    total = [
        "", gettext("Together"), "", "", str(totals.packages),
        kilograms(totals.weight_grams, language), values,
    ]  # fmt: skip
    if with_uah:
        heads.append(gettext("Value, UAH"))
        uah = totals.uah_minor
        total.append("—" if uah is None else _amount(uah, "UAH", language))
    return Table(heads, rows, right=(3, 4, 5, 6, 7), total=total)


def _load_name(load: Load, language: str) -> str:
    name = queries.load_name(load)
    text = name.in_language(language)[0] if isinstance(name, LocalText) else str(name)
    return tidy_line(text)


def _quantity(load: Load) -> str:
    if load.gift is None:
        return "1"
    return f"{load.gift.quantity} {load.gift.unit}".strip()


def kilograms(grams: int, language: str) -> str:
    """A weight in kg with as many decimals as it has."""
    text = f"{grams / 1_000:.3f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "uk" else text


def _amount(amount_minor: int, currency: str, language: str) -> str:
    """With the currency's code: a customs officer reads no signs."""
    return f"{format_number(amount_minor, currency, language)}\u00a0{currency}"


def _fate(load: Load, language: str) -> list[str]:
    receiver, act = _handed_over(load, language)
    return [
        _load_name(load, language),
        queries.load_serial(load) or "—",
        _quantity(load),
        str(words.CONDITION[Load.Condition(load.condition)]),
        receiver or gettext("not handed over yet"),
        act or "—",
    ]


def _handed_over(load: Load, language: str) -> tuple[str, str]:
    """To whom and by which act a load was handed over; empty texts where it was not."""
    line = complete_line(load.unit) if load.unit else None
    if line is not None:
        day = long_date(line.act.handed_over_date, language)
        return _name(line.act.receiver, language), f"{line.act}, {day}"
    gift = load.gift
    if gift is not None and gift.handed_over_date and gift.handed_over_to:
        day = long_date(gift.handed_over_date, language)
        return _name(gift.handed_over_to, language), f"{gift.act}, {day}"
    return "", ""


REPORT_COLUMNS = (
    "shipment", "declaration_code", "cleared_date", "report_due_date", "number", "thing", "serial",
    "quantity", "unit", "packages", "weight_kg", "value", "currency", "value_uah", "condition",
    "handed_over_to", "registry_code", "act", "handed_over_date",
)  # fmt: skip


def report_csv(shipment: Shipment) -> str:
    """The report's data for a spreadsheet: UTF-8 with a mark at its start, one thing a line."""
    cleared, file = shipment.cleared_date, io.StringIO()
    file.write("\ufeff")
    table = csv.writer(file, lineterminator="\r\n")
    table.writerow(REPORT_COLUMNS)
    rates = list(shipment.rates.all())
    for number, load in enumerate(_loads(shipment), 1):
        line = complete_line(load.unit) if load.unit else None
        gift = load.gift
        receiver = line.act.receiver if line else gift.handed_over_to if gift else None
        day = line.act.handed_over_date if line else gift.handed_over_date if gift else None
        uah = queries.uah_minor(load, rates)
        table.writerow(
            [
                csv_cell(str(cell))
                for cell in (
                    shipment, shipment.declaration_code, cleared or "",
                    due_date(cleared) if cleared else "", number, _load_name(load, "uk"),
                    queries.load_serial(load), gift.quantity if gift else 1,
                    gift.unit if gift else "", load.packages, load.weight_grams / 1_000,
                    major(load.value_minor, load.currency), load.currency,
                    "" if uah is None else major(uah, "UAH"), load.condition,
                    _name(receiver, "uk") if receiver else "",
                    receiver.registry_code if receiver else "",
                    line.act if line else gift.act if gift else "", day or "",
                )
            ]
        )  # fmt: skip
    return file.getvalue()
