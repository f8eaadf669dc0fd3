"""A process of its own in which a stranger's file is read: it may take its time, and is ended.

Reads a line of JSON (`field`, `length` of what was given away) and then the file; writes JSON.
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
            found = asdict(receive(data, before=data[: asked["length"]], field=asked["field"]))
    except NotReceived as problem:
        return {"problem": problem.problem, "detail": problem.detail}
    except (TooMuch, MemoryError) as problem:
        return {"problem": Problem.UNREADABLE, "detail": type(problem).__name__}
    claimed = found["claimed_at"]
    return found | {"claimed_at": claimed.isoformat() if claimed else None}


def asked(*, field: str, length: int) -> bytes:
    """What the process reads before the file."""
    return json.dumps({"field": field, "length": length}).encode() + b"\n"


def told(answer: bytes) -> Received:
    """What the process said. Raises NotReceived."""
    found = json.loads(answer)
    if "problem" in found:
        raise NotReceived(Problem(found["problem"]), found["detail"])
    claimed = found["claimed_at"]
    moment = datetime.fromisoformat(claimed) if claimed else None
    return Received(**{**found, "claimed_at": moment})


if __name__ == "__main__":
    main()
