"""A password that one server hashed is verified by the other, whichever made the database."""

from collections.abc import Iterator

import pytest

from tests.system.parity.options import Setup
from tests.system.parity.servers import NewPlace, Pair

from .together import NAMES, either, in_order, make_tables, stored_hash, together

pytestmark = pytest.mark.anyio

SCRYPT = Setup(ours={"BETTER_AUTH_PASSWORD_HASH": "scrypt"})


@pytest.fixture(scope="module", params=NAMES, ids=[f"{name}-made" for name in NAMES])
def pair(
    request: pytest.FixtureRequest, new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """On an adopted database no setting is needed: scrypt is what new passwords get there."""
    folder = tmp_path_factory.mktemp("passwords")
    place = make_tables(request.param, new_place(folder))
    with together(SCRYPT if request.param == "ours" else Setup(), place, folder) as started:
        yield started


@either
async def test_who_signed_up_in_one_signs_in_at_the_other(pair: Pair, first: str) -> None:
    email = f"{first}@example.com"
    maker, other = in_order(pair, first)
    signed_up = await maker.browser().sign_up(email)
    made = await stored_hash(maker, email)
    signed_in = await other.browser().sign_in(email)
    assert (signed_up.status, signed_in.status) == (200, 200)
    assert signed_in.json["user"] == signed_up.json["user"]
    assert await stored_hash(maker, email) == made, "a sign-in leaves the hash to the other"
    refused = await other.browser().sign_in(email, password="another horse")
    assert (refused.status, refused.json["code"]) == (401, "INVALID_EMAIL_OR_PASSWORD")
