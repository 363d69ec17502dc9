"""Has Spark's own parser read pairs of texts, an original and what Sluice printed of it.

stdin: {"pairs": [[original, printed]]}; stdout, last line: {"version", "plans": [[a, b] | null]}, null where both plans are
the same text once the ids that every parse draws anew are taken out. A text that Spark refuses gives "ERROR ...".
"""
import json
import re
import sys

from pyspark.sql import SparkSession

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.debug.maxToStringFields", "100000")
    .config("spark.sql.maxPlanStringLength", "10000000")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("OFF")
parser = spark._jsparkSession.sessionState().sqlParser()


def plan(text):
    try:
        shown = parser.parsePlan(text).toString()
    except Exception as error:
        return "ERROR " + str(error)[:300]
    return re.sub(r"posparameter\(\d+\)", "posparameter", re.sub(r"#\d+L?", "#", shown))


plans = []
for original, printed in json.load(sys.stdin)["pairs"]:
    a, b = plan(original), plan(printed)
    plans.append(None if a == b else [a, b])
print(json.dumps({"version": spark.version, "plans": plans}))
spark.stop()
