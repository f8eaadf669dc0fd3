"""What several threads bring at one moment is done at once, and each gets its own."""

import threading
from collections.abc import Sequence

import pytest

from twinhood.kit.together import Together


class Worker:
    """Doubles numbers; the first time it waits until the others stand in the queue."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.has_begun, self.may_go_on = threading.Event(), threading.Event()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        if len(self.batches) == 1:
            self.has_begun.set()
            assert self.may_go_on.wait(10)
        if 0 in numbers:
            raise ZeroDivisionError
        if 13 in numbers:
            raise OSError
        return [2 * number for number in numbers]


def brought(worker: Worker, first: int, others: Sequence[int]) -> dict[int, int | str]:
    """What each gets, when the others come while the first is served."""
    results: dict[int, int | str] = {}

    def bring(number: int) -> None:
        try:
            results[number] = together(number)
        except (ZeroDivisionError, OSError) as problem:
            results[number] = type(problem).__name__

    together = Together(worker, is_ones_own=lambda problem: isinstance(problem, ZeroDivisionError))
    threads = [threading.Thread(target=bring, args=[number]) for number in (first, *others)]
    threads[0].start()
    assert worker.has_begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(together._waiting) < len(others):
        assert all(thread.is_alive() for thread in threads)
    worker.may_go_on.set()
    for thread in threads:
        thread.join(10)
    return results


def test_who_comes_alone_waits_for_nobody() -> None:
    worker = Worker()
    worker.may_go_on.set()

    together = Together(worker, is_ones_own=lambda problem: False)

    assert [together(1), together(2)] == [2, 4]
    assert worker.batches == [[1], [2]]


def test_those_who_come_meanwhile_are_served_together_each_with_its_own() -> None:
    worker = Worker()

    results = brought(worker, 1, [2, 3, 4, 5])

    assert results == {1: 2, 2: 4, 3: 6, 4: 8, 5: 10}
    assert [sorted(batch) for batch in worker.batches] == [[1], [2, 3, 4, 5]]


def test_what_one_is_to_blame_for_spoils_nothing_for_the_others() -> None:
    results = brought(Worker(), 1, [2, 0, 4])

    assert results == {1: 2, 2: 4, 0: "ZeroDivisionError", 4: 8}


def test_what_befalls_all_is_told_to_all_and_not_tried_again() -> None:
    worker = Worker()

    results = brought(worker, 1, [2, 13, 4])

    assert results == {1: 2, 2: "OSError", 13: "OSError", 4: "OSError"}
    assert len(worker.batches) == 2


def test_no_more_than_so_many_are_served_at_once() -> None:
    seen: list[int] = []

    def work(numbers: Sequence[int]) -> list[int]:
        seen.append(len(numbers))
        return list(numbers)

    together = Together(work, is_ones_own=lambda problem: False, at_once_max=3)
    with together._turn:
        threads = [threading.Thread(target=together, args=[number]) for number in range(7)]
        for thread in threads:
            thread.start()
        while len(together._waiting) < 7:
            pass
    for thread in threads:
        thread.join(10)

    assert sum(seen) == 7
    assert max(seen) == 3


@pytest.mark.parametrize("count", [1, 50])
def test_under_load_everybody_gets_their_own(count: int) -> None:
    together: Together[int, int] = Together(
        lambda numbers: [2 * number for number in numbers], is_ones_own=lambda problem: False
    )
    wrong: list[int] = []

    def bring(first: int) -> None:
        numbers = range(first, first + count)
        wrong.extend(number for number in numbers if together(number) != 2 * number)

    threads = [threading.Thread(target=bring, args=[1000 * n]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert wrong == []
