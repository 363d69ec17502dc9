"""A client of the Sluice gateway: governed queries as rows, Arrow, pandas or Polars."""

from .client import Client, connect
from .errors import (
    AccessDenied,
    AuthenticationError,
    ConnectionLost,
    DatabaseError,
    DataError,
    Error,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from .parameters import Typed
from .result import Column, Governance, Result
from .rows import Row

__version__ = "0.1.0"
__all__ = [
    "AccessDenied",
    "AuthenticationError",
    "Client",
    "Column",
    "ConnectionLost",
    "DataError",
    "DatabaseError",
    "Error",
    "Governance",
    "InterfaceError",
    "InternalError",
    "OperationalError",
    "ProgrammingError",
    "Result",
    "Row",
    "Typed",
    "connect",
]
