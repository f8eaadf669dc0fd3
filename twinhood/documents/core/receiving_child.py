"""A process of its own in which a stranger's file is read: it may take its time, and is ended.

Reads a line of JSON (`field`, `length` of what was given away, `at`), then the file; writes JSON.
"""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any

from twinhood.documents.core.limits import TooMuch, limited
from twinhood.documents.core.receiving import NotReceived, Problem, Received, receive

CPU_S = 15


def main() -> None:
    asked = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    json.dump(_answer(data, asked), sys.stdout)


def _answer(data: bytes, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        with limited(cpu_s=CPU_S):
            at = datetime.fromisoformat(asked["at"])
            before = data[: asked["length"]]
            found = asdict(receive(data, before=before, field=asked["field"], at=at))
    except NotReceived as problem:
        return {"problem": problem.problem, "detail": problem.detail}
    except (TooMuch, MemoryError) as problem:
        return {"problem": Problem.UNREADABLE, "detail": type(problem).__name__}
    claimed = found["claimed_at"]
    return found | {
        "claimed_at": claimed.isoformat() if claimed else None,
        "valid_until": found["valid_until"].isoformat(),
    }


def asked(*, field: str, length: int, at: datetime) -> bytes:
    """What the process reads before the file."""
    line = {"field": field, "length": length, "at": at.isoformat()}
    return json.dumps(line).encode() + b"\n"


def told(answer: bytes) -> Received:
    """What the process said. Raises NotReceived."""
    found = json.loads(answer)
    if "problem" in found:
        raise NotReceived(Problem(found["problem"]), found["detail"])
    claimed = found["claimed_at"]
    moments = {
        "claimed_at": datetime.fromisoformat(claimed) if claimed else None,
        "valid_until": datetime.fromisoformat(found["valid_until"]),
    }
    return Received(**{**found, **moments})


if __name__ == "__main__":
    main()
