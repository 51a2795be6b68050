from ipaddress import ip_network
from pathlib import Path

import pytest

from app.auth.passwords.hash_limits import get_usable_hash
from app.plugins.bearer.plugin import BearerOptions
from app.plugins.jwt.access_tokens import list_secrets
from app.plugins.jwt.options import JwtOptions
from app.plugins.jwt.plugin import PLUGIN as JWT
from app.server.plugins import read_settings
from app.settings.argon2_cost import MOST_LANES, MOST_MEMORY, MOST_PASSES, Argon2Cost
from app.settings.environment import SettingsError
from app.settings.options import VersionedSecret
from app.settings.settings import Settings
from tests.auth.passwords.test_hashes import ARGON2ID
from tests.support.plugins import enabled
from tests.support.secret import STRONG_SECRET

SECRET = STRONG_SECRET
OLD = "pR7wT2zK9cV4nB6mXq1LsD8gHf3jYa5U"


def settings(dotenv: Path | None = None, /, **given: str) -> Settings:
    return read_settings({"BETTER_AUTH_SECRET": SECRET, **given}, dotenv)


def faults(dotenv: Path | None = None, /, **given: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_settings({"BETTER_AUTH_SECRET": SECRET, **given}, dotenv)
    return caught.value.lines


def notices(dotenv: Path | None = None, /, **given: str) -> list[str]:
    found: list[str] = []
    read_settings({"BETTER_AUTH_SECRET": SECRET, **given}, dotenv, notices=found)
    return found


def test_only_the_secret_must_be_given() -> None:
    assert settings() == Settings(secret=SECRET, plugins=enabled(BearerOptions(), JwtOptions()))


def test_name_is_the_path_of_the_option() -> None:
    read = settings(
        BETTER_AUTH_SESSION_EXPIRES_IN="60",
        BETTER_AUTH_SESSION_FRESH_AGE="0",
        BETTER_AUTH_ADVANCED_IP_ADDRESS_IPV6_SUBNET="56",
        TASK_API="yes",
    )
    assert read.session.expires_in == 60
    assert read.session.fresh_age == 0
    assert read.advanced.ip_address.ipv6_subnet == 56
    assert read.task_api is True


def test_url_follows_the_port() -> None:
    assert settings(PORT="9000").url == "http://localhost:9000"
    assert settings(PORT="9000", BETTER_AUTH_URL="https://a.test/").url == "https://a.test"


@pytest.mark.parametrize(
    "text", ["https://a.test,http://b.test:3000", " https://a.test  http://b.test:3000\t"]
)
def test_list_is_separated_by_commas_or_blanks(text: str) -> None:
    read = settings(BETTER_AUTH_TRUSTED_ORIGINS=text)
    assert read.trusted_origins == ("https://a.test", "http://b.test:3000")


def test_list_can_be_json() -> None:
    read = settings(BETTER_AUTH_TRUSTED_ORIGINS='["https://a.test", "myapp://"]')
    assert read.trusted_origins == ("https://a.test", "myapp://")


def test_empty_json_list_is_a_list_of_nothing() -> None:
    read = settings(BETTER_AUTH_TRUSTED_ORIGINS="[]", BETTER_AUTH_JWT_CLAIMS="[ ]")
    assert (read.trusted_origins, JWT.get_options(read).claims) == ((), ())


def test_switch_or_paths_names_both() -> None:
    (line,) = faults(BETTER_AUTH_ADVANCED_DISABLE_ORIGIN_CHECK="callback")
    assert "must be true, false or paths below the base path such as /callback" in line


@pytest.mark.parametrize(
    ("text", "form"),
    [("text", "console"), ("pretty", "console"), ("console", "console"), ("json", "json")],
)
def test_log_format_has_the_names_of_other_loggers(text: str, form: str) -> None:
    assert settings(LOG_FORMAT=text).log_format == form


def test_log_format_that_is_not_offered_is_told_the_two() -> None:
    assert faults(LOG_FORMAT="logfmt") == ("LOG_FORMAT must be console or json, not 'logfmt'",)


def test_proof_of_addresses_that_nobody_can_give_is_told() -> None:
    wanted = {"BETTER_AUTH_EMAIL_AND_PASSWORD_REQUIRE_EMAIL_VERIFICATION": "true"}
    (line,) = notices(**wanted)
    assert "without SMTP_URL no verification link is sent" in line
    assert notices(SMTP_URL="console:", **wanted) == []


@pytest.mark.parametrize(
    "parameters", ["", "?sslmode=require&channel_binding=require", "?supa=x&pgbouncer=true"]
)
def test_nothing_is_said_of_parameters_that_providers_give(parameters: str) -> None:
    assert notices(None, DATABASE_URL=f"postgresql://u:p@h/d{parameters}") == []


def test_networks_are_read() -> None:
    read = settings(BETTER_AUTH_ADVANCED_IP_ADDRESS_TRUSTED_PROXIES="10.0.0.0/8 ::1")
    assert read.advanced.ip_address.trusted_proxies == (
        ip_network("10.0.0.0/8"),
        ip_network("::1/128"),
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15m", 900), ("2h", 7200), ("7d", 604800), ("1 hour", 3600), ("1.5 minutes", 90)],
)
def test_span_of_time_is_jose_s(text: str, seconds: int) -> None:
    assert (
        JWT.get_options(settings(BETTER_AUTH_JWT_EXPIRATION_TIME=text)).expiration_time == seconds
    )


@pytest.mark.parametrize("text", ["true", "1", "YES"])
def test_boolean_has_three_spellings(text: str) -> None:
    assert settings(
        BETTER_AUTH_SESSION_DISABLE_SESSION_REFRESH=text
    ).session.disable_session_refresh


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("no", False),
        ("/callback", ("/callback",)),
        ("/callback/, /public/data", ("/callback/", "/public/data")),
        ('["/callback"]', ("/callback",)),
        ("[]", ()),
    ],
)
def test_origin_check_is_off_everywhere_or_for_paths(
    text: str, value: bool | tuple[str, ...]
) -> None:
    read = settings(BETTER_AUTH_ADVANCED_DISABLE_ORIGIN_CHECK=text)
    assert read.advanced.disable_origin_check == value


@pytest.mark.parametrize("url", ["/oops?a=1#f", "https://app.example", "myapp://failed"])
def test_error_url_is_a_path_or_an_absolute_url(url: str) -> None:
    assert settings(BETTER_AUTH_ON_API_ERROR_ERROR_URL=url).on_api_error.error_url == url


def test_empty_value_counts_as_unset() -> None:
    assert settings(BETTER_AUTH_SESSION_EXPIRES_IN="", TASK_API=" ", BETTER_AUTH_X="") == settings()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "8e3"),
        ("WORKERS", "0"),
        ("LOG_FORMAT", "xml"),
        ("TASK_API", "on"),
        ("BETTER_AUTH_SESSION_EXPIRES_IN", "-1"),
        ("BETTER_AUTH_SESSION_EXPIRES_IN", "9" * 5000),
        ("BETTER_AUTH_RATE_LIMIT_WINDOW", "0"),
        ("BETTER_AUTH_RATE_LIMIT_MAX", "0"),
        ("BETTER_AUTH_JWT_EXPIRATION_TIME", "900"),
        ("BETTER_AUTH_JWT_EXPIRATION_TIME", "15m ago"),
        ("BETTER_AUTH_JWT_EXPIRATION_TIME", "0s"),
        ("BETTER_AUTH_JWT_CLAIMS", "name,phone"),
        ("BETTER_AUTH_PASSWORD_HASH", "md5"),
        ("BETTER_AUTH_TRUSTED_ORIGINS", "[1]"),
        ("BETTER_AUTH_TRUSTED_ORIGINS", "localhost:3000"),
        ("BETTER_AUTH_TRUSTED_ORIGINS", "https://a.test/"),
        ("BETTER_AUTH_TRUSTED_ORIGINS", "*"),
        ("BETTER_AUTH_TRUSTED_ORIGINS", "https://*"),
        ("BETTER_AUTH_TRUSTED_ORIGINS", "http*://**"),
        ("BETTER_AUTH_TRUSTED_ORIGINS", "https://*:*"),
        ("BETTER_AUTH_TRUSTED_ORIGINS", "*.*"),
        ("BETTER_AUTH_TRUSTED_ORIGINS", "http://*:3000"),
        ("BETTER_AUTH_JWT_AUDIENCE", ","),
        ("BETTER_AUTH_ADVANCED_IP_ADDRESS_TRUSTED_PROXIES", "0.0.0.0/0"),
        ("BETTER_AUTH_ADVANCED_IP_ADDRESS_TRUSTED_PROXIES", "10.0.0.0/8,::/0"),
        ("BETTER_AUTH_ADVANCED_IP_ADDRESS_TRUSTED_PROXIES", "my-proxy"),
        ("BETTER_AUTH_ADVANCED_IP_ADDRESS_IP_ADDRESS_HEADERS", "x:y"),
        ("BETTER_AUTH_ADVANCED_COOKIE_PREFIX", "a;b"),
        ("BETTER_AUTH_URL", "localhost:8000"),
        ("BETTER_AUTH_URL", "ftp://a.test"),
        ("BETTER_AUTH_URL", "http://"),
        ("BETTER_AUTH_URL", "http://a.test:99999"),
        ("BETTER_AUTH_URL", "http://user@a.test"),
        ("BETTER_AUTH_URL", "http://a.test/?q"),
        ("BETTER_AUTH_URL", "http://bücher.test"),
        ("BETTER_AUTH_BASE_PATH", "/api//auth"),
        ("BETTER_AUTH_BASE_PATH", "/api/../auth"),
        ("BETTER_AUTH_BASE_PATH", "/{x}"),
        ("BETTER_AUTH_BASE_PATH", "/"),
        ("BETTER_AUTH_BASE_PATH", "/api"),
        ("BETTER_AUTH_BASE_PATH", "/docs/"),
        ("BETTER_AUTH_JWT_ISSUER", "a\nb"),
        ("BETTER_AUTH_DISABLED_PATHS", "sign-up/email"),
        ("BETTER_AUTH_DISABLED_PATHS", "/sign-up/email/"),
        ("BETTER_AUTH_DISABLED_PATHS", "/sign-up//email"),
        ("BETTER_AUTH_DISABLED_PATHS", "/"),
        ("BETTER_AUTH_ADVANCED_DISABLE_ORIGIN_CHECK", "/"),
        ("BETTER_AUTH_ADVANCED_DISABLE_ORIGIN_CHECK", "callback/x"),
        ("BETTER_AUTH_ADVANCED_DISABLE_ORIGIN_CHECK", "callback"),
        ("BETTER_AUTH_ADVANCED_DISABLE_CSRF_CHECK", "/x"),
        ("BETTER_AUTH_ON_API_ERROR_ERROR_URL", "oops"),
        ("BETTER_AUTH_ON_API_ERROR_ERROR_URL", "//evil.example"),
        ("BETTER_AUTH_ON_API_ERROR_ERROR_URL", "/\\evil.example"),
        ("BETTER_AUTH_ON_API_ERROR_ERROR_URL", "/o ops"),
        ("BETTER_AUTH_ON_API_ERROR_ERROR_URL", "javascript:alert(1)"),
        ("BETTER_AUTH_ON_API_ERROR_ERROR_URL", "javascript://x%0aalert(1)"),
        ("BETTER_AUTH_ON_API_ERROR_ERROR_URL", "https://"),
    ],
)
def test_bad_value_is_one_line_that_names_the_variable(name: str, text: str) -> None:
    (line,) = faults(**{name: text})
    assert line.startswith(name)
    assert "\n" not in line


@pytest.mark.parametrize("path", ["auth", "/auth/", "/api/auth", "/v1.2/~a_b-c"])
def test_base_path_is_plain(path: str) -> None:
    assert settings(BETTER_AUTH_BASE_PATH=path).base_path == path


@pytest.mark.parametrize("origin", ["https://*.a.test", "*.a.test", "myapp:/", "myapp://*"])
def test_wildcard_within_a_host_is_taken(origin: str) -> None:
    assert settings(BETTER_AUTH_TRUSTED_ORIGINS=origin).trusted_origins == (origin,)


def test_path_in_the_url_that_is_not_plain_is_refused() -> None:
    (line,) = faults(BETTER_AUTH_URL="https://a.test/a%2Fb")
    assert line.startswith("BETTER_AUTH_URL must have a plain path or none, like https://")


@pytest.mark.parametrize(
    ("rules", "demand"),
    [
        ("{", "must be JSON such as "),
        ('{"/sign-in/*": {"window": 0, "max": 3}}', "must be JSON such as "),
        ('{"sign-in": false}', "has a path 'sign-in' that does not begin with /"),
    ],
)
def test_rules_of_rate_limits_that_cannot_be_used(rules: str, demand: str) -> None:
    (line,) = faults(BETTER_AUTH_RATE_LIMIT_CUSTOM_RULES=rules)
    assert line.startswith(f"BETTER_AUTH_RATE_LIMIT_CUSTOM_RULES {demand}")


def test_list_that_is_no_json_is_refused() -> None:
    (line,) = faults(BETTER_AUTH_TRUSTED_ORIGINS='["https://a.test"')
    assert line.startswith("BETTER_AUTH_TRUSTED_ORIGINS must be a list such as one,two")


def test_rate_limits_in_redis_need_its_address() -> None:
    storage = {"BETTER_AUTH_RATE_LIMIT_STORAGE": "secondary-storage"}
    assert faults(**storage) == (
        "BETTER_AUTH_RATE_LIMIT_STORAGE=secondary-storage needs REDIS_URL",
    )


def test_path_in_the_url_that_covers_our_own_pages_is_refused() -> None:
    (line,) = faults(BETTER_AUTH_URL="https://a.test/api")
    assert "would cover /api/tasks" in line


@pytest.mark.parametrize(
    "switch",
    [
        "EMAIL_AND_PASSWORD_SEND_RESET_PASSWORD",
        "EMAIL_VERIFICATION_SEND_VERIFICATION_EMAIL",
        "USER_CHANGE_EMAIL_SEND_CHANGE_EMAIL_CONFIRMATION",
        "USER_DELETE_USER_SEND_DELETE_ACCOUNT_VERIFICATION",
    ],
)
def test_mails_that_cannot_be_sent_are_refused(switch: str) -> None:
    given = {f"BETTER_AUTH_{switch}": "true"}
    (line,) = faults(**given)
    assert line.startswith(f"BETTER_AUTH_{switch} needs a mail server: set SMTP_URL")
    read_settings({"BETTER_AUTH_SECRET": SECRET, "SMTP_URL": "console:", **given}, None)


def test_a_mail_server_switches_mails_on() -> None:
    plain, mailing = (
        read_settings({"BETTER_AUTH_SECRET": SECRET, **given}, None)
        for given in ({}, {"SMTP_URL": "console:"})
    )
    assert (plain.sends_verification_email, mailing.sends_verification_email) == (False, True)
    assert (plain.sends_reset_password, mailing.sends_reset_password) == (False, True)


def test_all_faults_are_told_at_once() -> None:
    told = faults(PORT="x", BETTER_AUTH_SECRET="short", BETTER_AUTH_SESION="1")
    assert [line.split()[0] for line in told] == [
        "BETTER_AUTH_SESION",
        "PORT",
        "BETTER_AUTH_SECRET",
    ]


@pytest.mark.parametrize(
    ("memory", "passes", "least"),
    [("19455", "2", 19456), ("47103", "1", 47104), ("8192", "4", 9216)],
)
def test_argon2_below_the_minimum_of_owasp_is_refused(memory: str, passes: str, least: int) -> None:
    (line,) = faults(ARGON2_MEMORY_COST=memory, ARGON2_TIME_COST=passes)
    assert line == (
        f"ARGON2_MEMORY_COST={memory} with ARGON2_TIME_COST={passes} is below OWASP's minimum: set"
        f" at least {least}, or one of 47104 with 1, 19456 with 2, 12288 with 3, 9216 with 4, 7168"
        " with 5"
    )


@pytest.mark.parametrize(
    ("memory", "passes", "lanes"), [(7168, 16, 1), (262144, 1, 4), (19456, 3, 16)]
)
def test_argon2_costs_what_the_settings_say(memory: int, passes: int, lanes: int) -> None:
    given = {
        "ARGON2_MEMORY_COST": str(memory),
        "ARGON2_TIME_COST": str(passes),
        "ARGON2_PARALLELISM": str(lanes),
    }
    assert settings(**given).argon2_cost == Argon2Cost(memory, passes, lanes)


def test_every_argon2_that_the_settings_allow_can_be_verified() -> None:
    dearest = f"$argon2id$v=19$m={MOST_MEMORY},t={MOST_PASSES},p={MOST_LANES}"
    assert get_usable_hash(ARGON2ID.replace("$argon2id$v=19$m=19456,t=2,p=1", dearest))
    (line,) = faults(ARGON2_MEMORY_COST=str(MOST_MEMORY + 1))
    assert line.startswith("ARGON2_MEMORY_COST must be a whole number from 7168 to 262144")


def test_shortest_password_above_the_longest_is_refused() -> None:
    (line,) = faults(
        BETTER_AUTH_EMAIL_AND_PASSWORD_MIN_PASSWORD_LENGTH="20",
        BETTER_AUTH_EMAIL_AND_PASSWORD_MAX_PASSWORD_LENGTH="10",
    )
    assert "MIN_PASSWORD_LENGTH must not be above" in line


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("http://localhost:8000", None),
        ("http://127.0.0.1:8000", None),
        ("https://auth.a.test", "b.test"),
        ("https://auth.a.test", "127.0.0.1"),
        ("https://auth.a.test", "test"),
    ],
)
def test_cookie_domain_that_browsers_drop_is_refused(url: str, domain: str | None) -> None:
    given = {} if domain is None else {_DOMAIN: domain}
    (line,) = faults(BETTER_AUTH_URL=url, **{_SHARED: "true"}, **given)
    assert line.startswith(_DOMAIN)


@pytest.mark.parametrize("domain", [".a.test", "a.test", "auth.a.test"])
def test_cookie_domain_at_or_above_the_host_is_accepted(domain: str) -> None:
    read = settings(BETTER_AUTH_URL="https://auth.a.test", **{_SHARED: "true", _DOMAIN: domain})
    assert read.advanced.cross_sub_domain_cookies.domain == domain


def test_settings_never_show_a_secret() -> None:
    read = settings(BETTER_AUTH_JWT_SECRET=SECRET[::-1], DATABASE_URL="postgresql://u:hunter2@h/d")
    shown = f"{read!r} {JWT.get_options(read)!r} {VersionedSecret(1, SECRET)!r}"
    assert not any(secret in shown for secret in (SECRET, SECRET[::-1], "hunter2"))


@pytest.mark.parametrize("path", ["jwks", "/", "/a/../b", "/..", "/a..b", "/{id}", "/a b", "/a/"])
def test_path_of_the_key_set_that_is_not_plain_is_refused(path: str) -> None:
    (line,) = faults(BETTER_AUTH_JWT_JWKS_JWKS_PATH=path)
    assert line.startswith("BETTER_AUTH_JWT_JWKS_JWKS_PATH must be a plain path")


@pytest.mark.parametrize("path", ["/keys", "/.well-known/jwks.json"])
def test_path_of_the_key_set_is_read(path: str) -> None:
    assert JWT.get_options(settings(BETTER_AUTH_JWT_JWKS_JWKS_PATH=path)).jwks.jwks_path == path


def test_algorithm_is_one_of_those_offered() -> None:
    assert JWT.get_options(settings(BETTER_AUTH_JWT_ALG="ES512")).alg == "ES512"
    (line,) = faults(BETTER_AUTH_JWT_ALG="HS512")
    assert line.startswith("BETTER_AUTH_JWT_ALG must be HS256 or EdDSA")
    (line,) = faults(BETTER_AUTH_JWT_JWKS_KEY_PAIR_CONFIG_ALG="ES256")
    assert "did you mean BETTER_AUTH_JWT_ALG?" in line


def versions(text: str, /, **given: str) -> Settings:
    return read_settings({"BETTER_AUTH_SECRETS": text, **given}, None)


def test_secret_that_would_sign_nothing_is_refused() -> None:
    (line,) = faults(BETTER_AUTH_JWT_ALG="EdDSA", BETTER_AUTH_JWT_SECRET="k" + SECRET[1:])
    assert line.startswith("BETTER_AUTH_JWT_SECRET is not used with BETTER_AUTH_JWT_ALG=EdDSA")


def test_first_of_the_versions_is_the_secret() -> None:
    read = versions(f" 2:{SECRET} , 1:{OLD}")
    assert read.secret == SECRET
    assert read.secrets == (VersionedSecret(2, SECRET), VersionedSecret(1, OLD))
    assert read.current_and_former_secrets == (SECRET, OLD)


def test_versions_can_come_as_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    file.write_text(f"2:{SECRET},1:{OLD}\n")
    assert read_settings({"BETTER_AUTH_SECRETS_FILE": str(file)}, None).secret == SECRET


def test_plain_secret_beside_versions_only_opens_what_is_older() -> None:
    read = versions(f"2:{SECRET}", BETTER_AUTH_SECRET="short and weak")
    assert read.secret == SECRET
    assert read.secrets[1:] == (VersionedSecret(None, "short and weak"),)
    assert read.current_and_former_secrets == (SECRET,)


def test_secret_of_tokens_alone_has_no_versions() -> None:
    read = versions(f"2:{SECRET},1:{OLD}", BETTER_AUTH_JWT_SECRET=SECRET[::-1])
    assert list_secrets(read, JWT.get_options(read)) == (SECRET[::-1],)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (SECRET, "must be version:secret"),
        (f"x:{SECRET}", "must be version:secret"),
        (f"-1:{SECRET}", "must be version:secret"),
        (f"2:{SECRET},", "must be version:secret"),
        (f"2:{SECRET},2:{OLD}", "contains a version twice"),
        (f"2:{SECRET},02:{OLD}", "contains a version twice"),
        ("2:", "version 2 has 0 characters"),
        (f"2:{SECRET},1:short", "version 1 has 5 characters"),
    ],
)
def test_unusable_versions_are_refused_without_showing_one(text: str, fault: str) -> None:
    with pytest.raises(SettingsError) as caught:
        versions(text)
    (line,) = caught.value.lines
    assert line.startswith("BETTER_AUTH_SECRETS")
    assert fault in line
    assert SECRET not in line


_SHARED = "BETTER_AUTH_ADVANCED_CROSS_SUB_DOMAIN_COOKIES_ENABLED"
_DOMAIN = "BETTER_AUTH_ADVANCED_CROSS_SUB_DOMAIN_COOKIES_DOMAIN"


class TestSecret:
    def test_missing_secret_says_how_to_make_one(self) -> None:
        with pytest.raises(SettingsError) as caught:
            read_settings({}, None)
        for command in ("init", "secret"):
            assert f"`.venv/bin/python -m app {command}`" in str(caught.value)

    @pytest.mark.parametrize(
        "weak",
        [
            "q" * 31,
            "q" * 64,
            "0123456789" * 4,
            "abcdefghijklmnopabcdefghijklmnop",
            "better-auth-secret-12345678901234567890",
            "your-secret-key-change-in-production",
            f"{SECRET}\n",
            f'"{SECRET}"',
            f"{SECRET}\udcff",
        ],
    )
    def test_weak_one_is_refused_and_never_shown(self, weak: str) -> None:
        (line,) = faults(BETTER_AUTH_SECRET=weak)
        assert line.startswith("BETTER_AUTH_SECRET ")
        assert weak not in line

    def test_token_key_is_held_to_the_same(self) -> None:
        (line,) = faults(BETTER_AUTH_JWT_SECRET="short")
        assert line.startswith("BETTER_AUTH_JWT_SECRET has 5 characters")

    def test_file_loses_one_line_break(self, tmp_path: Path) -> None:
        (tmp_path / "s").write_bytes(f"{SECRET}\r\n".encode())
        read = read_settings({"BETTER_AUTH_SECRET_FILE": str(tmp_path / "s")}, None)
        assert read.secret == SECRET

    def test_file_and_value_are_refused_together(self, tmp_path: Path) -> None:
        (tmp_path / "s").write_text(SECRET)
        (line,) = faults(BETTER_AUTH_SECRET_FILE=str(tmp_path / "s"))
        assert line == "BETTER_AUTH_SECRET is set twice: remove it or BETTER_AUTH_SECRET_FILE"

    def test_path_that_is_none_is_named_by_its_variable(self) -> None:
        (line,) = faults(DATABASE_URL_FILE="a\0b")
        assert line == "DATABASE_URL can't be read from the file that DATABASE_URL_FILE names"

    def test_missing_file_is_named_by_its_variable(self, tmp_path: Path) -> None:
        (line,) = faults(DATABASE_URL_FILE=str(tmp_path / "none"))
        assert line == (
            "DATABASE_URL can't be read from the file that DATABASE_URL_FILE names:"
            " No such file or directory"
        )


class TestNames:
    @pytest.mark.parametrize(
        ("wrong", "right"),
        [
            ("BETTER_AUTH_SESION_EXPIRES_IN", "BETTER_AUTH_SESSION_EXPIRES_IN"),
            ("BETTER_AUTH_TRUSTED_ORIGIN", "BETTER_AUTH_TRUSTED_ORIGINS"),
            ("BETTER_AUTH_BASE_URL", "BETTER_AUTH_URL"),
            ("BETTER_AUTH_DATABASE_URL", "DATABASE_URL"),
            ("BETTER_AUTH_JWT_JWT_AUDIENCE", "BETTER_AUTH_JWT_AUDIENCE"),
            ("BETTER_AUTH_JWT_EXPIRES_IN", "BETTER_AUTH_JWT_EXPIRATION_TIME"),
            ("BETTER_AUTH_JWT_EXPIRATION", "BETTER_AUTH_JWT_EXPIRATION_TIME"),
            ("BETTER_AUTH_JWKS_URL", "BETTER_AUTH_BRIDGE_JWKS_URL"),
            ("BETTER_AUTH_SESSION_URL", "BETTER_AUTH_BRIDGE_SESSION_URL"),
            ("BETTER_AUTH_EXPIRES_IN", "BETTER_AUTH_SESSION_EXPIRES_IN"),
            (
                "BETTER_AUTH_ADVANCED_DEFAULT_COOKIE_ATTRIBUTES_SAMESITE",
                "BETTER_AUTH_ADVANCED_DEFAULT_COOKIE_ATTRIBUTES_SAME_SITE",
            ),
        ],
    )
    def test_misspelt_one_is_told_the_nearest(self, wrong: str, right: str) -> None:
        assert faults(**{wrong: "x"}) == (f"{wrong} is not a setting: did you mean {right}?",)

    @pytest.mark.parametrize(
        ("wrong", "right"),
        [
            ("BETTER_AUTH_DATABASE", "DATABASE_URL"),
            ("BETTER_AUTH_SECONDARY_STORAGE", "REDIS_URL"),
            ("BETTER_AUTH_EMAIL_AND_PASSWORD_PASSWORD_HASH", "BETTER_AUTH_PASSWORD_HASH"),
            ("BETTER_AUTH_JWT_JWKS_KEY_PAIR_CONFIG", "BETTER_AUTH_JWT_ALG"),
            ("BETTER_AUTH_USER_ADDITIONAL_FIELDS_ROLE", "BETTER_AUTH_USER_ADDITIONAL_FIELDS"),
            ("BETTER_AUTH_ADVANCED_COOKIES_SESSION_TOKEN", "BETTER_AUTH_ADVANCED_COOKIES"),
        ],
    )
    def test_option_with_another_name_here_is_told_it(self, wrong: str, right: str) -> None:
        assert faults(**{wrong: "x"}) == (f"{wrong} is not a setting: did you mean {right}?",)

    @pytest.mark.parametrize(
        ("name", "option"),
        [
            ("BETTER_AUTH_JWT_SESSION_COOKIE_CACHE", "jwt.sessionCookieCache"),
            ("BETTER_AUTH_ON_API_ERROR_THROW", "onAPIError.throw"),
            ("BETTER_AUTH_ADVANCED_TRUSTED_PROXY_HEADERS", "advanced.trustedProxyHeaders"),
            ("BETTER_AUTH_SOCIAL_PROVIDERS_GITHUB_CLIENT_ID", "socialProviders"),
            ("BETTER_AUTH_ADVANCED_DATABASE_JOINS", "advanced.database.joins"),
        ],
    )
    def test_option_that_is_not_offered_says_so(self, name: str, option: str) -> None:
        (line,) = faults(**{name: "x"})
        assert line == (
            f"{name} is Better Auth's {option}, which this server does not offer: remove it"
        )

    def test_name_like_no_other_is_refused(self) -> None:
        (line,) = faults(BETTER_AUTH_QQQ="x")
        assert line.startswith("BETTER_AUTH_QQQ is not a setting: remove it")

    def test_file_of_what_is_no_secret_is_refused(self) -> None:
        (line,) = faults(BETTER_AUTH_URL_FILE="x")
        assert line.startswith("BETTER_AUTH_URL_FILE is not a setting")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("BETTER_AUTH_BRIDGE_MODE", "x"),
            ("BETTER_AUTH_TELEMETRY", "0"),
            ("BETTER_AUTH_TELEMETRY_ENDPOINT", "x"),
            ("BETTER_AUTH_API_KEY", "x"),
            ("BETTER_AUTH_API_URL", "https://x"),
            ("BETTER_AUTH_KV_URL", "https://x"),
            ("NEXT_PUBLIC_BETTER_AUTH_URL", "x"),
            ("BETTER_AUTH_SERVICE_HOST", "10.0.0.1"),
            ("BETTER_AUTH_API_SERVICE_PORT_HTTP", "80"),
            ("BETTER_AUTH_PORT", "tcp://10.0.0.1:8000"),
            ("BETTER_AUTH_PORT_8000_TCP_ADDR", "10.0.0.1"),
            ("SENTRY_DSN", "https://x"),
        ],
    )
    def test_names_of_other_programs_are_ignored(self, name: str, value: str) -> None:
        assert settings(**{name: value}) == settings()


class TestDotenv:
    @pytest.mark.parametrize(
        ("odd", "ours"),
        [
            ("DATABSE_URL", "DATABASE_URL"),
            ("LOGFORMAT", "LOG_FORMAT"),
            ("TASKS_API", "TASK_API"),
            ("EMAIL_FROM", "MAIL_FROM"),
            ("REDIS_URI", "REDIS_URL"),
            ("KV_REDIS_URL", "REDIS_URL"),
        ],
    )
    def test_name_like_one_of_ours_is_told_and_may_be_another_program_s(
        self, tmp_path: Path, odd: str, ours: str
    ) -> None:
        file = _dotenv(tmp_path, f"{odd}=x")
        assert notices(file) == [f"{odd} is not a setting: did you mean {ours}? ({file})"]
        given = {"DATABASE_URL": "sqlite:///a.db", "REDIS_URL": "redis://h", "MAIL_FROM": "a@b.co"}
        if ours in given:
            assert notices(file, **given) == []

    def test_nothing_is_said_of_names_unlike_ours(self, tmp_path: Path) -> None:
        shared = "NODE_ENV=x\nKV_URL=x\nSENTRY_DSN=x\nPOSTGRES_URL=x\nBETTER_AUTH_API_KEY=x"
        assert notices(_dotenv(tmp_path, shared)) == []

    def test_name_of_another_program_may_stand_beside_ours(self, tmp_path: Path) -> None:
        file = _dotenv(tmp_path, "DATABASE_URL=sqlite:///a.db\nDATABASE_URI=x\nNODE_ENV=test")
        assert settings(file).database_url == "sqlite:///a.db"

    def test_real_variable_wins(self, tmp_path: Path) -> None:
        file = _dotenv(tmp_path, "PORT=1\nLOG_FORMAT=json")
        read = settings(file, PORT="9")
        assert (read.port, read.log_format) == (9, "json")

    def test_secret_file_wins_over_its_secret(self, tmp_path: Path) -> None:
        file = _dotenv(tmp_path, f"BETTER_AUTH_SECRET={SECRET[::-1]}")
        (tmp_path / "s").write_text(SECRET)
        read = read_settings({"BETTER_AUTH_SECRET_FILE": str(tmp_path / "s")}, file)
        assert read.secret == SECRET

    @pytest.mark.parametrize(
        "line",
        [
            "BETTER_AUTH_JWT_ISSUER=it's",
            "export BETTER_AUTH_JWT_ISSUER = it's  # comment",
            '\ufeffBETTER_AUTH_JWT_ISSUER="it\'s"\r',
            "BETTER_AUTH_JWT_ISSUER=`it's`#comment",
            'OTHER="several\nlines"\nBETTER_AUTH_JWT_ISSUER=it\'s',
        ],
    )
    def test_grammar_is_that_of_npm(self, tmp_path: Path, line: str) -> None:
        assert JWT.get_options(settings(_dotenv(tmp_path, line))).issuer == "it's"

    def test_dollar_is_not_expanded(self, tmp_path: Path) -> None:
        assert (
            JWT.get_options(settings(_dotenv(tmp_path, "BETTER_AUTH_JWT_ISSUER=$PORT"))).issuer
            == "$PORT"
        )

    def test_line_without_equals_sign_is_told(self, tmp_path: Path) -> None:
        (line,) = faults(_dotenv(tmp_path, "BETTER_AUTH_TRUSTED_ORIGINS http://a.test"))
        assert line.startswith("BETTER_AUTH_TRUSTED_ORIGINS in ")

    def test_line_like_yaml_is_an_assignment(self, tmp_path: Path) -> None:
        assert (
            JWT.get_options(settings(_dotenv(tmp_path, "BETTER_AUTH_JWT_ISSUER: it's"))).issuer
            == "it's"
        )

    @pytest.mark.parametrize("line", ["REDIS_URL redis://h", "PORT 80", "export HOST"])
    def test_line_without_equals_sign_is_told_of_every_setting(
        self, tmp_path: Path, line: str
    ) -> None:
        (said,) = faults(_dotenv(tmp_path, line))
        name = line.split()[-2 if "export" not in line else -1]
        assert said.startswith(f"{name} in {tmp_path / '.env'} has no =: write {name}=value")

    def test_other_lines_without_one_are_told_by_number_and_never_shown(
        self, tmp_path: Path
    ) -> None:
        file = _dotenv(tmp_path, 'A="x\ny"\n# no = here\n\nhunter2\nSTRIPE_KEY hunter2\n')
        assert notices(file) == [
            f"line {number} of {file} is ignored: it has no =" for number in (5, 6)
        ]

    def test_file_that_may_not_be_read_is_told_whose_it_is(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = _dotenv(tmp_path, "PORT=1")
        file.chmod(0o600)
        monkeypatch.setattr(Path, "read_text", _deny)
        whose = f"it belongs to {file.owner()} and has mode 0600"
        assert faults(file) == (f"{file} can't be read: permission denied, {whose}",)

    def test_folder_in_its_place_is_told(self, tmp_path: Path) -> None:
        (tmp_path / ".env").mkdir()
        assert faults(tmp_path / ".env") == (f"{tmp_path / '.env'} can't be read: Is a directory",)

    def test_secret_may_be_in_what_can_not_be_read(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError) as caught:
            read_settings({}, _dotenv(tmp_path, f"BETTER_AUTH_SECRET {SECRET}"))
        (line,) = caught.value.lines
        assert line.endswith("has no =: write BETTER_AUTH_SECRET=value")

    def test_missing_file_is_no_fault(self, tmp_path: Path) -> None:
        assert settings(tmp_path / ".env") == settings()

    def test_file_in_another_encoding_is_told(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_bytes("PORT=1".encode("utf-16"))
        (line,) = faults(tmp_path / ".env")
        assert "UTF-8" in line


def _deny(path: Path, _encoding: str) -> str:
    raise PermissionError(13, "Permission denied", str(path))


def _dotenv(folder: Path, text: str) -> Path:
    (folder / ".env").write_text(text, encoding="utf-8", newline="")
    return folder / ".env"


def test_redis_url_is_refused_in_one_line_without_its_password() -> None:
    (line,) = faults(REDIS_URL="http://user:s3cret@localhost")
    assert line.startswith("REDIS_URL is not understood: write redis://")
    assert "s3cret" not in line


def test_redis_url_can_come_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("redis://:word@localhost/1\n")
    assert settings(REDIS_URL_FILE=str(tmp_path / "url")).redis_url == "redis://:word@localhost/1"


def test_prefix_in_redis_is_that_of_the_official_package_or_none() -> None:
    assert settings().storage_prefix == "better-auth:"
    assert settings(REDIS_KEY_PREFIX="mine:").storage_prefix == "mine:"
    assert settings(REDIS_KEY_PREFIX="none").storage_prefix == ""


class TestTableNames:
    def test_marks_of_plugins_may_have_names(self) -> None:
        fields = '{"twoFactorEnabled":"mfa","banned":"is_banned"}'
        by = '{"impersonatedBy":"admin"}'
        found = settings(BETTER_AUTH_USER_FIELDS=fields, BETTER_AUTH_SESSION_FIELDS=by)
        assert found.table_names["user"].fields == {
            "twoFactorEnabled": "mfa",
            "banned": "is_banned",
        }

    def test_fields_must_be_of_better_auth(self) -> None:
        (line,) = faults(BETTER_AUTH_USER_FIELDS='{"mail":"email_address"}')
        assert line.startswith("BETTER_AUTH_USER_FIELDS: 'mail' is not one of id, name, email")

    def test_two_fields_cannot_share_a_column(self) -> None:
        (line,) = faults(BETTER_AUTH_USER_FIELDS='{"email":"Name"}')
        assert line == "BETTER_AUTH_USER_FIELDS: two fields have the column 'name'"

    def test_names_that_postgres_would_cut_are_refused(self) -> None:
        (line,) = faults(BETTER_AUTH_USER_MODEL_NAME="é" * 32)
        assert line.startswith("BETTER_AUTH_USER_MODEL_NAME: ")
        (line,) = faults(BETTER_AUTH_USER_FIELDS=f'{{"email":"{"x" * 64}"}}')
        assert line.startswith("BETTER_AUTH_USER_FIELDS: ")
