"""Values of a program as parameters of a statement."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Mapping, Sequence, Union

from .errors import InterfaceError


@dataclass(frozen=True)
class Typed:
    """A value with the Spark type that it is to have: `Typed("9.90", "decimal(10,2)")`."""

    value: Any
    type: str


Parameters = Union[Mapping[str, Any], Sequence[Any]]


def statement_parameters(values: Parameters) -> list[dict[str, Any]]:
    """By name for `:name`, in order for `?`."""
    if isinstance(values, Mapping):
        return [{"name": name, **_parameter(value)} for name, value in values.items()]
    if isinstance(values, (str, bytes)):
        raise InterfaceError("params is a mapping or a sequence of values.")
    return [_parameter(value) for value in values]


def _parameter(value: Any) -> dict[str, Any]:
    if isinstance(value, Typed):
        return {**_parameter(value.value), "type": value.type}
    if value is None or isinstance(value, (bool, str)):
        return {"value": value}
    if isinstance(value, int):
        return {"type": "bigint", "value": str(value)} if abs(value) > 2**31 - 1 else {"value": value}
    if isinstance(value, float):
        return {"type": "double", "value": _double(value)}
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, datetime):
        zoned = "timestamp_ntz" if value.tzinfo is None else "timestamp"
        return {"type": zoned, "value": value.isoformat()}
    if isinstance(value, date):
        return {"type": "date", "value": value.isoformat()}
    if isinstance(value, (bytes, bytearray)):
        return {"type": "binary", "value": base64.b64encode(value).decode()}
    raise InterfaceError(f"A {type(value).__name__} cannot be a parameter: give it as Typed(text, type).")


def _double(value: float) -> str:
    text = repr(value)
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(text, text)


def _decimal(value: Decimal) -> dict[str, Any]:
    if not value.is_finite():
        raise InterfaceError("A decimal parameter is a number.")
    text = format(value, "f")
    whole, _, fraction = text.lstrip("-").partition(".")
    precision = max(1, len(whole.lstrip("0")) + len(fraction))
    return {"type": f"decimal({precision},{len(fraction)})", "value": text}
