"""The gateway's other door: SQL over HTTP."""

import json
import os
import urllib.error
import urllib.request

from door import TOKENS

ADDRESS = os.environ["SLUICE_HTTP"]


def call(user: str, method: str, path: str, body=None) -> tuple[int, dict]:
    request = urllib.request.Request(
        f"{ADDRESS}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {TOKENS[user]}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else {}
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def rows(user: str, statement: str, engine: str = "duckdb") -> list:
    status, answer = call(user, "POST", "/v1/statements", {"statement": statement, "engine": engine, "waitTimeout": "60s"})
    assert status == 200 and answer["state"] == "succeeded", answer
    return answer["result"]["rows"]


def code(user: str, statement: str, engine: str = "duckdb") -> str:
    """Why it is refused, or fails."""
    status, answer = call(user, "POST", "/v1/statements", {"statement": statement, "engine": engine, "waitTimeout": "60s"})
    assert status != 200 or answer["state"] != "succeeded", answer
    return answer["error"]["code"] if status == 200 else answer["code"]
