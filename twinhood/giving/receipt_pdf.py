"""Receipts as PDF: a fixed layout of ours, and the facts as data that are never read as markup.

The room of papers sets it and seals it in the log (docs/decisions/0021-receipts-with-typst.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from twinhood.documents import sealed
from twinhood.documents.core.typesetting import noon_of, set_pages, where_to_check
from twinhood.documents.sealed import Mark
from twinhood.giving import receipt_words
from twinhood.giving.core.receipt import Key, ReceiptKind, Sentence, sentences
from twinhood.giving.core.receipt_keeping import Kept
from twinhood.giving.keys import MasterKeys
from twinhood.giving.models import Receipt
from twinhood.giving.receipt_writing import open_receipt, secret_of
from twinhood.ledger.actions import name_in_log

# What the room of papers calls receipts.
KIND = "receipt"
LAYOUT = Path(__file__).resolve().parent / "typst" / "receipt.typ"
_GIFTS = {Key.MONEY, Key.MONEY_PARTLY_REFUNDED, Key.GOODS, Key.TOTAL}


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
    """The receipt as tagged PDF, sealed in the log. Raises NotOurs if its key was destroyed."""
    return render_all([receipt], keys)[0]


def render_all(receipts: Sequence[Receipt], keys: MasterKeys | None = None) -> list[bytes]:
    """As `render`, of so many at once."""
    return sealed.copies_of([_subject(receipt, keys) for receipt in receipts])


def _subject(receipt: Receipt, keys: MasterKeys | None) -> sealed.Subject:
    kept, secret = open_receipt(receipt, keys), secret_of(receipt, keys)
    return sealed.Subject(
        about=about(receipt),
        kind=KIND,
        title={code: _title(kept, code) for code, _ in settings.LANGUAGES},
        language=kept.language,
        partnership=receipt.partnership,
        log_name=name_in_log(receipt.partnership),
        set_pages=lambda mark: page(kept, mark, secret=secret),
        is_specimen=kept.is_example,
    )


def about(receipt: Receipt) -> str:
    """What the room of papers calls it."""
    return f"{KIND}:{receipt.pk}"


def page(kept: Kept, mark: Mark, *, secret: str) -> bytes:
    """A PDF of these facts, the same each time.

    `secret` stands in it unseen. Without it, whoever guesses what a receipt says could set it and
    find its SHA-256 in the log, also after its donor was forgotten.
    """
    with translation.override(kept.language):
        words = gettext(
            "Anybody who has this receipt can check it, by the square here or by the address "
            "beside it: its fingerprint stands in a public log, which nobody can rewrite."
        )
        check = where_to_check(mark.code, mark.check_url, {kept.language: words})
        data = _data(kept) | {"check": check, "secret": secret}
    return set_pages(LAYOUT, data, at=noon_of(kept.receipt.issued_date), any_font=True)


def _title(kept: Kept, language: str) -> str:
    with translation.override(language):
        return said(kept).title


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


__all__ = ["Said", "Sentence", "about", "page", "render", "said"]
