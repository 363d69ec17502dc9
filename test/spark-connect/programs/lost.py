"""The server behind the gateway goes away and comes back; whoever tests says when, by files in a folder."""

from door import new_session
from marks import say, soon, wait_for


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
