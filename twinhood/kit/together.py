"""Work that costs little more for many than for one, done by whichever thread comes first.

Threads that bring something at the same moment are served together: one of them works for all that
wait, in its own connection, and each gets its own result when that is done. One that comes alone
waits for nobody. A commit for eight is as durable as eight commits, and costs one.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock


class Ticket[Item, Result]:
    """What a thread brought, and what came of it."""

    __slots__ = ("is_done", "item", "problem", "result")

    result: Result

    def __init__(self, item: Item) -> None:
        self.item = item
        self.is_done = False
        self.problem: Exception | None = None


class Together[Item, Result]:
    """Calls `work` with what several threads brought; it gives one result for each, in order.

    What `work` raises is raised to each of them; but where `is_ones_own(problem)` says that a
    single item may be to blame, and nothing was done, each is tried alone.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Result]],
        *,
        is_ones_own: Callable[[Exception], bool],
        at_once_max: int = 50,
    ) -> None:
        self._work = work
        self._is_ones_own = is_ones_own
        self._at_once_max = at_once_max
        self._waiting: deque[Ticket[Item, Result]] = deque()
        self._turn = Lock()

    def __call__(self, item: Item) -> Result:
        """The result of this item, once the work that it was part of is done."""
        ticket: Ticket[Item, Result] = Ticket(item)
        self._waiting.append(ticket)
        with self._turn:
            while not ticket.is_done:
                count = min(len(self._waiting), self._at_once_max)
                self._serve([self._waiting.popleft() for _ in range(count)])
        if ticket.problem is not None:
            raise ticket.problem
        return ticket.result

    def _serve(self, tickets: Sequence[Ticket[Item, Result]]) -> None:
        try:
            results = self._work([ticket.item for ticket in tickets])
        except Exception as problem:
            if len(tickets) > 1 and self._is_ones_own(problem):
                for ticket in tickets:
                    self._serve([ticket])
                return
            for ticket in tickets:
                ticket.problem, ticket.is_done = problem, True
            return
        for ticket, result in zip(tickets, results, strict=True):
            ticket.result, ticket.is_done = result, True
