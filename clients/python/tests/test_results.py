"""Answers in each form, what governs them, and statements that are given up."""

import resource
import signal
import threading
import time
import unittest

import pandas
import polars
import pyarrow
from gateway import ENDLESS, as_user, running, soon

import sluice

EMAILS = "SELECT id, email, country FROM shop.crm.customers ORDER BY id"
MANY_BYTES = 100_000_000


class Results(unittest.TestCase):
    def test_are_tables_of_each_kind(self) -> None:
        with as_user("analyst") as client:
            result = client.query(EMAILS)
            table = result.to_arrow()
            self.assertIsInstance(table, pyarrow.Table)
            self.assertGreater(table.num_rows, 10)
            frame = result.to_pandas()
            self.assertIsInstance(frame, pandas.DataFrame)
            self.assertEqual(list(frame.columns), ["id", "email", "country"])
            self.assertTrue(frame["email"].str.contains(r"\*\*\*@").all())
            self.assertIsInstance(result.to_polars(), polars.DataFrame)
            self.assertEqual(result.to_polars().height, len(frame))
            rows = result.rows()
            self.assertEqual([row["id"] for row in rows], table["id"].to_pylist())
            self.assertEqual(rows, client.query(EMAILS, format="json").rows())

    def test_say_what_was_decided(self) -> None:
        with as_user("analyst") as client:
            for form in ("arrow", "json"):
                result = client.query(EMAILS, purpose="care", format=form)
                self.assertEqual(result.governance["purpose"], "care")
                masked = [(m["column"], m["mask"]) for m in result.governance["maskedColumns"]]
                self.assertIn(("email", "email"), masked)
                self.assertEqual(result.governance["filteredTables"][0]["object"], "shop.crm.customers")
                self.assertEqual([d[0] for d in result.description], ["id", "email", "country"])
                self.assertEqual([c["masked"] for c in result.columns], [False, True, False])
                self.assertGreater(len(result.fetchall()), 10)

    def test_come_row_by_row(self) -> None:
        with as_user("steward") as client:
            for form in ("arrow", "json"):
                sql = "SELECT id, repeat('x', 300) AS pad FROM shop.sales.orders ORDER BY id"
                result = client.query(sql, format=form)
                first = result.fetchone()
                assert first is not None
                some = result.fetchmany(3)
                rest = result.fetchall()
                ids = [row["id"] for row in (first, *some, *rest)]
                self.assertEqual(ids, sorted(set(ids)))
                [(count,)] = client.query("SELECT count(*) FROM shop.sales.orders").rows()
                self.assertEqual(len(ids), count)
                self.assertIsNone(result.fetchone())

    def test_are_read_once(self) -> None:
        with as_user("admin") as client:
            result = client.query("SELECT 1 AS n", format="json")
            self.assertEqual(result.rows(), [(1,)])
            with self.assertRaises(sluice.InterfaceError):
                result.to_arrow()
            streamed = client.query("SELECT 1 AS n", format="arrow")
            self.assertEqual(sum(batch.num_rows for batch in streamed.batches()), 1)
            for again in (streamed.to_arrow, streamed.batches, streamed.rows):
                with self.assertRaises(sluice.InterfaceError):
                    again()

    def test_of_nothing_have_columns(self) -> None:
        with as_user("admin") as client:
            for form in ("arrow", "json"):
                result = client.query("SELECT id FROM shop.sales.orders WHERE id < 0", format=form)
                self.assertEqual(result.rows(), [])
                self.assertEqual([c["name"] for c in result.columns], ["id"])

    def test_as_batches_keep_memory_flat(self) -> None:
        sql = "SELECT repeat('x', 200) AS pad FROM shop.sales.orders a, (SELECT id FROM shop.crm.customers LIMIT 100) b"
        with as_user("steward") as client:
            client.query("SELECT 1").to_arrow()
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            size = sum(batch.nbytes for batch in client.query(sql).batches())
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
        self.assertGreater(size, MANY_BYTES)
        self.assertLess(grown, size / 3)


class GivingUp(unittest.TestCase):
    def interrupted(self, form: str) -> None:
        main = threading.main_thread().ident
        assert main is not None

        def interrupt() -> None:
            if soon(lambda: running() > 0):
                time.sleep(0.2)
            signal.pthread_kill(main, signal.SIGINT)

        stop = threading.Thread(target=interrupt)
        with as_user("admin") as client:
            stop.start()
            with self.assertRaises(KeyboardInterrupt):
                client.query(ENDLESS, format=form).rows()
        stop.join()
        self.assertTrue(soon(lambda: running() == 0))

    def test_cancels_a_statement_that_is_waited_for(self) -> None:
        self.interrupted("json")

    def test_cancels_a_statement_that_streams(self) -> None:
        self.interrupted("arrow")

    def test_cancels_when_the_result_is_left(self) -> None:
        sql = "SELECT a.quantity FROM shop.sales.order_items a, shop.sales.order_items b"
        with as_user("admin") as client:
            with client.query(sql) as result:
                self.assertEqual(len(result.fetchmany(5)), 5)
            self.assertTrue(soon(lambda: running() == 0))
            for batch in client.query(sql).batches():
                self.assertGreater(batch.num_rows, 0)
                break
            self.assertTrue(soon(lambda: running() == 0))

    def test_happens_by_itself_after_the_time_that_was_given(self) -> None:
        with as_user("admin") as client:
            for form in ("arrow", "json"):
                with self.assertRaises(sluice.OperationalError) as raised:
                    client.query(ENDLESS, timeout="500ms", format=form).rows()
                self.assertEqual(raised.exception.code, "STATEMENT_TIMEOUT")
