"""docs/how-to/pyspark.md, block after block, as a reader would type it."""

import contextlib
import io
import os
import re

from door import ADDRESS, TOKENS

GUIDE = os.path.join(os.path.dirname(__file__), "..", "..", "..", "docs", "how-to", "pyspark.md")


def blocks():
    with open(GUIDE, encoding="utf8") as file:
        return re.findall(r"```python\n(.*?)```", file.read(), re.S)


def test_every_block_of_the_guide():
    os.environ["SLUICE_TOKEN"] = TOKENS["analyst"]
    names = {}
    assert len(blocks()) > 5
    for block in blocks():
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(block.replace("localhost:15002", ADDRESS), names)
        text = out.getvalue()
        if "except AnalysisException" in block:
            assert "ACCESS_DENIED" in text
        elif "show(" in block or "print(" in block:
            assert text.strip(), block
