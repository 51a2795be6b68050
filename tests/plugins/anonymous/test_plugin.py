"""Users who have not signed up yet, and what becomes of them."""

import pytest
from sqlalchemy import text

from app.plugins.anonymous.options import (
    AnonymousColumns,
    AnonymousOptions,
    AnonymousSchema,
    AnonymousUserSchema,
)
from app.plugins.anonymous.plugin import PLUGIN
from app.plugins.magic_link.options import MagicLinkOptions
from app.schema.migrate import migrate
from app.server.plugins import read_settings
from app.settings.environment import SettingsError
from app.settings.options import EmailAndPasswordOptions, EmailVerificationOptions
from app.storage.redis import RedisStorage
from tests.support.asgi import Answer
from tests.support.plugins import plugged, plugged_together
from tests.support.secret import STRONG_SECRET
from tests.support.service import ORIGIN, Service, browser, cookies
from tests.support.smtp import Outgoing
from tests.support.tables import sessions, users
from tests.system.original_schema import make_original

pytestmark = pytest.mark.anyio

SIGN_IN = "/sign-in/anonymous"
DELETE = "/delete-anonymous-user"
ADA = {"name": "Ada", "email": "ada@example.com", "password": "correct horse"}


async def anonymous(service: Service) -> list[tuple[str, str]]:
    """The browser of a new anonymous user."""
    answer = await service.post(SIGN_IN)
    assert answer.status == 200
    return browser(answer)


async def emails(service: Service) -> list[str]:
    return sorted(row["email"] for row in await service.rows(users))


async def test_anonymous_user_has_a_session_and_no_address(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, AnonymousOptions()) as service:
        answer = await service.post(SIGN_IN)
        user = answer.json()["user"]
        assert (user["name"], user["isAnonymous"], user["emailVerified"]) == (
            "Anonymous",
            True,
            False,
        )
        assert user["email"].endswith("@anonymous.placeholder.invalid")
        assert (await service.get("/get-session", browser(answer))).json()["user"] == user
        ada = await service.sign_up()
        assert ada.json()["user"]["isAnonymous"] is False


async def test_address_is_of_the_domain_of_the_option(sqlite_url: str) -> None:
    options = AnonymousOptions(email_domain_name="Guests.example.com")
    async with plugged(sqlite_url, PLUGIN, options) as service:
        email = (await service.post(SIGN_IN)).json()["user"]["email"]
    assert email.startswith("temp-")
    assert email.endswith("@guests.example.com")


async def test_anonymous_user_signs_in_anonymously_once(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, AnonymousOptions()) as service:
        guest = await anonymous(service)
        answer = await service.post(SIGN_IN, headers=guest)
        assert (answer.status, answer.json()["code"]) == (
            400,
            "ANONYMOUS_USERS_CANNOT_SIGN_IN_AGAIN_ANONYMOUSLY",
        )
        assert len(await service.rows(users)) == 1
        ada = browser(await service.sign_up())
        assert (await service.post(SIGN_IN, headers=ada)).status == 200
        assert len(await service.rows(users)) == 3


async def test_sign_up_and_sign_in_take_the_place_of_the_anonymous_user(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, AnonymousOptions()) as service:
        for path in ("/sign-up/email", "/sign-in/email"):
            guest = await anonymous(service)
            answer = await service.post(path, ADA, guest)
            assert answer.status == 200
            assert await emails(service) == ["ada@example.com"]
            assert (await service.get("/get-session", guest)).json() is None
            assert (await service.get("/get-session", browser(answer))).json() is not None


async def test_sessions_in_redis_end_too(sqlite_url: str, storage: RedisStorage) -> None:
    async with plugged(sqlite_url, PLUGIN, AnonymousOptions(), storage=storage) as service:
        guest = await anonymous(service)
        ada = browser(await service.post("/sign-up/email", ADA, guest))
        assert (await service.get("/get-session", guest)).json() is None
        assert (await service.get("/get-session", ada)).json() is not None


async def test_refused_sign_in_takes_no_place(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, AnonymousOptions()) as service:
        await service.sign_up()
        guest = await anonymous(service)
        wrong = {"email": ADA["email"], "password": "wrong horse"}
        assert (await service.post("/sign-in/email", wrong, guest)).status == 401
        assert (await service.get("/get-session", guest)).json() is not None


async def test_sign_in_of_somebody_else_takes_no_place(sqlite_url: str) -> None:
    """The cookie decides whose anonymous user it is."""
    async with plugged(sqlite_url, PLUGIN, AnonymousOptions()) as service:
        guest = await anonymous(service)
        await service.sign_up()
        eve = await service.sign_up("eve@example.com")
        await service.post("/sign-in/email", ADA, browser(eve))
        assert (await service.get("/get-session", guest)).json() is not None
        assert len(await service.rows(users)) == 3


async def test_change_of_a_name_takes_no_place(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, AnonymousOptions()) as service:
        guest = await anonymous(service)
        assert (await service.post("/update-user", {"name": "Guest"}, guest)).status == 200
        assert (await service.get("/get-session", guest)).json()["user"]["name"] == "Guest"


async def test_anonymous_user_stays_where_the_option_says_so(sqlite_url: str) -> None:
    options = AnonymousOptions(disable_delete_anonymous_user=True)
    async with plugged(sqlite_url, PLUGIN, options) as service:
        guest = await anonymous(service)
        await service.post("/sign-up/email", ADA, guest)
        assert len(await service.rows(users)) == 2
        assert (await service.post(DELETE, headers=guest)).json()["code"] == (
            "DELETE_ANONYMOUS_USER_DISABLED"
        )


async def test_failure_to_delete_refuses_no_sign_up(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with plugged(sqlite_url, PLUGIN, AnonymousOptions()) as service:
        guest = await anonymous(service)
        await service.execute(
            "CREATE TRIGGER no BEFORE DELETE ON \"user\" BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        answer = await service.post("/sign-up/email", ADA, guest)
        assert (await service.get("/get-session", browser(answer))).json() is not None
        deleted = await service.post(DELETE, headers=guest)
        assert (deleted.status, deleted.json()["code"]) == (500, "FAILED_TO_DELETE_ANONYMOUS_USER")
        assert len(await service.rows(users)) == 2
    assert "anonymous user not deleted" in caplog.text


async def test_anonymous_user_deletes_itself(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, AnonymousOptions()) as service:
        guest = await anonymous(service)
        answer = await service.post(DELETE, headers=guest)
        assert (answer.json(), cookies(answer)) == ({"success": True}, "")
        assert await service.rows(users) == await service.rows(sessions) == []
        ada = browser(await service.sign_up())
        assert (await service.post(DELETE, headers=ada)).json()["code"] == "USER_IS_NOT_ANONYMOUS"
        assert (await service.post(DELETE, headers=[("origin", ORIGIN)])).status == 401


async def test_nobody_can_say_that_a_user_is_anonymous(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, AnonymousOptions()) as service:
        up = await service.sign_up(isAnonymous=True)
        assert up.json()["user"]["isAnonymous"] is False
        answer = await service.post("/update-user", {"isAnonymous": True}, browser(up))
        assert (answer.status, answer.json()["code"]) == (400, "FIELD_NOT_ALLOWED")


async def test_nothing_is_left_where_the_session_cannot_be_stored(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, AnonymousOptions()) as service:
        await service.execute(
            "CREATE TRIGGER no BEFORE INSERT ON session BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        answer = await service.post(SIGN_IN)
        assert (answer.status, answer.json()["code"]) == (500, "FAILED_TO_CREATE_USER")
        assert await service.rows(users) == []


async def test_column_has_the_name_of_the_option(sqlite_url: str) -> None:
    schema = AnonymousSchema(
        user=AnonymousUserSchema(fields=AnonymousColumns(is_anonymous="is_guest"))
    )
    async with plugged(sqlite_url, PLUGIN, AnonymousOptions(schema=schema)) as service:
        await anonymous(service)
        await service.execute('UPDATE "user" SET is_guest = 0')


async def test_column_of_a_node_server_is_taken(empty_database_url: str) -> None:
    """Also under the name that Drizzle gives it."""
    url = empty_database_url
    kind = "integer" if url.startswith("sqlite") else "boolean"
    await make_original(url, f'ALTER TABLE "user" ADD COLUMN "is_anonymous" {kind}')
    await migrate(url)
    async with plugged(url, PLUGIN, AnonymousOptions()) as service:
        guest = await service.post(SIGN_IN)
        assert guest.json()["user"]["isAnonymous"] is True
        rows = await service.database.read_all(text('SELECT is_anonymous FROM "user"'))
        assert sorted(bool(value) for (value,) in rows) == [False, True]
        await service.post("/sign-up/email", {**ADA, "email": "eve@example.com"}, browser(guest))
        assert await emails(service) == ["ada@example.com", "eve@example.com"]


async def open_link(service: Service, outbox: Outgoing, guest: list[tuple[str, str]]) -> Answer:
    path = outbox.link().partition("/api/auth")[2]
    return await service.get(path, guest)


async def test_mailed_link_takes_the_place(sqlite_url: str) -> None:
    outbox = Outgoing()
    options = AnonymousOptions(), MagicLinkOptions()
    async with plugged_together(sqlite_url, *options, mailer=outbox) as service:
        guest = await anonymous(service)
        await service.post("/sign-in/magic-link", {"email": ADA["email"]}, guest)
        assert (await open_link(service, outbox, guest)).status == 302
        assert await emails(service) == ["ada@example.com"]


async def test_verified_address_takes_the_place(sqlite_url: str) -> None:
    outbox, options = Outgoing(), AnonymousOptions()
    async with plugged(
        sqlite_url,
        PLUGIN,
        options,
        mailer=outbox,
        email_and_password=EmailAndPasswordOptions(require_email_verification=True),
        email_verification=EmailVerificationOptions(auto_sign_in_after_verification=True),
    ) as service:
        guest = await anonymous(service)
        await service.post("/sign-up/email", ADA, guest)
        assert len(await service.rows(users)) == 2
        assert (await open_link(service, outbox, guest)).status == 302
        assert await emails(service) == ["ada@example.com"]


def test_domain_must_be_one() -> None:
    environ = {
        "BETTER_AUTH_SECRET": STRONG_SECRET,
        "BETTER_AUTH_PLUGINS": "anonymous",
        "BETTER_AUTH_ANONYMOUS_EMAIL_DOMAIN_NAME": "no domain",
    }
    with pytest.raises(SettingsError) as caught:
        read_settings(environ, None)
    assert caught.value.lines == (
        "BETTER_AUTH_ANONYMOUS_EMAIL_DOMAIN_NAME must be a domain such as example.com",
    )
