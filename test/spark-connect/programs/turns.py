"""Resource groups at the Spark Connect door: `analyst` runs one plan at a time and gets 100 rows, `engineer` no group."""

import threading
import time

from door import new_session, refused, session
from pyspark.sql import functions as F
from rest import call


def long_running(spark):
    """On one core: the server has another for others."""
    return spark.range(0, 10**13, 1, 1).agg(F.sum(F.col("id") % 7))


def mine(user: str, **wanted) -> list:
    _, answer = call(user, "GET", "/v1/statements?limit=50")
    return [one for one in answer["items"] if all(one.get(key) == value for key, value in wanted.items())]


def seen(look, seconds: float = 60):
    deadline = time.time() + seconds
    while time.time() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("it was not seen in time")


def in_background(work):
    ended = {}

    def run():
        try:
            ended["value"] = work()
        except Exception as error:
            ended["error"] = str(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, ended


def test_plans_wait_in_line_and_the_list_says_for_what():
    first, hindered = in_background(lambda: long_running(new_session("analyst")).collect())
    running = seen(lambda: mine("analyst", state="running", door="spark-connect"))[0]
    assert (running["engine"], running["resourceGroup"]) == ("spark", "turns/analysts"), running
    second, served = in_background(lambda: new_session("analyst").range(5).count())
    waiting = seen(lambda: mine("analyst", state="queued", door="spark-connect", position=1))[0]
    assert waiting["waitingFor"] == {"kind": "groupConcurrency", "running": 1, "limit": 1}, waiting
    # The other door stands in the same line, and others do not wait behind this group.
    status, answer = call("analyst", "POST", "/v1/statements", {"statement": "SELECT 1", "engine": "spark"})
    assert (status, answer.get("code")) == (429, "QUEUE_FULL"), answer
    assert session("engineer").range(7).count() == 7
    # Cancelled over the other door, it makes room.
    status, _ = call("analyst", "POST", f"/v1/statements/{running['statementId']}/cancel")
    assert status == 202
    first.join(60)
    second.join(60)
    assert "STATEMENT_CANCELED" in hindered.get("error", ""), hindered
    assert served.get("value") == 5, served
    ended = {one["statementId"]: one["state"] for one in mine("analyst", door="spark-connect")}
    assert ended[running["statementId"]] == "canceled" and ended[waiting["statementId"]] == "succeeded", ended


def test_a_stream_keeps_its_place_in_the_group_until_it_ends():
    spark = new_session("analyst")

    def stream():
        customers = spark.readStream.table("shop.crm.customers").select("id")
        return customers.writeStream.format("noop").trigger(processingTime="1 second").start()

    first = stream()
    running = seen(lambda: mine("analyst", state="running", door="spark-connect"))
    assert [one["resourceGroup"] for one in running] == ["turns/analysts"], running
    second, served = in_background(lambda: new_session("analyst").range(5).count())
    waiting = seen(lambda: mine("analyst", state="queued", door="spark-connect", position=1))[0]
    assert waiting["waitingFor"] == {"kind": "groupConcurrency", "running": 1, "limit": 1}, waiting
    refused("QUEUE_FULL", stream)
    first.stop()
    second.join(60)
    assert served.get("value") == 5, served
    # Cancelled over the other door, it ends and makes room as well.
    again = stream()
    running = seen(lambda: mine("analyst", state="running", door="spark-connect"))[0]
    status, _ = call("analyst", "POST", f"/v1/statements/{running['statementId']}/cancel")
    assert status == 202
    seen(lambda: not again.isActive)
    assert "STATEMENT_CANCELED" in str(again.exception()), again.exception()
    assert new_session("analyst").range(5).count() == 5
    ended = {one["statementId"]: one["state"] for one in mine("analyst", door="spark-connect")}
    assert ended[running["statementId"]] == "canceled", ended


def test_a_result_with_more_rows_than_the_group_gets_is_an_error():
    assert len(session("analyst").range(100).collect()) == 100
    refused("ROW_LIMIT_EXCEEDED", lambda: session("analyst").range(101).collect())
    assert session("analyst").range(1000).count() == 1000


def test_stages_are_told_to_those_who_may_explain():
    counts = "SELECT country, count(*) FROM shop.crm.customers GROUP BY country"
    body = {"statement": counts, "engine": "spark", "waitTimeout": "60s"}
    _, answer = call("admin", "POST", "/v1/statements", body)
    status, plan = call("admin", "GET", f"/v1/statements/{answer['statementId']}/plan")
    assert status == 200 and "Exchange" in plan["plan"] and "parquet" not in str(plan).lower(), plan
    stages = seen(lambda: call("admin", "GET", f"/v1/statements/{answer['statementId']}/plan")[1]["stages"])
    assert any(stage["shuffleWriteBytes"] > 0 for stage in stages), stages
    assert all(stage["state"] in ("complete", "skipped", "active", "pending") for stage in stages), stages
    spark = new_session("admin")
    spark.table("shop.crm.customers").groupBy("country").count().collect()
    plans = seen(lambda: mine("admin", door="spark-connect", state="succeeded"))
    stages = seen(lambda: call("admin", "GET", f"/v1/statements/{plans[0]['statementId']}/plan")[1]["stages"])
    assert any(stage["shuffleWriteBytes"] > 0 for stage in stages), stages
    session("analyst").table("shop.crm.customers").count()
    own = seen(lambda: mine("analyst", door="spark-connect", state="succeeded"))[0]
    status, answer = call("analyst", "GET", f"/v1/statements/{own['statementId']}/plan")
    assert (status, answer["code"]) == (403, "EXPLAIN_NOT_ALLOWED"), answer
