"""Functions of callers that give tables."""

from door import refused, session
from functions import CUSTOMERS, ORDERS, collected, hidden_countries
from pyspark.sql import functions as F
from pyspark.sql.connect.session import SparkSession as ConnectSession
from pyspark.sql.functions import udtf


def active(user: str):
    """Table functions make their DataFrames in the session that is active."""
    spark = session(user)
    ConnectSession._active_session.session = spark
    return spark


def letters():
    @udtf(returnType="letter: string, n: int")
    class Letters:
        def eval(self, text):
            for n, letter in enumerate(str(text)):
                yield letter, n

    return Letters


def counted():
    @udtf(returnType="country: string, n: int, seen: string")
    class Counted:
        def __init__(self):
            self.rows = []

        def eval(self, row):
            self.rows.append(row)

        def terminate(self):
            if self.rows:
                yield self.rows[0]["country"], len(self.rows), str(self.rows)

    return Counted


def test_a_table_function_sees_masked_values_and_visible_rows():
    spark = active("analyst")
    customers = spark.table(CUSTOMERS)
    known = customers.filter("email IS NOT NULL").select("id", "email")
    plain = sorted((row.id, letter, n) for row in known.collect() for n, letter in enumerate(row.email))
    assert all("***" in row.email for row in known.collect())
    assert collected(known.lateralJoin(letters()(F.col("email").outer())).select("id", "letter", "n")) == plain
    table = counted()(customers.asTable().partitionBy("country"))
    groups = {row.country: (row.n, row.seen) for row in table.collect()}
    assert {country: n for country, (n, _) in groups.items()} == dict(customers.groupBy("country").count().collect())
    everything = str(groups)
    assert "***" in everything and not [country for country in hidden_countries() if f"'{country}'" in everything]
    raw = {row.email for row in session("privacy").table(CUSTOMERS).select("email").collect() if row.email}
    assert raw and not [email for email in raw if email in everything]


def test_without_the_right_there_is_none():
    spark = active("engineer")
    refused("CODE_NOT_ALLOWED", lambda: counted()(spark.table(ORDERS).asTable().withSinglePartition()).collect())
    spark = active("analyst")
    items = spark.table("shop.sales.order_items")
    assert "order_items" in refused("CODE_NOT_ALLOWED", lambda: items.lateralJoin(letters()(F.col("order_id").outer())).collect())
    refused("CODE_NOT_ALLOWED", lambda: letters()(F.lit("abc")).collect())
    refused("CODE_NOT_ALLOWED", lambda: spark.udtf.register("letters", letters()))
    refused("CODE_NOT_ALLOWED", lambda: counted()(spark.table(CUSTOMERS).asTable()).createOrReplaceTempView("coded"))
