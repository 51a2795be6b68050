import asyncio
import io
import logging
import re
from collections.abc import Callable
from ipaddress import ip_network

import pytest

from app.models.telemetry.log_context import note_refusal, note_user
from app.models.telemetry.log_events import log_event
from app.settings.options import IpAddressOptions
from app.web.http.asgi import App, Receive, Scope, Send, respond
from app.web.middleware.log_lines import configure_logging
from tests.support.asgi import Answer, call
from tests.support.logged import Lines
from tests.support.outer_layer import add_outer_layer

pytestmark = pytest.mark.anyio
TOKEN = "tok-3f9a"
PROXY = IpAddressOptions(trusted_proxies=(ip_network("127.0.0.0/8"),))


@pytest.fixture
def console(output: io.StringIO) -> Callable[[], str]:
    """What was logged so far, as people see it."""
    configure_logging("console")
    return output.getvalue


async def ask(
    app: App, method: str = "GET", *, addresses: IpAddressOptions = PROXY, **headers: str
) -> Answer:
    given = [(name.replace("_", "-"), value) for name, value in headers.items()]
    answer = await call(
        add_outer_layer(app, addresses), method, f"/verify/{TOKEN}?token={TOKEN}", given
    )
    await asyncio.sleep(0)  # lines are written when the event loop turns
    return answer


async def test_request_is_one_line(log: Lines) -> None:
    answer = await ask(_routed)
    (line,) = log()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert 0 <= line.pop("ms") < 1000
    assert line == {
        "level": "info",
        "request_id": answer.header("x-request-id"),
        "method": "GET",
        "route": "/verify/{token:str}",
        "status": 201,
    }


async def test_requests_that_end_together_have_a_line_each(log: Lines) -> None:
    layer = add_outer_layer(_routed, PROXY)
    await asyncio.gather(*(call(layer, "GET", f"/{n}") for n in range(3)))
    await asyncio.sleep(0)
    assert len({line["request_id"] for line in log()}) == 3


async def test_handlers_of_other_programs_get_text(caplog: pytest.LogCaptureFixture) -> None:
    """Some export `msg` as it is where it has no arguments."""
    caplog.set_level(logging.INFO, "better_auth.request")
    await ask(_routed)
    [record] = caplog.records
    assert isinstance(record.msg, str)
    assert record.getMessage().startswith("GET /verify/{token:str} 201 ")


async def test_unknown_path_is_not_repeated(log: Lines, output: io.StringIO) -> None:
    await ask(_unrouted)
    assert log()[0]["route"] == "unmatched"
    assert TOKEN not in output.getvalue()


async def test_unknown_method_is_not_repeated(log: Lines) -> None:
    await ask(_routed, "PROPFIND")
    assert log()[0]["method"] == "OTHER"


async def test_console_line_is_for_eyes(console: Callable[[], str]) -> None:
    await ask(_routed, x_request_id="abc")
    line = r"\S+Z INFO    GET /verify/\{token:str\} 201 \d+\.\d\d ms abc\n"
    assert re.fullmatch(line, console())


async def test_headers_of_the_application_stay(log: Lines) -> None:
    answer = await ask(_routed)
    assert answer.header_list("set-cookie") == ["a=1", "b=2"]


async def test_sane_id_of_a_trusted_proxy_is_taken_over(log: Lines) -> None:
    answer = await ask(_routed, x_request_id="trace-1.A_z")
    assert answer.header("x-request-id") == log()[0]["request_id"] == "trace-1.A_z"


async def test_id_of_anybody_else_is_replaced(log: Lines) -> None:
    answer = await ask(_routed, addresses=IpAddressOptions(), x_request_id="trace-1.A_z")
    assert re.fullmatch(r"[0-9a-f]{18}", answer.header("x-request-id") or "")


@pytest.mark.parametrize("given", ["", "a b", "é", "x" * 65, 'a"b', "a\n"])
async def test_odd_id_of_a_proxy_is_replaced(log: Lines, given: str) -> None:
    answer = await ask(_routed, x_request_id=given)
    assert re.fullmatch(r"[0-9a-f]{18}", answer.header("x-request-id") or "")


async def test_unhandled_error_is_answered_500_without_a_word_of_it(log: Lines) -> None:
    answer = await ask(_faulty)
    assert answer.status == 500
    assert answer.header("content-type") == "application/json"
    assert answer.json() == {
        "message": "Internal Server Error",
        "code": "INTERNAL_SERVER_ERROR",
        "requestId": answer.header("x-request-id"),
    }


async def test_unhandled_error_is_logged_once_under_the_id_of_the_answer(log: Lines) -> None:
    answer = await ask(_faulty)
    fault, line = log()
    assert fault["level"] == line["level"] == "error"
    assert fault["request_id"] == line["request_id"] == answer.header("x-request-id")
    assert fault["trace"].endswith("LookupError: a fault of ours")
    assert line["status"] == 500


async def test_refused_request_says_why_who_and_from_where(log: Lines) -> None:
    await ask(_refusing, x_forwarded_for="203.0.113.9")
    (line,) = log()
    assert line["status"] == 401
    assert (line["code"], line["user"], line["client"]) == ("NOT_YOU", "user-1", "203.0.113.9")


async def test_refused_request_on_the_console(console: Callable[[], str]) -> None:
    await ask(_refusing, x_request_id="abc")
    why = "code=NOT_YOU user=user-1 client=127.0.0.1"
    line = rf"\S+Z INFO    GET unmatched 401 \d+\.\d\d ms {why} abc\n"
    assert re.fullmatch(line, console())


async def test_redirect_to_an_error_is_refused_too(log: Lines) -> None:
    await ask(_turning_away)
    assert (log()[0]["status"], log()[0]["code"]) == (302, "TOKEN_EXPIRED")


async def test_refusal_without_a_code_has_the_name_of_its_status(log: Lines) -> None:
    await ask(_unrouted)
    assert log()[0]["code"] == "NOT_FOUND"


async def test_address_is_not_logged_where_addresses_are_not_tracked(log: Lines) -> None:
    await ask(_refusing, addresses=IpAddressOptions(disable_ip_tracking=True))
    assert "client" not in log()[0]


async def test_limit_that_all_behind_a_proxy_share_is_told(log: Lines) -> None:
    await ask(_too_many, addresses=IpAddressOptions(), x_forwarded_for="203.0.113.9")
    (line,) = log()
    assert (line["client"], line["ignored"]) == ("127.0.0.1", "x-forwarded-for")


async def test_limit_of_one_client_is_told_of_that_client(log: Lines) -> None:
    await ask(_too_many, x_forwarded_for="203.0.113.9")
    (line,) = log()
    assert line["client"] == "203.0.113.9"
    assert "ignored" not in line


async def test_every_line_of_a_request_has_its_id(log: Lines) -> None:
    answer = await ask(_eventful)
    event, later, request = log()
    ids = {line["request_id"] for line in (event, later, request)}
    assert ids == {answer.header("x-request-id")}


async def test_event_has_its_facts_and_none_that_is_unknown(log: Lines) -> None:
    await ask(_eventful)
    event = log()[0]
    del event["time"], event["request_id"]
    assert event == {
        "level": "warning",
        "logger": "app",
        "message": "store unreachable",
        "tries": 2,
        "reason": "no route",
    }


async def test_event_for_eyes_cannot_be_forged(console: Callable[[], str]) -> None:
    log_event(logging.getLogger("app"), "mail sent", kind="reset", reason='a "b"\nc=d')
    assert console().endswith(' INFO    mail sent kind=reset reason="a \\"b\\"\\nc=d"\n')


async def test_error_after_the_answer_began_breaks_the_connection(log: Lines) -> None:
    with pytest.raises(LookupError):
        await ask(_broken_off)
    await asyncio.sleep(0)
    assert [line.get("status") for line in log()] == [None, 500]


async def test_client_that_left_is_no_error(log: Lines) -> None:
    layer = add_outer_layer(_abandoned, PROXY)
    await layer({"type": "http", "method": "GET", "headers": []}, _nothing, _unsent)
    await asyncio.sleep(0)
    assert [(line["level"], line["status"]) for line in log()] == [("info", 499)]


async def test_log_line_cannot_be_forged(console: Callable[[], str]) -> None:
    logging.getLogger("app").warning("from %s", "a\r\n2026 INFO forged")
    assert console().count("\n") == 1


async def _routed(scope: Scope, _receive: Receive, send: Send) -> None:
    scope["path_template"] = "/verify/{token:str}"
    await respond(send, 201, [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")])


async def _too_many(_scope: Scope, _receive: Receive, send: Send) -> None:
    await respond(send, 429, [])


async def _unrouted(_scope: Scope, _receive: Receive, send: Send) -> None:
    await respond(send, 404, [])


async def _refusing(_scope: Scope, _receive: Receive, send: Send) -> None:
    note_user("user-1")
    note_refusal("NOT_YOU")
    await respond(send, 401, [])


async def _turning_away(_scope: Scope, _receive: Receive, send: Send) -> None:
    note_refusal("TOKEN_EXPIRED")
    await respond(send, 302, [])


async def _eventful(scope: Scope, receive: Receive, send: Send) -> None:
    logger = logging.getLogger("app")
    log_event(logger, "store unreachable", logging.WARNING, tries=2, reason="no route", user=None)
    await asyncio.create_task(_later())
    await _routed(scope, receive, send)


async def _later() -> None:
    logging.getLogger("app").warning("somewhere else")


async def _faulty(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise LookupError("a fault of ours")


async def _broken_off(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise LookupError("too late")


async def _abandoned(_scope: Scope, _receive: Receive, _send: Send) -> None:
    return


async def _nothing() -> dict[str, object]:
    raise AssertionError("nobody reads here")


async def _unsent(_message: object) -> None:
    raise AssertionError("nobody writes here")
