"""A client of a Sluice gateway."""

from __future__ import annotations

import importlib.util
import uuid
from typing import Any, Literal, Mapping

from .errors import DatabaseError, InterfaceError, error_of
from .parameters import Parameters, statement_parameters
from .resources import Audit, Catalog, Json, Lineage, Policies, Tokens
from .result import ArrowSource, JsonSource, Result
from .transport import TokenSource, Transport, segment

# Short: from its answer on, the statement has a name by which it can be cancelled.
_FIRST_WAIT = "1s"
_WAIT = "20s"
_ARROW = "application/vnd.apache.arrow.stream"
#: What can be said about a statement, and what the API calls it.
_OPTIONS: Mapping[str, str] = {
    "purpose": "purpose",
    "justification": "justification",
    "catalog": "catalog",
    "schema": "schema",
    "engine": "engine",
    "row_limit": "rowLimit",
    "byte_limit": "byteLimit",
    "timeout": "timeout",
    "tags": "tags",
    "min_policy_version": "minPolicyVersion",
    "as_principal": "asPrincipal",
}


class Client:
    """A connection to a gateway; threads may share it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.catalog = Catalog(transport)
        self.policies = Policies(transport)
        self.lineage = Lineage(transport)
        self.audit = Audit(transport)
        self.tokens = Tokens(transport)

    def query(
        self,
        sql: str,
        params: Parameters | None = None,
        *,
        purpose: str | None = None,
        justification: str | None = None,
        catalog: str | None = None,
        schema: str | None = None,
        engine: Literal["auto", "duckdb", "spark"] | None = None,
        row_limit: int | None = None,
        byte_limit: int | None = None,
        timeout: str | None = None,
        tags: Mapping[str, str] | None = None,
        min_policy_version: int | None = None,
        format: Literal["arrow", "json"] | None = None,
        idempotency_key: str | None = None,
    ) -> Result:
        """
        Runs a statement. With `format="json"`, which is what happens without pyarrow, it goes under a key, so that one
        that is sent again runs once, is asked for again and again until it has ended, and its result is kept for a while.
        """
        said = {
            "purpose": purpose,
            "justification": justification,
            "catalog": catalog,
            "schema": schema,
            "engine": engine,
            "row_limit": row_limit,
            "byte_limit": byte_limit,
            "timeout": timeout,
            "tags": tags,
            "min_policy_version": min_policy_version,
        }
        body = _body(sql, params, said)
        chosen = format or ("json" if idempotency_key or not _has_arrow() else "arrow")
        if chosen == "json":
            return self._kept(body, idempotency_key or uuid.uuid4().hex)
        if idempotency_key is not None:
            raise InterfaceError('An Arrow stream takes no idempotency_key: use format="json".')
        response = self._transport.send(
            "POST", "/v1/statements", body=body, headers={"Accept": _ARROW}, streamed=True
        )
        return Result(self._transport, ArrowSource(response))

    def explain(
        self,
        sql: str,
        params: Parameters | None = None,
        *,
        purpose: str | None = None,
        catalog: str | None = None,
        schema: str | None = None,
        as_principal: str | None = None,
    ) -> Json:
        """What would be decided about a statement, and why. Nothing runs."""
        said = {"purpose": purpose, "catalog": catalog, "schema": schema, "as_principal": as_principal}
        body = _body(sql, params, said)
        explained: Json = self._transport.json("POST", "/v1/statements/explain", body=body)
        return explained

    def who_am_i(self) -> Json:
        me: Json = self._transport.json("GET", "/v1/principals/me")
        return me

    def statement(self, statement_id: str) -> Json:
        found: Json = self._transport.json("GET", f"/v1/statements/{segment(statement_id)}")
        return found

    def cancel(self, statement_id: str) -> None:
        self._transport.send("POST", f"/v1/statements/{segment(statement_id)}/cancel")

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<sluice.Client {self._transport.url}>"

    def _kept(self, body: Json, key: str) -> Result:
        statement_id: str | None = None
        posted = {**body, "waitTimeout": _FIRST_WAIT}
        headers = {"Idempotency-Key": key}
        try:
            statement = self._transport.json("POST", "/v1/statements", body=posted, headers=headers)
            statement_id = statement["statementId"]
            while statement["state"] in ("queued", "running"):
                path = f"/v1/statements/{segment(statement_id or '')}"
                statement = self._transport.json("GET", path, query={"wait": _WAIT})
        except KeyboardInterrupt:
            self._give_up(posted, headers, statement_id)
            raise
        problem = statement.get("error")
        if problem is not None:
            raise error_of(problem["status"], problem, statement_id)
        return Result(self._transport, JsonSource(self._transport, statement))

    def _give_up(self, posted: Json, headers: Mapping[str, str], statement_id: str | None) -> None:
        """The same request under the same key tells which statement it was."""
        try:
            if statement_id is None:
                answer = self._transport.json("POST", "/v1/statements", body=posted, headers=headers)
                statement_id = answer["statementId"]
            self.cancel(statement_id or "")
        except DatabaseError:
            pass


def connect(
    url: str,
    token: TokenSource,
    *,
    attempts_max: int = 5,
    wait_seconds_max: float = 30.0,
    read_seconds: float = 120.0,
    ca_certs: str | None = None,
) -> Client:
    """
    A client of the gateway at `url`. `token`: text, or what gives one, asked at each request. A request is sent at most
    `attempts_max` times, with at most `wait_seconds_max` between attempts, all together.
    """
    return Client(
        Transport(
            url,
            token,
            attempts_max=attempts_max,
            wait_seconds_max=wait_seconds_max,
            read_seconds=read_seconds,
            ca_certs=ca_certs,
        )
    )


def _body(sql: str, params: Parameters | None, said: Mapping[str, Any]) -> Json:
    given = {_OPTIONS[name]: value for name, value in said.items() if value is not None}
    parameters = {} if params is None else {"parameters": statement_parameters(params)}
    return {"statement": sql, **given, **parameters}


def _has_arrow() -> bool:
    return importlib.util.find_spec("pyarrow") is not None
