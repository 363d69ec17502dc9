"""Where the gateway and the server behind it are, and sessions on them."""

import functools
import json
import os

from pyspark.errors.exceptions.connect import SparkConnectGrpcException
from pyspark.sql import SparkSession

ADDRESS = os.environ["SLUICE_CONNECT"]
TOKENS = json.loads(os.environ["SLUICE_TOKENS"])


def url(user: str) -> str:
    return f"sc://{ADDRESS}/;token={TOKENS[user]}"


def new_session(user: str, **options: str) -> SparkSession:
    builder = SparkSession.builder.remote(url(user))
    for key, value in options.items():
        builder = builder.config(key.replace("__", "."), value)
    return builder.create()


@functools.lru_cache(maxsize=None)
def session(user: str) -> SparkSession:
    """One session a user, for tests that leave nothing behind in it."""
    return new_session(user)


def bare() -> SparkSession:
    """A session on the server itself, past the gateway."""
    return SparkSession.builder.remote(os.environ["BARE_SPARK"]).create()


def refused(condition: str, work, kind: type = SparkConnectGrpcException) -> str:
    """The work fails with this condition and kind of exception; its message."""
    try:
        result = work()
    except SparkConnectGrpcException as error:
        found = error.getErrorClass() if not hasattr(error, "getCondition") else error.getCondition()
        assert found == condition, f"{condition} expected, not {found}: {error}"
        assert isinstance(error, kind), f"{kind} expected, not {type(error)}"
        return str(error)
    raise AssertionError(f"{condition} expected, but it went through: {str(result)[:500]}")
