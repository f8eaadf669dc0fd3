"""Papers that came back signed are read by a child, which is ended if it takes too long."""

import subprocess
import sys

from twinhood.documents.core import receiving, receiving_child
from twinhood.documents.core.receiving import NotReceived, Problem, Received

TIMEOUT_S = 60


def receive(data: bytes, *, before: bytes, field: str) -> Received:
    """As `core.receiving.receive`, in a process of its own. Raises NotReceived."""
    receiving.expect_begun(data, before)
    try:
        done = subprocess.run(  # noqa: S603 (our own module, and no word of the file)
            [sys.executable, "-m", receiving_child.__name__],
            input=receiving_child.asked(field=field, length=len(before)) + data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            check=False,
        )
        return receiving_child.told(done.stdout)
    except NotReceived:
        raise
    except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError) as problem:
        raise NotReceived(Problem.UNREADABLE, type(problem).__name__) from problem
