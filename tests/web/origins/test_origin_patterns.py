"""Patterns of trusted origins, each held against the original's own matcher."""

import json
import subprocess
from itertools import product
from pathlib import Path

import pytest

from app.web.origins.trusted_origins import TrustedOrigins
from tests.support import node

CLIENT = Path(__file__).parents[2] / "system" / "js_client"
ADDRESSES = (
    *("http://192.168.*.*:3000", "http://192.168.*.*", "http://10.*:*", "192.168.*", "10.*:3000"),
    *("https://192.168.1.10*", "http://1?2.0.0.*", "*://172.16.*.*:3000", "exp://192.168.*.*:8081"),
    *("exp://10.*", "http://127.0.0.1:*", "192.168.**", "http://*.168.0.1", "1*", "http://2*:80??"),
)
NAMES = (
    *("https://*.example.com", "*.wild.dev", "*.wild.dev:*", "https://preview-?.example"),
    *("http://192-168-*.example", "https://v1.*.example:3000", "http://192.168.*.evil.com:3000"),
)
APPS = (
    *(
        "myapp://",
        "myapp:/",
        "myapp:",
        "myapp:///cb",
        "myapp://host",
        "myapp://host/cb",
        "MyApp://",
    ),
    *("myapp://*", "myapp://**", "myapp://*/cb", "myapp://*/cb/*", "myapp://host/cb/**"),
    *("myapp://ho?t", "myapp://host/c?", "myapp:*://", "myapp://host/../x/*", "myapp://host/%2a"),
    *(
        "exp://**",
        "exp://*",
        "exp://*:8081",
        "exp+my-app://*",
        "exp://*/--/*",
        "my*app://x",
        "*://x",
    ),
    *("chrome-extension://abc", "chrome-extension://*", "com.example.app:/oauth/*", "blob:*://*"),
)
PATTERNS = (*ADDRESSES, *NAMES, *APPS)

WEB_HOSTS = (
    *("192.168.evil.com:3000", "192.168.0.1:3000", "192.168.0.1", "192.168.0.256:3000"),
    *(
        "192.168.0.1.evil.com:3000",
        "192.168.x.y",
        "192.168.1:3000",
        "192.168.010.1",
        "0xc0.168.0.1",
    ),
    *("10.evil.com:3000", "10.1:3000", "10.0.0.1:3000", "10.0.0.1:x", "10.evil.com", "10.0.0.1."),
    *("127.0.0.1:8000", "192.168.1.10:99", "192.168.1.100", "192.168.1.10.evil.com", "1.evil.com"),
    *("172.16.0.9:3000", "172.16.evil.com:3000", "122.0.0.7", "122.0.0.evil", "2.2.2.2:8080"),
    *("evil.168.0.1", "evil.com:8080", "a.example.com", "a.wild.dev", "a.wild.dev:9", "wild.dev"),
    *("preview-1.example", "preview-12.example", "192-168-evil.example", "v1.evil.example:3000"),
    *("192.168.0.1.evil.com:3000", "[::1]:3000", "192.168.0.1@evil.com:3000", "a@192.168.0.1:3000"),
)
APP_URLS = (
    *("myapp:", "myapp:/", "myapp://", "myapp:///", "myapp:///cb", "myapp:/cb", "myapp:cb"),
    *(
        "myapp://host",
        "myapp://HOST/",
        "myapp://host/cb",
        "myapp://host/cb/x",
        "myapp://host/cb/x/y",
    ),
    *(
        "myapp://host/cbx",
        "myapp://host/cb/../evil",
        "myapp://host/cb/%2e%2e/x/y",
        "myapp://host?cb",
    ),
    *(
        "myapp://host#cb",
        "myapp://u@host",
        "myapp://u:p@host/cb",
        "myapp://host:1/cb",
        "myapp://evil",
    ),
    *("myapp://hot", "myapp://ho/t/cb", "myapp://evil/cb/x", "MYAPP://other/cb", "myapp://host/*"),
    *("myapp2://host", "my-app://x", "x://x", "exp://192.168.0.1:8081", "exp://192.168.0.1"),
    *("exp://192.168.evil.com:8081", "exp://10.0.0.1", "exp://10.evil.com", "exp://10.0.0.01"),
    *("exp://u@10.0.0.1", "exp://h:8081/--/cb", "exp://h:8081/--/a/b", "exp://h/--/", "exp://"),
    *("exp+my-app://expo-development-client/?url=x", "chrome-extension://abc/popup.html"),
    *("chrome-extension://abcd", "com.example.app:/oauth/done", "com.example.app://oauth/done"),
    *("com.example.app:/oauth", "blob:https://a.example.com/1", "javascript:alert(1)"),
    *(
        "ftp://192.168.0.1",
        "ws://a.wild.dev",
        "file://x",
        "data:text/html,x",
        "garbage",
        "null",
        "",
    ),
)
URLS = (*(f"{s}://{h}" for s, h in product(("http", "https"), WEB_HOSTS)), *APP_URLS)


@pytest.fixture(scope="module")
def original() -> dict[str, list[str]]:
    node.install(CLIENT)
    command = [str(node.node()), str(CLIENT / "trusted_origins.mjs")]
    asked = json.dumps({"patterns": PATTERNS, "urls": URLS})
    ran = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=60, input=asked
    )
    return dict(zip(PATTERNS, json.loads(ran.stdout), strict=True))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_pattern_trusts_what_it_trusts_at_the_original(
    original: dict[str, list[str]], pattern: str
) -> None:
    trusted = TrustedOrigins([pattern])
    assert [url for url in URLS if trusted.trusts_url(url)] == original[pattern]


def test_pattern_of_addresses_trusts_no_name(original: dict[str, list[str]]) -> None:
    """1.7.25: a star crosses dots, so that `192.168.*.*` is the beginning of names, too."""
    for pattern in ADDRESSES:
        assert not any("evil" in url for url in original[pattern])
        trusted = TrustedOrigins([pattern])
        assert not any(trusted.trusts_url(url) for url in URLS if "evil" in url)


@pytest.mark.parametrize("scheme", ["javascript", "JavaScript", "java\tscript", "data", "vbscript"])
@pytest.mark.parametrize("pattern", ["*.wild.dev", "*.wild.dev:*", "*", "javascript://", "*://*"])
def test_script_is_at_no_host(scheme: str, pattern: str) -> None:
    """The official client assigns `url` to `location.href`: `%0a` ends the comment before it."""
    trusted = TrustedOrigins([pattern])
    url = f"{scheme}://a.wild.dev/%0aalert(1)"
    assert not trusted.trusts_url(url)
    assert not trusted.trusts_origin(url)
