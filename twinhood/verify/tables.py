"""The Parquet tables, row by row against the CSV tables, where pyarrow happens to be installed.

The CSV tables were compared with the leaves before. Parquet cannot be written again to the byte
(that hangs on pyarrow's version), but its rows can be read.
"""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from twinhood.opendata.core.amounts import digits_of, major
from twinhood.opendata.core.cells import cell
from twinhood.opendata.core.rendering import ENTRIES, HEADS, TRANSFERS
from twinhood.verify.container import Container
from twinhood.verify.errors import Fails, Said
from twinhood.verify.reading import Compared

TABLE_MAX = 512 * 1024 * 1024
ROWS = 8_192


def _entry(index: int, seq: int, day: Any, kind: str, key: str) -> str:
    return f"{index},{seq},{day},{cell(kind)},{cell(key)}\r\n"


def _transfer(
    seq: int, number: int, day: Any, key: str, debit: str, credit: str, minor: int, currency: str
) -> str:
    return (
        f"{seq},{number},{day},{cell(key)},{cell(debit)},{cell(credit)},"
        f"{minor},{major(minor, digits_of(currency))},{currency}\r\n"
    )


TABLES: dict[str, tuple[str, Callable[..., str], list[str]]] = {
    "ledger/entries.parquet": (ENTRIES, _entry, ["index", "seq", "date", "kind", "key"]),
    "ledger/transfers.parquet": (
        TRANSFERS,
        _transfer,
        ["seq", "number", "date", "key", "debit", "credit", "amount_minor", "currency"],
    ),
}


def look_tables(container: Container) -> list[str]:
    """Compare the Parquet tables that are there; return those compared. Raises Fails."""
    there = [path for path in TABLES if path in container.sizes]
    if not there or find_spec("pyarrow") is None:
        return []
    return [path for path in there if _compare(container, path)]


def _compare(container: Container, path: str) -> bool:
    if container.sizes[path] > TABLE_MAX:
        return False
    csv, row, columns = TABLES[path]
    file = Compared(csv, container.read(csv))
    try:
        file.write(HEADS[csv].encode())
        for text in _lines(b"".join(container.read(path)), row, columns, path):
            file.write(text.encode())
        file.close()
    except Fails as seen:
        if not seen.where.startswith(csv):
            raise
        raise Fails(path, f"the rows of {csv}, {seen.found}", Said(seen.expected)) from seen
    return True


def _lines(data: bytes, row: Callable[..., str], columns: list[str], path: str) -> Iterator[str]:
    """Yield the table as lines of a CSV file, some thousand at once."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(BytesIO(data))
        if table.schema_arrow.names != columns:
            raise Fails(path, f"the columns {', '.join(columns)}", table.schema_arrow.names)
        for batch in table.iter_batches(ROWS):
            values = [column.to_pylist() for column in batch.columns]
            yield "".join(map(row, *values))
    except (pa.ArrowException, OSError, TypeError, ValueError, AttributeError) as problem:
        raise Fails(path, "a Parquet table", Said(type(problem).__name__)) from problem
