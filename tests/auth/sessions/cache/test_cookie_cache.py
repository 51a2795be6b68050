"""`session.cookieCache` over HTTP: when the cookie answers, when the store, what is written."""

import base64
import json
from typing import Any

import pytest

from app.auth.sessions.cache.compact import Compact
from app.models.additional_fields import read_fields
from app.models.clock import now as clock
from app.models.errors import StoreUnavailable
from app.settings.cookie_options import CookieAttributes, CookieOverride, CookieOverrides
from app.settings.options import (
    AdvancedOptions,
    ChangeEmailOptions,
    CookieCacheOptions,
    DeleteUserOptions,
    SessionOptions,
    UserOptions,
)
from app.storage.database import Database
from tests.support.asgi import Answer, Header
from tests.support.service import EMAIL, ORIGIN, PASSWORD, SECRET, Service, from_now, serve, serving
from tests.support.tables import users

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

DATA = "better-auth.session_data"
TOKEN = "better-auth.session_token"
END = "; Path=/; HttpOnly; SameSite=Lax"
SESSION_ORDER = [
    *("id", "createdAt", "updatedAt", "userId"),
    *("expiresAt", "token", "ipAddress", "userAgent"),
]
USER_ORDER = ["id", "createdAt", "updatedAt", "email", "emailVerified", "name", "image"]

strategies = pytest.mark.parametrize("strategy", ["compact", "jwt", "jwe"])


async def caching(database: Database, **options: Any) -> Service:
    policy = {name: options.pop(name) for name in ("update_age", "expires_in") if name in options}
    deferring = options.pop("defer_session_refresh", False)
    advanced = options.pop("advanced", AdvancedOptions())
    cache = CookieCacheOptions(enabled=True, **options)
    session = SessionOptions(cookie_cache=cache, defer_session_refresh=deferring, **policy)
    user = UserOptions(
        delete_user=DeleteUserOptions(enabled=True), change_email=ChangeEmailOptions(enabled=True)
    )
    return await serve(database, session=session, advanced=advanced, user=user)


class Browser:
    """Keeps cookies as browsers do, by name."""

    def __init__(self, service: Service, *answers: Answer) -> None:
        self.service = service
        self.jar: dict[str, str] = {}
        for answer in answers:
            self.keep(answer)

    def keep(self, answer: Answer) -> Answer:
        for line in answer.header_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.jar.pop(name, None)
            if value:
                self.jar[name] = value
        return answer

    @property
    def headers(self) -> list[Header]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        return [("cookie", cookie), ("origin", ORIGIN)]

    async def get(self, path: str) -> Answer:
        return self.keep(await self.service.get(path, self.headers))

    async def post(self, path: str, body: object) -> Answer:
        return self.keep(await self.service.post(path, body, self.headers))


async def signed_up(database: Database, **options: Any) -> Browser:
    service = await caching(database, **options)
    return Browser(service, await service.sign_up())


def lines(answer: Answer) -> list[str]:
    return answer.header_list("set-cookie")


def names(answer: Answer) -> list[str]:
    """Of the cookies that are set, those that are cleared with a minus before them."""
    split = [line.partition(";")[0].partition("=") for line in lines(answer)]
    return [
        name.removeprefix("better-auth.") if value else f"-{name.removeprefix('better-auth.')}"
        for name, _, value in split
    ]


def payload(value: str) -> dict[str, Any]:
    """What a compact cookie says."""
    document: dict[str, Any] = json.loads(base64.urlsafe_b64decode(value + "=="))
    return document


def assert_cached(answer: Answer) -> None:
    assert answer.status == 200
    assert lines(answer) == []
    assert list(answer.json()["session"]) == SESSION_ORDER
    assert list(answer.json()["user"]) == USER_ORDER


def assert_read(answer: Answer, *written: str) -> None:
    assert answer.status == 200
    assert list(answer.json()["session"])[-1] == "id"
    assert names(answer) == list(written)


# Writing


async def test_signing_up_and_in_write_the_cache_after_the_token(database: Database) -> None:
    service = await caching(database)
    for answer in (await service.sign_up(), await service.sign_in()):
        assert names(answer) == ["session_token", "session_data"]
        assert lines(answer)[1].endswith(f"; Max-Age=300{END}")


async def test_cookie_holds_what_get_session_answers(database: Database) -> None:
    ada = await signed_up(database)
    found = payload(ada.jar[DATA])
    assert list(found) == ["session", "expiresAt", "signature"]
    assert list(found["session"]) == ["session", "user", "updatedAt", "version"]
    body = (await ada.get("/get-session?disableCookieCache=true")).json()
    assert found["session"]["session"] == body["session"]
    assert found["session"]["user"] == body["user"]
    assert found["session"]["version"] == "1"
    assert found["expiresAt"] - found["session"]["updatedAt"] == 300_000


async def test_forgetful_session_has_a_cache_of_a_minute(database: Database) -> None:
    service = await caching(database)
    await service.sign_up()
    answer = await service.sign_in(rememberMe=False)
    assert names(answer) == ["session_token", "dont_remember", "session_data"]
    assert lines(answer)[2].endswith(END)
    assert "Max-Age" not in lines(answer)[2]
    found = payload(Browser(service, answer).jar[DATA])
    assert found["expiresAt"] - found["session"]["updatedAt"] == 60_000


async def test_options_say_how_long_and_under_which_name(database: Database) -> None:
    overrides = CookieOverrides(
        session_data=CookieOverride(name="sd", attributes=CookieAttributes(path="/api"))
    )
    ada = await signed_up(database, max_age=60, advanced=AdvancedOptions(cookies=overrides))
    answer = await ada.get("/get-session?disableCookieCache=1")
    (line,) = lines(answer)
    assert line.startswith("sd=")
    assert line.endswith("; Max-Age=60; Path=/api; HttpOnly; SameSite=Lax")
    assert_cached(await ada.get("/get-session"))


async def test_age_is_never_above_the_400_days_of_browsers(database: Database) -> None:
    """PR #9621."""
    service = await caching(database, max_age=99_000_000)
    assert "; Max-Age=34560000; " in lines(await service.sign_up())[1]


async def test_age_of_the_cookie_s_own_attributes_is_the_cache_s(database: Database) -> None:
    attributes = CookieAttributes(max_age=7)
    overrides = CookieOverrides(session_data=CookieOverride(attributes=attributes))
    ada = await signed_up(database, advanced=AdvancedOptions(cookies=overrides))
    found = payload(ada.jar[DATA])
    assert found["expiresAt"] - found["session"]["updatedAt"] == 7_000


# Answering


@strategies
async def test_valid_cache_answers_without_the_store(
    database: Database, monkeypatch: pytest.MonkeyPatch, strategy: str
) -> None:
    ada = await signed_up(database, strategy=strategy)

    def down(*arguments: object) -> None:
        raise StoreUnavailable

    for broken in ("begin", "read_all", "read_one", "read_stored"):
        monkeypatch.setattr(database, broken, down)
    assert_cached(await ada.get("/get-session"))
    assert (await ada.get("/get-session?disableCookieCache=true")).status == 503


async def test_cached_session_earns_a_jwt_and_no_renewal(database: Database) -> None:
    ada = await signed_up(database, update_age=0)
    answer = await ada.get("/get-session")
    assert_cached(answer)
    assert answer.header("set-auth-jwt") is not None
    assert answer.header("set-auth-token") is None


@pytest.mark.parametrize("value", ["true", "1", "false"])
async def test_query_asks_the_store_and_writes_the_cache_anew(
    database: Database, value: str
) -> None:
    ada = await signed_up(database)
    assert_read(await ada.get(f"/get-session?disableCookieCache={value}"), "session_data")


async def test_empty_query_changes_nothing(database: Database) -> None:
    assert_cached(await (await signed_up(database)).get("/get-session?disableCookieCache="))


async def test_cache_that_is_missing_is_written(database: Database) -> None:
    ada = await signed_up(database)
    del ada.jar[DATA]
    assert_read(await ada.get("/get-session"), "session_data")
    assert_cached(await ada.get("/get-session"))


@pytest.mark.parametrize("value", ["zz", "%25", "a.b.c", "e30", "\xe9", "x" * 5000])
async def test_nonsense_is_cleared_and_written_anew(database: Database, value: str) -> None:
    """The original answers 500 where the value is not base64."""
    ada = await signed_up(database)
    ada.jar[DATA] = value
    assert_read(await ada.get("/get-session"), "-session_data", "session_data")
    assert_cached(await ada.get("/get-session"))


async def test_changed_cache_is_not_believed(database: Database) -> None:
    ada = await signed_up(database)
    found = payload(ada.jar[DATA])
    found["session"]["user"]["email"] = "eve@example.com"
    ada.jar[DATA] = base64.urlsafe_b64encode(json.dumps(found).encode()).decode().rstrip("=")
    answer = await ada.get("/get-session")
    assert_read(answer, "-session_data", "session_data")
    assert answer.json()["user"]["email"] == EMAIL


async def test_cache_of_another_session_is_not_believed(database: Database) -> None:
    ada, eve = await signed_up(database), Browser
    other = eve(ada.service, await ada.service.sign_up("eve@example.com"))
    ada.jar[DATA] = other.jar[DATA]
    answer = await ada.get("/get-session")
    assert_read(answer, "-session_data", "session_data")
    assert answer.json()["user"]["email"] == EMAIL


async def test_cache_of_another_version_or_strategy_is_not_believed(database: Database) -> None:
    ada = await signed_up(database)
    for options in ({"version": "2"}, {"strategy": "jwt"}, {"strategy": "jwe"}):
        ada.service = await caching(database, **options)
        assert_read(await ada.get("/get-session"), "-session_data", "session_data")
        assert_cached(await ada.get("/get-session"))


@pytest.mark.parametrize(("cache_age", "session_left"), [(-1, 60), (60, -1)])
async def test_cache_that_has_ended_is_not_believed(
    database: Database, cache_age: int, session_left: int
) -> None:
    """PR #9967."""
    ada = await signed_up(database)
    found = payload(ada.jar[DATA])["session"]
    found["session"]["expiresAt"] = from_now(seconds=session_left)
    text = json.dumps(found, separators=(",", ":")).encode()
    ada.jar[DATA] = Compact(SECRET).seal(text, cache_age, clock())
    assert_read(await ada.get("/get-session"), "-session_data", "session_data")


async def test_cache_alone_is_nobody_and_stays(database: Database) -> None:
    ada = await signed_up(database)
    del ada.jar[TOKEN]
    for path in ("/get-session", "/get-session?disableCookieCache=true"):
        answer = await ada.get(path)
        assert (answer.body, lines(answer)) == (b"null", [])
    assert (await ada.get("/list-sessions")).status == 401


async def test_bearer_of_another_session_is_not_served_from_the_cache(database: Database) -> None:
    ada = await signed_up(database)
    eve = (await ada.service.sign_up("eve@example.com")).json()["token"]
    headers = [*ada.headers, ("authorization", f"Bearer {eve}")]
    answer = await ada.service.get("/get-session", headers)
    assert answer.json()["user"]["email"] == "eve@example.com"
    assert names(answer) == ["-session_data", "session_data"]


# Renewal


async def test_renewal_sends_token_and_cache(database: Database) -> None:
    ada = await signed_up(database, update_age=0)
    del ada.jar[DATA]
    assert_read(await ada.get("/get-session"), "session_token", "session_data")


async def test_disabled_refresh_leaves_the_cache_unwritten(database: Database) -> None:
    ada = await signed_up(database)
    ada.jar[DATA] = "zz"
    assert_read(await ada.get("/get-session?disableRefresh=1"), "-session_data")


async def test_forgetful_session_leaves_the_cache_unwritten(database: Database) -> None:
    service = await caching(database)
    await service.sign_up()
    ada = Browser(service, await service.sign_in(rememberMe=False))
    assert_cached(await ada.get("/get-session"))
    ada.jar[DATA] = "zz"
    assert_read(await ada.get("/get-session"), "-session_data")


async def test_deferred_renewal_writes_the_cache_and_says_what_is_due(database: Database) -> None:
    ada = await signed_up(database, update_age=0, defer_session_refresh=True)
    assert_cached(await ada.get("/get-session"))
    answer = await ada.get("/get-session?disableCookieCache=1")
    assert_read(answer, "session_data")
    assert answer.json()["needsRefresh"] is True
    assert_cached(await ada.post("/get-session", b""))
    answer = await ada.post("/get-session?disableCookieCache=1", b"")
    assert_read(answer, "session_token", "session_data")
    assert "needsRefresh" not in answer.json()


# Guards


@strategies
async def test_revoked_session_lasts_only_in_the_cache(database: Database, strategy: str) -> None:
    """PR #9967, #9991, #10187: what needs the session itself is refused at once."""
    ada = await signed_up(database, strategy=strategy)
    await ada.service.execute("DELETE FROM session")
    jar = dict(ada.jar)
    answer = await ada.get("/get-session")
    assert_cached(answer)
    assert answer.header("set-auth-jwt") is None
    cleared = ["-session_token", "-session_data", "-session_data", "-dont_remember"]
    body = {"currentPassword": PASSWORD, "newPassword": "a better horse"}
    for answer in (
        await ada.service.get("/token", ada.headers),
        await ada.service.get("/list-sessions", ada.headers),
        await ada.service.get("/list-accounts", ada.headers),
        await ada.service.post("/update-user", {"name": "Eve"}, ada.headers),
        await ada.service.post("/update-session", {}, ada.headers),
        await ada.service.post("/unlink-account", {"accountId": "x"}, ada.headers),
        await ada.service.post("/link-social", {"provider": "x"}, ada.headers),
        await ada.service.post("/revoke-sessions", {}, ada.headers),
        await ada.service.post("/revoke-session", {"token": "x"}, ada.headers),
        await ada.service.post("/revoke-other-sessions", {}, ada.headers),
        await ada.service.post("/change-password", body, ada.headers),
        await ada.service.post("/verify-password", {"password": PASSWORD}, ada.headers),
        await ada.service.post("/change-email", {"newEmail": "a@example.com"}, ada.headers),
        await ada.service.post("/delete-user", {"password": PASSWORD}, ada.headers),
        await ada.service.get("/list-sessions?disableCookieCache=1", ada.headers),
    ):
        assert answer.status == 401
        assert names(answer) == cleared
    assert ada.jar == jar


@pytest.mark.parametrize("update_age", [0, 24 * 3600])
async def test_cache_that_the_store_confirms_stays_as_it_is(
    database: Database, update_age: int
) -> None:
    ada = await signed_up(database, update_age=update_age)
    for path in ("/list-sessions", "/list-accounts"):
        answer = await ada.get(path)
        assert (answer.status, lines(answer)) == (200, [])
    assert_cached(await ada.get("/get-session"))
    assert names(await ada.get("/list-sessions?disableCookieCache=1"))[-1] == "session_data"


async def test_deleted_user_gets_no_token_from_the_cache(database: Database) -> None:
    """PR #9967."""
    ada = await signed_up(database)
    await ada.service.execute('DELETE FROM "user"')
    assert (await ada.get("/token")).status == 401


async def test_guard_sends_all_cookies_that_it_owes(database: Database) -> None:
    ada = await signed_up(database, update_age=0)
    answer = await ada.post("/revoke-session", {"token": "x"})
    assert names(answer) == ["session_token", "session_data"]
    del ada.jar[DATA]
    assert names(await ada.get("/list-sessions")) == ["session_token", "session_data"]


@pytest.mark.parametrize("path", ["/revoke-sessions", "/revoke-session", "/delete-user"])
@pytest.mark.parametrize("update_age", [0, 24 * 3600])
async def test_session_that_ends_itself_leaves_no_cookie(
    database: Database, path: str, update_age: int
) -> None:
    """1.7.25: not even those that reading it would have given, for five more minutes."""
    ada = await signed_up(database, update_age=update_age)
    token = (await ada.get("/get-session")).json()["session"]["token"]
    body = {"token": token} if path == "/revoke-session" else {}
    answer = await ada.post(path, body)
    assert answer.status == 200
    assert set(names(answer)) == {"-session_token", "-session_data", "-dont_remember"}
    assert answer.header("set-auth-token") is None
    assert (await ada.get("/get-session")).json() is None


async def test_new_session_of_a_changed_password_brings_its_cache(database: Database) -> None:
    ada = await signed_up(database)
    body = {"currentPassword": PASSWORD, "newPassword": "a better horse"}
    answer = await ada.post("/change-password", {**body, "revokeOtherSessions": True})
    assert names(answer)[-2:] == ["session_token", "session_data"]
    after = await ada.get("/get-session")
    assert_cached(after)
    assert after.json()["session"]["token"] == answer.json()["token"]


async def test_changed_user_is_in_the_cache_at_once(database: Database) -> None:
    ada = await signed_up(database)
    answer = await ada.post("/update-user", {"name": "Ada Lovelace"})
    assert names(answer) == ["session_token", "session_data"]
    after = await ada.get("/get-session")
    assert_cached(after)
    assert after.json()["user"]["name"] == "Ada Lovelace"


@pytest.mark.engines("sqlite", "postgres")
async def test_change_builds_on_the_row_and_not_on_the_cache(database: Database) -> None:
    ada = await signed_up(database)
    await ada.service.alter(users, image="new")
    await ada.post("/update-user", {"name": "Ada Lovelace"})
    assert (await ada.get("/get-session")).json()["user"]["image"] == "new"


async def test_additional_fields_follow_the_others_and_hidden_ones_stay_out(
    sqlite_url: str,
) -> None:
    user = UserOptions(
        additional_fields=read_fields(
            '{"plan": {"type": "string", "required": false, "defaultValue": "free"},'
            ' "secret": {"type": "string", "returned": false, "defaultValue": "x"}}'
        )
    )
    policy = SessionOptions(cookie_cache=CookieCacheOptions(enabled=True))
    async with serving(sqlite_url, user=user, session=policy) as service:
        for column in ("plan", "secret"):
            await service.execute(f'ALTER TABLE "user" ADD COLUMN {column} text')
        ada = Browser(service, await service.sign_up())
        found = payload(ada.jar[DATA])["session"]["user"]
        assert list(found)[-2:] == ["plan", "id"]
        answer = await ada.get("/get-session")
        assert lines(answer) == []
        assert list(answer.json()["user"]) == [*USER_ORDER, "plan"]


async def test_signing_out_clears_the_cache(database: Database) -> None:
    ada = await signed_up(database)
    answer = await ada.post("/sign-out", {})
    assert names(answer) == ["-session_token", "-session_data", "-session_data", "-dont_remember"]
    assert ada.jar == {}


async def test_switching_the_cache_off_clears_it(database: Database) -> None:
    ada = await signed_up(database)
    ada.service = await serve(database)
    assert_read(await ada.get("/get-session"), "-session_data")


# Size and names


@strategies
async def test_long_name_is_cached_in_chunks(database: Database, strategy: str) -> None:
    """PR #10088: a cookie above 4096 bytes would be dropped by the browser."""
    service = await caching(database, strategy=strategy)
    answer = await service.sign_up(name="n" * 6000)
    ada = Browser(service, answer)
    assert [name for name in ada.jar if name.startswith(f"{DATA}.")] == [
        f"{DATA}.0",
        f"{DATA}.1",
        f"{DATA}.2",
    ]
    assert max(map(len, lines(answer))) <= 4050
    after = await ada.get("/get-session")
    assert_cached(after)
    assert after.json()["user"]["name"] == "n" * 6000


async def test_chunks_make_room_for_one_cookie_and_it_for_them(database: Database) -> None:
    service = await caching(database)
    ada = Browser(service, await service.sign_up(name="n" * 3000))
    await service.alter(users, name="n")
    answer = await ada.get("/get-session?disableCookieCache=1")
    assert names(answer) == ["-session_data.0", "-session_data.1", "session_data"]
    await service.alter(users, name="n" * 3000)
    answer = await ada.get("/get-session?disableCookieCache=1")
    assert names(answer) == ["-session_data", "session_data.0", "session_data.1"]
    answer = await ada.post("/sign-in/email", {"email": EMAIL, "password": PASSWORD})
    assert names(answer) == ["session_token", "session_data.0", "session_data.1"]


async def test_what_fills_more_than_a_hundred_cookies_is_not_cached(database: Database) -> None:
    service = await caching(database)
    answer = await service.sign_up(name="n" * 400_000)
    assert names(answer) == ["session_token"]
    assert_read(await Browser(service, answer).get("/get-session"))


async def test_plain_cookie_never_stands_in_for_the_secure_one(database: Database) -> None:
    """PR #9806."""
    ada = await signed_up(database)
    plain = dict(ada.jar)
    advanced = AdvancedOptions(use_secure_cookies=True)
    ada.service = await caching(database, advanced=advanced)
    assert (await ada.get("/get-session")).body == b"null"
    eve = Browser(ada.service, await ada.service.sign_up("eve@example.com"))
    eve.jar = {**plain, **eve.jar}
    answer = await eve.get("/get-session")
    assert_cached(answer)
    assert answer.json()["user"]["email"] == "eve@example.com"


async def test_database_that_may_bar_users_believes_no_cache(database: Database) -> None:
    await database_with_bans(database)
    ada = await signed_up(database)
    assert names(await ada.get("/get-session")) == ["-session_data", "session_data"]
    await ada.service.execute('UPDATE "user" SET banned = true')
    answer = await ada.get("/get-session")
    assert answer.header("set-auth-jwt") is None


async def database_with_bans(database: Database) -> None:
    service = await serve(database)
    await service.execute('ALTER TABLE "user" ADD COLUMN banned boolean')
