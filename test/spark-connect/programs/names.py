"""Columns and views with names that are no identifiers: a gateway makes no difference to what a client may call them."""

import datetime
import os

from door import bare, new_session, session
from pyspark.sql import functions as F

NAMES = [
    "plain",
    "UPPER",
    "with space",
    " lead",
    "dot.ted",
    "back`quote",
    "quo'te",
    'dq"uote',
    "Größe €",
    "日本 語",
    "emoji😀",
    "semi;colon",
    "com,ma",
    "(paren)",
    "new\nline",
    "tab\t",
    "a#1",
    "$d",
    "-- x",
    "/*x*/",
    "1st",
    "=",
    "p1",
    "c1",
]


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def ways(spark, name):
    """Each way to name a column; columns and first value of what it gives."""
    q = quoted(name)
    frame = spark.createDataFrame([(1, 2)], [name, "other"])
    frame.createOrReplaceTempView("v")
    inner = frame.select(F.struct(F.col(q)).alias("s"))
    return [
        frame,
        frame.select(F.col(q)),
        frame.select(frame[q]),
        frame.select(q).orderBy(F.desc(q)),
        frame.filter(F.col(q) == 1),
        frame.filter(f"{q} = 1"),
        frame.selectExpr(f"{q} + 1 AS {q}"),
        frame.withColumn(name, F.lit(5)),
        frame.withColumnRenamed("other", f"{name}x"),
        frame.withColumnRenamed(name, "z"),
        frame.drop(name),
        frame.groupBy(q).count(),
        frame.agg(F.max(q)),
        frame.alias("t").select(f"t.{q}"),
        frame.alias("odd name").select(f"`odd name`.{q}"),
        inner.select("s.*"),
        inner.select(f"s.{q}"),
        inner.select(F.col("s").getField(name)),
        frame.unpivot("other", [q], "k", "v"),
        frame.select(F.lit(name).alias("p")).groupBy().pivot("p").count(),
        frame.dropDuplicates([name]),
        frame.join(frame.select(q), frame[q] == 1),
        spark.table("v").select(q),
        spark.sql("SELECT * FROM v"),
        spark.sql(f"SELECT {q}, other AS {quoted(name + 'y')} FROM v WHERE {q} = 1 ORDER BY {q}"),
        spark.sql(f"SELECT v.{q}, V.other FROM v"),
        spark.sql(f"SELECT w.{q}, w.* FROM v AS w"),
        spark.sql(f"WITH w AS (SELECT {q} FROM v) SELECT w.{q} FROM w"),
        spark.sql("SELECT * FROM {frame}", frame=frame),
    ]


def seen(frames):
    tables = [frame.toArrow() for frame in frames]
    return [(table.column_names, [column.to_pylist() for column in table.columns]) for table in tables]


def test_columns_of_any_name():
    ours, theirs = new_session("analyst"), bare()
    for name in NAMES if "ALL_NAMES" in os.environ else NAMES[1::4]:
        for way, (given, expected) in enumerate(zip(seen(ways(ours, name)), seen(ways(theirs, name)))):
            assert given == expected, f"{name!r}, way {way}: {given}, not {expected}"


def test_views_of_any_name():
    spark = new_session("analyst")
    for name in ["plain", "with space", "dot.ted", "back`quote", "CASE"]:
        q = quoted(name)
        spark.createDataFrame([(1, 2)], ["Ab", "x"]).createOrReplaceTempView(q)
        assert spark.table(q).select(f"{q}.ab").columns == ["ab"]
        assert spark.sql(f"SELECT {q}.AB, x FROM {q}").columns == ["AB", "x"]
        assert spark.sql(f"SELECT * FROM {q.lower()} JOIN {q.upper()} AS other USING (x)").columns == ["x", "Ab", "Ab"]


def test_governed_columns_in_any_case():
    spark = session("analyst")
    frame = spark.table("SHOP.crm.Customers")
    assert frame.select("COUNTRY", F.col("customers.Id"), frame["eMail"]).columns == ["COUNTRY", "Id", "eMail"]
    odd = frame.select(F.col("Country").alias("odd ` name.x"), "email").filter("`odd `` name.x` = 'DE'")
    assert odd.columns == ["odd ` name.x", "email"] and "***" in odd.first().email
    text = "SELECT COUNTRY AS `odd `` name.x`, C.`eMAIL` FROM `shop`.`CRM`.customers c WHERE C.`country` = 'DE'"
    assert spark.sql(text).columns == ["odd ` name.x", "eMAIL"] and "***" in spark.sql(text).first()[1]


def test_two_columns_of_one_name():
    spark = new_session("analyst")
    frame = spark.createDataFrame([(1, datetime.date(2024, 1, 2), 3)], ["a", "A", "a"])
    assert frame.columns == ["a", "A", "a"] and tuple(frame.first()) == (1, datetime.date(2024, 1, 2), 3)
    frame.createOrReplaceTempView("twice")
    assert spark.table("twice").columns == spark.sql("SELECT * FROM twice").columns == frame.columns
