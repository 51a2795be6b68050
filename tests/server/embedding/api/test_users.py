"""Users are found, created, changed and deleted by calls."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from app import BetterAuth, Refusal, User
from app.auth.hooks import PendingUser, UserChange, Values
from app.models.additional_fields import AdditionalField
from app.settings.options import UserOptions
from tests.server.embedding.api.opened import opened
from tests.support.asgi import call, json_body
from tests.support.audited import list_names, read_events

pytestmark = pytest.mark.anyio
EMAIL, PASSWORD = "ada@example.com", "correct horse"
FIELDS = (
    AdditionalField(name="company", type="string", required=True),
    AdditionalField(name="seats", type="number", required=False),
    AdditionalField(name="plan", type=("free", "paid"), default_value="free", input=False),
    AdditionalField(name="since", type="date", required=False),
    AdditionalField(name="note", type="string", required=False, returned=False),
)


class Company(Struct):
    company: str
    seats: float | None


@pytest.fixture
async def auth(database_url: str) -> AsyncIterator[BetterAuth]:
    async with opened(database_url) as made:
        yield made


@pytest.fixture
async def with_fields(empty_database_url: str) -> AsyncIterator[BetterAuth]:
    async with opened(empty_database_url, user=UserOptions(additional_fields=FIELDS)) as made:
        yield made


async def create(auth: BetterAuth, email: str = EMAIL) -> User:
    return await auth.api.create_user(email=email, name="Ada", password=PASSWORD)


async def refuse(*calls: object) -> list[str | None]:
    """The codes of the refusals of all these calls."""
    results = await asyncio.gather(*calls, return_exceptions=True)  # type: ignore[call-overload]
    assert all(isinstance(each, Refusal) for each in results), results
    return [each.code for each in results]


async def test_a_created_user_signs_in_with_the_password(auth: BetterAuth) -> None:
    made = await auth.api.create_user(email="Ada@Example.com", name="Ada", password=PASSWORD)
    assert (made.email, made.name, made.email_verified, made.image) == (EMAIL, "Ada", False, None)
    body = json_body({"email": EMAIL, "password": PASSWORD})
    headers = [("content-type", "application/json")]
    answer = await call(auth, "POST", "/api/auth/sign-in/email", headers, body)
    assert answer.json()["user"]["id"] == made.id


async def test_a_user_without_a_password_has_none(auth: BetterAuth) -> None:
    made = await auth.api.create_user(email=EMAIL, name="Ada", email_verified=True, image="a.png")
    assert (made.email_verified, made.image) == (True, "a.png")
    assert not await auth.api.verify_password(made.id, PASSWORD)


async def test_find_returns_none_where_get_raises(auth: BetterAuth) -> None:
    made = await create(auth)
    assert await auth.api.find_user(made.id) == made == await auth.api.get_user(made.id)
    assert await auth.api.find_user_by_email("ADA@example.com") == made
    for unknown in ("nobody", "", "nul\0"):
        assert await auth.api.find_user(unknown) is None
        assert await auth.api.find_user_by_email(unknown) is None
        with pytest.raises(Refusal) as raised:
            await auth.api.get_user(unknown)
        assert (raised.value.code, raised.value.status) == ("USER_NOT_FOUND", 404)
        assert raised.value.message == "User not found"


async def test_users_are_listed_in_pages(auth: BetterAuth) -> None:
    made = [await create(auth, f"u{number}@example.com") for number in range(5)]
    ordered = sorted(made, key=lambda user: user.id)
    first = await auth.api.list_users(limit=2)
    assert first == ordered[:2]
    assert await auth.api.list_users(after=first[-1].id) == ordered[2:]
    assert await auth.api.list_users(email_contains="U3@") == [made[3]]
    assert [user async for user in auth.api.iterate_users(email_contains="u")] == ordered


async def test_an_update_changes_what_is_named(auth: BetterAuth) -> None:
    made = await create(auth)
    changed = await auth.api.update_user(made.id, name="Ada L", image="a.png", email_verified=True)
    assert (changed.name, changed.image, changed.email_verified) == ("Ada L", "a.png", True)
    moved = await auth.api.update_user(made.id, email="New@example.com", image=None)
    assert (moved.email, moved.email_verified, moved.image) == ("new@example.com", False, None)
    trusted = await auth.api.update_user(made.id, email=EMAIL, email_verified=True)
    assert (trusted.email, trusted.email_verified) == (EMAIL, True)
    assert await auth.api.get_user(made.id) == trusted


async def test_a_removed_user_is_gone_with_the_sessions(auth: BetterAuth) -> None:
    made = await create(auth)
    session = await auth.api.create_session(made.id)
    await auth.api.remove_user(made.id)
    assert await auth.api.find_user(made.id) is None
    bearer = [("authorization", f"Bearer {session.token}")]
    assert (await call(auth, "GET", "/api/auth/get-session", bearer)).json() is None


async def test_an_export_has_the_rows_of_the_user(auth: BetterAuth) -> None:
    made = await create(auth)
    data = await auth.api.export_user(made.id)
    assert PASSWORD not in str(data)
    assert {"user", "accounts"} <= data.keys()


async def test_every_call_about_nobody_is_refused(auth: BetterAuth) -> None:
    api, nobody = auth.api, "nobody"
    codes = await refuse(
        api.update_user(nobody, name="x"),
        api.remove_user(nobody),
        api.export_user(nobody),
        api.set_user_password(nobody, PASSWORD),
        api.verify_password(nobody, PASSWORD),
        api.list_user_sessions(nobody),
        api.create_session(nobody),
        api.revoke_user_session(nobody, "s"),
        api.revoke_user_sessions(nobody),
        api.issue_token(nobody),
        api.ban_user(nobody),
        api.unban_user(nobody),
        api.disable_user(nobody),
        api.enable_user(nobody),
        api.is_user_disabled(nobody),
    )
    assert set(codes) == {"USER_NOT_FOUND"}


async def test_wrong_arguments_have_the_codes_of_requests(auth: BetterAuth) -> None:
    made, api = await create(auth), auth.api
    assert await refuse(
        api.create_user(email="", name="x"),
        api.create_user(email="no address", name="x"),
        api.create_user(email="a\0@example.com", name="x"),
        api.create_user(email=EMAIL, name="x"),
        api.create_user(email="b@example.com", name="x", password="short"),
        api.create_user(email="b@example.com", name="x", password="x" * 129),
        api.update_user(made.id, email="no address"),
        api.update_user(made.id),
    ) == [
        "INVALID_EMAIL",
        "INVALID_EMAIL",
        "INVALID_EMAIL",
        "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL",
        "PASSWORD_TOO_SHORT",
        "PASSWORD_TOO_LONG",
        "INVALID_EMAIL",
        None,
    ]
    wrong: object = 7
    with pytest.raises(Refusal) as raised:
        await api.create_user(email=EMAIL, name=wrong)  # type: ignore[arg-type]  # the subject
    assert raised.value.code == "VALIDATION_ERROR"
    assert raised.value.message == "[name] Invalid input: expected string, received number"
    codes = await refuse(
        api.get_user(wrong),  # type: ignore[arg-type]  # the subject
        api.create_user(email="b@example.com", name="\ud800"),
        api.create_user(email="b@example.com", name="x", email_verified=wrong),  # type: ignore[arg-type]  # the subject
        api.create_user(email="b@example.com", name="x", fields=wrong),  # type: ignore[arg-type]  # the subject
        api.list_users(limit=0),
        api.list_users(after="\0"),
    )
    assert set(codes) == {"VALIDATION_ERROR"}
    assert len(await api.list_users()) == 1


@pytest.mark.engines("postgres")
async def test_a_text_that_the_database_cannot_store_is_refused(auth: BetterAuth) -> None:
    made = await create(auth)
    assert await refuse(
        auth.api.create_user(email="b@example.com", name="nul\0"),
        auth.api.update_user(made.id, name="nul\0"),
    ) == ["FAILED_TO_CREATE_USER", "FAILED_TO_UPDATE_USER"]


async def test_additional_fields_are_set_and_read(with_fields: BetterAuth) -> None:
    api, since = with_fields.api, datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=1)))
    fields = {"company": "Analytical", "plan": "paid", "since": since, "note": "hidden"}
    made = await api.create_user(email=EMAIL, name="Ada", fields=fields)
    assert (made["company"], made["plan"], made["seats"]) == ("Analytical", "paid", None)
    assert made["since"] == "2026-01-01T23:00:00.000Z"
    assert msgspec.convert(made, Company, from_attributes=True) == Company("Analytical", None)
    with pytest.raises(KeyError):
        _ = made["note"]
    changed = await api.update_user(made.id, fields={"seats": 3, "plan": "free"})
    assert (changed["seats"], changed["plan"], changed["company"]) == (3, "free", "Analytical")


async def test_additional_fields_are_checked(with_fields: BetterAuth) -> None:
    api = with_fields.api
    naive = datetime(2026, 1, 2, tzinfo=UTC).replace(tzinfo=None)
    one = {"company": "Analytical"}

    def create_with(fields: dict[str, object]) -> object:
        return api.create_user(email="b@example.com", name="x", fields=fields)

    assert await refuse(
        create_with({}),
        create_with({**one, "colour": "red"}),
        create_with({**one, "seats": "many"}),
        create_with({**one, "plan": "gold"}),
        create_with({**one, "since": naive}),
        create_with({**one, "note": object()}),
    ) == [
        "MISSING_FIELD",
        "FIELD_NOT_ALLOWED",
        "VALIDATION_ERROR",
        "VALIDATION_ERROR",
        "VALIDATION_ERROR",
        "VALIDATION_ERROR",
    ]


async def test_of_two_users_with_one_address_one_is_refused(auth: BetterAuth) -> None:
    results = await asyncio.gather(*(create(auth) for _ in range(4)), return_exceptions=True)
    refused = [each for each in results if isinstance(each, Refusal)]
    assert [each.code for each in refused] == ["USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"] * 3
    assert len(await auth.api.list_users()) == 1


async def test_of_two_users_who_get_one_address_one_is_refused(auth: BetterAuth) -> None:
    both = [await create(auth, f"{name}@example.com") for name in ("one", "two")]
    changes = (auth.api.update_user(user.id, email="same@example.com") for user in both)
    results = await asyncio.gather(*changes, return_exceptions=True)
    (refused,) = [each for each in results if isinstance(each, Refusal)]
    assert refused.code == "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"


async def test_hooks_change_and_refuse(database_url: str) -> None:
    seen: list[str] = []

    async def rename(pending: PendingUser) -> Values:
        return {"name": f"{pending.values['name']}!"}

    async def rename_again(change: UserChange) -> Values:
        return {"name": f"{change.values['name']}?"}

    async def fail(user: User, tx: AsyncConnection) -> None:
        seen.append(user.name)
        if user.email != EMAIL:
            raise RuntimeError("the hook fails")

    async with opened(database_url) as auth:
        hooks = auth.container.hooks
        hooks.before_user_created.append(rename)
        hooks.before_user_updated.append(rename_again)
        hooks.user_created.append(fail)
        made = await create(auth)
        assert made.name == "Ada!"
        assert (await auth.api.update_user(made.id, name="Ada")).name == "Ada?"
        with pytest.raises(RuntimeError, match="the hook fails"):
            await create(auth, "b@example.com")
        assert seen == ["Ada!", "Ada!"]
        assert await auth.api.find_user_by_email("b@example.com") is None
        assert await list_names(auth.container.database) == ["user_created", "user_updated"]


async def test_the_audit_says_who_acted(auth: BetterAuth) -> None:
    admin = await create(auth, "admin@example.com")
    made = await create(auth)
    await auth.api.on_behalf_of(admin.id).update_user(made.id, name="Ada L")
    events = await read_events(auth.container.database)
    assert [(each["event"], each["actor"], each["actor_id"]) for each in events] == [
        ("user_created", "application", None),
        ("user_created", "application", None),
        ("user_updated", "user", admin.id),
    ]
