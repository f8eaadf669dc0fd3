"""Log lines: one event is one line, and none tells about a person."""

import logging
import sys

import pytest

from twinhood.kit.logs import PlainFormatter, redacted


def logged(message: str, *values: object) -> str:
    record = logging.LogRecord("kit", logging.WARNING, "x.py", 1, message, values, None)
    return PlainFormatter().format(record)


@pytest.mark.parametrize(
    "trick", ["\n", "\r", "\r\n", "\x00", "\x1b[31m", "\u2028", "\x85", "\x0b"]
)
def test_nobody_can_write_a_line_of_their_own_into_the_log(trick: str) -> None:
    line = logged("no such city: %s", f"x{trick}2026-01-01 ERROR ledger all money gone")

    assert len(line.splitlines()) == 1
    assert line.isprintable()


def test_a_traceback_is_indented_so_that_its_message_forges_no_line() -> None:
    try:
        raise ValueError("x\n2026-01-01 00:00:00,000 ERROR ledger all money gone")
    except ValueError:
        record = logging.LogRecord("kit", logging.ERROR, "x.py", 1, "fell", (), sys.exc_info())

    lines = PlainFormatter().format(record).splitlines()

    assert len(lines) > 3
    assert all(line.startswith("  ") for line in lines[1:])


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Not Found: /en/t/7Q2FS3CR3T/", "Not Found: /en/t/…/"),
        ("Not Found: /t/7Q2FS3CR3T", "Not Found: /t/…"),
        ("GET /uk/t/7Q2FS3CR3T/?x=1", "GET /uk/t/…/?x=1"),
        ("Key (email)=(anna.k+x@mail.example) already exists", "Key (email)=(…@…) already exists"),
        ("DETAIL:  Failing row contains (1, Anna).", "DETAIL: …"),
        ("gift:7Q2F posted", "gift:7Q2F posted"),
        ("/en/stats/today/", "/en/stats/today/"),
    ],
)
def test_secrets_and_addresses_are_left_out_and_the_rest_kept(said: str, kept: str) -> None:
    assert redacted(said) == kept
