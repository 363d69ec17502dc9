"""Requests with their token, sent again where that is safe and waiting helps, within bounds."""

from __future__ import annotations

import email.utils
import json
import random
import re
import time
from typing import Any, Callable, Mapping, Union
from urllib.parse import quote, urlencode, urlsplit

import urllib3

from .errors import RETRYABLE, ConnectionLost, DatabaseError, InterfaceError, error_of

TokenSource = Union[str, Callable[[], str]]

# What else is in it would be quoted by the error of whoever refuses it.
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
_BACKOFF_SECONDS = 0.2
_CONNECT_SECONDS = 10.0
# Longer than any statement may run, and yet a limit: without one the wait is a call that the system takes up again
# after a signal where a library (Polars) has set its own handler, and Ctrl-C would not be heard.
_STREAM_SECONDS = 90_000.0
#: Nothing had begun, or nothing is left of it, when a gateway says one of these.
_NOTHING_DONE = frozenset(("RATE_LIMITED", "QUEUE_FULL", "POLICY_VERSION_BEHIND", "ENGINE_UNAVAILABLE"))


class Transport:
    def __init__(
        self,
        url: str,
        token: TokenSource,
        *,
        attempts_max: int = 5,
        wait_seconds_max: float = 30.0,
        read_seconds: float = 120.0,
        ca_certs: str | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InterfaceError("The url is that of a gateway: https://sluice.example.")
        if parts.username is not None or parts.password is not None:
            raise InterfaceError("The url may not hold credentials.")
        self.url = url.rstrip("/")
        self._read_seconds = read_seconds
        self._attempts_max = attempts_max
        self._wait_seconds_max = wait_seconds_max
        self._token: Callable[[], str] = token if callable(token) else _known(_checked(token))
        options: dict[str, Any] = {} if ca_certs is None else {"ca_certs": ca_certs}
        self._pool = urllib3.PoolManager(retries=False, **options)

    def close(self) -> None:
        self._pool.clear()

    def json(self, method: str, path: str, **request: Any) -> Any:
        """What a good answer holds; numbers with a point as `Decimal`, so that no digit is lost."""
        response = self.send(method, path, **request)
        return json.loads(response.data, parse_float=_decimal) if response.data else None

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        streamed: bool = False,
        content_type: str = "application/json",
    ) -> urllib3.BaseHTTPResponse:
        """The answer when it is good. `streamed`: its body is left to read, for as long as that takes."""
        given = dict(headers or {})
        safe = method in ("GET", "HEAD") or "Idempotency-Key" in given
        given.setdefault("Accept", "application/json")
        if body is not None:
            given["Content-Type"] = content_type
        text = body if isinstance(body, (str, bytes)) or body is None else json.dumps(body)
        target = self.url + path + (f"?{urlencode(query)}" if query else "")
        left = self._wait_seconds_max
        attempt = 1
        while True:
            answer = self._attempt(method, target, text, given, streamed)
            if isinstance(answer, urllib3.BaseHTTPResponse):
                return answer
            error, after = answer
            wait = _backoff(attempt) if after is None else after
            if not _again(error, safe) or attempt >= self._attempts_max or wait > left:
                raise error
            left -= wait
            attempt += 1
            time.sleep(wait)

    def _attempt(
        self, method: str, target: str, body: str | bytes | None, headers: Mapping[str, str], streamed: bool
    ) -> urllib3.BaseHTTPResponse | tuple[DatabaseError, float | None]:
        sent = {**headers, "Authorization": f"Bearer {_checked(self._token())}"}
        read = _STREAM_SECONDS if streamed else self._read_seconds
        timeout = urllib3.Timeout(connect=_CONNECT_SECONDS, read=read)
        try:
            response = self._pool.request(
                method,
                target,
                body=body.encode() if isinstance(body, str) else body,
                headers=sent,
                timeout=timeout,
                redirect=False,
                preload_content=not streamed,
            )
            if 200 <= response.status < 300:
                return response
            problem = _problem(response.data)
        except urllib3.exceptions.HTTPError as cause:
            return ConnectionLost(f"{self.url} could not be reached, or broke off ({type(cause).__name__})."), None
        return error_of(response.status, problem), _retry_after(response.headers.get("Retry-After"))


def segment(text: str) -> str:
    """As one segment of a path."""
    return quote(text, safe="")


def _again(error: DatabaseError, safe: bool) -> bool:
    if isinstance(error, ConnectionLost):
        return safe
    if not error.retryable or error.status not in RETRYABLE:
        return False
    return safe or error.status == 429 or error.code in _NOTHING_DONE


def _known(token: str) -> Callable[[], str]:
    return lambda: token


def _checked(token: str) -> str:
    if _TOKEN.fullmatch(token) is None:
        raise InterfaceError("The token is empty, too long, or holds what headers cannot.")
    return token


def _decimal(text: str) -> Any:
    from decimal import Decimal

    return Decimal(text)


def _problem(body: bytes) -> Mapping[str, Any]:
    try:
        problem = json.loads(body)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) and "code" in problem else {}


def _retry_after(header: str | None) -> float | None:
    if header is None:
        return None
    if re.fullmatch(r"\d{1,9}", header):
        return float(header)
    try:
        at = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, at.timestamp() - time.time())


def _backoff(attempt: int) -> float:
    """Longer each time, and not for everybody at the same moment."""
    return float(_BACKOFF_SECONDS * 2 ** (attempt - 1) * (0.5 + random.random()))
