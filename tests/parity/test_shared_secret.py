"""Both servers on one database and one secret: what one signs for APIs opens nothing at the other.

The original takes any HS256 JWT of the secret that names an `email` for a verification link.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from .database import Place
from .options import Setup
from .servers import Backing, Pair, running
from .side import Side, query_of

pytestmark = pytest.mark.xdist_group("shared secret")

ADA = "ada@example.com"
MAILS = {"emailVerification.sendVerificationEmail": True}
CLAIMS = {"BETTER_AUTH_JWT_CLAIMS": "name,email"}
OWN_SECRET = {"BETTER_AUTH_JWT_SECRET": "another-secret-of-these-tests-8fQ1zWc5nB0yT"}


@pytest.mark.parametrize(
    ("ours", "opens"),
    [({}, False), (CLAIMS, True), (CLAIMS | OWN_SECRET, False)],
    ids=["as it comes", "with an email", "with an email and a secret of its own"],
)
def test_access_token_verifies_nobody_at_the_original(
    ours: Mapping[str, str], opens: bool, tmp_path: Path
) -> None:
    with _both(tmp_path, ours) as pair:
        assert asyncio.run(_verified_by_access_token(pair)) is opens


def test_neither_server_takes_the_others_links(tmp_path: Path) -> None:
    with _both(tmp_path, {}) as pair:
        asyncio.run(_exchange_links(pair))


def _both(folder: Path, ours: Mapping[str, str]) -> AbstractContextManager[Pair]:
    file = Place(file=str(folder / "auth.db"))
    backing = Backing(lambda _: file, lambda: "")
    return running(Setup(MAILS, ours), folder, backing)


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
