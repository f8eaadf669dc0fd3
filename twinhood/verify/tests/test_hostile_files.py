"""Files that were not made to be read: replay rejects their lines and goes on, in little memory."""

import io
import json
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from twinhood.verify import cli
from twinhood.verify.replay import BLOCK, DEPTH_MAX, LINE_MAX, replay

FUND = b'{"kind":"fund","fund":"a","currency":"USD"}'
GIFT = b'{"kind":"gift","key":"A","fund":"a","amount":5}'


def replayed(data: bytes) -> tuple[dict[str, Any], list[str]]:
    """The answer, and what was complained of."""
    out, complaints = io.StringIO(), list[str]()
    replay(io.BytesIO(data), out, lambda number, why: complaints.append(f"line {number}: {why}"))
    return json.loads(out.getvalue()), complaints


def gift_with(extra: bytes) -> bytes:
    return GIFT[:-1] + b',"note":' + extra + b"}"


NO_RECORDS = {
    "an empty line": b"",
    "white space": b" \t\r",
    "no JSON": b"gift",
    "half a value": GIFT[:-1],
    "two values": GIFT + GIFT,
    "a value and a comma": GIFT + b",",
    "a list": b"[" + GIFT + b"]",
    "a number": b"5",
    "null": b"null",
    "NaN": gift_with(b"NaN"),
    "Infinity": gift_with(b"[-Infinity]"),
    "a byte that is not UTF-8": gift_with(b'"\xff"'),
    "a surrogate in UTF-8": gift_with(b'"\xed\xa0\x80"'),
    "UTF-16": GIFT.decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + GIFT,
    "a control character in a string": gift_with(b'"\x01"'),
    "white space that JSON does not know": b"\xc2\xa0" + GIFT,
    "a form feed": b"\x0c" + GIFT,
    "a hundred thousand lists in one another": gift_with(b"[" * 100_000 + b"]" * 100_000),
    "a hundred thousand lists never closed": b"[" * 100_000,
    "a hundred thousand objects in one another": gift_with(b'{"a":' * 10**5 + b"1" + b"}" * 10**5),
    "too many lists in one another": gift_with(b"[" * DEPTH_MAX + b"]" * DEPTH_MAX),
    "a line over the limit": gift_with(b'"' + b"x" * LINE_MAX + b'"'),
}


@pytest.mark.parametrize("line", NO_RECORDS.values(), ids=list(NO_RECORDS))
def test_a_line_that_is_no_record_is_rejected_and_the_next_one_read(line: bytes) -> None:
    found, complaints = replayed(FUND + b"\n" + line + b"\n" + GIFT + b"\n")

    assert found["rejected"] == [2]
    assert list(found["gifts"]) == ["A"]
    assert complaints[0].startswith("line 2: ")
    assert len(complaints[0]) < 200


RECORDS = {
    "white space around it": b" \t" + GIFT + b" \r",
    "a carriage return at the end": GIFT + b"\r",
    "a line separator within a string": gift_with('"\u2028\u0085"'.encode()),
    "half a surrogate pair, escaped": gift_with(b'"\\ud800"'),
    "a number beyond every float": gift_with(b"1e999"),
    "brackets within a string": gift_with(b'"' + b"[" * 20_000 + b'"'),
    "lists in one another": gift_with(b"[" * (DEPTH_MAX - 1) + b"]" * (DEPTH_MAX - 1)),
    "many lists beside one another": gift_with(b"[" + b"[]," * 20_000 + b"[]]"),
    "four thousand digits": gift_with(b"[-" + b"7" * 4000 + b"]"),
    "a line of just the limit": gift_with(b'"' + b"x" * (LINE_MAX - len(gift_with(b'""'))) + b'"'),
    "a name that stands twice": b'{"kind":"fund","kind":"gift",' + GIFT[15:],
}


@pytest.mark.parametrize("line", RECORDS.values(), ids=list(RECORDS))
def test_an_odd_line_that_is_a_record_is_read(line: bytes) -> None:
    found, _ = replayed(FUND + b"\n" + line)

    assert found["rejected"] == []
    assert found["gifts"]["A"]["end"] == 5


def test_lines_end_where_they_do_wherever_a_block_ends() -> None:
    for length in range(BLOCK - 3, BLOCK + 4):
        padding = b" " * (length - len(FUND))
        found, _ = replayed(FUND + padding + b"\n" + b"\n" + GIFT + b"\n\n")

        assert found["rejected"] == [2, 4]


def test_an_empty_file_is_an_empty_journal() -> None:
    found, _ = replayed(b"")

    assert found == {"funds": {}, "gifts": {}, "orders": {}, "rejected": []}


def test_keys_are_any_strings() -> None:
    keys = ["", "\ud800", '"\\', "\u2028", "advance", "Краматорськ", "\x00", "</script>"]
    lines = [FUND, *(json.dumps(json.loads(GIFT) | {"key": key}).encode() for key in keys)]

    found, _ = replayed(b"\n".join(lines))

    assert set(found["gifts"]) == set(keys)


class EndlessLine(io.RawIOBase):
    """A line of 64 MiB, made as it is read."""

    def __init__(self) -> None:
        self.left = 64 * 1024 * 1024

    def read(self, size: int = -1) -> bytes:
        size = min(size, self.left)
        self.left -= size
        return b"x" * size


def test_a_line_without_end_is_never_held_as_a_whole() -> None:
    complaints: list[str] = []
    tracemalloc.start()
    try:
        endless = cast(BinaryIO, EndlessLine())
        replay(endless, io.StringIO(), lambda _, why: complaints.append(why))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert complaints == [f"longer than {LINE_MAX} bytes"]
    assert peak_bytes < 8 * LINE_MAX


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "twinhood", "replay", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)


def test_amounts_of_more_digits_than_python_likes_are_added_and_written(tmp_path: Path) -> None:
    digits = "7" * 100_000
    journal = FUND + b"\n" + GIFT.replace(b"5", digits.encode()) + b"\n"

    done = run("-", stdin=journal)

    assert done.returncode == 0, done.stderr
    assert f'"head":{digits},'.encode() in done.stdout


def test_rejected_lines_do_not_change_the_exit_status_and_are_told_apart_from_the_answer() -> None:
    done = run("-", stdin=b"nonsense\n")

    assert (done.returncode, json.loads(done.stdout)["rejected"]) == (0, [1])
    assert done.stderr.decode().startswith("line 1: not JSON")


def test_a_file_that_cannot_be_read_is_exit_status_two_and_one_line(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        done = run(str(path))

        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.count(b"\n") == 1
        assert b"Traceback" not in done.stderr


def test_a_reader_who_leaves_is_no_fault_to_tell_of() -> None:
    journal = (
        FUND
        + b"\n"
        + b"".join(GIFT.replace(b'"A"', b'"%d"' % number) + b"\n" for number in range(20_000))
    )
    command = [sys.executable, "-m", "twinhood", "replay", "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        running.stdin.write(journal)
        running.stdin.close()
        complaints = running.stderr.read()
        running.wait(timeout=60)

    assert complaints == b""


def test_replay_needs_no_django() -> None:
    program = (
        "import sys, twinhood.cli, twinhood.verify.cli;"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('django', 'psycopg', 'babel')]"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr


def test_a_command_leaves_the_process_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(FUND)
    digits = sys.get_int_max_str_digits()

    assert cli.main([str(path)]) == 0

    assert sys.get_int_max_str_digits() == digits
    assert json.loads(capsys.readouterr().out)["funds"]["a"]["head"] == 0
