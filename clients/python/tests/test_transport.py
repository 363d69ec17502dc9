"""When requests are sent again, and what their errors tell: over a server that fails as it is told."""

import contextlib
import email.utils
import io
import json
import threading
import time
import traceback
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Iterator

import pyarrow

import sluice

TOKEN = "sluice_secret-token"
STATEMENT = {
    "statementId": "s",
    "state": "succeeded",
    "manifest": {"schema": [{"name": "n", "type": "int"}]},
    "result": {"rows": [[1]], "nextChunk": None},
}
LOST = "lost"


def problem(status: int, code: str, after: str | None = None) -> tuple[int, Any, dict[str, str]]:
    body = {"code": code, "status": status, "detail": "d", "retryable": status != 400}
    return status, json.dumps(body).encode(), {} if after is None else {"Retry-After": after}


def good(body: Any = STATEMENT) -> tuple[int, Any, dict[str, str]]:
    return 200, json.dumps(body).encode(), {}


@contextlib.contextmanager
def told(*answers: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Answers one after another; what was asked is kept."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            answer = answers[len(asked)] if len(asked) < len(answers) else good()
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append({"headers": dict(self.headers), "body": body})
            if answer == LOST:
                self.close_connection = True
                return
            status, content, headers = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Transfer-Encoding" not in headers:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = "Transfer-Encoding" in headers

        do_GET = do_POST

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


class SentAgain(unittest.TestCase):
    def test_under_its_key_when_waiting_helps_or_nothing_was_heard(self) -> None:
        busy = (LOST, problem(503, "EVIDENCE_UNAVAILABLE", "0"), problem(429, "QUEUE_FULL", "0"))
        with told(*busy) as (url, asked), sluice.connect(url, TOKEN) as client:
            self.assertEqual(client.query("SELECT 1", format="json").rows(), [(1,)])
            self.assertEqual(len(asked), 4)
            self.assertEqual(len({(a["headers"]["Idempotency-Key"], a["body"]) for a in asked}), 1)
            self.assertEqual({a["headers"]["Authorization"] for a in asked}, {f"Bearer {TOKEN}"})

    def test_not_when_it_was_refused(self) -> None:
        with told(problem(400, "SYNTAX_ERROR")) as (url, asked), sluice.connect(url, TOKEN) as client:
            with self.assertRaises(sluice.ProgrammingError):
                client.query("SELEC", format="json")
            self.assertEqual(len(asked), 1)

    def test_after_as_long_as_is_asked_for(self) -> None:
        with told(problem(429, "RATE_LIMITED", "1")) as (url, _), sluice.connect(url, TOKEN) as client:
            started = time.monotonic()
            client.query("SELECT 1", format="json")
            self.assertGreater(time.monotonic() - started, 0.95)

    def test_within_bounds(self) -> None:
        late = email.utils.formatdate(time.time() + 3600, usegmt=True)
        for after in ("3600", late):
            with told(problem(503, "ENGINE_UNAVAILABLE", after)) as (url, asked), sluice.connect(url, TOKEN) as client:
                with self.assertRaises(sluice.OperationalError):
                    client.query("SELECT 1", format="json")
                self.assertEqual(len(asked), 1)
        busy = [problem(429, "QUEUE_FULL", "0")] * 9
        with told(*busy) as (url, asked), sluice.connect(url, TOKEN, attempts_max=3) as client:
            with self.assertRaises(sluice.OperationalError):
                client.query("SELECT 1", format="json")
            self.assertEqual(len(asked), 3)
        slow = [problem(429, "QUEUE_FULL", "1")] * 2
        with told(*slow) as (url, asked), sluice.connect(url, TOKEN, wait_seconds_max=1.5) as client:
            with self.assertRaises(sluice.OperationalError):
                client.query("SELECT 1", format="json")
            self.assertEqual(len(asked), 2)

    def test_only_when_nothing_was_done_where_twice_is_not_once(self) -> None:
        for answer in (LOST, problem(503, "EVIDENCE_UNAVAILABLE", "0")):
            with told(answer) as (url, asked), sluice.connect(url, TOKEN) as client:
                with self.assertRaises(sluice.OperationalError):
                    client.query("INSERT INTO t VALUES (1)", format="arrow")
                self.assertNotIn("Idempotency-Key", asked[0]["headers"])
                self.assertEqual(len(asked), 1)
        sure = (problem(503, "POLICY_VERSION_BEHIND", "0"), problem(429, "QUEUE_FULL", "0"), problem(400, "SYNTAX_ERROR"))
        with told(*sure) as (url, asked), sluice.connect(url, TOKEN) as client:
            with self.assertRaises(sluice.ProgrammingError):
                client.query("INSERT INTO t VALUES (1)", format="arrow")
            self.assertEqual(len(asked), 3)


class Errors(unittest.TestCase):
    def test_of_somebody_before_the_gateway(self) -> None:
        with told((502, b"<h1>Bad gateway</h1>", {})) as (url, _), sluice.connect(url, TOKEN, attempts_max=1) as client:
            with self.assertRaises(sluice.OperationalError) as raised:
                client.who_am_i()
            self.assertEqual((raised.exception.code, raised.exception.retryable), (None, True))

    def test_hold_no_token(self) -> None:
        with told(LOST, LOST) as (url, _), sluice.connect(url, TOKEN, attempts_max=1) as client:
            with self.assertRaises(sluice.ConnectionLost) as raised:
                client.query("SELECT 1", format="json")
            error = raised.exception
            shown = "".join(traceback.format_exception(type(error), error, error.__traceback__))
            for text in (shown, repr(client), repr(vars(error)), str(error.__cause__)):
                self.assertNotIn(TOKEN, text)

    def test_of_a_token_or_address_that_cannot_be(self) -> None:
        for token in ("sluice_secret\n", "", "sluice secret", "ś"):
            with self.assertRaises(sluice.InterfaceError) as raised:
                sluice.connect("http://127.0.0.1:1", token)
            self.assertNotIn("secret", str(raised.exception))
        with self.assertRaises(sluice.InterfaceError):
            sluice.connect("http://127.0.0.1:1", lambda: "sluice_secret\n").who_am_i()
        for url in ("http://me:secret@127.0.0.1", "ftp://127.0.0.1", "127.0.0.1:8080"):
            with self.assertRaises(sluice.InterfaceError):
                sluice.connect(url, TOKEN)

    def test_redirections_are_not_followed(self) -> None:
        away = (302, b"", {"Location": "http://127.0.0.1:1/"})
        with told(away) as (url, asked), sluice.connect(url, TOKEN) as client:
            with self.assertRaises(sluice.DatabaseError):
                client.who_am_i()
            self.assertEqual(len(asked), 1)


class Streams(unittest.TestCase):
    def test_are_whole_or_an_error(self) -> None:
        sink = io.BytesIO()
        table = pyarrow.table({"n": list(range(100_000))})
        with pyarrow.ipc.new_stream(sink, table.schema) as writer:
            for batch in table.to_batches(10_000):
                writer.write_batch(batch)
        whole = sink.getvalue()
        for kept in (len(whole), len(whole) // 2, 100, 0):
            end = b"\r\n0\r\n\r\n" if kept == len(whole) else b""
            answer = (200, f"{len(whole):x}\r\n".encode() + whole[:kept] + end, {"Transfer-Encoding": "chunked"})
            for read in ("to_arrow", "rows", "batches"):
                with self.subTest(kept=kept, read=read), told(answer) as (url, _), sluice.connect(url, TOKEN) as client:
                    result = client.query("SELECT 1", format="arrow")
                    if end:
                        self.assertTrue(list(getattr(result, read)()))
                        continue
                    with self.assertRaises(sluice.ConnectionLost):
                        list(getattr(result, read)())
