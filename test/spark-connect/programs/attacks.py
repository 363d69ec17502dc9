"""Ways around: each succeeds on the server itself, or shows there what is at stake, and fails through the gateway."""

import os
import uuid

import pyspark.sql.connect.proto as pb
from door import bare, new_session, refused, session
from google.protobuf import any_pb2
from pyspark.sql import functions as F

PATH = os.path.join(os.environ["LAKE_FOLDER"], "crm", "customers.parquet")
ORDERS = os.path.join(os.environ["LAKE_FOLDER"], "sales", "orders.parquet")
TABLE = "shop.crm.customers"
BARE = bare()
BARE.read.parquet(PATH).createOrReplaceTempView("customers")


def attack(work, condition):
    """`work(spark, table)`: goes through on the bare server, is refused by the gateway."""
    assert work(BARE, "customers") is not None
    return refused(condition, lambda: work(session("analyst"), TABLE))


def tidy_up():
    """A table that stays on the server is none of the gateway's: every other spec would find it untrusted."""
    for table in BARE.catalog.listTables("default"):
        if not table.isTemporary:
            BARE.sql(f"DROP TABLE {table.name}")
    assert not [table for table in BARE.catalog.listTables("default") if not table.isTemporary]


# ------------------------------------------------------------------- paths


def test_a_path_in_the_place_of_a_table():
    attack(lambda spark, _: spark.table(f"parquet.`{PATH}`").count(), "TABLE_OR_VIEW_NOT_FOUND")
    attack(lambda spark, _: spark.table("text.`/etc/hostname`").count(), "TABLE_OR_VIEW_NOT_FOUND")


def test_a_path_in_sql():
    attack(lambda spark, _: spark.sql(f"SELECT * FROM parquet.`{PATH}`").count(), "FEATURE_NOT_ALLOWED")
    attack(lambda spark, _: spark.sql("SELECT * FROM text.`/etc/hostname`").collect(), "FEATURE_NOT_ALLOWED")
    attack(lambda spark, _: spark.sql(f"SELECT (SELECT count(*) FROM parquet.`{PATH}`)").collect(), "FEATURE_NOT_ALLOWED")


def test_a_path_in_a_reader():
    attack(lambda spark, _: spark.read.parquet(PATH).count(), "FEATURE_NOT_ALLOWED")
    attack(lambda spark, _: spark.read.text("/etc/hostname").collect(), "FEATURE_NOT_ALLOWED")
    attack(lambda spark, _: spark.read.format("binaryFile").load("/etc/hostname").count(), "FEATURE_NOT_ALLOWED")
    attack(lambda spark, _: spark.readStream.format("rate").load().isStreaming, "FEATURE_NOT_ALLOWED")


def test_a_path_in_the_catalogue():
    def create(spark, _):
        name = f"t{uuid.uuid4().hex}"
        return spark.catalog.createTable(name, path=os.path.dirname(PATH), source="parquet")

    attack(create, "FEATURE_NOT_ALLOWED")
    tidy_up()
    refused("FEATURE_NOT_ALLOWED", lambda: session("analyst").catalog.refreshByPath(PATH))
    refused("FEATURE_NOT_ALLOWED", lambda: session("analyst").catalog.recoverPartitions(TABLE))


def test_writes():
    folder = f"/tmp/sluice-attack-{uuid.uuid4().hex}"
    attack(lambda spark, table: spark.table(table).limit(1).write.parquet(f"{folder}/{uuid.uuid4().hex}") or 1, "FEATURE_NOT_ALLOWED")
    attack(lambda spark, table: spark.table(table).limit(1).write.saveAsTable(f"t{uuid.uuid4().hex}") or 1, "ACCESS_DENIED")
    tidy_up()


# ---------------------------------------------------------------- identifiers


def test_names_that_are_more_than_names():
    spark = session("analyst")
    for name in (
        f"{TABLE} -- ",
        f"{TABLE} /* */",
        f"{TABLE}\n",
        f"{TABLE} VERSION AS OF 1",
        f"{TABLE} TIMESTAMP AS OF '2026-01-01'",
        f"{TABLE}@v1",
        "(SELECT 1)",
        f"{TABLE} t",
        f"{TABLE};",
        "`" + TABLE,
        "",
    ):
        refused("SYNTAX_ERROR", lambda name=name: spark.table(name).collect())
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: spark.table(f"`{TABLE}`").collect())
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: spark.table("shop.`crm.customers`").collect())
    assert spark.table("SHOP.`crm`.Customers").limit(1).count() == 1


# ------------------------------------------------------------------ SQL text


def test_sql_in_the_place_of_an_expression():
    attack(lambda spark, table: spark.range(1).filter(f"(SELECT count(*) FROM {table}) > 0").count(), "FEATURE_NOT_ALLOWED")
    attack(lambda spark, table: spark.range(1).select(F.expr(f"EXISTS (SELECT * FROM {table})")).count(), "FEATURE_NOT_ALLOWED")
    attack(lambda spark, table: spark.range(1).selectExpr(f"id IN (SELECT id FROM {table})").count(), "FEATURE_NOT_ALLOWED")
    attack(lambda spark, _: spark.range(1).agg(F.expr("count(*) FILTER (WHERE (SELECT true))")).count(), "FEATURE_NOT_ALLOWED")
    attack(lambda spark, table: spark.range(1).orderBy(F.expr(f"(SELECT max(id) FROM {table})")).count(), "FEATURE_NOT_ALLOWED")


def test_statements_that_are_no_questions():
    spark = session("analyst")
    for text in (
        "SET spark.sql.ansi.enabled=false",
        "CREATE TEMPORARY FUNCTION right AS 'x.Y'",
        f"CREATE TEMPORARY VIEW v USING parquet OPTIONS (path '{PATH}')",
        f"CREATE TABLE t USING parquet LOCATION '{PATH}'",
        "ADD JAR '/tmp/x.jar'",
        f"INSERT OVERWRITE DIRECTORY '/tmp/x' USING csv SELECT * FROM {TABLE}",
        f"CACHE TABLE {TABLE}",
        "CLEAR CACHE",
        "RESET",
        f"REFRESH TABLE {TABLE}",
    ):
        try:
            spark.sql(text).collect()
        except Exception as error:
            assert any(code in str(error) for code in ("STATEMENT_NOT_ALLOWED", "FEATURE_NOT_ALLOWED", "SYNTAX_ERROR")), error
        else:
            raise AssertionError(f"{text} went through")


# ------------------------------------------------------------- the wire itself


def execute(spark, plan, change=None):
    client = spark._client
    request = client._execute_plan_request_with_metadata()
    request.operation_id = str(uuid.uuid4())
    request.plan.CopyFrom(plan)
    if change is not None:
        change(request)
    answers = []
    try:
        for answer in client._stub.ExecutePlan(request, metadata=client._builder.metadata()):
            answers.append(answer)
    except Exception as error:
        client._handle_error(error)
    return answers


def named(table):
    plan = pb.Plan()
    plan.root.read.named_table.unparsed_identifier = table
    return plan


def with_unknown_field(message):
    """The same message with field 12345 (a varint) that no release knows."""
    copy = type(message)()
    copy.ParseFromString(message.SerializeToString() + b"\xc8\x83\x06\x01")
    return copy


def test_unknown_fields_are_not_ignored():
    def at_root(spark, table):
        return execute(spark, with_unknown_field(named(table)))

    def deep(spark, table):
        plan = pb.Plan()
        plan.root.limit.limit = 1
        plan.root.limit.input.CopyFrom(with_unknown_field(named(table).root))
        return execute(spark, plan)

    def around(spark, table):
        return execute(spark, named(table), lambda r: r.user_context.CopyFrom(with_unknown_field(r.user_context)))

    for work in (at_root, deep, around):
        attack(work, "FEATURE_NOT_ALLOWED")


def test_extensions():
    extension = any_pb2.Any(type_url="type.googleapis.com/x.Y", value=b"z")

    def of_the_user(spark, table):
        return execute(spark, named(table), lambda r: r.user_context.extensions.append(extension))

    attack(of_the_user, "FEATURE_NOT_ALLOWED")
    for fill in (
        lambda plan: plan.root.extension.CopyFrom(extension),
        lambda plan: plan.command.extension.CopyFrom(extension),
    ):
        plan = pb.Plan()
        fill(plan)
        refused("FEATURE_NOT_ALLOWED", lambda plan=plan: execute(session("analyst"), plan))
    plan = pb.Plan()
    expression = plan.root.project.expressions.add()
    expression.extension.CopyFrom(extension)
    plan.root.project.input.range.end = 1
    refused("FEATURE_NOT_ALLOWED", lambda: execute(session("analyst"), plan))


def test_oneofs_without_a_case():
    spark = session("analyst")
    plans = [pb.Plan() for _ in range(6)]
    plans[1].root.SetInParent()
    plans[2].root.read.SetInParent()
    plans[3].root.filter.input.range.end = 1
    plans[3].root.filter.condition.SetInParent()
    plans[4].command.SetInParent()
    plans[5].root.catalog.SetInParent()
    for plan in plans:
        refused("FEATURE_NOT_ALLOWED", lambda plan=plan: execute(spark, plan))


def test_a_compressed_plan():
    if "compressed_operation" not in pb.Plan.DESCRIPTOR.fields_by_name:
        return
    import zstandard

    def compressed(spark, table):
        plan = pb.Plan()
        plan.compressed_operation.data = zstandard.compress(named(f"parquet.`{PATH}`").root.SerializeToString())
        plan.compressed_operation.op_type = 1
        plan.compressed_operation.compression_codec = 1
        return execute(spark, plan)

    assert compressed(BARE, None)
    try:
        compressed(session("analyst"), None)
    except Exception as error:
        assert "CANNOT_PARSE" in str(error) or "TABLE_OR_VIEW_NOT_FOUND" in str(error)
    else:
        raise AssertionError("a compressed plan was not judged")


def test_kinds_that_are_not_let_through():
    spark = session("analyst")
    stream = pb.Plan()
    stream.root.sample.input.read.is_streaming = True
    stream.root.sample.input.read.data_source.format = "rate"
    options = pb.Plan()
    options.root.read.named_table.unparsed_identifier = TABLE
    options.root.read.named_table.options["versionAsOf"] = "1"
    external = pb.Plan()
    external.command.execute_external_command.runner = "x.Y"
    resources = pb.Plan()
    resources.command.get_resources_command.SetInParent()
    profile = pb.Plan()
    profile.command.create_resource_profile_command.SetInParent()
    for plan in (stream, options, external, resources, profile):
        refused("FEATURE_NOT_ALLOWED", lambda plan=plan: execute(spark, plan))
    if hasattr(pb.Relation, "relation_changes"):
        plan = pb.Plan()
        plan.root.relation_changes.unparsed_identifier = TABLE
        refused("FEATURE_NOT_ALLOWED", lambda: execute(spark, plan))


# ----------------------------------------------------- other people's things


def spoofed(of, by):
    """A session of one principal, asked for by another, who says to be the first."""
    copy = new_session(by)
    copy._client._session_id = of._client._session_id
    copy._client._user_id = of._client._user_id
    return copy


def test_someone_elses_session():
    owner, thief = BARE, bare()
    thief._client._session_id = owner._client._session_id
    thief._client._user_id = owner._client._user_id
    assert thief.table("customers").count() > 0
    steward = new_session("steward")
    steward.range(1).createOrReplaceTempView("secret")
    refused("TABLE_OR_VIEW_NOT_FOUND", lambda: spoofed(steward, "analyst").table("secret").count())


def test_a_user_that_one_says_to_be():
    spark = new_session("analyst")
    spark._client._user_id = "steward"
    assert spark.range(1).select(F.current_user()).first()[0] == "analyst"
    assert spark.table(TABLE).count() == session("analyst").table(TABLE).count() < session("steward").table(TABLE).count()


def reattach(spark, session_id, operation_id):
    client = spark._client
    request = pb.ReattachExecuteRequest(session_id=session_id, operation_id=operation_id)
    if client._user_id:
        request.user_context.user_id = client._user_id
    try:
        return list(client._stub.ReattachExecute(request, metadata=client._builder.metadata()))
    except Exception as error:
        client._handle_error(error)


def started(spark, table):
    """A finished operation whose answers were not let go of."""
    ids = {}

    def change(request):
        option = pb.ExecutePlanRequest.RequestOption(reattach_options=pb.ReattachOptions(reattachable=True))
        request.request_options.append(option)
        ids["operation"] = request.operation_id

    execute(spark, named(table), change)
    return ids["operation"]


def test_someone_elses_answers():
    operation = started(BARE, "customers")
    thief = bare()
    thief._client._user_id = BARE._client._user_id
    assert reattach(thief, BARE._client._session_id, operation)
    steward = new_session("steward")
    operation = started(steward, TABLE)
    analyst = spoofed(steward, "analyst")
    refused("INVALID_HANDLE.OPERATION_NOT_FOUND", lambda: reattach(analyst, steward._client._session_id, operation))
    assert reattach(steward, steward._client._session_id, operation)


def test_someone_elses_operations_and_session_stay():
    steward = new_session("steward")
    operation = started(steward, TABLE)
    analyst = spoofed(steward, "analyst")
    assert analyst.interruptAll() == [] and analyst.interruptOperation(operation) == []
    analyst._client.release_session()
    assert steward.range(2).count() == 2
    assert reattach(steward, steward._client._session_id, operation)


def test_clones():
    def clone(spark, _):
        client = spark._client
        request = pb.CloneSessionRequest(session_id=client._session_id, new_session_id=str(uuid.uuid4()))
        if client._user_id:
            request.user_context.user_id = client._user_id
        try:
            return client._stub.CloneSession(request, metadata=client._builder.metadata())
        except Exception as error:
            client._handle_error(error)

    if hasattr(pb, "CloneSessionRequest"):
        attack(clone, "FEATURE_NOT_ALLOWED")


def test_someone_elses_errors():
    steward = new_session("steward")
    analyst = spoofed(steward, "analyst")
    client = analyst._client
    answer = client._stub.FetchErrorDetails(
        pb.FetchErrorDetailsRequest(session_id=client._session_id, error_id=str(uuid.uuid4())),
        metadata=client._builder.metadata(),
    )
    assert not answer.errors


def test_someone_elses_checkpoint():
    steward = new_session("steward")
    kept = steward.table(TABLE).localCheckpoint()
    plan = pb.Plan()
    plan.root.cached_remote_relation.relation_id = kept._plan._relation_id if hasattr(
        kept._plan, "_relation_id"
    ) else kept._plan._relationId
    assert execute(steward, plan)
    refused("NOT_FOUND", lambda: execute(session("analyst"), plan))
    refused("NOT_FOUND", lambda: execute(new_session("steward"), plan))


def test_rows_that_were_never_uploaded():
    plan = pb.Plan()
    plan.root.cached_local_relation.hash = "0" * 64
    refused("NOT_FOUND", lambda: execute(session("analyst"), plan))


# ----------------------------------------------------------------- settings


def test_settings_that_tell_or_change():
    assert BARE.conf.get("spark.master") and BARE.conf.getAll
    spark = session("analyst")
    for key in ("spark.master", "spark.connect.authenticate.token", "spark.sql.warehouse.dir", "spark.hadoop.fs.s3a.secret.key"):
        refused("CONFIG_NOT_ALLOWED", lambda key=key: spark.conf.get(key))
        refused("CONFIG_NOT_ALLOWED", lambda key=key: spark.conf.get(key, "default"))
    for key, value in {
        "spark.sql.catalog.evil": "x.Y",
        "spark.sql.optimizer.excludedRules": "x",
        "spark.sql.functionResolution.sessionOrder": "first",
        "spark.sql.ansi.enabled": "false",
        "spark.sql.session.timeZone": "UTC; DROP",
        "spark.sql.shuffle.partitions": "many",
        "spark.sql.caseSensitive": "true",
    }.items():
        refused("CONFIG_NOT_ALLOWED", lambda key=key, value=value: spark.conf.set(key, value))
    shown = spark.conf.getAll
    assert "spark.sql.session.timeZone" in shown and not any("token" in key or "master" in key for key in shown)


# --------------------------------------------------------------------- code


def test_code_is_not_taken():
    path = f"/tmp/sluice_attack_{uuid.uuid4().hex}.py"
    with open(path, "w", encoding="utf8") as file:
        file.write("x = 1\n")
    attack(lambda spark, _: spark.addArtifact(path, pyfile=True) or 1, "CODE_NOT_ALLOWED")
    attack(lambda spark, _: spark.addArtifact(path, file=True) or 1, "CODE_NOT_ALLOWED")
    os.remove(path)
    spark = session("analyst")
    frame = spark.range(1)
    udf = F.udf(lambda x: x, "long")
    message = refused("CODE_NOT_ALLOWED", lambda: frame.select(udf("id")).collect())
    assert "SLUICE_SPARK_CODE_URL" in message, message
    refused("CODE_NOT_ALLOWED", lambda: frame.select(udf("id")).schema)
    refused("CODE_NOT_ALLOWED", lambda: spark.udf.register("right", lambda x: x))
    refused("CODE_NOT_ALLOWED", lambda: frame.mapInPandas(lambda it: it, "id long").collect())
    refused("CODE_NOT_ALLOWED", lambda: frame.groupBy("id").applyInPandas(lambda pdf: pdf, "id long").collect())
    refused("CODE_NOT_ALLOWED", lambda: spark.udf.registerJavaFunction("f", "x.Y"))


def test_functions_that_reach_out():
    frame = session("analyst").table(TABLE)
    for call in (
        F.call_function("reflect", F.lit("java.lang.System"), F.lit("getProperty"), F.lit("user.home")),
        F.call_function("java_method", F.lit("java.lang.System"), F.lit("getProperty"), F.lit("user.home")),
        F.input_file_name(),
        F.call_function("input_file_block_start"),
        F.call_function("from_avro", "id", F.lit("{}")),
        F.call_function("xpath", F.lit("<a/>"), F.lit("a")),
        F.call_function("sluice_mask_email", "email"),
    ):
        refused("FUNCTION_NOT_ALLOWED", lambda call=call: frame.select(call).collect())
    assert BARE.table("customers").select(F.input_file_name()).first()[0].startswith("file:")


def test_machine_learning_with_sql_in_it():
    plan = pb.Plan()
    transform = plan.root.ml_relation.transform
    transform.input.range.end = 1
    transform.transformer.name = "org.apache.spark.ml.feature.SQLTransformer"
    transform.params.params["statement"].string = f"SELECT * FROM parquet.`{PATH}`"
    refused("FEATURE_NOT_ALLOWED", lambda: execute(session("analyst"), plan))


def test_classes_in_schemas():
    spark = session("analyst")
    plan = pb.Plan()
    plan.root.local_relation.schema = '{"type":"struct","fields":[{"name":"a","type":{"type":"udt","class":"x.Y"},"nullable":true,"metadata":{}}]}'
    refused("FEATURE_NOT_ALLOWED", lambda: execute(spark, plan))
    schema = '{"type":"udt","class":"x.Y","pyClass":null,"sqlType":"string"}'
    refused("FEATURE_NOT_ALLOWED", lambda: spark.range(1).select(F.from_json(F.lit("{}"), F.lit(schema))).collect())


# ------------------------------------------------------------- what is hidden


def test_where_rows_are_stored():
    assert BARE.read.parquet(PATH).select("_metadata.file_path").first()[0].startswith("file:")
    spark = session("analyst")
    frame = spark.table(TABLE)
    for work in (
        lambda: frame.select("_metadata.file_path").collect(),
        lambda: frame.select("_METADATA.file_path").collect(),
        lambda: frame.select("`_metadata`").collect(),
        lambda: frame.select(frame.metadataColumn("_metadata")).collect(),
        lambda: frame.select(F.expr("_metadata.file_path")).collect(),
        lambda: frame.crosstab("_metadata.file_path", "country").collect(),
        lambda: frame.drop("_metadata").join(frame, "_metadata").collect(),
        lambda: frame.inputFiles(),
    ):
        refused("FEATURE_NOT_ALLOWED", work)
    refused("UNRESOLVED_COLUMN", lambda: spark.sql(f"SELECT _metadata.file_path FROM {TABLE}").collect())


def test_explain_and_errors_tell_no_names_of_ours():
    import contextlib
    import io

    assert PATH.rsplit("/", 1)[0] in BARE.read.parquet(PATH)._explain_string() if hasattr(
        BARE.read.parquet(PATH), "_explain_string"
    ) else True
    spark = session("analyst")
    with contextlib.redirect_stdout(io.StringIO()) as out:
        spark.table(TABLE).filter("id = 1").explain(True)
    text = out.getvalue()
    assert PATH not in text and "global_temp" not in text and "IN (" not in text, text
    value = "4711-secret"
    frame = spark.createDataFrame([(value,)], "a STRING")
    message = refused("CAST_INVALID_INPUT", lambda: frame.select(F.col("a").cast("int")).collect())
    assert value not in message
    assert value in str(bare_error(value))


def bare_error(value):
    try:
        BARE.createDataFrame([(value,)], "a STRING").select(F.col("a").cast("int")).collect()
    except Exception as error:
        return error


def test_metrics_do_not_count_hidden_rows():
    def metrics(spark, table):
        return [answer for answer in execute(spark, named(table)) if answer.HasField("metrics")]

    assert metrics(BARE, "customers")
    assert not metrics(session("analyst"), TABLE)


def test_an_observation_sees_what_the_caller_sees():
    from pyspark.sql import Observation

    seen = Observation("n")
    frame = session("analyst").table(TABLE).observe(seen, F.count(F.lit(1)).alias("n"), F.max("email").alias("e"))
    frame.collect()
    assert seen.get["n"] == session("analyst").table(TABLE).count() and "***" in seen.get["e"]


# --------------------------------------------------- predicates that raise


def hidden_id(table, key, visible):
    """The key of a row that is not shown to `visible`."""
    shown = {row[0] for row in session(visible).table(table).select(key).collect()}
    return next(row[0] for row in session("steward").table(table).select(key).collect() if row[0] not in shown)


def test_a_predicate_that_raises_on_a_hidden_row():
    hidden = hidden_id(TABLE, "id", "analyst")
    probe = f"1 / (id - {hidden}) > -2"
    spark = session("analyst")
    assert spark.table(TABLE).filter(probe).count() == spark.table(TABLE).count()
    assert spark.table(TABLE).filter(F.expr(f"cast(if(id = {hidden}, 'x', '1') AS INT) = 1")).count() > 0
    assert spark.sql(f"SELECT * FROM {TABLE} WHERE {probe}").count() == spark.table(TABLE).count()
    assert spark.table(TABLE).select(F.expr(f"1 / (id - {hidden})")).count() > 0


def test_a_predicate_that_raises_behind_a_rule_with_a_subquery():
    orders = "shop.sales.orders"
    hidden = hidden_id(orders, "id", "engineer")
    probe = f"1 / (id - {hidden}) > -2"
    # The same rule written by hand on the server lets the predicate run first.
    BARE.read.parquet(ORDERS).createOrReplaceTempView("orders")
    rule = "customer_id IN (SELECT id FROM customers WHERE country = 'DE')"
    try:
        BARE.table("orders").filter(rule).filter(probe).count()
        raised = False
    except Exception as error:
        raised = "DIVIDE_BY_ZERO" in str(error)
    assert raised, "the server has become more careful: is the fence still needed?"
    spark = session("engineer")
    assert spark.table(orders).filter(probe).count() == spark.table(orders).count() > 0
    assert spark.table(orders).join(spark.range(3), F.expr(f"1 / (shop.sales.orders.id - {hidden}) > -2")).count() > 0


def test_a_time_zone_does_not_move_a_rule():
    orders = "shop.sales.orders"
    spark = new_session("privacy")
    seen = spark.table(orders).count()
    assert 0 < seen < session("steward").table(orders).count()
    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    refused("FEATURE_NOT_ALLOWED", lambda: spark.table(orders).count())
    # Where no rule goes by time, the zone is the caller's to set.
    other = new_session("analyst")
    other.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    assert other.table(orders).count() == session("analyst").table(orders).count()


# --------------------------------------------------------------- bad bytes


def test_bytes_that_are_no_message():
    import grpc

    spark = session("analyst")
    client = spark._client
    for method in ("ExecutePlan", "AnalyzePlan", "Config", "Interrupt", "ReleaseSession"):
        call = client._channel.unary_stream(
            f"/spark.connect.SparkConnectService/{method}",
            request_serializer=lambda data: data,
            response_deserializer=lambda data: data,
        )
        for data in (b"\xff" * 50, b"\x0a", named(TABLE).SerializeToString()[:-3] + b"\xff", os.urandom(200)):
            try:
                list(call(data, metadata=client._builder.metadata()))
            except grpc.RpcError as error:
                assert "BAD_REQUEST" in error.details() or "INVALID_HANDLE" in error.details() or "FEATURE" in error.details()
            else:
                raise AssertionError(f"{method} took {data!r}")


def test_a_plan_that_nests_too_deeply():
    plan = pb.Plan()
    relation = plan.root
    for _ in range(600):
        relation.limit.limit = 1
        relation = relation.limit.input
    relation.range.end = 1
    refused("BAD_REQUEST", lambda: execute(session("analyst"), plan))
    assert session("analyst").range(1).count() == 1
