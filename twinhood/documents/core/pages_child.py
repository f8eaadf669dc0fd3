"""A process of its own in which a page is drawn: it may take its time, and is ended.

Reads the page's number on a line, then the PDF; writes the picture.
"""

import sys

from twinhood.documents.core import pages
from twinhood.documents.core.limits import TooMuch, limited

CPU_S = 10
CANNOT = 3


def main() -> int:
    number = int(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    try:
        with limited(cpu_s=CPU_S):
            made = pages.picture(data, number)
    except (pages.NoSuchPage, TooMuch, MemoryError):
        return CANNOT
    sys.stdout.buffer.write(made)
    return 0


def asked(number: int) -> bytes:
    """What the process reads before the file."""
    return b"%d\n" % number


if __name__ == "__main__":
    sys.exit(main())
