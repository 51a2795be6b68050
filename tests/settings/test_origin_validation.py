"""Trusted origins that are refused at the start, and those that are only warned about."""

import pytest

from app.settings.origin_validation import find_origin_faults, find_shared_patterns

EVERYBODY = [
    *("*", "**", "*.*", "*:*", "*:3000", "?*", "https://*", "http://*:3000", "https://*:*"),
    *(
        "http://*\\:3000",
        "https://\\*",
        "http*://**",
        "*://*",
        "http?://*:44?",
        "h*://*.*",
        "http://[*]:3000",
        "HTTP://*",
    ),
]
NOBODY = [
    *("localhost:3000", "localhost:3000/", "app.example", "app.example/x", "https:app.example"),
    *("http:/app.example", "https://a.example/", "https://a.example/x", "https://*.a.example/"),
    *("myapp:/*", "*.a.example/x", "my_app://", "://a.example", "my app://x"),
]
SCRIPTS = ["javascript:", "javascript://", "JavaScript:alert(1)", "data:", "vbscript://*", "data:/"]
GOOD = [
    *("http://localhost:3000", "https://*.example.com", "*.example.com:*", "http://localhost:*"),
    *("http://192.168.*.*:3000", "10.*", "https://a-?.example.com", "http://[fe80::*]:3000"),
    *("myapp:", "myapp:/", "myapp:/cb", "myapp://", "myapp://*", "myapp://**", "exp://**"),
    *("exp://*:8081", "exp+my-app://*", "chrome-extension://abc", "myapp://host/*", "myapp:cb"),
    *("*.internal", "*.localhost:3000", "http://*.test", "http://*.my.vercel.app"),
]
STRANGERS = [
    *(
        "https://*.vercel.app",
        "*.vercel.app:*",
        "https://my-app-*.vercel.app",
        "*.com",
        "*.GitHub.io",
    ),
    *("https://*-team.netlify.app", "https://*.co.uk", "http*://*.dev", "https://app.*", "*com"),
    *("http://localhost*", "https://*.pages.dev:8443", "https://a-?.workers.dev", "https://*.io."),
]


@pytest.mark.parametrize("origin", EVERYBODY)
def test_pattern_that_trusts_everybody_is_refused(origin: str) -> None:
    (line,) = find_origin_faults([origin])
    assert line.startswith(f"BETTER_AUTH_TRUSTED_ORIGINS: {origin!r} trusts every site")


@pytest.mark.parametrize("origin", NOBODY)
def test_pattern_that_trusts_nobody_is_refused(origin: str) -> None:
    (line,) = find_origin_faults([origin])
    assert "never matches" in line or "is not an origin" in line


@pytest.mark.parametrize("origin", SCRIPTS)
def test_scheme_of_scripts_is_refused(origin: str) -> None:
    (line,) = find_origin_faults([origin])
    assert line.endswith("is a script, not an origin: remove it")


@pytest.mark.parametrize("origin", [*GOOD, *STRANGERS])
def test_pattern_that_means_something_is_taken(origin: str) -> None:
    assert list(find_origin_faults([origin])) == []


@pytest.mark.parametrize("origin", STRANGERS)
def test_pattern_that_strangers_fit_is_warned_about(origin: str) -> None:
    (line,) = find_shared_patterns([origin])
    assert f"{origin!r} trusts pages of other owners" in line


def test_warning_names_what_is_shared() -> None:
    lines = [*find_shared_patterns(["https://*.vercel.app", "https://app.*"])]
    assert "anyone can register a name under vercel.app:" in lines[0]
    assert "anyone can register a host such as app.x.com:" in lines[1]


@pytest.mark.parametrize("origin", GOOD)
def test_pattern_of_ones_own_is_not_warned_about(origin: str) -> None:
    assert list(find_shared_patterns([origin])) == []
