"""A stranger's file is read by a child: without this process's settings, bounded, and ended."""

import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

import twinhood
from twinhood.documents.errors import TooBusy

HOME = Path(twinhood.__file__).resolve().parent.parent
# Parsers are heavy: so many at once, and whoever waits longer than this is asked to come again.
AT_ONCE = 2
WAIT_S = 15
ANSWER_BYTES_MAX = 2 * 2**20
_places = BoundedSemaphore(AT_ONCE)


def answer(
    module: str, given: bytes, *, wall_s: float, bytes_max: int = ANSWER_BYTES_MAX
) -> bytes | None:
    """What `python -m module` says of `given`; None if it did not come to an end. Raises TooBusy.

    The child sets its own limits of time and memory; `wall_s` is the last one. What it says is
    at most `bytes_max` long.
    """
    if not _places.acquire(timeout=WAIT_S):
        raise TooBusy
    try:
        done = subprocess.run(  # noqa: S603 - our own module, and no word of the file.
            [sys.executable, "-m", module],
            input=given, capture_output=True, check=False, timeout=wall_s,
            cwd=HOME, env={"PYTHONPATH": str(HOME), "LANG": "C.UTF-8"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    finally:
        _places.release()
    is_answer = done.returncode == 0 and len(done.stdout) <= bytes_max
    return done.stdout if is_answer else None
