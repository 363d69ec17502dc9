"""What others read out of the formats of a result. In: a folder of files. Out: their columns and rows, as JSON."""

import json
import pathlib
import sys

import duckdb
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet


def shown(path):
    if path.suffix == ".arrow":
        with pa.ipc.open_stream(path.read_bytes()) as reader:
            table = reader.read_all()
        names = None
    else:
        table = pa.parquet.read_table(path)
        names = [f"{name} {kind}" for name, kind, *_ in duckdb.sql(f"DESCRIBE SELECT * FROM '{path}'").fetchall()]
    # Of Arrow's interval of months pyarrow knows the type only.
    known = [i for i, field in enumerate(table.schema) if "month_interval" not in str(field.type)]
    rows = table.select(known).slice(0, 3).to_pylist()
    return {
        "types": [f"{field.name}: {field.type}" for field in table.schema],
        "duckdb": names,
        "rows": [[str(value) for value in row.values()] for row in rows],
        "count": table.num_rows,
    }


folder = pathlib.Path(sys.argv[1])
print(json.dumps({path.name: shown(path) for path in sorted(folder.iterdir())}))
