"""Argon2id where the Node server was taught to read it, with the file that the page prints."""

from collections.abc import Iterator

import pytest

from app.auth.passwords.hashes import Kind, Scheme, make
from tests.system.parity.options import Setup
from tests.system.parity.servers import NewPlace, Pair

from .together import either, in_order, stored_hash, together

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("full_cost_hashes")]

SETUP = Setup(ours={"BETTER_AUTH_PASSWORD_HASH": "argon2id"}, original={"argon2id": True})
PASSWORD = "ﬁfty ½ hörses"
PLAIN = "fifty 1\u20442 h\u00f6rses"  # what NFKC makes of it


@pytest.fixture(scope="module")
def pair(new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("argon2id")
    with together(SETUP, new_place(folder), folder) as started:
        yield started


@either
async def test_who_signed_up_in_one_signs_in_at_the_other(pair: Pair, first: str) -> None:
    maker, other = in_order(pair, first)
    email = f"{first}@example.com"
    signed_up = await maker.browser().sign_up(email, password=PASSWORD)
    made = await stored_hash(maker, email)
    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    for password in (PASSWORD, PLAIN):
        signed_in = await other.browser().sign_in(email, password=password)
        assert signed_in.json["user"] == signed_up.json["user"]
    assert (await other.browser().sign_in(email, password="another horse")).status == 401
    assert await stored_hash(maker, email) == made


async def test_scrypt_row_that_a_sign_in_here_makes_anew_is_read_by_both(pair: Pair) -> None:
    original, ours = pair.sides()
    email = "before@example.com"
    await original.browser().sign_up(email, password=PASSWORD)
    scrypt = make(PASSWORD, Scheme(Kind.SCRYPT))
    where = 'WHERE "userId" IN (SELECT id FROM "user" WHERE email = ?)'
    await original.sql(f"UPDATE account SET password = ? {where}", scrypt, email)
    statuses = [
        (await side.browser().sign_in(email, password=PASSWORD)).status
        for side in (original, ours, original)
    ]
    assert statuses == [200, 200, 200]
    assert (await stored_hash(ours, email)).startswith("$argon2id$")
