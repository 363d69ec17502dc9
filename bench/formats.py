"""What PyPI's duckdb alone does: a question as an Arrow IPC stream into a file. In, a line each: a question as JSON. Out: rows and milliseconds."""

import json
import sys
import time

import duckdb
import pyarrow as pa

connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
for line in sys.stdin:
    question = json.loads(line)
    begun = time.perf_counter()
    rows = 0
    reader = connection.execute(question["sql"]).to_arrow_reader(1_000_000)
    with pa.OSFile(question["file"], "wb") as file, pa.ipc.new_stream(file, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    print(json.dumps({"rows": rows, "ms": (time.perf_counter() - begun) * 1000, "version": duckdb.__version__}), flush=True)
