"""Social routes where no provider is configured."""

from tests.system.parity.scenario import scenario
from tests.system.parity.side import Side

BODIES: tuple[object, ...] = (
    {},
    {"provider": "google"},
    {"provider": "x", "foo": 1},
    {"provider": ""},
    {"provider": 5},
    {"provider": None},
    {"provider": "x", "callbackURL": 5},
    {"provider": "x", "callbackURL": None},
    {"provider": "x", "callbackURL": "//evil.example"},
    {"provider": "x", "newUserCallbackURL": "//evil.example"},
    {"provider": "x", "idToken": {}},
    {"provider": "x", "idToken": {"token": "x", "expiresAt": 1.5}},
    {"provider": "x", "additionalParams": {"state": "x"}},
    {"provider": "x", "additionalParams": {"client_id": "a", "nonce": "b"}},
    {"provider": "x", "additionalData": []},
    {
        "provider": "x",
        "disableRedirect": "a",
        "idToken": {
            "token": 1,
            "nonce": 1,
            "accessToken": 1,
            "refreshToken": 1,
            "expiresAt": "a",
            "user": {"name": {"firstName": 1, "lastName": 2}, "email": 3},
        },
        "scopes": [5, "a", 6],
        "requestSignUp": 1,
        "loginHint": 1,
        "additionalParams": {"state": "x", "z": 5},
        "additionalData": 5,
    },
    [],
    None,
)
POSTED: tuple[object, ...] = (
    {},
    {"state": "x", "code": "1 2"},
    {"state": 5},
    {"user": "a b*~'"},
    [],
    None,
)
FORM = ("Content-Type", "application/x-www-form-urlencoded")


@scenario()
async def sign_in(s: Side) -> None:
    ada = s.client()
    for body in BODIES:
        await ada.post("/sign-in/social", body)
    await ada.post("/sign-in/social")
    await ada.post("/sign-in/social", {"provider": "x"}, ("Origin", "https://evil.example"))
    await ada.post("/sign-in/social", b"provider=x", FORM)


@scenario()
async def link(s: Side) -> None:
    ada = await s.signed_up("link@example.com")
    for body in BODIES:
        await ada.post("/link-social", body)
    await s.client().post("/link-social", {"provider": "x"})
    await s.client().post("/link-social", {})


@scenario()
async def callback(s: Side) -> None:
    await _callbacks(s)


@scenario({"onAPIError.errorURL": "https://app.example"})
async def callback_to_the_error_url(s: Side) -> None:
    await _callbacks(s)


async def _callbacks(s: Side) -> None:
    ada = s.client()
    for query in (
        "",
        "?state=",
        "?state=x",
        "?code=1",
        "?error=a%20b&error_description=c",
        "?state=a&state=b",
        "?state=x&callbackURL=https://evil.example",
    ):
        await ada.get(f"/callback/google{query}")
    await ada.get("/callback/a%2Fb")
    await ada.get("/callback/")
    await ada.get("/callback/a/b")
    await ada.post("/callback/go%20o?iss=a&error=b&device_id=1&error_description=%C3%A9")
    for body in POSTED:
        await ada.post("/callback/google?code=q", body)
    await ada.post("/callback/google?state=a&state=b", {"state": "x"})
    await ada.post("/callback/google", b"state=x&code=1+2&user=%7B%7D&foo=1", FORM)
    await ada.post("/callback/google", b"x", ("Content-Type", "text/plain"))
    await ada.post("/callback/google", {"callbackURL": "//evil.example"})
    await s.browser(origin="https://evil.example").post(
        "/callback/google", {"state": "x"}, ("Cookie", "a=b")
    )
