"""Who may post: the Origin and Fetch Metadata headers, and which origins are trusted."""

from tests.system.parity.scenario import scenario
from tests.system.parity.side import Side

OWN = "http://localhost:4000"
PAGE = "http://localhost:3000"
EVIL = "https://evil.com"
BODY = {"email": "nobody@b.co", "password": "xxxxxxxx"}
# With too short a password no hash is made: what is refused before stays refused.
NEW = {"name": "x", "email": "nobody@b.co", "password": "x"}

# What a request without cookies may carry at sign-in.
WITHOUT_COOKIES: tuple[dict[str, str], ...] = (
    {},
    {"Origin": OWN},
    {"Origin": PAGE},
    {"Origin": EVIL},
    {"Origin": "null"},
    {"Origin": ""},
    {"Referer": f"{OWN}/page"},
    {"Referer": f"{EVIL}/page"},
    {"Origin": "", "Referer": f"{EVIL}/page"},
    {"Origin": OWN, "Referer": f"{EVIL}/page"},
    {"Origin": EVIL, "Referer": f"{OWN}/page"},
    {"Origin": f"{OWN}/"},
    {"Origin": f"{OWN}/path"},
    {"Origin": "http://LOCALHOST:4000"},
    {"Origin": "HTTP://localhost:4000"},
    {"Origin": "http://localhost:4001"},
    {"Origin": "https://localhost:4000"},
    {"Origin": "http://127.0.0.1:4000"},
    {"Origin": "http://localhost"},
    {"Origin": "localhost:4000"},
    {"Origin": "garbage"},
    {"Origin": f"{OWN} {EVIL}"},
    {"Origin": f"{OWN},{EVIL}"},
    {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
    {"Origin": OWN, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"},
    {"Origin": PAGE, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    {"Origin": EVIL, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    {"Origin": EVIL, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    {"Origin": OWN, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    {"Origin": OWN, "Sec-Fetch-Site": "Cross-Site", "Sec-Fetch-Mode": "Navigate"},
    {"Origin": OWN, "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "null", "Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Dest": "empty"},
    {"Sec-Fetch-Mode": "cors"},
    {"Sec-Fetch-Site": " "},
    {"Sec-Fetch-Site": "none"},
)
WITH_COOKIES: tuple[dict[str, str], ...] = (
    {"Cookie": "foo=bar"},
    {"Cookie": "foo=bar", "Origin": OWN},
    {"Cookie": "foo=bar", "Origin": EVIL},
    {"Cookie": "foo=bar", "Origin": "null"},
    {"Cookie": "foo=bar", "Origin": ""},
    {"Cookie": "foo=bar", "Referer": f"{PAGE}/x?y"},
    {"Cookie": "foo=bar", "Referer": "/relative"},
    {"Cookie": ""},
    {"Cookie": " "},
    {"Cookie": "", "Origin": OWN},
    {"Cookie": "a=b", "Origin": OWN, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    {"Cookie": "a=b", "Origin": "null", "Sec-Fetch-Site": "same-origin"},
    {"Cookie": "a=b", "Sec-Fetch-Site": "same-origin"},
)
TRUSTED = [
    *("https://*.example.com", "*.wild.dev", "myapp://", "exp://192.168.*"),
    *("chrome-extension://abc", "https://x?b.q.io", "https://other"),
    *("https://Upper.Case.Org", "deep://host/path", "https://port.example.org:8443"),
    *("http://192.168.*.*:3000", "10.*:3000", "wide://*", "parts://*/cb", "scheme:/"),
]
TRIED = (
    *("https://a.example.com", "https://a.b.example.com", "https://example.com"),
    *("http://a.example.com", "https://a.example.com:8443", "https://A.EXAMPLE.COM"),
    *("https://x.wild.dev", "http://x.wild.dev", "http://x.wild.dev:99", "https://wild.dev"),
    *(
        "https://evil.com/.example.com",
        "https://evil.com?.example.com",
        "https://evil.com#.wild.dev",
    ),
    *("myapp://", "myapp://foo", "MYAPP://foo", "myapp:foo", "exp://192.168.0.1:8081"),
    *("exp://10.0.0.1", "chrome-extension://abc", "chrome-extension://abcd", "https://xab.q.io"),
    *("https://xaab.q.io", "https://xb.q.io", "https://other", "https://other/x", "http://other"),
    *("http://plain.dev:8080", "https://plain.dev", "https://upper.case.org"),
    *("deep://host", "deep://host/path", "deep://host/path/more", "deep://host/pathology"),
    *("https://port.example.org:8443", "https://port.example.org"),
    *("http://192.168.0.1:3000", "http://192.168.evil.com:3000", "https://10.evil.com:3000"),
    *("https://10.0.0.1:3000", "exp://192.168.evil.com", "wide://a.b/c?d", "wide://u@a", "wide:x"),
    *("parts://a/cb", "parts://a/b/cb", "parts://a/cb/x", "scheme://a/b", "schemes://a/b"),
)


@scenario()
async def sign_in_without_cookies(s: Side) -> None:
    for headers in WITHOUT_COOKIES:
        await s.client().post("/sign-in/email", {**BODY, "email": "nobody"}, *headers.items())


@scenario()
async def sign_up_without_cookies(s: Side) -> None:
    for headers in WITHOUT_COOKIES:
        await s.client().post("/sign-up/email", NEW, *headers.items())


@scenario()
async def sign_in_with_cookies(s: Side) -> None:
    for headers in WITH_COOKIES:
        await s.client().post("/sign-in/email", {**BODY, "email": "nobody"}, *headers.items())


@scenario()
async def other_posts(s: Side) -> None:
    for headers in (
        *WITH_COOKIES,
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "none"},
    ):
        await s.client().post("/sign-out", {}, *headers.items())
        await s.client().post("/revoke-sessions", {}, *headers.items())


@scenario()
async def reading(s: Side) -> None:
    ada = await s.signed_up("reading@example.com")
    for origin in (OWN, PAGE, EVIL, "null", ""):
        await ada.get("/get-session", ("Origin", origin))
        await ada.get("/ok", ("Origin", origin))


@scenario()
async def before_the_body(s: Side) -> None:
    """Media type and syntax are judged first, the fields after."""
    evil = ("Origin", EVIL)
    json = ("Content-Type", "application/json")
    cookie = ("Cookie", "a=b")
    for path in ("/sign-in/email", "/sign-out", "/revoke-session"):
        await s.client().post(path, b"x", ("Content-Type", "text/plain"), evil, cookie)
        await s.client().post(path, b"{", json, evil, cookie)
        await s.client().post(path, {"token": 5, "callbackURL": 5}, evil, cookie)
        await s.client().post(path, {"callbackURL": EVIL}, evil, cookie)


@scenario({"trustedOrigins": TRUSTED})
async def patterns(s: Side) -> None:
    for origin in TRIED:
        await s.client().post("/sign-out", {}, ("Origin", origin), ("Cookie", "a=b"))


@scenario({"trustedOrigins": TRUSTED})
async def patterns_of_callbacks(s: Side) -> None:
    for origin in (*TRIED, "https://a.example.com@evil.com/", "myapp:///p", "https://x.wild.dev/p"):
        await s.client().post("/sign-out", {"callbackURL": origin})


@scenario({"trustedOrigins": []})
async def own_origin_only(s: Side) -> None:
    for origin in (OWN, PAGE):
        await s.client().post("/sign-out", {}, ("Origin", origin), ("Cookie", "a=b"))


@scenario({"baseURL": "https://auth.example.com"})
async def origin_of_https(s: Side) -> None:
    for origin in (
        "https://auth.example.com",
        "https://auth.example.com:443",
        "http://auth.example.com",
    ):
        await s.client().post("/sign-out", {}, ("Origin", origin), ("Cookie", "a=b"))
