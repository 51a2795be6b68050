"""Access tokens, read the way their users read them: with the secret and nothing else."""

import asyncio
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from jose import jwt as jose
from msgspec import structs

from app.auth.hooks import Hooks, PendingToken
from app.bridge.presented import LONGEST_TOKEN
from app.models.records import Session, User
from app.models.telemetry.metrics import TOKENS_ISSUED
from app.plugins.jwt.access_tokens import SharedSecretTokens
from app.plugins.jwt.options import JwtOptions
from app.settings.settings import Settings

SECRET = "better-auth-secret-123456789012345678901234567890"
NOW = datetime(2099, 1, 2, 3, 4, 5, 999_000, tzinfo=UTC)
MOMENT = "2026-11-21T00:44:05.831Z"
USER = User("Ada 日本", "ada@example.com", False, None, MOMENT, MOMENT, id="user-id")
DEFAULTS = JwtOptions()
SESSION = Session(MOMENT, "session-token", MOMENT, MOMENT, "", "", "user-id", id="session-id")


def issued(options: JwtOptions = DEFAULTS, *, names_email: bool = True, **settings: str) -> str:
    chosen = Settings(secret=SECRET, **settings)  # type: ignore[arg-type]  # a table of options
    return issue(SharedSecretTokens(chosen, options, Hooks(), names_email=names_email))


def issue(tokens: SharedSecretTokens, user: User = USER, now: datetime = NOW) -> str:
    return asyncio.run(tokens.issue(user, SESSION, now))


def claims(token: str, secret: str = SECRET) -> dict[str, object]:
    return jwt.decode(token, secret, algorithms=["HS256"], options={"verify_iat": False})


def test_claims_are_the_original_s_then_ours_in_order() -> None:
    iat = int(NOW.timestamp())
    assert list(claims(issued()).items()) == [
        ("iat", iat),
        ("name", "Ada 日本"),
        ("email", "ada@example.com"),
        ("emailVerified", False),
        ("image", None),
        ("createdAt", MOMENT),
        ("updatedAt", MOMENT),
        ("id", "user-id"),
        ("sub", "user-id"),
        ("user_id", "user-id"),
        ("sid", "session-id"),
        ("exp", iat + 900),
        ("iss", "http://localhost:8000"),
    ]


def test_header_says_what_the_token_is_for() -> None:
    assert jwt.get_unverified_header(issued()) == {"alg": "HS256", "typ": "at+jwt"}


def test_pyjwt_and_python_jose_need_the_secret_and_the_algorithm_alone() -> None:
    recent = datetime.now(UTC)
    token = issue(
        SharedSecretTokens(Settings(secret=SECRET), DEFAULTS, Hooks(), names_email=True), now=recent
    )
    for decoded in (
        jwt.decode(token, SECRET, algorithms=["HS256"]),
        jose.decode(token, SECRET, algorithms=["HS256"]),
    ):
        assert decoded["sub"] == decoded["user_id"] == "user-id"


def test_session_token_is_in_no_claim() -> None:
    everything = JwtOptions(claims=("token", "name", "email", "id", "createdAt", "updatedAt"))
    for token in (issued(), issued(everything)):
        assert "session-token" not in str(claims(token))


def test_email_is_left_out_where_a_node_server_shares_the_secret() -> None:
    found = claims(issued(names_email=False))
    assert "email" not in found
    assert found["name"] == "Ada 日本"


def test_chosen_claims_are_the_user_s_claims_whoever_shares_the_database() -> None:
    chosen = JwtOptions(claims=("email", "name", "nonsense", "token"))
    always = ["sub", "user_id", "sid", "exp", "iss"]
    for names_email in (True, False):
        found = claims(issued(chosen, names_email=names_email))
        assert list(found) == ["iat", "name", "email", *always]
    assert list(claims(issued(JwtOptions(claims=())))) == ["iat", *always]


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://auth.example.com/auth/v1", "https://auth.example.com"),
        ("http://LOCALHOST:80/", "http://localhost"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_issuer_is_the_origin_of_the_base_url(url: str, origin: str) -> None:
    assert claims(issued(url=url))["iss"] == origin


def test_issuer_and_lifetime_are_the_setting_s() -> None:
    found = claims(
        issued(JwtOptions(issuer="https://issuer.example", expiration_time=7 * 24 * 3600))
    )
    assert found["iss"] == "https://issuer.example"
    assert found["exp"] == int((NOW + timedelta(days=7)).timestamp())


@pytest.mark.parametrize(
    ("audience", "claim"), [(("api",), "api"), (("api", "other"), ["api", "other"])]
)
def test_audience_is_named_only_when_it_is_set(
    audience: tuple[str, ...], claim: str | list[str]
) -> None:
    token = issued(JwtOptions(audience=audience))
    with pytest.raises(jwt.InvalidAudienceError):
        claims(token)
    found = jwt.decode(token, SECRET, algorithms=["HS256"], audience="api", options=_NO_IAT)
    assert found["aud"] == claim
    assert "aud" not in claims(issued())


def test_field_that_no_header_could_carry_is_left_out() -> None:
    picture = structs.replace(USER, image="data:image/png;base64," + "A" * 20_000)
    token = issue(
        SharedSecretTokens(Settings(secret=SECRET), DEFAULTS, Hooks(), names_email=True), picture
    )
    assert "image" not in claims(token)
    assert claims(token)["name"] == USER.name
    assert len(token) < LONGEST_TOKEN


def test_secret_of_its_own_signs_alone() -> None:
    own = "a secret of access tokens alone, long enough"
    token = issued(JwtOptions(secret=own))
    assert claims(token, own)["sub"] == "user-id"
    with pytest.raises(jwt.InvalidSignatureError):
        claims(token)


def test_user_s_fields_never_displace_the_registered_claims() -> None:
    found = claims(
        issued(JwtOptions(claims=("id", "createdAt", "updatedAt", "iat", "exp", "iss", "sub")))
    )
    assert found["sub"] == "user-id"
    assert found["iss"] == "http://localhost:8000"


_NO_IAT: jwt.types.Options = {"verify_iat": False}


def test_token_of_a_second_is_signed_once() -> None:
    tokens = SharedSecretTokens(Settings(secret=SECRET), DEFAULTS, Hooks(), names_email=True)
    issue(tokens)  # what is asked for once is not kept
    assert issue(tokens) is issue(tokens, now=NOW.replace(microsecond=0))


def test_token_of_the_next_second_is_another() -> None:
    tokens = SharedSecretTokens(Settings(secret=SECRET), DEFAULTS, Hooks(), names_email=True)
    issue(tokens)
    first, later = issue(tokens), issue(tokens, now=NOW + timedelta(seconds=1))
    assert claims(later)["iat"] == claims(first)["iat"] + 1  # type: ignore[operator]  # a number


def test_changed_user_is_in_the_token_at_once() -> None:
    tokens = SharedSecretTokens(Settings(secret=SECRET), DEFAULTS, Hooks(), names_email=True)
    issue(tokens)
    issue(tokens)
    assert claims(issue(tokens, structs.replace(USER, name="Grace")))["name"] == "Grace"


def test_user_with_the_session_of_another_gets_no_token_of_theirs() -> None:
    tokens = SharedSecretTokens(Settings(secret=SECRET), DEFAULTS, Hooks(), names_email=True)
    issue(tokens)
    issue(tokens)
    assert claims(issue(tokens, structs.replace(USER, id="grace")))["sub"] == "grace"


async def _find_subject(token: PendingToken) -> str:
    return token.user.email


@pytest.mark.parametrize("hooks", [Hooks(), Hooks(token_subject=[_find_subject])])
def test_every_token_is_counted_also_one_that_hooks_choose(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[object] = []
    monkeypatch.setattr(TOKENS_ISSUED, "record", lambda labels, by: counted.append((labels, by)))
    tokens = SharedSecretTokens(Settings(secret=SECRET), DEFAULTS, hooks, names_email=True)
    for _ in range(2):
        issue(tokens)
    assert counted == [(("secret",), 1)] * 2
