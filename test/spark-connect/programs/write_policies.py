"""Writes under policies: each attack first goes through on the server itself, or shows what is at stake, then fails."""

import datetime
import os
import uuid

import rest
from door import bare, new_session, refused, session
from pyspark.errors.exceptions.connect import AnalysisException
from pyspark.sql import Row
from pyspark.sql import functions as F

ENGINEER, ANALYST, STEWARD = session("engineer"), session("analyst"), session("steward")
SHARED = "work.engineer.shared"


def policy(name: str, document: dict) -> None:
    status, answer = rest.call("admin", "POST", "/v1/policies", {"kind": "policy", "name": name, **document})
    assert status == 201, answer


def shared(name: str, *rows):
    """A Delta table of the engineer that the analyst may change, as far as it is German; notes are masked for them."""
    ENGINEER.createDataFrame(rows, "id int, country string, note string").write.format("delta").saveAsTable(name)
    policy(
        f"shares-{uuid.uuid4().hex}",
        {
            "grants": [{"allow": ["browse", "read", "write"], "to": ["user:analyst"], "on": [name]}],
            "rows": [{"name": "german", "on": [name], "to": ["user:analyst"], "mode": "restrictive", "where": "country = 'DE'"}],
            "columns": [{"on": [f"{name}.note"], "to": ["user:analyst"], "mask": "redact"}],
        },
    )
    return name


def rows(name, spark=ENGINEER):
    return [tuple(row) for row in spark.table(name).orderBy("id").collect()]


def test_copies_are_masked_for_others_in_the_same_second():
    copy = "work.steward.copy"
    STEWARD.table("shop.crm.customers").where("country = 'DE'").select("id", F.lower("email").alias("contact"), "country").limit(20).write.saveAsTable(copy)
    policy("reads-the-copy", {"grants": [{"allow": ["browse", "read"], "to": ["user:analyst"], "on": [copy]}]})
    clear = {row.id: row.contact for row in STEWARD.table(copy).collect()}
    seen = {row.id: row.contact for row in ANALYST.table(copy).collect()}
    assert seen.keys() == clear.keys() and len(clear) == 20
    assert all("***@" in text and text != clear[key] for key, text in seen.items()), seen
    assert dict(rest.rows("analyst", f"SELECT id, contact FROM {copy}")) == seen


def test_rows_outside_of_a_rule_are_not_written():
    name = shared(f"{SHARED}_check", (1, "DE", "one"), (2, "FR", "two"))
    german = ANALYST.createDataFrame([(3, "DE", "three")], "id int, country string, note string")
    french = ANALYST.createDataFrame([(4, "DE", "four"), (5, "FR", "five")], "id int, country string, note string")
    german.writeTo(name).append()
    refused("WRITE_CHECK_FAILED", lambda: french.writeTo(name).append(), AnalysisException)
    refused("WRITE_CHECK_FAILED", lambda: ANALYST.sql(f"INSERT INTO {name} VALUES (6, 'FR', 'x')"))
    refused("WRITE_CHECK_FAILED", lambda: ANALYST.sql(f"INSERT INTO {name} VALUES (6, NULL, 'x')"))
    refused("WRITE_CHECK_FAILED", lambda: ANALYST.sql(f"UPDATE {name} SET country = 'FR' WHERE id = 1"))
    refused(
        "WRITE_CHECK_FAILED",
        lambda: ANALYST.sql(f"MERGE INTO {name} t USING (SELECT 7 AS id) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, country) VALUES (s.id, 'FR')"),
    )
    assert [row[:2] for row in rows(name)] == [(1, "DE"), (2, "FR"), (3, "DE")]
    # What was refused is not there later, either: the next write takes it back.
    ENGINEER.sql(f"DELETE FROM {name} WHERE id = 3")
    assert [row[0] for row in rows(name)] == [1, 2]


def test_hidden_rows_are_not_touched():
    name = shared(f"{SHARED}_hidden", (1, "DE", "a"), (2, "FR", "b"), (3, "FR", "c"))
    assert ANALYST.sql(f"UPDATE {name} SET note = 'new'").collect() == [Row(num_affected_rows=1)]
    assert ANALYST.sql(f"DELETE FROM {name} WHERE id = 2").collect() == [Row(num_affected_rows=0)]
    # A condition that would raise on a hidden row does not meet one.
    ANALYST.sql(f"UPDATE {name} SET note = 'newer' WHERE 1 / (id - 2) < 0")
    ANALYST.sql(
        f"""MERGE INTO {name} t USING (SELECT 3 AS id) s ON t.id = s.id WHEN MATCHED THEN DELETE
            WHEN NOT MATCHED THEN INSERT (id, country, note) VALUES (s.id, 'DE', 'mine') WHEN NOT MATCHED BY SOURCE THEN UPDATE SET note = 'last'"""
    )
    assert rows(name) == [(1, "DE", "last"), (2, "FR", "b"), (3, "DE", "mine"), (3, "FR", "c")] or rows(name) == [
        (1, "DE", "last"),
        (2, "FR", "b"),
        (3, "FR", "c"),
        (3, "DE", "mine"),
    ]


def test_rows_are_replaced_among_those_that_are_seen():
    name = shared(f"{SHARED}_replaced", (1, "DE", "a"), (2, "FR", "b"), (3, "DE", "c"))
    new = lambda country: ANALYST.createDataFrame([Row(id=9, country=country, note="mine")])  # noqa: E731
    new("DE").writeTo(name).overwrite(F.col("id") > 1)
    assert rows(name) == [(1, "DE", "a"), (2, "FR", "b"), (9, "DE", "mine")]
    refused("WRITE_CHECK_FAILED", lambda: new("FR").writeTo(name).overwrite(F.col("id") > 1))
    refused("COLUMN_PREDICATE_DENIED", lambda: new("DE").writeTo(name).overwrite(F.col("note") == "a"))
    # A condition that would raise on a hidden row does not meet one.
    ANALYST.sql(f"INSERT INTO {name} REPLACE WHERE 1 / (id - 2) < 1 SELECT 5L, 'DE', 'last'")
    assert rows(name) == [(2, "FR", "b"), (5, "DE", "last")]


def test_masked_columns_are_not_read_and_do_not_go_back():
    name = shared(f"{SHARED}_masked", (1, "DE", "secret"), (2, "DE", "other"))
    refused("COLUMN_PREDICATE_DENIED", lambda: ANALYST.sql(f"DELETE FROM {name} WHERE note = 'secret'"), AnalysisException)
    refused("COLUMN_PREDICATE_DENIED", lambda: ANALYST.sql(f"UPDATE {name} SET country = 'DE' WHERE note LIKE 's%'"))
    refused("COLUMN_PREDICATE_DENIED", lambda: ANALYST.sql(f"UPDATE {name} SET country = left(note, 2)"))
    refused("MASKED_WRITE_BACK", lambda: ANALYST.sql(f"UPDATE {name} SET note = upper(note)"))
    refused("MASKED_WRITE_BACK", lambda: ANALYST.sql(f"INSERT INTO {name} SELECT id + 10, country, note FROM {name}"))
    refused("MASKED_WRITE_BACK", lambda: ANALYST.table(name).writeTo(name).append(), AnalysisException)
    refused(
        "MASKED_WRITE_BACK",
        lambda: ANALYST.sql(f"MERGE INTO {name} t USING (SELECT id, note FROM {name}) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET note = s.note"),
    )
    ANALYST.sql(f"UPDATE {name} SET note = 'fresh' WHERE id = 2")
    assert rows(name) == [(1, "DE", "secret"), (2, "DE", "fresh")]


def test_time_travel_is_under_the_policies_of_today():
    name = shared(f"{SHARED}_then", (1, "DE", "one"), (2, "FR", "two"))
    ENGINEER.sql(f"DELETE FROM {name}")
    assert rows(name) == []
    then = ANALYST.sql(f"SELECT * FROM {name} VERSION AS OF 0").collect()
    assert [tuple(row) for row in then] == [(1, "DE", "xxx")], then
    assert [tuple(row) for row in ANALYST.read.option("versionAsOf", "0").table(name).collect()] == [(1, "DE", "xxx")]


def test_names_that_are_no_tables():
    folder = f"/tmp/sluice-attack-{uuid.uuid4().hex}"
    server = bare()
    server.range(1).write.format("delta").save(folder)
    assert server.table(f"delta.`{folder}`").count() == 1
    server.sql(f"INSERT INTO delta.`{folder}` VALUES (7)")
    some = ANALYST.range(1)
    for name in (f"delta.`{folder}`", f"parquet.`{folder}`", f"`{folder}`", f"delta.`file://{folder}`"):
        for work in (
            lambda: some.write.mode("append").saveAsTable(name),
            lambda: some.write.insertInto(name),
            lambda: some.writeTo(name).append(),
            lambda: some.writeTo(name).createOrReplace(),
            lambda: some.alias("s").mergeInto(name, F.expr("true")).whenNotMatched().insertAll().merge(),
            lambda: ANALYST.sql(f"INSERT INTO {name} VALUES (1)"),
            lambda: ANALYST.sql(f"DELETE FROM {name}"),
            lambda: ANALYST.sql(f"CREATE OR REPLACE TABLE {name} AS SELECT 1 AS id"),
        ):
            try:
                work()
            except Exception as error:
                known = ("FEATURE_NOT_ALLOWED", "TABLE_OR_VIEW_NOT_FOUND", "ACCESS_DENIED", "INVALID_STATEMENT", "SYNTAX_ERROR")
                assert error.getCondition() in known, error
            else:
                raise AssertionError(f"{name} was written")
    for name in ("work.analyst.t -- ", "work.analyst.t /* */", "work.analyst.t VERSION AS OF 0", "work.analyst.t; DROP TABLE x", "work.analyst.`a.b`", "work.analyst.`../x`", "a.b.c.d"):
        try:
            some.write.saveAsTable(name)
        except Exception as error:
            assert error.getCondition() in ("SYNTAX_ERROR", "INVALID_STATEMENT", "FEATURE_NOT_ALLOWED"), error
        else:
            raise AssertionError(f"{name} was written")
    assert server.table(f"delta.`{folder}`").count() == 2


def test_ways_to_say_where_files_lie():
    some = ANALYST.range(1)
    target = "work.analyst.placed"
    folder = f"/tmp/sluice-attack-{uuid.uuid4().hex}"
    for work in (
        lambda: some.write.option("path", folder).saveAsTable(target),
        lambda: some.write.parquet(folder),
        lambda: some.write.format("delta").save(folder),
        lambda: some.write.option("partitionOverwriteMode", "dynamic").saveAsTable(target),
        lambda: some.write.format("csv").saveAsTable(target),
        lambda: some.write.format("org.apache.spark.sql.delta.sources.DeltaDataSource").saveAsTable(target),
        lambda: some.write.partitionBy("id").saveAsTable(target),
        lambda: some.write.bucketBy(2, "id").saveAsTable(target),
        lambda: some.writeTo(target).tableProperty("location", folder).create(),
        lambda: some.writeTo(target).option("path", folder).create(),
        lambda: some.writeTo(target).partitionedBy("id").create(),
    ):
        refused("FEATURE_NOT_ALLOWED", work, Exception)
    assert not os.path.exists(folder) and not ANALYST.catalog.tableExists(target)


def test_tables_of_others():
    small = ANALYST.createDataFrame([(1,)], "id int")
    for name in ("work.engineer.mine", "shop.sales.mine", "shop.ref.countries", "work.Engineer.mine"):
        refused("ACCESS_DENIED", lambda: small.write.mode("overwrite").saveAsTable(name), AnalysisException)
    ENGINEER.createDataFrame([(1,)], "id int").write.saveAsTable("work.engineer.private")
    # Not there, or not to be known of: alike.
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: small.writeTo("work.engineer.private").append(), AnalysisException)
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: small.writeTo("work.engineer.nothing").append(), AnalysisException)
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: ANALYST.sql("DROP TABLE work.engineer.private"), AnalysisException)
    # A statement that writes is no relation.
    refused("FEATURE_NOT_ALLOWED", lambda: ANALYST.sql("SELECT * FROM {df}", df=ANALYST.range(1)) and plan_with_write(), Exception)


def plan_with_write():
    from pyspark.sql.connect.dataframe import DataFrame
    from pyspark.sql.connect.plan import SQL

    inner = DataFrame(SQL("CREATE TABLE work.analyst.sneaked AS SELECT 1 AS id"), ANALYST)
    return inner.limit(1).collect()
