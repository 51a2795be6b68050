"""Where an answer may send a browser: callbackURL and its siblings."""

from tests.system.parity.scenario import scenario
from tests.system.parity.side import Side

URLS = (
    *("/x", "/", "//evil.com", "/\\evil.com", "/x//y", "/x?next=//evil.com", "/x#//evil"),
    *("/%2F/evil.com", "/a%2fb", "/a%5cb", "/a%5Cb", "/a?b=%2F", "/a#%2f", "/a\tb", "/a\nb"),
    *(
        "/a\x00b",
        "/a\x7fb",
        "/a\x85b",
        "/a%00b",
        "x",
        "./x",
        "../x",
        "?x=1",
        "#x",
        " /x",
        "/x ",
        "/x y",
    ),
    *("http://localhost:3000", "http://localhost:3000/", "http://localhost:3000/x?y#z"),
    *("http://localhost:3000@evil.com", "http://user@localhost:3000/", "http://localhost:4000/a"),
    *("https://localhost:3000", "http://localhost:3000.evil.com", "http://localhost"),
    *("javascript:alert(1)", "data:text/html,x", "myapp://cb", "HTTP://LOCALHOST:3000/x"),
    *("http:/localhost:3000", "http:localhost:3000", "http://localhost:3000\\@evil.com"),
    *("/../..//evil.com", "/a/..//evil.com", "/é", "/@evil.com", "/.evil.com", "/:80", ""),
    *(
        "https:evil.com",
        "///evil.com",
        "\\\\evil.com",
        "/\u2028",
        "/a;b=c",
        "/a'b\"c<d>",
        "http://",
    ),
    *("http://localhost:3000/%2f", "http://localhost:3000//x", "http://localhost:3000/\n", "%2fx"),
)
NAMES = ("callbackURL", "redirectTo", "errorCallbackURL", "newUserCallbackURL")
VALUES: tuple[object, ...] = ("https://evil.com", "/ok", 7, True, False, None, [], {}, 0)


@scenario()
async def at_sign_out(s: Side) -> None:
    """No endpoint needs to know the key."""
    for url in URLS:
        await s.client().post("/sign-out", {"callbackURL": url})


@scenario()
async def at_sign_in(s: Side) -> None:
    await s.client().sign_up("callbacks@example.com")
    for url in (
        "/x y",
        "/a?b=%2F",
        "/x?next=//evil.com",
        "http://localhost:3000/é",
        "/a'b\"c<d>",
        "/x ",
    ):
        await s.client().sign_in("callbacks@example.com", callbackURL=url)


@scenario()
async def siblings(s: Side) -> None:
    for name in NAMES:
        for value in VALUES:
            await s.client().post("/sign-out", {name: value})
    everything = dict.fromkeys(reversed(NAMES), "https://evil.com")
    await s.client().post("/sign-out", everything)
    await s.client().post("/sign-in/email", {**everything, "email": 5})


@scenario()
async def in_the_query(s: Side) -> None:
    for query in (
        *("callbackURL=https://evil.com", "callbackURL=/a&callbackURL=/b", "callbackURL=/ok"),
        *("redirectTo=https://evil.com", "callbackURL=", "callbackURL=%2F%2Fevil.com"),
    ):
        await s.client().post(f"/sign-out?{query}", {})
        await s.client().get(f"/get-session?{query}")


@scenario({"trustedOrigins": ["*.wild.dev"]})
async def script_at_a_trusted_host(s: Side) -> None:
    url = "javascript://a.wild.dev/%0aalert(1)"
    await s.client().post("/sign-out", {"callbackURL": url})
    await s.client().post("/sign-out", {"redirectTo": url})
