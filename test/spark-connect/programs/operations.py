"""Operations while they run: interrupt, progress, broken streams, compressed plans, many at once."""

import threading
import time
import uuid

import pyspark.sql.connect.proto as pb
from door import new_session, refused, session
from pyspark.sql import functions as F

LONG = 10**13


def long_running(spark):
    return spark.range(LONG).agg(F.sum(F.col("id") % 7))


def interrupted_by(interrupt, *, tag=None):
    """What a query says that is interrupted while it runs."""
    spark = new_session("analyst")
    ended = {}

    def run():
        if tag is not None:
            spark.addTag(tag)
        try:
            long_running(spark).collect()
        except Exception as error:
            ended["error"] = str(error)

    thread = threading.Thread(target=run)
    thread.start()
    ids = []
    deadline = time.time() + 60
    while thread.is_alive() and time.time() < deadline:
        time.sleep(0.5)
        ids += interrupt(spark)
    thread.join(1)
    assert ids and "STATEMENT_CANCELED" in ended.get("error", ""), (ids, ended)


def test_interrupt_all():
    interrupted_by(lambda spark: spark.interruptAll())


def test_interrupt_by_tag():
    interrupted_by(lambda spark: spark.interruptTag("mine"), tag="mine")
    assert session("analyst").interruptTag("mine") == []


def test_progress_without_bytes_read():
    spark = new_session("analyst")
    heard = []
    spark.registerProgressHandler(lambda stages, inflight_tasks, operation_id, done: heard.append((stages, operation_id)))
    spark.range(0, 40_000_000, 1, 4).agg(F.sum(F.hash("id"))).collect()
    spark.table("shop.sales.orders").agg(F.sum(F.hash("id"))).collect()
    assert heard
    stages = [stage for stages, _ in heard for stage in stages or []]
    assert all(stage.num_bytes_read == 0 for stage in stages)


def new_request(client, *, reattachable=True):
    request = client._execute_plan_request_with_metadata()
    request.operation_id = str(uuid.uuid4())
    option = pb.ExecutePlanRequest.RequestOption(reattach_options=pb.ReattachOptions(reattachable=reattachable))
    request.request_options.append(option)
    return request


def execute_request(spark, frame, *, reattachable=True):
    request = new_request(spark._client, reattachable=reattachable)
    request.plan.root.CopyFrom(frame._plan.plan(spark._client))
    return request


def test_a_broken_stream_is_taken_up_again():
    spark = new_session("analyst")
    client = spark._client
    frame = spark.table("shop.crm.customers").select("id")
    request = execute_request(spark, frame)
    stream = client._stub.ExecutePlan(request, metadata=client._builder.metadata())
    first = next(stream)
    stream.cancel()
    again = client._stub.ReattachExecute(
        pb.ReattachExecuteRequest(
            session_id=request.session_id,
            operation_id=request.operation_id,
            last_response_id=first.response_id,
        ),
        metadata=client._builder.metadata(),
    )
    rest = list(again)
    assert rest[-1].HasField("result_complete")
    rows = sum(answer.arrow_batch.row_count for answer in [first, *rest])
    assert rows == frame.count()
    # From the beginning too, as long as nothing was let go of.
    whole = list(
        client._stub.ReattachExecute(
            pb.ReattachExecuteRequest(session_id=request.session_id, operation_id=request.operation_id),
            metadata=client._builder.metadata(),
        )
    )
    assert sum(answer.arrow_batch.row_count for answer in whole) == rows


def test_answers_of_the_gateway_are_taken_up_too():
    spark = new_session("analyst")
    client = spark._client
    request = new_request(client)
    request.plan.command.sql_command.input.sql.query = "SELECT 1"
    answers = list(client._stub.ExecutePlan(request, metadata=client._builder.metadata()))
    again = client._stub.ReattachExecute(
        pb.ReattachExecuteRequest(
            session_id=request.session_id,
            operation_id=request.operation_id,
            last_response_id=answers[0].response_id,
        ),
        metadata=client._builder.metadata(),
    )
    assert [answer.response_id for answer in again] == [answer.response_id for answer in answers[1:]]


def test_an_operation_id_is_used_once():
    spark = new_session("analyst")
    client = spark._client
    request = execute_request(spark, spark.range(1))
    list(client._stub.ExecutePlan(request, metadata=client._builder.metadata()))
    try:
        list(client._stub.ExecutePlan(request, metadata=client._builder.metadata()))
    except Exception as error:
        assert "OPERATION_ALREADY_EXISTS" in str(error)
    else:
        raise AssertionError("it ran twice")


def test_states_of_operations():
    spark = new_session("analyst")
    if not hasattr(spark._client, "_get_operation_statuses"):
        return
    spark.range(3).collect()
    states = [status.state for status in spark._client._get_operation_statuses().operation_statuses]
    assert states and set(states) == {4}
    other = new_session("steward")
    mine = [status.operation_id for status in spark._client._get_operation_statuses().operation_statuses]
    assert {status.state for status in other._client._get_operation_statuses(mine).operation_statuses} == {1}


def test_a_compressed_plan_is_judged_or_not_taken():
    spark = new_session("analyst")
    client = spark._client
    if not hasattr(client, "_plan_compression_threshold"):
        return
    client._plan_compression_threshold, client._plan_compression_algorithm = 0, "ZSTD"
    wide = spark.range(1).select(*[F.lit("x" * 50).alias(f"c{i}") for i in range(50)])
    try:
        assert len(wide.first()) == 50
    except Exception as error:
        assert "CONNECT_INVALID_PLAN.CANNOT_PARSE" in str(error)
        # The client has learned not to compress.
        assert len(wide.first()) == 50
    assert wide.count() == 1


def test_many_at_once():
    spark = new_session("analyst")
    counts = []

    def run(n):
        counts.append(spark.table("shop.crm.customers").filter(F.col("id") > n).count())

    threads = [threading.Thread(target=run, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(counts) == 8


def test_a_released_session_does_not_begin_again():
    spark = new_session("analyst")
    spark.range(1).collect()
    spark._client.release_session()
    refused("INVALID_HANDLE.SESSION_CLOSED", lambda: spark.range(1).collect())
