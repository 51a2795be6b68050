"""What is stored about a person is collected without secrets, and all of it is deleted."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.auth.operators.person_removal import PersonRemoval
from app.models.clock import now
from app.models.errors import StoreUnavailable
from app.models.records import User
from app.plugins.email_otp.options import EmailOtpOptions, OtpChangeEmailOptions
from app.plugins.magic_link.options import MagicLinkOptions
from app.plugins.organization.options import OrganizationOptions
from app.plugins.organization.tables import invitations, members
from app.plugins.two_factor.options import TwoFactorOptions
from app.schema.migrate import migrate
from app.server.container import Container
from app.server.operation import make_disabling, make_person_removal, make_personal_data
from app.tasks.models import tasks
from tests.commands.operators.at_work import working
from tests.plugins.organization.people import OWNER, found, invite, join
from tests.support.operator import operating
from tests.support.other_layouts import OtherLayout, opened
from tests.support.plugins import plugged_together
from tests.support.service import EMAIL, PASSWORD, browser
from tests.support.smtp import Outgoing
from tests.support.tables import users, verifications
from tests.system.original_schema import make_original

pytestmark = pytest.mark.anyio

BOB = "bob@example.com"
GRACE = "grace@example.com"
_LONG_AGO = {"milliseconds": "1767323045000", "seconds": "1767323045"}
_OPTIONS = (OrganizationOptions(), TwoFactorOptions(), MagicLinkOptions())


async def get_user(container: Container, email: str) -> User:
    user = await container.users.find_by_email(email)
    assert user is not None
    return user


async def collect(container: Container, email: str) -> dict[str, Any]:
    data: dict[str, Any] = await make_personal_data(container).collect(
        await get_user(container, email)
    )
    return data


async def test_rows_of_plugins_and_tasks_belong_to_the_person(database_url: str) -> None:
    outbox = Outgoing()
    async with plugged_together(database_url, *_OPTIONS, mailer=outbox) as service:
        owner, _ = await found(service)
        bob = await join(owner, BOB)
        await invite(owner, EMAIL)
        enabled = await service.post("/two-factor/enable", {"password": PASSWORD}, bob.headers)
        assert enabled.status == 200
        await service.post("/sign-in/magic-link", {"email": BOB})
        async with service.database.begin() as tx:
            times = {"created_at": owner_time(), "updated_at": owner_time()}
            row = {"user_id": bob.user_id, "title": "Milk", "completed": False, "tags": ["home"]}
            await tx.execute(insert(tasks).values({**row, **times}))
        async with operating(database_url, service) as container:
            data = await collect(container, BOB)
            assert [each["role"] for each in data["member"]] == ["member"]
            assert [each["email"] for each in data["invitation"]] == [BOB]
            assert [each["title"] for each in data["tasks"]] == ["Milk"]
            (factor,) = data["twoFactor"]
            assert factor.keys() & {"secret", "backupCodes"} == set()
            (mailed,) = data["verifications"]
            assert mailed["purpose"] is None
            text = json.dumps(data)
            assert bob.headers[0][1].partition("=")[2][:32] not in text
            assert enabled.json()["backupCodes"][0] not in text
            theirs = await collect(container, OWNER)
            assert [each["email"] for each in theirs["invitation"]] == [BOB, EMAIL]
            await make_person_removal(container).remove(await get_user(container, BOB))
            left = (members, invitations, tasks, verifications)
            counts = [len(await service.rows(table)) for table in left]
            assert counts == [1, 1, 0, 0]


def owner_time() -> str:
    return "2026-11-01T08:00:00.000Z"


async def test_id_that_is_part_of_another_finds_nothing_of_others(sqlite_url: str) -> None:
    """Imported ids may be numbers."""
    outbox = Outgoing()
    async with plugged_together(sqlite_url, MagicLinkOptions(), mailer=outbox) as service:
        await service.sign_up("xa@b.co")
        (row,) = await service.rows(users)
        async with service.database.begin() as tx:
            await tx.execute(insert(users).values({**row, "id": "1", "email": "a@b.co"}))
        await service.post("/sign-in/magic-link", {"email": "xa@b.co"})
        async with operating(sqlite_url, service) as container:
            assert "verifications" not in await collect(container, "a@b.co")
            assert len((await collect(container, "xa@b.co"))["verifications"]) == 1


async def test_code_for_another_address_goes_with_the_user(database_url: str) -> None:
    changes = EmailOtpOptions(change_email=OtpChangeEmailOptions(enabled=True))
    async with plugged_together(database_url, changes, mailer=Outgoing()) as service:
        for email in (EMAIL, BOB):
            up = await service.sign_up(email)
            body = {"newEmail": f"new-{email}"}
            sent = await service.post("/email-otp/request-email-change", body, browser(up))
            assert sent.status == 200
        async with operating(database_url, service) as container:
            (code,) = (await collect(container, EMAIL))["verifications"]
            assert code["purpose"] == "change-email"
            await make_person_removal(container).remove(await get_user(container, EMAIL))
        (left,) = await service.rows(verifications)
        assert left["identifier"].endswith(f":new-{BOB}")


async def test_what_names_the_address_goes_with_the_user_or_not_at_all(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the user no second call would find it."""
    delete_named, calls = PersonRemoval._delete_named, 0

    async def die(removal: PersonRemoval, tx: AsyncConnection, user: User) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise StoreUnavailable
        await delete_named(removal, tx, user)

    async with plugged_together(database_url, *_OPTIONS, mailer=Outgoing()) as service:
        owner, _ = await found(service)
        await invite(owner, EMAIL)
        await service.sign_up()
        await service.post("/sign-in/magic-link", {"email": EMAIL})
        async with operating(database_url, service) as container:
            ada = await get_user(container, EMAIL)
            monkeypatch.setattr(PersonRemoval, "_delete_named", die)
            with pytest.raises(StoreUnavailable):
                await make_person_removal(container).remove(ada)
            assert await container.users.find_by_email(EMAIL) is None
        left = (invitations, verifications)
        assert [await service.rows(table) for table in left] == [[], []]


async def test_tables_of_other_names_and_types(other: OtherLayout, other_url: str) -> None:
    accounts, users = [
        each if other.schema is None else f"{other.schema}.{each}"
        for each in map(other.name_table, ("account", "user"))
    ]
    began = _LONG_AGO.get(other.time, "'2026-01-02 03:04:05'")
    async with opened(other, other_url) as database, database.begin() as tx:
        no = "0" if database.dialect == "sqlite" else "false"
        columns = "id, name, email, email_verified, created_at, updated_at"
        values = f"'00000000-0000-4000-8000-000000000001', 'X', 'x@example.com', {no}, {began}"
        await tx.exec_driver_sql(f"alter table {accounts} rename column password_hash to password")
        await tx.exec_driver_sql(f"insert into {users} ({columns}) values ({values}, {began})")
    place = other_url if other.schema is None else f"{other_url}&schema={other.schema}"
    async with plugged_together(place) as service:
        ada = await service.sign_up()
        async with operating(place, service) as container:
            user = await get_user(container, EMAIL)
            assert user.id == ada.json()["user"]["id"]
            disabling = make_disabling(container)
            disabled = await disabling.disable(user, "Left", now())
            assert (disabled.sessions, disabled.bans) == (1, True)
            refused = await service.sign_in()
            assert (refused.status, refused.json()["code"]) == (403, "USER_DISABLED")
            assert await disabling.find(user.id) is not None
            assert await disabling.find("no UUID") is None
            data = await collect(container, EMAIL)
            assert (len(data["disabled"]), "sessions" in data) == (1, False)
            await disabling.enable(user, now())
            again = await service.sign_in()
            assert again.status == 200
            await make_person_removal(container).remove(user)
            assert (await service.get("/get-session", browser(again))).json() is None
            assert await disabling.find(user.id) is None


async def test_commands_work_on_an_adopted_database(
    empty_database_url: str, tmp_path: Path
) -> None:
    await make_original(empty_database_url)
    await migrate(empty_database_url)
    async with working(empty_database_url, tmp_path) as (service, operator):
        await service.sign_up(GRACE)
        off = await operator.run("users", "disable", "--email", GRACE)
        assert off.returncode == 0
        assert off.stderr.startswith("A Node server on this database does not know of it")
        assert (await service.sign_in(GRACE)).json()["code"] == "USER_DISABLED"
        assert len(await operator.list("users", "list")) == 2
        shown = await operator.find("users", "show", "--email", GRACE)
        assert (shown["sessions"], shown["hasPassword"]) == (0, True)
        await operator.tell("users", "enable", "--email", GRACE)
        assert (await service.sign_in(GRACE)).status == 200
        assert await operator.tell("sessions", "revoke", "--email", GRACE) == "1 session ended\n"
        await operator.tell("users", "delete", "--email", GRACE, "--yes")
        assert len(await operator.list("users", "list")) == 1
