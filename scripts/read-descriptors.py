"""Prints the serialized descriptors in a PySpark archive as JSON. Runs nothing of the archive."""

import ast
import base64
import json
import sys
import tarfile

FOLDER = "/pyspark/sql/connect/proto/"
# Samples of how to write a plug-in; no server knows them.
NOT_OF_THE_PROTOCOL = {"example_plugins_pb2.py"}


def serialized(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "AddSerializedFile":
            yield node.args[0].value


found = {}
# As a stream: the archive of the whole of Spark is large, and what is wanted lies in its middle.
with tarfile.open(sys.argv[1], "r|gz") as archive:
    for member in archive:
        name = member.name.rsplit("/", 1)[-1]
        if FOLDER not in member.name or not name.endswith("_pb2.py") or name in NOT_OF_THE_PROTOCOL:
            continue
        for descriptor in serialized(archive.extractfile(member).read()):
            found[name] = base64.b64encode(descriptor).decode()
json.dump(found, sys.stdout)
