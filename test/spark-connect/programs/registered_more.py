"""More of functions that a session registers: SQL of every shape, expressions, and where they do not stand."""

from door import new_session, refused
from functions import CUSTOMERS, ORDERS, collected
from pyspark.errors import AnalysisException
from pyspark.sql import functions as F
from pyspark.sql.types import LongType
from registered import registered


def test_sql_of_every_shape():
    spark = registered()
    joined = f"""
        WITH named AS (SELECT id, seen(full_name) AS name, country FROM {CUSTOMERS} WHERE country IS NOT NULL)
        SELECT n.country, count(DISTINCT n.name) AS names, sum(o.total) AS total
        FROM named n JOIN {ORDERS} o ON n.id = o.customer_id AND seen(o.status) <> 'seen: nothing'
        WHERE o.total > 0 AND EXISTS (SELECT 1 FROM {ORDERS} x WHERE x.customer_id = n.id AND x.total >= o.total)
        GROUP BY n.country HAVING count(*) > 0 ORDER BY n.country"""
    plain = joined.replace("seen(full_name)", "concat('seen: ', full_name)").replace("seen(o.status)", "concat('seen: ', o.status)")
    assert [tuple(row) for row in spark.sql(joined).collect()] == [tuple(row) for row in spark.sql(plain).collect()]
    ranked = f"SELECT id, rank() OVER (PARTITION BY seen(country) ORDER BY id) AS r FROM {CUSTOMERS} ORDER BY id LIMIT 5"
    plain = ranked.replace("seen(country)", "country")
    assert spark.sql(ranked).collect() == spark.sql(plain).collect()
    spark.table(CUSTOMERS).select("id", "email").createOrReplaceTempView("people")
    by_view = spark.sql("SELECT seen(email) AS e FROM people WHERE id < :most", {"most": 5})
    assert collected(by_view) == [(f"seen: {row.email}",) for row in sorted(spark.table("people").filter("id < 5").collect(), key=lambda row: str(row.email))]
    frame = spark.table(CUSTOMERS)
    assert spark.sql("SELECT count(seen(id)) AS n FROM {frame}", frame=frame).first().n == frame.count()
    assert spark.sql(f"SELECT seen(id) FROM {CUSTOMERS} UNION SELECT seen(id) FROM {CUSTOMERS}").count() == frame.count()


def test_expressions_call_it():
    spark = registered()
    customers = spark.table(CUSTOMERS)
    plain = [(f"seen: {row.email}",) for row in customers.select("email").collect()]
    for coded in (
        customers.selectExpr("seen(email) AS e"),
        customers.select(F.expr("concat(seen(email), '')")),
        customers.select(F.call_function("seen", "email")),
        customers.select(F.call_udf("Seen", F.col("email"))),
    ):
        assert collected(coded) == sorted(plain), coded
    assert customers.filter("seen(country) = 'seen: DE'").count() == customers.filter("country = 'DE'").count()
    assert customers.select(F.expr("seen(id, country) AS both")).columns == ["both"]


def test_it_is_the_sessions_own():
    spark = registered()
    other = new_session("analyst")
    refused("FUNCTION_NOT_ALLOWED", lambda: other.sql(f"SELECT seen(email) FROM {CUSTOMERS}").collect())
    refused("FUNCTION_NOT_ALLOWED", lambda: other.table(CUSTOMERS).selectExpr("seen(email)").collect())
    spark.udf.register("seen", lambda value: 7, LongType())
    assert spark.sql(f"SELECT seen(email) AS s FROM {CUSTOMERS} LIMIT 1").first().s == 7
    assert spark.table(CUSTOMERS).selectExpr("seen(email) + 1 AS s").first().s == 8


def test_it_stands_in_no_view_and_no_write():
    spark = registered()
    refused("CODE_NOT_ALLOWED", lambda: spark.sql(f"SELECT seen(email) FROM {CUSTOMERS}").createOrReplaceTempView("coded"))
    refused("CODE_NOT_ALLOWED", lambda: spark.table(CUSTOMERS).selectExpr("seen(email)").createOrReplaceTempView("coded"))
    refused("CODE_NOT_ALLOWED", lambda: spark.sql(f"CREATE TABLE sandbox_analyst.coded AS SELECT seen(email) AS e FROM {CUSTOMERS}").collect())
    refused("CODE_NOT_ALLOWED", lambda: spark.sql(f"SELECT seen(email) AS e FROM {CUSTOMERS}").localCheckpoint())
    refused("CODE_NOT_ALLOWED", lambda: spark.sql(f"SELECT seen(email) AS e FROM {CUSTOMERS}").persist().count())
    refused("UNRESOLVED_COLUMN", lambda: spark.sql(f"SELECT seen(nothing) FROM {CUSTOMERS}").collect(), AnalysisException)
