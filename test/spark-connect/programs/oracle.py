"""
The oracle: a random DataFrame program over governed tables gives the rows that it gives over a copy that was filtered and
masked physically. Steps are chosen over the copy, by its schema, and replayed over the governed tables.
"""

import collections
import os
import random

from copies import TABLES, copies, raw
from door import bare, new_session
from pyspark.sql import Window
from pyspark.sql import functions as F

PROGRAMS = int(os.environ.get("ORACLE_PROGRAMS") or "40")
SEED = int(os.environ.get("ORACLE_SEED") or "20261125")
STEPS_MAX = 5
KEYS = {"crm.customers": "id", "sales.orders": "id", "sales.order_items": "order_id", "ref.countries": "code"}

BARE = bare()
COPY = copies(BARE)
RAW_IDS = raw("crm.customers")["id"].to_pylist()


def governed_tables(spark):
    return {name: spark.table(f"shop.{name}") for name in TABLES}


class Chooser:
    """Chooses the next step over the copy as it is now; a step is a function of (frame, tables, session)."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = 0

    def name(self):
        self.names += 1
        return f"made_{self.names}"

    def base(self):
        name = self.random.choice(TABLES)
        return lambda tables: tables[name].select("*"), KEYS[name]

    def literal(self, frame, column):
        values = [row[0] for row in frame.select(F.col(column)).limit(50).collect() if row[0] is not None]
        return self.random.choice(values) if values else None

    def column(self, frame, kinds=("string", "bigint", "int", "date", "decimal", "boolean")):
        fitting = [name for name, kind in frame.dtypes if kind.startswith(kinds)]
        return self.random.choice(fitting) if fitting else None

    def step(self, frame):
        for _ in range(20):
            chosen = getattr(self, self.random.choice(self.STEPS))(frame)
            if chosen is not None:
                return chosen
        return lambda f, t, s: f

    def where(self, frame):
        column = self.column(frame)
        value = column and self.literal(frame, column)
        if value is None:
            return None
        compare = self.random.choice(["__eq__", "__ne__", "__lt__", "__ge__"])
        return lambda f, t, s: f.filter(getattr(F.col(column), compare)(F.lit(value)))

    def where_text(self, frame):
        column = self.column(frame, ("string",))
        if column is None:
            return None
        length = self.random.randint(1, 30)
        return lambda f, t, s: f.filter(f"length({column}) > {length} OR {column} IS NULL")

    def raising(self, frame):
        if "id" not in frame.columns or dict(frame.dtypes)["id"] != "bigint":
            return None
        key = self.random.choice(RAW_IDS)
        return lambda f, t, s: f.filter(f"1 / (id - {key}) > -2")

    def columns(self, frame):
        names = self.random.sample(frame.columns, self.random.randint(1, len(frame.columns)))
        return lambda f, t, s: f.select(*names)

    def derived(self, frame):
        column = self.column(frame, ("string",))
        if column is None:
            return None
        name = self.name()
        make = self.random.choice(
            [F.upper, F.length, F.md5, F.reverse, lambda c: F.substring(c, 2, 4), lambda c: F.concat_ws("-", c, c)]
        )
        return lambda f, t, s: f.withColumn(name, make(F.col(column)))

    def joined(self, frame):
        kind = self.random.choice(["inner", "left", "left_semi", "left_anti", "full"])
        if "customer_id" in frame.columns and "id_2" not in frame.columns:
            return lambda f, t, s: f.join(
                t["crm.customers"].select(F.col("id").alias("id_2"), F.col("email").alias("mail_2")),
                F.col("customer_id") == F.col("id_2"),
                kind,
            )
        if "country" in frame.columns and "code" not in frame.columns and "name" not in frame.columns:
            return lambda f, t, s: f.join(t["ref.countries"], F.col("country") == F.col("code"), kind)
        return None

    def self_join(self, frame):
        if frame.columns[0] != "id" or len(frame.columns) > 20 or "other" in frame.columns:
            return None
        return lambda f, t, s: f.join(
            f.select(F.col("id").alias("other")).distinct(), F.col("id") == F.col("other") + 1, "left"
        )

    def grouped(self, frame):
        key, value = self.column(frame), self.column(frame)
        if key is None:
            return None
        how = self.random.choice([F.min, F.max, F.count, F.count_distinct])
        a, n = self.name(), self.name()
        return lambda f, t, s: f.groupBy(key).agg(how(F.col(value)).alias(a), F.count("*").alias(n))

    def windowed(self, frame):
        column = self.column(frame)
        if column is None:
            return None
        name = self.name()
        return lambda f, t, s: f.withColumn(name, F.dense_rank().over(Window.partitionBy(column).orderBy(*f.columns[:2])))

    def distinct(self, frame):
        return lambda f, t, s: f.distinct()

    def set_operation(self, frame):
        column = self.column(frame, ("string",))
        if column is None:
            return None
        how = self.random.choice(["union", "intersect", "subtract", "exceptAll"])
        return lambda f, t, s: getattr(f, how)(f.filter(F.col(column) > "M"))

    def in_sql(self, frame):
        column = self.column(frame)
        if column is None:
            return None
        name = self.name()
        text = f"SELECT *, count(*) OVER (PARTITION BY {column}) AS {name} FROM {{f}}"
        return lambda f, t, s: s.sql(text, f=f)

    def in_a_view(self, frame):
        name = f"v{self.random.randint(0, 10**9)}"

        def run(f, t, s):
            f.createOrReplaceTempView(name)
            return s.table(name) if len(name) % 2 else s.sql(f"SELECT * FROM {name}")

        return run

    STEPS = (
        "where where where_text raising columns derived joined joined self_join grouped windowed distinct "
        "set_operation in_sql in_a_view"
    ).split()


def outcome(frame):
    """Rows as a bag, or the kind of error."""
    try:
        return frame.columns, collections.Counter(tuple(map(str, row)) for row in frame.collect())
    except Exception as error:
        if any(word in str(error) for word in ("DIVIDE_BY_ZERO", "ARITHMETIC_ERROR")):
            return "division by zero"
        raise


def run_program(seed, governed):
    chooser = Chooser(seed)
    start, _ = chooser.base()
    copy, real = start(COPY), start(governed_tables(governed))
    for _ in range(chooser.random.randint(1, STEPS_MAX)):
        try:
            step = chooser.step(copy)
        except Exception as error:
            # A filter before may raise while values are looked at.
            if "DIVIDE_BY_ZERO" not in str(error):
                raise
            break
        copy, real = step(copy, COPY, BARE), step(real, governed_tables(governed), governed)
    return outcome(copy), outcome(real)


def test_programs_give_what_a_copy_gives():
    governed = new_session("analyst")
    seen = collections.Counter()
    for seed in range(SEED, SEED + PROGRAMS):
        expected, found = run_program(seed, governed)
        assert expected == found, f"program {seed}: {str(expected)[:1200]}\n\nthrough the gateway: {str(found)[:1200]}"
        seen["raised" if isinstance(expected, str) else "rows" if expected[1] else "empty"] += 1
    assert seen["rows"] >= PROGRAMS / 2, seen
