"""Processes end in the middle of statements; whoever tests says which, by files in a folder."""

import threading

from door import new_session
from marks import say, soon, wait_for
from pyspark.sql import functions as F


class Running(threading.Thread):
    """Work in a thread; its result, or why there is none."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work, self.result, self.error = work, None, None
        self.start()

    def run(self):
        try:
            self.result = self.work()
        except Exception as error:
            self.error = error

    def ended(self):
        self.join(180)
        assert not self.is_alive(), "it goes on and on"
        return self


def some_seconds(spark):
    """Over governed rows, with two shuffles, so that what a lost worker had computed is missed."""
    orders = spark.table("shop.sales.orders").select("country", "id")
    frame = orders.withColumnRenamed("id", "order").repartition(8).crossJoin(spark.range(10_000))
    rest = F.pmod(F.col("order") * F.col("id"), F.lit(97)).alias("rest")
    grouped = frame.groupBy("country", rest).count().groupBy("country").agg(F.sum("count"), F.max("rest"))
    return sorted(tuple(row) for row in grouped.collect())


def endless(spark):
    return spark.range(10_000_000).crossJoin(spark.range(10_000_000)).count()


def test_a_worker_is_killed():
    spark = new_session("analyst")
    expected = some_seconds(spark)
    assert expected
    running = Running(lambda: some_seconds(spark))
    say("kill-worker")
    wait_for("worker-is-killed")
    assert running.is_alive(), "it ended too early to say anything"
    ended = running.ended()
    assert ended.error is None, ended.error
    assert ended.result == expected


def test_the_connect_server_is_killed():
    spark = new_session("analyst")
    orders = spark.table("shop.sales.orders")
    before = orders.count()
    # More rows on their way to a client that is slow than any buffer holds.
    rows = orders.crossJoin(spark.range(100)).toLocalIterator()
    next(rows)
    running = Running(lambda: endless(spark))
    say("kill-connect")
    ended = running.ended()
    wait_for("connect-is-killed")
    reading = Running(lambda: sum(1 for _ in rows)).ended()
    for error in (ended.error, reading.error):
        assert "[ENGINE_UNAVAILABLE]" in str(error) and "Trying again may help" in str(error), error
    say("start-again")
    wait_for("is-back")
    assert soon(orders.count) == before
