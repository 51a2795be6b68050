"""Media types and bodies, well-formed and not."""

from tests.system.parity.scenario import scenario
from tests.system.parity.side import ABSENT, Caller, Side

CREDENTIALS = b'{"email":"a@b.co","password":"xxxxxxxx"}'
FORM = "application/x-www-form-urlencoded"
TYPES = (
    "text/plain",
    "application/json; charset=utf-8",
    "application/vnd.api+json",
    "application/jsonfoo",
    "Application/JSON",
    "multipart/form-data; boundary=b",
    "application/xml",
    ";",
    "application/json, text/plain",
    "application/json,",
    "application/problem+json",
    "text/application/json",
    " application/json ;x",
)
OTHER_KINDS: tuple[object, ...] = (None, [], "x", 5, True, {}, [{}], "")
TOKENS: tuple[object, ...] = (
    *(ABSENT, None, [], "x", {}, {"token": None}, {"token": 5}, {"token": ""}),
)


async def _send(caller: Caller, path: str, content: bytes, kind: str = "application/json") -> None:
    await caller.post(path, content, ("Content-Type", kind))


@scenario()
async def media_types(s: Side) -> None:
    for kind in TYPES:
        await _send(s.client(), "/sign-in/email", CREDENTIALS, kind)
    await _send(s.client(), "/sign-out", b"hi", "text/plain")
    await _send(s.client(), "/sign-out", b"", "text/plain")


@scenario()
async def no_media_type(s: Side) -> None:
    await s.client().post("/sign-in/email", CREDENTIALS)
    await s.client().post("/sign-in/email")
    await s.client().post("/sign-up/email", CREDENTIALS)
    await s.client().post("/sign-out", b"hi")


@scenario()
async def forms(s: Side) -> None:
    someone = s.client()
    await _send(someone, "/sign-up/email", b"email=forms%40b.co&password=xxxxxxxx&name=A+B", FORM)
    await _send(someone, "/sign-in/email", b"email=forms%40b.co&password=xxxxxxxx", FORM)
    await _send(someone, "/sign-in/email", b"email=forms%40b.co&password=wrong", FORM)
    twice = b"email=forms%40b.co&password=xxxxxxxx&rememberMe=false"
    await _send(someone, "/sign-in/email", twice, FORM)
    await _send(someone, "/sign-in/email", b"email=a%40b.co&email=c%40d.co&password=x", FORM)
    await _send(someone, "/sign-in/email", b"", FORM)
    await _send(someone, "/sign-in/email", b"=&&a", FORM)
    await _send(someone, "/sign-out", b"a=b", FORM)
    await _send(someone, "/revoke-session", b"token=x", FORM)


@scenario()
async def broken_json(s: Side) -> None:
    for content in (
        b'{"email":',
        b"{",
        b"[",
        b"nul",
        b"{'a':1}",
        b'{"a":1,}',
        b"\x00",
        b" ",
        b"NaN",
    ):
        await _send(s.client(), "/sign-in/email", content)
        await _send(s.client(), "/sign-out", content)


@scenario()
async def json_of_other_kinds(s: Side) -> None:
    for body in OTHER_KINDS:
        await s.client().post("/sign-in/email", body)
        await s.client().post("/sign-up/email", body)
        await s.client().post("/sign-out", body)


@scenario()
async def guarded_bodies(s: Side) -> None:
    for body in TOKENS:
        await s.client().post("/revoke-session", body)
        await s.client().post("/revoke-sessions", body)
        await s.client().post("/revoke-other-sessions", body)


@scenario()
async def odd_json(s: Side) -> None:
    await _send(s.client(), "/sign-in/email", b"\xef\xbb\xbf" + CREDENTIALS)
    await _send(s.client(), "/sign-in/email", b'{"email":"a@b.co","password":"xxxxxxxx\xff"}')
    await _send(s.client(), "/sign-in/email", b'{"email":1,"email":"a@b.co","password":"xxxxxxxx"}')
    await _send(s.client(), "/sign-in/email", b'{"email":12345678901234567890,"password":"x"}')
    await _send(s.client(), "/sign-in/email", b'{"email":1.5,"password":1e400}')
    await _send(s.client(), "/sign-in/email", b' \n\t{"email":"nope", "password" : "x"} \r\n')
    proto = b'{"__proto__":{"x":1},"email":"proto@b.co","password":"xxxxxxxx","name":"p"}'
    await _send(s.client(), "/sign-up/email", proto)
    alone = b'{"name":"\\ud800","email":"surrogate@b.co","password":"xxxxxxxx"}'
    await _send(s.client(), "/sign-up/email", alone)


@scenario({"session.deferSessionRefresh": True})
async def ignored(s: Side) -> None:
    """Whatever comes with it: the session is all that counts."""
    ada = await s.signed_up("ignored@example.com")
    for content, kind in (
        (b"{", "application/json"),
        (b"hi", "text/plain"),
        (b'{"callbackURL":"https://evil.com"}', "application/json"),
        (b"a=b", FORM),
        (b"[]", "application/json"),
    ):
        await _send(ada, "/get-session", content, kind)


@scenario()
async def empty(s: Side) -> None:
    for path in ("/sign-in/email", "/sign-up/email", "/sign-out", "/revoke-session"):
        await _send(s.client(), path, b"")
        await s.client().post(path)
