"""Promises of the bounds within which a stranger's file is read."""

import mmap
from typing import NoReturn

import pytest

from twinhood.documents.core.limits import MEMORY_BYTES, TooMuch, limited


def test_what_a_process_has_mapped_already_takes_nothing_from_the_reader() -> None:
    with mmap.mmap(-1, MEMORY_BYTES + 2**28), limited(memory_bytes=2**29):
        got = bytearray(2**27)

    assert len(got) == 2**27


def test_more_memory_than_allowed_is_refused() -> None:
    with pytest.raises(MemoryError), limited(memory_bytes=2**27):
        bytearray(2**29)


def test_more_time_than_allowed_is_refused() -> None:
    with pytest.raises(TooMuch), limited(cpu_s=1):
        _work_forever()


def _work_forever() -> NoReturn:
    while True:
        pass
