import pytest

from app.web.urls.glob import compile_glob


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "aXexampleXcom", False),
        ("*.example.com", "a.example.com.evil", False),
        ("*.example.com", "a.example.com\n", False),
        ("*.example.com", "a/b.example.com", False),
        ("*.example.com", "a\\b.example.com", False),
        ("**.example.com", "a.b.example.com", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a?c", "a/c", False),
        ("a+(b)[c]{1}^$|", "a+(b)[c]{1}^$|", True),
        (r"a\*c", "a*c", True),
        (r"a\*c", "abc", False),
        ("a\\", "a", True),
        ("https://*.x", "https://a.x", True),
        ("https://*.x", "https:/a.x", True),
        ("https://*.x/", "https://a.x", False),
        ("exp://*", "exp://host/", True),
        ("exp://*", "exp://host/path", False),
        ("/a/**", "/a/b/c", True),
        ("/a/**/d", "/a/b/c/d", True),
        ("/a/**/d", "/a/d", True),
        ("/a/**/d", "/ad", False),
        ("**/d", "a/b/d", True),
        ("/**/**/d", "/a/b/d", True),
        ("", "", True),
    ],
)
def test_pattern_matches(pattern: str, text: str, *, matches: bool) -> None:
    assert (compile_glob(pattern).fullmatch(text) is not None) is matches
