"""What an engineer tries first."""

from door import new_session, refused, session
from pyspark.errors import AnalysisException, ParseException
from pyspark.sql import functions as F


def test_version_and_settings():
    spark = session("analyst")
    assert spark.version.startswith("4.")
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
    assert spark.range(3).count() == 3


def test_schema_of_a_table():
    schema = session("analyst").table("shop.crm.customers").schema
    assert schema.simpleString().startswith("struct<id:bigint,full_name:string,email:string,"), schema


def test_rows_are_masked_and_filtered_for_the_analyst():
    rows = session("analyst").table("shop.crm.customers").select("email", "country").collect()
    assert rows and all("***" in row.email for row in rows if row.email)
    assert {row.country for row in rows} == {
        row.code for row in session("analyst").table("shop.ref.countries").filter("eu").select("code").collect()
    } & {row.country for row in rows}


def test_the_steward_sees_more():
    steward, analyst = (session(user).table("shop.crm.customers") for user in ("steward", "analyst"))
    assert steward.count() > analyst.count()
    assert any("***" not in (row.email or "***") for row in steward.select("email").take(50))


def test_filter_select_show():
    frame = session("analyst").table("shop.crm.customers")
    frame.select("id", frame["country"]).filter(F.col("country") == "DE").show(2)
    assert frame.filter(frame.country == "DE").select("country").distinct().collect()[0][0] == "DE"


def test_sql_with_and_without_arguments():
    spark = session("analyst")
    assert spark.sql("SELECT count(*) AS n FROM shop.crm.customers").first().n > 0
    one = spark.sql("SELECT id FROM shop.crm.customers ORDER BY id LIMIT 1").first().id
    assert spark.sql("SELECT id FROM shop.crm.customers WHERE id = :id", args={"id": one}).first().id == one
    assert spark.sql("SELECT id FROM shop.crm.customers WHERE id = ?", args=[one]).first().id == one


def test_a_denied_table_is_an_analysis_exception_with_our_code():
    spark = session("analyst")
    message = refused("ACCESS_DENIED", lambda: spark.table("shop.hr.employees").show(), AnalysisException)
    assert "shop.hr.employees" in message and "SQLSTATE: 42501" in message
    refused("ACCESS_DENIED", lambda: spark.sql("SELECT * FROM shop.hr.employees"), AnalysisException)


def test_a_table_that_is_hidden_and_one_that_is_not_there_are_alike():
    def say(name):
        return refused("TABLE_OR_VIEW_NOT_FOUND", lambda: session("analyst").table(name).collect(), AnalysisException)

    assert say("shop.support.tickets").replace("support.tickets", "?") == say("shop.support.nothing").replace(
        "support.nothing", "?"
    )


def test_what_does_not_parse():
    message = refused("SYNTAX_ERROR", lambda: session("analyst").sql("SELEC 1"), ParseException)
    assert "line 1, column 1" in message


def test_sign_in():
    from door import ADDRESS

    for token in ("wrong", "slu_00000000-0000-0000-0000-000000000000_" + "A" * 43):
        spark = session("analyst").builder.remote(f"sc://{ADDRESS}/;token={token}").create()
        message = refused("UNAUTHENTICATED", lambda: spark.range(1).collect())
        assert token not in message


def test_the_session_ends():
    spark = new_session("analyst")
    assert spark.range(2).count() == 2
    spark.stop()
