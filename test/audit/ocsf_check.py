"""Holds lines of OCSF against the published schema: its classes as JSON Schema, its constraints, its deprecations."""

import json
import sys

from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

version, path = sys.argv[1:3]
ocsf = get_ocsf_schema(version)
generator = OcsfJsonSchemaEmbedded(ocsf)
classes = {c["uid"]: c for c in ocsf["classes"].values()}
validators, problems, seen = {}, [], {}


def constraints(kind, value, at):
    """What JSON Schema does not say here: one of these at least, or exactly one; and nothing deprecated."""
    for rule, names in (kind.get("constraints") or {}).items():
        count = sum(name in value for name in names)
        if (rule == "at_least_one" and count == 0) or (rule == "just_one" and count != 1):
            problems.append(f"{at}: {rule} of {names}")
    for name, inner in value.items():
        attribute = kind["attributes"].get(name)
        if attribute is None:
            if kind.get("name") not in ("object", "unmapped"):
                problems.append(f"{at}.{name}: no such attribute")
            continue
        if "@deprecated" in attribute:
            problems.append(f"{at}.{name}: deprecated")
        child = ocsf["objects"].get(attribute.get("object_type"))
        if child is None or child["name"] == "object":
            continue
        for each in inner if isinstance(inner, list) else [inner]:
            constraints(child, each, f"{at}.{name}")


for number, line in enumerate(open(path, encoding="utf-8"), 1):
    event = json.loads(line)
    kind = classes[event["class_uid"]]
    if kind["name"] not in validators:
        validators[kind["name"]] = Draft202012Validator(generator.get_class_schema(kind["name"]))
    for error in validators[kind["name"]].iter_errors(event):
        problems.append(f"line {number} {event['metadata']['event_code']}: {list(error.path)} {error.message[:200]}")
    constraints(kind, event, f"line {number}")
    code = event["metadata"]["event_code"]
    seen[code] = event["class_uid"]
print(json.dumps({"problems": problems[:50], "seen": seen}))
