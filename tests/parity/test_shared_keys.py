"""Both servers on one database: either goes on with the key pairs that the other made."""

import asyncio
import json
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from .database import Place
from .options import Options, Setup
from .servers import Backing, Pair, running
from .side import Side

pytestmark = [
    pytest.mark.xdist_group("shared keys"),
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


@pytest.mark.parametrize("name", SETUPS)
@pytest.mark.parametrize("first", ["original", "ours"])
def test_either_signs_with_the_key_that_the_other_made(
    name: str, first: str, tmp_path: Path
) -> None:
    file = Place(file=str(tmp_path / "auth.db"))
    backing = Backing(lambda _: file, lambda: "")
    with running(Setup(SETUPS[name]), tmp_path, backing) as pair:
        asyncio.run(_both_sign(pair, first))


async def _both_sign(pair: Pair, first: str) -> None:
    maker, other = pair.sides() if first == "original" else pair.sides()[::-1]
    made = await maker.client().get("/jwks")
    session = (await (await maker.signed_up("ada@example.com")).get("/get-session")).json
    tokens = [await _token(side, session["session"]["token"]) for side in (other, maker)]
    assert (await other.client().get("/jwks")).body == made.body
    (key,) = made.json["keys"]
    for token in tokens:
        header = json.loads(urlsafe_b64decode(token.partition(".")[0] + "=="))
        assert header == {"alg": key["alg"], "kid": key["kid"]}
        found = jwt.decode(token, KeySet.import_key_set(made.json), algorithms=[key["alg"]])
        assert found.claims["sub"] == session["user"]["id"]


async def _token(side: Side, session: str) -> str:
    answer = await side.client(bearer=session).get("/token")
    assert answer.status == 200
    return str(answer.json["token"])
