"""The official client where tokens are signed with a key pair, and jose as another service's."""

from pathlib import Path

import pytest

from .flow import run_flow
from .service import running

pytestmark = pytest.mark.xdist_group("client")


@pytest.mark.parametrize("alg", ["EdDSA", "ES256", "ES384", "ES512", "RS256", "PS256"])
def test_jose_verifies_the_tokens_of_the_client_by_the_key_set(alg: str, tmp_path: Path) -> None:
    with running("sqlite:///auth.db", tmp_path, BETTER_AUTH_JWT_ALG=alg) as service:
        result = run_flow(service, "key_pair")
    user = result["session"]["data"]["user"]
    (key,) = result["jwks"]["data"]["keys"]
    assert key["alg"] == alg
    for token in result["verified"]:
        assert token["protectedHeader"] == {"alg": alg, "kid": key["kid"]}
        assert user.items() <= token["payload"].items()
        assert (token["payload"]["sub"], token["payload"]["iss"]) == (user["id"], service.url)
