"""The blocks of docs/extending.md in FastAPI, Litestar, Django and the service, with the client."""

import base64
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from textwrap import indent
from typing import Any, NamedTuple

import pytest

from tests.support.pages import block
from tests.support.waiting import until
from tests.support.webhooks import Received, receiving
from tests.system.js_client import service
from tests.system.js_client.flow import Result, run_flow
from tests.system.packaging.people import sign_up

from .hosts import DJANGO, hosting

pytestmark = pytest.mark.xdist_group("embedding")

_TABLES = """
CREATE TABLE profiles (user_id TEXT PRIMARY KEY, plan TEXT);
CREATE TABLE bans (user_id TEXT, reason TEXT);
CREATE TABLE members (user_id TEXT, tenant TEXT);
CREATE TRIGGER joined AFTER INSERT ON profiles BEGIN
  INSERT INTO members VALUES (NEW.user_id, 'acme');
END;
"""
_HOOKS = (
    block("docs/extending.md", "A row of yours when somebody signs up", "python")
    + block("docs/extending.md", "Your claims in the token", "python")
    + block("docs/extending.md", "The tenant of a user, from a table", "python")
    + block("docs/extending.md", "Mail by an HTTP provider", "python")
    + block("docs/extending.md", "Addresses of one company", "python")
    + block("docs/extending.md", "A ban button", "python")
)
_MOUNTS = {
    "fastapi": block("docs/embedding.md", "FastAPI", "python")
    + block("docs/extending.md", "A ban button", "python", 1),
    "litestar": block("docs/embedding.md", "Litestar", "python")
    + block("docs/extending.md", "A ban button", "python", 2),
    "django": block("docs/embedding.md", "Django", "python"),
}
_URLS = """
from django.urls import path
from views import ban

urlpatterns = [path("admin/users/<str:user_id>/ban", ban)]
"""
_FILES = {
    "django": {
        **DJANGO,
        "urls.py": _URLS,
        "views.py": block("docs/extending.md", "A ban button", "python", 3),
    }
}
# As the page says: in `register(hooks)`, with `@hooks.…`.
_MODULE = "def register(hooks):\n" + indent(_HOOKS.replace("@auth.hooks.", "@hooks."), "    ")
_WHERE = "WHERE email = 'root@acme.com'"


class Extended(NamedTuple):
    """What the client got, which mails the provider got, and the rows of the application."""

    seen: Result
    mails: list[Received]
    profiles: list[tuple[str, str]]
    bans: list[tuple[str, str]]

    @property
    def user(self) -> dict[str, Any]:
        found: dict[str, Any] = self.seen["up"]["data"]["user"]
        return found


@contextmanager
def serving(name: str, folder: Path, **settings: str) -> Iterator[service.Service]:
    if name == "service":
        (folder / "my_hooks.py").write_text(_MODULE)
        settings |= {"BETTER_AUTH_HOOKS": "my_hooks", "BETTER_AUTH_PLUGINS": "admin"}
        with service.running("sqlite:///auth.db", folder, **settings) as running:
            yield running
        return
    files = _FILES.get(name, {})
    with hosting(_MOUNTS[name] + _HOOKS, folder, files=files, arguments=(), **settings) as host:
        yield service.Service(url=host.url, mails=folder / "mails")


@pytest.fixture(scope="module", params=["fastapi", "litestar", "django", "service"])
def extended(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Extended:
    folder = tmp_path_factory.mktemp(request.param)
    with closing(sqlite3.connect(folder / "auth.db", isolation_level=None)) as database:
        database.executescript(_TABLES)
        with (
            receiving() as provider,
            serving(
                request.param,
                folder,
                TENANTS_URL="sqlite+aiosqlite:///auth.db",
                MAIL_API_URL=provider.url,
                MAIL_API_KEY="key-1",
            ) as running,
        ):
            sign_up(running.url, "root", "acme.com")
            role = ", role = 'admin'" if request.param == "service" else ""
            database.execute(f'UPDATE "user" SET emailVerified = 1{role} {_WHERE}')
            seen = run_flow(running, "extended")
            until(lambda: len(provider.received) > 0, 10)
        return Extended(
            seen,
            provider.received,
            database.execute("SELECT user_id, plan FROM profiles").fetchall(),
            database.execute("SELECT user_id, reason FROM bans").fetchall(),
        )


def test_another_company_is_refused(extended: Extended) -> None:
    assert extended.seen["refused"]["error"]["code"] == "COMPANY_ONLY"


def test_a_sign_up_has_its_row(extended: Extended) -> None:
    assert (extended.user["id"], "free") in extended.profiles
    assert len(extended.profiles) == 2, "of those who signed up, and of nobody who was refused"


def test_the_token_has_the_claims(extended: Extended) -> None:
    payload = extended.seen["token"]["data"]["token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert (claims["region"], claims["tenant"]) == ("eu", "acme")
    assert claims["email"] == extended.user["email"]


def test_the_provider_gets_the_mail(extended: Extended) -> None:
    assert extended.seen["forgotten"]["data"]["status"]
    (received,) = extended.mails
    mail = json.loads(received.body)
    assert received.headers["authorization"] == "Bearer key-1"
    assert mail["to"] == extended.user["email"]
    assert "/api/auth/reset-password/" in mail["text"]


def test_the_button_bans(extended: Extended) -> None:
    assert extended.seen["others"] == 403, "who is no administrator"
    assert extended.seen["banned"] == 200
    assert extended.seen["session"]["data"] is None
    assert extended.seen["again"]["error"]["status"] == 403
    assert extended.bans == [(extended.user["id"], "by the button")]
