"""Every row was answered by the original or by its `matchesOriginPattern`."""

import pytest

from app.web.origins.trusted_origins import TrustedOrigins

OWN = "http://localhost:4104"
PATTERNS = (
    OWN,
    "http://localhost:3000",
    "https://*.example.com",
    "*.wild.dev",
    "myapp://",
    "exp://192.168.*",
    "chrome-extension://abc",
    "https://x?b.q.io",
    "",
)


@pytest.fixture(scope="module")
def trusted() -> TrustedOrigins:
    return TrustedOrigins(PATTERNS)


@pytest.mark.parametrize(
    "value",
    [
        OWN,
        f"{OWN}/",
        f"{OWN}/path?x#y",
        "http://LOCALHOST:4104",
        "http://u:p@localhost:3000",
        "http:/localhost:3000",
        "http://localhost:3000\\@evil.com",
        "http://local\thost:3000",
        "https://a.example.com",
        "https://a.b.example.com",
        "https://A.EXAMPLE.com:443/x",
        "http://x.wild.dev",
        "https://x.wild.dev/p",
        "ftp://x.wild.dev",
        "myapp://",
        "myapp://foo/bar",
        "MYAPP:///p",
        "exp://192.168.0.1:8081",
        "chrome-extension://abc",
        "chrome-extension://ABC/x",
        "https://xab.q.io",
    ],
)
def test_trusted(trusted: TrustedOrigins, value: str) -> None:
    assert trusted.trusts_origin(value)
    assert trusted.trusts_url(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "null",
        "/x",
        "//localhost:3000",
        "http://localhost",
        "http://localhost:4105",
        "https://localhost:4104",
        "http://127.0.0.1:4104",
        "http://localhost.:3000",
        "http://localhost:3000.evil.com",
        "http://localhost:3000@evil.com",
        f"{OWN}, {OWN}",
        "https://example.com",
        "http://a.example.com",
        "https://a.example.com:8443",
        "https://a.example.com@evil.com/",
        "https://a.example.com.evil.com",
        "https://evil.com/.example.com",
        "https://evil.com#.example.com",
        "https://evil.com?.example.com",
        "https://evil.com\\.example.com",
        "https://.example.com.evil.com",
        "http://x.wild.dev:99",
        "https://wild.dev",
        "https://xaab.q.io",
        "https://xb.q.io",
        "exp://x",
        "chrome-extension://abc.evil",
        "chrome-extension://abcd",
        "javascript:alert(1)",
        "data:text/html,x",
        "myapp",
        "myapp2://x",
        "\x00myapp://x",
    ],
)
def test_not_trusted(trusted: TrustedOrigins, value: str) -> None:
    """Open redirects: CVE-2024-56734, CVE-2025-27143, CVE-2025-53535, GHSA-vp58-j275-797x."""
    assert not trusted.trusts_origin(value)
    assert not trusted.trusts_url(value)


@pytest.mark.parametrize(
    "value",
    [
        "https://evil.com%2f.example.com",
        "https://evil.com:80:80#.example.com",
        "https://evil.com／.example.com",
        "https://bücher.example.com",
        "https://xn--b.example.com",
        "myapp://a b",
    ],
)
def test_what_no_browser_or_no_table_of_ours_understands_is_not_trusted(value: str) -> None:
    """The original matches some of these against the pattern as they stand."""
    assert not TrustedOrigins(["https://*.example.com", "myapp://*"]).trusts_url(value)


@pytest.mark.parametrize(
    "pattern",
    [
        "example.com",
        "plain.dev:8080",
        "https://example.com/",
        "https://example.com/path",
        "HTTPS://example.com",
        "https://example.com:443",
        "https://*.com/",
    ],
)
def test_pattern_that_is_no_origin_matches_no_origin(pattern: str) -> None:
    trusted = TrustedOrigins([pattern])
    assert not trusted.trusts_origin("https://example.com")
    assert not trusted.trusts_origin("http://plain.dev:8080")
    assert not trusted.trusts_origin(pattern) or pattern == "plain.dev:8080"


@pytest.mark.parametrize(
    ("pattern", "value", "trusts"),
    [
        ("myapp://callback", "myapp://callback", True),
        ("myapp://callback", "myapp://CALLBACK/x?y#z", True),
        ("myapp://callback", "myapp://callback.evil", False),
        ("myapp://callback", "myapp://callbackevil", False),
        ("myapp://callback", "myapp://user@callback", False),
        ("myapp://callback", "myapp://", False),
        ("myapp://host/cb", "myapp://host/cb", True),
        ("myapp://host/cb", "myapp://host/cb/x", True),
        ("myapp://host/cb", "myapp://host/./cb//x", True),
        ("myapp://host/cb", "myapp://host/%63b", True),
        ("myapp://host/cb", "myapp://host/cbx", False),
        ("myapp://host/cb", "myapp://host/cb/../evil", False),
        ("myapp://host/cb", "myapp://host/cb/%2e%2e/evil", False),
        ("myapp://host/cb", "myapp://host/cb/%zz", True),
        ("myapp://host/cb", "myapp://host/cb/%ff", True),
        ("myapp://host/cb", "myapp://host/", False),
        ("myapp://host/", "myapp://host/x", True),
        ("myapp:///cb", "myapp://any/cb", True),
        ("myapp:", "myapp:x", True),
        ("file://", "file:///x", True),
    ],
)
def test_custom_scheme_is_trusted_up_to_a_boundary(
    pattern: str, value: str, *, trusts: bool
) -> None:
    """PR #9645: prefixes of text are not prefixes of URLs."""
    assert TrustedOrigins([pattern]).trusts_url(value) is trusts


@pytest.mark.parametrize(
    "origin",
    [
        OWN,
        "http://localhost:3000",
        "https://a.example.com",
        "https://x.wild.dev",
        "http://x.wild.dev",
    ],
)
def test_scripts_of_trusted_web_origins_may_read(trusted: TrustedOrigins, origin: str) -> None:
    assert trusted.trusts_cors(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "*",
        "null",
        f"{OWN}/",
        "http://LOCALHOST:4104",
        "http://u@localhost:3000",
        "https://aXexample.com",
        "https://evil.com",
        "myapp://",
        "chrome-extension://abc",
        "ftp://x.wild.dev",
        "blob:https://a.example.com/x",
    ],
)
def test_scripts_of_others_may_not_read(trusted: TrustedOrigins, origin: str) -> None:
    assert not trusted.trusts_cors(origin)


def test_wildcards_are_not_tried_on_endless_hosts() -> None:
    trusted = TrustedOrigins(["exp://*.*.example.com"])
    assert trusted.trusts_url("exp://" + "a." * 900 + "example.com")
    assert not trusted.trusts_url("exp://" + "a." * 2000 + "example.com")


@pytest.mark.parametrize(("label", "fits"), [("a" * 63, True), ("a" * 64, False)])
def test_wildcard_trusts_no_host_that_is_too_long_for_a_name(label: str, *, fits: bool) -> None:
    trusted = TrustedOrigins(["https://*.example.com"])
    assert trusted.trusts_origin(f"https://{label}.example.com") is fits
    assert trusted.trusts_cors(f"https://{label}.example.com") is fits
    assert not trusted.trusts_origin("https://" + f"{label}." * 4 + "example.com")


@pytest.mark.parametrize("length", [4_096, 4_097])
def test_header_longer_than_browsers_send_is_not_even_parsed(length: int) -> None:
    header = f"{OWN}/".ljust(length, "x")
    assert TrustedOrigins([OWN]).trusts_origin(header) == (length == 4_096)


def test_origin_longer_than_browsers_send_may_read_nothing() -> None:
    anything = TrustedOrigins(["https://*", "https://**"])
    assert not anything.trusts_cors("https://" + "a." * 3_000 + "example")
