"""`twinhood verify FILE.pdf`: a signed paper, checked without network.

This alone needs more than Python: pyHanko and pikepdf, which a plain `verify.pyz` does not hold.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256 as hash_of
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twinhood.verify import container, paper_log, telling
from twinhood.verify.errors import CannotTell, Unreadable
from twinhood.verify.paper_log import Placed
from twinhood.verify.signed import Trust

if TYPE_CHECKING:
    from twinhood.documents.core.checking_report import Anchor, InLog, Report
    from twinhood.documents.core.checking_telling import ToldCheck

BEGINNING = b"%PDF-"
PAPER_BYTES_MAX = 64 * 2**20
EXIT = {"holds": 0, "fails": 1, "unsigned": 1, "open": 2, "unreadable": 2}
NEEDS = (
    "signed PDFs need two packages that are not here (pip install 'twinhood[verify]'): pyHanko "
    "and pikepdf"
)

SINCE = "Whether it was replaced or cancelled since, its page says."

type Answer = dict[str, Any]


def is_paper(path: Path) -> bool:
    if path.is_dir():
        return False
    with container.open_regular(path) as stream:
        return path.suffix.lower() == ".pdf" or stream.read(len(BEGINNING)) == BEGINNING


def verify(
    path: Path,
    trusted: Sequence[Path],
    *,
    sha256: str | None,
    bytes_max: int,
    log: Path | None = None,
    log_trust: Trust | None = None,
) -> Answer:
    """What holds of a signed paper, judged by the certificates in ``trusted`` and today's date.

    ``sha256`` is the one that it should have, if the asker knows it; ``log`` shows the log that it
    should stand in. Raises CannotTell where the packages are missing, and Fails for such a log.
    """
    try:
        from twinhood.documents.core import checking, checking_report
        from twinhood.documents.core.limits import TooMuch, limited
    except ImportError as problem:
        raise CannotTell(NEEDS) from problem
    most = min(bytes_max, PAPER_BYTES_MAX)
    with container.open_regular(path) as stream:
        data = stream.read(most + 1)
    kept = () if sha256 is None else (checking_report.Kept(1, len(data), sha256.lower()),)
    anchors = tuple(anchor for one in trusted for anchor in _anchors(one))
    trust = log_trust or Trust()
    placed = None
    if log is not None:
        placed = paper_log.place_of(log, hash_of(data).hexdigest(), trust, bytes_max=bytes_max)
    known = checking_report.Known(
        anchors=anchors, revisions=kept, in_log=_in_log(placed, trust),
        is_sealed=placed is not None and placed.is_sealed,
    )  # fmt: skip
    try:
        with limited():
            report = checking.check(data, known, at=datetime.now(UTC), bytes_max=most)
    except TooMuch as problem:
        raise Unreadable("it takes more time than a paper needs") from problem
    answer = _answer(report)
    if placed is not None:
        answer |= {"log": telling.log_of(placed)}
        if placed.is_sealed:
            answer["not_checked"].append(SINCE)
        answer["not_checked"] += telling.not_known(placed.keys, placed.witnesses, trust)
    return answer


def _in_log(placed: Placed | None, trust: Trust) -> "InLog | None":
    """The word of a log is all that there is for a paper that it seals: so its key must be known.

    A witness does not do instead; it cosigns every log that it watches.
    """
    from twinhood.documents.core.checking_report import InLog, Place

    if placed is None:
        return None
    if placed.index is None:
        return InLog(Place.ABSENT)
    is_strange = placed.is_sealed and trust.log_key is None
    place = Place.STRANGE if is_strange else Place.SEALED
    return InLog(place, placed.index, placed.checkpoint.size)


def _anchors(path: Path) -> "list[Anchor]":
    """The certificates in a PEM file, or the one in a DER file. Raises CannotTell."""
    from asn1crypto import pem, x509

    from twinhood.documents.core.checking_report import Anchor
    from twinhood.documents.core.checking_signatures import holder_of

    with container.open_regular(path) as stream:
        data = stream.read(2**20)
    try:
        if pem.detect(data):
            found = [der for _, _, der in pem.unarmor(data, multiple=True)]
        else:
            found = [data]
        names = [holder_of(x509.Certificate.load(der, strict=True)).name for der in found]
    except (ValueError, TypeError, KeyError) as problem:
        raise CannotTell(f"{path.name} is no certificate") from problem
    return [Anchor(der, name) for der, name in zip(found, names, strict=True)]


def _answer(report: "Report") -> Answer:
    from twinhood.documents.core.checking_report import Result, as_json
    from twinhood.documents.core.checking_telling import told

    said = told(report)
    lines = [
        _line(one) for one in said.checks if one.result is not Result.PASSED or one.code == "log"
    ]
    for signature in said.signatures:
        found = signature.signature
        kind = "Timestamp" if found.is_timestamp else f"Signature ({signature.level})"
        lines.append(f"{kind} in {found.field}, version {found.revision}: {signature.who}.")
        lines += [f"  {_line(one)}" for one in signature.checks]
    return {
        "holds": {"holds": True, "fails": False, "unsigned": False}.get(report.verdict.value),
        "exit": EXIT[report.verdict.value],
        "sentence": said.sentence,
        "not_checked": lines,
        "report": as_json(report),
    }


def _line(check: "ToldCheck") -> str:
    return f"[{check.result.value}] {check.sentence}"
