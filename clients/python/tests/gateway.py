"""The gateway that a spec has started, and how to ask it."""

from __future__ import annotations

import json
import os
import time
from typing import Any, Callable

import sluice

URL = os.environ["SLUICE_URL"]
TOKENS: dict[str, str] = json.loads(os.environ["SLUICE_TEST_TOKENS"])
#: Runs until it is stopped.
ENDLESS = """SELECT count(*) FROM shop.sales.order_items a, shop.sales.order_items b, shop.sales.order_items c
  WHERE a.quantity + b.quantity > c.quantity"""


def as_user(user: str, **options: Any) -> sluice.Client:
    return sluice.connect(URL, TOKENS[user], **options)


def running() -> int:
    with as_user("admin") as client:
        engines = client._transport.json("GET", "/v1/engines")["items"]
        return sum(engine["running"] for engine in engines)


def soon(check: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.05)
    return False
