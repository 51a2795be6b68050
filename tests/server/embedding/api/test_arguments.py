"""Whatever is passed for an argument, a call succeeds or raises a refusal, never another error."""

import inspect
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app import Api, BetterAuth, PluginIsOff, Refusal
from app.plugins.admin.options import AdminOptions
from tests.server.embedding.api.opened import opened
from tests.support.plugins import enabled

pytestmark = pytest.mark.anyio
JUNK: tuple[Any, ...] = (
    *(None, True, 7, 1.5, b"x", object(), [], {}, ["x", 7], {"name": "x"}, {7: 7}),
    *("", "\0", "nul\0", "\ud800", "x" * 10_000, 10**30, -1, float("nan")),
)
NAMES = sorted(
    name for name, found in inspect.getmembers(Api) if not name.startswith("_") and found
)
# A Session is not checked: it comes from another call. `on_behalf_of` has a test of its own.
UNCHECKED = {"make_session_headers", "on_behalf_of"}


@pytest.fixture(params=[False, True], ids=["without-admin", "with-admin"])
async def auth(database_url: str, request: pytest.FixtureRequest) -> AsyncIterator[BetterAuth]:
    on = enabled(AdminOptions()) if request.param else ()
    async with opened(database_url, plugins=on) as made:
        yield made


async def run(call: Any, arguments: dict[str, Any]) -> None:
    try:
        running = call(**arguments)
        if inspect.isasyncgen(running):
            _ = [each async for each in running]
        else:
            await running
    except (Refusal, PluginIsOff):
        pass


async def test_junk_is_refused_or_does_no_harm(auth: BetterAuth) -> None:
    user = await auth.api.create_user(email="ada@example.com", name="Ada", password="correct horse")
    good = {
        "user_id": user.id,
        "email": "b@example.com",
        "name": "B",
        "password": "correct horse",
        "new_password": "correct horse",
        "session_id": "s",
        "role": "user",
        "people": [],
    }
    wrong: list[tuple[str, str, object, Exception]] = []
    for name in set(NAMES) - UNCHECKED:
        call = getattr(auth.api, name)
        parameters = inspect.signature(call).parameters
        usual = {each: good[each] for each in parameters if each in good}
        if name == "remove_user":
            continue  # it needs a user of its own; its only argument is that of the others
        for parameter in parameters:
            for junk in JUNK:
                try:
                    await run(call, {**usual, parameter: junk})
                except Exception as fault:  # noqa: BLE001 - it is told below
                    wrong.append((name, parameter, junk, fault))
    assert wrong == [], "\n".join(map(repr, wrong))
    assert await auth.api.find_user(user.id) is not None


@pytest.mark.parametrize("junk", [None, 7, b"x", "nul\0", "\ud800"])
async def test_an_actor_that_no_user_can_be_is_refused(auth: BetterAuth, junk: Any) -> None:
    with pytest.raises(Refusal) as raised:
        auth.api.on_behalf_of(junk)
    assert raised.value.code == "VALIDATION_ERROR"
