import pytest

from app.web.http.location import make_absolute, make_location, resolve_url, with_parameter


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("/done?a=1#h", "/done?a=1#h"),
        ("/x y", "/x y"),
        ("/x ", "/x"),
        ("/é", "/é"),
        ("/日本/é", "/%E6%97%A5%E6%9C%AC/%C3%A9"),
        ("/x\r\nset-cookie: a=b", "/x%0D%0Aset-cookie: a=b"),
    ],
)
def test_url_fits_into_a_header(url: str, sent: str) -> None:
    assert make_location(url) == ("location", sent)


# What the original's `appendQueryParams` made of these, on Node 24.
@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("/x", "/x?error=A_B"),
        ("/x?y=1#h", "/x?y=1&error=A_B#h"),
        ("/x?y=1&#h", "/x?y=1&error=A_B#h"),
        ("/x?#h", "/x?error=A_B#h"),
        ("/x#a?b", "/x?error=A_B#a?b"),
        ("http://localhost:3000/x", "http://localhost:3000/x?error=A_B"),
        ("http://localhost:3000", "http://localhost:3000/?error=A_B"),
        ("http://localhost:3000?x#h", "http://localhost:3000/?x&error=A_B#h"),
        ("/a'?b='c#'", "/a'?b=%27c&error=A_B#'"),
        (
            '/x y?a="1"<>`{}^|é#h "`<>{}',
            "/x%20y?a=%221%22%3C%3E`{}^|%C3%A9&error=A_B#h%20%22%60%3C%3E{}",
        ),
        ('/p|`{}"<>%20', "/p|%60%7B%7D%22%3C%3E%20?error=A_B"),
        ("myapp://done", "myapp://done?error=A_B"),
        ("https://app.example", "https://app.example/?error=A_B"),
        ("https://app.example?x", "https://app.example/?x&error=A_B"),
    ],
)
def test_parameter_comes_before_the_fragment(url: str, whole: str) -> None:
    assert with_parameter(url, "error", "A_B") == whole


def test_value_is_encoded_as_in_a_form() -> None:
    whole = with_parameter("/x", "error_description", "x yé~*&+'()!")
    assert whole == "/x?error_description=x+y%C3%A9%7E*%26%2B%27%28%29%21"


# What `new URL(url, base)` and `searchParams.set` made of these, on Node 24.
@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("/x", "https://app.example:8443/x?token=T"),
        ("/x?a=1", "https://app.example:8443/x?a=1&token=T"),
        ("/x?a=1&token=2&b=3&token=4#h", "https://app.example:8443/x?a=1&token=T&b=3#h"),
        (
            "/a/../b?q=x y&r=é~*'()",
            "https://app.example:8443/b?q=x+y&r=%C3%A9%7E*%27%28%29&token=T",
        ),
        ("/é x", "https://app.example:8443/%C3%A9%20x?token=T"),
        ("/x?a", "https://app.example:8443/x?a=&token=T"),
        ("/x?&&a=%zz", "https://app.example:8443/x?a=%25zz&token=T"),
        ("http://localhost:3000", "http://localhost:3000/?token=T"),
        ("HTTP://LOCALHOST:80/X", "http://localhost/X?token=T"),
        ("http:/localhost:3000", "http://localhost:3000/?token=T"),
        ("http://localhost:3000\\@evil.com", "http://localhost:3000/@evil.com?token=T"),
        ('http://localhost:3000/a?b#c d"`', "http://localhost:3000/a?b=&token=T#c%20d%22%60"),
        ("myapp://cb", "myapp://cb?token=T"),
        ("myapp://cb/x?y=1#z", "myapp://cb/x?y=1&token=T#z"),
        ("myapp:cb", "myapp:cb?token=T"),
        (" http://localhost:3000/x\t ", "http://localhost:3000/x?token=T"),
        ("/x?a=b+c%20d", "https://app.example:8443/x?a=b+c+d&token=T"),
        ("/x#é", "https://app.example:8443/x?token=T#%C3%A9"),
        ("x", "https://app.example:8443/api/x?token=T"),
        ("../x?a=1", "https://app.example:8443/x?a=1&token=T"),
        ("?a=1", "https://app.example:8443/api/auth?a=1&token=T"),
        ("#h", "https://app.example:8443/api/auth?token=T#h"),
        ("\0", "https://app.example:8443/api/auth?token=T"),
    ],
)
def test_url_is_resolved_against_the_base_url(url: str, whole: str) -> None:
    assert resolve_url(url, "https://app.example:8443/api/auth", "token", "T") == whole


# What `new URL(url, base).toString()` made of these, on Node 24.
@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("/x?a=1#h", "https://app.example:8443/x?a=1#h"),
        ("/x?#h", "https://app.example:8443/x?#h"),
        ("/a/../b?q=x y&r=é~*'()", "https://app.example:8443/b?q=x%20y&r=%C3%A9~*%27()"),
        ('/x?a={}`|"<>^', "https://app.example:8443/x?a={}`|%22%3C%3E^"),
        ("http://localhost:3000", "http://localhost:3000/"),
        ("myapp://cb/x?y=1#z", "myapp://cb/x?y=1#z"),
        (" /x\t", "https://app.example:8443/x"),
    ],
)
def test_url_becomes_absolute(url: str, whole: str) -> None:
    assert make_absolute(url, "https://app.example:8443/api/auth") == whole
