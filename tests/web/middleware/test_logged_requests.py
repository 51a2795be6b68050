"""Whole flows: what the log says of them, and what it never says."""

import asyncio
import io
import logging
from contextlib import redirect_stdout
from ipaddress import ip_network
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest

from app.mail.backends import open_mailer
from app.mail.outbox import Outbox
from app.settings.options import AdvancedOptions, IpAddressOptions
from app.settings.settings import Settings
from app.storage.database import Database
from app.web.middleware.log_lines import configure_logging
from tests.support.asgi import call
from tests.support.logged import Lines
from tests.support.service import EMAIL, PASSWORD, SECRET, Service, bearer, browser, cookies, serve
from tests.support.smtp import Sink, link_in

pytestmark = pytest.mark.anyio

BEHIND_A_PROXY = AdvancedOptions(
    ip_address=IpAddressOptions(trusted_proxies=(ip_network("127.0.0.0/8"),))
)


@pytest.fixture
async def service(sqlite_database: Database, log: Lines) -> Service:
    return await serve(sqlite_database)


def _outbox(sink: Sink) -> Outbox:
    url = f"smtp://127.0.0.1:{sink.port}"
    opened = open_mailer(Settings(secret=SECRET, smtp_url=url, mail_from="a@b.co"))
    assert isinstance(opened, Outbox)
    return opened


async def last(log: Lines, **facts: object) -> dict[str, Any]:
    """The latest line that has these."""
    await asyncio.sleep(0)  # lines of requests are written when the event loop turns
    return [line for line in log() if facts.items() <= line.items()][-1]


async def test_wrong_password(service: Service, log: Lines) -> None:
    user = (await service.sign_up()).json()["user"]
    await service.sign_in(password="wrong password")
    line = await last(log, status=401)
    assert line["code"] == "INVALID_EMAIL_OR_PASSWORD"
    assert (line["user"], line["client"]) == (user["id"], "127.0.0.1")


async def test_address_that_nobody_has(service: Service, log: Lines) -> None:
    await service.sign_in("nobody@example.com")
    line = await last(log, status=401)
    assert line["code"] == "INVALID_EMAIL_OR_PASSWORD"
    assert "user" not in line


async def test_what_is_served_names_nobody(service: Service, log: Lines) -> None:
    ada = await service.sign_up()
    await service.get("/get-session", browser(ada))
    line = await last(log, status=200, route="/api/auth/get-session")
    assert not {"code", "user", "client"} & line.keys()


async def test_refusal_to_somebody_who_is_signed_in(service: Service, log: Lines) -> None:
    ada = await service.sign_up()
    await service.post("/verify-password", {"password": "wrong password"}, browser(ada))
    line = await last(log, code="INVALID_PASSWORD")
    assert line["user"] == ada.json()["user"]["id"]


async def test_refusal_before_any_route(service: Service, log: Lines) -> None:
    ada = await service.sign_up()
    headers = [header for header in browser(ada) if header[0] != "origin"]
    await service.post("/sign-out", {}, headers)
    assert (await last(log, status=403))["code"] == "MISSING_OR_NULL_ORIGIN"


@pytest.mark.parametrize(
    ("origin", "said"),
    [("https://evil.test", "'https://evil.test' is not"), ("null", "without an")],
)
async def test_what_is_told_of_an_origin_names_its_request(
    service: Service, log: Lines, origin: str, said: str
) -> None:
    ada = await service.sign_up()
    headers = [header for header in browser(ada) if header[0] != "origin"]
    answer = await service.post("/sign-out", {}, [*headers, ("origin", origin)])
    (told,) = [line for line in log() if said in line.get("message", "")]
    assert told["request_id"] == answer.header("x-request-id")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/reset-password/nothing?callbackURL=/new", "INVALID_TOKEN"),
        ("/verify-email?token=nothing&callbackURL=/done", "INVALID_TOKEN"),
        ("/callback/google", "state_not_found"),
    ],
)
async def test_link_that_leads_to_an_error(
    service: Service, log: Lines, path: str, code: str
) -> None:
    assert (await service.get(path)).status == 302
    assert (await last(log, status=302))["code"] == code


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/tasks/1", 404, "TASK_NOT_FOUND"),
        ("/api/tasks?sort=colour", 422, "VALIDATION_ERROR"),
        ("/api/nobody/tasks", 403, "FORBIDDEN"),
    ],
)
async def test_task_api(service: Service, log: Lines, path: str, status: int, code: str) -> None:
    ada = await service.sign_up()
    token = (await service.get("/token", browser(ada))).json()["token"]
    await call(service.app, "GET", path, bearer(token))
    line = await last(log, status=status)
    assert (line["code"], line["user"]) == (code, ada.json()["user"]["id"])


async def test_task_api_without_a_token(service: Service, log: Lines) -> None:
    await call(service.app, "GET", "/api/tasks")
    assert (await last(log, status=401))["code"] == "UNAUTHORIZED"
    await call(service.app, "GET", "/api/tasks", bearer("a.b.c"))
    assert (await last(log, status=401))["code"] == "INVALID_TOKEN"
    await call(service.app, "DELETE", "/api/tasks")
    assert (await last(log, status=405))["code"] == "METHOD_NOT_ALLOWED"


async def test_path_that_is_none(service: Service, log: Lines) -> None:
    await service.get(f"/nothing?email={EMAIL}&token={PASSWORD}")
    line = await last(log, status=404)
    assert (line["code"], line["route"]) == ("NOT_FOUND", "unmatched")


@pytest.mark.parametrize("form", ["json", "console"])
async def test_whole_flow_has_one_id_for_each_request_and_tells_no_secret(
    sqlite_database: Database,
    smtp_sink: Sink,
    output: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    form: Literal["json", "console"],
) -> None:
    monkeypatch.setattr(logging.getLogger("mail.log"), "disabled", True)  # the tests' own server
    outbox = _outbox(smtp_sink)
    with redirect_stdout(output):
        configure_logging(form)
    service = await serve(sqlite_database, mailer=outbox, advanced=BEHIND_A_PROXY)
    ada = await service.sign_up()
    token = (await service.get("/token", browser(ada))).json()["token"]
    asked = await service.post(
        "/request-password-reset", {"email": EMAIL}, [("x-request-id", "trace-7")]
    )
    await outbox.close()
    (mail,) = smtp_sink.mails
    link = link_in(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]  # it is there
    reset = urlsplit(link).path.rpartition("/")[2]
    await service.get(f"/reset-password/{reset}?callbackURL=/new")
    await service.post("/reset-password", {"newPassword": "another-password", "token": reset})
    await service.sign_in()
    await service.post("/sign-out", {}, browser(ada))
    await asyncio.sleep(0)
    said = output.getvalue()
    assert asked.header("x-request-id") == "trace-7"
    assert [line for line in said.splitlines() if "trace-7" in line and "mail sent" in line]
    assert "session ended" in said
    secrets = [EMAIL, PASSWORD, "another-password", reset, token, cookies(ada).partition("=")[2]]
    assert [secret for secret in (*secrets, ada.json()["token"]) if secret in said] == []
