"""What goes wrong, under the names of PEP 249. No error holds a token or what else was in a request."""

from __future__ import annotations

from typing import Any, Mapping, TypedDict


class Position(TypedDict):
    """Where in the statement, from 1."""

    line: int
    column: int


class Error(Exception):
    """Every error of this package."""


class InterfaceError(Error):
    """The client was used in a way that it cannot be."""


class DatabaseError(Error):
    """The gateway said no, or a statement failed."""

    def __init__(
        self, status: int, problem: Mapping[str, Any], statement_id: str | None = None
    ) -> None:
        message = problem.get("detail") or problem.get("title") or f"The gateway answered {status}."
        super().__init__(message)
        self.status = status
        #: All that was said.
        self.problem = dict(problem)
        #: A closed list; None when it was not the gateway that answered.
        self.code: str | None = problem.get("code")
        self.title: str | None = problem.get("title")
        self.remedy: str | None = problem.get("remedy")
        #: Whether the same request may succeed later.
        self.retryable: bool = bool(problem.get("retryable", status in RETRYABLE))
        self.position: Position | None = problem.get("position")
        self.sql_state: str | None = problem.get("sqlState")
        self.decision_id: str | None = problem.get("decisionId")
        self.denied: list[dict[str, Any]] = problem.get("denied", [])
        self.request_id: str | None = problem.get("requestId")
        self.statement_id = statement_id

    def __str__(self) -> str:
        where = f" (line {self.position['line']}, column {self.position['column']})" if self.position else ""
        code = f"{self.code}: " if self.code else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{code}{self.args[0]}{where}{remedy}"


class ProgrammingError(DatabaseError):
    """The statement or the request is wrong."""


class AuthenticationError(DatabaseError):
    """The token is not known, or no longer."""


class AccessDenied(DatabaseError):
    """Policies do not allow it; `denied` and `remedy` say what is missing."""


class DataError(DatabaseError):
    """A value made the statement fail: a division by zero, a cast."""


class OperationalError(DatabaseError):
    """It did not work out this time: a limit, a queue, a timeout, an engine."""


class InternalError(DatabaseError):
    """Something went wrong inside."""


class ConnectionLost(OperationalError):
    """No answer, or one that broke off: it says nothing of whether the gateway did what was asked."""

    def __init__(self, message: str) -> None:
        super().__init__(0, {"detail": message, "retryable": True})


#: Statuses that say that waiting helps, whoever gives them.
RETRYABLE = frozenset((429, 502, 503, 504))
_DATA = frozenset(("ARITHMETIC_ERROR", "CAST_INVALID_INPUT", "INVALID_INDEX"))
_CLASSES: Mapping[int, type[DatabaseError]] = {
    401: AuthenticationError,
    403: AccessDenied,
    408: OperationalError,
    429: OperationalError,
    500: InternalError,
}
#: Of 409 and 422, what is no fault of the statement.
_OPERATIONAL = frozenset(
    (
        "STATEMENT_CANCELED",
        "STATEMENT_TIMEOUT",
        "BYTE_LIMIT_EXCEEDED",
        "ROW_LIMIT_EXCEEDED",
        "RESOURCES_EXHAUSTED",
        "WRITE_CONFLICT",
        "ENGINE_ERROR",
    )
)


def error_of(status: int, problem: Mapping[str, Any], statement_id: str | None = None) -> DatabaseError:
    code = problem.get("code")
    if code in _DATA:
        return DataError(status, problem, statement_id)
    if code in _OPERATIONAL or status > 500:
        return OperationalError(status, problem, statement_id)
    return _CLASSES.get(status, ProgrammingError)(status, problem, statement_id)
