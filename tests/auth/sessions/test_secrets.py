"""A secret is replaced while people are signed in."""

import pytest

from app.settings.options import CookieCacheOptions, SessionOptions, VersionedSecret
from app.storage.database import Database
from tests.auth.sessions.cache.test_cookie_cache import Browser, names
from tests.support.service import EMAIL, SECRET, Service, serve

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]

NEW = "new-secret-of-these-tests-8fQ1zWc5nB0yT"
OLD_FIRST = (VersionedSecret(1, SECRET), VersionedSecret(2, NEW))
NEW_FIRST = OLD_FIRST[::-1]


async def at(
    database: Database, secrets: tuple[VersionedSecret, ...] = (), *, strategy: str | None = None
) -> Service:
    cache = CookieCacheOptions(enabled=strategy is not None)
    secret = secrets[0].value if secrets else SECRET
    session = SessionOptions(cookie_cache=cache)
    return await serve(database, secret=secret, secrets=secrets, session=session)


@pytest.mark.parametrize("strategy", [None, "compact"])
@pytest.mark.parametrize("path", ["/get-session", "/list-accounts", "/list-sessions"])
@pytest.mark.parametrize("remember", [True, False])
async def test_nobody_is_signed_out_and_the_cookie_is_signed_anew_once(
    database: Database, strategy: str | None, path: str, remember: bool
) -> None:
    ada = Browser(await at(database, strategy=strategy))
    ada.keep(await ada.service.sign_up(rememberMe=remember))
    ada.service = await at(database, NEW_FIRST, strategy=strategy)
    answer = await ada.get(path)
    assert answer.status == 200
    assert "session_token" in names(answer)
    assert ("dont_remember" in names(answer)) is not remember
    assert ("Max-Age=604800" in answer.header_list("set-cookie")[0]) is remember
    assert (await ada.get(path)).header_list("set-cookie") == []
    ada.service = await at(database, (VersionedSecret(2, NEW),), strategy=strategy)
    assert (await ada.get("/get-session")).json()["user"]["email"] == EMAIL


@pytest.mark.engines("sqlite", "postgres")
async def test_replicas_on_either_side_of_a_step_read_each_other_s_cookies(
    database: Database,
) -> None:
    steps = [await at(database), await at(database, OLD_FIRST), await at(database, NEW_FIRST)]
    await steps[0].sign_up()
    for before, after in (steps[:2], steps[1:]):
        for signer, reader in ((before, after), (after, before)):
            bob = Browser(signer)
            bob.keep(await signer.sign_in())
            bob.service = reader
            answers = [await bob.get("/get-session") for _ in range(2)]
            assert all(answer.json() is not None for answer in answers)
            assert answers[1].header_list("set-cookie") == []


async def test_signing_out_works_with_the_old_cookie(database: Database) -> None:
    ada = Browser(await at(database))
    ada.keep(await ada.service.sign_up())
    ada.service = await at(database, NEW_FIRST)
    assert (await ada.post("/sign-out", {})).status == 200
    assert (await ada.get("/get-session")).json() is None
