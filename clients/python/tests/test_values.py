"""One answer as JSON and as Arrow: the same Python values, of the types one would expect."""

import unittest
from datetime import date, datetime, timezone
from decimal import Decimal

from gateway import as_user

import sluice

EXPRESSIONS = {
    "tiny": "CAST(1 AS TINYINT)",
    "small": "CAST(-300 AS SMALLINT)",
    "whole": "42",
    "big": "9007199254740993",
    "exact": "CAST('1.50' AS DECIMAL(20,2))",
    "long_exact": "CAST('12345678901234567890123456789012345.678' AS DECIMAL(38,3))",
    "zero_scale": "CAST('12345678901234567890' AS DECIMAL(38,0))",
    "double": "1.5D",
    "infinite": "CAST('-Infinity' AS DOUBLE)",
    "single": "CAST(0.1 AS FLOAT)",
    "yes": "true",
    "quoted": "'a\\'b\"ś😀'",
    "empty": "''",
    "day": "DATE '2026-01-31'",
    "old": "DATE '0001-01-01'",
    "at": "TIMESTAMP '2026-01-31 12:00:00.123456'",
    "at_whole": "TIMESTAMP '1969-12-31 23:59:59'",
    "at_ntz": "TIMESTAMP_NTZ '2026-01-31 12:00:00.5'",
    "bytes": "X'00FF10'",
    "nothing": "CAST(NULL AS DECIMAL(10,2))",
    "list": "array(DATE '2026-01-31', NULL)",
    "lists": "array(array(1, 2), array())",
    "struct": "named_struct('x', CAST('2.50' AS DECIMAL(5,2)), 'y', TIMESTAMP '2026-01-31 12:00:00')",
    "structs": "array(named_struct('a', 1, 'b', array('z')))",
    "by_name": "map('a', CAST('1.10' AS DECIMAL(5,2)), 'b', NULL)",
    "by_number": "map(1, DATE '2026-01-31')",
}
SQL = "SELECT " + ", ".join(f"{sql} AS {name}" for name, sql in EXPRESSIONS.items())


class Values(unittest.TestCase):
    def test_are_the_same_in_both_forms(self) -> None:
        with as_user("admin") as client:
            as_json = client.query(SQL, format="json")
            as_arrow = client.query(SQL, format="arrow")
            [one], [other] = as_json.rows(), as_arrow.rows()
            for name in EXPRESSIONS:
                with self.subTest(name):
                    self.assertEqual(one[name], other[name])
                    self.assertIs(type(one[name]), type(other[name]))
            self.assertEqual(as_json.columns, as_arrow.columns)

    def test_are_pythons_own(self) -> None:
        with as_user("admin") as client:
            [row] = client.query(SQL, format="json").rows()
        self.assertEqual(row["big"], 9007199254740993)
        self.assertEqual(str(row["exact"]), "1.50")
        self.assertEqual(row["long_exact"], Decimal("12345678901234567890123456789012345.678"))
        self.assertEqual(row["at"], datetime(2026, 1, 31, 12, 0, 0, 123456, timezone.utc))
        self.assertIsNone(row["at_ntz"].tzinfo)
        self.assertEqual(row["bytes"], b"\x00\xff\x10")
        self.assertEqual(row["list"], [date(2026, 1, 31), None])
        self.assertEqual(row["by_name"], {"a": Decimal("1.10"), "b": None})
        self.assertEqual(row.asdict()["whole"], 42)
        self.assertEqual(row[2], row["whole"])

    def test_go_there_and_come_back(self) -> None:
        given = {
            "whole": 7,
            "big": 2**60,
            "text": "a'b; DROP",
            "yes": True,
            "nothing": None,
            "double": 0.1,
            "infinite": float("inf"),
            "exact": Decimal("-1.50"),
            "small": Decimal("0.05"),
            "huge": Decimal("1E+5"),
            "day": date(2026, 1, 31),
            "at": datetime(2026, 1, 31, 12, 0, 0, 5, timezone.utc),
            "ntz": datetime(2026, 1, 31, 12, 0, 0),
            "bytes": b"\x00\xff",
        }
        names = ", ".join(f":{name} AS {name}" for name in given)
        with as_user("admin") as client:
            for form in ("json", "arrow"):
                [row] = client.query(f"SELECT {names}", given, format=form).rows()
                self.assertEqual(row.asdict(), given)
            [row] = client.query("SELECT ? AS a, ? AS b", [1, "x"]).rows()
            self.assertEqual(row, (1, "x"))
            typed = {"n": sluice.Typed("9.90", "decimal(10,2)")}
            [row] = client.query("SELECT :n AS n", typed).rows()
            self.assertEqual(row, (Decimal("9.90"),))
            for wrong in ({"a": object()}, "text", {"a": Decimal("NaN")}):
                with self.assertRaises(sluice.InterfaceError):
                    client.query("SELECT 1", wrong)

    def test_of_columns_that_share_a_name_are_all_there(self) -> None:
        sql = "SELECT 1 AS a, 2 AS a, 3 AS a_2, 4 AS a"
        with as_user("admin") as client:
            one = client.query(sql, format="json").rows()[0].asdict()
            other = client.query(sql, format="arrow").rows()[0].asdict()
        self.assertEqual(list(one.items()), list(other.items()))
        self.assertEqual(len(one), 4)
