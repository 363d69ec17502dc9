"""The server behind the gateway goes away and comes back; whoever tests says when, by files in a folder."""

import os
import time

from door import new_session

FOLDER = os.environ["MARKS"]


def say(mark):
    with open(os.path.join(FOLDER, mark), "w", encoding="utf8"):
        pass


def wait_for(mark):
    deadline = time.time() + 200
    while not os.path.exists(os.path.join(FOLDER, mark)):
        assert time.time() < deadline, mark
        time.sleep(0.2)


def soon(work):
    """An error while a new server is found is one that may be tried again."""
    for attempt in range(5):
        try:
            return work()
        except Exception as error:
            assert "ENGINE_UNAVAILABLE" in str(error) and "Trying again" in str(error), error
            time.sleep(1 + attempt)
    raise AssertionError("it was not found again")


def test_a_server_that_is_lost():
    spark = new_session("analyst")
    frame = spark.table("shop.crm.customers").select("id", "country")
    frame.createOrReplaceTempView("mine")
    spark.conf.set("spark.sql.shuffle.partitions", 3)
    rows = spark.createDataFrame([(i, "x" * 100) for i in range(20_000)], "id INT, t STRING")
    before = frame.count(), rows.count()
    kept = frame.localCheckpoint()
    say("gone")
    wait_for("is-gone")
    try:
        frame.count()
    except Exception as error:
        assert "ENGINE_UNAVAILABLE" in str(error), error
    else:
        raise AssertionError("it ran without a server")
    say("back")
    wait_for("is-back")
    assert soon(lambda: (frame.count(), rows.count())) == before
    assert spark.sql("SELECT count(*) FROM mine").first()[0] == before[0]
    assert new_session("steward").table("shop.crm.customers").count() > before[0]
    try:
        kept.count()
    except Exception as error:
        assert "NOT_FOUND" in str(error), error
    else:
        raise AssertionError("a checkpoint outlived its server")
