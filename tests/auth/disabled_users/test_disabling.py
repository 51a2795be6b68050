"""Who is disabled has no session, gets none, and no race lets a sign-in through."""

import asyncio
from typing import Any, NoReturn

import pytest
from sqlalchemy import Executable, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.auth.disabled_users import disabled_users
from app.auth.disabled_users.disabled_users import RecentlyDisabled
from app.auth.disabled_users.disabling import Disabled, Disabling
from app.bridge.session_table import SessionTable
from app.models.clock import now
from app.models.errors import StoreUnavailable
from app.models.records import Session, User
from app.plugins.admin.options import AdminOptions
from app.plugins.magic_link.options import MagicLinkOptions
from app.plugins.magic_link.plugin import PLUGIN as MAGIC_LINK
from app.schema.migrate import migrate
from app.server.container import Container
from app.server.hooks.registry import HookRegistry
from app.server.operation import make_disabling
from app.settings.options import CookieCacheOptions, SessionOptions
from app.storage.redis import RedisStorage
from tests.plugins.admin.people import find, set_columns, sign_up_admin
from tests.plugins.two_factor.person import guarded
from tests.support.asgi import Answer
from tests.support.operator import operating
from tests.support.plugins import plugged, plugged_together
from tests.support.service import EMAIL, Service, browser, serving
from tests.support.smtp import Outgoing
from tests.support.statements import one_by_one
from tests.support.tables import sessions
from tests.system.original_schema import execute, make_original

pytestmark = pytest.mark.anyio

REFUSED = (403, "USER_DISABLED")
CACHED = SessionOptions(cookie_cache=CookieCacheOptions(enabled=True))


async def get_user(container: Container, email: str = EMAIL) -> User:
    user = await container.users.find_by_email(email)
    assert user is not None
    return user


async def disable(container: Container, email: str = EMAIL, reason: str | None = None) -> Disabled:
    return await make_disabling(container).disable(await get_user(container, email), reason, now())


def code_of(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json()["code"]


async def is_signed_in(service: Service, answer: Answer) -> bool:
    return (await service.get("/get-session", browser(answer))).json() is not None


async def test_sessions_end_at_once_and_sign_in_is_refused(database_url: str) -> None:
    async with serving(database_url) as one, serving(database_url) as two:
        ada = await one.sign_up()
        bob = await one.sign_up("bob@example.com")
        assert await is_signed_in(one, ada)
        assert await is_signed_in(two, ada)
        async with operating(database_url, one) as container:
            assert (await disable(container)).sessions == 1
        for service in (one, two):
            assert not await is_signed_in(service, ada)
            assert code_of(await service.sign_in()) == REFUSED
            assert await is_signed_in(service, bob)


async def test_bridge_refuses_too(database_url: str) -> None:
    async with serving(database_url) as service:
        token = (await service.sign_up()).json()["token"]
        table = SessionTable(database_url)
        assert await table.find_user(token) is not None
        async with operating(database_url, service) as container:
            await disable(container)
        assert await table.find_user(token) is None
        await table.close()


async def test_only_who_knows_the_password_learns_it(sqlite_url: str) -> None:
    async with serving(sqlite_url) as service:
        await service.sign_up()
        async with operating(sqlite_url, service) as container:
            await disable(container)
        wrong = await service.sign_in(password="wrong password")
        nobody = await service.sign_in("nobody@example.com")
        assert (wrong.status, wrong.json()) == (nobody.status, nobody.json())


async def test_enabled_user_signs_in_again(database_url: str) -> None:
    async with serving(database_url) as service:
        await service.sign_up()
        async with operating(database_url, service) as container:
            assert (await disable(container, reason="Left")).before is None
            again = await disable(container, reason="Another")
            assert again.before is not None
            assert again.before.reason == "Left"
            user = await get_user(container)
            enabled = await make_disabling(container).enable(user, now())
            assert enabled.before == again.before
            assert (await make_disabling(container).enable(user, now())).before is None
        assert (await service.sign_in()).status == 200


@pytest.mark.parametrize("in_database", [False, True])
async def test_sessions_in_redis_end_at_once(
    sqlite_url: str, storage: RedisStorage, in_database: bool
) -> None:
    session = SessionOptions(store_session_in_database=in_database)
    async with serving(sqlite_url, storage=storage, session=session) as service:
        ada = await service.sign_up()
        assert await is_signed_in(service, ada)
        async with operating(sqlite_url, service, storage) as container:
            assert (await disable(container)).sessions == 1
            assert not await is_signed_in(service, ada)
            assert code_of(await service.sign_in()) == REFUSED
            user = await get_user(container)
            assert await container.session_store.list_all(user.id, now()) == []


async def test_magic_link_is_refused(sqlite_url: str) -> None:
    outbox = Outgoing()
    async with plugged(sqlite_url, MAGIC_LINK, MagicLinkOptions(), mailer=outbox) as service:
        await service.sign_up()
        async with operating(sqlite_url, service) as container:
            await disable(container)
        await service.post("/sign-in/magic-link", {"email": EMAIL})
        link = outbox.link().partition("/api/auth")[2]
        assert code_of(await service.get(link)) == REFUSED


async def test_second_factor_is_not_asked_for(sqlite_url: str) -> None:
    async with guarded(sqlite_url) as ada:
        asked = await ada.sign_in()
        assert asked.json() == {"twoFactorRedirect": True, "twoFactorMethods": ["totp"]}
        async with operating(sqlite_url, ada.service) as container:
            await disable(container)
        answer = await ada.post("/two-factor/verify-totp", code=ada.code())
        assert code_of(answer) == REFUSED
        assert code_of(await ada.other_browser().sign_in()) == REFUSED


async def test_cookie_cache_is_not_believed(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disabled_users, "REREAD", 0.1)  # seconds
    async with serving(database_url, session=CACHED) as service:
        ada, bob = await service.sign_up(), await service.sign_up("bob@example.com")
        assert await is_signed_in(service, ada)
        async with operating(database_url, service) as container:
            await disable(container)
        await asyncio.sleep(0.2)
        assert not await is_signed_in(service, ada)
        assert await is_signed_in(service, bob)


async def test_what_is_known_holds_while_the_database_is_away(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> NoReturn:
        raise StoreUnavailable

    seconds = 0.0
    async with serving(sqlite_url) as service:
        ada = await service.sign_up()
        async with operating(sqlite_url, service) as container:
            active = await container.session_store.find(ada.json()["token"])
            assert active is not None
            await disable(container)
            database, tables = container.database, container.tables
            recent = RecentlyDisabled(database, tables, 300, seconds=lambda: seconds)
            assert await recent.is_barred(active)
            monkeypatch.setattr(database, "read_all", fail)
            seconds = 2.0
            assert await recent.is_barred(active)


async def test_disabled_user_is_read_once_a_second_at_most(sqlite_url: str) -> None:
    seconds = 0.0
    async with serving(sqlite_url) as service:
        ada = await service.sign_up()
        async with operating(sqlite_url, service) as container:
            active = await container.session_store.find(ada.json()["token"])
            assert active is not None
            recent = RecentlyDisabled(
                container.database, container.tables, 300, seconds=lambda: seconds
            )
            assert not await recent.is_barred(active)
            await disable(container)
            assert not await recent.is_barred(active)
            seconds = 1.0
            assert await recent.is_barred(active)


async def test_new_session_costs_one_read_and_an_old_one_none(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def record(target: Any, name: str) -> None:
        run = getattr(target, name)

        async def note(*given: Any, **more: Any) -> Any:
            seen.extend(str(each) for each in given if isinstance(each, Executable))
            return await run(*given, **more)

        monkeypatch.setattr(target, name, note)

    async with serving(database_url) as service:
        await service.sign_up()
        for name in ("read_one", "read_stored", "read_all", "search"):
            record(service.database, name)
        record(AsyncConnection, "execute")
        with one_by_one():
            ada = await service.sign_in()
        assert sum("better_auth_disabled_users" in each for each in seen) == 1
        assert len(seen) > 3
        seen.clear()
        assert await is_signed_in(service, ada)
        assert not any("better_auth_disabled_users" in each for each in seen)


async def test_sign_in_that_was_let_in_ends_with_the_others(database_url: str) -> None:
    """The operator waits for its transaction, and finds its session."""
    entered, go, hooks = asyncio.Event(), asyncio.Event(), HookRegistry()

    @hooks.session_created
    async def wait(_session: Session, _user: User, _tx: AsyncConnection) -> None:
        entered.set()
        await go.wait()

    async with (
        serving(database_url, hooks=hooks) as service,
        operating(database_url, service) as container,
    ):
        go.set()
        await service.sign_up()
        await disable_and_enable(container)
        entered.clear()
        go.clear()
        signing_in = asyncio.create_task(service.sign_in())
        await entered.wait()
        disabling = asyncio.create_task(disable(container))
        await asyncio.sleep(0.3)
        assert not disabling.done()
        go.set()
        answer, disabled = await asyncio.gather(signing_in, disabling)
        assert answer.status == 200
        assert disabled.sessions == 1
        assert await service.rows(sessions) == []


async def test_sign_in_waits_for_who_disables(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked, go, mark = asyncio.Event(), asyncio.Event(), Disabling._mark_in

    async def wait(disabling: Disabling, tx: AsyncConnection, *given: Any, **more: Any) -> object:
        found = await mark(disabling, tx, *given, **more)
        marked.set()
        await go.wait()
        return found

    async with serving(database_url) as service, operating(database_url, service) as container:
        await service.sign_up()
        monkeypatch.setattr(Disabling, "_mark_in", wait)
        disabling = asyncio.create_task(disable(container))
        await marked.wait()
        signing_in = asyncio.create_task(service.sign_in())
        await asyncio.sleep(0.3)
        assert not signing_in.done()
        go.set()
        answer, _ = await asyncio.gather(signing_in, disabling)
        assert code_of(answer) == REFUSED
        assert await service.rows(sessions) == []


async def disable_and_enable(container: Container) -> None:
    await disable(container)
    await make_disabling(container).enable(await get_user(container), now())


async def test_bans_of_the_admin_plugin_come_with_it(database_url: str) -> None:
    async with plugged_together(database_url, AdminOptions()) as service:
        await service.sign_up()
        async with operating(database_url, service) as container:
            assert (await disable(container, reason="Left")).bans
            row = await find(service, EMAIL)
            assert (bool(row["banned"]), row["banReason"]) == (True, "Left")
            assert code_of(await service.sign_in()) == REFUSED
            await make_disabling(container).enable(await get_user(container), now())
            assert not (await find(service, EMAIL))["banned"]
        assert (await service.sign_in()).status == 200


async def test_ban_of_an_administrator_stays(sqlite_url: str) -> None:
    async with plugged_together(sqlite_url, AdminOptions()) as service:
        ada = await service.sign_up()
        admin = await sign_up_admin(service)
        ban = {"userId": ada.json()["user"]["id"], "banReason": "Spam"}
        assert (await service.post("/admin/ban-user", ban, admin)).status == 200
        async with operating(sqlite_url, service) as container:
            disabled = await disable(container, reason="Left")
            assert disabled.banned_before is not None
            assert code_of(await service.sign_in()) == REFUSED
            enabled = await make_disabling(container).enable(await get_user(container), now())
            assert enabled.banned is not None
            assert enabled.banned.reason == "Spam"
        assert code_of(await service.sign_in()) == (403, "BANNED_USER")


async def test_ban_with_an_end_does_not_let_in_who_is_disabled(sqlite_url: str) -> None:
    async with plugged_together(sqlite_url, AdminOptions()) as service:
        await service.sign_up()
        await set_columns(service, EMAIL, banned=1, banExpires="2001-01-01T00:00:00.000Z")
        async with operating(sqlite_url, service) as container:
            await disable(container)
        assert (await find(service, EMAIL))["banExpires"] is None
        assert code_of(await service.sign_in()) == REFUSED


@pytest.mark.parametrize("in_database", [False, True])
async def test_administrator_loses_sessions_as_others_in_redis(
    sqlite_url: str, storage: RedisStorage, in_database: bool
) -> None:
    given = {
        "storage": storage,
        "session": SessionOptions(store_session_in_database=in_database),
    }
    async with plugged_together(sqlite_url, AdminOptions(), **given) as service:
        admin, ada = await sign_up_admin(service), await service.sign_up()
        body = {"userId": ada.json()["user"]["id"]}
        as_ada = await service.post("/admin/impersonate-user", body, admin)
        assert await is_signed_in(service, as_ada)
        async with operating(sqlite_url, service, storage) as container:
            assert (await disable(container, "admin@example.com")).sessions == 2
        assert not await is_signed_in(service, as_ada)
        assert await is_signed_in(service, ada)


async def test_administrator_loses_sessions_as_others(sqlite_url: str) -> None:
    async with plugged_together(sqlite_url, AdminOptions()) as service:
        admin = await sign_up_admin(service)
        ada = await service.sign_up()
        body = {"userId": ada.json()["user"]["id"]}
        as_ada = await service.post("/admin/impersonate-user", body, admin)
        assert await is_signed_in(service, as_ada)
        async with operating(sqlite_url, service) as container:
            await disable(container, "admin@example.com")
        assert not await is_signed_in(service, as_ada)
        assert await is_signed_in(service, ada)


async def test_adopted_database_has_the_mark_and_the_ban(empty_database_url: str) -> None:
    """Its admin plugin is off here, and a Node server beside reads its columns."""
    flag = "integer" if empty_database_url.startswith("sqlite") else "boolean"
    await make_original(empty_database_url)
    await execute(empty_database_url, f'ALTER TABLE "user" ADD COLUMN banned {flag}')
    await migrate(empty_database_url)
    async with serving(empty_database_url) as service:
        await service.sign_up("grace@example.com")
        async with operating(empty_database_url, service) as container:
            assert (await disable(container, "grace@example.com")).bans
            found = text("SELECT banned FROM \"user\" WHERE email = 'grace@example.com'")
            assert (await service.database.read_all(found))[0][0]
            assert code_of(await service.sign_in("grace@example.com")) == REFUSED
            user = await get_user(container, "grace@example.com")
            assert (await make_disabling(container).enable(user, now())).banned is None
        assert (await service.sign_in("grace@example.com")).status == 200
