"""Every row is what Node 24 says of the URL, save those that say otherwise."""

import unicodedata

import pytest

from app.web.urls import url_host
from app.web.urls.url_parser import Url, parse_origin, parse_url


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        ("http://localhost:3000", "http://localhost:3000"),
        ("HTTP://LOCALHOST:3000/x?y#z", "http://localhost:3000"),
        ("http://example.com:80", "http://example.com"),
        ("https://example.com:443/", "https://example.com"),
        ("https://example.com:80", "https://example.com:80"),
        ("http://example.com:00080", "http://example.com"),
        ("http://example.com:", "http://example.com"),
        ("http://example.com:0", "http://example.com:0"),
        ("http://example.com.", "http://example.com."),
        ("http://u:p@example.com", "http://example.com"),
        ("http://trusted@evil.com", "http://evil.com"),
        ("http://a@b@evil.com", "http://evil.com"),
        ("http://localhost:3000\\@evil.com", "http://localhost:3000"),
        ("http:/localhost:3000", "http://localhost:3000"),
        ("http:localhost:3000", "http://localhost:3000"),
        ("http:\\\\localhost", "http://localhost"),
        ("http://///localhost", "http://localhost"),
        ("  http://local\thost\n", "http://localhost"),
        ("http://%6cocalhost", "http://localhost"),
        ("http://evil.com#.example.com", "http://evil.com"),
        ("http://evil.com?.example.com", "http://evil.com"),
        ("http://127.1", "http://127.0.0.1"),
        ("http://0x7f.1", "http://127.0.0.1"),
        ("http://2130706433", "http://127.0.0.1"),
        ("http://0177.0.0.1.", "http://127.0.0.1"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://[::FFFF:1.2.3.4]", "http://[::ffff:102:304]"),
        ("http://[1:0:0:2:0:0:0:3]", "http://[1:0:0:2::3]"),
        ("http://[1:2:3:4:5:6:7:8]", "http://[1:2:3:4:5:6:7:8]"),
        ("http://[0:0:1:2:3:4:5:0]", "http://[::1:2:3:4:5:0]"),
        ("http://[1:2:3:4:5:6:0:0]", "http://[1:2:3:4:5:6::]"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://" + "a" * 63 + ".example", "https://" + "a" * 63 + ".example"),
        ("https://" + "a." * 123 + "example", "https://" + "a." * 123 + "example"),
        ("https://" + "%61." * 123 + "example", "https://" + "a." * 123 + "example"),
        ("https://xn--strae-oqa.example", "https://xn--strae-oqa.example"),
        ("ws://example.com:80", "ws://example.com"),
        ("blob:https://example.com/id", "https://example.com"),
    ],
)
def test_origin(value: str, origin: str) -> None:
    assert parse_origin(value) == origin


@pytest.mark.parametrize(
    "value",
    [
        "",
        "null",
        "Null",
        "localhost",
        "//localhost",
        "/x",
        "http://",
        "http://@",
        "http://u@",
        "http://:80",
        "http://a b",
        "http://a%20b",
        "http://a%00b",
        "http://a<b",
        "http://a%2fb",
        "http://%",
        "http://localhost:3000:1",
        "http://localhost:65536",
        "http://localhost:" + "9" * 5000,
        "http://localhost:x",
        "http://localhost:-1",
        "http://localhost:3000, http://localhost:3000",
        "http://256.1.1.1",
        "http://1.2.3.4.5",
        "http://1.2.3.08",
        "http://1..2",
        "http://1.0x" + "f" * 70,
        "http://[::1",
        "http://[::1]x",
        "http://::1",
        "http://[::1%25eth0]",
        "http://[1::2::3]",
        "http://xn--a",
        "http://xn--",
        "http://xn--6g7c.example",
        "http://xn--aea.example",
        "http://xn--\x7f",
        "http://" + "a" * 64 + ".example",
        "http://" + "a." * 124 + "example",
        "http://" + "%61" * 64,
        "myapp://a b",
        "myapp://a\\b",
        "myapp://:80",
        "myapp://u@",
        "myapp://[::1",
        "file://a:80",
        "1a://x",
    ],
)
def test_browsers_or_the_domain_name_system_refuse(value: str) -> None:
    assert parse_url(value) is None


@pytest.mark.parametrize(
    "value",
    ["http://bücher.example", "http://b%C3%BCcher.example", "http://evil.com／.example.com"],
)
def test_host_that_needs_idna_is_refused(value: str) -> None:
    """Node maps these to `xn--…` or refuses them; we trust none."""
    assert parse_url(value) is None


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("myapp://", Url("myapp", "", None)),
        ("MyApp://Host:08/x", Url("myapp", "Host:8", None)),
        ("myapp://é\x01x", Url("myapp", "%C3%A9%01x", None)),
        ("myapp:///x", Url("myapp", "", None)),
        ("myapp:/x", Url("myapp", "", None)),
        ("javascript:alert(1)", Url("javascript", "", None)),
        ("data:text/html,x", Url("data", "", None)),
        ("blob:x", Url("blob", "", None)),
        ("blob:ftp://x", Url("blob", "", None)),
        ("plain.dev:8080", Url("plain.dev", "", None)),
        ("exp://[::1]:80", Url("exp", "[::1]:80", None)),
        ("file:///x", Url("file", "", None)),
        ("file://localhost/x", Url("file", "", None)),
        ("file://C:/x", Url("file", "", None)),
        ("file:x", Url("file", "", None)),
        ("file://Host/x", Url("file", "host", None)),
    ],
)
def test_url_without_an_origin(value: str, url: Url) -> None:
    assert parse_url(value) == url


@pytest.mark.parametrize(
    "host",
    [
        "xn--" + "a9" * 30_000,
        "xn--bcher-kva." * 4_000 + "example",
        "%78n--" + "%61" * 20_000,
        "xn--" + "一丁丂七丄丅" * 1_000,
    ],
)
def test_no_long_host_is_decoded(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Decoding Punycode takes time that grows with the square of the length."""
    decoded: list[str] = []
    monkeypatch.setattr(url_host, "_is_label", decoded.append)
    assert parse_url(f"http://{host}") is None
    assert decoded == []


def test_long_label_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    normalized: list[str] = []

    def normalize(form: str, text: str) -> str:
        normalized.append(text)
        return text

    monkeypatch.setattr(unicodedata, "normalize", normalize)
    labels = ["xn--" + ("ü" * count).encode("punycode").decode() for count in (40, 70)]
    assert [len(label) > 63 for label in labels] == [False, True]
    assert [parse_url(f"http://{label}.example") is None for label in labels] == [False, True]
    assert normalized == ["ü" * 40]
