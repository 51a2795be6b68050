"""The plugin on tables that Drizzle or Prisma made: other names, times and ids."""

import pytest

from app.plugins.admin.plugin import PLUGIN
from tests.plugins.admin.people import ADMIN, BOB, OPTIONS, id_of, is_signed_in
from tests.support.other_layouts import OtherLayout, opened
from tests.support.plugins import plugged
from tests.support.service import browser

pytestmark = pytest.mark.anyio

LONG_AGO = {"milliseconds": "1767323045000", "seconds": "1767323045"}


async def make_tables(other: OtherLayout, other_url: str) -> str:
    """Makes the tables with the columns of the plugin, and a user. Returns the table of users."""
    users, sessions, accounts = [
        each if other.schema is None else f"{other.schema}.{each}"
        for each in map(other.name_table, ("user", "session", "account"))
    ]
    time = "integer" if other.time in LONG_AGO else other.time
    began = LONG_AGO.get(other.time, "'2026-01-02 03:04:05'")
    async with opened(other, other_url) as database, database.begin() as tx:
        no = "0" if database.dialect == "sqlite" else "false"
        values = f"'00000000-0000-4000-8000-000000000001', 'X', 'x@example.com', {no}, {began}"
        columns = "id, name, email, email_verified, created_at, updated_at"
        for statement in (
            f"alter table {users} add column role text",
            f"alter table {users} add column ban_reason text",
            f"alter table {users} add column ban_expires {time}",
            f"alter table {sessions} add column impersonated_by {other.id or 'text'}",
            f"alter table {accounts} rename column password_hash to password",
            f"insert into {users} ({columns}) values ({values}, {began})",
        ):
            await tx.exec_driver_sql(statement)
    return users


async def test_bans_and_impersonation(other: OtherLayout, other_url: str) -> None:
    users = await make_tables(other, other_url)
    place = other_url if other.schema is None else f"{other_url}&schema={other.schema}"
    async with plugged(place, PLUGIN, OPTIONS) as service:
        up = await service.sign_up(ADMIN)
        await service.execute(f"update {users} set role = 'admin' where email = '{ADMIN}'")
        admin, bob = browser(up), await service.sign_up(BOB)
        body = {"userId": id_of(bob)}
        banned = await service.post("/admin/ban-user", {**body, "banExpiresIn": 3600}, admin)
        expires = banned.json()["user"]["banExpires"]
        assert (len(expires), expires[-1]) == (len("2026-01-02T03:04:05.000Z"), "Z")
        assert (await service.sign_in(BOB)).json()["code"] == "BANNED_USER"
        query = "filterField=banExpires&filterValue=2100-01-01&filterOperator=lt"
        found = await service.get(f"/admin/list-users?{query}", admin)
        assert [user["email"] for user in found.json()["users"]] == [BOB]
        await service.post("/admin/ban-user", {**body, "banExpiresIn": -5}, admin)
        assert (await service.sign_in(BOB)).status == 200
        as_bob = await service.post("/admin/impersonate-user", body, admin)
        assert as_bob.json()["session"]["impersonatedBy"] == id_of(up)
        back = await service.post("/admin/stop-impersonating", {}, browser(as_bob))
        assert await is_signed_in(service, browser(back))
        assert (await service.post("/admin/remove-user", body, admin)).status == 200
