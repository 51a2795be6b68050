"""Several requests on one connection: their order, and clients that send nothing more."""

import re
import socket
from collections.abc import Iterator

import pytest

from app.server.http_protocol import MAX_HEAD
from tests.support.served import CHUNKED, GET, HALF, LAST, MALFORMED, Running, ready, received

SLOW = GET % (b"/slow", b"")
QUICK = GET % (b"/2", b"")
BAD_CHUNK = CHUNKED + b"zz\r\n"
LONG = GET[:-2] % (b"/", b"x: ") + b"a" * 2 * MAX_HEAD


@pytest.fixture(scope="module")
def echo() -> Iterator[Running]:
    yield from ready()


def read_statuses(answers: str) -> list[str]:
    return re.findall(r"HTTP/1\.1 (\d+) ", answers)


def send_all(running: Running, request: bytes) -> list[str]:
    """Sends this and says that it is all. Returns the statuses of the answers."""
    with running.connected() as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return read_statuses("".join(received(connection)))


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (MALFORMED, "400"),
        (b"GET / HTTP/1.1\r\n\r\n", "400"),
        (BAD_CHUNK, "400"),
        (LONG, "431"),
    ],
    ids=["line", "host", "chunk", "length"],
)
@pytest.mark.parametrize("before", [[SLOW], [SLOW, QUICK]], ids=["one", "two"])
def test_refusal_follows_the_responses_to_earlier_requests(
    echo: Running, before: list[bytes], fault: bytes, status: str
) -> None:
    answers = echo.send(b"".join(before) + fault)
    assert read_statuses(answers) == ["200"] * len(before) + [status]
    assert answers.count('"faults": 0') == len(before)


def test_refusal_that_comes_while_a_response_is_made_waits_for_it(echo: Running) -> None:
    assert read_statuses(echo.send(SLOW, MALFORMED)) == ["200", "400"]


def test_refused_body_is_answered_at_once(echo: Running) -> None:
    assert read_statuses(echo.send(BAD_CHUNK)) == ["400"]


def test_nothing_is_said_to_a_fault_after_the_last_request(echo: Running) -> None:
    assert read_statuses(echo.send(GET % (b"/slow", LAST) + MALFORMED)) == ["200"]


def test_more_requests_than_may_wait_are_all_answered(echo: Running) -> None:
    last = GET % (b"/last", LAST)
    answers = echo.send(SLOW + QUICK * 9000, QUICK * 9000, last)
    assert len(read_statuses(answers)) == 18002
    assert answers.rpartition('"raw_path": "')[2].startswith("/last")


@pytest.mark.parametrize(
    ("request_", "statuses"),
    [
        (SLOW, ["200"]),
        (SLOW + QUICK + SLOW, ["200", "200", "200"]),
        (QUICK * 3000, ["200"] * 3000),
        (b"", []),
        (SLOW[:-2], ["400"]),
        (HALF, ["400"]),
        (SLOW + HALF, ["200", "400"]),
        (SLOW + QUICK[:-2], ["200", "400"]),
    ],
    ids=["one", "three", "many", "none", "head", "body", "second body", "second head"],
)
def test_client_that_sends_nothing_more_is_answered(
    echo: Running, request_: bytes, statuses: list[str]
) -> None:
    assert send_all(echo, request_) == statuses
