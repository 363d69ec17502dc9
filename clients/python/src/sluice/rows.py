"""Rows as they are handed out."""

from __future__ import annotations

from typing import Any, Iterable, Sequence, overload


class Row(tuple[Any, ...]):
    """A tuple whose values can be taken by name, too: `row["country"]`."""

    _names: Sequence[str]

    @classmethod
    def of(cls, names: Sequence[str], values: Iterable[Any]) -> Row:
        row = cls(values)
        row._names = names
        return row

    @overload  # type: ignore[override]
    def __getitem__(self, key: str) -> Any: ...
    @overload
    def __getitem__(self, key: int) -> Any: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Any, ...]: ...
    def __getitem__(self, key: str | int | slice) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        try:
            return super().__getitem__(self._names.index(key))
        except ValueError:
            raise KeyError(key) from None

    def asdict(self) -> dict[str, Any]:
        return dict(zip(self._names, self))


def unique_names(names: Sequence[str]) -> list[str]:
    """As the gateway tells names apart in Arrow: the second `a` is `a_2`."""
    taken = set(names)
    seen: set[str] = set()
    unique = []
    for name in names:
        candidate, n = name, 2
        while candidate in seen:
            if f"{name}_{n}" not in taken:
                candidate = f"{name}_{n}"
            n += 1
        seen.add(candidate)
        unique.append(candidate)
    return unique
