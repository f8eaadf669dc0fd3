"""Bounds of time and memory for reading what a stranger sent."""

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

MEMORY_BYTES = 2 * 2**30
CPU_S = 30


class TooMuch(Exception):
    """It took more time than it was given."""


@contextlib.contextmanager
def limited(*, cpu_s: int = CPU_S, memory_bytes: int = MEMORY_BYTES) -> Iterator[None]:
    """Bound what is done inside, beyond what is spent already; raises TooMuch or MemoryError.

    Only in the main thread of a process, and only where the system has such bounds (not Windows).
    """
    try:
        import resource
    except ImportError:
        yield
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent_s = int(used.ru_utime + used.ru_stime)
    most_bytes = _mapped_bytes(resource.getpagesize()) + memory_bytes
    bounds = {resource.RLIMIT_CPU: spent_s + cpu_s, resource.RLIMIT_AS: most_bytes}
    before = {which: resource.getrlimit(which) for which in bounds}
    handler = signal.signal(signal.SIGXCPU, _stop)
    try:
        for which, bound in bounds.items():
            hard = before[which][1]
            if hard == resource.RLIM_INFINITY or bound < hard:
                resource.setrlimit(which, (bound, hard))
        yield
    finally:
        for which, pair in before.items():
            resource.setrlimit(which, pair)
        signal.signal(signal.SIGXCPU, handler)


def _mapped_bytes(page_bytes: int) -> int:
    """The address space of this process: each thread that ever ran has some, used or not.

    A bound below it does not end the work, it makes parts of it fail: a signature whose hash
    could not be computed would be called broken.
    """
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * page_bytes
    except OSError:  # not Linux
        return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise TooMuch
