"""How long an organisation keeps its copy of a receipt, and the facts that it keeps."""

import json
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from twinhood.giving.core.receipt import Organisation, Receipt, ReceiptGift, ReceiptKind

# Years after the one in which the receipt was issued.
KEPT_YEARS = {
    # Records stand behind a return for three years, six if much was left out (26 U.S.C. 6501);
    # a charity's own for as long (IRS Publication 4221-PC). Seven covers the year of filing too.
    ReceiptKind.US: 7,
    # Six years after the end of the accounting period (HMRC, Gift Aid: what records to keep;
    # Charities Act 2011, s. 131), which may end in the next year.
    ReceiptKind.UK_GIFT_AID: 7,
    # The longest that we know of in the Union: ten years (§ 50 Abs. 7 EStDV, § 147 AO).
    ReceiptKind.EU: 10,
    # 1,095 days from the filing of the report (Податковий кодекс, ст. 44.3); the report follows
    # in the next year.
    ReceiptKind.UA: 5,
}


def kept_until_date(kind: ReceiptKind, issued_date: date) -> date:
    """The last day on which the copy is kept: the end of a year."""
    return date(issued_date.year + KEPT_YEARS[kind], 12, 31)


@dataclass(frozen=True, slots=True)
class Kept:
    """All that stands on a receipt, and what was said about why it was issued.

    `reason` is for the organisation's own copy; `year` is set on a yearly statement;
    `is_example` marks a specimen.
    """

    receipt: Receipt
    language: str
    reason: str = ""
    year: int = 0
    is_example: bool = False


def kept_to_bytes(kept: Kept) -> bytes:
    """As JSON, without what is empty; dates as ISO 8601."""
    return json.dumps(_told(kept), ensure_ascii=False, separators=(",", ":")).encode()


def _told(value: object) -> object:
    """Plain values; `dataclasses.asdict` would copy each of them deeply, which takes longest."""
    match value:
        case Kept() | Receipt() | ReceiptGift() | Organisation():
            found = ((name, getattr(value, name)) for name in _NAMES[type(value)])
            return {name: _told(told) for name, told in found if told}
        case tuple():
            return [_told(item) for item in value]
        case date():
            return value.isoformat()
    return value


_NAMES = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (Kept, Receipt, ReceiptGift, Organisation)
}


def kept_from_bytes(plain: bytes) -> Kept:
    facts = json.loads(plain)
    told = facts.pop("receipt")
    organisation = {"name": "", "registry_code": ""} | told.get("organisation", {})
    again = {
        "number": told.get("number", ""),
        "kind": ReceiptKind(told["kind"]),
        "issued_date": date.fromisoformat(told["issued_date"]),
        "organisation": Organisation(**organisation),
        "gifts": tuple(_gift(gift) for gift in told.get("gifts", ())),
    }
    return Kept(**{"language": ""} | facts | {"receipt": Receipt(**told | again)})


def _gift(told: dict[str, Any]) -> ReceiptGift:
    received = {"received_date": date.fromisoformat(told["received_date"])}
    return ReceiptGift(**{"purpose": ""} | told | received)
