"""What administrators do is told, with who did it."""

import pytest

from app.plugins.admin.plugin import PLUGIN
from app.server.operation import make_person_removal
from tests.plugins.admin.people import ADMIN, BOB, OPTIONS, find, id_of, sign_up_admin
from tests.support.audited import read_events, read_last
from tests.support.operator import operating
from tests.support.plugins import plugged
from tests.support.service import browser

pytestmark = pytest.mark.anyio


async def test_every_action_names_the_administrator(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OPTIONS) as service:
        admin = await sign_up_admin(service)
        made = await service.post(
            "/admin/create-user", {"email": BOB, "name": "Bob", "password": "a password"}, admin
        )
        bob, by = {"userId": id_of(made)}, (await find(service, ADMIN))["id"]
        for path, body in (
            ("set-role", {**bob, "role": "admin"}),
            ("set-role", {**bob, "role": "user"}),
            ("set-user-password", {**bob, "newPassword": "a new password"}),
            ("ban-user", bob),
            ("unban-user", bob),
            ("update-user", {**bob, "data": {"name": "Eve"}}),
            ("remove-user", bob),
        ):
            assert (await service.post(f"/admin/{path}", body, admin)).status == 200, path
        told = (await read_events(service.database))[1:]
        assert [each["event"] for each in told] == [
            "user_created",
            "role_changed",
            "role_changed",
            "password_set",
            "banned",
            "unbanned",
            "user_updated",
            "user_deleted",
        ]
        assert {(each["user_id"], each["actor_id"]) for each in told} == {(bob["userId"], by)}
        assert told[1]["details"] == {"role": "admin"}


async def test_deleted_administrator_leaves_no_client(database_url: str) -> None:
    async with plugged(database_url, PLUGIN, OPTIONS) as service:
        admin = [*await sign_up_admin(service), ("user-agent", "curl")]
        bob = {"userId": id_of(await service.sign_up(BOB))}
        for path in ("ban-user", "unban-user"):
            assert (await service.post(f"/admin/{path}", bob, admin)).status == 200
        async with operating(database_url, service) as container:
            user = await container.users.find_by_email(ADMIN)
            assert user is not None
            await make_person_removal(container).remove(user)
        told = await read_events(service.database)
        clients = {(each["event"], each["ip_address"], each["user_agent"]) for each in told[2:4]}
        assert clients == {("banned", None, None), ("unbanned", None, None)}
        assert told[1]["ip_address"] == "127.0.0.1"  # Bob signed up


async def test_what_is_done_as_another_user_names_the_administrator(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OPTIONS) as service:
        admin = await sign_up_admin(service)
        by = (await find(service, ADMIN))["id"]
        bob = id_of(await service.sign_up(BOB))
        acting = browser(await service.post("/admin/impersonate-user", {"userId": bob}, admin))
        began = await read_last(service.database)
        await service.post("/update-user", {"name": "Eve"}, acting)
        updated = await read_last(service.database)
        await service.post("/admin/stop-impersonating", {}, acting)
        ended = await read_last(service.database)
        told = [began, updated, ended]
        assert [each["event"] for each in told] == [
            "impersonation_began",
            "user_updated",
            "impersonation_ended",
        ]
        assert {(each["user_id"], each["actor_id"]) for each in told} == {(bob, by)}
        assert began["session_id"] == ended["session_id"]


async def test_banned_user_is_told_why(sqlite_url: str) -> None:
    async with plugged(sqlite_url, PLUGIN, OPTIONS) as service:
        admin = await sign_up_admin(service)
        bob = id_of(await service.sign_up(BOB))
        await service.post("/admin/ban-user", {"userId": bob}, admin)
        await service.sign_in(BOB)
        told = await read_last(service.database)
        assert (told["event"], told["reason"]) == ("sign_in_failed", "BANNED_USER")
        assert (told["user_id"], told["actor"]) == (bob, "anybody")
