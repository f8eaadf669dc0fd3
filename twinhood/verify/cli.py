"""`twinhood replay FILE|-`: recompute a published journal, without database or network."""

import argparse
import contextlib
import gc
import io
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from twinhood.verify.replay import replay

NOT_READ = 2


def main(argv: list[str]) -> int:
    """Replay the journal named on the command line and print the answer as one JSON object.

    Returns 0, whatever lines were rejected (a message for each on standard error), or 2 with one
    line on standard error if the file cannot be read.
    """
    parser = argparse.ArgumentParser(
        prog="twinhood replay",
        description="Recompute a journal (JSON Lines) and print where each cent went, as JSON.",
    )
    parser.add_argument("file", metavar="FILE", help="a journal, or - for standard input")
    path = parser.parse_args(argv).file
    try:
        with _opened(path) as stream, _unbounded():
            _answer(stream)
    except BrokenPipeError:
        _hush()
    except OSError as problem:
        sys.stderr.write(f"twinhood replay: cannot read {path}: {problem.strerror or problem}\n")
        return NOT_READ
    return 0


def _answer(stream: BinaryIO) -> None:
    replay(stream, sys.stdout, _complain)
    sys.stdout.flush()


@contextlib.contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    if path == "-":
        yield sys.stdin.buffer
        return
    with open(path, "rb", buffering=io.DEFAULT_BUFFER_SIZE) as stream:
        yield stream


@contextlib.contextmanager
def _unbounded() -> Iterator[None]:
    """Amounts have no upper bound; and a million gifts are no garbage to look through."""
    digits, collects = sys.get_int_max_str_digits(), gc.isenabled()
    sys.set_int_max_str_digits(0)
    gc.disable()
    try:
        yield
    finally:
        sys.set_int_max_str_digits(digits)
        if collects:
            gc.enable()


def _complain(number: int, why: str) -> None:
    sys.stderr.write(f"line {number}: {why}\n")


def _hush() -> None:
    """The reader of our output left (`… | head`): let Python's own last flush find no fault."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
