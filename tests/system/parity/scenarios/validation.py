"""Bodies that don't fit: what is said, in which order, and what is let through."""

from tests.system.parity.scenario import scenario
from tests.system.parity.side import PASSWORD, Side

GOOD: dict[str, object] = {"name": "x", "password": "xxxxxxxx"}
# Each fails at sign-up.
SIGN_UP: tuple[dict[str, object], ...] = (
    {},
    {"email": "a@b.co", "password": "xxxxxxxx"},
    {"name": "x", "password": "xxxxxxxx"},
    {"name": "x", "email": "a@b.co"},
    {"name": 1, "email": 2, "password": 3, "image": 4, "callbackURL": "/x", "rememberMe": "x"},
    {"name": None, "email": "bad", "password": ""},
    {**GOOD, "email": "a@b.co", "name": None},
    {**GOOD, "email": "a@b.co", "name": {}},
    {**GOOD, "email": "a@b.co", "name": []},
    {**GOOD, "email": "a@b.co", "name": True},
    {**GOOD, "email": "a@b.co", "name": 1.5},
    {**GOOD, "email": "a@b.co", "image": None},
    {**GOOD, "email": "a@b.co", "image": 5},
    {**GOOD, "email": "nope"},
    {**GOOD, "email": ""},
    {**GOOD, "email": None},
    {**GOOD, "email": "a@b.co", "password": ""},
    {**GOOD, "email": "a@b.co", "password": "1234567"},
    {**GOOD, "email": "a@b.co", "password": "a" * 129},
    {**GOOD, "email": "a@b.co", "password": "😀" * 3},
    {**GOOD, "email": "a@b.co", "password": "😀" * 65},
    {**GOOD, "email": "a@b.co", "rememberMe": None},
    {**GOOD, "email": "a@b.co", "rememberMe": "false"},
    {**GOOD, "email": "a@b.co", "rememberMe": 0},
    {**GOOD, "email": "a@b.co", "callbackURL": None},
    {**GOOD, "email": "a@b.co", "callbackURL": 5},
    {**GOOD, "email": "a@b.co", "callbackURL": {}},
    {**GOOD, "email": "a@b.co", "callbackURL": "https://evil.com"},
)
# Each fits at sign-up; the address is added.
ACCEPTED: tuple[dict[str, object], ...] = (
    {"name": ""},
    {"name": "   "},
    {"name": "n" * 5000},
    {"name": "<b>é\x00😀"},
    {"name": "a\nb\tc\u2028\x7f\\/\"'"},
    {"image": ""},
    {"image": "not a url"},
    {"password": " " * 8},
    {"password": "a" * 128},
    {"password": "😀" * 4},
    {"password": "é" * 8},
    {"password": "abc\x00defgh"},
    {"rememberMe": True},
    {"rememberMe": False},
    {"callbackURL": "/dash"},
    {"callbackURL": ""},
    {"emailVerified": True, "id": "mine", "createdAt": "2020-01-01T00:00:00Z", "role": "admin"},
)
SIGN_IN: tuple[dict[str, object], ...] = (
    {"password": "x"},
    {"email": None, "password": "x"},
    {"email": "nope", "password": "x"},
    {"email": "", "password": ""},
    {"email": "a@b.co"},
    {"email": "a@b.co", "password": None},
    {"email": True, "password": {}},
    {"email": 1.5, "password": []},
    {"email": "a@b.co", "password": "a" * 129},
    {"email": "a@b.co", "password": "😀" * 65},
    {"email": "a@b.co", "password": "x", "rememberMe": None},
    {"email": "a@b.co", "password": "x", "rememberMe": "false"},
    {"email": "a@b.co", "password": "x", "rememberMe": 1},
    {"email": "a@b.co", "password": "x", "callbackURL": None},
    {"email": "a@b.co", "password": "x", "callbackURL": False},
    {"email": "a@b.co", "password": "x", "callbackURL": 0},
    {"email": "a@b.co", "password": "x", "callbackURL": []},
    {"email": " a@b.co ", "password": "x"},
    {"email": "a@b.co\n", "password": "x"},
)
SIGN_OUT: tuple[dict[str, object], ...] = (
    {"callbackURL": 5},
    {"callbackURL": None},
    {"disableRedirect": "x"},
    {"disableRedirect": None, "state": 7},
    {"state": {}},
    {"disableRedirect": True, "state": "s", "callbackURL": "/x"},
    {"foo": 1},
)


@scenario()
async def sign_up(s: Side) -> None:
    for body in SIGN_UP:
        await s.client().post("/sign-up/email", body)


@scenario()
async def accepted_at_sign_up(s: Side) -> None:
    for number, body in enumerate(ACCEPTED):
        ada = s.browser()
        await ada.post("/sign-up/email", {**GOOD, "email": f"accepted{number}@b.co", **body})
        await ada.get("/get-session")


@scenario()
async def sign_in(s: Side) -> None:
    for body in SIGN_IN:
        await s.client().post("/sign-in/email", body)


@scenario()
async def sign_out(s: Side) -> None:
    for body in SIGN_OUT:
        await s.client().post("/sign-out", body)


@scenario()
async def queries(s: Side) -> None:
    ada = await s.signed_up("queries@b.co")
    for name in ("disableRefresh", "disableCookieCache"):
        for value in ("true", "false", "0", "", "a&{name}=b"):
            await ada.get(f"/get-session?{name}={value.format(name=name)}")
    await ada.get("/get-session?disableRefresh")
    await ada.get("/get-session?foo=1&disableRefresh=%20")
    await s.client().get("/get-session?disableRefresh=a&disableRefresh=b")
    await ada.get("/list-sessions?disableRefresh=a&disableRefresh=b")
    await ada.get("/token?disableRefresh=a&disableRefresh=b")


@scenario()
async def unicode_passwords(s: Side) -> None:
    """NFD and NFC are one password."""
    await s.client().sign_up("unicode@b.co", password="e\u0301" * 8)
    await s.client().sign_in("unicode@b.co", password="\u00e9" * 8)
    await s.client().sign_in("unicode@b.co", password="e" * 8)


@scenario({"emailAndPassword.minPasswordLength": 4, "emailAndPassword.maxPasswordLength": 10})
async def other_lengths(s: Side) -> None:
    for length in (0, 3, 4, 10, 11):
        await s.client().sign_up(f"length{length}@b.co", password="p" * length)
    await s.client().sign_in("length4@b.co", password="p" * 11)
    await s.client().sign_in("length4@b.co", password="p" * 4)
    await s.client().sign_in("length4@b.co", password="p" * 3)
    await s.client().sign_in("length4@b.co", password=PASSWORD)
