"""Receipts as PDF: a fixed layout of ours, and the facts as data that are never read as markup.

Typst sets the page (docs/decisions/0021-receipts-with-typst.md).
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import typst
from django.utils import translation
from django.utils.translation import gettext

from twinhood.giving import receipt_words
from twinhood.giving.core.receipt import Key, ReceiptKind, Sentence, sentences
from twinhood.giving.core.receipt_keeping import Kept
from twinhood.giving.keys import MasterKeys
from twinhood.giving.models import Receipt
from twinhood.giving.receipt_writing import open_receipt

LAYOUT = Path(__file__).resolve().parent / "typst" / "receipt.typ"
_GIFTS = {Key.MONEY, Key.MONEY_PARTLY_REFUNDED, Key.GOODS, Key.TOTAL}
_own = threading.local()


@dataclass(frozen=True, slots=True)
class Said:
    """A receipt in words: its title, what stands before, of and after its gifts, and notes."""

    title: str
    before: Sequence[str]
    gifts: Sequence[str]
    after: Sequence[str]
    notes: Sequence[str]


def said(kept: Kept) -> Said:
    """The whole receipt in the language that is active."""
    stated = kept.receipt
    found = sentences(stated)
    first = next((n for n, s in enumerate(found) if s.key in _GIFTS), len(found))
    notes = [receipt_words.year_note()] if kept.year and stated.gifts else []
    if kept.is_example:
        notes.append(receipt_words.specimen_note())
    return Said(
        title=receipt_words.title(
            stated.kind, stated.number, year=kept.year, is_cancellation=not stated.gifts
        ),
        before=_words(found[:first]),
        gifts=_words(s for s in found if s.key in _GIFTS),
        after=_words(s for s in found[first:] if s.key not in _GIFTS),
        notes=notes,
    )


def _words(found: Any) -> list[str]:
    return [receipt_words.words(sentence) for sentence in found]


def render(receipt: Receipt, keys: MasterKeys | None = None) -> bytes:
    """The receipt as tagged PDF with its fonts in it. Raises NotOurs if its key was destroyed."""
    return page(open_receipt(receipt, keys))


def page(kept: Kept) -> bytes:
    """A PDF of these facts, the same each time."""
    with translation.override(kept.language):
        data = _data(kept)
    issued = datetime.combine(kept.receipt.issued_date, time(12), UTC)
    made = _compiler().compile(
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=int(issued.timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError(type(made).__name__)
    return made


def _data(kept: Kept) -> dict[str, Any]:
    told = said(kept)
    return {
        "title": told.title,
        "before": told.before,
        "rows": _rows(kept) if len(kept.receipt.gifts) > 1 else [],
        "heads": [gettext("Received"), gettext("Purpose"), gettext("Amount")],
        "gifts": told.gifts if len(kept.receipt.gifts) == 1 else [],
        "totals": told.gifts[len(kept.receipt.gifts) :],
        "after": told.after,
        "notes": told.notes,
        "specimen": gettext("Specimen") if kept.is_example else "",
        "organisation": kept.receipt.organisation.name,
        "language": kept.language,
        "paper": "us-letter" if kept.receipt.kind == ReceiptKind.US else "a4",
        "page_of": gettext("Page"),
    }


def _rows(kept: Kept) -> list[list[str]]:
    """The gifts of a statement, a line each: day, purpose, amount and what was given back of it."""
    return [
        [
            receipt_words.day_words(gift.received_date),
            f"{gift.description}. {gift.purpose}" if gift.is_goods else gift.purpose,
            "" if gift.is_goods else _amount(gift.given_minor, gift.refunded_minor, gift.currency),
        ]
        for gift in kept.receipt.gifts
    ]


def _amount(given_minor: int, refunded_minor: int, currency: str) -> str:
    left = receipt_words.sum_words(given_minor - refunded_minor, currency)
    if not refunded_minor:
        return left
    told = {
        "sum": left,
        "given": receipt_words.sum_words(given_minor, currency),
        "refunded": receipt_words.sum_words(refunded_minor, currency),
    }
    return gettext("%(sum)s (%(given)s, less %(refunded)s given back)") % told


def _compiler() -> typst.Compiler:
    """This thread's own: it keeps fonts and layout between receipts."""
    if not hasattr(_own, "compiler"):
        _own.compiler = typst.Compiler(str(LAYOUT), root=str(LAYOUT.parent))
    found: typst.Compiler = _own.compiler
    return found


__all__ = ["Said", "Sentence", "page", "render", "said"]
