"""Read a journal, line by line, and write what became of each cent as one JSON object.

The formats are those of docs/reference/journal.md. Lines end at `\\n` only. A line that is no
record is rejected and replay goes on; so is one of more than `LINE_MAX` bytes, which is never held
in memory as a whole.
"""

import json
import re
from collections.abc import Callable, Iterator
from itertools import batched
from json.encoder import encode_basestring_ascii as quoted
from typing import BinaryIO, NoReturn, TextIO

from twinhood.ledger.core.answer import Answer, Trace
from twinhood.ledger.core.fields import Rejected
from twinhood.ledger.core.journal import Fund, Journal, Order

LINE_MAX = 1024 * 1024
DEPTH_MAX = 5000
BLOCK = 256 * 1024
BATCH = 500
SPACE = " \t\r\n"

# Given a line number and why that line is rejected.
Complain = Callable[[int, str], None]


def replay(stream: BinaryIO, out: TextIO, complain: Complain) -> None:
    """Post every line of `stream` and write the answer to `out`."""
    journal = Journal()
    rejected = post_lines(journal, stream, complain)
    write_answer(journal, rejected, out)


def post_lines(journal: Journal, stream: BinaryIO, complain: Complain) -> list[int]:
    """Post every line; return the numbers of those rejected, from 1."""
    rejected = []
    post = journal.post
    for number, line in enumerate(lines_of(stream), 1):
        try:
            post(record_of(line))
        except Rejected as why:
            rejected.append(number)
            complain(number, str(why))
    return rejected


def lines_of(stream: BinaryIO) -> Iterator[bytes | None]:
    """Yield each line without its `\\n`, or None for one that is too long."""
    begun = b""
    is_too_long = False
    while block := stream.read(BLOCK):
        first, *rest = block.split(b"\n")
        begun = b"" if is_too_long else begun + first
        is_too_long = is_too_long or len(begun) > LINE_MAX
        if not rest:
            continue
        yield None if is_too_long else begun
        begun = rest.pop()
        is_too_long = False
        yield from rest
    if begun or is_too_long:
        yield None if is_too_long else begun


def record_of(line: bytes | None) -> object:
    """Decode one line. Raises Rejected for whatever is not a JSON value in UTF-8."""
    if line is None:
        raise Rejected(f"longer than {LINE_MAX} bytes")
    try:
        text = line.decode()
        value, end = _decode(text)
    except UnicodeDecodeError as problem:
        raise Rejected("not UTF-8") from problem
    except (ValueError, RecursionError):
        return _slowly(line.decode())
    if len(text) > end and text[end:].strip(SPACE):
        raise Rejected("not JSON: something follows the value")
    if len(text) > DEPTH_MAX:
        _look_depth(text)
    return value


def _slowly(text: str) -> object:
    """Decode a line that has white space in front, or say what is wrong with it."""
    text = text.strip(SPACE)
    if not text:
        raise Rejected("empty line")
    if text.startswith("\ufeff"):
        raise Rejected("not JSON: it begins with a byte order mark")
    try:
        value, end = _decode(text)
    except json.JSONDecodeError as problem:
        raise Rejected(f"not JSON: {problem.msg} at character {problem.pos + 1}") from problem
    except ValueError as problem:
        raise Rejected("a number with too many digits") from problem
    except RecursionError as problem:
        raise Rejected("nested too deeply") from problem
    if end < len(text):
        raise Rejected("not JSON: something follows the value")
    _look_depth(text)
    return value


def _look_depth(text: str) -> None:
    """Refuse the same lines on every machine, however deep its own stack is."""
    if text.count("[") + text.count("{") <= DEPTH_MAX:
        return
    depth = 0
    for found in BRACKETS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth > DEPTH_MAX:
            raise Rejected("nested too deeply")


BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')


def _no_constant(name: str) -> NoReturn:
    raise Rejected(f"not JSON: {name}")


_decode = json.JSONDecoder(parse_constant=_no_constant).raw_decode


def write_answer(journal: Journal, rejected: list[int], out: TextIO) -> None:
    """Write one JSON object with sorted keys, a line for each fund, gift and order."""
    found = Answer(journal)
    out.write('{"funds":{')
    _write_all(out, (_fund(found, journal.funds[name]) for name in sorted(journal.funds)))
    out.write('},\n"gifts":{')
    gifts = sorted(key for key, what in journal.keys.items() if type(what) is int)
    _write_all(out, (_gift(found, key) for key in gifts))
    del gifts
    out.write('},\n"orders":{')
    orders = [o for o in journal.keys.values() if isinstance(o, Order) and o.live]
    orders.sort(key=lambda order: order.key)
    _write_all(out, (_order(found, order) for order in orders))
    out.write(f'}},\n"rejected":[{",".join(map(str, rejected))}]}}\n')


def _write_all(out: TextIO, parts: Iterator[str]) -> None:
    between = "\n"
    for batch in batched(parts, BATCH):
        out.write(between + ",\n".join(batch))
        between = ",\n"


def _fund(found: Answer, fund: Fund) -> str:
    uses = ",\n".join(
        f'{{"end":{end},"key":{quoted(use)},"offset":{offset},"start":{start}}}'
        for start, end, use, offset in found.runs[fund.name]
        if use is not None
    )
    return (
        f'{quoted(fund.name)}:{{"currency":{quoted(fund.currency)},"free":{fund.line.free},'
        f'"head":{fund.line.head},"uses":[{uses}]}}'
    )


def _gift(found: Answer, key: str) -> str:
    number = found.journal.keys[key]
    if not isinstance(number, int):
        raise TypeError(key)
    fund, start, end = found.journal.place_of(number)
    trace = _rows(found.trace(fund, start, end))
    return (
        f'{quoted(key)}:{{"end":{end},"fund":{quoted(fund.name)},"start":{start},'
        f'"trace":[{trace}]}}'
    )


def _rows(trace: Trace) -> str:
    rows = [
        f'{{"amount":{amount},"key":{quoted(key)},"to":"{to}","unit":{quoted(unit)}}}'
        for (to, key, unit), amount in (sorted(trace.items()) if len(trace) > 1 else trace.items())
    ]
    return ",".join(rows)


def _order(found: Answer, order: Order) -> str:
    rows = ",\n".join(
        f'{{"amount":{amount},"key":{quoted(key)},"unit":{quoted(unit)}}}'
        for (unit, key), amount in sorted(found.sources(order).items())
    )
    return f'{quoted(order.key)}:{{"sources":[{rows}]}}'
