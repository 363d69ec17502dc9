"""Whoever tests and the program tell each other how far they are, by files in a folder."""

import os
import time

FOLDER = os.environ["MARKS"]


def say(mark):
    with open(os.path.join(FOLDER, mark), "w", encoding="utf8"):
        pass


def wait_for(mark):
    deadline = time.time() + 200
    while not os.path.exists(os.path.join(FOLDER, mark)):
        assert time.time() < deadline, mark
        time.sleep(0.2)


def soon(work):
    """An error while a new server is found is one that may be tried again."""
    for attempt in range(5):
        try:
            return work()
        except Exception as error:
            assert "ENGINE_UNAVAILABLE" in str(error) and "Trying again" in str(error), error
            time.sleep(1 + attempt)
    raise AssertionError("it was not found again")
