"""What the cookies say; the signatures were accepted by the original under the same secret."""

import pytest
from msgspec import structs

from app.auth.crypto.signatures import Signatures
from app.auth.hooks import Hooks
from app.auth.sessions.cookies import (
    Cookie,
    RequestCredentials,
    SessionCookies,
    SetCookie,
    parse_cookies,
)
from app.models.clock import now as clock
from app.models.records import ADA, ADAS_SESSION
from app.plugins.bearer.plugin import BearerOptions, BearerTokens
from app.settings.cookie_definitions import resolve_cookie
from app.settings.options import (
    AdvancedOptions,
    CrossSubDomainCookieOptions,
    SessionOptions,
    VersionedSecret,
)
from app.settings.settings import Settings
from app.web.http.headers import Headers
from tests.support.logged import Lines

SECRET = "better-auth-secret-123456789012345678901234567890"
TOKEN = "dead"
SIGNATURE = "hmUU0sNxOloTQ4Xwnq9TFy5WXjL1IM9nwf8lTBnlogY="
SIGNED = f"{TOKEN}.{SIGNATURE}"
ENCODED = SIGNED.replace("=", "%3D")
NAME = "better-auth.session_token"


def with_bearer(settings: Settings) -> SessionCookies:
    tokens = BearerTokens(Signatures(settings), BearerOptions())
    return SessionCookies(settings, hooks=Hooks(find_token=[tokens.find]))


COOKIES = with_bearer(Settings(secret=SECRET))


def made(url: str = "http://localhost:8000", **advanced: object) -> SessionCookies:
    return SessionCookies(Settings(secret=SECRET, url=url, advanced=AdvancedOptions(**advanced)))  # type: ignore[arg-type]  # a table of options


def read(
    header: str, authorization: str = "", cookies: SessionCookies = COOKIES
) -> RequestCredentials:
    raw = [
        (b"cookie", header.encode("latin-1")),
        (b"authorization", authorization.encode("latin-1")),
    ]
    return cookies.read(Headers(raw))


def issued(
    cookies: SessionCookies, token: str = TOKEN, *, remember: bool = True
) -> list[SetCookie]:
    session = structs.replace(ADAS_SESSION, token=token)
    return cookies.issue(session, ADA, remember=remember, now=clock())


def lines(set_cookies: list[SetCookie]) -> list[str]:
    return [value for name, value in set_cookies if name == "set-cookie"]


def test_signature_is_padded_standard_base64_of_the_secret_s_hmac() -> None:
    assert COOKIES.sign(TOKEN) == SIGNED


def test_remembered_session_is_one_line_with_the_original_s_attribute_order() -> None:
    assert issued(COOKIES) == [
        ("set-cookie", f"{NAME}={ENCODED}; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax"),
    ]


def test_forgetful_session_has_no_max_age_and_a_second_signed_cookie() -> None:
    token, dont_remember = lines(issued(COOKIES, remember=False))
    assert token == f"{NAME}={ENCODED}; Path=/; HttpOnly; SameSite=Lax"
    value, _, attributes = dont_remember.partition("; ")
    assert attributes == "Path=/; HttpOnly; SameSite=Lax"
    assert value.startswith("better-auth.dont_remember=true.")
    assert parse_cookies(value)["better-auth.dont_remember"] == COOKIES.sign("true")


def test_every_character_of_base64_is_percent_encoded_as_by_encode_uri_component() -> None:
    token = next(t for t in map(str, range(1000)) if {"+", "/"} <= set(COOKIES.sign(t)))
    (line,) = lines(issued(COOKIES, token))
    value = line.partition("=")[2].partition(";")[0]
    signed = COOKIES.sign(token)
    assert value == signed.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")


def test_https_base_url_marks_the_cookie_secure_by_name_and_attribute() -> None:
    (line,) = lines(issued(made("https://auth.example.com")))
    assert line == (
        f"__Secure-{NAME}={ENCODED}; Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Lax"
    )


@pytest.mark.parametrize(
    ("url", "chosen", "secure"),
    [
        ("http://localhost:8000", None, False),
        ("http://localhost:8000", True, True),
        ("https://auth.example.com", None, True),
        ("HTTPS://auth.example.com", None, True),  # the bridge looks for the prefix, too
        ("https://auth.example.com", False, False),
    ],
)
def test_setting_overrules_the_scheme(url: str, chosen: bool | None, secure: bool) -> None:
    (line,) = lines(issued(made(url, use_secure_cookies=chosen)))
    assert line.startswith("__Secure-") is secure
    assert ("; Secure;" in line) is secure


def test_prefix_replaces_better_auth() -> None:
    cookies = made(cookie_prefix="acme")
    assert lines(issued(cookies))[0].startswith("acme.session_token=")
    assert read(f"{NAME}={SIGNED}", cookies=cookies).token is None
    assert read(f"acme.session_token={SIGNED}", cookies=cookies).token == TOKEN


@pytest.mark.parametrize(
    ("domain", "written"),
    [(None, "auth.example.com"), (".example.com", ".example.com"), ("example.com", "example.com")],
)
def test_domain_follows_max_age_and_defaults_to_the_whole_host(
    domain: str | None, written: str
) -> None:
    shared = CrossSubDomainCookieOptions(enabled=True, domain=domain)
    cookies = made("http://auth.example.com:8000", cross_sub_domain_cookies=shared)
    (line,) = lines(issued(cookies))
    assert line.endswith(f"; Max-Age=604800; Domain={written}; Path=/; HttpOnly; SameSite=Lax")


def test_domain_is_not_written_unless_it_is_switched_on() -> None:
    shared = CrossSubDomainCookieOptions(enabled=False, domain="example.com")
    assert "Domain" not in str(issued(made(cross_sub_domain_cookies=shared)))


def test_max_age_is_the_setting_s_but_never_above_the_400_days_of_browsers() -> None:
    def max_age(seconds: int) -> str:
        session = SessionOptions(expires_in=seconds)
        (line,) = lines(issued(SessionCookies(Settings(secret=SECRET, session=session))))
        return line.split("; ")[1]

    assert max_age(60) == "Max-Age=60"
    assert max_age(34_560_000) == "Max-Age=34560000"
    assert max_age(99_000_000) == "Max-Age=34560000"


def test_value_that_no_hundred_cookies_hold_is_logged_and_only_expires_the_old_ones(
    log: Lines,
) -> None:
    cookie = Cookie(resolve_cookie(Settings(secret=SECRET), "session_data"))
    sent = [f"{cookie.name}.0"]
    headers = cookie.make_headers("x" * 500_000, 300, sent)
    assert headers == [cookie.expire(sent[0])]
    (line,) = log()
    assert (line["message"], line["size"]) == ("cookie too large", 500_000)


def test_clearing_takes_the_three_cookies_in_the_original_s_order() -> None:
    end = "; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
    assert COOKIES.expire_all() == [
        ("set-cookie", f"better-auth.{name}={end}")
        for name in ("session_token", "session_data", "dont_remember")
    ]


def test_clearing_repeats_each_cache_cookie_that_was_sent() -> None:
    sent = read("better-auth.session_data=a; better-auth.session_data.0=b")
    names = [line.partition("=")[0] for line in lines(COOKIES.expire_all(sent))]
    assert names == [
        "better-auth.session_token",
        "better-auth.session_data",
        "better-auth.session_data",
        "better-auth.session_data.0",
        "better-auth.dont_remember",
    ]


def test_clearing_uses_the_attributes_of_setting() -> None:
    shared = CrossSubDomainCookieOptions(enabled=True, domain="example.com")
    cookies = made("https://auth.example.com", cross_sub_domain_cookies=shared)
    (line,) = lines(issued(cookies))
    cleared = lines(cookies.expire_all())[0]
    assert cleared.split("; ")[2:] == line.split("; ")[2:]


@pytest.mark.parametrize("name", ["0", "7", "12"])
def test_numbered_chunk_belongs_to_the_cache(name: str) -> None:
    chunk = f"better-auth.session_data.{name}"
    assert read(f"{chunk}=x").cached == (chunk,)
    assert lines(COOKIES.expire_cache_cookies((chunk,))) == [
        f"{chunk}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
    ]


@pytest.mark.parametrize("name", [".x", ".01", ".-1", ".", ".1.2", "_extra", ".1e3", ".\xb2"])
def test_other_names_are_somebody_else_s_and_stay(name: str) -> None:
    assert read(f"better-auth.session_data{name}=x").cached == ()


@pytest.mark.parametrize(
    "value",
    [
        ENCODED,
        SIGNED,
        f'"{SIGNED}"',
        f'"{ENCODED}"',
        ENCODED.replace("%3D", "%3d"),
        f"  {ENCODED}  ",
        SIGNED.replace("d", "%64"),
    ],
)
def test_raw_quoted_and_encoded_values_are_read_alike(value: str) -> None:
    assert read(f"a=b; {NAME}={value}; c=d").token == TOKEN


def test_token_is_all_before_the_last_dot() -> None:
    assert read(f"{NAME}={COOKIES.sign('a.b.c')}").token == "a.b.c"


@pytest.mark.parametrize(
    "value",
    [
        "",
        TOKEN,
        f"{TOKEN}.",
        f".{SIGNATURE}",
        SIGNATURE,
        f"other.{SIGNATURE}",
        f"{TOKEN}.{SIGNATURE[:-1]}",
        f"{TOKEN}.{SIGNATURE}=",
        f"{TOKEN}.{'A' * 43}=",
        f"{TOKEN}.{SIGNATURE.swapcase()}",
        f"{TOKEN} .{SIGNATURE}",
        f"Dead.{SIGNATURE}",
        f"{TOKEN}.{SIGNATURE}.{SIGNATURE}",
        f"{TOKEN}.%E0%A4%A",
        f"{TOKEN}.\xe9{SIGNATURE[1:]}",
        ENCODED.replace("%3D", "%253D"),
        "%zz",
        "true.",
    ],
)
def test_anything_but_our_signature_is_no_cookie(value: str) -> None:
    assert read(f"{NAME}={value}") == RequestCredentials(token=None)


def test_base64url_signature_is_refused() -> None:
    signed = next(s for s in map(COOKIES.sign, map(str, range(1000))) if {"+", "/"} <= set(s))
    assert read(f"{NAME}={signed}").token is not None
    assert read(f"{NAME}={signed.replace('+', '-').replace('/', '_')}").token is None


def test_unpadded_signature_is_refused() -> None:
    assert read(f"{NAME}={SIGNED.rstrip('=')}").token is None


def test_signature_of_another_secret_is_refused() -> None:
    foreign = SessionCookies(Settings(secret=SECRET[::-1])).sign(TOKEN)
    assert read(f"{NAME}={foreign}").token is None


def test_every_cookie_of_the_name_that_we_signed_counts() -> None:
    """The domain of cookies was changed, or a neighbour set one that means nothing here."""
    both = read(f"{NAME}={SIGNED}; {NAME}={COOKIES.sign('later')}")
    assert (both.tokens, both.repeated, both.own) == ((TOKEN, "later"), True, True)
    twice = read(f"{NAME}={SIGNED}; {NAME}={SIGNED}")
    assert (twice.tokens, twice.repeated, twice.own) == ((TOKEN,), True, True)
    planted = read(f"{NAME}=junk; {NAME}={SIGNED}")
    assert (planted.tokens, planted.repeated, planted.own) == ((TOKEN,), False, False)
    assert read(f"{NAME}=junk; {NAME}=more").tokens == ()
    many = "; ".join(f"{NAME}={COOKIES.sign(str(n))}" for n in range(50))
    assert read(many).tokens == ("0", "1", "2", "3")
    alone = read(f"{NAME}={SIGNED}")
    assert (alone.tokens, alone.repeated, alone.own) == ((TOKEN,), False, True)
    assert read(f"{NAME}={SIGNED}; {NAME}={SIGNED}", f"Bearer {TOKEN}").own is False


def test_plain_cookie_never_stands_in_for_the_secure_one() -> None:
    secure = made("https://auth.example.com")
    assert read(f"{NAME}={SIGNED}", cookies=secure).token is None
    both = f"{NAME}={secure.sign('plain')}; __Secure-{NAME}={SIGNED}"
    assert read(both, cookies=secure).token == TOKEN


@pytest.mark.parametrize("space", ["\xa0", "\x85"])
def test_name_with_odd_white_space_is_another_name(space: str) -> None:
    """Browsers let anybody set it, for it does not begin with `__Secure-`."""
    secure = made("https://a.example.com")
    name = f"__Secure-{NAME}"
    assert read(f"{space}{name}={ENCODED}", cookies=secure).token is None
    several = read(f"{space}{name}={COOKIES.sign('other')}; {name}={ENCODED}", cookies=secure)
    assert several.tokens == (TOKEN,)
    assert read(f"a=b;\t{name} = {ENCODED} ", cookies=secure).token == TOKEN


def test_cookie_of_another_name_is_ignored_even_when_signed() -> None:
    assert read(f"better-auth.session_token_multi-x={SIGNED}; session_token={SIGNED}").token is None


def test_dont_remember_counts_only_when_signed() -> None:
    assert read(f"better-auth.dont_remember={COOKIES.sign('true')}").dont_remember
    assert not read("better-auth.dont_remember=true").dont_remember
    assert not read(f"better-auth.dont_remember=true.{SIGNATURE}").dont_remember


@pytest.mark.parametrize(
    "header",
    [
        f"Bearer {TOKEN}",
        f"bearer {TOKEN}",
        f"BEARER {TOKEN}",
        f"Bearer   {TOKEN}  ",
        f"Bearer {SIGNED}",
        f"Bearer {ENCODED}",
    ],
)
def test_bearer_is_the_session_token_raw_signed_or_encoded(header: str) -> None:
    assert read("", header).token == TOKEN


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Bearer\t{TOKEN}",
        f"Bearer{TOKEN}",
        f"Basic {TOKEN}",
        f" Bearer {TOKEN}",
        f'Bearer "{SIGNED}"',
        f"Bearer {SIGNED[:-1]}",
        f"Bearer {TOKEN}.AAAA",
        f"Bearer {TOKEN}.",
        "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.3vZ5cKPFzLCcY0M0M0M0M0M0M0M0M0M0M0M0M0M0M0M",
        "Bearer \xff.\xfe",
        "Bearer %00.%E0",
    ],
)
def test_bearer_of_any_other_form_is_ignored_and_the_cookie_counts(header: str) -> None:
    assert read("", header).token is None
    assert read(f"{NAME}={COOKIES.sign('cookie')}", header).token == "cookie"


@pytest.mark.parametrize("raw", ["unknown", "d\xe9ad", "de%20ad", "x" * 5000])
def test_raw_bearer_beats_a_good_cookie_whatever_it_names(raw: str) -> None:
    assert read(f"{NAME}={SIGNED}", f"Bearer {raw}").token == raw


def test_bearer_leaves_the_other_cookies_in_force() -> None:
    header = f"better-auth.dont_remember={COOKIES.sign('true')}; better-auth.session_data=x"
    credentials = read(header, f"Bearer {TOKEN}")
    assert credentials == RequestCredentials(TOKEN, True, ("better-auth.session_data",), "x")


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("", {}),
        ("a", {}),
        (";;", {}),
        ("a=1;b=2", {"a": "1", "b": "2"}),
        ("flag; a=1", {"a": "1"}),
        ("a=1; a=2", {"a": "1"}),
        ("a==b=", {"a": "=b="}),
        ("a=", {"a": ""}),
        ("=x", {"": "x"}),
        (' a = "b c" ', {"a": "b c"}),
        ('a="', {"a": ""}),
        ("a=%C3%A9", {"a": "é"}),
        ("a=%E9", {"a": "%E9"}),
        ("a=100%", {"a": "100%"}),
        ("a=%3D%zz", {"a": "%3D%zz"}),
        ("a=%ED%A0%80", {"a": "%ED%A0%80"}),
        ("a=b+c", {"a": "b+c"}),
    ],
)
def test_cookie_header_is_parsed_as_by_the_original(header: str, cookies: dict[str, str]) -> None:
    assert parse_cookies(header) == cookies


OLD, NEWER = "old-secret-of-these-tests-k3J9vQ2mX7pL4", "newer-secret-of-these-tests-8fQ1zWc5nB0"


def versioned(*versions: tuple[int | None, str]) -> SessionCookies:
    secrets = tuple(VersionedSecret(version, value) for version, value in versions)
    return with_bearer(Settings(secret=secrets[0].value, secrets=secrets))


def test_older_secret_verifies_and_its_signature_is_to_be_replaced() -> None:
    old, now = SessionCookies(Settings(secret=OLD)), versioned((2, NEWER), (1, OLD))
    by_cookie = read(
        f"{NAME}={old.sign(TOKEN)}; better-auth.dont_remember={old.sign('true')}", cookies=now
    )
    assert (by_cookie.token, by_cookie.outdated, by_cookie.dont_remember) == (TOKEN, True, True)
    assert read("", f"Bearer {old.sign(TOKEN)}", cookies=now).token == TOKEN
    current = read(f"{NAME}={now.sign(TOKEN)}", cookies=now)
    assert (current.token, current.outdated) == (TOKEN, False)
    assert read(f"{NAME}={COOKIES.sign(TOKEN)}", cookies=now).token is None


def test_newer_secret_that_does_not_sign_yet_is_left_in_place() -> None:
    first_step, after = versioned((1, OLD), (2, NEWER)), versioned((2, NEWER), (1, OLD))
    credentials = read(f"{NAME}={after.sign(TOKEN)}", cookies=first_step)
    assert (credentials.token, credentials.outdated) == (TOKEN, False)


def test_secret_from_before_versions_verifies_no_cookie() -> None:
    now, before = versioned((1, NEWER), (None, OLD)), SessionCookies(Settings(secret=OLD))
    assert read(f"{NAME}={before.sign(TOKEN)}", cookies=now).token is None
