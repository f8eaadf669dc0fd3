"""The check in a process of its own: what a stranger sent is parsed here, under limits.

Started as `python -m twinhood.documents.core.checking_child`. Standard input has one line of JSON
(what is known) and then the file; standard output gets the report as JSON. It opens nothing.
"""

import base64
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from twinhood.documents.core.checking import check
from twinhood.documents.core.checking_report import (
    Anchor,
    InLog,
    Kept,
    Known,
    Place,
    Purpose,
    as_json,
)
from twinhood.documents.core.limits import TooMuch, limited

CPU_S = 15
MEMORY_BYTES = 1536 * 2**20
TOO_MUCH = 3


def asked(known: Known, at: datetime) -> bytes:
    """The line that the child reads first."""
    line = {
        "at": at.isoformat(),
        "anchors": [
            {
                "der": _text(one.der),
                "source": one.source,
                "from": None if one.valid_from is None else one.valid_from.isoformat(),
                "until": None if one.valid_until is None else one.valid_until.isoformat(),
                "purposes": sorted(one.purposes),
            }
            for one in known.anchors
        ],
        "crls": [_text(one) for one in known.crls],
        "revisions": [_kept(one) for one in known.revisions],
        "registered": dict(known.registered),
        "slots": list(known.slots),
        "is_sealed": known.is_sealed,
    }
    return json.dumps(line).encode() + b"\n"


def known_from(data: Mapping[str, Any]) -> Known:
    return Known(
        anchors=tuple(
            Anchor(
                base64.b64decode(one["der"]),
                one["source"],
                None if one["from"] is None else datetime.fromisoformat(one["from"]),
                None if one["until"] is None else datetime.fromisoformat(one["until"]),
                frozenset(map(Purpose, one["purposes"])),
            )
            for one in data["anchors"]
        ),
        crls=tuple(base64.b64decode(one) for one in data["crls"]),
        revisions=tuple(_kept_from(*one) for one in data["revisions"]),
        registered=data["registered"],
        slots=tuple(data["slots"]),
        is_sealed=bool(data["is_sealed"]),
    )


def _kept(one: Kept) -> list[Any]:
    place = None if one.log is None else [one.log.place.value, one.log.index, one.log.size]
    return [one.number, one.size, one.sha256, place]


def _kept_from(number: int, size: int, sha256: str, log: list[Any] | None) -> Kept:
    place = None if log is None else InLog(Place(log[0]), *log[1:])
    return Kept(number, size, sha256, place)


def _text(der: bytes) -> str:
    return base64.b64encode(der).decode()


def main() -> int:
    line = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    try:
        with limited(cpu_s=CPU_S, memory_bytes=MEMORY_BYTES):
            report = check(data, known_from(line), at=datetime.fromisoformat(line["at"]))
    except (TooMuch, MemoryError):
        return TOO_MUCH
    sys.stdout.write(json.dumps(as_json(report)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
