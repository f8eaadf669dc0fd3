"""Papers that came back signed are read by a child, which is ended if it takes too long."""

from twinhood.documents import apart
from twinhood.documents.core import receiving, receiving_child
from twinhood.documents.core.receiving import NotReceived, Problem, Received
from twinhood.kit import clock

WALL_S = 60


def receive(data: bytes, *, before: bytes, field: str) -> Received:
    """As `core.receiving.receive`, in a process of its own. Raises NotReceived, TooBusy."""
    receiving.expect_begun(data, before)
    given = receiving_child.asked(field=field, length=len(before), at=clock.now()) + data
    answer = apart.answer(receiving_child.__name__, given, wall_s=WALL_S)
    if answer is None:
        raise NotReceived(Problem.UNREADABLE, "the child gave no answer")
    try:
        return receiving_child.told(answer)
    except NotReceived:
        raise
    except (ValueError, KeyError, TypeError) as problem:
        raise NotReceived(Problem.UNREADABLE, type(problem).__name__) from problem
