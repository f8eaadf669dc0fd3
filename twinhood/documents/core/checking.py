"""Check a signed paper: bytes in, report out.

Nothing is fetched and nothing is believed. pyHanko computes digests, paths and what was changed
between revisions; to that come demands of our own, so that no bit of a paper that holds could be
another (docs/reference/checking-papers.md names them).
"""

import asyncio
import contextlib
import io
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from twinhood.documents.core import checking_bytes
from twinhood.documents.core.checking_content import Contents, NoPaper, contents_of, page_digest
from twinhood.documents.core.checking_report import (
    Check,
    InLog,
    Known,
    Place,
    Report,
    Result,
    Revision,
    Signature,
)
from twinhood.documents.core.checking_signatures import Paper, examined
from twinhood.documents.core.limits import TooMuch

PAGES_MAX = 2_000


def check(
    data: bytes,
    known: Known | None = None,
    *,
    at: datetime,
    bytes_max: int = checking_bytes.BYTES_MAX,
) -> Report:
    """Report on the paper as of ``at``.

    Takes time and memory as the file likes: who checks a stranger's file does it under limits.
    MemoryError and TooMuch are the only errors that rise.
    """
    asked = known or Known()
    report = Report(sha256(data).hexdigest(), len(data), at)
    refused = checking_bytes.frame(data, bytes_max=bytes_max)
    if refused is not None:
        return replace(report, checks=(refused,))
    report = replace(report, revisions=tuple(checking_bytes.revisions(data)))
    try:
        with _quiet():
            return _read(data, asked, report)
    except NoPaper as problem:
        code = "encrypted" if problem.why == "encrypted" else "unreadable"
        return replace(report, checks=(Check(code, Result.FAILED, {"why": problem.why}),))
    except (MemoryError, TooMuch):
        raise
    except Exception as problem:
        # Of all that parsers raise on input made to break them nobody has a list.
        # What was signed could be read once.
        code = "damaged" if b"/ByteRange" in data else "unreadable"
        facts = {"why": type(problem).__name__}
        return replace(report, checks=(Check(code, Result.FAILED, facts),))


def _read(data: bytes, known: Known, report: Report) -> Report:
    contents = _second_reading(data)
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    if reader.encrypted:
        raise NoPaper("encrypted")
    paper = Paper(data, reader)
    signatures = asyncio.run(examined(paper, known, report.checked_at))
    approvals = [one for one in signatures if not one.is_timestamp]
    slots = known.slots or paper.slots()
    checks = [
        *_kept(data, known),
        _structure(paper, contents),
        *_content(contents),
        *_signed(approvals, slots, known),
        *_places(paper),
        *_labels(paper),
        *_order(signatures, report.revisions),
        *_covered(signatures, len(data)),
    ]
    return replace(
        report,
        checks=tuple(checks),
        signatures=tuple(signatures),
        slots=tuple(slots),
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What pyHanko would log of a stranger's file, with tracebacks, is in the report."""
    loggers = [logging.getLogger(name) for name in ("pyhanko", "pyhanko_certvalidator")]
    before = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for one, level in zip(loggers, before, strict=True):
            one.setLevel(level)


def _second_reading(data: bytes) -> Contents | None:
    """What qpdf sees; None if it finds the file damaged, for then its signatures still may tell."""
    try:
        return contents_of(data)
    except NoPaper as problem:
        if problem.why == "damaged":
            return None
        raise


def _kept(data: bytes, known: Known) -> Iterator[Check]:
    """Compare with the revisions that are known from elsewhere."""
    if known.in_log is not None:
        yield _logged(known.in_log, is_needed=known.is_sealed)
    kept = sorted(known.revisions, key=lambda one: one.number)
    if not kept:
        return
    alike = [one for one in kept if sha256(data[: one.size]).hexdigest() == one.sha256]
    whole = [one for one in alike if one.size == len(data)]
    if whole:
        yield Check("kept", Result.PASSED, {"number": whole[-1].number, "of": kept[-1].number})
        if whole[-1].log is not None:
            yield _logged(whole[-1].log, is_needed=known.is_sealed)
        if whole[-1].number < kept[-1].number:
            yield Check("newer", Result.NOTED, {"number": kept[-1].number})
    elif alike and alike[-1].number == kept[-1].number and not known.is_sealed:
        yield Check("continued", Result.OPEN, {"bytes": len(data) - alike[-1].size})
    else:
        yield Check("kept", Result.FAILED)


def _logged(found: InLog, *, is_needed: bool = False) -> Check:
    """`is_needed`: nothing but the log vouches for the paper."""
    if found.place is Place.SEALED:
        return Check("log", Result.PASSED, {"index": found.index, "size": found.size})
    if found.place is Place.STRANGE:
        return Check("log", Result.OPEN, {"kind": found.place.value, "index": found.index})
    is_open = is_needed or found.place in (Place.UNSHOWN, Place.ABSENT)
    result = Result.OPEN if is_open else Result.NOTED
    return Check("log", result, {"kind": found.place.value})


def _structure(paper: Paper, contents: Contents | None) -> Check:
    faults = list(checking_bytes.structure(paper.data, paper.reader.xrefs.total_revisions))
    if paper.reader.xrefs.hybrid_xrefs_present:
        faults.append("hybrid cross-references")
    if contents is None or _pages(paper.reader) != contents.pages:
        faults.append("two readings")
    if faults:
        return Check("structure", Result.FAILED, {"faults": ", ".join(faults)})
    return Check("structure", Result.PASSED)


def _pages(reader: PdfFileReader) -> tuple[str, ...]:
    """What each page draws, as the first parser reads it."""
    count = int(reader.root["/Pages"]["/Count"])
    if not 0 <= count <= PAGES_MAX:
        raise NoPaper("too-many")
    return tuple(page_digest(_streams(reader, number)) for number in range(count))


def _streams(reader: PdfFileReader, number: int) -> Iterator[bytes]:
    page = reader.find_page_for_modification(number)[0].get_object()
    if "/Contents" not in page:
        return
    content = page["/Contents"]
    if isinstance(content, generic.ArrayObject):
        yield from (one.get_object().encoded_data for one in content)
    elif isinstance(content, generic.StreamObject):
        yield content.encoded_data


def _content(contents: Contents | None) -> Iterator[Check]:
    if contents is None:
        return
    if contents.active:
        yield Check("active", Result.FAILED, {"what": ", ".join(contents.active)})
    else:
        yield Check("active", Result.PASSED)
    if contents.hidden:
        yield Check("layers", Result.OPEN)
    if contents.claims and contents.breaks:
        facts = {"claims": contents.claims, "what": ", ".join(contents.breaks)}
        yield Check("archive", Result.OPEN, facts)
    elif contents.claims:
        yield Check("archive", Result.NOTED, {"claims": contents.claims})


def _signed(approvals: list[Signature], slots: tuple[str, ...], known: Known) -> Iterator[Check]:
    """Whether each place has its signature, and no signature stands elsewhere."""
    names = {one.field for one in approvals}
    if not names and known.is_sealed and (known.in_log or known.revisions):
        yield Check("unsigned", Result.NOTED)
        return
    if not names:
        facts = {"slots": len(slots), "kind": "" if slots else "no-place"}
        yield Check("unsigned", Result.FAILED, facts)
        return
    missing = [slot for slot in slots if slot not in names]
    facts = {"signed": len(slots) - len(missing), "slots": len(slots)}
    if missing:
        yield Check("slots", Result.OPEN, {**facts, "missing": ", ".join(missing)})
    else:
        yield Check("slots", Result.PASSED, facts)
    foreign = sorted(names.difference(slots))
    if foreign:
        yield Check("foreign-field", Result.FAILED, {"fields": ", ".join(foreign)})


def _places(paper: Paper) -> Iterator[Check]:
    if added := paper.added_places():
        yield Check("foreign-place", Result.FAILED, {"fields": ", ".join(sorted(added))})


def _labels(paper: Paper) -> Iterator[Check]:
    if paper.is_relabelled():
        yield Check("labels", Result.FAILED)


def _order(signatures: list[Signature], revisions: tuple[Revision, ...]) -> Iterator[Check]:
    """Whether each signature covers one whole revision, and each later one all before it."""
    ends = {one.size for one in revisions}
    covered = [one.covers for one in signatures if one.covers]
    if len(covered) != len(signatures):
        return  # Said of the signature itself.
    # A revision's last line break may belong to the next one.
    whole = all(not ends.isdisjoint(range(one, one + 3)) for one in covered)
    if not whole or len(set(covered)) != len(covered):
        yield Check("order", Result.FAILED)
    elif len(covered) > 1:
        yield Check("order", Result.PASSED)


def _covered(signatures: list[Signature], size: int) -> Iterator[Check]:
    last = max((one.covers for one in signatures), default=0)
    if last and last < size:
        yield Check("uncovered", Result.OPEN, {"bytes": size - last})
    elif last:
        yield Check("uncovered", Result.PASSED)
