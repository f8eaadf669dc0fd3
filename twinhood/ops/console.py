"""What the machine room says to the person at the keyboard."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str], None]

ANNOUNCE_AFTER_S = 0.5
SPEAK_EVERY_S = 10.0


def say(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    """Print one line to where errors go."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def keep_quiet(_line: str) -> None:
    """A progress that says nothing, for commands whose output is read by programs."""


@contextmanager
def step(what: str, progress: Progress = say) -> Iterator[None]:
    """Announce a step once it turns out long, and say how many seconds it took.

    What is done in a blink is not mentioned, so a second start stays quiet.
    """
    started = time.monotonic()
    done = threading.Event()
    spoken: list[float] = []

    def speak() -> None:
        patience_s = ANNOUNCE_AFTER_S
        while not done.wait(patience_s):
            seconds = time.monotonic() - started
            progress(f"  {what} … {seconds:.0f} s" if spoken else f"  {what} …")
            spoken.append(seconds)
            patience_s = SPEAK_EVERY_S

    speaker = threading.Thread(target=speak, daemon=True)
    speaker.start()
    try:
        yield
    finally:
        done.set()
        speaker.join()
    if spoken:
        progress(f"  {what}: done in {time.monotonic() - started:.1f} s")
