"""How this API verifies is what the service's own environment says."""

from pathlib import Path

import pytest

from app.bridge import Settings, SettingsError
from app.bridge.environment import NAMES, Environment
from app.bridge.table_names import NameOptions
from app.server.plugins import VARIABLES

SECRET = "a-test-secret-of-more-than-32-bytes!"
OTHER = "another-test-secret-of-over-32-bytes"
URL = "https://App.Example.com:443/"
ORIGIN = "https://app.example.com"


def read(**environ: str) -> Settings:
    return Settings.from_env(environ)


def faults(**environ: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environ)
    return caught.value.lines


def test_the_secret_alone_is_enough() -> None:
    settings = read(BETTER_AUTH_SECRET=SECRET)
    assert settings == Settings(mode="hs256", secrets=(SECRET,))


def test_the_issuer_is_the_origin_of_the_services_url() -> None:
    settings = read(BETTER_AUTH_SECRET=SECRET, BETTER_AUTH_URL=URL)
    assert (settings.issuer, settings.audience) == (ORIGIN, ())


def test_issuer_and_audience_of_the_service() -> None:
    settings = read(
        BETTER_AUTH_SECRET=SECRET,
        BETTER_AUTH_URL=URL,
        BETTER_AUTH_JWT_ISSUER="https://issuer.example.com",
        BETTER_AUTH_JWT_AUDIENCE='["one", "two"]',
    )
    assert (settings.issuer, settings.audience) == ("https://issuer.example.com", ("one", "two"))


def test_pages_that_the_service_trusts() -> None:
    known = {"BETTER_AUTH_SECRET": SECRET, "BETTER_AUTH_URL": URL}
    assert read(**known).trusted_origins == (ORIGIN,)
    more = read(**known, BETTER_AUTH_TRUSTED_ORIGINS="http://localhost:3000, https://*.example.com")
    assert more.trusted_origins == (ORIGIN, "http://localhost:3000", "https://*.example.com")
    assert read(BETTER_AUTH_SECRET=SECRET).trusted_origins is None


def test_an_empty_variable_counts_as_unset() -> None:
    assert read(BETTER_AUTH_SECRET=SECRET, BETTER_AUTH_URL=" ").issuer is None


def test_names_of_tables_and_columns() -> None:
    settings = read(
        BETTER_AUTH_SECRET=SECRET,
        BETTER_AUTH_USER_MODEL_NAME="auth_user",
        BETTER_AUTH_SESSION_FIELDS='{"token": "secret"}',
    )
    assert settings.names == NameOptions({"user": "auth_user"}, {"session": {"token": "secret"}})


@pytest.mark.parametrize("text", ["token", "[]", '"x"', '{"token": 1}', '{"token": ""}'])
def test_names_of_columns_that_are_none(text: str) -> None:
    (line,) = faults(BETTER_AUTH_SECRET=SECRET, BETTER_AUTH_USER_FIELDS=text)
    assert line.startswith("BETTER_AUTH_USER_FIELDS must be JSON such as")


def test_versions_of_the_secret_are_all_good_for_tokens() -> None:
    settings = read(BETTER_AUTH_SECRETS=f"2:{OTHER},1:{SECRET}", BETTER_AUTH_SECRET="x" * 32)
    assert settings.secrets == (OTHER, SECRET)


def test_tokens_may_have_a_secret_of_their_own() -> None:
    assert read(BETTER_AUTH_SECRET=SECRET, BETTER_AUTH_JWT_SECRET=OTHER).secrets == (OTHER,)


def test_cookies_know_the_shared_secrets_and_not_that_of_tokens() -> None:
    settings = read(
        BETTER_AUTH_SECRETS=f"2:{OTHER},1:{SECRET}",
        BETTER_AUTH_JWT_SECRET="y" * 32,
        BETTER_AUTH_BRIDGE_MODE="cookie",
        DATABASE_URL="sqlite:///auth.db",
    )
    assert settings.secrets == (OTHER, SECRET)


@pytest.mark.parametrize(
    ("more", "name", "secure"),
    [
        ({}, "better-auth.session_token", None),
        ({"URL": "http://localhost:8000"}, "better-auth.session_token", False),
        ({"URL": URL, "ADVANCED_COOKIE_PREFIX": "shop"}, "shop.session_token", True),
        ({"URL": URL, "ADVANCED_USE_SECURE_COOKIES": "0"}, "better-auth.session_token", False),
        ({"ADVANCED_COOKIES": '{"session_token": {"name": "sid"}}'}, "sid", None),
    ],
)
def test_the_cookie_is_the_services(more: dict[str, str], name: str, secure: bool | None) -> None:
    settings = read(
        BETTER_AUTH_SECRET=SECRET,
        BETTER_AUTH_BRIDGE_MODE="cookie",
        DATABASE_URL="sqlite:///auth.db",
        **{f"BETTER_AUTH_{key}": value for key, value in more.items()},
    )
    assert (settings.cookie_name, settings.secure_cookies) == (name, secure)


def test_a_secret_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    assert read(BETTER_AUTH_SECRET_FILE=str(tmp_path / "secret")).secrets == (SECRET,)


@pytest.mark.parametrize("alg", ["EdDSA", "ES256", "RS256"])
def test_a_service_that_signs_with_a_key_pair_is_verified_by_its_public_keys(alg: str) -> None:
    settings = read(BETTER_AUTH_JWT_ALG=alg, BETTER_AUTH_URL=URL)
    assert settings.mode == "jwks"
    assert settings.jwks_url == f"{ORIGIN}/api/auth/jwks"
    assert (settings.issuer, settings.audience) == (ORIGIN, (ORIGIN,))


def test_public_keys_may_be_elsewhere_than_the_issuer() -> None:
    settings = read(
        BETTER_AUTH_JWT_ALG="EdDSA",
        BETTER_AUTH_URL=URL,
        BETTER_AUTH_BRIDGE_JWKS_URL="http://auth:8000/api/auth/jwks",
    )
    assert (settings.jwks_url, settings.issuer) == ("http://auth:8000/api/auth/jwks", ORIGIN)


@pytest.mark.parametrize(
    ("more", "url"),
    [
        ({}, f"{ORIGIN}/api/auth/get-session"),
        ({"BETTER_AUTH_BASE_PATH": "/auth/"}, f"{ORIGIN}/auth/get-session"),
        ({"BETTER_AUTH_URL": f"{ORIGIN}/a/b/"}, f"{ORIGIN}/a/b/get-session"),
        ({"BETTER_AUTH_BRIDGE_SESSION_URL": "http://auth/s"}, "http://auth/s"),
    ],
)
def test_where_the_service_is_asked(more: dict[str, str], url: str) -> None:
    given = {"BETTER_AUTH_BRIDGE_MODE": "remote", "BETTER_AUTH_URL": URL, **more}
    assert read(**given).session_url == url


def test_remote_needs_no_secret_and_no_database() -> None:
    assert read(BETTER_AUTH_BRIDGE_MODE="remote", BETTER_AUTH_URL=URL).secrets == ()


def test_nothing_but_a_missing_secret_is_said_of_an_empty_environment() -> None:
    (line,) = faults()
    assert line.startswith("BETTER_AUTH_SECRET is missing: ")


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        ("x" * 31, "is shorter than 32 characters"),
        (f"{SECRET} ", "begins or ends with a blank or a line break"),
        (f'"{SECRET}"', "has quotes around it, which are part of the value"),
        ("Your-Secret-Key-Change-In-Production", "is a publicly known placeholder"),
    ],
)
def test_a_secret_that_can_not_be_the_services(secret: str, reason: str) -> None:
    (line,) = faults(BETTER_AUTH_SECRET=secret)
    assert line.startswith(f"the secret {reason}: ")
    assert "BETTER_AUTH_SECRET" in line
    assert secret.strip() not in line


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("BETTER_AUTH_BRIDGE_MOD", "did you mean BETTER_AUTH_BRIDGE_MODE?"),
        ("BETTER_AUTH_BRIDGE_XYZZY", "remove it"),
        ("BETTER_AUTH_JWKS_URL", "did you mean BETTER_AUTH_BRIDGE_JWKS_URL?"),
        ("BETTER_AUTH_LIVE", "did you mean BETTER_AUTH_BRIDGE_LIVE?"),
        ("BETTER_AUTH_JWT_ISSUR", "did you mean BETTER_AUTH_JWT_ISSUER?"),
        ("BETTER_AUTH_URI", "did you mean BETTER_AUTH_URL?"),
        ("BETTER_AUTH_JWT_AGL", "did you mean BETTER_AUTH_JWT_ALG?"),
    ],
)
def test_a_misspelt_variable(name: str, meant: str) -> None:
    lines = faults(**{"BETTER_AUTH_SECRET": SECRET, name: "x"})
    assert lines == (f"{name} is not a setting: {meant}",)


@pytest.mark.parametrize("name", ["SECERT", "SECRT", "SECRETT", "SECRET_"])
def test_a_misspelt_secret(name: str) -> None:
    (line,) = faults(**{f"BETTER_AUTH_{name}": SECRET})
    assert line == f"BETTER_AUTH_{name} is not a setting: did you mean BETTER_AUTH_SECRET?"


@pytest.mark.parametrize(
    ("name", "value", "demand"),
    [
        ("BRIDGE_MODE", "jwk", "must be hs256, jwks, cookie, bearer or remote, not 'jwk'"),
        ("BRIDGE_LIVE", "maybe", "must be true or false, not 'maybe'"),
        (
            "JWT_ALG",
            "none",
            "must be HS256, EdDSA, ES256, ES384, ES512, RS256 or PS256, not 'none'",
        ),
        ("URL", "localhost:8000", "must begin with http:// or https:// and a host"),
        ("URL", "http://[::1", "must begin with http:// or https:// and a host"),
        ("JWT_AUDIENCE", "[", 'must be a list such as one,two or ["one", "two"], not \'[\''),
        ("JWT_AUDIENCE", "[1]", 'must be a list such as one,two or ["one", "two"], not \'[1]\''),
        ("ADVANCED_COOKIES", "{", "must be a JSON object, not '{'"),
        ("SECRETS", "secret", "must be version:secret between commas, like 2:new,1:old"),
    ],
)
def test_a_value_that_can_not_be_used(name: str, value: str, demand: str) -> None:
    lines = faults(**{"BETTER_AUTH_SECRET": SECRET, f"BETTER_AUTH_{name}": value})
    assert lines == (f"BETTER_AUTH_{name} {demand}",)


def test_an_address_of_the_keys_that_is_no_url() -> None:
    lines = faults(
        BETTER_AUTH_JWT_ALG="EdDSA", BETTER_AUTH_URL=URL, BETTER_AUTH_BRIDGE_JWKS_URL="ftp://x"
    )
    assert lines == ("BETTER_AUTH_BRIDGE_JWKS_URL must begin with http:// or https:// and a host",)


def test_a_file_that_can_not_be_read() -> None:
    (line,) = faults(BETTER_AUTH_SECRET=SECRET, BETTER_AUTH_JWT_SECRET_FILE="/missing")
    assert line.startswith("BETTER_AUTH_JWT_SECRET can't be read from the file that ")


def test_a_secret_given_twice() -> None:
    lines = faults(BETTER_AUTH_SECRET=SECRET, BETTER_AUTH_SECRET_FILE="/run/secret")
    assert lines == ("BETTER_AUTH_SECRET is set twice: remove it or BETTER_AUTH_SECRET_FILE",)


@pytest.mark.parametrize("mode", ["cookie", "bearer"])
def test_sessions_need_a_database(mode: str) -> None:
    (line,) = faults(BETTER_AUTH_SECRET=SECRET, BETTER_AUTH_BRIDGE_MODE=mode)
    assert line.startswith(f"BETTER_AUTH_BRIDGE_MODE={mode} needs DATABASE_URL")


def test_a_check_of_sessions_needs_a_database() -> None:
    (line,) = faults(BETTER_AUTH_SECRET=SECRET, BETTER_AUTH_BRIDGE_LIVE="true")
    assert line.startswith("BETTER_AUTH_BRIDGE_LIVE needs DATABASE_URL")


def test_tokens_of_a_key_pair_name_no_session_that_could_be_checked() -> None:
    (line,) = faults(
        BETTER_AUTH_JWT_ALG="EdDSA",
        BETTER_AUTH_URL=URL,
        BETTER_AUTH_BRIDGE_LIVE="true",
        DATABASE_URL="sqlite:///auth.db",
    )
    assert line.startswith("BETTER_AUTH_BRIDGE_LIVE can't work: tokens that are signed")


def test_sessions_in_redis_alone_are_in_no_database() -> None:
    given = {
        "BETTER_AUTH_SECRET": SECRET,
        "BETTER_AUTH_BRIDGE_LIVE": "true",
        "DATABASE_URL": "sqlite:///auth.db",
        "REDIS_URL": "redis://localhost",
    }
    (line,) = faults(**given)
    assert line.startswith("BETTER_AUTH_BRIDGE_LIVE can't work: REDIS_URL says")
    assert read(**given, BETTER_AUTH_SESSION_STORE_SESSION_IN_DATABASE="true").live


@pytest.mark.parametrize("mode", ["jwks", "remote"])
def test_a_service_that_is_nowhere(mode: str) -> None:
    lines = faults(BETTER_AUTH_BRIDGE_MODE=mode)
    assert any("BETTER_AUTH_URL" in line for line in lines)


def test_public_keys_without_an_issuer_are_refused() -> None:
    (line,) = faults(BETTER_AUTH_JWT_ALG="EdDSA", BETTER_AUTH_BRIDGE_JWKS_URL="http://a/jwks")
    assert "BETTER_AUTH_JWT_ISSUER" in line


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert len(faults(BETTER_AUTH_BRIDGE_MOD="x", BETTER_AUTH_BRIDGE_LIVE="x")) == 2


def test_no_setting_shows_its_secrets() -> None:
    shown = repr(read(BETTER_AUTH_SECRET=SECRET, DATABASE_URL="postgresql://u:hidden@h/d"))
    assert SECRET not in shown
    assert "hidden" not in shown


@pytest.mark.parametrize("name", ["SERVICE_HOST", "SERVICE_PORT_HTTP", "PORT", "PORT_80_TCP"])
def test_what_a_cluster_sets_is_ignored(name: str) -> None:
    assert read(**{"BETTER_AUTH_SECRET": SECRET, f"BETTER_AUTH_BRIDGE_{name}": "x"}).secrets


def test_no_setting_of_the_service_is_taken_for_a_misspelling() -> None:
    assert Environment({name: "x" for name in VARIABLES.options if name not in NAMES}).faults == []


@pytest.mark.parametrize("mode", ["cookie", "remote"])
@pytest.mark.parametrize(
    "pattern",
    [
        *("*", "**", "?*", "*.*", "*:3000", "*:*", "*://*", "https://*", "HTTPS://*"),
        *("http://*:3000", "http://*:", "http*://*.*:30*", "https://[*]"),
    ],
)
def test_pattern_that_everybody_fits_is_refused(mode: str, pattern: str) -> None:
    given = {
        "BETTER_AUTH_SECRET": SECRET,
        "BETTER_AUTH_URL": ORIGIN,
        "DATABASE_URL": "sqlite:///a.db",
        "BETTER_AUTH_BRIDGE_MODE": mode,
        "BETTER_AUTH_TRUSTED_ORIGINS": pattern,
    }
    (line,) = faults(**given)
    assert repr(pattern) in line
    assert read(**{**given, "BETTER_AUTH_BRIDGE_MODE": "hs256"}).trusted_origins
    for narrower in ("https://*.example.com", "*.example.com:3000", "myapp://*", "http://10.*:1"):
        assert read(**{**given, "BETTER_AUTH_TRUSTED_ORIGINS": narrower}).trusted_origins


def test_plugin_of_the_service_says_that_sessions_passed_a_second_factor() -> None:
    assert not read(BETTER_AUTH_SECRET=SECRET).second_factors
    assert not read(BETTER_AUTH_SECRET=SECRET, BETTER_AUTH_PLUGINS="username").second_factors
    assert read(BETTER_AUTH_SECRET=SECRET, BETTER_AUTH_PLUGINS="username,two-factor").second_factors
