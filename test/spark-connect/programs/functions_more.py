"""More code of callers: every place of a function, the time zone, and the page that tells of it."""

import pandas as pd
from door import new_session, refused, session
from functions import CUSTOMERS, ORDERS, collected, hidden_countries, seen
from guide import run_page
from pyspark.errors import AnalysisException
from pyspark.sql import functions as F
from pyspark.sql.functions import pandas_udf
from pyspark.sql.window import Window


def test_udfs_stand_in_conditions_joins_and_aggregates():
    spark = session("analyst")
    customers, orders = spark.table(CUSTOMERS), spark.table(ORDERS)
    is_even = F.udf(lambda x: x % 2 == 0, "boolean")
    assert customers.filter(is_even("id")).count() == customers.filter("id % 2 = 0").count()
    length = F.udf(lambda text: len(text), "int")
    joined = customers.alias("c").join(orders.alias("o"), F.col("c.id") == F.col("o.customer_id"))
    flat = joined.select("c.country", "c.full_name")
    plain = collected(flat.groupBy("country").agg(F.sum(F.length("full_name"))))
    assert collected(flat.groupBy("country").agg(F.sum(length("full_name")))) == plain
    # Names of what was joined far below are not names any more.
    refused("UNRESOLVED_COLUMN", lambda: joined.select(length("c.full_name")).collect(), AnalysisException)
    # The code is used on one side only, before the join.
    named = customers.select("id", seen("full_name").alias("name"))
    both = named.join(orders, named["id"] == orders["customer_id"]).select(named["name"], orders["total"])
    assert both.count() == joined.count() and both.columns == ["name", "total"]
    assert both.filter("name LIKE 'seen: %'").count() == both.count()
    twice = named.alias("a").join(named.alias("b"), F.col("a.id") == F.col("b.id"))
    assert twice.count() == customers.count()


def test_pandas_functions():
    spark = session("analyst")
    orders = spark.table(ORDERS)

    @pandas_udf("double")
    def half(values: pd.Series) -> pd.Series:
        return values.astype("float64") / 2

    @pandas_udf("double")
    def mean(values: pd.Series) -> float:
        return float(values.astype("float64").mean())

    plain = collected(orders.select("id", F.col("total").cast("double") / 2))
    assert collected(orders.select("id", half("total"))) == plain
    means = dict(orders.groupBy("country").agg(mean("total")).collect())
    expected = dict(orders.groupBy("country").agg(F.avg(F.col("total").cast("double"))).collect())
    assert means.keys() == expected.keys() and not means.keys() & hidden_countries()
    assert all(abs(means[key] - expected[key]) < 1e-6 for key in means)
    ranked = orders.select("id", mean("total").over(Window.partitionBy("country")).alias("m"))
    assert ranked.count() == orders.count()


def test_more_stands_above_and_below():
    spark = session("analyst")
    spark.table(CUSTOMERS).createOrReplaceTempView("people")
    people = spark.sql("SELECT id, upper(country) AS c FROM people WHERE id > :least", {"least": 3})
    assert people.select(seen("c")).distinct().count() == people.select("c").distinct().count()
    local = spark.createDataFrame([(1, "a"), (2, "b")], "id int, t string")
    mixed = people.join(local, "id", "left").withColumn("t", seen("t"))
    assert mixed.count() == people.count() and mixed.schema["t"].dataType.simpleString() == "string"
    assert mixed.unionByName(mixed).count() == 2 * people.count()
    assert people.filter("c = 'nowhere'").select(seen("c")).collect() == []
    pivoted = people.select(seen("c").alias("c"), "id").groupBy().pivot("c").count()
    assert all(name.startswith("seen: ") for name in pivoted.columns) and len(pivoted.columns) > 0
    assert "mapPartitions" in people.mapInPandas(lambda it: it, "id long, c string")._explain_string()


def test_the_time_zone_is_the_same_there():
    spark = new_session("analyst")
    orders = spark.table(ORDERS).orderBy("id").limit(3)
    shown = F.udf(lambda moment: moment.isoformat(), "string")
    utc = orders.select(F.date_format("ordered_at", "HH"), shown("ordered_at")).collect()
    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    tokyo = orders.select(F.date_format("ordered_at", "HH"), F.date_format(seen_moment("ordered_at"), "HH")).collect()
    assert all(a == b for a, b in tokyo) and [a for a, _ in utc] != [a for a, _ in tokyo]


def seen_moment(column):
    return F.udf(lambda moment: moment, "timestamp")(column)


def test_the_page_about_code():
    run_page("code.md", 0)
