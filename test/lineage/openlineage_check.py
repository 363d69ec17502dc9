"""Judges OpenLineage events, one a line of standard input, by the published schemas in the folder next to this file."""

import json
import pathlib
import sys

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

FOLDER = pathlib.Path(__file__).parent / "openlineage"
SPEC = "https://openlineage.io/spec/"

SCHEMAS = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
REGISTRY = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS)


def problems(value, reference):
    validator = Draft202012Validator({"$ref": reference}, registry=REGISTRY, format_checker=FormatChecker())
    return [f"{reference} {list(error.absolute_path)}: {error.message[:200]}" for error in validator.iter_errors(value)]


def facets(value):
    """Everything that names a published schema as its own."""
    if isinstance(value, dict):
        if str(value.get("_schemaURL", "")).startswith(SPEC):
            yield value
        for each in value.values():
            yield from facets(each)
    elif isinstance(value, list):
        for each in value:
            yield from facets(each)


for line in sys.stdin:
    event = json.loads(line)
    found = problems(event, event["schemaURL"])
    for facet in facets(event):
        found += problems(facet, facet["_schemaURL"])
    print(json.dumps(found), flush=True)
