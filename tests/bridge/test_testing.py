"""Tokens for a consumer's own tests are ordinary ones."""

from collections.abc import Iterator

import pytest

from app.bridge import InvalidToken, Settings, SettingsError, Verifier, configuration, configure
from app.bridge.testing import sign

from .minting import ISSUER, OTHER_SECRET, SECRET

SETTINGS = Settings(secrets=(SECRET, OTHER_SECRET), issuer=ISSUER, audience=("api",))
VERIFIER = Verifier(SECRET, issuer=ISSUER, audience="api")


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(configuration, "_configured", configuration._Configured())
    configure(SETTINGS)
    return iter([None])


def test_a_token_that_this_api_takes() -> None:
    user = VERIFIER.verify(sign("ann"))
    assert (user.id, user.email, user.name) == ("ann", "ann@example.com", "ann")
    assert user.session_id


def test_one_secret_and_one_audience() -> None:
    configure(Settings(secrets=SECRET, issuer=ISSUER, audience="api"))
    assert VERIFIER.verify(sign("ann")).id == "ann"


def test_claims_of_ones_own() -> None:
    user = VERIFIER.verify(sign(claims={"role": "admin", "email": None}))
    assert (user["role"], user.email) == ("admin", None)


@pytest.mark.parametrize(
    ("claims", "reason"), [({"exp": 1}, "expired"), ({"iss": "x"}, "issuer"), ({"aud": "x"}, "aud")]
)
def test_bad_claims_are_refused(claims: dict[str, object], reason: str) -> None:
    with pytest.raises(InvalidToken, match=reason):
        VERIFIER.verify(sign(claims=claims))


def test_another_secret_is_refused() -> None:
    with pytest.raises(InvalidToken, match="signature"):
        VERIFIER.verify(sign(secret=OTHER_SECRET))


def test_public_keys_sign_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(Settings(mode="jwks", jwks_url=ISSUER, issuer=ISSUER, audience=("api",)))
    with pytest.raises(SettingsError, match="configure"):
        sign()
