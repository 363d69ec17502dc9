"""Code of callers through the gateway: `analyst` has the code right on customers and orders, `engineer` on nothing."""

import os

import pandas as pd
from door import refused, session
from pyspark.sql import functions as F

CUSTOMERS = "shop.crm.customers"
ORDERS = "shop.sales.orders"


def hidden_countries() -> set:
    """Of which the analyst sees nothing; `privacy` sees all customers."""
    every, some = (
        {row.country for row in session(user).table(CUSTOMERS).select("country").distinct().collect()}
        for user in ("privacy", "analyst")
    )
    assert some < every, (some, every)
    return every - some


# Functions of a module that the server does not have go there by value only when they are made inside of another.
def seen(column):
    return F.udf(lambda value: f"seen: {value}", "string")(column)


def collected(frame) -> list:
    return sorted(tuple(row) for row in frame.collect())


def test_a_udf_sees_masked_values_and_visible_rows():
    customers = session("analyst").table(CUSTOMERS)
    plain = collected(customers.select("id", "email", "country", "national_id"))
    assert not {row[2] for row in plain} & hidden_countries()
    assert all(email is None or email.startswith(email[0] + "***") for _, email, _, _ in plain), plain[:3]
    coded = collected(customers.select("id", seen("email"), "country", seen(customers["national_id"])))
    assert coded == [(i, f"seen: {email}", country, f"seen: {number}") for i, email, country, number in plain]


def test_map_and_apply():
    spark = session("analyst")
    customers = spark.table(CUSTOMERS)

    def emails(frames):
        for frame in frames:
            yield frame[["id", "email"]]

    assert collected(customers.mapInPandas(emails, "id long, email string")) == collected(customers.select("id", "email"))
    mapped = customers.select("id", "email").mapInArrow(lambda batches: batches, "id long, email string")
    assert collected(mapped) == collected(customers.select("id", "email"))

    def summed(frame: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"country": [frame.country.iloc[0]], "n": [len(frame)], "known": [frame.phone.str[:1].nunique()]})

    plain = collected(customers.groupBy("country").agg(F.count("*"), F.countDistinct(F.substring("phone", 1, 1))))
    frame = customers.groupBy("country").applyInPandas(summed, "country string, n long, known long")
    assert frame.columns == ["country", "n", "known"]
    assert collected(frame) == plain
    assert not {row[0] for row in plain} & hidden_countries()
    assert collected(customers.filter("country = 'DE'").groupBy(customers["country"]).applyInPandas(
        summed, "country string, n long, known long")) == [row for row in plain if row[0] == "DE"]

    def paired(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"n": [len(left)], "m": [len(right)]})

    orders = spark.table(ORDERS)
    pairs = customers.groupby("country").cogroup(orders.groupby("country")).applyInPandas(paired, "n long, m long")
    assert sum(row.n for row in pairs.collect()) == customers.count()


def test_who_has_not_the_right_is_refused():
    message = refused("CODE_NOT_ALLOWED", lambda: session("engineer").table(ORDERS).select(seen("status")).collect())
    assert ORDERS in message and "code right" in message, message
    spark = session("analyst")
    items = spark.table("shop.sales.order_items")
    assert items.count() > 0
    message = refused("CODE_NOT_ALLOWED", lambda: items.join(spark.table(ORDERS), items.order_id == F.col("id")).select(seen("status")).collect())
    assert "order_items" in message and ORDERS not in message, message
    refused("CODE_NOT_ALLOWED", lambda: items.select(seen("order_id")).schema)
    refused("CODE_NOT_ALLOWED", lambda: spark.range(3).select(seen("id")).collect())


def test_code_in_other_places_is_refused():
    spark = session("analyst")
    customers = spark.table(CUSTOMERS)
    coded = customers.select("id", seen("email").alias("email"))
    refused("CODE_NOT_ALLOWED", lambda: coded.createOrReplaceTempView("coded"))
    refused("CODE_NOT_ALLOWED", lambda: coded.localCheckpoint())
    refused("CODE_NOT_ALLOWED", lambda: coded.write.saveAsTable("sandbox_analyst.coded"))
    refused("CODE_NOT_ALLOWED", lambda: coded.persist().count())
    refused("CODE_NOT_ALLOWED", lambda: spark.sql("SELECT * FROM {coded}", coded=coded).collect())
    stream = spark.readStream.table(ORDERS)
    refused("CODE_NOT_ALLOWED", lambda: stream.writeStream.foreachBatch(lambda batch, number: batch.count()).start())
    refused("CODE_NOT_ALLOWED", lambda: stream.writeStream.foreach(print).start())
    below = customers.select("id", "email")
    refused("FEATURE_NOT_ALLOWED", lambda: below.select(seen(customers["email"])).collect())


def test_what_code_raises_is_told():
    spark = session("analyst")

    def wrong(value):
        raise ValueError(f"no good: {value}")

    frame = spark.table(CUSTOMERS).orderBy("id").limit(1)
    email = frame.select("email").first().email
    message = refused("CODE_FAILED", lambda: frame.select(F.udf(wrong, "string")("email")).collect())
    assert f"no good: {email}" in message, message
    frame = spark.table(CUSTOMERS).limit(1).mapInPandas(lambda it: it, "nothing long")
    refused("CODE_FAILED", frame.collect)


def test_too_much_is_not_handed_over():
    spark = session("analyst")
    orders = spark.table(ORDERS)
    # The second is more than Spark could hold: it is not even asked for.
    for times in (40, 20_000):
        large = orders.crossJoin(spark.range(times)).select(seen("status"), "total", "ordered_at")
        message = refused("BYTE_LIMIT_EXCEEDED", large.collect)
        assert "SLUICE_CODE_BYTES_MAX" in message, message
    # More rows than are asked for at first.
    many = orders.select("id").crossJoin(spark.range(15).select(F.lit(1).cast("byte").alias("one")))
    counts = many.mapInPandas(lambda frames: (pd.DataFrame({"n": [len(frame)]}) for frame in frames), "n long")
    assert counts.agg(F.sum("n")).first()[0] == 15 * orders.count() > 100_000
    # Of a filter below the code only what it lets through counts.
    few = orders.crossJoin(spark.range(40)).filter(F.col("country") == "nowhere").select(seen("status"))
    assert few.collect() == []


def test_the_lake_may_be_on_the_same_machine_and_nothing_says_where():
    spark = session("analyst")

    def look(frames):
        import os

        for frame in frames:
            yield pd.DataFrame({"value": [str(sorted(os.environ.items()))]})

    found = spark.table(CUSTOMERS).limit(1).mapInPandas(look, "value string").collect()
    assert os.environ["LAKE_FOLDER"] not in found[0].value
