"""Both servers on one database and one secret: what one signs for APIs opens nothing at the other.

The original takes any HS256 JWT of the secret that names an `email` for a verification link.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.system.parity.options import Setup
from tests.system.parity.servers import Pair, sqlite_place
from tests.system.parity.side import Side, query_of

from .together import together

pytestmark = pytest.mark.anyio

ADA = "ada@example.com"
MAILS = {"emailVerification.sendVerificationEmail": True}
CLAIMS = {"BETTER_AUTH_JWT_CLAIMS": "name,email"}
OWN_SECRET = {"BETTER_AUTH_JWT_SECRET": "another-secret-of-these-tests-8fQ1zWc5nB0yT"}


@pytest.mark.parametrize(
    ("ours", "opens"),
    [({}, False), (CLAIMS, True), (CLAIMS | OWN_SECRET, False)],
    ids=["as it comes", "with an email", "with an email and a secret of its own"],
)
async def test_access_token_verifies_nobody_at_the_original(
    ours: Mapping[str, str], opens: bool, tmp_path: Path
) -> None:
    with together(Setup(MAILS, ours), sqlite_place(tmp_path), tmp_path) as pair:
        assert await _verified_by_access_token(pair) is opens


async def test_neither_server_takes_the_others_links(tmp_path: Path) -> None:
    with together(Setup(MAILS), sqlite_place(tmp_path), tmp_path) as pair:
        await _exchange_links(pair)


async def _verified_by_access_token(pair: Pair) -> bool:
    """Whether the original verified the address of a user who only has a token of ours."""
    original, ours = pair.sides()
    signed_up = await original.client().sign_up(ADA)
    token = (await ours.client(bearer=signed_up.json["token"]).get("/token")).json["token"]
    refused = await ours.client().get(f"/verify-email?token={token}")
    assert refused.json["code"] == "INVALID_TOKEN"
    await original.client().get(f"/verify-email?token={token}")
    return await _is_verified(original)


async def _exchange_links(pair: Pair) -> None:
    sides = pair.sides()
    await sides[0].signed_up(ADA)
    for mailing, other in (sides, sides[::-1]):
        await mailing.client().post("/send-verification-email", {"email": ADA})
        token = query_of((await mailing.mail(ADA)).link, "token")
        answer = await other.client().get(f"/verify-email?token={token}")
        assert (answer.status, answer.json["code"]) == (401, "INVALID_TOKEN")
        assert not await _is_verified(mailing)


async def _is_verified(side: Side) -> bool:
    (row,) = await side.sql('SELECT "emailVerified" FROM "user" WHERE email = ?', ADA)
    return bool(row["emailVerified"])
