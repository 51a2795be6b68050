import pytest

from app.models.errors import (
    InvalidCallbackUrl,
    InvalidErrorCallbackUrl,
    InvalidNewUserCallbackUrl,
    InvalidRedirectUrl,
    InvalidUrlType,
    Refusal,
)
from app.web.origins.callback_url import check_callback_url, check_callback_urls
from app.web.origins.trusted_origins import TrustedOrigins

TRUSTED = TrustedOrigins(["http://localhost:4104", "https://app.ex", "myapp://callback"])
REFUSALS: dict[str, type[Refusal]] = {
    "callbackURL": InvalidCallbackUrl,
    "redirectTo": InvalidRedirectUrl,
    "errorCallbackURL": InvalidErrorCallbackUrl,
    "newUserCallbackURL": InvalidNewUserCallbackUrl,
}
ACCEPTED = [
    "/",
    "/x",
    "/x//y",
    "/x?next=//evil.com",
    "/x#//evil",
    "/a?b=%2F%5c",
    "/a#%2f",
    "/../..//evil.com",
    "/a/..//evil.com",
    "/@evil.com",
    "/.evil.com",
    "/x y",
    "/é",
    "/日本",
    "/%zz",
    "https://app.ex",
    "https://app.ex/x?y#z",
    "HTTPS://APP.EX/x",
    "https:/app.ex",
    "https://app.ex\\@evil.com",
    "http://localhost:4104/a",
    "myapp://callback/x",
]
REFUSED = [
    "//evil.com",
    "///evil.com",
    "/\\evil.com",
    "/x\\y",
    "\\\\evil.com",
    "/%2F/evil.com",
    "/a%2fb",
    "/a%5cb",
    "/%5Cevil.com",
    "/a\tb",
    "/a\r\nb",
    "/\t/evil.com",
    "/a\x00b",
    "/a\x7fb",
    "/a\x85b",
    "x",
    "./x",
    "?x=1",
    "#x",
    " /x",
    " ",
    "evil.com",
    "https:evil.com",
    "https://evil.com",
    "https://app.ex@evil.com",
    "https://app.ex.evil.com",
    "https://app.ex。evil.com",
    "http://app.ex",
    "https://app.ex:8443",
    "javascript:alert(1)",
    "JavaScript:alert(1)//https://app.ex",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "myapp://callback.evil",
    "\ud800",
    "/\\\ud800",
]


@pytest.mark.parametrize("key", REFUSALS)
@pytest.mark.parametrize("value", ACCEPTED)
def test_harmless_url_passes(key: str, value: str) -> None:
    check_callback_urls({key: value}, {}, TRUSTED)


@pytest.mark.parametrize("key", REFUSALS)
@pytest.mark.parametrize("value", REFUSED)
def test_url_that_leads_away_is_refused(key: str, value: str) -> None:
    """Open redirects: CVE-2024-56734, CVE-2025-27143, CVE-2025-53535, GHSA-vp58-j275-797x."""
    with pytest.raises(REFUSALS[key]):
        check_callback_urls({key: value}, {}, TRUSTED)


@pytest.mark.parametrize("value", REFUSED)
def test_link_that_leads_away_is_refused(value: str) -> None:
    with pytest.raises(InvalidCallbackUrl):
        check_callback_url(value, TRUSTED)


@pytest.mark.parametrize("value", [None, "", *ACCEPTED])
def test_harmless_link_passes(value: str | None) -> None:
    check_callback_url(value, TRUSTED)


@pytest.mark.parametrize("key", REFUSALS)
@pytest.mark.parametrize("value", [7, True, 0.5, [], ["/x"], {}, {"a": "/x"}])
def test_value_of_another_type_is_refused(key: str, value: object) -> None:
    label = "redirectURL" if key == "redirectTo" else key
    with pytest.raises(InvalidUrlType, match=f"^Invalid {label}: expected a string$"):
        check_callback_urls({key: value}, {}, TRUSTED)


@pytest.mark.parametrize("key", REFUSALS)
@pytest.mark.parametrize("value", [None, "", 0, 0.0, False])
def test_value_that_javascript_calls_false_is_not_given(key: str, value: object) -> None:
    check_callback_urls({key: value}, {}, TRUSTED)


def test_query_counts_where_the_body_gives_no_callback_url() -> None:
    with pytest.raises(InvalidCallbackUrl):
        check_callback_urls({"callbackURL": ""}, {"callbackURL": "https://evil.com"}, TRUSTED)
    check_callback_urls({"callbackURL": "/x"}, {"callbackURL": "https://evil.com"}, TRUSTED)


def test_repeated_query_key_is_no_string() -> None:
    with pytest.raises(InvalidUrlType, match="Invalid callbackURL: expected a string"):
        check_callback_urls({}, {"callbackURL": ["/a", "/b"]}, TRUSTED)


@pytest.mark.parametrize("key", ["redirectTo", "errorCallbackURL", "newUserCallbackURL"])
def test_only_callback_url_is_taken_from_the_query(key: str) -> None:
    check_callback_urls({}, {key: "https://evil.com"}, TRUSTED)


def test_keys_are_judged_in_the_originals_order() -> None:
    body: dict[str, object] = {}
    for key in reversed(REFUSALS):
        body[key] = "https://evil.com"
        with pytest.raises(REFUSALS[key]):
            check_callback_urls(body, {}, TRUSTED)


@pytest.mark.parametrize("start", ["/", "https://app.ex/", "myapp://callback/"])
@pytest.mark.parametrize("key", REFUSALS)
def test_url_too_long_for_a_header_is_refused(key: str, start: str) -> None:
    check_callback_urls({key: start.ljust(8192, "x")}, {}, TRUSTED)
    with pytest.raises(REFUSALS[key]):
        check_callback_urls({key: start.ljust(8193, "x")}, {}, TRUSTED)
