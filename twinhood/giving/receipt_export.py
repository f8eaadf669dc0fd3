"""A year's receipts as one zip of PDFs with a register, made by the worker and removed after a day.

Both grow on the disk while they are made, so a year of any size takes the same memory. The file
names donors: it lies where only this program reads, and not for long.
"""

import csv
import logging
import os
import zipfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import batched
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from twinhood.giving import receipt_pdf
from twinhood.giving.core.receipt_keeping import Kept
from twinhood.giving.core.sealing import NotOurs
from twinhood.giving.core.text import csv_cell
from twinhood.giving.keys import MasterKeys, master_keys
from twinhood.giving.models import Receipt, ReceiptExport
from twinhood.giving.receipt_writing import open_receipt
from twinhood.kit import clock
from twinhood.kit.money import major
from twinhood.people.models import Partnership, Person

logger = logging.getLogger(__name__)

TASK = "giving.gather_receipts"
QUEUE = "files"
KEPT = timedelta(days=1)
TELL_EVERY = 25
HEADS = (
    "number", "issued", "kind", "rule", "replaces", "replaced_by", "payer", "received", "purpose",
    "currency", "given", "given_back", "amount", "kept_until",
)  # fmt: skip


def ask(*, partnership: Partnership, year: int, person: Person) -> ReceiptExport:
    """Order the file of a year, unless it is being made already."""
    total = _receipts(partnership, year).count()
    export, _ = ReceiptExport.objects.get_or_create(
        partnership=partnership,
        year=year,
        state=ReceiptExport.State.WAITING,
        defaults={"asked_by": person, "asked_at": clock.now(), "total": total},
    )
    defer(export)
    return export


def defer(export: ReceiptExport) -> None:
    lock = f"{TASK}:{export.pk}"
    try:
        with transaction.atomic():
            task = app.configure_task(TASK, queue=QUEUE, queueing_lock=lock, lock=lock)
            task.defer(export_id=export.pk)
    except AlreadyEnqueued:
        return


def latest(partnership: Partnership) -> list[ReceiptExport]:
    """The last files that were asked for, newest first."""
    found = ReceiptExport.objects.filter(partnership=partnership).select_related("asked_by")
    return list(found.order_by("-id")[:5])


def path_of(export: ReceiptExport) -> Path:
    return Path(settings.RECEIPTS_DIR) / f"{export.pk}.zip"


def gather(export: ReceiptExport) -> None:
    """Make the file, from the beginning if an earlier try was cut off."""
    if export.state != ReceiptExport.State.WAITING:
        return
    path = path_of(export)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    try:
        _write(export, draft)
    except OSError as problem:
        draft.unlink(missing_ok=True)
        logger.error("giving.receipts_not_gathered export=%d %s", export.pk, problem)
        _end(export, ReceiptExport.State.FAILED)
        return
    draft.replace(path)
    _end(export, ReceiptExport.State.READY)


def _end(export: ReceiptExport, state: ReceiptExport.State) -> None:
    ReceiptExport.objects.filter(pk=export.pk).update(state=state, ended_at=clock.now())
    export.refresh_from_db()


def _receipts(partnership: Partnership, year: int) -> QuerySet[Receipt]:
    return Receipt.objects.filter(donor__partnership=partnership, year=year)


def _write(export: ReceiptExport, draft: Path) -> None:
    keys = master_keys()
    found = _receipts(export.partnership, export.year).order_by("serial", "id")
    found = found.select_related(
        "issuer", "replaces__issuer", "replaced_by__issuer", "donor__partnership__books"
    )
    opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with (
        os.fdopen(opened, "wb") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive,
        NamedTemporaryFile("w", encoding="utf-8-sig", newline="", dir=draft.parent) as register,
    ):
        writer = csv.writer(register)
        writer.writerow(HEADS)
        for number, batch in enumerate(batched(found.iterator(chunk_size=500), TELL_EVERY)):
            ReceiptExport.objects.filter(pk=export.pk).update(done=number * TELL_EVERY)
            for line in _add(archive, batch, keys):
                writer.writerow([csv_cell(cell) for cell in line])
        ReceiptExport.objects.filter(pk=export.pk).update(done=F("total"))
        register.flush()
        archive.write(register.name, "register.csv", zipfile.ZIP_DEFLATED)


def _add(
    archive: zipfile.ZipFile, receipts: Sequence[Receipt], keys: MasterKeys
) -> Iterator[list[str]]:
    """Put PDFs into the file; yield their lines of the register, one for each gift.

    Of one whose key was destroyed there is a line and no PDF.
    """
    facts = [_opened(receipt, keys) for receipt in receipts]
    whole = [one for one, kept in zip(receipts, facts, strict=True) if kept]
    copies = dict(zip(whole, receipt_pdf.render_all(whole, keys), strict=True))
    for receipt, kept in zip(receipts, facts, strict=True):
        if kept:
            archive.writestr(f"{kept.receipt.number}.pdf", copies[receipt])
        yield from _lines(receipt, kept)


def _opened(receipt: Receipt, keys: MasterKeys) -> Kept | None:
    try:
        return open_receipt(receipt, keys)
    except NotOurs:
        return None


def _lines(receipt: Receipt, kept: Kept | None) -> Iterator[list[str]]:
    newer = getattr(receipt, "replaced_by", None)
    head = [
        str(receipt),
        receipt.issued_at.date().isoformat(),
        receipt.kind,
        receipt.rule,
        str(receipt.replaces) if receipt.replaces else "",
        str(newer) if newer else "",
    ]
    until = receipt.kept_until_date.isoformat()
    if kept is None:
        yield [*head, *[""] * 7, until]
        return
    stated = kept.receipt
    for gift in stated.gifts:
        sums = (gift.given_minor, gift.refunded_minor, gift.amount_minor)
        money = (
            [f"{major(minor, gift.currency):f}" for minor in sums] if gift.currency else [""] * 3
        )
        what = f"{gift.description}: {gift.purpose}" if gift.is_goods else gift.purpose
        received = gift.received_date.isoformat()
        yield [*head, stated.payer_name, received, what, gift.currency, *money, until]
    if not stated.gifts:
        yield [*head, stated.payer_name, *[""] * 6, until]


def tidy_up() -> None:
    """Order again what a crash cut off; remove files that are older than a day."""
    now = clock.now()
    waiting = ReceiptExport.objects.filter(state=ReceiptExport.State.WAITING)
    for export in waiting.filter(asked_at__lt=now - timedelta(minutes=2)):
        defer(export)
    for export in ReceiptExport.objects.filter(
        state=ReceiptExport.State.READY, ended_at__lt=now - KEPT
    ):
        path_of(export).unlink(missing_ok=True)
        _end(export, ReceiptExport.State.REMOVED)
