"""Every row was sent to the original over a raw socket or asked of Node's URL parser."""

import pytest

from app.web.urls.paths import find_route_path, get_limiter_path, normalize_path

BASE = "/api/auth"


@pytest.mark.parametrize(
    ("pathname", "path"),
    [
        ("/api/auth/ok", "/ok"),
        ("/api/auth/ok/", "/ok"),
        ("/api/auth/ok//", ""),
        ("/api/auth//ok/", ""),
        ("/api/auth/", ""),
        ("/api/authx/", None),
    ],
)
def test_one_trailing_slash_can_be_skipped(pathname: str, path: str | None) -> None:
    assert find_route_path(pathname, BASE, skip_slash=True) == path


@pytest.mark.parametrize(
    ("target", "pathname"),
    [
        (b"/api/auth/ok", "/api/auth/ok"),
        (b"/api/auth/x/../ok", "/api/auth/ok"),
        (b"/api/auth/./ok", "/api/auth/ok"),
        (b"/api/auth/%2e%2e/auth/ok", "/api/auth/ok"),
        (b"/api/auth/.%2E/auth/ok", "/api/auth/ok"),
        (b"/api/auth/%2e/ok", "/api/auth/ok"),
        (b"/../api/auth/ok", "/api/auth/ok"),
        (b"/api/auth/ok/.", "/api/auth/ok/"),
        (b"/api/auth/ok/x/..", "/api/auth/ok/"),
        (b"/..", "/"),
        (b"/a/b/../..//c", "//c"),
        (b"/api/auth/...", "/api/auth/..."),
        (b"/api\\auth\\ok", "/api/auth/ok"),
        (b"/api/auth/x\\..\\ok", "/api/auth/ok"),
        (b"//api/auth/ok", "//api/auth/ok"),
        (b"/api/auth/ok;x", "/api/auth/ok;x"),
        (b"/api/auth/%6fk", "/api/auth/%6fk"),
        (b"/api/auth%2fok", "/api/auth%2fok"),
        (b"/api/auth/ok%00", "/api/auth/ok%00"),
        (b"/api/auth/%zz", "/api/auth/%zz"),
        (b"/api/auth/ok#x", "/api/auth/ok"),
        (b"/api/auth/ok?x#y", "/api/auth/ok"),
        (b"/api/auth/ok?x=/../y", "/api/auth/ok"),
        (b"/a b", "/a%20b"),
        (b'/"<>^`{}', "/%22%3C%3E%5E%60%7B%7D"),
        (b"/|[]'~!$&()*+,;=:@", "/|[]'~!$&()*+,;=:@"),
        (b"/\xc3\xa9\x7f\x00", "/%C3%A9%7F%00"),
    ],
)
def test_target_resolves_as_whatwg_url(target: bytes, pathname: str) -> None:
    assert normalize_path(target) == pathname


@pytest.mark.parametrize(
    ("target", "pathname"),
    [
        (b"http://host/api/auth/ok", "/api/auth/ok"),
        (b"HTTPS://u@host:1/api/auth/x/../ok?q", "/api/auth/ok"),
        (b"http://host", "/"),
        (b"http://host?q", "/"),
    ],
)
def test_absolute_form_gives_its_path(target: bytes, pathname: str) -> None:
    assert normalize_path(target) == pathname


@pytest.mark.parametrize("target", [b"*", b"", b"api/auth/ok", b"host:80"])
def test_target_without_a_path_is_below_nothing(target: bytes) -> None:
    assert find_route_path(normalize_path(target), BASE) is None
    assert find_route_path(normalize_path(target), "") is None


@pytest.mark.parametrize(
    "pathname",
    ["/", "/api/auth", "/api/authx/ok", "/API/auth/ok", "//api/auth/ok", "/api/auth%2fok", "/ok"],
)
def test_other_paths_are_not_below_the_base_path(pathname: str) -> None:
    """PR #10212: a route is never found outside `basePath`."""
    assert find_route_path(pathname, BASE) is None


@pytest.mark.parametrize(
    "path", ["/", "//", "//sign-in/email", "/sign-in//email", "/ok/", "/ok//", "///ok"]
)
def test_doubled_and_trailing_slashes_match_no_route(path: str) -> None:
    """GHSA-x732-6j76-qmhm: `//sign-in/email` was routed past limits and `disabledPaths`."""
    assert find_route_path(BASE + path, BASE) == ""


@pytest.mark.parametrize("base", [BASE, ""])
@pytest.mark.parametrize("path", ["/ok", "/%6fk", "/OK", "/reset-password/a.b"])
def test_route_path_is_what_follows_the_base_path(path: str, base: str) -> None:
    assert find_route_path(base + path, base) == path


@pytest.mark.parametrize(
    "target",
    [
        b"/api/auth/sign-in/email",
        b"/api/auth/./sign-in/email",
        b"/api/auth/x/../sign-in/email",
        b"/api\\auth\\sign-in\\email",
        b"/api/auth/%2e/sign-in/email",
        b"/api/auth/sign-in/email/",
        b"/api/auth/sign-in/email//",
        b"/api/auth/sign-in/email?x",
        b"http://h/api/auth/sign-in/email",
    ],
)
def test_every_spelling_that_is_routed_is_counted_as_one_path(target: bytes) -> None:
    """GHSA-x732-6j76-qmhm."""
    assert get_limiter_path(normalize_path(target), BASE) == "/sign-in/email"


@pytest.mark.parametrize(
    ("pathname", "base", "path"),
    [
        ("/api/auth", BASE, "/"),
        ("/api/auth/", BASE, "/"),
        ("/api/auth//ok", BASE, "//ok"),
        ("/elsewhere/", BASE, "/elsewhere"),
        ("/ok/", "", "/ok"),
        ("/", "", "/"),
    ],
)
def test_limiter_path_has_neither_base_path_nor_trailing_slashes(
    pathname: str, base: str, path: str
) -> None:
    assert get_limiter_path(pathname, base) == path
