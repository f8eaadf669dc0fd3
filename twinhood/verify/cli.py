"""`twinhood replay FILE|-`: recompute a published journal, without database or network."""

import argparse
import contextlib
import errno
import gc
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from twinhood.ledger.core.journal import Journal
from twinhood.verify.replay import post_lines, write_answer

NOT_WRITTEN = 1
NOT_READ = 2
# What a shell reports for a program that SIGPIPE ended.
READER_LEFT = 141


def main(argv: list[str]) -> int:
    """Replay the journal named on the command line and print the answer as one JSON object.

    Returns 0, whatever lines were rejected (a message for each on standard error); 2 if the file
    cannot be read, 1 if the answer cannot be written, each with one line on standard error; 141 if
    the reader of the answer left.
    """
    parser = argparse.ArgumentParser(
        prog="twinhood replay",
        description="Recompute a journal (JSON Lines) and print where each cent went, as JSON.",
    )
    parser.add_argument("file", metavar="FILE", help="a journal, or - for standard input")
    path = parser.parse_args(argv).file
    journal = Journal()
    with _unbounded():
        try:
            with _opened(path) as stream:
                rejected = post_lines(journal, stream, _complain)
        except OSError as problem:
            sys.stderr.write(f"twinhood replay: cannot read {path}: {problem.strerror}\n")
            return NOT_READ
        return _answered(journal, rejected)


def _answered(journal: Journal, rejected: list[int]) -> int:
    try:
        write_answer(journal, rejected, sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        _hush()
        return READER_LEFT
    except OSError as problem:
        _hush()
        sys.stderr.write(f"twinhood replay: cannot write the answer: {problem.strerror}\n")
        return NOT_WRITTEN
    return 0


@contextlib.contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    if path != "-":
        with open(path, "rb") as stream:
            yield stream
    elif sys.stdin is None:  # Closed by whoever started us.
        raise OSError(errno.EBADF, "standard input is closed")
    else:
        yield sys.stdin.buffer


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
    # The answer names the line too; a closed standard error is no reason to stop.
    with contextlib.suppress(OSError, AttributeError):
        sys.stderr.write(f"line {number}: {why}\n")


def _hush() -> None:
    """Nobody takes our output any more: let Python's own last flush find no fault."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
