"""Runs the tests of one program; one line of JSON each. Should one not end in time, where its threads stand."""

import faulthandler
import gc
import importlib
import json
import logging
import os
import sys
import traceback
import warnings

from pyspark import __version__

# Before 4.2, a session that is collected as garbage in a thread of gRPC waits for that very thread (SPARK-55020, -55406).
if tuple(map(int, __version__.split(".")[:2])) < (4, 2):
    gc.disable()
if "TIME_LIMIT_S" in os.environ:
    faulthandler.dump_traceback_later(float(os.environ["TIME_LIMIT_S"]), exit=True)
# What a client logs of a refusal is as long as its stack; the tests say what they expect.
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")


def main() -> None:
    program = importlib.import_module(sys.argv[1])
    only = set(filter(None, os.environ.get("ONLY", "").split(",")))
    for name in [name for name in vars(program) if name.startswith("test_")]:
        if only and name not in only:
            continue
        error = None
        try:
            getattr(program, name)()
        except BaseException as thrown:
            # A server's error has its stack behind it.
            frames = "".join(traceback.format_tb(thrown.__traceback__)[-4:])
            error = f"{frames}{type(thrown).__name__}: {str(thrown)[:3000]}"
        print(json.dumps({"test": name, "error": error}), flush=True)


main()
# Threads of a client that still wait for a server keep nobody waiting.
os._exit(0)
