"""Every row was answered by the original."""

import pytest

from app.models.errors import (
    CrossSiteNavigationLoginBlocked,
    InvalidOrigin,
    MissingOrNullOrigin,
    Refusal,
)
from app.web.http.headers import Headers
from app.web.origins.csrf import refuse_foreign_cookie_request, refuse_login_csrf
from app.web.origins.trusted_origins import TrustedOrigins

OWN = "http://localhost:4104"
TRUSTED = TrustedOrigins([OWN, "http://localhost:3000", "https://auth.example.com"])
EVIL = "https://evil.com"


def headers(**values: str) -> Headers:
    """`sec_fetch_site="…"` is the header `sec-fetch-site`."""
    return Headers(
        (name.replace("_", "-").encode(), value.encode()) for name, value in values.items()
    )


JUDGED: list[tuple[dict[str, str], type[Refusal] | None]] = [
    ({"origin": OWN}, None),
    ({"origin": "http://localhost:3000"}, None),
    ({"origin": f"{OWN}/"}, None),
    ({"origin": "http://LOCALHOST:4104"}, None),
    ({"origin": EVIL}, InvalidOrigin),
    ({"origin": "http://localhost:4105"}, InvalidOrigin),
    ({"origin": "http://127.0.0.1:4104"}, InvalidOrigin),
    ({"origin": f"{OWN}, {OWN}"}, InvalidOrigin),
    ({"origin": "Null"}, InvalidOrigin),
    ({"origin": "null"}, MissingOrNullOrigin),
    ({"origin": "null", "referer": f"{OWN}/x"}, MissingOrNullOrigin),
    ({"origin": "null", "sec_fetch_site": "same-site", "host": OWN[7:]}, MissingOrNullOrigin),
    ({"origin": "null", "sec_fetch_site": "same-origin", "host": "localhost:4104"}, None),
    ({"origin": "null", "sec_fetch_site": "same-origin", "host": "LOCALHOST:3000"}, None),
    ({"origin": "null", "sec_fetch_site": "same-origin", "host": "evil.com"}, InvalidOrigin),
    ({"origin": "null", "sec_fetch_site": "same-origin"}, InvalidOrigin),
    ({"referer": f"{OWN}/login?x=1"}, None),
    ({"referer": f"{EVIL}/x"}, InvalidOrigin),
    ({"referer": "foo"}, InvalidOrigin),
    ({"referer": "/foo"}, InvalidOrigin),
    ({"referer": "null"}, MissingOrNullOrigin),
    ({"referer": "null", "sec_fetch_site": "same-origin"}, MissingOrNullOrigin),
    ({"origin": "", "referer": f"{OWN}/x"}, None),
    ({"origin": "", "referer": EVIL}, InvalidOrigin),
    ({"origin": OWN, "referer": EVIL}, None),
    ({"origin": EVIL, "referer": OWN}, InvalidOrigin),
]


@pytest.mark.parametrize(("sent", "refusal"), JUDGED)
@pytest.mark.parametrize("cookie", ["a=b", ""])
def test_request_with_any_cookie_needs_a_trusted_origin(
    sent: dict[str, str], refusal: type[Refusal] | None, cookie: str
) -> None:
    given = headers(**sent, cookie=cookie)
    if refusal is None:
        refuse_foreign_cookie_request("POST", given, TRUSTED)
    else:
        with pytest.raises(refusal):
            refuse_foreign_cookie_request("POST", given, TRUSTED)


@pytest.mark.parametrize("sent", [{}, {"origin": ""}, {"sec_fetch_site": "same-origin"}])
def test_request_with_a_cookie_and_no_origin_is_refused(sent: dict[str, str]) -> None:
    with pytest.raises(MissingOrNullOrigin):
        refuse_foreign_cookie_request("POST", headers(**sent, cookie="foo=bar"), TRUSTED)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "QUERY", "get"])
def test_every_method_that_may_change_something_is_judged(method: str) -> None:
    with pytest.raises(InvalidOrigin):
        refuse_foreign_cookie_request(method, headers(origin=EVIL, cookie="a=b"), TRUSTED)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_is_not_judged(method: str) -> None:
    refuse_foreign_cookie_request(method, headers(origin=EVIL, cookie="a=b"), TRUSTED)


@pytest.mark.parametrize("sent", [{}, {"origin": EVIL}, {"authorization": "Bearer x"}])
def test_request_without_cookies_needs_no_origin(sent: dict[str, str]) -> None:
    refuse_foreign_cookie_request("POST", headers(**sent), TRUSTED)


def test_cross_site_navigation_with_cookies_and_a_trusted_origin_passes() -> None:
    sent = {"origin": OWN, "sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    refuse_foreign_cookie_request("POST", headers(**sent, cookie="a=b"), TRUSTED)


def test_origin_behind_a_tls_proxy_is_inferred_as_https() -> None:
    sent = {"origin": "null", "sec_fetch_site": "same-origin", "host": "auth.example.com"}
    https = headers(**sent, cookie="a=b", x_forwarded_proto="https")
    refuse_foreign_cookie_request("POST", https, TRUSTED)
    with pytest.raises(InvalidOrigin):
        refuse_foreign_cookie_request("POST", headers(**sent, cookie="a=b"), TRUSTED)


@pytest.mark.parametrize(("sent", "refusal"), JUDGED)
def test_sign_in_from_a_browser_needs_a_trusted_origin(
    sent: dict[str, str], refusal: type[Refusal] | None
) -> None:
    """PR #9973, #10368: cookieless sign-ins took any Origin."""
    if refusal is None:
        refuse_login_csrf(headers(**sent), TRUSTED)
    else:
        with pytest.raises(refusal):
            refuse_login_csrf(headers(**sent), TRUSTED)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"origin": ""},
        {"referer": ""},
        {"sec_fetch_site": " "},
        {"sec_fetch_site": "", "sec_fetch_mode": "", "sec_fetch_dest": ""},
        {"user_agent": "curl/8"},
    ],
)
def test_sign_in_of_a_program_passes(sent: dict[str, str]) -> None:
    refuse_login_csrf(headers(**sent), TRUSTED)


@pytest.mark.parametrize(
    "sent",
    [
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"},
        {"sec_fetch_mode": "cors"},
        {"sec_fetch_dest": "empty"},
        {"sec_fetch_dest": "empty", "origin": ""},
    ],
)
def test_sign_in_of_a_browser_without_an_origin_is_refused(sent: dict[str, str]) -> None:
    with pytest.raises(MissingOrNullOrigin):
        refuse_login_csrf(headers(**sent), TRUSTED)


@pytest.mark.parametrize("origin", [OWN, EVIL])
def test_cross_site_navigation_to_sign_in_is_blocked(origin: str) -> None:
    sent = {"origin": origin, "sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    with pytest.raises(CrossSiteNavigationLoginBlocked):
        refuse_login_csrf(headers(**sent), TRUSTED)


def test_cross_site_fetch_from_a_trusted_origin_passes() -> None:
    sent = {"origin": OWN, "sec_fetch_site": "cross-site", "sec_fetch_mode": "cors"}
    refuse_login_csrf(headers(**sent), TRUSTED)


def test_sign_in_with_cookies_is_left_to_the_other_rule() -> None:
    refuse_login_csrf(headers(origin=EVIL, cookie="a=b"), TRUSTED)
