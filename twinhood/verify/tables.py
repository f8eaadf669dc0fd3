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
ROWS = 65_536
CSV_BYTES = 4 * 1024 * 1024


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
    if _is_same_at_a_glance(container, path):
        return True
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


def _is_same_at_a_glance(container: Container, path: str) -> bool:
    """Whether pyarrow reads the same columns from both, which it does fast.

    Not so for tables with a text that CSV must escape: then the rows are written and compared.
    """
    import pyarrow as pa
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    csv, _, columns = TABLES[path]
    try:
        table = pq.ParquetFile(BytesIO(b"".join(container.read(path))), pre_buffer=False)
        if table.schema_arrow.names != columns:
            return False
        types = {f.name: _plain(f.type) for f in table.schema_arrow}
        options = pc.ConvertOptions(column_types=types, include_columns=columns)
        told = _csv_tables(container.read(csv), options)
        begun = next(told)
        for batch in table.iter_batches(ROWS, use_threads=False):
            while begun.num_rows < batch.num_rows:
                begun = pa.concat_tables([begun, next(told)])
            plain = [column.cast(_plain(column.type)) for column in batch.columns]
            found = pa.Table.from_arrays(plain, schema=begun.schema)
            if not found.equals(begun.slice(0, batch.num_rows)):
                return False
            begun = begun.slice(batch.num_rows)
        return begun.num_rows == 0 and not any(more.num_rows for more in told)
    except (pa.ArrowException, OSError, StopIteration, ValueError, TypeError):
        return False


def _csv_tables(blocks: Iterator[bytes], options: Any) -> Iterator[Any]:
    """Yield a CSV file as tables of some megabytes.

    pyarrow reads in threads of its own. One that still asks Python for bytes, or gives some back,
    while the program ends aborts it after a good answer (github.com/apache/arrow/issues/34314):
    so it gets memory of its own, and of Parquet nothing is read ahead.
    """
    import pyarrow as pa
    import pyarrow.csv as pc

    names: list[str] | None = None
    for lines in _whole_lines(blocks):
        memory = pa.BufferOutputStream()
        memory.write(lines)
        how = pc.ReadOptions(use_threads=False, column_names=names)
        table = pc.read_csv(pa.BufferReader(memory.getvalue()), how, convert_options=options)
        names = names or lines.split(b"\r\n", 1)[0].decode().split(",")
        yield table


def _whole_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    rest = bytearray()
    for block in blocks:
        rest += block
        end = rest.rfind(b"\n") + 1
        if end > CSV_BYTES:
            yield bytes(rest[:end])
            del rest[:end]
    if rest:
        yield bytes(rest)


def _plain(kind: Any) -> Any:
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _lines(data: bytes, row: Callable[..., str], columns: list[str], path: str) -> Iterator[str]:
    """Yield the table as lines of a CSV file, some thousand at once."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(BytesIO(data), pre_buffer=False)
        if table.schema_arrow.names != columns:
            raise Fails(path, f"the columns {', '.join(columns)}", table.schema_arrow.names)
        for batch in table.iter_batches(ROWS, use_threads=False):
            values = [column.to_pylist() for column in batch.columns]
            yield "".join(map(row, *values))
    except (pa.ArrowException, OSError, TypeError, ValueError, AttributeError) as problem:
        raise Fails(path, "a Parquet table", Said(type(problem).__name__)) from problem
