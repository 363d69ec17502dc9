"""Delta tables as streams: the rows that readers see, whatever else is in the log."""

import os
import uuid

from door import bare, new_session, refused
from stream_tables import ENGINEER, PLAIN, add, ended_by_a_policy, gone, ids, into, logs, made, name


def delta(*ids):
    """A Delta table with these rows, and where it lies."""
    table, before = name(), set(logs())
    ENGINEER.createDataFrame([(each, "DE") for each in ids], PLAIN).write.format("delta").saveAsTable(table)
    [log] = set(logs()) - before
    return table, os.path.dirname(log)


def test_from_delta_to_delta():
    (came, _), target = delta(1, 2), name()
    for want, more in (([1, 2], (3, 4)), ([1, 2, 3, 4], ())):
        into(target, ENGINEER.readStream.option("maxFilesPerTrigger", 1).table(came)).awaitTermination()
        assert ids(target) == want, (ids(target), want)
        for each in more:
            add(came, each)
    # A table that is changed otherwise has rows in new files that were read from old ones.
    ENGINEER.sql(f"UPDATE {came} SET country = 'FR' WHERE id = 1").collect()
    refused("CONFLICT", lambda: into(target, ENGINEER.readStream.table(came)))
    assert ids(target) == [1, 2, 3, 4]
    other = name()
    into(other, ENGINEER.readStream.table(came)).awaitTermination()
    assert sorted(map(tuple, ENGINEER.table(other).collect())) == sorted(map(tuple, ENGINEER.table(came).collect()))
    # One without rows.
    empty, none = name(), name()
    ENGINEER.sql(f"CREATE TABLE {empty} (id INT, country STRING) USING delta").collect()
    into(none, ENGINEER.readStream.table(empty)).awaitTermination()
    add(empty, 7)
    into(none, ENGINEER.readStream.table(empty)).awaitTermination()
    assert ids(none) == [7]


def test_versions_that_were_not_acknowledged_are_not_streamed():
    came, folder = delta(1, 2)
    plain = bare()
    rows = plain.createDataFrame([(666, "DE")], PLAIN)
    rows.write.format("delta").mode("append").save(folder)

    def direct():
        shown = f"d{uuid.uuid4().hex}"
        frame = plain.readStream.format("delta").option("startingVersion", 0).load(f"file://{folder}")
        frame.writeStream.format("memory").queryName(shown).trigger(availableNow=True).start().awaitTermination()
        return sorted(row.id for row in plain.table(shown).collect())

    def governed(spark=ENGINEER):
        shown = f"g{uuid.uuid4().hex}"
        frame = spark.readStream.table(came)
        frame.writeStream.format("memory").queryName(shown).trigger(availableNow=True).start().awaitTermination()
        return sorted(row.id for row in spark.table(shown).collect())

    # Delta's own source shows what is in the log; also when it was taken back and the next write is committed.
    assert direct() == [1, 2, 666]
    assert governed() == ids(came) == [1, 2]
    add(came, 3)
    assert governed() == ids(came) == [1, 2, 3]
    for option in ("startingVersion", "startingTimestamp", "readChangeFeed", "ignoreChanges", "versionAsOf"):
        refused("FEATURE_NOT_ALLOWED", lambda o=option: ENGINEER.readStream.option(o, "0").table(came).schema)
    # Rows and masks are those of now, and a change of policies ends it.
    made({
        "name": "streams-of-delta",
        "rows": [{"name": "few", "on": [came], "to": ["user:engineer"], "mode": "restrictive", "where": "id < 3"}],
        "columns": [{"name": "where", "on": [f"{came}.country"], "to": ["user:engineer"], "mask": "redact"}],
    })
    try:
        spark = new_session("engineer")
        shown = f"g{uuid.uuid4().hex}"
        query = spark.readStream.table(came).writeStream.format("memory").queryName(shown).start()
        query.processAllAvailable()
        assert ids(came, spark) == [1, 2]
        assert sorted(map(tuple, spark.table(shown).collect())) == sorted(map(tuple, spark.table(came).collect()))
        assert {row.country for row in spark.table(shown).collect()} != {"DE"}
        ended_by_a_policy(query, came)
        spark.stop()
    finally:
        gone("streams-of-delta")
    # Files with rows that are gone still.
    plain.sql(f"ALTER TABLE delta.`file://{folder}` SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
    plain.stop()
    add(came, 4)
    refused("FEATURE_NOT_ALLOWED", governed)
