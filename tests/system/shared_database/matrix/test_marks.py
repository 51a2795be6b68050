"""Users whom the Node server's plugins restrict, in columns as Drizzle names them."""

import pytest

from app.bridge.errors import BannedUser, TwoFactorRequired
from tests.system.parity.side import PASSWORD
from tests.system.shared_database.together import at

from .applications import BY_ID
from .conftest import Adopted, grouped, open_bridge

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize(
        "application",
        [
            pytest.param(each, id=each.id, marks=grouped(each))
            for each in BY_ID.values()
            if each.has_plugins
        ],
        indirect=True,
    ),
]

marks = pytest.mark.parametrize(
    ("column", "code"), [("banned", "BANNED_USER"), ("two_factor_enabled", "TWO_FACTOR_REQUIRED")]
)


@marks
async def test_marked_user_is_refused_here(adopted: Adopted, column: str, code: str) -> None:
    email = f"{column}@example.com"
    browser = await adopted.node.signed_up(email)
    mark = f'UPDATE "user" SET "{column}" = ? WHERE email = ?'
    await adopted.node.sql(mark, True, email)
    refused = await adopted.ours.browser().sign_in(email, password=PASSWORD)
    assert (refused.status, refused.json["code"]) == (403, code)
    assert refused.all("set-cookie") == []
    here = at(adopted.ours, browser)
    assert (await here.get("/get-session")).json["user"]["email"] == email
    refused = await here.get("/token")
    assert (refused.status, refused.json["code"]) == (403, code)
    token = (await browser.get("/get-session")).json["session"]["token"]
    async with open_bridge(adopted) as table:
        with pytest.raises(BannedUser if column == "banned" else TwoFactorRequired):
            await table.find_user(token)


async def test_user_who_signs_up_here_has_what_the_plugins_ask_for(adopted: Adopted) -> None:
    found = (await at(adopted.node, adopted.known["ours"]).get("/get-session")).json["user"]
    assert found["role"] in {"user", None}
    assert not found["banned"]
    assert not found["twoFactorEnabled"]
