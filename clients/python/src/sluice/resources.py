"""What people manage and look up, by noun. Answers are as docs and /openapi.json have them."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Sequence, Union

from .transport import Transport, segment

Json = dict[str, Any]
Document = Union[str, Mapping[str, Any]]


class _Resource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _items(self, path: str, query: Mapping[str, Any] | None = None) -> Iterator[Json]:
        cursor: str | None = None
        while True:
            asked = {**(query or {}), **({} if cursor is None else {"cursor": cursor})}
            page = self._transport.json("GET", path, query=asked)
            yield from page["items"]
            cursor = page["nextCursor"]
            if cursor is None:
                return


class Catalog(_Resource):
    def tables(self) -> Iterator[Json]:
        """Tables that the caller may browse."""
        return self._items("/v1/catalog/tables")

    def table(self, name: str) -> Json:
        """One table, its columns as the caller would see them."""
        found: Json = self._transport.json("GET", f"/v1/catalog/tables/{segment(name)}")
        return found

    def tags(self) -> list[Json]:
        return list(self._items("/v1/catalog/tags"))


class Policies(_Resource):
    def list(self) -> Iterator[Json]:
        return self._items("/v1/policies")

    def get(self, name: str) -> Json:
        found: Json = self._transport.json("GET", f"/v1/policies/{segment(name)}")
        return found

    def create(self, document: Document) -> Json:
        """A document as a mapping or as YAML. In force when this returns."""
        saved: Json = self._transport.json("POST", "/v1/policies", **_sent(document))
        return saved

    def replace(self, name: str, document: Document, version: int | None = None) -> Json:
        """`version`: the one that was read; refused when somebody has changed it since."""
        path = f"/v1/policies/{segment(name)}"
        saved: Json = self._transport.json("PUT", path, headers=_if_match(version), **_sent(document))
        return saved

    def remove(self, name: str, version: int | None = None) -> None:
        self._transport.send("DELETE", f"/v1/policies/{segment(name)}", headers=_if_match(version))

    def test(self, tests: str, documents: Sequence[Document] = ()) -> Json:
        """Runs a file of policy tests, given as YAML, over what is in force with `documents` in place."""
        body = {"tests": tests, "documents": [*documents]}
        found: Json = self._transport.json("POST", "/v1/policies/test", body=body)
        return found

    def diff(
        self,
        principal: Mapping[str, Any],
        objects: Sequence[str],
        documents: Sequence[Document],
        purpose: str | None = None,
    ) -> Sequence[Json]:
        """What documents would change for a principal."""
        body = {"principal": principal, "objects": [*objects], "documents": [*documents]}
        if purpose is not None:
            body["purpose"] = purpose
        changes: Sequence[Json] = self._transport.json("POST", "/v1/policies/diff", body=body)["changes"]
        return changes

    def versions(self) -> Iterator[Json]:
        return self._items("/v1/policies/versions")


class Audit(_Resource):
    def events(self, **filters: str) -> Iterator[Json]:
        """Events, newest first. `filters`: principal, object, column, purpose, decision, kind, statement, ..."""
        return self._items("/v1/audit/events", {key.rstrip("_"): value for key, value in filters.items()})

    def checkpoints(self) -> Iterator[Json]:
        return self._items("/v1/audit/checkpoints")

    def proof(self, event_id: str) -> Json:
        """That an event is in the log, up to a signed checkpoint."""
        proof: Json = self._transport.json("GET", f"/v1/audit/proofs/{segment(event_id)}")
        return proof

    def export(self, personal: bool = False) -> Iterator[bytes]:
        """The whole log as NDJSON in pieces, for `sluice audit verify`."""
        query = {"personal": "true" if personal else "false"}
        response = self._transport.send(
            "GET", "/v1/audit/export", query=query, headers={"Accept": "application/x-ndjson"}, streamed=True
        )
        try:
            yield from response.stream(2**16)
        finally:
            response.close()


class Lineage(_Resource):
    def graph(self, name: str, **query: Any) -> Json:
        """Where the columns of a table or result come from, and what they reach."""
        graph: Json = self._transport.json("GET", f"/v1/lineage/{segment(name)}", query=query)
        return graph

    def impact(self, name: str, **query: Any) -> Json:
        impact: Json = self._transport.json("GET", f"/v1/lineage/{segment(name)}/impact", query=query)
        return impact


class Tokens(_Resource):
    def list(self) -> Iterator[Json]:
        return self._items("/v1/tokens")

    def create(self, name: str, **fields: Any) -> Json:
        """The secret is in this answer and nowhere else. `fields`: principal, scopes, expiresAt."""
        made: Json = self._transport.json("POST", "/v1/tokens", body={"name": name, **fields})
        return made

    def revoke(self, token_id: str) -> None:
        self._transport.send("DELETE", f"/v1/tokens/{segment(token_id)}")


def _sent(document: Document) -> dict[str, Any]:
    if isinstance(document, str):
        return {"body": document, "content_type": "application/yaml"}
    return {"body": document}


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}
