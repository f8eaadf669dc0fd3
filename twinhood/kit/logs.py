"""Log lines that cannot be forged and tell nothing about a person.

One event is one line, whatever a visitor typed. Addresses of traces are secrets that open a
donor's gift, mail addresses are personal, and PostgreSQL quotes whole rows in its DETAIL lines:
all three are taken out, in tracebacks too.
"""

import logging
import re

_REDACTED = (
    (re.compile(r"(/t/)[^/\s'\"?#)]+"), r"\1…"),
    (re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)*"), "…@…"),
    (re.compile(r"^(\s*(?:DETAIL|CONTEXT):).*$", re.MULTILINE), r"\1 …"),
)


def redacted(text: str) -> str:
    """Return `text` without secrets of traces, mail addresses and quoted rows."""
    for pattern, instead in _REDACTED:
        text = pattern.sub(instead, text)
    return text


def on_one_line(text: str) -> str:
    """Return `text` with every control character written out, line ends first of all."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


class PlainFormatter(logging.Formatter):
    """`time level logger message`; a traceback follows, indented, so that it forges no line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = redacted(on_one_line(super().formatMessage(record)))
        fault_id = getattr(getattr(record, "request", None), "fault_id", None)
        return f"{line} fault={fault_id}" if fault_id else line

    def formatException(self, ei: object) -> str:
        text = redacted(super().formatException(ei))  # type: ignore[arg-type]
        return "\n".join(f"  {on_one_line(line)}" for line in text.splitlines())
