"""
The answer of one statement. As an Arrow stream, straight from the engine, where pyarrow is there; else as JSON, which the
gateway keeps and hands out in parts. Both give the same values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator, Protocol, Sequence, TypedDict

import urllib3

from .errors import ConnectionLost, InterfaceError
from .rows import Row, unique_names
from .transport import Transport, segment
from .types import reader_of

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


class Column(TypedDict):
    name: str
    type: str
    nullable: bool
    masked: bool
    mask: str | None


class FilteredTable(TypedDict):
    object: str
    rules: list[str]


class MaskedColumn(TypedDict):
    object: str
    column: str
    mask: str
    rule: str


class Notice(TypedDict):
    code: str
    text: str


class Governance(TypedDict, total=False):
    policyVersion: int
    decisionId: str
    objects: list[str]
    filteredTables: list[FilteredTable]
    maskedColumns: list[MaskedColumn]
    purpose: str | None
    notices: list[Notice]
    resources: dict[str, Any]
    written: dict[str, Any]


class _Source(Protocol):
    statement_id: str

    def rows(self) -> Iterator[Row]: ...
    def close(self) -> None: ...


class Result:
    """Iterate over it for rows; memory stays flat. `to_arrow` and its like hold the whole answer."""

    def __init__(self, transport: Transport, source: _Source) -> None:
        self._transport = transport
        self._source = source
        self._table: Any = None
        self._rows: Iterator[Row] | None = None
        self._is_read = False
        self._statement: dict[str, Any] | None = None

    @property
    def statement_id(self) -> str:
        return self._source.statement_id

    @property
    def governance(self) -> Governance:
        """What was decided: which rows and columns were held back or masked, and by which rules."""
        governance: Governance = self._told()["governance"]
        return governance

    @property
    def columns(self) -> list[Column]:
        columns: list[Column] = self._told()["manifest"]["schema"]
        return columns

    @property
    def description(self) -> list[tuple[str, str, None, None, None, None, bool]]:
        """As PEP 249 has it; the type is its name."""
        return [(c["name"], c["type"], None, None, None, None, c["nullable"]) for c in self.columns]

    def __iter__(self) -> Iterator[Row]:
        if self._rows is None:
            self._rows = self._table_rows() if self._table is not None else self._read_once()
        return self._rows

    def fetchone(self) -> Row | None:
        return next(iter(self), None)

    def fetchmany(self, size: int = 1) -> list[Row]:
        rows = iter(self)
        return [row for _, row in zip(range(size), rows)]

    def fetchall(self) -> list[Row]:
        return list(self)

    def rows(self) -> list[Row]:
        """All rows, in memory; from the Arrow table where there is one, so that both can be asked for."""
        if isinstance(self._source, ArrowSource) and not self._is_read:
            self.to_arrow()
        return list(self._table_rows()) if self._table is not None else self.fetchall()

    def batches(self) -> Iterator[pyarrow.RecordBatch]:
        """Arrow batches as they come: memory stays flat."""
        source = self._arrow()
        self._mark_read()
        return source.batches()

    def to_arrow(self) -> pyarrow.Table:
        if self._table is None:
            source = self._arrow()
            self._mark_read()
            self._table = source.table()
        return self._table

    def to_pandas(self, **options: Any) -> pandas.DataFrame:
        """`options`: those of `pyarrow.Table.to_pandas`."""
        return self.to_arrow().to_pandas(**options)

    def to_polars(self) -> polars.DataFrame:
        import polars

        frame = polars.from_arrow(self.to_arrow())
        if not isinstance(frame, polars.DataFrame):
            raise InterfaceError("The answer is not a table.")
        return frame

    def close(self) -> None:
        """Cancels what still comes."""
        self._source.close()

    def __enter__(self) -> Result:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<sluice.Result {self.statement_id}>"

    def _told(self) -> dict[str, Any]:
        if self._statement is None:
            if isinstance(self._source, JsonSource):
                self._statement = self._source.statement
            else:
                self._statement = self._transport.json("GET", f"/v1/statements/{segment(self.statement_id)}")
        return self._statement or {}

    def _arrow(self) -> ArrowSource:
        if isinstance(self._source, ArrowSource):
            return self._source
        raise InterfaceError('This answer came as JSON: install sluice-client[arrow], or query with format="arrow".')

    def _mark_read(self) -> None:
        if self._is_read:
            raise InterfaceError("The rows of this answer have been read: query again.")
        self._is_read = True

    def _read_once(self) -> Iterator[Row]:
        self._mark_read()
        return self._source.rows()

    def _table_rows(self) -> Iterator[Row]:
        for batch in self._table.to_batches():
            yield from rows_of(batch)


class ArrowSource:
    """A stream of Arrow batches. It has no end before all rows were there."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self.statement_id = response.headers.get("X-Sluice-Statement-Id") or ""
        self._response = response

    def rows(self) -> Iterator[Row]:
        for batch in self.batches():
            yield from rows_of(batch)

    def batches(self) -> Iterator[pyarrow.RecordBatch]:
        import pyarrow.ipc

        try:
            reader = pyarrow.ipc.open_stream(_Whole(self._response))
            yield from reader
        except (OSError, pyarrow.ArrowInvalid, urllib3.exceptions.HTTPError):
            raise ConnectionLost("The answer broke off: it is not whole.") from None
        finally:
            # Left early, or interrupted: a connection that closes cancels the statement.
            self.close()

    def table(self) -> pyarrow.Table:
        import pyarrow.ipc

        try:
            return pyarrow.ipc.open_stream(_Whole(self._response)).read_all()
        except (OSError, pyarrow.ArrowInvalid, urllib3.exceptions.HTTPError):
            raise ConnectionLost("The answer broke off: it is not whole.") from None
        finally:
            self.close()

    def close(self) -> None:
        self._response.close()


class _Whole:
    """A response as the file that pyarrow reads; an end that comes too early is an error."""

    closed = False

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._response = response

    def read(self, size: int = -1) -> bytes:
        return self._response.read(None if size < 0 else size)


class JsonSource:
    """A result that the gateway keeps, fetched part by part."""

    def __init__(self, transport: Transport, statement: dict[str, Any]) -> None:
        self.statement = statement
        self.statement_id: str = statement["statementId"]
        self._transport = transport

    def rows(self) -> Iterator[Row]:
        columns: Sequence[Column] = self.statement["manifest"]["schema"]
        names = unique_names([column["name"] for column in columns])
        readers = [reader_of(column["type"]) for column in columns]
        part = self.statement["result"]
        while True:
            for values in part["rows"]:
                yield Row.of(names, (read(value) for read, value in zip(readers, values)))
            if part["nextChunk"] is None:
                return
            path = f"/v1/statements/{segment(self.statement_id)}/chunks/{part['nextChunk']}"
            part = self._transport.json("GET", path)

    def close(self) -> None:
        """Nothing is under way between two parts."""


def rows_of(batch: pyarrow.RecordBatch) -> Iterator[Row]:
    names = batch.schema.names
    columns = [column.to_pylist(maps_as_pydicts="strict") for column in batch.columns]
    for values in zip(*columns):
        yield Row.of(names, values)
