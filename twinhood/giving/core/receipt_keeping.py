"""How long an organisation keeps its copy of a receipt, and the facts that it keeps."""

import json
from dataclasses import asdict, dataclass
from datetime import date

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
    """As JSON; dates as ISO 8601."""
    facts = {name: value for name, value in asdict(kept).items() if value}
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"), default=_date).encode()


def _date(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def kept_from_bytes(plain: bytes) -> Kept:
    facts = json.loads(plain)
    told = facts.pop("receipt")
    gifts = tuple(
        ReceiptGift(**gift | {"received_date": date.fromisoformat(gift["received_date"])})
        for gift in told.pop("gifts", ())
    )
    receipt = Receipt(
        **told
        | {
            "kind": ReceiptKind(told["kind"]),
            "issued_date": date.fromisoformat(told["issued_date"]),
            "organisation": Organisation(**told["organisation"]),
            "gifts": gifts,
        }
    )
    return Kept(receipt=receipt, **facts)
