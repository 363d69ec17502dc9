"""Programs that hold something for as long as whoever tests wants it, by files in a folder."""

import os
import resource
import signal
import time

from door import new_session, session
from faults import Running, endless
from marks import say, wait_for

SESSIONS = 200


def test_a_statement_without_end():
    running = Running(lambda: endless(new_session("analyst")))
    running.join(2)
    assert running.error is None, running.error
    say(os.environ["BEGUN"])
    wait_for(os.environ["VANISH"])
    os.kill(os.getpid(), signal.SIGKILL)


def test_many_sessions_that_are_idle():
    resource.setrlimit(resource.RLIMIT_NOFILE, (4_096, 4_096))
    before = session("analyst").table("shop.crm.customers").count()
    idle = [new_session("analyst") for _ in range(SESSIONS)]
    for spark in idle:
        assert spark.range(2).count() == 2
    say("all-idle")
    wait_for("idle-seen")
    begun = time.time()
    assert session("analyst").table("shop.crm.customers").count() == before
    assert time.time() - begun < 10
    assert idle[0].table("shop.crm.customers").count() == before
