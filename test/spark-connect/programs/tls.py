"""A gateway under a name that is not `localhost`: PySpark asks for TLS there."""

import os

from door import TOKENS, refused
from pyspark.sql import SparkSession

HOST = os.environ["SLUICE_TLS"]


def remote(user="analyst", more=""):
    return SparkSession.builder.remote(f"sc://{HOST}/;use_ssl=true;token={TOKENS[user]}{more}").create()


def test_over_tls():
    spark = remote()
    assert spark.table("shop.crm.customers").limit(3).count() == 3
    refused("ACCESS_DENIED", lambda: spark.table("shop.hr.employees").count())


def test_a_token_alone_means_tls():
    spark = SparkSession.builder.remote(f"sc://{HOST}/;token={TOKENS['steward']}").create()
    assert spark.range(5).count() == 5


def test_a_wrong_token_over_tls():
    TOKENS["nobody"] = "slu_wrong"
    refused("UNAUTHENTICATED", lambda: remote("nobody").range(1).collect())
