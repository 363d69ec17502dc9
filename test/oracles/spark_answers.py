"""Answers questions about Spark SQL with real Spark, in one session.

stdin: {"setup": [sql], "questions": [sql]}; stdout, last line: {"version", "answers": [{"types", "rows"} | {"error"}]}.
Values are JSON: numbers with a fraction as text ("NaN", "-0.0", Python's shortest digits), dates and timestamps as
Spark's own text, binary as hex, structs and arrays as lists, maps as lists of pairs.
"""
import datetime
import decimal
import json
import sys

from pyspark.errors import PySparkException
from pyspark.sql import Row, SparkSession
from pyspark.sql import types as T


def value(v):
    if v is None or isinstance(v, (bool, str)):
        return v
    if isinstance(v, int):
        return str(v)
    if isinstance(v, float):
        return repr(v).replace("inf", "Infinity").replace("nan", "NaN")
    if isinstance(v, decimal.Decimal):
        return format(v, "f")
    if isinstance(v, (bytes, bytearray)):
        return bytes(v).hex()
    if isinstance(v, datetime.datetime):
        return v.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(v, datetime.date):
        return v.isoformat()
    if isinstance(v, datetime.timedelta):
        return str((v.days * 86400 + v.seconds) * 1000000 + v.microseconds)
    if isinstance(v, Row):
        return [value(x) for x in v]
    if isinstance(v, dict):
        return [[value(k), value(x)] for k, x in v.items()]
    return [value(x) for x in v]


def answer(spark, sql):
    try:
        asked = spark.sql(sql)
        types = [f.dataType for f in asked.schema.fields]
        frame = asked.toDF(*[f"c{i}" for i in range(len(types))])
        # Dates and moments as text: Python's own end at the year 9999.
        moments = (T.DateType, T.TimestampType, T.TimestampNTZType)
        shown = [frame[f"c{i}"].cast("string") if isinstance(t, moments) else frame[f"c{i}"] for i, t in enumerate(types)]
        rows = frame.select(*shown).collect()
        return {"types": [t.simpleString() for t in types], "rows": [[value(v) for v in row] for row in rows]}
    except PySparkException as e:
        return {"error": e.getCondition() or type(e).__name__}
    except Exception as e:  # Py4J wraps what a task raised
        text = str(e)
        start = text.find("[")
        return {"error": text[start + 1 : text.find("]", start)] if start >= 0 else type(e).__name__}


def main():
    asked = json.load(sys.stdin)
    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.log.level", "OFF")
        .getOrCreate()
    )
    try:
        for sql in asked["setup"]:
            spark.sql(sql)
        answers = [answer(spark, sql) for sql in asked["questions"]]
        print(json.dumps({"version": spark.version, "answers": answers}))
    finally:
        spark.stop()


main()
