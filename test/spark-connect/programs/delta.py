"""Delta tables: rows that change, and time travel."""

import threading

import rest
from door import new_session, refused, session
from pyspark.errors.exceptions.connect import AnalysisException
from pyspark.sql import Row
from pyspark.sql import functions as F

ENGINEER = session("engineer")
MINE = "work.engineer"


def made(name, *rows):
    """A Delta table of (id, country, amount)."""
    ENGINEER.createDataFrame(rows, "id int, country string, amount double").write.format("delta").mode("overwrite").saveAsTable(name)
    return name


def rows(name, spark=ENGINEER):
    return [tuple(row) for row in spark.table(name).orderBy("id").collect()]


def test_a_table_and_its_rows():
    name = made(f"{MINE}.first", (1, "DE", 1.0), (2, "FR", 2.0))
    assert rows(name) == [(1, "DE", 1.0), (2, "FR", 2.0)]
    ENGINEER.createDataFrame([(3, "IT", 3.0)], "id int, country string, amount double").writeTo(name).append()
    ENGINEER.sql(f"INSERT INTO {name} VALUES (4, 'ES', 4.0)")
    assert [row[0] for row in rows(name)] == [1, 2, 3, 4]
    ENGINEER.sql(f"INSERT OVERWRITE {name} SELECT * FROM {name} WHERE id > 2")
    assert [row[0] for row in rows(name)] == [3, 4]
    assert rest.rows("engineer", f"SELECT id, amount FROM {name} ORDER BY id", "spark") == [[3, 3.0], [4, 4.0]]
    assert rest.code("engineer", f"SELECT * FROM {name}", "duckdb") == "FORMAT_NEEDS_SPARK"


def test_update_and_delete():
    name = made(f"{MINE}.changed", (1, "DE", 1.0), (2, "FR", 2.0), (3, "DE", 3.0))
    assert ENGINEER.sql(f"UPDATE {name} SET amount = amount * 10, country = upper('at') WHERE country = 'DE' AND id < 3").collect() == [
        Row(num_affected_rows=1)
    ]
    assert rows(name) == [(1, "AT", 10.0), (2, "FR", 2.0), (3, "DE", 3.0)]
    assert ENGINEER.sql(f"DELETE FROM {name} WHERE amount < 3").collect() == [Row(num_affected_rows=1)]
    assert ENGINEER.sql(f"DELETE FROM {name} WHERE amount > 1000").collect() == [Row(num_affected_rows=0)]
    assert [row[0] for row in rows(name)] == [1, 3]


def test_a_merge_may_read_few_columns_of_its_source_or_none():
    name = made(f"{MINE}.few", (1, "DE", 1.0))
    ENGINEER.sql(
        f"""MERGE INTO {name} t USING shop.ref.countries c ON t.country = c.code
            WHEN MATCHED THEN UPDATE SET amount = 5.0"""
    )
    assert rows(name) == [(1, "DE", 5.0)]
    ENGINEER.sql(f"MERGE INTO {name} t USING (SELECT 1 AS x) s ON t.id = 7 WHEN NOT MATCHED THEN INSERT (id) VALUES (9)")
    assert rows(name) == [(1, "DE", 5.0), (9, None, None)]


def test_merge_in_sql_and_with_a_dataframe():
    name = made(f"{MINE}.merged", (1, "DE", 1.0), (2, "FR", 2.0), (3, "IT", 3.0))
    source = ENGINEER.createDataFrame([(1, 100.0), (9, 900.0)], "id int, amount double")
    source.createOrReplaceTempView("updates")
    ENGINEER.sql(
        f"""MERGE INTO {name} t USING updates u ON t.id = u.id
            WHEN MATCHED AND u.amount > 5 THEN UPDATE SET t.amount = u.amount
            WHEN NOT MATCHED THEN INSERT (id, country, amount) VALUES (u.id, 'XX', u.amount)
            WHEN NOT MATCHED BY SOURCE AND t.id = 3 THEN DELETE"""
    )
    assert rows(name) == [(1, "DE", 100.0), (2, "FR", 2.0), (9, "XX", 900.0)]
    new = ENGINEER.createDataFrame([(2, "BE", 22.0), (10, "NL", 10.0)], "id int, country string, amount double").alias("new")
    (
        new.mergeInto(name, F.expr("merged.id = new.id"))
        .whenMatched(F.col("new.amount") > 20)
        .update({"amount": F.col("new.amount") + F.col("merged.amount"), "country": F.lower(F.lit("LU"))})
        .whenNotMatched()
        .insertAll()
        .whenNotMatchedBySource(F.expr("merged.id = 9"))
        .delete()
        .merge()
    )
    assert rows(name) == [(1, "DE", 100.0), (2, "lu", 24.0), (10, "NL", 10.0)]


def test_time_travel():
    name = made(f"{MINE}.travelled", (1, "DE", 1.0))
    ENGINEER.sql(f"INSERT INTO {name} VALUES (2, 'FR', 2.0)")
    ENGINEER.sql(f"DELETE FROM {name} WHERE id = 1")
    ids = lambda query: [row.id for row in ENGINEER.sql(query).collect()]  # noqa: E731
    assert ids(f"SELECT id FROM {name}") == [2]
    assert ids(f"SELECT id FROM {name} VERSION AS OF 0") == [1]
    assert ids(f"SELECT id FROM {name} FOR VERSION AS OF 1 ORDER BY id") == [1, 2]
    assert ids(f"SELECT t.id FROM {name} TIMESTAMP AS OF '2999-01-01' AS t") == [2]
    assert ENGINEER.read.option("versionAsOf", 0).table(name).columns == ["id", "country", "amount"]
    assert [row.id for row in ENGINEER.read.option("versionAsOf", 0).table(name).collect()] == [1]
    assert rest.rows("engineer", f"SELECT id FROM {name} VERSION AS OF 0", "spark") == [[1]]
    refused("INVALID_STATEMENT", lambda: ENGINEER.sql(f"SELECT * FROM {name} VERSION AS OF 17").collect(), AnalysisException)
    refused("INVALID_STATEMENT", lambda: ENGINEER.sql(f"SELECT * FROM {name} TIMESTAMP AS OF '2000-01-01'").collect())
    refused("FEATURE_NOT_ALLOWED", lambda: ENGINEER.sql("SELECT * FROM shop.ref.countries VERSION AS OF 0").collect())


def test_two_at_once_conflict():
    name = made(f"{MINE}.contended", *((n, "DE", 0.0) for n in range(4)))
    problems, done = [], []

    def change(spark, n):
        try:
            spark.sql(f"MERGE INTO {name} t USING (SELECT {n} AS id) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET amount = t.amount + 1")
            done.append(n)
        except Exception as error:
            problems.append(error.getCondition())

    workers = [threading.Thread(target=change, args=(new_session("engineer"), n)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert done and set(problems) <= {"WRITE_CONFLICT"}, problems
    assert sorted(row[0] for row in rows(name) if row[2] == 1.0) == sorted(done)
