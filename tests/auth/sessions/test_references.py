import asyncio
import json
from datetime import timedelta

import pytest

from app.auth.sessions.references import References
from app.models.clock import now as clock
from app.models.clock import to_iso
from app.models.records import ADAS_SESSION, Session
from app.storage.redis import RedisStorage

pytestmark = pytest.mark.anyio

KEY = f"active-sessions-{ADAS_SESSION.user_id}"


def session(token: str, **lasts: float) -> Session:
    fields = {name: getattr(ADAS_SESSION, name) for name in ADAS_SESSION.__struct_fields__}
    expires_at = to_iso(clock() + timedelta(**lasts))
    return Session(**{**fields, "token": token, "expires_at": expires_at})


async def tokens(storage: RedisStorage) -> list[str]:
    return await References(storage).list_tokens(ADAS_SESSION.user_id, clock())


async def test_parallel_additions_are_all_in(storage: RedisStorage) -> None:
    references = References(storage)
    made = [session(f"token-{number}", minutes=number + 1) for number in range(50)]
    await asyncio.gather(*map(references.put, made))
    assert await tokens(storage) == [one.token for one in made]


async def test_additions_and_removals_at_once_lose_nothing(storage: RedisStorage) -> None:
    references = References(storage)
    old = [session(f"old-{number}", hours=1) for number in range(20)]
    new = [session(f"new-{number}", hours=2) for number in range(20)]
    for one in old:
        await references.put(one)
    drops = (references.drop(ADAS_SESSION.user_id, [one.token]) for one in old)
    await asyncio.gather(*drops, *map(references.put, new))
    assert sorted(await tokens(storage)) == sorted(one.token for one in new)


async def test_session_that_is_put_again_moves(storage: RedisStorage) -> None:
    references = References(storage)
    await references.put(session("one", hours=1))
    await references.put(session("two", hours=2))
    await references.put(session("one", hours=3))
    assert await tokens(storage) == ["two", "one"]


async def test_what_has_expired_is_swept_with_the_next_change(storage: RedisStorage) -> None:
    references = References(storage)
    await storage.set(KEY, '[{"token":"gone","expiresAt":1}]')
    assert await tokens(storage) == []
    await references.put(session("one", hours=1))
    assert [each["token"] for each in json.loads(await storage.get(KEY) or "")] == ["one"]


async def test_list_that_cannot_be_read_is_begun_anew(storage: RedisStorage) -> None:
    for broken in ("{", "7", '{"token":"x"}', '[{"token":7}]'):
        await storage.set(KEY, broken)
        assert await tokens(storage) == []
    await References(storage).put(session("one", hours=1))
    assert await tokens(storage) == ["one"]


async def test_empty_list_is_no_key(storage: RedisStorage) -> None:
    references = References(storage)
    await references.put(session("one", hours=1))
    await references.drop(ADAS_SESSION.user_id, ["one"])
    assert await storage.get(KEY) is None
