"""Key pairs in the table `jwks`: either signs with, and publishes, those that the other made."""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.commands.program import run
from tests.system.parity.options import Options, Setup, for_ours
from tests.system.parity.servers import NewPlace, Pair
from tests.system.parity.side import Side

from .together import either, grouped, in_order, together

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:EdDSA is deprecated"),  # and what the original says
]

VERSIONS = [
    {"version": 2, "value": "the-new-secret-of-these-tests-8fQ1zWc5nB0yT"},
    {"version": 1, "value": "the-old-secret-of-these-tests-k3J9vQ2mX7pL4"},
]
SETUPS: dict[str, Options] = {
    "EdDSA": {"jwt.alg": "EdDSA"},
    "ES512": {"jwt.alg": "ES512"},
    "PS256": {"jwt.alg": "PS256"},
    "versions": {"jwt.alg": "EdDSA", "secrets": VERSIONS},
    "plain": {"jwt.alg": "ES256", "jwt.jwks.disablePrivateKeyEncryption": True},
}


# A key is text to either engine: one kind is enough to see it pass through the second.
CASES = [("sqlite", name) for name in SETUPS] + [("postgres", "EdDSA")]


@pytest.fixture(scope="module")
def setup(request: pytest.FixtureRequest) -> Setup:
    return Setup(SETUPS[request.param])


@pytest.fixture(scope="module")
def pair(
    setup: Setup, new_place: NewPlace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("keys")
    with together(setup, new_place(folder), folder, cheap_hashes=True) as started:
        yield started


@pytest.mark.parametrize(
    ("engine", "setup"),
    [pytest.param(*case, marks=grouped(case[0])) for case in CASES],
    indirect=True,
)
@either
async def test_either_signs_with_the_key_that_the_other_made(pair: Pair, first: str) -> None:
    maker, other = in_order(pair, first)
    await maker.sql("DELETE FROM jwks")
    made = await maker.client().get("/jwks")
    browser = await maker.signed_up(f"{first}@example.com")
    session = (await browser.get("/get-session")).json
    tokens = [await _token(side, session["session"]["token"]) for side in (other, maker)]
    assert (await other.client().get("/jwks")).body == made.body
    (key,) = made.json["keys"]
    for token in tokens:
        header = json.loads(urlsafe_b64decode(token.partition(".")[0] + "=="))
        assert header == {"alg": key["alg"], "kid": key["kid"]}
        found = jwt.decode(token, KeySet.import_key_set(made.json), algorithms=[key["alg"]])
        assert found.claims["sub"] == session["user"]["id"]


@pytest.mark.parametrize(
    ("engine", "setup"),
    [pytest.param("sqlite", name, marks=grouped("sqlite")) for name in ("EdDSA", "versions")],
    indirect=True,
)
async def test_both_sign_with_a_new_pair_at_once_and_publish_both(
    pair: Pair, setup: Setup, tmp_path: Path
) -> None:
    original, ours = pair.sides()
    browser = await ours.signed_up("rotated@example.com")
    session = (await browser.get("/get-session")).json["session"]["token"]
    old = {_find_kid(await _token(side, session)) for side in (original, ours)}
    variables = {**for_ours(setup), "DATABASE_URL": pair.ours.database.database_url}
    done = await asyncio.to_thread(run, tmp_path, "keys", "rotate", "--json", **variables)
    new = json.loads(done.stdout)["new"]["id"]
    assert {_find_kid(await _token(side, session)) for side in (original, ours)} == {new}
    for side in (original, ours):
        published = {key["kid"] for key in (await side.client().get("/jwks")).json["keys"]}
        assert published >= old | {new}


def _find_kid(token: str) -> str:
    return str(json.loads(urlsafe_b64decode(token.partition(".")[0] + "=="))["kid"])


async def _token(side: Side, session: str) -> str:
    answer = await side.client(bearer=session).get("/token")
    assert answer.status == 200
    return str(answer.json["token"])
