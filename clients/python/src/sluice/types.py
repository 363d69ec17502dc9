"""Spark's names of types, and JSON values as Python's own of these types: those that Arrow gives, too."""

from __future__ import annotations

import base64
import re
import struct
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any, Callable, Mapping

Reader = Callable[[Any], Any]

_ARGUMENTS = re.compile(r"\([^)]*\)")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z?)")
_INTEGERS = ("tinyint", "smallint", "int", "bigint")


def reader_of(type_name: str) -> Reader:
    """Reads JSON values of a type, as the schema of a result writes it."""
    reader, rest = _read_type(type_name)
    return reader if not rest.strip() else _plain


def _read_type(text: str) -> tuple[Reader, str]:
    match = re.match(r"\s*([A-Za-z_]+)", text)
    if match is None:
        return _plain, ""
    name, rest = match.group(1).lower(), text[match.end() :]
    if name == "array" and rest.startswith("<"):
        item, rest = _read_type(rest[1:])
        return _list_of(item), _closed(rest)
    if name == "map" and rest.startswith("<"):
        key, rest = _read_type(rest[1:])
        value, rest = _read_type(rest.lstrip()[1:])
        return _map_of(key, value), _closed(rest)
    if name == "struct" and rest.startswith("<"):
        return _read_struct(rest[1:])
    arguments = _ARGUMENTS.match(rest)
    return _SCALARS.get(name, _plain), rest[arguments.end() :] if arguments else rest


def _read_struct(text: str) -> tuple[Reader, str]:
    fields: dict[str, Reader] = {}
    rest = text.lstrip()
    while rest and not rest.startswith(">"):
        match = re.match(r"\s*(?:`((?:[^`]|``)*)`|([^\s:<>,]+))\s*:", rest)
        if match is None:
            return _plain, ""
        name = match.group(2) if match.group(1) is None else match.group(1).replace("``", "`")
        fields[name], rest = _read_type(rest[match.end() :])
        rest = rest.lstrip()
        if rest.startswith(","):
            rest = rest[1:]
    return _struct_of(fields), _closed(rest)


def _closed(text: str) -> str:
    return text.lstrip()[1:]


def _list_of(item: Reader) -> Reader:
    return lambda value: None if value is None else [item(part) for part in value]


def _map_of(key: Reader, item: Reader) -> Reader:
    def read(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, Mapping):
            return {name: item(part) for name, part in value.items()}
        return {key(entry["key"]): item(entry["value"]) for entry in value}

    return read


def _struct_of(fields: Mapping[str, Reader]) -> Reader:
    def read(value: Any) -> Any:
        if value is None:
            return None
        return {name: fields.get(name, _plain)(part) for name, part in value.items()}

    return read


def _plain(value: Any) -> Any:
    return value


def _unless_null(convert: Reader) -> Reader:
    return lambda value: None if value is None else convert(value)


def _moment(text: str) -> datetime | str:
    match = _MOMENT.fullmatch(text)
    if match is None:  # A year that Python has not.
        return text
    whole, fraction, zone = match.groups()
    moment = datetime.fromisoformat(whole).replace(microsecond=int((fraction or "").ljust(6, "0")))
    return moment.replace(tzinfo=timezone.utc) if zone else moment


def _single(value: Any) -> float:
    """JSON has the shortest digits; the value is the nearest that fits into 32 bits."""
    single: float = struct.unpack("f", struct.pack("f", float(value)))[0]
    return single


def _date(text: str) -> date | str:
    return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text


_SCALARS: Mapping[str, Reader] = {
    **{name: _unless_null(int) for name in _INTEGERS},
    "float": _unless_null(_single),
    "double": _unless_null(float),
    "decimal": _unless_null(lambda value: Decimal(value)),
    "date": _unless_null(_date),
    "timestamp": _unless_null(_moment),
    "timestamp_ntz": _unless_null(_moment),
    "binary": _unless_null(base64.b64decode),
}
