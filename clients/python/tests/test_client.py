"""Refusals, and what is looked up and managed."""

import unittest

from gateway import URL, as_user, soon

import sluice


class Refusals(unittest.TestCase):
    def test_are_exceptions_with_what_helps(self) -> None:
        with as_user("analyst") as client:
            for form in ("arrow", "json"):
                with self.assertRaises(sluice.AccessDenied) as denied:
                    client.query("SELECT salary FROM shop.hr.employees", format=form)
                error = denied.exception
                self.assertEqual((error.status, error.code, error.retryable), (403, "ACCESS_DENIED", False))
                self.assertEqual(error.denied[0]["object"], "shop.hr.employees")
                self.assertTrue(error.remedy and error.decision_id)
                self.assertIn(error.remedy or "", str(error))
                with self.assertRaises(sluice.ProgrammingError) as wrong:
                    client.query("SELECT 1 +", format=form)
                self.assertEqual(wrong.exception.code, "SYNTAX_ERROR")
                self.assertEqual(wrong.exception.position and wrong.exception.position["line"], 1)
                with self.assertRaises(sluice.DataError):
                    client.query("SELECT 1 / 0", format=form).rows()

    def test_of_strangers(self) -> None:
        with sluice.connect(URL, "nobody") as client:
            with self.assertRaises(sluice.AuthenticationError):
                client.who_am_i()

    def test_of_a_key_that_was_used(self) -> None:
        with as_user("admin") as client:
            one = client.query("SELECT 1", idempotency_key="of-the-python-client")
            again = client.query("SELECT 1", idempotency_key="of-the-python-client")
            self.assertEqual(one.statement_id, again.statement_id)
            with self.assertRaises(sluice.ProgrammingError) as raised:
                client.query("SELECT 2", idempotency_key="of-the-python-client")
            self.assertEqual(raised.exception.code, "IDEMPOTENCY_MISMATCH")
            with self.assertRaises(sluice.InterfaceError):
                client.query("SELECT 1", idempotency_key="k", format="arrow")


class Resources(unittest.TestCase):
    def test_explain(self) -> None:
        with as_user("analyst") as client:
            explained = client.explain("SELECT email FROM shop.crm.customers")
            self.assertEqual(explained["decision"], "allow")
            self.assertEqual(client.who_am_i()["user"], "analyst")
        with as_user("admin") as client:
            other = client.explain("SELECT * FROM shop.hr.employees", as_principal="analyst")
            self.assertEqual(other["decision"], "deny")

    def test_catalogue(self) -> None:
        with as_user("analyst") as client:
            self.assertIn("shop.crm.customers", [table["name"] for table in client.catalog.tables()])
            columns = client.catalog.table("shop.crm.customers")["columns"]
            self.assertEqual([c["mask"] for c in columns if c["name"] == "email"], ["email"])
            with self.assertRaises(sluice.ProgrammingError) as raised:
                client.catalog.table("shop.no/../where")
            self.assertEqual(raised.exception.status, 404)

    def test_policies(self) -> None:
        yaml = "kind: policy\nname: of-python\ngrants:\n  - { allow: [browse], to: [user:nobody], on: [shop.ref.*] }\n"
        with as_user("admin") as client:
            self.assertEqual(client.policies.create(yaml)["version"], 1)
            document = client.policies.get("of-python")["document"]
            with self.assertRaises(sluice.ProgrammingError):
                client.policies.replace("of-python", document, version=9)
            self.assertEqual(client.policies.replace("of-python", document, version=1)["version"], 2)
            self.assertEqual(next(client.policies.versions())["name"], "of-python")
            someone = {"user": "x", "roles": ["analyst"], "attributes": {"countries": ["DE"]}}
            self.assertEqual(client.policies.diff(someone, ["shop.hr.employees"], [yaml]), [])
            client.policies.remove("of-python", version=2)
            self.assertNotIn("of-python", [policy["name"] for policy in client.policies.list()])

    def test_the_record(self) -> None:
        with as_user("steward") as client:
            statement = client.query("SELECT upper(full_name) AS n FROM shop.crm.customers LIMIT 1", format="json")
            self.assertEqual(client.statement(statement.statement_id)["state"], "succeeded")
            client.cancel(statement.statement_id)
            told = lambda: client.lineage.graph("shop.crm.customers", direction="downstream")["edges"] != []
            self.assertTrue(soon(told))
        with as_user("auditor") as client:
            [event, *_] = client.audit.events(statement=statement.statement_id)
            self.assertEqual(client.audit.proof(event["eventId"])["eventId"], event["eventId"])
            self.assertGreater(next(client.audit.checkpoints())["size"], 0)
            self.assertGreater(len(b"".join(client.audit.export()).splitlines()), 5)

    def test_tokens(self) -> None:
        with as_user("admin") as client:
            made = client.tokens.create("of python", principal="analyst", scopes=["catalog"])
            limited = sluice.connect(URL, lambda: made["token"])
            self.assertTrue(next(limited.catalog.tables()))
            with self.assertRaises(sluice.AccessDenied):
                limited.query("SELECT 1")
            client.tokens.revoke(made["id"])
            with self.assertRaises(sluice.AuthenticationError):
                limited.who_am_i()
            self.assertIn(made["id"], [token["id"] for token in client.tokens.list()])
