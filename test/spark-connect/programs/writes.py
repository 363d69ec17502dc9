"""Tables written with PySpark: what Spark wrote, SQL over HTTP reads on DuckDB at once, and the reverse."""

import datetime
import decimal

import rest
from door import new_session, refused, session
from pyspark.errors.exceptions.connect import AnalysisException
from pyspark.sql import Row
from pyspark.sql import functions as F
from pyspark.sql.types import DecimalType, LongType, StringType, StructField, StructType

ENGINEER = session("engineer")
MINE = "work.engineer"


def small(*numbers):
    return ENGINEER.createDataFrame([Row(id=n, name=f"n{n}") for n in numbers])


def test_a_round_trip():
    rows = [
        Row(
            i=1,
            big=2**60,
            text="a 'b' \\ ü😀\n",
            amount=decimal.Decimal("12.50"),
            day=datetime.date(2024, 2, 29),
            at=datetime.datetime(2024, 2, 29, 12, 30, 1, 500000, tzinfo=datetime.timezone.utc),
            list=[1, 2],
            flag=True,
        ),
        Row(i=2, big=None, text="", amount=None, day=None, at=None, list=None, flag=None),
    ]
    ENGINEER.createDataFrame(rows).withColumn("amount", F.col("amount").cast("decimal(10,2)")).write.saveAsTable(f"{MINE}.cells")
    again = ENGINEER.table(f"{MINE}.cells").orderBy("i").collect()
    assert [row.i for row in again] == [1, 2] and again[0].text == rows[0].text and again[0].list == [1, 2], again
    assert rest.rows("engineer", f"SELECT i, big, text, amount, day, at, list, flag FROM {MINE}.cells ORDER BY i") == [
        [1, str(2**60), rows[0].text, 12.5, "2024-02-29", "2024-02-29T12:30:01.5Z", [1, 2], True],
        [2, None, "", None, None, None, None, None],
    ]


def test_the_other_way_round():
    rest.rows("engineer", f"CREATE TABLE {MINE}.by_sql AS SELECT 1 AS id, 'one' AS name")
    assert ENGINEER.table(f"{MINE}.by_sql").collect() == [Row(id=1, name="one")]
    small(2).write.mode("append").saveAsTable(f"{MINE}.by_sql")
    rest.rows("engineer", f"INSERT INTO {MINE}.by_sql VALUES (3, 'three')")
    both = [[1, "one"], [2, "n2"], [3, "three"]]
    assert rest.rows("engineer", f"SELECT * FROM {MINE}.by_sql ORDER BY id") == both
    assert [list(row) for row in ENGINEER.table(f"{MINE}.by_sql").orderBy("id").collect()] == both


def test_the_modes():
    name = f"{MINE}.modes"
    count = lambda: ENGINEER.table(name).count()  # noqa: E731
    small(1, 2).write.saveAsTable(name)
    refused("TABLE_OR_VIEW_ALREADY_EXISTS", lambda: small(3).write.saveAsTable(name), AnalysisException)
    small(3).write.mode("ignore").saveAsTable(name)
    assert count() == 2
    small(3).select("name", "id").write.mode("append").saveAsTable(name)
    assert count() == 3 and ENGINEER.table(name).where("id = 3").first().name == "n3"
    small(4).write.insertInto(name)
    assert count() == 4
    small(5).write.insertInto(name, overwrite=True)
    assert [row.id for row in ENGINEER.table(name).collect()] == [5]
    small(6, 7).withColumn("more", F.lit(1.5)).write.mode("overwrite").saveAsTable(name)
    assert ENGINEER.table(name).columns == ["id", "name", "more"] and count() == 2


def test_writers_of_the_second_kind():
    name = f"{MINE}.second"
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: small(1).writeTo(name).append(), AnalysisException)
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: small(1).writeTo(name).replace(), AnalysisException)
    small(1).writeTo(name).using("parquet").create()
    refused("TABLE_OR_VIEW_ALREADY_EXISTS", lambda: small(1).writeTo(name).create(), AnalysisException)
    small(2).select("name", "id").writeTo(name).append()
    assert sorted(row.id for row in ENGINEER.table(name).collect()) == [1, 2]
    small(3).writeTo(name).overwritePartitions()
    assert [row.id for row in ENGINEER.table(name).collect()] == [3]
    small(4).writeTo(name).overwrite(F.lit(True))
    assert [row.id for row in ENGINEER.table(name).collect()] == [4]
    small(5).drop("name").writeTo(name).replace()
    small(6).drop("name").writeTo(name).createOrReplace()
    assert ENGINEER.table(name).collect() == [Row(id=6)]


def test_bare_names_in_a_schema_of_ones_own():
    spark = new_session("engineer")
    spark.catalog.setCurrentDatabase(MINE)
    spark.range(3).write.saveAsTable("bare")
    assert spark.table("bare").count() == 3 and spark.catalog.tableExists("bare")
    assert ENGINEER.table(f"{MINE}.bare").count() == 3


def test_sql():
    name = f"{MINE}.sql"
    small(1, 2).createOrReplaceTempView("some")
    made = ENGINEER.sql(f"CREATE TABLE {name} AS SELECT id, upper(name) AS name FROM some")
    assert made.collect() == [Row(num_affected_rows=2)]
    ENGINEER.sql(f"INSERT INTO {name} SELECT id + ?, name FROM {{df}}", args=[10], df=small(3))
    assert [list(row) for row in ENGINEER.table(name).orderBy("id").collect()] == [[1, "N1"], [2, "N2"], [13, "n3"]]
    ENGINEER.sql(f"DROP TABLE {name}")
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: ENGINEER.table(name).count(), AnalysisException)


def test_tables_of_the_catalogue():
    name, catalog = f"{MINE}.listed", ENGINEER.catalog
    schema = StructType([StructField("id", LongType()), StructField("a", DecimalType(9, 2)), StructField("t", StringType())])
    catalog.createTable(name, source="delta", schema=schema, description="by the catalogue")
    assert ENGINEER.table(name).schema == schema and ENGINEER.table(name).count() == 0
    refused("TABLE_OR_VIEW_ALREADY_EXISTS", lambda: catalog.createTable(name, schema=schema), AnalysisException)
    ENGINEER.sql(f"INSERT INTO {name} VALUES (1, 2.5, 'x'), (2, 3.5, 'y')")
    catalog.truncateTable(name)
    assert ENGINEER.table(name).schema == schema and ENGINEER.table(name).count() == 0
    catalog.dropTable(name)
    assert not catalog.tableExists(name)
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: catalog.dropTable(name), AnalysisException)
    catalog.dropTable(name, ifExists=True)


def test_tables_of_the_catalogue_are_written_by_the_rules_of_sql():
    catalog = ENGINEER.catalog
    plain = StructType([StructField("id", LongType())])
    catalog.createTable(f"{MINE}.plain", schema=plain)
    small(1).select("id").write.insertInto(f"{MINE}.plain")
    assert rest.rows("engineer", f"SELECT * FROM {MINE}.plain") == [[1]]
    ENGINEER.sql(f"TRUNCATE TABLE {MINE}.plain")
    assert rest.rows("engineer", f"SELECT * FROM {MINE}.plain") == []
    refused("ACCESS_DENIED", lambda: catalog.createTable("shop.crm.mine", schema=plain))
    refused("ACCESS_DENIED", lambda: catalog.dropTable("shop.crm.customers"))
    refused("ACCESS_DENIED", lambda: catalog.truncateTable("shop.crm.customers"))
    refused("TABLE_NOT_WRITABLE", lambda: session("admin").catalog.dropTable("shop.ref.countries"))
    refused("TABLE_NOT_WRITABLE", lambda: session("admin").catalog.truncateTable("shop.ref.countries"))
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: session("analyst").catalog.dropTable(f"{MINE}.plain"), AnalysisException)
    for refusal in (
        lambda: catalog.createTable(f"{MINE}.x", path="/tmp/x", schema=plain),
        lambda: catalog.createTable(f"{MINE}.x", schema=plain, compression="gzip"),
        lambda: catalog.createTable(f"{MINE}.x", schema=plain, source="csv"),
        lambda: catalog.createTable(f"{MINE}.x"),
        lambda: catalog.createTable(f"{MINE}.x", schema=StructType([])),
        lambda: catalog.createTable(f"{MINE}.x", schema=StructType([StructField("id", LongType(), False)])),
        lambda: catalog.createTable(f"{MINE}.x", schema=StructType([StructField("id", LongType(), True, {"comment": "c"})])),
        lambda: catalog.createTable("parquet.`/tmp/x`", schema=plain),
        lambda: catalog.dropTable(f"{MINE}.plain", purge=True),
        lambda: catalog.createDatabase("work.other"),
    ):
        refused("FEATURE_NOT_ALLOWED", refusal)
    assert not catalog.tableExists(f"{MINE}.x") and catalog.tableExists(f"{MINE}.plain")


def test_views_of_the_catalogue():
    spark = new_session("engineer")
    small(1).createOrReplaceTempView("seen")
    spark.range(2).createOrReplaceTempView("mine")
    spark.catalog.refreshTable("mine")
    spark.catalog.dropView("mine")
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: spark.catalog.dropView("mine"), AnalysisException)
    spark.catalog.dropView("seen", ifExists=True)
    assert not spark.catalog.dropGlobalTempView("seen") and ENGINEER.catalog.tableExists("seen")
    spark.catalog.refreshTable("shop.ref.countries")
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: spark.catalog.refreshTable("shop.ref.nothing"), AnalysisException)


def test_overwriting_by_a_condition():
    name = f"{MINE}.by_condition"
    both = lambda: [list(row) for row in ENGINEER.table(name).orderBy("id").collect()]  # noqa: E731
    small(1, 2, 3).writeTo(name).using("delta").create()
    small(2, 3).select(F.lit("new").alias("name"), "id").writeTo(name).overwrite(F.col("id") >= 2)
    assert both() == [[1, "n1"], [2, "new"], [3, "new"]]
    # What would come must hold the condition: nothing is written.
    refused("WRITE_CHECK_FAILED", lambda: small(2, 1).writeTo(name).overwrite(F.col("id") >= 2))
    refused("WRITE_CHECK_FAILED", lambda: small(2).writeTo(name).overwrite(F.col("name") == F.lit(None).cast("string")))
    assert both() == [[1, "n1"], [2, "new"], [3, "new"]]
    sql = f"INSERT INTO {name} BY NAME REPLACE WHERE id BETWEEN 2 AND 5 SELECT 4L AS id"
    assert rest.rows("engineer", sql, "spark") == [[3]]
    assert both() == [[1, "n1"], [4, None]]
    refused("UNRESOLVED_COLUMN", lambda: small(1).writeTo(name).overwrite(F.col("nothing") == 1), AnalysisException)
    refused("FEATURE_NOT_ALLOWED", lambda: small(1).writeTo(name).overwrite(F.expr("id IN (SELECT id FROM shop.crm.customers)")))
    small(1).writeTo(f"{MINE}.plain_files").create()
    refused("TABLE_NOT_WRITABLE", lambda: small(1).writeTo(f"{MINE}.plain_files").overwrite(F.col("id") == 1))
    ENGINEER.sql(f"SELECT * FROM {name} VERSION AS OF 0").collect()
