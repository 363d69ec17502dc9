"""
Pages of docs/how-to, block after block, as a reader would type them. `# -> value` behind a line is what it gives.
"""

import ast
import contextlib
import io
import os
import re

from door import ADDRESS, TOKENS

PAGES = os.path.join(os.path.dirname(__file__), "..", "..", "..", "docs", "how-to")
PROMISE = re.compile(r"#.*?-> (.*)$")


def check(node, lines, names, where):
    """Runs one statement, and compares what it gives with what the page says."""
    promise = PROMISE.search(lines[node.end_lineno - 1])
    if promise is None or not isinstance(node, ast.Expr):
        exec(compile(ast.Module([node], []), where, "exec"), names)
        return 0
    given = eval(compile(ast.Expression(node.value), where, "eval"), names)
    expected = eval(promise.group(1), names)
    assert given == expected, f"{where}, {lines[node.end_lineno - 1]}: it is {given}"
    return 1


def run_block(block, names, where):
    """Of a block; how many promises it kept. What says nothing must at least print."""
    lines = block.splitlines()
    with contextlib.redirect_stdout(io.StringIO()) as out:
        kept = sum(check(node, lines, names, where) for node in ast.parse(block).body)
    if "show(" in block or "print(" in block:
        assert out.getvalue().strip(), f"{where} prints nothing:\n{block}"
    if "except AnalysisException" in block:
        assert "ACCESS_DENIED" in out.getvalue(), out.getvalue()
    assert kept == sum(PROMISE.search(line) is not None for line in lines), f"{where} promises where nothing is given:\n{block}"
    return kept


def run_page(name, kept_min):
    os.environ["SLUICE_TOKEN"] = TOKENS["analyst"]
    with open(os.path.join(PAGES, name), encoding="utf8") as file:
        blocks = re.findall(r"```python\n(.*?)```", file.read(), re.S)
    names = {}
    kept = sum(run_block(block.replace("localhost:15002", ADDRESS), names, name) for block in blocks)
    assert kept >= kept_min, f"{name} promises {kept} things only"


def test_pyspark():
    run_page("pyspark.md", 20)


def test_from_rdds():
    run_page("from-rdds.md", 70)
