import errno
import itertools
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.server import http_server
from app.server.http_protocol import MAX_FIELDS, MAX_HEAD, SMALL_BODY
from app.server.http_server import GRACE, ServingError, bind
from tests.support.served import (
    CHUNKED,
    GET,
    HALF,
    LAST,
    POST,
    SECONDS,
    Running,
    answers,
    ready,
    received,
    serving,
    until,
)


@pytest.fixture(scope="module")
def echo() -> Iterator[Running]:
    yield from ready()


@pytest.fixture(scope="module")
def hasty() -> Iterator[Running]:
    yield from ready("hasty")


def test_path_and_headers_arrive_as_sent(echo: Running) -> None:
    answer = echo.send(GET % (b"//a%2Fb/%e9/?x", b"x-a: 1\r\nx-a: \xff\r\n" + LAST))
    seen = json.loads(answer.rpartition("\r\n")[2])
    assert seen["raw_path"] == "//a%2Fb/%e9/"
    assert seen["headers"] == [
        ["host", "x"],
        ["x-a", "1"],
        ["x-a", "ÿ"],
        ["connection", "close"],
    ]


def test_forwarding_headers_are_not_believed(echo: Running) -> None:
    answer = echo.send(GET % (b"/", b"x-forwarded-for: 192.0.2.1\r\n" + LAST))
    assert json.loads(answer.rpartition("\r\n")[2])["client"] in {"127.0.0.1", "::1"}


def test_server_does_not_name_itself(echo: Running) -> None:
    head = echo.send(GET % (b"/", LAST)).partition("\r\n\r\n")[0].lower()
    assert "\r\ndate: " in head
    assert "\r\nserver:" not in head


def test_pipelined_requests_are_answered_in_order(echo: Running) -> None:
    answers = echo.send(GET % (b"/slow", b"") + GET % (b"/2", b"") + GET % (b"/3", LAST))
    paths = [part.partition('"')[0] for part in answers.split('"raw_path": "')[1:]]
    assert paths == ["/slow", "/2", "/3"]


def test_head_is_answered_without_a_body(echo: Running) -> None:
    answer = echo.send(b"HEAD / HTTP/1.1\r\nhost: x\r\n" + LAST + b"\r\n")
    assert answer.startswith("HTTP/1.1 200 OK\r\n")
    assert answer.endswith("\r\n\r\n")


def test_expect_continue_is_granted(echo: Running) -> None:
    head = b"expect: 100-continue\r\ncontent-length: 5\r\n"
    answer = echo.send(POST % head, b"hello")
    assert answer.startswith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert '"size": 5' in answer


@pytest.mark.parametrize("longer", [-200, 200, MAX_HEAD])
def test_head_is_measured_however_it_arrives(echo: Running, longer: int) -> None:
    head = b"x-long: %s\r\n" % (b"a" * (MAX_HEAD + longer))
    answer = echo.send(GET % (b"/", head + LAST))
    assert answer.startswith("HTTP/1.1 200 " if longer < 0 else "HTTP/1.1 431 ")
    assert echo.send(GET % (b"/", b"") * 3000 + GET % (b"/", LAST)).count("HTTP/1.1 200 ") == 3001


@pytest.mark.parametrize(
    "before",
    [GET % (b"/", b""), b"POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}"],
)
def test_head_that_comes_with_an_earlier_request_is_measured_too(
    echo: Running, before: bytes
) -> None:
    head = b"x-long: %s\r\n" % (b"a" * (MAX_HEAD + 200))
    assert "HTTP/1.1 431 " in echo.send(before + GET % (b"/", head + LAST))


@pytest.mark.parametrize("end", [LAST + b"\r\n", b""], ids=["whole", "unfinished"])
@pytest.mark.parametrize("before", [b"", GET % (b"/slow", b"")], ids=["first", "second"])
def test_head_of_too_many_headers_is_a_long_head(echo: Running, before: bytes, end: bytes) -> None:
    """The shortest ones take far more memory than their bytes."""
    head = before + GET[:-2] % (b"/", b"a:\r\n" * 15000)
    answers = echo.send(head + end)
    assert "HTTP/1.1 431 " in answers
    assert answers.count("HTTP/1.1 200 ") == (1 if before else 0)


def test_headers_up_to_the_limit_are_taken(echo: Running) -> None:
    head = b"a:\r\n" * (MAX_FIELDS - 2)  # with those of GET and LAST
    assert echo.send(GET % (b"/", head + LAST)).startswith("HTTP/1.1 200 ")
    assert echo.send(GET % (b"/", head + b"a:\r\n" + LAST)).startswith("HTTP/1.1 431 ")


def test_long_path_is_a_long_head(echo: Running) -> None:
    answer = echo.send(GET % (b"/" + b"a" * MAX_HEAD, LAST))
    assert answer.startswith("HTTP/1.1 431 ")


def test_long_body_is_no_long_header(echo: Running) -> None:
    head = b"content-length: %d\r\n" % (4 * MAX_HEAD)
    assert f'"size": {4 * MAX_HEAD}' in echo.send(POST % head, b"x" * 4 * MAX_HEAD)


@pytest.mark.parametrize("piece", [b"x-long: ", b"GET /"])
def test_endless_header_is_cut_off(echo: Running, piece: bytes) -> None:
    start = b"" if piece.startswith(b"GET") else b"GET / HTTP/1.1\r\n"
    answer = echo.send(start + piece, *[b"a" * 8192] * (MAX_HEAD // 8192 + 1))
    assert answer.startswith("HTTP/1.1 4") or answer == ""
    assert answers(echo)


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nhost: x\r\nx: a\x00b\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nx : a\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.0\r\nhost: x\r\nHost: y\r\n\r\n",
        b"POST / HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/0.9\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/2.0\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nx-a: 1\r\n 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: +1\r\n\r\n0",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1, 1\r\n\r\n0",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n",
    ],
)
def test_malformed_request_is_answered_400(echo: Running, request_: bytes) -> None:
    assert echo.send(request_).startswith("HTTP/1.1 400 Bad Request\r\n")


def test_chunked_body_is_read(echo: Running) -> None:
    assert '"size": 2' in echo.send(
        POST % b"transfer-encoding: Chunked\r\n" + b"2\r\nab\r\n0\r\n\r\n"
    )


def test_trailer_is_no_header(echo: Running) -> None:
    """A proxy replaces what clients say of their address in headers only (RFC 9110, 6.5.1)."""
    trailer = b"0\r\nx-forwarded-for: 192.0.2.1\r\n\r\n"
    answer = echo.send(POST % b"transfer-encoding: chunked\r\n" + trailer)
    assert answer.startswith("HTTP/1.1 200 OK\r\n")
    assert "x-forwarded-for" not in answer


def test_http_1_0_needs_no_host(echo: Running) -> None:
    assert echo.send(b"GET / HTTP/1.0\r\n\r\n").startswith("HTTP/1.1 200 OK\r\n")


def test_silent_connection_is_closed(hasty: Running) -> None:
    with hasty.connected() as silent:
        assert silent.recv(1) == b""


@pytest.mark.parametrize("start", [b"GET / HT", GET[:-4] % b"/", HALF])
def test_request_that_does_not_arrive_whole_is_answered_408(hasty: Running, start: bytes) -> None:
    assert hasty.send(start).startswith("HTTP/1.1 408 Request Timeout\r\n")


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\nx: ", POST % b"content-length: 9999\r\n"])
def test_dripping_does_not_gain_time(hasty: Running, start: bytes) -> None:
    with socket.create_connection(("localhost", hasty.port), timeout=0.02) as connection:
        connection.sendall(start)
        until(lambda: drips(connection))


def test_dripping_a_body_after_the_response_does_not_gain_time(hasty: Running) -> None:
    with hasty.connected() as connection:
        connection.sendall(CHUNKED.replace(b"/body", b"/"))
        until(lambda: connection.recv(65536).endswith(b"}"))
        connection.settimeout(0.02)
        drops = itertools.cycle([b"1\r\n", b"a\r\n"])
        until(lambda: drips(connection, next(drops)))


def test_connection_that_is_idle_after_a_chunked_body_is_closed_without_a_word(
    hasty: Running,
) -> None:
    """A client would take what comes now as the response to its next request."""
    with hasty.connected() as idle:
        idle.sendall(CHUNKED)
        time.sleep(0.05)  # the last chunk must arrive alone
        idle.sendall(b"0\r\n\r\n")
        assert "".join(received(idle)).count("HTTP/1.1 ") == 1


def test_empty_line_after_a_body_starts_no_request(hasty: Running) -> None:
    """RFC 9112, 2.2: some clients send one too many."""
    with hasty.connected() as idle:
        idle.sendall(POST.replace(LAST, b"") % b"content-length: 2\r\n" + b"ab")
        time.sleep(0.05)  # the empty line must arrive alone
        idle.sendall(b"\r\n")
        assert "".join(received(idle)).count("HTTP/1.1 ") == 1


def test_body_that_stops_after_its_response_gets_no_second_one(hasty: Running) -> None:
    assert hasty.send(CHUNKED.replace(b"/body", b"/")).count("HTTP/1.1 ") == 1


def test_second_request_has_a_time_limit_too(hasty: Running) -> None:
    answers = hasty.send(GET % (b"/", b"") + HALF)
    assert [part[:3] for part in answers.split("HTTP/1.1 ")] == ["", "200", "408"]


def test_body_cut_short_is_a_disconnect_to_the_application() -> None:
    with contextmanager(ready)("hasty") as running:
        running.send(HALF)
        assert '"gone": 1' in running.ask("/").decode()


def test_client_that_stops_reading_is_no_fault() -> None:
    """Requests wait behind one whose answer is not taken."""
    with contextmanager(ready)("hasty") as running:
        with running.connected() as deaf:
            deaf.sendall(GET % (b"/flood", b"") * 4)
            time.sleep(1)
            with suppress(ConnectionError):
                until(lambda: deaf.recv(1024 * 1024) == b"")
        assert '"faults": 0' in running.ask("/").decode()


@pytest.mark.parametrize("next_", [GET % (b"/", LAST), POST % b"content-length: 2\r\n" + b"ab"])
def test_time_of_the_application_is_not_the_clients(hasty: Running, next_: bytes) -> None:
    """`/slow` takes longer than a head and a body may take."""
    assert hasty.send(GET % (b"/slow", b"") + next_).count("HTTP/1.1 200 OK\r\n") == 2


def test_unfinished_bodies_have_bounded_memory() -> None:
    half = POST % b"content-length: %d\r\n" % (2 * SMALL_BODY)
    with contextmanager(ready)("small") as running:
        with ExitStack() as held:
            for _ in range(4):
                held.enter_context(running.connected()).sendall(half + b"x" * (SMALL_BODY + 1))
            assert running.send(half, b"x" * (SMALL_BODY + 1)).startswith("HTTP/1.1 503 ")
            assert '"size": 2' in running.send(POST % b"content-length: 2\r\n", b"a", b"b")
        until(lambda: '"size": ' in running.send(half, b"x" * 2 * SMALL_BODY))


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_lets_requests_finish_and_ends_with_0(workers: int, number: signal.Signals) -> None:
    with serving(workers=workers) as running:
        until(lambda: answers(running))
        with running.connected() as waiting:
            waiting.sendall(GET % (b"/", b"") + GET % (b"/slow", b"") + b"GET / HTTP")
            first = waiting.recv(65536).decode()  # after it, `/slow` has begun
            assert running.end(number) == 0
            assert (first + "".join(received(waiting))).count("HTTP/1.1 200 OK\r\n") == 2


def test_signal_does_not_wait_for_a_client() -> None:
    """That has not sent its head or its body, or that does not read what is answered."""
    with contextmanager(ready)() as running, ExitStack() as clients:
        for start in (b"GET / HT", HALF):
            clients.enter_context(running.connected()).sendall(start)
        deaf = clients.enter_context(running.connected())
        deaf.sendall(GET % (b"/flood", b""))
        assert deaf.recv(1) == b"H"
        assert seconds_to_end(running) < GRACE / 2


@pytest.mark.parametrize("workers", [1, 2])
def test_request_that_crosses_the_signal_is_answered(workers: int) -> None:
    """New connections are refused meanwhile: nobody would answer them."""
    with serving("lingering", workers) as running, connected_to_ready(running) as idle:
        idle.sendall(GET % (b"/", b""))
        until(lambda: idle.recv(65536).endswith(b"}"))
        running.process.send_signal(signal.SIGTERM)
        until(lambda: not answers(running))
        idle.sendall(GET % (b"/", b""))
        answer = "".join(received(idle))
        assert answer.startswith("HTTP/1.1 200 OK\r\n")
        assert "\r\nconnection: close\r\n" in answer
        assert running.process.wait(SECONDS) == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_application_that_does_not_start_is_told_in_one_line(workers: int) -> None:
    with serving("stuck", workers) as running:
        said = running.process.communicate(timeout=SECONDS)[1]
        assert running.process.returncode == 1
        assert said == "the store is closed\nrefused \n"


def test_worker_without_application_ends_the_server() -> None:
    with serving("broken", 2) as running:
        said = running.process.communicate(timeout=SECONDS)[1]
        assert running.process.returncode == 1
        assert said == "no such thing\nrefused \n"


def test_port_in_use_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServingError, match=f"port {port} is in use: stop that program"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (errno.EACCES, "port 80 is not allowed for this user: choose one above 1023 with PORT=…"),
        (errno.EIO, "port 80 can't be used: Input/output error"),
    ],
)
def test_port_that_the_system_refuses_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, number: int, line: str
) -> None:
    def refuse(_: socket.socket) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(http_server, "reserve_port", refuse)
    with pytest.raises(ServingError, match=f"^{line}$"):
        bind("127.0.0.1", 80)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1", "a" * 70])
def test_bad_host_is_told_in_one_line(host: str) -> None:
    with pytest.raises(ServingError, match=f"^host '{host}' is "):
        bind(host, 0)


def seconds_to_end(running: Running) -> float:
    begun = time.monotonic()
    assert running.end() == 0
    return time.monotonic() - begun


def connected_to_ready(running: Running) -> socket.socket:
    until(lambda: answers(running))
    return running.connected()


def drips(connection: socket.socket, drop: bytes = b"x") -> bool:
    """Sends a little more. Whether the server has closed, or said that it will."""
    try:
        connection.sendall(drop)
        connection.recv(1)
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


@pytest.mark.parametrize(
    ("status", "phrase"), [(413, b"Payload Too Large"), (422, b"Unprocessable Entity")]
)
def test_reason_phrase_is_node_s_whatever_python_says(status: int, phrase: bytes) -> None:
    """The official client hands it on as `statusText`."""
    assert STATUS_LINE[status] == b"HTTP/1.1 %d %s\r\n" % (status, phrase)
