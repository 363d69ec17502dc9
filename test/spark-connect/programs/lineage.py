"""
Is the lineage of DataFrame programs sound? A random program runs over small tables, and again with the values of one column
shuffled. What changes must be declared: that is for the spec to compare, which hears what the gateway declares. Here it is
told, as a line of JSON for each program, which columns of its result changed with which column of the tables.
"""

import json
import os
import random

import pyarrow as pa
from copies import TABLES, raw
from door import bare, new_session
from pyspark.errors import AnalysisException
from pyspark.sql import Window
from pyspark.sql import functions as F

PROGRAMS = int(os.environ.get("LINEAGE_PROGRAMS") or "24")
SEED = int(os.environ.get("LINEAGE_SEED") or "20261125")
BATCH = 4
SHUFFLES = 3
STEPS_MAX = 6
ROWS = 40

BARE = bare()


def small(name):
    table = raw(name)
    if name == "sales.order_items":
        return table.slice(0, ROWS)
    if name == "sales.orders":
        # Of customers that are there.
        table = table.filter(pa.array([value <= ROWS for value in table["customer_id"].to_pylist()]))
    return table.slice(0, ROWS)


DATA = {name: small(name) for name in TABLES}


def frames_of(data):
    return {name: BARE.createDataFrame(data[name]).alias(name.split(".")[1]) for name in TABLES}


def shuffled(name, column, seed):
    table = DATA[name]
    values = table[column].to_pylist()
    random.Random(seed).shuffle(values)
    at = table.schema.get_field_index(column)
    changed = table.set_column(at, column, pa.array(values, table.schema.field(column).type))
    return frames_of({**DATA, name: changed})


class Chooser:
    """Chooses steps by the columns of the frame as it is; a step is a function of (frame, tables, session)."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = 0

    def name(self):
        self.names += 1
        return f"made_{self.names}"

    def column(self, frame, kinds=("string", "bigint", "int", "date", "decimal", "boolean")):
        counts = [name.lower() for name in frame.columns]
        fitting = [n for n, kind in frame.dtypes if kind.startswith(kinds) and counts.count(n.lower()) == 1]
        return self.random.choice(fitting) if fitting else None

    def step(self, frame):
        for _ in range(20):
            chosen = getattr(self, self.random.choice(self.STEPS))(frame)
            if chosen is not None:
                return chosen
        return lambda f, t, s: f

    def where(self, frame):
        column = self.column(frame)
        how = self.random.choice(["isNotNull", "text", "of_the_frame"])
        if column is None:
            return None
        if how == "text":
            return lambda f, t, s: f.filter(f"length(cast(`{column}` AS string)) % 3 <> 1")
        if how == "of_the_frame":
            return lambda f, t, s: f.filter(F.length(f[column].cast("string")) > 2)
        return lambda f, t, s: f.filter(F.crc32(F.col(column).cast("string")) % 4 != 0)

    def columns(self, frame):
        names = [n for n in frame.columns if self.random.random() < 0.7] or frame.columns[:1]
        if len(set(names)) < len(names):
            return None
        how = self.random.choice(["names", "frame", "text"])
        if how == "frame":
            return lambda f, t, s: f.select(*[f[n] for n in names])
        if how == "text":
            return lambda f, t, s: f.selectExpr(*[f"`{n}`" for n in names])
        return lambda f, t, s: f.select(*names)

    def derived(self, frame):
        a, b = self.column(frame, ("string",)), self.column(frame)
        if a is None or b is None or a == b:
            return None
        name = self.name()
        make = self.random.choice(
            [
                lambda f: F.upper(F.col(a)),
                lambda f: F.md5(f[a]),
                lambda f: F.when(F.length(F.col(b).cast("string")) > 4, F.col(a)).otherwise(F.lit("?")),
                lambda f: F.expr(f"CASE WHEN `{b}` IS NULL THEN 'none' ELSE reverse(`{a}`) END"),
                lambda f: F.transform(F.split(F.col(a), " "), lambda x: F.concat(x, F.col(b).cast("string"))).cast("string"),
                lambda f: F.struct(F.col(a), F.col(b)).getField(a).cast("string"),
                lambda f: F.coalesce(F.col(a), f[b].cast("string")),
            ]
        )
        return self.random.choice(
            [
                lambda f, t, s: f.withColumn(name, make(f)),
                lambda f, t, s: f.withColumn(a, make(f)),
                lambda f, t, s: f.select("*", make(f).alias(name)),
                lambda f, t, s: f.withColumns({name: make(f), b: F.col(b)}),
            ]
        )

    def renamed(self, frame):
        a = self.column(frame)
        if a is None:
            return None
        name = self.name()
        names = [self.name() for _ in frame.columns]
        return self.random.choice(
            [
                lambda f, t, s: f.withColumnRenamed(a, name),
                lambda f, t, s: f.drop(a) if len(f.columns) > 1 else f,
                lambda f, t, s: f.drop(f[a]) if len(f.columns) > 1 else f,
                lambda f, t, s: f.toDF(*names),
            ]
        )

    def joined(self, frame):
        kind = self.random.choice(["inner", "left", "left_semi", "left_anti", "full", "right"])
        lowered = [n.lower() for n in frame.columns]
        if "customer_id" in lowered and "id_2" not in lowered:
            return lambda f, t, s: f.join(
                t["crm.customers"].select(F.col("id").alias("id_2"), F.col("customers.email").alias("mail_2"), "city"),
                F.col("customer_id") == F.col("id_2"),
                kind,
            )
        if "country" in lowered and "code" not in lowered and "name" not in lowered and "region" not in lowered:

            def run(f, t, s):
                other = t["ref.countries"]
                return f.join(other, f["country"] == other["code"], kind)

            return run
        if lowered.count("id") == 1 and "amount" not in lowered:
            return lambda f, t, s: f.join(
                t["sales.orders"].groupBy("customer_id").agg(F.max("total").alias("amount")).withColumnRenamed("customer_id", "id"),
                "id",
                kind,
            )
        return None

    def self_join(self, frame):
        key = self.column(frame, ("bigint", "string"))
        if key is None or len(frame.columns) > 20 or len(set(map(str.lower, frame.columns))) < len(frame.columns):
            return None
        value = self.random.choice(frame.columns)

        def run(f, t, s):
            x, y = f.alias("x"), f.filter(F.col(key).isNotNull()).alias("y")
            joined = x.join(y, F.col(f"x.{key}") == F.col(f"y.{key}"))
            return joined.select("x.*", F.col(f"y.{value}").alias("theirs") if "theirs" not in f.columns else F.lit(1).alias("n1"))

        return run

    def grouped(self, frame):
        key, value = self.column(frame), self.column(frame)
        if key is None:
            return None
        a, n = self.name(), self.name()
        make = self.random.choice([F.min, F.max, F.count, F.count_distinct])
        return self.random.choice(
            [
                lambda f, t, s: f.groupBy(key).agg(make(F.col(value)).alias(a), F.count("*").alias(n)),
                lambda f, t, s: f.groupBy(f[key]).agg(F.expr(f"max(`{value}`) FILTER (WHERE `{key}` IS NOT NULL) AS {a}")),
                lambda f, t, s: f.groupBy(F.length(F.col(key).cast("string")).alias(n)).agg(make(f[value]).alias(a)),
                lambda f, t, s: f.rollup(key).agg(make(F.col(value)).alias(a), F.grouping(key).alias(n)),
                lambda f, t, s: f.agg(make(F.col(value)).alias(a), F.count(F.lit(1)).alias(n)),
                lambda f, t, s: f.groupBy((F.crc32(F.col(key).cast("string")) % 2).alias(a)).pivot(
                    key, [str(1)] if dict(f.dtypes)[key] == "string" else [1]
                ).agg(F.max(value)) if dict(f.dtypes)[key] in ("string", "bigint", "int") else f,
            ]
        )

    def windowed(self, frame):
        a, b = self.column(frame), self.column(frame)
        if a is None or b is None:
            return None
        name = self.name()
        window = Window.partitionBy(a).orderBy(b)
        return self.random.choice(
            [
                lambda f, t, s: f.withColumn(name, F.dense_rank().over(window)),
                lambda f, t, s: f.withColumn(name, F.max(F.col(b)).over(Window.partitionBy(f[a]))),
                lambda f, t, s: f.selectExpr("*", f"count(`{b}`) OVER (PARTITION BY `{a}`) AS {name}"),
            ]
        )

    def shaped(self, frame):
        a, b = self.column(frame, ("string",)), self.column(frame, ("string",))
        if a is None or b is None or a == b or len(frame.columns) > 25:
            return None
        n, v = self.name(), self.name()
        return self.random.choice(
            [
                lambda f, t, s: f.distinct(),
                lambda f, t, s: f.select(a, b).dropDuplicates([a, b]),
                lambda f, t, s: f.na.fill("-", subset=[a]),
                lambda f, t, s: f.na.drop(subset=[b]),
                lambda f, t, s: f.na.replace("x", "y", subset=[a]),
                lambda f, t, s: f.withColumn(n, F.explode(F.array(F.col(a), F.col(b)))),
                lambda f, t, s: f.select(a, F.posexplode(F.split(b, "e")).alias(n, v)),
                lambda f, t, s: f.unpivot([a], [b], n, v),
                lambda f, t, s: f.select(a, b).sort(F.col(b), F.col(a)).limit(7),
                lambda f, t, s: f.select(a).sort(f[b], f[a]).limit(5),
                lambda f, t, s: f.select(F.col(a).alias(n), b).filter(f"length(`{a}`) > 3"),
                lambda f, t, s: f.select(F.upper(b), F.col(a)),
                lambda f, t, s: f.describe(a, b),
                lambda f, t, s: f.crosstab(a, b).select(f"{a}_{b}"),
                lambda f, t, s: f.select(f.colRegex(f"`{a}.*`"), F.lit(1).alias(n)),
            ]
        )

    def set_operation(self, frame):
        column = self.column(frame, ("string",))
        if column is None or len(set(map(str.lower, frame.columns))) < len(frame.columns):
            return None
        how = self.random.choice(["union", "intersect", "subtract", "exceptAll", "unionByName", "reversed"])
        if how == "reversed":
            return lambda f, t, s: f.unionByName(f.filter(F.col(column) > "M").select(*reversed(f.columns)))
        return lambda f, t, s: getattr(f, how)(f.filter(F.col(column) > "M"))

    def in_sql(self, frame):
        column = self.column(frame)
        if column is None or len(set(map(str.lower, frame.columns))) < len(frame.columns):
            return None
        name = self.name()
        text = f"SELECT *, count(*) OVER (PARTITION BY `{column}`) AS {name} FROM {{f}}"
        return lambda f, t, s: s.sql(text, f=f)

    def in_a_view(self, frame):
        if len(set(map(str.lower, frame.columns))) < len(frame.columns):
            return None
        name = f"v{self.random.randint(0, 10**9)}"

        def run(f, t, s):
            f.createOrReplaceTempView(name)
            return s.table(name) if len(name) % 2 else s.sql(f"SELECT * FROM {name}")

        return run

    STEPS = (
        "where columns derived derived renamed joined joined self_join grouped windowed shaped shaped shaped "
        "set_operation in_sql in_a_view"
    ).split()


class Touching(dict):
    """Tables that say which of them were asked for."""

    def __init__(self, tables):
        super().__init__(tables)
        self.names = set()

    def __getitem__(self, name):
        self.names.add(name)
        return super().__getitem__(name)


def program(seed):
    """Steps that can be taken again over other tables, chosen over the small ones; their tables; columns in the end."""
    chooser = Chooser(seed)
    name = chooser.random.choice(TABLES)
    tables = Touching(SMALL)
    steps = [lambda f, t, s: t[name].select("*")]
    frame = steps[0](None, tables, BARE)
    for _ in range(chooser.random.randint(2, STEPS_MAX)):
        step = chooser.step(frame)
        try:
            after = step(frame, tables, BARE)
            after.columns
        except AnalysisException:
            # Names that steps before have made twice.
            continue
        frame = after
        steps.append(step)
    return steps, tables.names, len(frame.columns)


def run(steps, tables, session):
    frame = None
    for step in steps:
        frame = step(frame, tables, session)
    return frame


def as_texts(frame, width, number, variant):
    """Any frame in one shape, so that many go into one job."""
    names = [f"c{i}" for i in range(width)]
    texts = frame.toDF(*names).select(F.array(*[F.col(name).cast("string") for name in names]).alias("row"))
    return texts.select(F.lit(number).alias("program"), F.lit(variant).alias("variant"), "row")


SMALL = frames_of(DATA)
COLUMNS = [(name, column) for name in TABLES for column in DATA[name].column_names]


def bags(frames):
    """Of each program and variant, the values of each column, in no order."""
    together = frames[0]
    for frame in frames[1:]:
        together = together.union(frame)
    found = {}
    for number, variant, row in together.collect():
        found.setdefault((number, variant), []).append(row)
    return found


def columns_of(rows, place):
    return sorted(str(row[place]) for row in rows)


def changes(numbered):
    """For each program: the columns shuffled and the places of its result that changed."""
    frames, variants = [], {}
    for number, (steps, touched, width) in numbered:
        drawn = random.Random(SEED + number).sample(COLUMNS, 20)
        # Columns of tables that the program starts from come first.
        columns = sorted(drawn, key=lambda each: each[0] not in touched)[:SHUFFLES]
        variants[number] = columns
        frames.append(as_texts(run(steps, SMALL, BARE), width, number, -1))
        for i, column in enumerate(columns):
            frames.append(as_texts(run(steps, shuffled(*column, number), BARE), width, number, i))
    found = bags(frames)
    for number, (_, _, width) in numbered:
        before = found.get((number, -1), [])
        told = []
        for i, (name, column) in enumerate(variants[number]):
            after = found.get((number, i), [])
            changed = [p for p in range(width) if columns_of(before, p) != columns_of(after, p)]
            told.append({"table": f"shop.{name}", "column": column, "changed": changed})
        yield number, told


def governed_tables(spark):
    return {name: spark.table(f"shop.{name}") for name in TABLES}


def declare(number, steps, session):
    """Runs it through the gateway; the name of the last column says which program it was."""
    frame = run(steps, governed_tables(session), session)
    frame.withColumn(f"program_{number}", F.lit(1)).limit(1).collect()


def test_programs_run_here_and_through_the_gateway():
    session = new_session("steward")
    numbers = list(range(PROGRAMS))
    for at in range(0, PROGRAMS, BATCH):
        numbered = [(number, program(SEED * 1000 + number)) for number in numbers[at : at + BATCH]]
        for number, told in changes(numbered):
            print(json.dumps({"program": number, "shuffled": told}), flush=True)
        for number, (steps, _, _) in numbered:
            declare(number, steps, session)


def test_writes_run_through_the_gateway():
    session = new_session("steward")
    customers = session.table("shop.crm.customers")
    customers.filter("id < 50").select("id", F.upper("email").alias("mail")).write.saveAsTable("work.steward.from_a_frame")
    more = customers.join(session.table("shop.ref.countries"), F.col("country") == F.col("code")).filter("id > 60")
    more.select(F.col("id"), F.concat(F.col("phone"), F.col("name")).alias("m")).write.insertInto("work.steward.from_a_frame")


CHANGED = "work.steward.changed"


def test_changes_of_rows_run_through_the_gateway():
    session = new_session("steward")
    customers = session.table("shop.crm.customers")
    customers.filter("id < 20").select("id", "email", "country").write.format("delta").saveAsTable(CHANGED)
    session.sql(f"UPDATE {CHANGED} SET email = upper(country) WHERE id < 5").collect()
    session.sql(f"DELETE FROM {CHANGED} WHERE country = 'DE'").collect()
    session.sql(
        f"""MERGE INTO {CHANGED} t USING shop.crm.customers c ON t.id = c.id
            WHEN MATCHED AND c.city > 'M' THEN UPDATE SET email = lower(c.phone)
            WHEN NOT MATCHED AND c.id < 30 THEN INSERT (id, email, country) VALUES (c.id, c.email, c.country)"""
    ).collect()
    countries = session.table("shop.ref.countries").alias("s")
    countries.mergeInto(CHANGED, F.expr("changed.country = s.code")).whenMatched().update({"email": F.col("s.name")}).merge()
    try:
        session.sql(f"UPDATE {CHANGED} SET id = CAST(concat(email, '!') AS INT)").collect()
    except Exception:
        return
    raise AssertionError("no text is a number")


def test_a_stream_runs_through_the_gateway():
    orders = new_session("steward").readStream.table("shop.sales.orders")
    for query in ("streamed", "stopped"):
        rows = orders.select(F.col("total") * 2, F.col("id").alias(query))
        trigger = {"availableNow": True} if query == "streamed" else {"processingTime": "1 hour"}
        started = rows.writeStream.format("memory").queryName(query).trigger(**trigger).start()
        if query == "stopped":
            started.stop()
        else:
            started.awaitTermination()


def test_an_analysis_that_runs_is_asked_for_more_than_its_schema():
    cross = new_session("steward").table("shop.crm.customers").crosstab("country", "city").select(F.upper("country_city"))
    assert cross.columns == ["upper(country_city)"]
    assert not cross.isStreaming
    cross.semanticHash()
