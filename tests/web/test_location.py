import pytest

from app.web.location import location, with_parameter


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("/done?a=1#h", "/done?a=1#h"),
        ("/x y", "/x y"),
        ("/é", "/é"),
        ("/日本/é", "/%E6%97%A5%E6%9C%AC/%C3%A9"),
        ("/x\r\nset-cookie: a=b", "/x%0D%0Aset-cookie: a=b"),
    ],
)
def test_url_fits_into_a_header(url: str, sent: str) -> None:
    assert location(url) == ("location", sent)


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
