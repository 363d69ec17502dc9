"""Functions that a session registers: called by name in SQL and expressions, run as all code of callers is."""

from door import new_session, refused, session
from functions import CUSTOMERS, collected, hidden_countries
from pyspark.sql.types import StringType


def registered(user: str = "analyst"):
    spark = new_session(user)

    def seen(*values):
        return "seen: " + ", ".join(str(value) for value in values)

    spark.udf.register("seen", seen, StringType())
    return spark


def test_sql_calls_it_over_masked_values_and_visible_rows():
    spark = registered()
    plain = collected(spark.table(CUSTOMERS).select("id", "email", "country", "national_id"))
    assert not {row[2] for row in plain} & hidden_countries()
    assert all(email is None or email.startswith(email[0] + "***") for _, email, _, _ in plain), plain[:3]
    coded = spark.sql(f"SELECT id, seen(email) AS e, country, SEEN(national_id) FROM {CUSTOMERS}")
    assert coded.columns == ["id", "e", "country", "seen(national_id)"], coded.columns
    assert collected(coded) == [(i, f"seen: {email}", country, f"seen: {number}") for i, email, country, number in plain]
    # In every place that a condition has, what is hidden stays so.
    spy = f"SELECT count(*) AS n FROM {CUSTOMERS} WHERE seen(country) IN (SELECT concat('seen: ', country) FROM {CUSTOMERS})"
    assert spark.sql(spy).first().n == len([row for row in plain if row[2] is not None])
    for country in hidden_countries():
        assert spark.sql(f"SELECT id FROM {CUSTOMERS} WHERE seen(country) = 'seen: {country}'").collect() == []


def test_it_has_no_name_of_sparks_own():
    spark = session("analyst")
    for name in ("upper", "Concat", "right", "reflect", "explode", "count", "current_user", "hash", "grouping_id"):
        refused("CONFLICT", lambda name=name: spark.udf.register(name, lambda value: "mine"))
    for name in ("a.b", "a b", "`a`", "parquet.`x`", "x" * 200, ""):
        refused("FEATURE_NOT_ALLOWED", lambda name=name: spark.udf.register(name, lambda value: "mine"))
    assert spark.sql(f"SELECT right(country, 1) AS r FROM {CUSTOMERS} WHERE country = 'DE' LIMIT 1").first().r == "E"


def test_without_the_right_it_is_refused():
    spark = session("engineer")
    refused("CODE_NOT_ALLOWED", lambda: spark.udf.register("seen", lambda value: value))
    spark = registered()
    message = refused("CODE_NOT_ALLOWED", lambda: spark.sql("SELECT seen(order_id) FROM shop.sales.order_items").collect())
    assert "order_items" in message, message
    refused("CODE_NOT_ALLOWED", lambda: spark.sql("SELECT seen(1)").collect())
    refused("CODE_NOT_ALLOWED", lambda: spark.range(3).selectExpr("seen(id)").collect())
    refused("CODE_NOT_ALLOWED", lambda: spark.udf.registerJavaFunction("seen2", "java.lang.String"))
