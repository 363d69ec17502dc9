"""Streams into tables: exactly once, seen when it holds, tags with the rows, alone at the table."""

import glob
import os
import time
import uuid

import rest
from door import new_session, refused, session
from pyspark.errors.exceptions.connect import StreamingQueryException
from pyspark.sql import functions as F

ENGINEER = session("engineer")
MINE = "work.engineer"
PLAIN = "id int, country string"


def made(policy):
    status, answer = rest.call("admin", "POST", "/v1/policies", {"kind": "policy", **policy})
    assert status == 201, answer


def gone(policy):
    assert rest.call("admin", "DELETE", f"/v1/policies/{policy}")[0] < 300


def name():
    return f"{MINE}.s{uuid.uuid4().hex[:12]}"


def add(table, *ids):
    ENGINEER.createDataFrame([(each, "DE") for each in ids], PLAIN).write.mode("append").saveAsTable(table)


def source(*ids):
    table = name()
    add(table, *ids)
    return table


def into(table, frame, mode="append", **trigger):
    return frame.writeStream.outputMode(mode).trigger(**(trigger or {"availableNow": True})).toTable(table)


def ids(table, spark=ENGINEER):
    return sorted(row.id for row in spark.table(table).collect())


def test_a_query_that_is_started_again_goes_on():
    came, target = source(1, 2), name()
    for want, more in (([1, 2], (3,)), ([1, 2, 3], ()), ([1, 2, 3], (4, 5)), ([1, 2, 3, 4, 5], ())):
        into(target, ENGINEER.readStream.table(came)).awaitTermination()
        assert ids(target) == want, (ids(target), want)
        if more:
            add(came, *more)
    assert rest.rows("engineer", f"SELECT count(*) FROM {target}", "spark") == [[5]]
    # Another name is another query, and begins at the beginning.
    other = ENGINEER.readStream.table(came).writeStream.option("checkpointLocation", "second").trigger(availableNow=True)
    other.toTable(target).awaitTermination()
    assert ENGINEER.table(target).count() == 10


def logs():
    return glob.glob(os.path.join(os.path.dirname(os.environ["LAKE_FOLDER"]), "warehouse", "*", "_delta_log"))


def until(done, seconds=60):
    deadline = time.time() + seconds
    while not done():
        assert time.time() < deadline, "it took too long"
        time.sleep(0.2)


def ended_by_a_policy(query, table):
    """Denies the writer a table that is read; the policy is gone again afterwards."""
    made({"name": "streams-end", "grants": [{"deny": ["read"], "to": ["user:engineer"], "on": [table]}]})
    try:
        query.awaitTermination(60)
        raise AssertionError("it was not ended")
    except StreamingQueryException as error:
        assert "STREAM_STOPPED" in str(error), error
    finally:
        gone("streams-end")


def test_what_was_made_and_never_seen_is_made_anew():
    came, target = name(), name()
    ENGINEER.range(80).select(F.col("id").cast("int")).repartition(80).write.saveAsTable(came)
    before = set(logs())
    unseen = False
    for _ in range(5):
        spark = new_session("engineer")
        # Batch after batch, so that one may have been made since the last look when it ends.
        frame = spark.readStream.option("maxFilesPerTrigger", 1).table(came)
        query = into(target, frame, processingTime="0 seconds")
        first = spark.table(target).count()
        until(lambda spark=spark, first=first: spark.table(target).count() > first + 2)
        # One write at a time.
        refused("WRITE_CONFLICT", lambda: ENGINEER.sql(f"DELETE FROM {target} WHERE id = 1").collect())
        ended_by_a_policy(query, came)
        spark.stop()
        later = new_session("engineer")
        [log] = set(logs()) - before
        # Each batch is a row and a version, beside the one that the table began with.
        unseen = len(glob.glob(f"{log}/*.json")) > later.table(target).count() + 1
        if unseen:
            break
        later.stop()
    assert unseen, "all that was made had been seen"
    seen = ids(target, later)
    later.sql(f"INSERT INTO {target} VALUES (1000)")
    assert ids(target, later) == [*seen, 1000]
    into(target, later.readStream.table(came)).awaitTermination()
    assert ids(target, later) == [*range(80), 1000]
    later.stop()


def test_all_of_an_aggregate():
    came, target = source(1, 2, 3), name()
    for want in (3, 4):
        counts = ENGINEER.readStream.table(came).groupBy("country").agg(F.count("*").alias("n"))
        into(target, counts, "complete").awaitTermination()
        assert [tuple(row) for row in ENGINEER.table(target).collect()] == [("DE", want)]
        add(came, 9)


def test_tags_come_with_the_rows():
    target = f"work.analyst.s{uuid.uuid4().hex[:12]}"
    spark = session("analyst")
    frame = spark.readStream.table("shop.crm.customers").select("id", "email")
    into(target, frame).awaitTermination()
    assert spark.table(target).count() == spark.table("shop.crm.customers").count()
    _, table = rest.call("analyst", "GET", f"/v1/catalog/tables/{target}")
    assert next(c for c in table["columns"] if c["name"] == "email")["tags"], table
    # Masked values do not go where true ones are.
    plain = f"work.analyst.s{uuid.uuid4().hex[:12]}"
    spark.sql(f"CREATE TABLE {plain} (id BIGINT, email STRING) USING delta").collect()
    refused("MASKED_WRITE_BACK", lambda: into(plain, frame))


def test_what_no_stream_may():
    came, parquet, target = source(1), source(1), name()
    frame = ENGINEER.readStream.table(came)
    refused("TABLE_NOT_WRITABLE", lambda: into(parquet, frame))
    refused("FEATURE_NOT_ALLOWED", lambda: into(target, frame, "update"))
    refused("FEATURE_NOT_ALLOWED", lambda: frame.writeStream.format("parquet").toTable(target))
    refused("ACCESS_DENIED", lambda: into("work.analyst.mine", frame))
    for option, value in (("checkpointLocation", "/tmp/c"), ("checkpointLocation", "../c"), ("mergeSchema", "true")):
        refused("FEATURE_NOT_ALLOWED", lambda o=option, v=value: frame.writeStream.option(o, v).toTable(target))
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: ENGINEER.table(target).collect())


def test_row_rules_of_the_target():
    came, target = source(1), name()
    frame = ENGINEER.readStream.table(came)
    into(target, frame).awaitTermination()
    made({
        "name": "streams-rows",
        "rows": [{"name": "few", "on": [target], "to": ["user:engineer"], "mode": "restrictive", "where": "id < 5"}],
    })
    try:
        spark = new_session("engineer")
        refused("FEATURE_NOT_ALLOWED", lambda: into(target, spark.readStream.table(came)))
        spark.stop()
    finally:
        gone("streams-rows")
