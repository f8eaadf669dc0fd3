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


class Step:
    """A step under way: quiet while it is short, then a line at once and every ten seconds."""

    def __init__(self, what: str, progress: Progress) -> None:
        self.what = what
        self.progress = progress
        self.started = time.monotonic()
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._held: list[str] | None = []  # what is told before the step turned out long
        self._speaker = threading.Thread(target=self._speak, daemon=True)
        self._speaker.start()

    def tell(self, line: str) -> None:
        """Say what the step is doing now, if it is a long one."""
        with self._lock:
            if self._held is None:
                self.progress(f"    {line.strip()}")
            else:
                self._held.append(line)

    def write(self, text: str) -> None:
        """Be a file for a command's output."""
        for line in filter(str.strip, text.splitlines()):
            self.tell(line)

    def flush(self) -> None:
        """Every line is flushed as it is said."""

    def _speak(self) -> None:
        if self._done.wait(ANNOUNCE_AFTER_S):
            return
        with self._lock:
            held, self._held = self._held or [], None
            self.progress(f"  {self.what} …")
            for line in held:
                self.progress(f"    {line.strip()}")
        while not self._done.wait(SPEAK_EVERY_S):
            self.progress(f"  {self.what} … {self.seconds:.0f} s")

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def finish(self) -> None:
        self._done.set()
        self._speaker.join()

    @property
    def was_long(self) -> bool:
        return self._held is None


@contextmanager
def step(what: str, progress: Progress = say) -> Iterator[Step]:
    """Announce a step once it turns out long, and say how many seconds it took.

    What is done in a blink is not mentioned, so a second start stays quiet.
    """
    running = Step(what, progress)
    try:
        yield running
    finally:
        running.finish()
    if running.was_long:
        progress(f"  {what}: done in {running.seconds:.1f} s")
