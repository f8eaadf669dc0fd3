"""Entries and transfers as Parquet, for who works with tables of millions of rows.

Raw values: amounts in minor units, dates as dates, keys as they are. Written in groups of rows, so
that memory is bounded; the same rows give the same bytes with the same version of pyarrow.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from twinhood.opendata.core.leaf import kind_of_entry

ROWS_IN_GROUP = 65_536
_text = pa.dictionary(pa.int32(), pa.string())

ENTRIES = pa.schema(
    [
        pa.field("index", pa.int64(), nullable=False),
        pa.field("seq", pa.int64(), nullable=False),
        pa.field("date", pa.date32(), nullable=False),
        pa.field("kind", _text, nullable=False),
        pa.field("key", pa.string(), nullable=False),
    ]
)
TRANSFERS = pa.schema(
    [
        pa.field("seq", pa.int64(), nullable=False),
        pa.field("number", pa.int32(), nullable=False),
        pa.field("date", pa.date32(), nullable=False),
        pa.field("key", pa.string(), nullable=False),
        pa.field("debit", _text, nullable=False),
        pa.field("credit", _text, nullable=False),
        pa.field("amount_minor", pa.int64(), nullable=False),
        pa.field("currency", _text, nullable=False),
    ]
)


class Table:
    """Rows of one schema, written to a stream in groups."""

    def __init__(self, stream: BinaryIO, schema: pa.Schema) -> None:
        self._schema = schema
        self._writer = pq.ParquetWriter(stream, schema, compression="zstd", store_schema=False)
        self._columns: list[list[Any]] = [[] for _ in schema]

    def add(self, *row: object) -> None:
        for column, value in zip(self._columns, row, strict=True):
            column.append(value)
        if len(self._columns[0]) >= ROWS_IN_GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._columns[0]:
            arrays = [
                pa.array(values, field.type)
                for values, field in zip(self._columns, self._schema, strict=True)
            ]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
            self._columns = [[] for _ in self._schema]


class Tables:
    """Both tables of a partnership's entries."""

    def __init__(self, entries: BinaryIO, transfers: BinaryIO) -> None:
        self._entries = Table(entries, ENTRIES)
        self._transfers = Table(transfers, TRANSFERS)

    def add(self, index: int, leaf: Mapping[str, Any]) -> None:
        """Add an entry's leaf; others have no rows."""
        if leaf["kind"] != "entry":
            return
        seq, key, day = leaf["seq"], leaf["key"], _day(leaf["date"])
        self._entries.add(index, seq, day, kind_of_entry(leaf), key)
        for number, move in enumerate(leaf["transfers"], 1):
            self._transfers.add(
                seq, number, day, key, move["debit"], move["credit"], move["amount"],
                move["currency"],
            )  # fmt: skip

    def close(self) -> None:
        self._entries.close()
        self._transfers.close()


_day = lru_cache(maxsize=4096)(date.fromisoformat)
