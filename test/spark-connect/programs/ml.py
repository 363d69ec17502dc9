"""Machine learning: what works on governed rows, and ways around. One session is active at a time, as pyspark.ml has it."""

import contextlib
import io
import os
import re
import uuid

import pyspark.sql.connect.proto as pb
from door import ADDRESS, TOKENS, refused, url
from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression, LogisticRegressionModel
from pyspark.ml.clustering import KMeans
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import SQLTransformer, StringIndexer, StringIndexerModel, VectorAssembler
from pyspark.ml.stat import Correlation
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from streams import rest

ORDERS = "shop.sales.orders"
SECRET = "/etc/hostname"


@contextlib.contextmanager
def active(address):
    """The active session, as model attributes ask for it."""
    spark = SparkSession.builder.remote(address).create()
    try:
        yield spark
    finally:
        spark.stop()


def orders(spark):
    frame = spark.table(ORDERS)
    return frame.select(
        F.col("total").cast("double").alias("total"),
        "country",
        (F.col("id") % 3).cast("double").alias("b"),
        (F.col("id") % 2).cast("double").alias("label"),
    )


def features(frame, *names):
    return VectorAssembler(inputCols=list(names or ("total", "b")), outputCol="features").transform(frame)


def name():
    return f"m_{uuid.uuid4().hex}"


# ------------------------------------------------------------------- what works


def test_a_model_learns_from_what_may_be_seen():
    seen = {}
    for user in ("analyst", "steward"):
        with active(url(user)) as spark:
            model = StringIndexer(inputCol="country", outputCol="place").fit(orders(spark))
            seen[user] = set(model.labels)
            assert seen[user] == {row[0] for row in orders(spark).select("country").distinct().collect()}
    assert seen["analyst"] < seen["steward"]


def test_fit_transform_evaluate_and_attributes():
    with active(url("analyst")) as spark:
        rows = features(orders(spark).limit(500))
        model = LogisticRegression(maxIter=3).fit(rows)
        assert len(model.coefficients) == 2 and 0 <= model.summary.accuracy <= 1
        predicted = model.transform(rows)
        assert predicted.count() == rows.count()
        assert {row.prediction for row in predicted.select("prediction").distinct().collect()} <= {0.0, 1.0}
        assert 0 <= BinaryClassificationEvaluator().evaluate(predicted) <= 1
        assert model.summary.roc.count() > 1
        assert model.summary.predictions.count() == rows.count()
        assert spark.client._get_ml_cache_info()
        assert Correlation.corr(rows, "features").count() == 1
        centers = KMeans(k=2, seed=1, maxIter=2).fit(rows).clusterCenters()
        assert len(centers) == 2


def test_pipelines_and_searches_run_in_the_client():
    with active(url("analyst")) as spark:
        # Governed once: a search reads its rows many times.
        frame = spark.createDataFrame(orders(spark).limit(200).toPandas()).coalesce(1)
        stages = [
            StringIndexer(inputCol="country", outputCol="place"),
            VectorAssembler(inputCols=["total", "place"], outputCol="features"),
            LogisticRegression(maxIter=2),
        ]
        assert Pipeline(stages=stages).fit(frame).transform(frame).count() == frame.count()
        regression = LogisticRegression()
        grid = ParamGridBuilder().addGrid(regression.maxIter, [1, 2]).build()
        search = CrossValidator(
            estimator=regression, estimatorParamMaps=grid, evaluator=BinaryClassificationEvaluator(), numFolds=2, seed=1
        )
        assert len(search.fit(features(frame)).avgMetrics) == 2


def test_saved_and_loaded_by_name():
    saved = name()
    with active(url("analyst")) as spark:
        model = LogisticRegression(maxIter=2).fit(features(orders(spark)))
        model.save(saved)
        refused("CONFLICT", lambda: model.save(saved))
        model.write().overwrite().save(saved)
        coefficients = model.coefficients
    with active(url("analyst")) as spark:
        again = LogisticRegressionModel.load(saved)
        assert again.coefficients == coefficients
        assert again.transform(features(orders(spark))).select("prediction").count() > 0
        VectorAssembler(inputCols=["a"], outputCol="f").save(f"{saved}_va")
        assert VectorAssembler.load(f"{saved}_va").getInputCols() == ["a"]
        refused("NOT_FOUND", lambda: LogisticRegressionModel.load(f"{saved}_va"))
    with active(url("steward")):
        refused("NOT_FOUND", lambda: LogisticRegressionModel.load(saved))


def test_a_saved_model_is_there_while_rights_are_those_it_was_trained_under():
    saved = name()
    with active(url("engineer")) as spark:
        StringIndexer(inputCol="code", outputCol="place").fit(spark.table("shop.ref.countries")).save(saved)
        assert StringIndexerModel.load(saved).labels
    rule = {"name": "eu", "on": ["shop.ref.countries"], "to": ["user:engineer"], "mode": "restrictive", "where": "eu"}
    rest("/v1/policies", "admin", "POST", {"kind": "policy", "name": "for-models", "rows": [rule]})
    try:
        with active(url("engineer")) as spark:
            assert spark.table("shop.ref.countries").filter("NOT eu").count() == 0
            refused("NOT_FOUND", lambda: StringIndexerModel.load(saved))
    finally:
        rest("/v1/policies/for-models", "admin", "DELETE")
    with active(url("engineer")) as spark:
        assert StringIndexerModel.load(saved).labels


def test_every_block_of_the_guide():
    guide = os.path.join(os.path.dirname(__file__), "..", "..", "..", "docs", "how-to", "ml.md")
    with open(guide, encoding="utf8") as file:
        blocks = re.findall(r"```python\n(.*?)```", file.read(), re.S)
    assert len(blocks) >= 2
    names = {}
    with contextlib.redirect_stdout(io.StringIO()) as out:
        for block in blocks:
            address = f"sc://{ADDRESS}/;token={TOKENS['analyst']}"
            exec(block.replace("sc://localhost:15002/;token=slu_...", address).replace("getOrCreate", "create"), names)
    assert len(out.getvalue().split("\n")) > 3
    names["spark"].stop()


# -------------------------------------------------------------------- ways around


def test_sql_in_a_transformer():
    def attack(spark):
        frame = spark.range(1)
        return SQLTransformer(statement=f"SELECT value FROM text.`{SECRET}`").transform(frame).collect()

    with active(os.environ["BARE_SPARK"]) as plain:
        assert attack(plain)
    with active(url("analyst")) as spark:
        refused("FEATURE_NOT_ALLOWED", lambda: attack(spark))


def test_paths_of_models():
    folder = f"/tmp/sluice-attack-{uuid.uuid4().hex}"
    with active(os.environ["BARE_SPARK"]) as plain:
        VectorAssembler(inputCols=["a"], outputCol="f").save(folder)
        assert os.path.exists(folder)
    with active(url("analyst")) as spark:
        model = StringIndexer(inputCol="country", outputCol="place").fit(orders(spark))
        for path in (f"{folder}2", f"file://{folder}2", "../x", "a/b", "..", ".hidden", "", "a\n", "s3://b/x"):
            refused("FEATURE_NOT_ALLOWED", lambda path=path: model.save(path))
            refused("FEATURE_NOT_ALLOWED", lambda path=path: StringIndexerModel.load(path))
        refused("FEATURE_NOT_ALLOWED", lambda: VectorAssembler.load(folder))
        refused("FEATURE_NOT_ALLOWED", lambda: model.write().option("path", folder).save(name()))
        assert not os.path.exists(f"{folder}2")


def test_classes_and_attributes_that_are_not_listed():
    with active(url("analyst")) as spark:
        rows = features(orders(spark))
        model = LogisticRegression(maxIter=1).fit(rows)
        for attribute in ("getClass", "sparkSession", "write", "save", "parent", "toLocal"):
            refused("FEATURE_NOT_ALLOWED", lambda attribute=attribute: model._call_java(attribute))
        for operator in ("java.lang.Runtime", "org.apache.spark.ml.feature.SQLTransformer", "org.apache.spark.ml.Pipeline"):
            command = pb.Command()
            command.ml_command.fit.estimator.name = operator
            command.ml_command.fit.dataset.CopyFrom(rows._plan.to_proto(spark.client).root)
            refused("FEATURE_NOT_ALLOWED", lambda command=command: spark.client.execute_command(command))
        command = pb.Command()
        command.ml_command.fetch.obj_ref.id = "______ML_CONNECT_HELPER______"
        method = command.ml_command.fetch.methods.add()
        method.method = "handleOverwrite"
        refused("FEATURE_NOT_ALLOWED", lambda: spark.client.execute_command(command))


def test_a_denied_table_teaches_nothing():
    with active(url("analyst")) as spark:
        employees = spark.table("shop.hr.employees")
        refused("ACCESS_DENIED", lambda: StringIndexer(inputCol="country", outputCol="p").fit(employees))


def test_models_of_another_session():
    with active(url("steward")) as owner:
        model = StringIndexer(inputCol="country", outputCol="place").fit(orders(owner))
        reference = model._java_obj.ref_id
        with active(url("analyst")) as other:
            command = pb.Command()
            command.ml_command.fetch.obj_ref.id = reference
            command.ml_command.fetch.methods.add().method = "labelsArray"
            refused("NOT_FOUND", lambda: other.client.execute_command(command))
            relation = pb.Plan()
            transform = relation.root.ml_relation.transform
            transform.obj_ref.id = reference
            transform.input.CopyFrom(orders(other)._plan.to_proto(other.client).root)
            transform.params.SetInParent()
            refused("NOT_FOUND", lambda: other.client.to_table(relation, {}))
            command = pb.Command()
            command.ml_command.delete.obj_refs.add().id = reference
            other.client.execute_command(command)
