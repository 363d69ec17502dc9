"""
What the Spark Connect door costs, with an unmodified PySpark client: the same masked queries through the gateway and on the
same Spark server itself, in turns. One line of JSON for each figure as it is known, and one for each step on the way there.
Who waits too long on one step ends with where it stood.
"""

import faulthandler
import json
import os
import statistics
import time

from pyspark.sql import SparkSession

COLUMNS = ["id", "full_name", "email", "phone", "country", "total", "score"]
STEP = 7919
STEP_SECONDS_MAX = 300
STEPS_TOLD = 5

rows = int(os.environ["ROWS"])
spec = json.loads(os.environ["ROUNDS"])
gateway_pid = os.environ["GATEWAY_PID"]


def at(step):
    """What comes now; when it is not over in time, the stack of every thread is printed and the process ends."""
    print(json.dumps({"at": step}), flush=True)
    faulthandler.dump_traceback_later(STEP_SECONDS_MAX, exit=True)


def opened(name, remote):
    at(f"opens the session, {name}")
    spark = SparkSession.builder.remote(remote).create()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    return spark


governed = opened("governed", os.environ["GOVERNED"])
direct = opened("direct", os.environ["DIRECT"])
direct.sql(os.environ["BY_HAND"])


def in_turns(title, rounds, warm_up, work):
    times = {"direct": [], "governed": []}
    answers = {}
    told_every = max(1, rounds // STEPS_TOLD)
    for index in range(-warm_up, rounds):
        if index == -warm_up or index % told_every == 0:
            at(f"{title}, round {index} of {rounds}")
        for name, spark in (("direct", direct), ("governed", governed)):
            start = time.perf_counter()
            answers[name] = work(spark, index + warm_up)
            if index >= 0:
                times[name].append(time.perf_counter() - start)
        if answers["direct"] != answers["governed"]:
            raise AssertionError(f"other rows: {answers}")
    ratios = [g / d for d, g in zip(times["direct"], times["governed"])]
    return {
        "directMs": statistics.median(times["direct"]) * 1000,
        "governedMs": statistics.median(times["governed"]) * 1000,
        "ratio": statistics.median(times["governed"]) / statistics.median(times["direct"]),
        "pairedRatio": statistics.median(ratios),
    }


def tiny(spark, index):
    wanted = (index * STEP) % rows
    found = spark.table("people").where(f"id = {wanted}").select("id", "email", "phone").collect()
    if len(found) != 1:
        raise AssertionError(f"{len(found)} rows")
    return [tuple(row) for row in found]


def large(spark, _index):
    table = spark.table("people").select(*COLUMNS).toArrow()
    if table.num_columns != len(COLUMNS):
        raise AssertionError("other columns")
    return table.num_rows


def memory_of_gateway():
    """Peak resident bytes while five million rows pass, and what was there before."""
    with open(f"/proc/{gateway_pid}/clear_refs", "w") as file:
        file.write("5")
    before = resident("VmRSS")
    many = governed.table("people").crossJoin(governed.range(5).withColumnRenamed("id", "copy"))
    count = sum(batch.num_rows for batch in many.toArrow().to_batches())
    if count != 5 * rows:
        raise AssertionError(f"{count} rows")
    return {"beforeBytes": before, "peakBytes": resident("VmHWM")}


def resident(key):
    with open(f"/proc/{gateway_pid}/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(key))


def told(name, figures):
    print(json.dumps({name: figures}), flush=True)


told("tiny", in_turns("tiny", spec["tiny"], 10, tiny))
if spec["large"] > 0:
    told("large", in_turns("large", spec["large"], 2, large))
    at("five million rows")
    told("memory", memory_of_gateway())
# Two sessions of one process may wait for each other when it ends.
os._exit(0)
