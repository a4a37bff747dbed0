"""The formats of a file: each turns pages of rows into the bytes of the answer, one page at a time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from gateway.data.query import Format
from marketdata.catalogue import Column, Feed, Kind
from marketdata.reading import Selection, pages
from marketdata.state import is_simulated

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

CONTENT_TYPES: Mapping[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
# Parquet compresses by itself.
COMPRESSIBLE = frozenset({"csv", "json", "ndjson"})
ARROW_TYPES: Mapping[Kind, pa.DataType] = {
    "exact": pa.float64(),
    "count": pa.int64(),
    "epoch_ms": pa.int64(),
    "epoch_s": pa.int64(),
    "flag": pa.bool_(),
}


def csv(selection: Selection, *, header: bool) -> Iterator[bytes]:
    """Lines that end in one line feed, after a line of names if asked for; a plain list never has one."""
    if header and selection.feed.has_header:
        yield selection.feed.header.encode() + b"\n"
    yield from pages(selection, "lines")


def ndjson(selection: Selection, *, header: bool) -> Iterator[bytes]:
    """One object a line."""
    yield from pages(selection, "objects")


def json(selection: Selection, *, header: bool) -> Iterator[bytes]:
    """One array of objects, one a line."""
    before = b"["
    for page in pages(selection, "objects"):
        if page:
            yield before + b"\n" + page.removesuffix(b"\n").replace(b"\n", b",\n")
            before = b","
    yield b"[]\n" if before == b"[" else b"\n]\n"


def parquet(selection: Selection, *, header: bool) -> Iterator[bytes]:
    """A row group a page. Numbers are doubles, epochs integers, everything else text."""
    sink, schema = _Pipe(), _schema(selection)
    writer = pyarrow.parquet.ParquetWriter(sink, schema, compression="zstd")
    for page in pages(selection, "cells"):
        if page:
            writer.write_table(_table(selection.feed, page).replace_schema_metadata(schema.metadata))
            yield sink.take()
    writer.close()
    yield sink.take()


WRITERS: Mapping[Format, Callable[..., Iterator[bytes]]] = {
    "csv": csv,
    "json": json,
    "ndjson": ndjson,
    "parquet": parquet,
}


class _Pipe(io.RawIOBase):
    """A file that is only written to: it tells how much went in and forgets what was taken out."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        size = memoryview(data).nbytes
        self._waiting += data
        self._position += size
        return size

    def tell(self) -> int:
        return self._position

    def take(self) -> bytes:
        taken, self._waiting = bytes(self._waiting), bytearray()
        return taken


def _schema(selection: Selection) -> pa.Schema:
    fields = [pa.field(column.name, _type_of(column)) for column in selection.feed.columns]
    return pa.schema(fields, metadata={"source": selection.state.source} if is_simulated() else None)


def _type_of(column: Column) -> pa.DataType:
    return ARROW_TYPES.get(column.kind, pa.string())


def _table(feed: Feed, page: bytes) -> pa.Table:
    names = [column.name for column in feed.columns]
    return pyarrow.csv.read_csv(
        pa.py_buffer(page),
        read_options=pyarrow.csv.ReadOptions(column_names=names, use_threads=False, block_size=max(len(page), 1)),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={column.name: _type_of(column) for column in feed.columns},
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
            true_values=["True"],
            false_values=["False"],
        ),
    )
