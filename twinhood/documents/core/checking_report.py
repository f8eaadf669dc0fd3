"""What was found out about a signed paper: values only, no sentences.

A check has a code, a result and the facts that its sentence needs; `checking_sentences` has the
sentences, and `as_json` is the technical report.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

type Fact = str | int | datetime
type Facts = Mapping[str, Fact]


class Result(StrEnum):
    """How a check ended. Only what failed speaks against the paper."""

    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"
    """It could not be shown, here and now; it may still be so."""
    NOTED = "noted"
    """Neither for nor against: a fact worth knowing."""


class Verdict(StrEnum):
    """What a paper is, in one word; only the first is good news without a but."""

    HOLDS = "holds"
    OPEN = "open"
    """Nothing speaks against it, and something is not shown."""
    FAILS = "fails"
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"


class Purpose(StrEnum):
    """What an entry of the trust list is trusted for."""

    PEOPLE = "signatures"
    TIME = "timestamps"


class Level(StrEnum):
    """How long a signature can be checked (ETSI EN 319 142-1)."""

    NONE = ""
    BASIC = "B-B"
    TIME = "B-T"
    LONG_TERM = "B-LT"
    ARCHIVE = "B-LTA"


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer. ``field`` names the signature that it is about, if one."""

    code: str
    result: Result
    facts: Facts = field(default_factory=dict)
    field: str = ""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a certificate names, in its issuer's words, and the certificate itself."""

    name: str
    office: str
    organisation: str
    issuer: str
    serial: str
    sha256: str
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Anchor:
    """An entry of the trust list: a CA's certificate (DER), who vouches for it, and in which time.

    A signature counts on it only if it was made while the entry was valid.
    """

    der: bytes
    source: str
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    purposes: frozenset[Purpose] = frozenset(Purpose)

    def held(self, at: datetime) -> bool:
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_until is None or at <= self.valid_until
        )


class Place(StrEnum):
    """What the transparency log says of a revision."""

    SEALED = "sealed"
    WAITING = "waiting"
    NOWHERE = "nowhere"
    UNSHOWN = "unshown"
    # In a log that the asker brought.
    ABSENT = "absent"
    # In a log that is brought without its key: anybody could have made it.
    STRANGE = "strange"


@dataclass(frozen=True, slots=True)
class InLog:
    """A revision's place in the log. A sealed one is leaf ``index``, from 0, under the checkpoint
    over ``size`` leaves, which is the first that covers it."""

    place: Place
    index: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A revision that is known from elsewhere: its number, its length and its SHA-256 in hex.

    ``log`` is its place in the transparency log; None if nobody looked.
    """

    number: int
    size: int
    sha256: str
    log: InLog | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the asker brings along. All of it may be empty, and then less can be shown.

    ``registered`` maps a field to the SHA-256 of the certificate that signed in it, as recorded
    when it was signed; ``slots`` are the fields that must be signed (empty: those that the frozen
    paper has); ``crls`` are lists of revoked certificates newer than the paper's own (DER);
    ``in_log`` is what a log shows that the asker brought. ``is_sealed``: it is a paper that nobody
    signs, and that the log alone vouches for.
    """

    anchors: tuple[Anchor, ...] = ()
    crls: tuple[bytes, ...] = ()
    revisions: tuple[Kept, ...] = ()
    registered: Mapping[str, str] = field(default_factory=dict)
    slots: tuple[str, ...] = ()
    in_log: InLog | None = None
    is_sealed: bool = False


@dataclass(frozen=True, slots=True)
class Revision:
    """A state of the file that can be opened by itself: its first ``size`` bytes."""

    number: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature, or a timestamp over the whole paper, and what it covers."""

    field: str
    is_timestamp: bool
    revision: int
    covers: int
    holder: Holder | None
    claimed_at: datetime | None
    proven_at: datetime | None
    level: Level
    trusted_by: str
    reason: str = ""
    checks: tuple[Check, ...] = ()

    @property
    def is_good(self) -> bool:
        return all(check.result is not Result.FAILED for check in self.checks)


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found. ``checks`` are those of the whole paper, in the order of importance."""

    sha256: str
    size: int
    checked_at: datetime
    checks: tuple[Check, ...] = ()
    signatures: tuple[Signature, ...] = ()
    revisions: tuple[Revision, ...] = ()
    slots: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        first = self.decisive
        if first is None:
            return Verdict.HOLDS
        if first.code in UNREADABLE:
            return Verdict.UNREADABLE
        if first.code == "unsigned":
            return Verdict.UNSIGNED
        return Verdict.FAILS if first.result is Result.FAILED else Verdict.OPEN

    @property
    def decisive(self) -> Check | None:
        """What keeps the paper from holding: the first that failed, else the first left open."""
        every = list(self.every_check())
        failed = [check for check in every if check.result is Result.FAILED]
        unsure = [check for check in every if check.result is Result.OPEN]
        return min(failed or unsure, key=_weight, default=None)

    @property
    def approvals(self) -> tuple[Signature, ...]:
        """The signatures of people, without the timestamps."""
        return tuple(one for one in self.signatures if not one.is_timestamp)

    def check(self, code: str) -> Check | None:
        """What was found of the paper as a whole under this code."""
        return next((one for one in self.checks if one.code == code), None)

    def every_check(self) -> Iterator[Check]:
        yield from self.checks
        for signature in self.signatures:
            yield from signature.checks


# What keeps a file from being looked at any further.
UNREADABLE = frozenset(
    {"not-pdf", "empty", "too-large", "truncated", "encrypted", "unreadable", "too-much"}
)
# What is said first when several things are wrong.
GRAVEST = (
    *sorted(UNREADABLE),
    "unsigned",
    "damaged",
    "broken",
    "changed",
    "certified",
    "labels",
    "byte-range",
    "hidden-parts",
    "structure",
    "active",
    "kept",
    "wrong-holder",
    "order",
    "slots",
    "foreign-field",
    "foreign-place",
    "revoked",
    "not-valid-then",
    "trust",
    "algorithm",
    "time",
    "uncovered",
    "loose",
    "revocation",
)


def _weight(check: Check) -> int:
    return GRAVEST.index(check.code) if check.code in GRAVEST else len(GRAVEST)


def as_json(report: Report) -> dict[str, Any]:
    """The technical report, for machines: JSON's own types, times in UTC."""
    return {
        "verdict": report.verdict.value,
        "sha256": report.sha256,
        "size": report.size,
        "checked_at": _plain(report.checked_at),
        "slots": list(report.slots),
        "checks": [_check(check) for check in report.checks],
        "revisions": [
            {"number": one.number, "size": one.size, "sha256": one.sha256}
            for one in report.revisions
        ],
        "signatures": [_signature(one) for one in report.signatures],
    }


def from_json(data: Mapping[str, Any]) -> Report:
    """The report that `as_json` wrote. Raises ValueError, KeyError or TypeError for anything else.

    It comes from the process that read a stranger's file, so nothing in it is taken on trust but
    what it says.
    """
    return Report(
        sha256=str(data["sha256"]),
        size=int(data["size"]),
        checked_at=_moment(data["checked_at"]),
        checks=tuple(_check_from(one) for one in data["checks"]),
        signatures=tuple(_signature_from(one) for one in data["signatures"]),
        revisions=tuple(
            Revision(int(one["number"]), int(one["size"]), str(one["sha256"]))
            for one in data["revisions"]
        ),
        slots=tuple(map(str, data["slots"])),
    )


def _signature_from(data: Mapping[str, Any]) -> Signature:
    field_name, held = str(data["field"]), data["certificate"]
    return Signature(
        field=field_name,
        is_timestamp=data["kind"] == "timestamp",
        revision=int(data["revision"]),
        covers=int(data["covers"]),
        holder=None if held is None else _holder_from(held),
        claimed_at=_moment_or_none(data["claimed_at"]),
        proven_at=_moment_or_none(data["proven_at"]),
        level=Level(data["level"]),
        trusted_by=str(data["trusted_by"]),
        reason=str(data["reason"]),
        checks=tuple(replace(_check_from(one), field=field_name) for one in data["checks"]),
    )


def _holder_from(data: Mapping[str, Any]) -> Holder:
    return Holder(
        name=str(data["name"]),
        office=str(data["office"]),
        organisation=str(data["organisation"]),
        issuer=str(data["issuer"]),
        serial=str(data["serial"]),
        sha256=str(data["sha256"]),
        valid_from=_moment(data["valid_from"]),
        valid_until=_moment(data["valid_until"]),
    )


def _check_from(data: Mapping[str, Any]) -> Check:
    facts = {
        str(name): _moment(value) if name in _MOMENTS else value
        for name, value in data["facts"].items()
        if isinstance(value, str | int)
    }
    return Check(str(data["code"]), Result(data["result"]), facts)


_MOMENTS = frozenset({"proven_at", "claimed_at", "revoked_at", "valid_from", "valid_until"})


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(str(value))


def _moment_or_none(value: Any) -> datetime | None:
    return None if value is None else _moment(value)


def _signature(one: Signature) -> dict[str, Any]:
    return {
        "field": one.field,
        "kind": "timestamp" if one.is_timestamp else "signature",
        "revision": one.revision,
        "covers": one.covers,
        "level": one.level.value,
        "claimed_at": _plain(one.claimed_at),
        "proven_at": _plain(one.proven_at),
        "trusted_by": one.trusted_by,
        "reason": one.reason,
        "certificate": None if one.holder is None else _holder(one.holder),
        "checks": [_check(check) for check in one.checks],
    }


def _holder(holder: Holder) -> dict[str, Any]:
    return {name: _plain(getattr(holder, name)) for name in Holder.__slots__}


def _check(check: Check) -> dict[str, Any]:
    return {
        "code": check.code,
        "result": check.result.value,
        "facts": {name: _plain(value) for name, value in check.facts.items()},
    }


def _plain(value: Fact | None) -> str | int | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value
