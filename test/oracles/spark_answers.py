"""Answers questions about Spark SQL with real Spark, in one session.

stdin: {"setup": [sql], "questions": [sql], "groups"?: [[item]]}; stdout, last line: {"version", "answers": [{"types", "rows"} |
{"error"}], "groups": [[answer]]}: a group holds items of which each is a statement `SELECT <item>` of one row.
Values are JSON: numbers with a fraction as text ("NaN", "-0.0", Python's shortest digits), dates and timestamps as
Spark's own text, binary as hex, structs and arrays as lists, maps as lists of pairs.
"""
import datetime
import decimal
import json
import sys
from concurrent.futures import ThreadPoolExecutor

from pyspark.errors import PySparkException
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

THREADS = 2
SHOWN_OTHERWISE = (T.DateType, T.TimestampType, T.TimestampNTZType, T.YearMonthIntervalType)


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


def shown_as(column, t):
    """Dates and moments as text, since Python's own end at the year 9999; months as a number, since it has none."""
    if isinstance(t, T.YearMonthIntervalType):
        if t.startField != t.endField:
            return f"extract(YEAR FROM {column}) * 12 + extract(MONTH FROM {column})"
        return f"CAST({column} AS INT) * {1 if t.startField == T.YearMonthIntervalType.MONTH else 12}"
    return f"CAST({column} AS STRING)" if isinstance(t, SHOWN_OTHERWISE) else column


def asked_for(spark, sql):
    asked = spark.sql(sql)
    types = [f.dataType for f in asked.schema.fields]
    if any(isinstance(t, SHOWN_OTHERWISE) for t in types):
        frame = asked.toDF(*[f"c{i}" for i in range(len(types))])
        asked = frame.select(*[F.expr(shown_as(f"c{i}", t)) for i, t in enumerate(types)])
    rows = asked.collect()
    return {"types": [t.simpleString() for t in types], "rows": [[value(v) for v in row] for row in rows]}


def answer(spark, sql):
    try:
        return asked_for(spark, sql)
    except PySparkException as e:
        return {"error": e.getCondition() or type(e).__name__}
    except Exception as e:  # Py4J wraps what a task raised
        text = str(e)
        start = text.find("[")
        return {"error": text[start + 1 : text.find("]", start)] if start >= 0 else type(e).__name__}


def answer_all(spark, items):
    """Items of a group are single values, `SELECT <item>`: one statement for all, or one each if that fails."""
    questions = [f"SELECT {item}" for item in items]
    try:
        together = asked_for(spark, f"SELECT {', '.join(items)}")
    except Exception:
        return [answer(spark, question) for question in questions]
    if len(together["types"]) != len(items):
        return [answer(spark, question) for question in questions]
    [row] = together["rows"]
    return [{"types": [t], "rows": [[v]]} for t, v in zip(together["types"], row)]


def main():
    asked = json.load(sys.stdin)
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.log.level", "OFF")
        # A session of a minute is over before the second compiler has paid off.
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1")
        .getOrCreate()
    )
    try:
        for sql in asked["setup"]:
            spark.sql(sql)
        with ThreadPoolExecutor(THREADS) as pool:
            groups = pool.map(lambda items: answer_all(spark, items), asked.get("groups", []))
            answers = pool.map(lambda sql: answer(spark, sql), asked["questions"])
            print(json.dumps({"version": spark.version, "answers": list(answers), "groups": list(groups)}))
    finally:
        spark.stop()


main()
