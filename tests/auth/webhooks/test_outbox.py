"""What webhooks tell, by the requests of users: nothing secret, and nothing that was undone."""

from pathlib import Path
from typing import Any

import pytest

from app.auth.webhooks.queue import WebhookQueue
from app.models.additional_fields import AdditionalField
from app.plugins.admin.plugin import PLUGIN as ADMIN_PLUGIN
from app.settings.options import DeleteUserOptions, UserOptions
from app.storage.database import Database
from app.storage.redis import RedisStorage
from tests.commands.operators.at_work import working
from tests.plugins.admin.people import BOB, id_of, sign_up_admin
from tests.plugins.admin.people import OPTIONS as OPTIONS_OF_ADMIN
from tests.support.asgi import Answer
from tests.support.plugins import plugged
from tests.support.service import EMAIL, PASSWORD, Service, browser, serve
from tests.support.smtp import Outgoing
from tests.support.tables import TABLES, users
from tests.support.webhooks import OPTIONS, SECRET, read_bodies, read_queue

pytestmark = pytest.mark.anyio


async def serve_with_webhooks(database: Database, **options: Any) -> Service:
    return await serve(database, **{**OPTIONS, **options})


async def list_types(database: Database) -> list[str]:
    return [body["type"] for body in await read_bodies(database)]


async def find_one(database: Database, event: str) -> dict[str, Any]:
    (data,) = [body["data"] for body in await read_bodies(database) if body["type"] == event]
    assert isinstance(data, dict)
    return data


async def sign_up(service: Service) -> Answer:
    """Ada, whose events of the sign-up are gone then."""
    answer = await service.sign_up()
    await service.execute("DELETE FROM better_auth_webhooks")
    return answer


async def test_sign_up_is_told_with_the_public_user_and_a_session_without_its_token(
    webhook_database: Database,
) -> None:
    service = await serve_with_webhooks(webhook_database)
    answer = (await service.sign_up()).json()
    assert await list_types(webhook_database) == ["user.created", "session.created"]
    made = await find_one(webhook_database, "user.created")
    assert made == {"user": answer["user"]}
    session = (await find_one(webhook_database, "session.created"))["session"]
    assert session["userId"] == answer["user"]["id"]
    assert "token" not in session
    assert answer["token"] not in str(await read_queue(webhook_database))


@pytest.mark.engines("sqlite")
async def test_hidden_field_is_not_told(webhook_database: Database) -> None:
    hidden = AdditionalField(
        name="plan", type="string", required=False, returned=False, default_value="free"
    )
    shown = AdditionalField(name="team", type="string", required=False)
    for column in ("plan", "team"):
        async with webhook_database.begin() as tx:
            await tx.exec_driver_sql(f'ALTER TABLE "user" ADD COLUMN {column} text')
    user = UserOptions(additional_fields=(hidden, shown))
    service = await serve_with_webhooks(webhook_database, user=user)
    ada = browser(await service.sign_up(team="red", plan="gold"))
    await service.post("/update-user", {"team": "blue", "plan": "silver"}, ada)
    await service.post("/update-user", {"plan": "bronze"}, ada)
    told = await find_one(webhook_database, "user.updated")
    assert (told["user"]["team"], told["changed"]) == ("blue", ["team"])
    everything = str(await read_queue(webhook_database))
    assert not any(plan in everything for plan in ("gold", "silver", "bronze"))


async def test_change_is_told_with_the_names_of_the_fields(webhook_database: Database) -> None:
    service = await serve_with_webhooks(webhook_database)
    ada = browser(await sign_up(service))
    await service.post("/update-user", {"name": "Eve"}, ada)
    told = await find_one(webhook_database, "user.updated")
    assert (told["user"]["name"], told["changed"]) == ("Eve", ["name"])


async def test_sign_out_is_told_with_the_session_that_ended(webhook_database: Database) -> None:
    service = await serve_with_webhooks(webhook_database)
    signed_up = await service.sign_up()
    await service.post("/sign-out", {}, browser(signed_up))
    created = await find_one(webhook_database, "session.created")
    ended = await find_one(webhook_database, "session.ended")
    assert ended["session"]["id"] == created["session"]["id"]
    assert "token" not in ended["session"]


@pytest.mark.engines("sqlite")
async def test_session_that_is_only_in_redis_is_told(
    webhook_database: Database, storage: RedisStorage
) -> None:
    service = await serve_with_webhooks(webhook_database, storage=storage, redis_url="redis://h")
    signed_up = await service.sign_up()
    await service.post("/sign-out", {}, browser(signed_up))
    names = ["user.created", "session.created", "session.ended"]
    assert await list_types(webhook_database) == names
    assert signed_up.json()["token"] not in str(await read_queue(webhook_database))


@pytest.mark.parametrize("in_redis", [False, True])
async def test_deletion_is_told_once_after_its_sessions(
    webhook_database: Database, storage: RedisStorage, *, in_redis: bool
) -> None:
    options = UserOptions(delete_user=DeleteUserOptions(enabled=True))
    more = {"storage": storage, "redis_url": "redis://h"} if in_redis else {}
    service = await serve_with_webhooks(webhook_database, user=options, **more)
    signed_up = await sign_up(service)
    body = {"password": PASSWORD}
    assert (await service.post("/delete-user", body, browser(signed_up))).status == 200
    assert await list_types(webhook_database) == ["session.ended", "user.deleted"]
    assert (await find_one(webhook_database, "user.deleted"))["user"]["email"] == EMAIL


async def test_deletion_forgets_what_was_given_up(webhook_database: Database) -> None:
    options = UserOptions(delete_user=DeleteUserOptions(enabled=True))
    chosen = {"user": options, "webhook_events": ("session.created",)}
    service = await serve_with_webhooks(webhook_database, **chosen)
    ada, eve = await service.sign_up(), await service.sign_up("eve@example.com")
    await WebhookQueue(webhook_database, TABLES).skip(None)
    await service.sign_in()
    await service.post("/delete-user", {"password": PASSWORD}, browser(ada))
    left = [(row["user_id"], row["dead_at"] is None) for row in await read_queue(webhook_database)]
    ids = [answer.json()["user"]["id"] for answer in (ada, eve)]
    assert left == [(ids[1], False), (ids[0], True)]


async def test_new_password_is_told_without_it(webhook_database: Database) -> None:
    service = await serve_with_webhooks(webhook_database)
    ada = browser(await sign_up(service))
    body = {"currentPassword": PASSWORD, "newPassword": "a new password"}
    await service.post("/change-password", body, ada)
    assert await list_types(webhook_database) == ["user.password_changed"]
    assert (await find_one(webhook_database, "user.password_changed"))["user"]["email"] == EMAIL
    told = str(await read_queue(webhook_database))
    assert "a new password" not in told
    assert "$argon2" not in told


async def test_verified_address_is_told(webhook_database: Database) -> None:
    outgoing = Outgoing()
    service = await serve_with_webhooks(webhook_database, mailer=outgoing)
    await sign_up(service)
    await service.post("/send-verification-email", {"email": EMAIL})
    link = outgoing.link()
    await service.get(link[link.index("/verify-email") :])
    assert await list_types(webhook_database) == ["user.updated", "user.email_verified"]
    assert (await find_one(webhook_database, "user.email_verified"))["user"]["emailVerified"]


async def test_ban_and_its_end_are_told(webhook_database: Database, database_url: str) -> None:
    async with plugged(database_url, ADMIN_PLUGIN, OPTIONS_OF_ADMIN, **OPTIONS) as service:
        admin = await sign_up_admin(service)
        bob = id_of(await service.sign_up(BOB))
        await service.execute("DELETE FROM better_auth_webhooks")
        body = {"userId": bob, "banReason": "Spam", "banExpiresIn": 3600}
        assert (await service.post("/admin/ban-user", body, admin)).status == 200
        assert (await service.post("/admin/unban-user", {"userId": bob}, admin)).status == 200
        types = await list_types(service.database)
        banned = await find_one(service.database, "user.banned")
        lifted = await find_one(service.database, "user.unbanned")
    told = ["session.ended", "user.updated", "user.banned", "user.updated", "user.unbanned"]
    assert types == told
    assert (banned["user"]["id"], banned["reason"]) == (bob, "Spam")
    assert banned["expiresAt"].endswith("Z")
    assert lifted["user"]["id"] == bob


async def test_operator_who_disables_and_enables_is_told(
    webhook_database: Database, database_url: str, tmp_path: Path
) -> None:
    given = {"WEBHOOK_URL": OPTIONS["webhook_url"], "WEBHOOK_SECRET": SECRET}
    async with working(database_url, tmp_path, given, **OPTIONS) as (service, operator):
        await sign_up(service)
        await operator.tell("users", "disable", "--email", EMAIL, "--reason", "Lost")
        await operator.tell("users", "enable", "--email", EMAIL)
        assert await list_types(service.database) == [
            "user.banned",
            "session.ended",
            "user.unbanned",
        ]
        assert (await find_one(service.database, "user.banned"))["reason"] == "Lost"


async def test_taken_address_leaves_no_event(webhook_database: Database) -> None:
    service = await serve_with_webhooks(webhook_database)
    await sign_up(service)
    await service.sign_up()
    assert await list_types(webhook_database) == []


@pytest.mark.engines("sqlite")
async def test_only_chosen_events_are_written(webhook_database: Database) -> None:
    chosen = ("user.deleted", "session.ended")
    service = await serve_with_webhooks(webhook_database, webhook_events=chosen)
    signed_up = await service.sign_up()
    await service.post("/sign-out", {}, browser(signed_up))
    assert await list_types(webhook_database) == ["session.ended"]


async def test_outbox_that_cannot_be_written_undoes_the_sign_up(
    webhook_database: Database,
) -> None:
    service = await serve_with_webhooks(webhook_database)
    await service.execute("ALTER TABLE better_auth_webhooks RENAME TO elsewhere")
    assert (await service.sign_up()).status == 500
    assert await service.rows(users) == []
