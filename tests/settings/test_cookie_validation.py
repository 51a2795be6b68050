"""Settings under which no browser would keep a cookie, and the line that says so."""

import pytest

from app.server.plugins import read_settings
from app.settings.environment import SettingsError
from app.settings.settings import Settings
from tests.support.secret import STRONG_SECRET

ATTRIBUTES = "BETTER_AUTH_ADVANCED_DEFAULT_COOKIE_ATTRIBUTES_"
COOKIES = "BETTER_AUTH_ADVANCED_COOKIES"
HTTP, HTTPS = "http://auth.a.test", "https://auth.a.test"


def read(url: str = HTTP, **given: str) -> Settings:
    always = {"BETTER_AUTH_SECRET": STRONG_SECRET, "BETTER_AUTH_URL": url}
    return read_settings({**always, **given}, None)


def fault(url: str = HTTP, **given: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(url, **given)
    (line,) = caught.value.lines
    assert "\n" not in line
    return line


def of_token(text: str) -> dict[str, str]:
    return {COOKIES: f'{{"session_token": {{"attributes": {{{text}}}}}}}'}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({f"{ATTRIBUTES}SAME_SITE": "none"}, f"{ATTRIBUTES}SAME_SITE"),
        ({f"{ATTRIBUTES}PARTITIONED": "true"}, f"{ATTRIBUTES}PARTITIONED"),
        (of_token('"sameSite": "None"'), f"{COOKIES}: session_token"),
        (of_token('"partitioned": true'), f"{COOKIES}: session_token"),
    ],
)
def test_cookie_of_other_sites_needs_https(given: dict[str, str], named: str) -> None:
    line = fault(**given)
    assert line.startswith(f"{named}: ")
    assert "makes cookies Secure, and browsers ignore such cookies over http" in line
    read("http://localhost:8000", **given)
    read(HTTPS, **given)
    read(BETTER_AUTH_ADVANCED_USE_SECURE_COOKIES="true", **given)
    read(**{f"{ATTRIBUTES}SECURE": "true"}, **given)


@pytest.mark.parametrize("name", ["__Host-x", "__Secure-x", "__host-x", "a;b", "", "a b", "é"])
def test_name_that_browsers_give_a_meaning_or_refuse_is_refused(name: str) -> None:
    line = fault(**{COOKIES: f'{{"session_data": {{"name": "{name}"}}}}'})
    assert line.startswith(f"{COOKIES}: session_data cannot have the name ")


@pytest.mark.parametrize("prefix", ["__Host-a", "__secure-a"])
def test_prefix_that_browsers_give_a_meaning_is_refused(prefix: str) -> None:
    name = "BETTER_AUTH_ADVANCED_COOKIE_PREFIX"
    assert fault(**{name: prefix}).startswith(f"{name}: ")


def test_two_cookies_of_one_name_are_refused() -> None:
    both = '{"session_token": {"name": "x"}, "session_data": {"name": "x"}}'
    assert fault(**{COOKIES: both}) == f"{COOKIES}: two cookies have the same name"


@pytest.mark.parametrize("path", ["x", "/a b", "/a;b", "/\u00e9"])
def test_path_is_one(path: str) -> None:
    assert fault(**{f"{ATTRIBUTES}PATH": path}).startswith(f"{ATTRIBUTES}PATH: a path begins")
    line = fault(**of_token(f'"path": "{path}"'))
    assert line.startswith(f"{COOKIES}: session_token: a path begins")


@pytest.mark.parametrize(
    "domain", ["b.test", "test", "127.0.0.1", "a.test;x", "auth.a.test.b.test"]
)
def test_domain_is_the_host_s_or_one_above(domain: str) -> None:
    line = fault(**{f"{ATTRIBUTES}DOMAIN": domain})
    assert line.startswith(f"{ATTRIBUTES}DOMAIN must be ")
    line = fault(**of_token(f'"domain": "{domain}"'))
    assert line.startswith(f"{COOKIES}: session_token must be ")
    read(**{f"{ATTRIBUTES}DOMAIN": ".a.test"})


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "[]",
        '{"session": {}}',
        '{"session_token": "sid"}',
        '{"session_token": {"nam": "sid"}}',
        '{"session_token": {"attributes": {"samesite": "lax"}}}',
        '{"session_token": {"attributes": {"sameSite": "loose"}}}',
        '{"session_token": {"attributes": {"httpOnly": "yes"}}}',
    ],
)
def test_anything_but_options_of_our_cookies_is_refused(text: str) -> None:
    assert fault(**{COOKIES: text}).startswith(COOKIES)


@pytest.mark.parametrize("age", [0, -1])
def test_age_is_above_nothing(age: int) -> None:
    assert fault(**{f"{ATTRIBUTES}MAX_AGE": str(age)}).startswith(f"{ATTRIBUTES}MAX_AGE must be")
    assert "above 0" in fault(**of_token(f'"maxAge": {age}'))


@pytest.mark.parametrize("text", ["None", "none", "NONE"])
def test_same_site_is_read_in_any_case(text: str) -> None:
    found = read(HTTPS, **{f"{ATTRIBUTES}SAME_SITE": text}, **of_token(f'"sameSite": "{text}"'))
    assert found.advanced.default_cookie_attributes.same_site == "none"
    assert found.advanced.cookies is not None
    assert found.advanced.cookies["session_token"].attributes.same_site == "none"


def test_object_of_attributes_is_pointed_to_single_variables() -> None:
    assert "did you mean" in fault(**{ATTRIBUTES.removesuffix("_"): "{}"})


def test_cookie_that_is_none_is_told() -> None:
    line = fault(**{COOKIES: '{"session": {}}'})
    there = "session_token, session_data, dont_remember"
    assert line == f"{COOKIES}: there is no cookie 'session', only {there}"
