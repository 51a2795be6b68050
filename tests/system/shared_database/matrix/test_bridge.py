"""The bridge reads the sessions of each application's database, whichever server made them."""

from datetime import datetime

import pytest

from app.bridge.session_table import SessionTable

from .conftest import EARLY, LATE, Adopted

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("maker", "email"), [("node", EARLY), ("ours", LATE)])
async def test_session_has_its_user_and_its_end(
    adopted: Adopted, table: SessionTable, maker: str, email: str
) -> None:
    known = (await adopted.known[maker].get("/get-session")).json
    user = await table.find_user(known["session"]["token"])
    assert user is not None
    assert (user.id, user.claims["email"]) == (known["user"]["id"], email)
    assert user.session_id == known["session"]["id"]
    ends = datetime.fromisoformat(known["session"]["expiresAt"]).timestamp()
    assert user.claims["exp"] == int(ends)
    assert await table.is_alive(user.session_id, user.id)
    assert await table.find_user("nobodys") is None
