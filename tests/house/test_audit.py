"""The audit of the locks, against a database of our own."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.house import audit

# Where what is told was mended, of libraries that the bridge admits.
MENDED = {"pyjwt": (2, 13), "cryptography": (50,), "starlette": (1, 3, 1)}


class _Database(BaseHTTPRequestHandler):
    asked: list[dict[str, object]]
    bad: str

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        type(self).asked = body["queries"]
        results = [
            {"vulns": [{"id": "GHSA-1"}]} if each["package"]["name"] == self.bad else {}
            for each in body["queries"]
        ]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"results": results}).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Database]]:
    with HTTPServer(("127.0.0.1", 0), _Database) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        monkeypatch.setenv("OSV_URL", f"http://127.0.0.1:{server.server_port}")
        yield _Database
        server.shutdown()
        thread.join()


def test_known_advisory_is_told_and_fails(
    database: type[_Database], capsys: pytest.CaptureFixture[str]
) -> None:
    database.bad = "litestar"
    assert audit.main() == 1
    assert "litestar 2." in (told := capsys.readouterr().out)
    assert ": GHSA-1" in told
    asked = {(each["package"]["name"], each["version"]) for each in database.asked}  # type: ignore[index]
    assert {*audit.floors()} <= asked


def test_without_one_it_says_how_much_was_looked_at(
    database: type[_Database], capsys: pytest.CaptureFixture[str]
) -> None:
    database.bad = ""
    assert audit.main() == 0
    assert capsys.readouterr().out == f"no known advisory for {len(database.asked)} versions\n"


def test_database_out_of_reach_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OSV_URL", "http://127.0.0.1:9")
    assert audit.main() == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("not audited: the advisory database can't be reached (")


@pytest.mark.parametrize("name", MENDED)
def test_bridge_admits_no_version_with_a_known_advisory(name: str) -> None:
    floor = dict(audit.floors())[name]
    assert tuple(map(int, floor.split("."))) >= MENDED[name]
