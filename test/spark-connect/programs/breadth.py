"""What DataFrames do, over governed tables: every kind of relation and expression that is let through."""

import datetime
import decimal

from door import new_session, refused, session
from pyspark.errors import AnalysisException
from pyspark.sql import Row, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T

SPARK = session("analyst")


def customers():
    return SPARK.table("shop.crm.customers")


def orders():
    return SPARK.table("shop.sales.orders")


def small():
    return SPARK.createDataFrame([(1, "a", 2.5), (2, "b", None), (3, "b", 7.0)], "id INT, k STRING, v DOUBLE")


def test_columns_by_every_name():
    frame = customers()
    assert frame.select(frame["id"], frame.id, F.col("customers.id"), F.col("shop.crm.customers.id")).first() is not None
    aliased = frame.alias("c")
    assert aliased.select("c.id", F.col("c.country")).first() is not None
    assert set(frame.select("*").columns) == set(frame.columns)
    assert frame.select("customers.*").columns == frame.columns
    assert frame.select(frame.colRegex("`co.*`")).columns == ["country"]


def test_joins_and_self_joins():
    left, right = customers(), orders()
    joined = left.join(right, left["id"] == right["customer_id"])
    assert joined.select(left["country"], right["total"]).count() == joined.count() > 0
    again = customers()
    pairs = left.join(again, left["id"] == again["id"])
    assert pairs.select(left["email"], again["email"]).limit(1).count() == 1
    a, b = left.alias("a"), left.alias("b")
    assert a.join(b, F.col("a.id") == F.col("b.id")).select("a.id", "b.country").count() == left.count()
    assert left.join(right, right.customer_id == left.id, "left_semi").columns == left.columns
    assert left.join(right, right.customer_id == left.id, "left_anti").count() >= 0
    assert left.limit(2).crossJoin(SPARK.range(3)).count() == 6
    assert left.select("country").join(SPARK.table("shop.ref.countries"), on="country", how="full") is not None


def test_grouping_pivot_rollup():
    frame = orders()
    assert frame.groupBy("country").agg(F.sum("total").alias("t"), F.count("*")).count() > 0
    assert frame.groupBy("country").pivot("status", ["paid", "open"]).agg(F.count("id")).columns[0] == "country"
    assert len(frame.groupBy("country").pivot("status").count().columns) > 2
    assert frame.rollup("country", "status").count().count() > frame.select("country").distinct().count()
    assert frame.cube("country", "status").agg(F.grouping_id()).count() > 0
    grouped = frame.groupingSets([["country"], []], "country").agg(F.max("total"))
    assert grouped.count() == frame.select("country").distinct().count() + 1
    assert frame.agg({"total": "avg"}).first() is not None


def test_windows():
    window = Window.partitionBy("country").orderBy(F.col("id").desc()).rowsBetween(Window.unboundedPreceding, 0)
    ranked = orders().select(
        F.row_number().over(Window.partitionBy("country").orderBy("id")).alias("n"),
        F.sum("total").over(window),
        F.lag("id", 1).over(Window.partitionBy("country").orderBy("id")),
    )
    assert ranked.filter("n = 1").count() == orders().select("country").distinct().count()


def test_sets_sorting_and_sampling():
    frame = customers().select("id", "country")
    assert frame.union(frame).count() == 2 * frame.count()
    assert frame.unionByName(frame.select("country", "id")).distinct().count() == frame.count()
    assert frame.intersect(frame.limit(3)).count() == 3
    assert frame.exceptAll(frame).count() == 0
    assert frame.subtract(frame.filter("country = 'DE'")).filter("country = 'DE'").count() == 0
    ordered = frame.orderBy(F.desc_nulls_last("id")).limit(2).collect()
    assert ordered[0].id > ordered[1].id
    assert frame.sortWithinPartitions("id").offset(1).count() == frame.count() - 1
    assert frame.sample(0.5, seed=1).count() <= frame.count()
    assert frame.sampleBy("country", {"DE": 1.0}, seed=1).select("country").distinct().count() == 1
    assert frame.dropDuplicates(["country"]).count() == frame.select("country").distinct().count()
    assert len(frame.tail(2)) == 2 and len(frame.take(2)) == 2 and frame.first() is not None
    assert len(frame.randomSplit([0.5, 0.5], seed=3)) == 2
    assert frame.repartition(2, "country").coalesce(1).count() == frame.count()
    assert frame.repartitionByRange(2, "id").hint("broadcast").count() == frame.count()


def test_columns_added_renamed_dropped():
    frame = customers().select("id", "country", "city")
    assert frame.withColumn("x", F.lit(1)).withColumns({"y": F.col("id") + 1}).columns[-2:] == ["x", "y"]
    assert frame.withColumnRenamed("id", "key").withColumnsRenamed({"city": "town"}).columns == ["key", "country", "town"]
    assert frame.drop("city").drop(frame.country).columns == ["id"]
    assert frame.toDF("a", "b", "c").columns == ["a", "b", "c"]
    assert frame.to(T.StructType([T.StructField("id", T.LongType())])).columns == ["id"]
    assert frame.selectExpr("id AS key", "upper(country) up", "*").columns == ["key", "up", "id", "country", "city"]
    assert frame.where("country = 'DE' AND id > 0").count() > 0
    assert frame.filter(F.expr("length(city) > 3")).count() > 0
    long = small().unpivot("id", ["v"], "name", "value")
    assert long.columns == ["id", "name", "value"] and long.count() == 3
    assert small().select("id", "v").transpose().count() == 1


def test_nulls_and_statistics():
    frame = small()
    assert frame.fillna(0.0).filter("v = 0").count() == 1
    assert frame.dropna().count() == 2
    assert frame.replace({"a": "z"}).filter("k = 'z'").count() == 1
    assert frame.describe("v").count() == 5 and frame.summary("count", "max").count() == 2
    assert frame.crosstab("k", "id").count() == 2
    assert frame.freqItems(["k"]).count() == 1
    assert frame.approxQuantile("v", [0.5], 0.1) == [2.5]
    assert frame.stat.cov("id", "v") is not None and frame.corr("id", "v") is not None


def test_expressions_of_all_kinds():
    row = (
        small()
        .select(
            F.when(F.col("id") > 1, "big").otherwise("small").alias("w"),
            F.col("id").cast("string").try_cast("int").between(1, 2),
            F.col("k").isin("a", "b") & ~F.col("v").isNull() | F.col("k").like("a%"),
            F.struct("id", "k").alias("s"),
            F.array(F.lit(1), F.lit(2)).alias("l"),
            F.create_map(F.lit("x"), "id").alias("m"),
            F.lit(datetime.date(2026, 1, 2)),
            F.lit(datetime.datetime(2026, 1, 2, 3, 4, 5)),
            F.lit(decimal.Decimal("1.50")),
            F.lit(b"ab"),
            F.lit([1, 2]),
            F.lit(None),
            F.lit(datetime.timedelta(days=1)),
        )
        .select(
            "*",
            F.col("s").getField("k"),
            F.col("s").withField("z", F.lit(1)).dropFields("id"),
            F.col("l")[0],
            F.col("m")["x"],
            F.transform("l", lambda x: x + 1),
            F.aggregate("l", F.lit(0), lambda a, x: a + x),
            F.filter("l", lambda x: x > 1),
            F.explode("l"),
        )
        .first()
    )
    assert row.w == "small"
    assert small().select(F.call_function("upper", "k")).first()[0] == "A"
    assert small().select(F.substring(F.concat_ws("-", "k", "id"), 1, 2), F.coalesce("v", F.lit(0))).count() == 3
    assert SPARK.range(1).select(F.current_user(), F.current_database(), F.current_catalog()).first()[0] == "analyst"
    assert SPARK.range(1).select(F.expr("current_user()")).first()[0] == "analyst"
    assert SPARK.range(1).select(F.from_json(F.lit('{"a": 1}'), "a INT").alias("j")).select("j.a").first()[0] == 1
    assert SPARK.range(1).select(F.count_distinct("id"), F.collect_list("id"), F.percentile_approx("id", 0.5)).count() == 1


def test_rows_of_ones_own():
    assert SPARK.createDataFrame([Row(a=1, b="x")]).collect() == [Row(a=1, b="x")]
    assert SPARK.createDataFrame([], "a INT").count() == 0
    import pandas as pd

    assert SPARK.createDataFrame(pd.DataFrame({"a": [1, 2]})).count() == 2
    rows = [(i, f"text {i}" * 10) for i in range(60_000)]
    large = SPARK.createDataFrame(rows, "id INT, t STRING")
    assert large.count() == 60_000 and large.filter("id = 59999").first().t.startswith("text 59999")
    names = SPARK.createDataFrame([("DE", "Allemagne")], ["country", "name"])
    assert customers().join(names, "country").select("name").distinct().count() == 1


def test_results_in_every_form():
    frame = customers().select("id", "country").orderBy("id").limit(5)
    assert len(frame.toPandas()) == 5
    assert frame.toArrow().num_rows == 5
    assert len(list(frame.toLocalIterator())) == 5
    assert frame.isEmpty() is False
    assert frame._repr_html_() is None
    frame.show(vertical=True)
    frame.printSchema()
    assert "id" in frame._show_string(2)


def test_views_of_the_session():
    spark = new_session("analyst")
    spark.table("shop.crm.customers").filter("country = 'DE'").select("id", "country", "city").createTempView("germans")
    assert spark.table("germans").count() == spark.sql("SELECT * FROM germans").count() > 0
    found = spark.sql("SELECT g.country, count(*) AS n FROM germans g JOIN shop.sales.orders o ON o.customer_id = g.id GROUP BY 1")
    assert found.first().country == "DE"
    refused("CONFLICT", lambda: spark.range(1).createTempView("germans"), AnalysisException)
    spark.table("germans").filter("id > 10").createOrReplaceTempView("germans")
    assert spark.sql("SELECT min(id) AS m FROM germans").first().m > 10
    spark.sql("SELECT id + 1 AS next FROM germans").createOrReplaceTempView("following")
    assert spark.sql("SELECT min(next) AS m FROM following").first().m > 11
    frame = spark.table("germans")
    frame.createOrReplaceTempView("other")
    other = spark.table("other")
    assert other.join(frame, other["id"] == frame["id"]).count() == frame.count()
    spark.range(3).select(F.count("*").alias("count(1)")).createOrReplaceTempView("odd")
    assert spark.sql("SELECT `count(1)` FROM odd").first()[0] == 3
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: session("analyst").table("germans").count())
    assert [t.name for t in spark.catalog.listTables("shop.crm") if t.isTemporary] == [
        "germans",
        "following",
        "other",
        "odd",
    ]
    assert spark.catalog.dropTempView("odd") and not spark.catalog.dropTempView("odd")
    refused("FEATURE_NOT_ALLOWED", lambda: spark.range(1).createGlobalTempView("g"))


def test_frames_in_sql():
    frame = customers().filter("country = 'FR'").select("id", "country")
    assert SPARK.sql("SELECT count(*) AS n FROM {c} WHERE id > {n}", c=frame, n=0).first().n == frame.count()
    assert SPARK.sql("SELECT * FROM {a} JOIN {b} USING (id)", a=frame, b=frame).count() == frame.count()


def test_subqueries():
    if not hasattr(SPARK.range(1), "scalar"):
        return
    big = orders().agg(F.max("total").alias("m"))
    assert orders().where(F.col("total") == big.scalar()).count() > 0
    mine = orders().alias("o").where(F.col("o.customer_id") == F.col("c.id").outer())
    assert customers().alias("c").where(mine.exists()).count() > 0
    assert SPARK.range(1).lateralJoin(SPARK.tvf.explode(F.array(F.lit(1), F.lit(2)))).count() == 2
    assert SPARK.tvf.range(4).count() == 4


def test_catalog():
    spark = new_session("analyst")
    assert spark.catalog.currentCatalog() == "shop"
    assert {c.name for c in spark.catalog.listCatalogs()} == {"shop"}
    assert {d.name for d in spark.catalog.listDatabases()} == {"crm", "hr", "ref", "sales"}
    spark.catalog.setCurrentDatabase("crm")
    assert spark.catalog.currentDatabase() == "crm" and spark.table("customers").count() > 0
    assert spark.sql("SELECT count(*) FROM customers").first()[0] > 0
    assert spark.catalog.tableExists("customers") and not spark.catalog.tableExists("shop.support.tickets")
    assert spark.catalog.databaseExists("shop.sales") and not spark.catalog.databaseExists("support")
    assert [c.name for c in spark.catalog.listColumns("shop.ref.countries")] == ["code", "name", "region", "eu"]
    assert spark.catalog.getTable("customers").namespace == ["crm"]
    assert spark.catalog.functionExists("upper") and not spark.catalog.functionExists("reflect")
    assert spark.catalog.getFunction("upper").name == "upper" and len(spark.catalog.listFunctions()) > 300
    spark.sql("USE shop.ref")
    assert spark.catalog.currentDatabase() == "ref" and spark.table("countries").count() > 0
    assert spark.sql("SHOW TABLES IN shop.crm").collect()[0].tableName == "customers"
    assert spark.sql("DESCRIBE shop.ref.countries").count() == 4
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: spark.catalog.listColumns("shop.support.tickets"))
    refused("FEATURE_NOT_ALLOWED", lambda: spark.catalog.createTable("t", path="/etc"))


def test_settings():
    spark = new_session("analyst")
    spark.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
    assert spark.conf.get("spark.sql.session.timeZone") == "Europe/Berlin"
    assert spark.range(1).select(F.date_format(F.timestamp_seconds(F.lit(0)), "HH")).first()[0] == "01"
    refused("FEATURE_NOT_ALLOWED", lambda: spark.sql("SELECT TIMESTAMP '2026-01-01 00:00:00'").collect())
    refused("FEATURE_NOT_ALLOWED", lambda: spark.sql("SELECT current_date()").collect())
    spark.conf.set("spark.sql.shuffle.partitions", 3)
    assert spark.range(10).groupBy("id").count().count() == 10
    spark.conf.unset("spark.sql.session.timeZone")
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
    assert spark.conf.isModifiable("spark.sql.shuffle.partitions")
    assert not spark.conf.isModifiable("spark.sql.ansi.enabled")
    refused("CONFIG_NOT_ALLOWED", lambda: spark.conf.set("spark.sql.ansi.enabled", "false"))
    refused("CONFIG_NOT_ALLOWED", lambda: spark.conf.get("spark.connect.authenticate.token"))
    assert "spark.sql.session.timeZone" in spark.conf.getAll


def test_caching():
    frame = customers().select("id", "country").filter("country = 'DE'")
    frame.cache()
    assert frame.storageLevel.useMemory and frame.count() > 0
    frame.unpersist()
    assert not frame.storageLevel.useMemory
    kept = frame.localCheckpoint()
    assert kept.count() == frame.count() and kept.filter("id > 0").select("country").distinct().count() == 1
    assert frame.checkpoint(eager=False).count() == frame.count()
    del kept


def test_explain_and_plans():
    import contextlib
    import io

    frame = customers().filter("country = 'DE'").select("id", "email")
    with contextlib.redirect_stdout(io.StringIO()) as out:
        frame.explain()
        frame.explain("formatted")
    text = out.getvalue()
    assert "shop`.`crm`.`customers" in text or "shop.crm.customers" in text, text
    assert "email" in text and "eu-only" not in "" and "parquet" not in text.lower() and "c1" not in text
    assert frame.sameSemantics(customers().filter("country = 'DE'").select("id", "email"))
    assert isinstance(frame.semanticHash(), int)
    assert not frame.isStreaming and isinstance(frame.isLocal(), bool)
    refused("FEATURE_NOT_ALLOWED", frame.inputFiles)


def test_observations():
    from pyspark.sql import Observation

    seen = Observation("seen")
    frame = customers().observe(seen, F.count(F.lit(1)).alias("rows"), F.max("id").alias("top"))
    frame.collect()
    assert seen.get["rows"] == customers().count()


def test_pandas_on_spark():
    import pyspark.pandas as ps
    from pyspark.sql.connect.session import SparkSession

    SparkSession._set_default_and_active_session(SPARK)
    ps.set_option("compute.fail_on_ansi_mode", False)
    frame = customers().select("id", "country").pandas_api()
    assert frame.shape[1] == 2 and len(frame.head(3)) == 3
    assert frame.groupby("country")["id"].count().sum() == customers().count()
    assert frame["id"].max() > 0 and frame.sort_values("id").iloc[0]["id"] > 0
    assert ps.DataFrame({"a": [1, 2, 3]})["a"].mean() == 2


def test_strings_are_read_again_by_us():
    frame = customers()
    refused("SYNTAX_ERROR", lambda: frame.filter("id = = 1").count())
    refused("UNRESOLVED_COLUMN", lambda: frame.filter("nothing = 1").count(), AnalysisException)
    refused("UNRESOLVED_COLUMN", lambda: frame.select("nothing").collect(), AnalysisException)
    refused("FEATURE_NOT_ALLOWED", lambda: frame.filter("id IN (SELECT id FROM shop.crm.customers)").count())
    refused("FUNCTION_NOT_ALLOWED", lambda: frame.select(F.expr("reflect('java.lang.System', 'exit')")).count())
    refused("FEATURE_NOT_ALLOWED", lambda: frame.select(F.expr("id FROM shop.crm.customers")).count())


def test_what_a_plan_raises():
    refused("ARITHMETIC_ERROR", lambda: SPARK.range(3).select(F.lit(1) / F.col("id")).collect())
    refused("CAST_INVALID_INPUT", lambda: SPARK.range(1).select(F.lit("x").cast("int")).collect())
