"""The task API behind the same service takes this server's own tokens, and no other."""

import pytest

from app.database import Database
from app.settings import VersionedSecret
from tests.asgi import Answer, call
from tests.service import SECRET, Service, bearer, browser, serve

pytestmark = pytest.mark.anyio

NEW = "new-secret-of-these-tests-8fQ1zWc5nB0yT"


async def token_of(service: Service) -> str:
    signed_up = await service.sign_up()
    token: str = (await service.get("/token", browser(signed_up))).json()["token"]
    return token


async def tasks(service: Service, token: str) -> Answer:
    return await call(service.app, "GET", "/api/tasks", bearer(token))


async def test_token_of_the_old_secret_is_good_until_the_secret_is_removed(
    database: Database,
) -> None:
    token = await token_of(await serve(database))
    both = (VersionedSecret(2, NEW), VersionedSecret(1, SECRET))
    assert (await tasks(await serve(database, secret=NEW, secrets=both), token)).status == 200
    assert (await tasks(await serve(database, secret=NEW, secrets=both[:1]), token)).status == 401


async def test_secret_from_before_versions_verifies_no_token(database: Database) -> None:
    token = await token_of(await serve(database))
    secrets = (VersionedSecret(1, NEW), VersionedSecret(None, SECRET))
    assert (await tasks(await serve(database, secret=NEW, secrets=secrets), token)).status == 401
