import pytest

from app.auth.crypto.signatures import Signatures
from app.auth.hooks import IssuedSession
from app.models.clock import now
from app.models.records import ADA, ADAS_SESSION
from app.plugins.bearer.plugin import BearerOptions, BearerTokens
from app.settings.settings import Settings
from app.storage.database import Database
from app.web.http.headers import Headers
from tests.support.plugins import enabled
from tests.support.service import SECRET, bearer, browser, serve

TOKEN = "cB3xN8vQ1mZ6kT0yR5wJ2pL9sD4gH7fA"
SIGNATURES = Signatures(Settings(secret=SECRET))
SIGNED = SIGNATURES.sign(TOKEN)


def find(authorization: str, *, strict: bool = False) -> str | None:
    tokens = BearerTokens(SIGNATURES, BearerOptions(require_signature=strict))
    return tokens.find(Headers([(b"authorization", authorization.encode())]))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
@pytest.mark.parametrize("token", [TOKEN, SIGNED, SIGNED.replace("=", "%3D"), f"  {TOKEN} "])
def test_token_is_read_signed_or_raw_whatever_the_scheme_s_case(scheme: str, token: str) -> None:
    assert find(f"{scheme} {token}") == TOKEN


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN, f"Bearer {SIGNED[:-4]}AAA="]
)
def test_what_is_no_token_is_none(authorization: str) -> None:
    assert find(authorization) is None


def test_unsigned_token_proves_nothing_where_a_signature_is_required() -> None:
    assert find(f"Bearer {TOKEN}", strict=True) is None
    assert find(f"Bearer {SIGNED}", strict=True) == TOKEN


@pytest.mark.anyio
async def test_signed_token_is_given_with_the_session() -> None:
    issued = IssuedSession(ADAS_SESSION, ADA, Headers([]), None, now())
    given = await BearerTokens(SIGNATURES, BearerOptions()).give(issued)
    assert given == [("set-auth-token", SIGNATURES.sign(ADAS_SESSION.token))]


@pytest.mark.anyio
async def test_option_is_in_force(sqlite_database: Database) -> None:
    strict = BearerOptions(require_signature=True)
    service = await serve(sqlite_database, plugins=enabled(strict))
    ada = await service.sign_up()
    raw, signed = ada.json()["token"], ada.header("set-auth-token") or ""
    assert (await service.get("/get-session", bearer(raw))).json() is None
    assert (await service.get("/get-session", bearer(signed))).json()["user"]["name"] == "Ada"
    assert (await service.get("/get-session", browser(ada))).json()["user"]["name"] == "Ada"
