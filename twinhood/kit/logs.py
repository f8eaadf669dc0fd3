"""Log lines that cannot be forged: one event is one line, whatever a visitor typed."""

import logging


class PlainFormatter(logging.Formatter):
    """`time level logger message`, with control characters escaped (no log injection)."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        head, newline, traceback = text.partition("\nTraceback")
        safe = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in head)
        return safe + newline + traceback if newline else safe
