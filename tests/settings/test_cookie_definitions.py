"""Names and attributes of cookies, by every option; the lines are those that the original wrote."""

import pytest

from app.settings.cookie_definitions import resolve_cookie
from app.settings.cookie_options import CookieAttributes, CookieOverride, CookieOverrides
from app.settings.options import AdvancedOptions, CrossSubDomainCookieOptions
from app.settings.settings import Settings

URL = "http://auth.example.com:8000"


def settings(url: str = URL, **advanced: object) -> Settings:
    return Settings(secret="x" * 32, url=url, advanced=AdvancedOptions(**advanced))  # type: ignore[arg-type]  # a table of options


def token(url: str = URL, **advanced: object) -> str:
    return resolve_cookie(settings(url, **advanced), "session_token").text


def test_without_options_it_is_http_only_and_lax() -> None:
    assert token() == "; Path=/; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize(
    "attributes", [CookieAttributes(same_site="none"), CookieAttributes(partitioned=True)]
)
def test_cookie_for_other_sites_is_secure(attributes: CookieAttributes) -> None:
    """Browsers drop it otherwise; its name stays, because that says where the service is."""
    own = Settings(secret="", advanced=AdvancedOptions(default_cookie_attributes=attributes))
    found = resolve_cookie(own, "session_token")
    assert found.name == "better-auth.session_token"
    assert "; Secure" in found.text


def test_attributes_stand_in_the_original_s_order() -> None:
    attributes = CookieAttributes(
        partitioned=True,
        same_site="none",
        secure=True,
        http_only=False,
        path="/x",
        domain="example.com",
    )
    written = token(default_cookie_attributes=attributes)
    assert written == "; Domain=example.com; Path=/x; Secure; SameSite=None; Partitioned"


def test_one_cookie_s_attributes_go_before_those_of_all() -> None:
    given = settings(
        default_cookie_attributes=CookieAttributes(same_site="none", path="/x", max_age=9),
        cookies=CookieOverrides(
            session_token=CookieOverride(
                name="sid", attributes=CookieAttributes(same_site="strict", max_age=5)
            )
        ),
    )
    definition = resolve_cookie(given, "session_token")
    assert (definition.name, definition.attributes.max_age) == ("sid", 5)
    assert definition.text == "; Path=/x; HttpOnly; SameSite=Strict"
    other = resolve_cookie(given, "dont_remember")
    assert (other.name, other.attributes.max_age) == ("better-auth.dont_remember", 9)
    assert other.text == "; Path=/x; HttpOnly; Secure; SameSite=None"


def test_attributes_of_all_go_before_the_shared_domain() -> None:
    shared = CrossSubDomainCookieOptions(enabled=True)
    given = CookieAttributes(domain="example.com")
    assert "; Domain=auth.example.com" in token(cross_sub_domain_cookies=shared)
    both = token(cross_sub_domain_cookies=shared, default_cookie_attributes=given)
    assert both.startswith("; Domain=example.com; ")


def test_own_name_is_marked_secure_where_cookies_are() -> None:
    overrides = CookieOverrides(session_data=CookieOverride(name="sd"))
    given = settings("https://auth.example.com", cookies=overrides)
    assert resolve_cookie(given, "session_data").name == "__Secure-sd"


def test_name_that_says_secure_is() -> None:
    """Browsers drop it otherwise, and better-call 1.4.0 does the same."""
    given = CookieAttributes(secure=False)
    assert "; Secure; " in token(url="https://a.test", default_cookie_attributes=given)


def test_cookie_can_be_secure_without_saying_so_in_its_name() -> None:
    given = settings(default_cookie_attributes=CookieAttributes(secure=True))
    definition = resolve_cookie(given, "session_token")
    assert definition.name == "better-auth.session_token"
    assert definition.text == "; Path=/; HttpOnly; Secure; SameSite=Lax"


@pytest.mark.parametrize("same_site", ["strict", "lax", "none"])
def test_same_site_is_written_with_a_capital(same_site: str) -> None:
    attributes = CookieAttributes(same_site=same_site)  # type: ignore[arg-type]  # one of three
    assert token(default_cookie_attributes=attributes).endswith(
        f"; SameSite={same_site.capitalize()}"
    )
