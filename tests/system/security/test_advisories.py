"""Better Auth's and its siblings' advisories that no other test names, each as what must hold here.

The others are named where the feature is tested; `docs/security.md` lists all of them.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app.server.plugins import read_settings
from app.settings.environment import SettingsError
from app.settings.options import (
    ChangeEmailOptions,
    EmailAndPasswordOptions,
    RateLimitOptions,
    UserOptions,
)
from tests.support.asgi import Header, Json
from tests.support.documented import default_document
from tests.support.secret import STRONG_SECRET
from tests.support.service import EMAIL, JSON, ORIGIN, PASSWORD, Rows, Service, browser, serving
from tests.support.smtp import Outgoing
from tests.support.tables import accounts, sessions, users

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]
SECURITY = (ROOT / "docs" / "security.md").read_text()
ROWS = re.findall(r"^\| ([^|]+) \| ([^|]+) \| `([^`|]+)` \|$", SECURITY, re.MULTILINE)


@pytest.fixture
async def service(sqlite_url: str) -> AsyncIterator[Service]:
    async with serving(sqlite_url) as made:
        yield made


def test_page_of_advisories_has_rows() -> None:
    assert len(ROWS) > 40


@pytest.mark.parametrize(("advisory", "file"), [(row[0], row[2]) for row in ROWS])
def test_named_test_names_the_advisory(advisory: str, file: str) -> None:
    kind, *rest = re.split("[- ]", advisory)  # what a version mended goes by the version alone
    mark = rest[kind not in {"GHSA", "PR"}] if rest else kind
    assert mark in (ROOT / file).read_text()


async def test_limit_is_heard_before_the_body_is_read(sqlite_url: str) -> None:
    """PR #10191: handlers ran before the limiter."""
    async with serving(sqlite_url, rate_limit=RateLimitOptions()) as service:
        answers = [await service.post("/sign-in/email", b"{", [JSON]) for _ in range(4)]
    assert [answer.status for answer in answers] == [400, 400, 400, 429]


async def test_no_session_comes_of_half_a_proof(sqlite_url: str) -> None:
    """GHSA-xg6x-h9c9-2m83: a cache cookie was written before the second factor."""
    async with serving(sqlite_url) as service:
        await service.sign_up()
        await service.execute("DELETE FROM session")
        await service.execute('ALTER TABLE "user" ADD COLUMN "twoFactorEnabled" integer')
        await service.execute('UPDATE "user" SET "twoFactorEnabled" = 1')
    async with serving(sqlite_url) as service:
        refused = await service.sign_in()
        assert (refused.status, refused.json()["code"]) == (403, "TWO_FACTOR_REQUIRED")
        assert refused.header_list("set-cookie") == refused.header_list("set-auth-token") == []
        assert await service.rows(sessions) == []


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
async def test_answers_tell_nobody_who_has_an_account(sqlite_url: str, email: str) -> None:
    """PR #8863, #8091, #8097, #8839 and af2950e5ad: enumeration by answers."""
    quiet = EmailAndPasswordOptions(require_email_verification=True)
    change = UserOptions(change_email=ChangeEmailOptions(enabled=True))
    options = {"email_and_password": quiet, "user": change, "mailer": Outgoing()}
    async with serving(sqlite_url, **options) as service:
        await service.sign_up()
        body = {"email": email}
        told = [
            (await service.sign_up(email, password="another one")).json()["token"],
            (await service.sign_in(email, "not this one")).json()["code"],
            (await service.post("/request-password-reset", body)).json()["status"],
            (await service.post("/send-verification-email", body)).json(),
        ]
    assert told == [None, "INVALID_EMAIL_OR_PASSWORD", True, {"status": True}]


async def test_reset_by_mail_can_end_who_was_there_before(sqlite_url: str) -> None:
    """GHSA-qq9h-g4jm-xgf3: who signed up with somebody else's address kept a session there."""
    policy, outgoing = EmailAndPasswordOptions(revoke_sessions_on_password_reset=True), Outgoing()
    async with serving(sqlite_url, email_and_password=policy, mailer=outgoing) as service:
        squatter = browser(await service.sign_up())
        await service.post("/request-password-reset", {"email": EMAIL})
        token = outgoing.link().partition("/reset-password/")[2].partition("?")[0]
        body = {"token": token, "newPassword": "the owner's own"}
        assert (await service.post("/reset-password", body)).status == 200
        assert (await service.get("/get-session", squatter)).json() is None
        assert (await service.sign_in(password=PASSWORD)).status == 401


@pytest.mark.parametrize("name", ["session_token", "session_token_multi-x", "session_data"])
async def test_unsigned_cookie_is_no_cookie(service: Service, name: str) -> None:
    """GHSA-wmjr-v86c-m9jj: a sign-out hook trusted cookies that nobody had signed."""
    token = (await service.sign_up()).json()["token"]
    forged: list[Header] = [("cookie", f"better-auth.{name}={token}"), ("origin", ORIGIN)]
    assert (await service.post("/sign-out", {}, forged)).status == 200
    assert [row["token"] for row in await service.rows(sessions)] == [token]


@pytest.mark.parametrize("email", ["ada@example.com", "ａda@example.com", "ada@exampleﬀ.com"])
async def test_address_is_judged_as_it_is_kept(service: Service, email: str) -> None:
    """GHSA-7rqj-j65f-68wh: an address was validated before it was normalised."""
    await service.sign_up(email)
    assert {row["email"] for row in await service.rows(users)} <= {EMAIL}


@pytest.mark.parametrize(
    "value",
    ["", " ", "Bearer", "Bearer ", "Basic !!", "Bearer \t", "bearer a.b", "Bearer ÿ.ÿ", "%"],
)
async def test_garbage_of_an_authorization_is_nobody(service: Service, value: str) -> None:
    """GHSA-xmf8-cvqr-rfgj: a malformed header threw."""
    header = [("authorization", value)]
    assert (await service.get("/get-session", header)).json() is None
    assert (await service.get("/token", header)).status == 401


@pytest.mark.parametrize("name", ["BETTER_AUTH_SESSION_EXPIRES_IN", "BETTER_AUTH_ADVANCED_X"])
def test_fault_in_the_settings_opens_no_door(name: str) -> None:
    """GHSA-8fpg-xm3f-6cx3: a broken configuration let everybody in."""
    with pytest.raises(SettingsError):
        read_settings({"BETTER_AUTH_SECRET": STRONG_SECRET, name: "?"}, None)


async def test_no_account_is_left_of_who_is_gone(service: Service) -> None:
    """PR #10520: what a deleted user had lived on."""
    ada = browser(await service.sign_up())
    await service.execute('DELETE FROM "user"')
    assert (await service.get("/get-session", ada)).json() is None
    assert (await service.get("/token", ada)).status == 401
    assert await service.rows(accounts) == await service.rows(sessions) == []


NAMED: Json = {"role": "admin", "emailVerified": True, "banned": False, "impersonatedBy": "x"}


async def test_no_request_names_its_caller(service: Service) -> None:
    """CVE-2025-61928 and PR #9965: on every route, by whatever name, in body and query."""
    ada = (await service.sign_up()).json()["user"]["id"]
    eve = browser(await service.sign_up("eve@example.com"))
    before = await belongings(service, ada)
    names = dict.fromkeys(("userId", "user_id", "id", "user", "session"), ada)
    taken = {**NAMED, **names, "newPassword": "eve was here", "name": "Eve was here"}
    for each in default_document().operations:
        if each.path.startswith("/api/auth/"):
            path = each.path.removeprefix("/api/auth")
            query = f"{path}?{urlencode(names)}"
            for headers in ([], eve):
                if each.method == "GET":
                    answer = await service.get(query, headers)
                else:
                    answer = await service.post(query, taken, headers)
                assert ada.encode() not in answer.body, path
                assert EMAIL.encode() not in answer.body, path
    assert await belongings(service, ada) == before
    assert not any(user["emailVerified"] for user in await service.rows(users))


async def belongings(service: Service, user_id: str) -> list[Rows]:
    """The rows of a user, and of what is theirs."""
    mine = [row for row in await service.rows(users) if row["id"] == user_id]
    others = [await service.rows(table) for table in (accounts, sessions)]
    return [mine, *([row for row in rows if row["userId"] == user_id] for rows in others)]


@pytest.mark.parametrize("fields", [NAMED, {"id": "mine", "createdAt": "2001-01-01T00:00:00Z"}])
async def test_sign_up_takes_no_field_that_is_not_offered(service: Service, fields: Json) -> None:
    """PR #9965."""
    answer = await service.sign_up(**fields)
    assert answer.status == 200
    (user,) = await service.rows(users)
    assert {name: user.get(name) for name in fields} != fields
    assert user["emailVerified"] is False
    assert user["id"] != "mine"
    assert not user["createdAt"].startswith("2001")
