"""Pages that may call with a cookie: those that the service trusts."""

import pytest

from app.bridge import Presented
from app.bridge.errors import ForeignOrigin
from app.bridge.origins import AllowedOrigins
from app.web.origins import trusted_origins as service

PATTERNS = [
    "https://app.example",
    "http://localhost:3000",
    "https://*.wild.example",
    "*.any.example:*",
    "https://preview-?.example",
    "https://*.*.deep.example",
    "http://*:4000",
    "http://192.168.*.*:3000",
    "10.*:*",
    "null",
    "",
    "https://path.example/",
]
ORIGINS = [
    "https://app.example",
    "http://app.example",
    "https://app.example:8443",
    "https://app.example.evil",
    "https://xapp.example",
    "http://localhost:3000",
    "http://localhost:3001",
    "http://localhost",
    "https://a.wild.example",
    "https://a.b.wild.example",
    "https://wild.example",
    "https://.wild.example",
    "https://a.wild.example.evil",
    "https://evil/a.wild.example",
    "http://a.wild.example",
    "http://a.any.example:1",
    "https://a.any.example:8443",
    "https://a.any.example",
    "https://preview-1.example",
    "https://preview-12.example",
    "https://a.b.deep.example",
    "https://a.deep.example",
    "https://path.example",
    "null",
    "",
    "https://evil",
    "file://",
    "https://",
    "://app.example",
    "https://app.example, https://evil",
    "https://" + "a." * 5000 + "wild.example",
    *(
        f"https://{odd}.wild.example"
        for odd in ("u@a", "u:p@a", "evil#", "evil?", "evil%2f", "evil:80", "A", "a b", "a\t", "é")
    ),
    "https://a_b.wild.example",
    "https://a.wild.example:443",
    "https://a.wild.example#",
    "https://u@a.any.example:8443",
    "https://a.any.example:x",
    "https://a.any.example:8443?",
    "http://[::1].any.example:1",
    "HTTPS://a.wild.example",
    "http://[::1]:4000",
    "http://[::1",
    "http://192.168.0.1:3000",
    "http://192.168.evil.com:3000",
    "http://192.168.0.1.evil.com:3000",
    "http://192.168.0.256:3000",
    "http://192.168.010.1:3000",
    "https://10.0.0.1:8443",
    "https://10.evil.com:8443",
    "https://10.0.1:8443",
]


@pytest.mark.parametrize("origin", ORIGINS, ids=lambda origin: origin[:40])
def test_page_is_trusted_where_the_service_trusts_it(origin: str) -> None:
    trusted = service.TrustedOrigins(PATTERNS).trusts_cors(origin)
    try:
        AllowedOrigins(PATTERNS).check(Presented([], [], [origin]))
    except ForeignOrigin:
        assert not trusted
    else:
        assert trusted


def test_request_of_no_page_is_trusted() -> None:
    AllowedOrigins([]).check(Presented([]))


def test_each_of_two_headers_must_be_trusted() -> None:
    with pytest.raises(ForeignOrigin):
        AllowedOrigins(PATTERNS).check(Presented([], [], ["https://app.example", "https://evil"]))


def test_origin_is_found_among_the_headers() -> None:
    presented = Presented.by([(b"Origin", b"https://a"), (b"ORIGIN", b"\xff"), (b"cookie", b"a=b")])
    assert (presented.origins, presented.cookies) == (["https://a", "\xff"], ["a=b"])
