"""What the head of a request may ask for: RFC 9110, 7.8 and 10.1.1; RFC 9112, 3.2.2."""

import json
from collections.abc import Iterator

import pytest

from tests.support.served import CHUNKED, GET, LAST, POST, Running, ready

UPGRADE = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAM\r\n"
UPGRADING = b"POST /body HTTP/1.1\r\nhost: x\r\n" + UPGRADE + b"%s\r\n"
NEXT = GET % (b"/2", LAST)


@pytest.fixture(scope="module")
def echo() -> Iterator[Running]:
    yield from ready()


@pytest.mark.parametrize("length", [b"content-length: 27\r\n", b"transfer-encoding: chunked\r\n"])
def test_body_of_an_upgrade_is_no_request(echo: Running, length: bytes) -> None:
    """A proxy that hands on `Upgrade` would let a client hide a request in a body.

    Java's HttpClient asks for HTTP/2 in this way, also with a body.
    """
    hidden = GET % (b"/", b"")
    body = hidden if b"length" in length else b"1b\r\n%s\r\n0\r\n\r\n" % hidden
    answers = echo.send(UPGRADING % length, body, NEXT)
    assert answers.count("HTTP/1.1 200 OK\r\n") == 2
    assert '"size": 27' in answers


def test_requests_after_upgrades_are_answered(echo: Running) -> None:
    pipelined = GET % (b"/", UPGRADE) * 60 + NEXT
    answers = echo.send(pipelined)
    assert answers.count("HTTP/1.1 200 OK\r\n") == 61
    assert '["upgrade", ' not in answers


@pytest.mark.parametrize(
    "head",
    [
        b"POST /body HTTP/1.1\r\nhost: x\r\nconnection: close, upgrade\r\n",
        b"POST /body HTTP/1.0\r\nconnection: upgrade\r\n",
    ],
    ids=["close", "1.0"],
)
def test_upgrade_of_a_connection_that_ends_is_answered(echo: Running, head: bytes) -> None:
    answer = echo.send(head + b"upgrade: h2c\r\ncontent-length: 2\r\n\r\n", b"ab")
    assert answer.startswith("HTTP/1.1 200 OK\r\n")
    assert '"size": 2' in answer


def test_trailer_that_would_end_the_connection_is_refused(echo: Running) -> None:
    """Behind a proxy that hands on trailers, the next request is somebody else's."""
    answer = echo.send(CHUNKED + b"0\r\nconnection: close\r\n\r\n" + NEXT)
    assert answer.startswith("HTTP/1.1 400 ")


def test_client_that_was_not_told_to_continue_is_told_that_the_connection_ends(
    echo: Running,
) -> None:
    """Nobody could tell whether its body or its next request follows."""
    head = b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 27\r\n\r\n"
    answer = echo.send(head)
    assert answer.startswith("HTTP/1.1 200 OK\r\n")
    assert "\r\nconnection: close\r\n" in answer


def test_http_1_0_is_not_told_to_continue(echo: Running) -> None:
    head = b"POST /body HTTP/1.0\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n"
    assert echo.send(head, b"ab").startswith("HTTP/1.1 200 OK\r\n")


def test_blanks_around_a_value_do_not_belong_to_it(echo: Running) -> None:
    chunked = b"transfer-encoding:\t chunked  \r\nx-a: \t1 2 \t\r\n"
    answer = echo.send(POST % chunked, b"2\r\nab\r\n0\r\n\r\n")
    assert '"size": 2' in answer
    assert '["x-a", "1 2"]' in answer


@pytest.mark.parametrize("target", [b"http://x", b"http://x?a"])
def test_absolute_address_without_a_path_is_the_root(echo: Running, target: bytes) -> None:
    answer = echo.send(GET % (target, LAST))
    assert json.loads(answer.rpartition("\r\n")[2])["raw_path"] == "/"
