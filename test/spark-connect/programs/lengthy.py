"""What takes longer than the server keeps one stream open: the client takes it up again, and the record has it once."""

import time

from door import new_session
from pyspark.sql import functions as F



def test_a_statement_longer_than_a_stream():
    spark = new_session("analyst")
    started = time.time()
    # Costly for each row, cheap to plan.
    heavy = F.aggregate(F.sequence(F.lit(1), F.lit(200_000)), F.lit(0), lambda a, x: (a + x) % 9973)
    n = 64
    while True:
        begun = time.time()
        count = spark.range(0, n, 1, 4).agg(F.sum(heavy + F.col("id") * 0)).count()
        assert count == 1
        if time.time() - begun > 20:
            break
        assert time.time() - started < 240
        n *= 4
