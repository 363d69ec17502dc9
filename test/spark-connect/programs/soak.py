"""One user of PySpark for as long as the soak takes: sessions that come and go, and what people do in them."""

import os
import threading
import time

from door import new_session, refused
from pyspark.errors.exceptions.connect import SparkConnectGrpcException
from pyspark.sql import functions as F

USER = os.environ.get("SOAK_USER", "analyst")
ROWS = 20_000


def small(spark):
    assert spark.range(7).count() == 7


def wide(spark):
    columns = [(F.col("id") * n).alias(f"c{n}") for n in range(16)]
    assert len(spark.range(ROWS).select(*columns).collect()) == ROWS


def grouped(spark):
    countries = spark.table("shop.crm.customers").groupBy("country").count()
    assert countries.count() == spark.sql("SELECT DISTINCT country FROM shop.crm.customers").count()


def interrupted(spark):
    seen = {}

    def run():
        try:
            spark.range(0, 10**13, 1, 1).agg(F.sum(F.col("id") % 7)).collect()
        except SparkConnectGrpcException as error:
            seen["error"] = str(error)

    thread = threading.Thread(target=run)
    thread.start()
    deadline = time.time() + 120
    while thread.is_alive() and time.time() < deadline:
        spark.interruptAll()
        thread.join(1)
    assert "CANCELED" in seen.get("error", ""), seen


def unknown(spark):
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: spark.table("shop.crm.nothing").collect())


# A client asks again when the record is late, the line is full, or policies changed under its result.
RETRIED = ("EVIDENCE_UNAVAILABLE", "QUEUE_FULL", "Policies have changed", "does not answer")


def in_the_end(work, spark, until):
    while True:
        try:
            return work(spark)
        except Exception as error:
            if time.time() > until or not any(reason in str(error) for reason in RETRIED):
                raise
            time.sleep(1)


def test_until_it_is_time():
    until = time.time() + float(os.environ.get("SOAK_S", "20"))
    while time.time() < until:
        spark = new_session(USER)
        for work in (small, wide, grouped, unknown, interrupted):
            if time.time() < until:
                in_the_end(work, spark, until)
        spark.stop()
        time.sleep(1)
