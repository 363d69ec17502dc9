"""Streams: what works, what is told of them, and ways around."""

import contextlib
import io
import json
import os
import re
import time
import urllib.request
import uuid

import pyspark.sql.connect.proto as pb
from door import ADDRESS, TOKENS, bare, new_session, refused, session
from pyspark.errors.exceptions.connect import StreamingQueryException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.streaming import StreamingQueryListener

ORDERS = "shop.sales.orders"
LAKE = os.environ["LAKE_FOLDER"]
WAIT_S = 90
# What only the server may know: names of ours, paths.
SECRETS = ("file:", "/sales/", "sink_", "lake_", LAKE)


def name():
    return f"q{uuid.uuid4().hex}"


def memory(frame, query=None, **trigger):
    writer = frame.writeStream.format("memory").queryName(query or name())
    return writer.trigger(**(trigger or {"availableNow": True}))


def until(done, seconds=WAIT_S):
    deadline = time.time() + seconds
    while not done():
        assert time.time() < deadline, "it took too long"
        time.sleep(0.1)


def rest(path, user, method="GET", body=None):
    request = urllib.request.Request(
        os.environ["SLUICE_URL"] + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {TOKENS[user]}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
        return json.loads(text) if text else None


# ---------------------------------------------------------------- what works


def test_rows_and_masks_are_those_of_a_batch():
    for user in ("analyst", "steward"):
        spark = session(user)
        for table in (ORDERS, "shop.crm.customers"):
            query = name()
            frame = spark.readStream.table(table)
            assert frame.isStreaming and frame.schema == spark.table(table).schema
            memory(frame, query).start().awaitTermination()
            streamed = sorted(map(str, spark.table(query).collect()))
            assert streamed and streamed == sorted(map(str, spark.table(table).collect())), (user, table)
    assert session("analyst").table(ORDERS).count() < session("steward").table(ORDERS).count()


def test_windows_watermarks_and_what_stands_above():
    spark = session("analyst")
    query = name()
    frame = (
        spark.readStream.table(ORDERS)
        .withWatermark("ordered_at", "10 days")
        .dropDuplicates(["id"])
        .groupBy(F.window("ordered_at", "365 days"), "country")
        .agg(F.count("*").alias("n"), F.sum("total").alias("total"))
    )
    memory(frame, query).outputMode("complete").start().awaitTermination()
    assert spark.table(query).agg(F.sum("n")).first()[0] == spark.table(ORDERS).count()
    assert spark.sql(f"SELECT sum(total) AS t FROM {query}").first().t == spark.table(ORDERS).agg(F.sum("total")).first()[0]


def test_a_stream_beside_a_table_and_as_a_view():
    spark = new_session("analyst")
    spark.readStream.table(ORDERS).createOrReplaceTempView("orders_now")
    countries = spark.table("shop.ref.countries").filter("eu")
    joined = spark.sql("SELECT * FROM orders_now WHERE total > 10").join(
        countries, F.col("country") == F.col("code"), "left_semi"
    )
    assert joined.isStreaming
    memory(joined, "joined").start().awaitTermination()
    batch = spark.table(ORDERS).filter("total > 10").join(countries, F.col("country") == F.col("code"), "left_semi")
    assert spark.table("joined").count() == batch.count() > 0
    spark.stop()


def test_a_query_runs_on_is_asked_about_and_stopped():
    spark = new_session("analyst")
    query = memory(spark.readStream.table(ORDERS), "running", processingTime="1 second").start()
    assert query.name == "running" and query.isActive and query.exception() is None
    query.processAllAvailable()
    assert spark.table("running").count() == spark.table(ORDERS).count()
    assert [each.id for each in spark.streams.active] == [query.id]
    assert spark.streams.get(query.id).name == "running"
    assert spark.streams.get(str(uuid.uuid4())) is None
    assert query.awaitTermination(1) is False
    refused("CONFLICT", lambda: memory(spark.readStream.table(ORDERS), "running").start())
    # Another session of the same principal finds it.
    assert session("analyst").streams.get(query.id).isActive
    query.stop()
    assert not query.isActive and query.exception() is None and query.status["message"] == "Stopped"
    assert spark.streams.active == [] and query.awaitTermination(5) is True
    assert spark.table("running").count() > 0
    spark.stop()


def test_waiting_for_any_of_them():
    spark = new_session("analyst")
    slow = memory(spark.readStream.table(ORDERS), "slow", processingTime="1 hour").start()
    assert spark.streams.awaitAnyTermination(1) is False
    memory(spark.readStream.table(ORDERS), "quick").start()
    assert spark.streams.awaitAnyTermination(WAIT_S) is True
    spark.streams.resetTerminated()
    assert spark.streams.awaitAnyTermination(1) is False
    slow.stop()
    spark.stop()


class Heard(StreamingQueryListener):
    def __init__(self):
        self.started, self.progress, self.terminated = [], [], []

    def onQueryStarted(self, event):
        self.started.append(event)

    def onQueryProgress(self, event):
        self.progress.append(event)

    def onQueryIdle(self, event):
        pass

    def onQueryTerminated(self, event):
        self.terminated.append(event)


def test_listeners_hear_of_the_streams_of_their_session():
    spark, other = new_session("analyst"), new_session("steward")
    heard, elsewhere = Heard(), Heard()
    spark.streams.addListener(heard)
    other.streams.addListener(elsewhere)
    query = memory(spark.readStream.table(ORDERS), "heard").start()
    until(lambda: heard.terminated)
    assert str(heard.started[0].id) == query.id and heard.started[0].name == "heard"
    assert str(heard.progress[0].progress.id) == query.id and heard.progress[0].progress.numInputRows == -1
    assert str(heard.terminated[0].runId) == query.runId and heard.terminated[0].exception is None
    assert elsewhere.progress == [] and elsewhere.terminated == []
    spark.streams.removeListener(heard)
    other.streams.removeListener(elsewhere)
    spark.stop()
    other.stop()


def test_so_much_at_once():
    spark = session("steward")
    frame = spark.readStream.option("maxFilesPerTrigger", 1).table(ORDERS)
    query = name()
    memory(frame, query).start().awaitTermination()
    assert spark.table(query).count() == spark.table(ORDERS).count()
    refused("FEATURE_NOT_ALLOWED", lambda: spark.readStream.option("path", "/etc").table(ORDERS).schema)
    refused("FEATURE_NOT_ALLOWED", lambda: spark.read.option("maxFilesPerTrigger", 1).table(ORDERS).schema)


# ----------------------------------------------------------- what is told of it


def test_progress_tells_nothing_from_below_the_rules():
    spark = session("analyst")
    raw = session("steward").table(ORDERS).count()
    seen = spark.table(ORDERS).count()
    query = memory(spark.readStream.table(ORDERS)).start()
    query.awaitTermination()
    texts = [each.json for each in query.recentProgress]
    progress = query.lastProgress
    assert progress.numInputRows == -1 and progress.sources[0].numInputRows == -1
    assert progress.sources[0].description == ORDERS
    assert json.loads(progress.json)["sources"][0]["endOffset"] is None
    assert progress.sink.description == "memory" and progress.name == query.name
    for text in texts:
        assert str(raw) not in text and not any(secret in text for secret in SECRETS), text
    assert seen != raw


def test_progress_of_who_may_explain_has_counts_and_no_paths():
    spark = session("admin")
    query = memory(spark.readStream.table(ORDERS)).start()
    query.awaitTermination()
    progress = query.lastProgress
    assert sum(each.numInputRows for each in query.recentProgress) == spark.table(ORDERS).count()
    assert not any(secret in progress.json for secret in SECRETS), progress.json


def test_the_plan_of_a_stream_is_the_callers_own():
    spark = session("analyst")
    query = memory(spark.readStream.table(ORDERS).filter("total > 10"), processingTime="1 hour").start()
    with contextlib.redirect_stdout(io.StringIO()) as out:
        query.explain(True)
    query.stop()
    assert ORDERS in out.getvalue() and not any(secret in out.getvalue() for secret in SECRETS)


def test_an_error_says_its_class_and_no_value():
    spark = session("analyst")
    frame = spark.readStream.table(ORDERS).select(F.expr("CAST(concat(status, 'x') AS INT) AS n"))
    query = memory(frame).start()
    try:
        query.awaitTermination()
    except StreamingQueryException as error:
        text = str(error)
    else:
        raise AssertionError("it went well")
    assert "CAST_INVALID_INPUT" in text and not any(secret in text for secret in SECRETS), text
    assert "shippedx" not in text and "paidx" not in text, text
    assert "CAST_INVALID_INPUT" in str(query.exception())


# -------------------------------------------------------------------- ways around


def test_what_is_no_stream_and_what_is_denied():
    spark = session("analyst")
    refused("ACCESS_DENIED", lambda: spark.readStream.table("shop.hr.employees").schema)
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: spark.readStream.table("shop.support.tickets").schema)
    refused("INVALID_STATEMENT", lambda: memory(spark.table(ORDERS)).start())
    refused("INVALID_STATEMENT", lambda: spark.readStream.table(ORDERS).collect())


def test_sources_and_sinks_that_are_paths():
    spark = session("analyst")
    plain = bare()
    folder = f"/tmp/sluice-attack-{uuid.uuid4().hex}"
    # On the server itself both go through.
    rate = plain.readStream.format("rate").load()
    attack = rate.writeStream.format("parquet").option("checkpointLocation", f"{folder}/c").start(f"{folder}/d")
    assert attack.isActive
    attack.stop()
    plain.stop()
    frame = spark.readStream.table(ORDERS)
    writer = frame.writeStream.format("parquet")
    refused("FEATURE_NOT_ALLOWED", lambda: writer.start(f"{folder}/d"))
    refused("FEATURE_NOT_ALLOWED", lambda: frame.writeStream.format("parquet").option("path", folder).start())
    refused("FEATURE_NOT_ALLOWED", lambda: frame.writeStream.format("console").start())
    refused("FEATURE_NOT_ALLOWED", lambda: spark.readStream.format("rate").load().schema)
    refused("FEATURE_NOT_ALLOWED", lambda: spark.readStream.parquet(LAKE).schema)
    for option in ("checkpointLocation", "CHECKPOINTLOCATION", "path", "anything"):
        refused("FEATURE_NOT_ALLOWED", lambda option=option: memory(frame).option(option, folder).start())
    refused("FEATURE_NOT_ALLOWED", lambda: frame.writeStream.format("memory").start())
    refused("FEATURE_NOT_ALLOWED", lambda: memory(frame, continuous="1 second").start())
    refused("FEATURE_NOT_ALLOWED", lambda: memory(frame).partitionBy("country").start())
    assert not os.path.exists(f"{folder}/e")


def test_code_in_a_stream():
    spark = session("analyst")
    frame = spark.readStream.table(ORDERS)
    refused("CODE_NOT_ALLOWED", lambda: frame.writeStream.foreachBatch(lambda batch, number: None).start())
    refused("CODE_NOT_ALLOWED", lambda: frame.writeStream.foreach(lambda row: None).start())
    command = pb.Command()
    command.streaming_query_manager_command.add_listener.id = "x"
    command.streaming_query_manager_command.add_listener.listener_payload = b"code"
    refused("CODE_NOT_ALLOWED", lambda: spark.client.execute_command(command))


def test_the_streams_of_others_are_not_there():
    owner, other = new_session("analyst"), session("engineer")
    query = memory(owner.readStream.table(ORDERS), "mine", processingTime="1 hour").start()
    for kind in ("status", "last_progress", "recent_progress", "stop", "process_all_available", "exception"):
        command = pb.Command()
        command.streaming_query_command.query_id.id = query.id
        command.streaming_query_command.query_id.run_id = query.runId
        setattr(command.streaming_query_command, kind, True)
        refused("NOT_FOUND", lambda command=command: other.client.execute_command(command))
    assert other.streams.get(query.id) is None and query.id not in [each.id for each in other.streams.active]
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: other.table("mine").collect())
    # With an id of one's own and another's run.
    mine = memory(other.readStream.table("shop.ref.countries"), processingTime="1 hour").start()
    command = pb.Command()
    command.streaming_query_command.query_id.id = mine.id
    command.streaming_query_command.query_id.run_id = query.runId
    command.streaming_query_command.status = True
    refused("NOT_FOUND", lambda: other.client.execute_command(command))
    mine.stop()
    assert query.isActive
    query.stop()
    owner.stop()


def test_a_rule_that_speaks_of_the_present():
    made = rest("/v1/policies", "admin", "POST", {
        "kind": "policy",
        "name": "for-streams",
        "grants": [{"allow": ["browse", "read"], "to": ["user:privacy"], "on": ["shop.hr.*"]}],
        "rows": [{
            "name": "of-old", "on": ["shop.hr.employees"], "to": ["user:privacy"], "mode": "restrictive",
            "where": "hired_on < current_date()",
        }],
    })
    try:
        assert made["name"] == "for-streams"
        later = new_session("privacy")
        until(lambda: later.table("shop.hr.employees").limit(1).count() == 1)
        refused("FEATURE_NOT_ALLOWED", lambda: memory(later.readStream.table("shop.hr.employees")).start())
    finally:
        rest("/v1/policies/for-streams", "admin", "DELETE")


def stopped(query, seconds=15):
    """Ended by the gateway, soon."""
    begun = time.time()
    try:
        query.awaitTermination(WAIT_S)
    except StreamingQueryException as error:
        assert "STREAM_STOPPED" in str(error), error
        assert time.time() - begun < seconds
        return
    raise AssertionError("it was not ended")


def test_a_change_of_policies_ends_a_stream():
    spark = new_session("analyst")
    query = memory(spark.readStream.table(ORDERS), "before", processingTime="1 second").start()
    query.processAllAvailable()
    rest("/v1/policies", "admin", "POST", {
        "kind": "policy", "name": "no-more",
        "grants": [{"deny": ["read"], "to": ["role:analyst"], "on": [ORDERS]}],
    })
    try:
        stopped(query)
        assert "STREAM_STOPPED" in str(query.exception())
        refused("NOT_FOUND", lambda: spark.table("before").collect())
        refused("ACCESS_DENIED", lambda: memory(spark.readStream.table(ORDERS)).start())
    finally:
        rest("/v1/policies/no-more", "admin", "DELETE")
    spark.stop()


def test_a_revoked_token_ends_its_streams():
    made = rest("/v1/tokens", "analyst", "POST", {"name": "stream"})
    spark = SparkSession.builder.remote(f"sc://{ADDRESS}/;token={made['token']}").create()
    query = memory(spark.readStream.table(ORDERS), "revoked", processingTime="1 second").start()
    query.processAllAvailable()
    owner = session("analyst")
    assert owner.streams.get(query.id).isActive
    rest(f"/v1/tokens/{made['id']}", "analyst", "DELETE")
    until(lambda: owner.streams.get(query.id) is None, 15)


def test_the_end_of_a_session_ends_its_streams():
    spark = new_session("analyst")
    query = memory(spark.readStream.table(ORDERS), "left", processingTime="1 second").start()
    owner = session("analyst")
    assert owner.streams.get(query.id).isActive
    spark.stop()
    until(lambda: owner.streams.get(query.id) is None, 15)


def run_guide(page):
    """Block after block, as a reader would type it; what it prints."""
    guide = os.path.join(os.path.dirname(__file__), "..", "..", "..", "docs", "how-to", page)
    with open(guide, encoding="utf8") as file:
        blocks = re.findall(r"```python\n(.*?)```", file.read(), re.S)
    assert blocks
    names = {}
    address = f"sc://{ADDRESS}/;token={TOKENS['analyst']}"
    with contextlib.redirect_stdout(io.StringIO()) as out:
        for block in blocks:
            exec(block.replace("sc://localhost:15002/;token=slu_...", address).replace("getOrCreate", "create"), names)
    names["spark"].stop()
    return out.getvalue()


def test_every_block_of_the_guide():
    text = run_guide("streaming.md")
    assert "new_orders" in text and "|" in text


def test_evidence_of_streams():
    events = rest("/v1/audit/events?kind=stream.progress&limit=50", "auditor")["items"]
    assert events and all(event["batches"] > 0 and "rows" in event for event in events)
    statements = {event["statementId"] for event in events}
    for kind in ("statement.intent", "statement.outcome"):
        known = {each["statementId"] for each in rest(f"/v1/audit/events?kind={kind}&limit=200", "auditor")["items"]}
        assert statements & known, kind
