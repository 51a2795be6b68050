"""What APIs with the bridge see of a ban: in the database, and of a token with its session."""

import pytest

from app.bridge import InvalidToken, Presented, Verifier
from app.bridge.errors import BannedUser
from app.bridge.session_check import SessionCheck
from app.bridge.session_table import SessionTable
from app.plugins.admin.plugin import PLUGIN
from tests.plugins.admin.people import BOB, OPTIONS, id_of, sign_up_admin
from tests.support.asgi import Answer
from tests.support.plugins import plugged
from tests.support.service import SECRET, Service, bearer, from_now

pytestmark = pytest.mark.anyio


async def fetch_access_token(service: Service, signed_in: Answer) -> Presented:
    headers = bearer(signed_in.json()["token"])
    return Presented([f"Bearer {(await service.get('/token', headers)).json()['token']}"])


async def test_ban_counts_at_once_and_until_it_expires(database_url: str) -> None:
    table = SessionTable(database_url)
    live = SessionCheck(Verifier(SECRET), table)
    async with plugged(database_url, PLUGIN, OPTIONS) as service:
        admin = await sign_up_admin(service)
        bob = await service.sign_up(BOB)
        presented = await fetch_access_token(service, bob)
        assert (await live.authenticate(presented)).id == id_of(bob)
        body = {"userId": id_of(bob)}
        await service.post("/admin/ban-user", {**body, "banExpiresIn": -5}, admin)
        assert await table.find_user(bob.json()["token"]) is None
        with pytest.raises(InvalidToken, match="ended or expired"):
            await live.authenticate(presented)
        again = await service.sign_in(BOB)
        assert (await live.authenticate(await fetch_access_token(service, again))).email == BOB
        token = again.json()["token"]
        yes = "1" if database_url.startswith("sqlite") else "true"
        for expires, is_refused in ((from_now(minutes=-1), False), (from_now(minutes=1), True)):
            await service.execute(f'UPDATE "user" SET banned = {yes}, "banExpires" = \'{expires}\'')
            if is_refused:
                with pytest.raises(BannedUser):
                    await table.find_user(token)
            else:
                assert await table.find_user(token) is not None
    await table.close()
