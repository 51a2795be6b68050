"""What React Native sends to the plugin `expo()`: `expo-origin`, and deep links."""

from tests.system.parity.options import Options
from tests.system.parity.scenario import scenario
from tests.system.parity.side import Side

OWN = "http://localhost:4000"
PAGE = "http://localhost:3000"
APP = "myapp://"
EXPO: Options = {"expoOptions": {}}
TRUSTED: Options = {"trustedOrigins": [PAGE, APP, "exp://192.168.*.*:*"]}
VERIFIES: Options = {
    "emailVerification.sendVerificationEmail": True,
    "emailVerification.autoSignInAfterVerification": True,
    **TRUSTED,
}
NAMED: tuple[dict[str, str], ...] = (
    {"expo-origin": APP},
    {"expo-origin": "MYAPP://"},
    {"expo-origin": "myapp://anything/below"},
    {"expo-origin": "myapp"},
    {"expo-origin": "otherapp://"},
    {"expo-origin": "exp://192.168.1.5:8081"},
    {"expo-origin": "exp://10.0.0.5:8081"},
    {"expo-origin": PAGE},
    {"expo-origin": "https://evil.com"},
    {"expo-origin": "null"},
    {"expo-origin": ""},
    {"expo-origin": APP, "Origin": ""},
    {"expo-origin": APP, "Origin": "null"},
    {"expo-origin": APP, "Origin": "https://evil.com"},
    {"expo-origin": "otherapp://", "Origin": OWN},
    {"expo-origin": "otherapp://", "Referer": f"{OWN}/page"},
    {"expo-origin": APP, "Referer": "https://evil.com/page"},
    {"expo-origin": APP, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    {"expo-origin": "null", "Sec-Fetch-Site": "same-origin"},
    {"Referer": f"{OWN}/page"},
    {},
)


@scenario(TRUSTED, original=EXPO)
async def origin_of_an_app(s: Side) -> None:
    for headers in NAMED:
        cookie = {"Cookie": "a=b", **headers}
        await s.client().post("/sign-out", {}, *cookie.items())
        await s.client().post(
            "/sign-in/email", {"email": "nobody", "password": "x"}, *headers.items()
        )
        await s.client().get("/get-session", *cookie.items())


@scenario(TRUSTED, original=EXPO)
async def two_origins_of_apps(s: Side) -> None:
    twice = (("expo-origin", APP), ("expo-origin", APP))
    await s.client().post("/sign-out", {}, ("Cookie", "a=b"), *twice)


@scenario({**TRUSTED, "expo.disableOriginOverride": True})
async def not_overridden(s: Side) -> None:
    for headers in NAMED:
        cookie = {"Cookie": "a=b", **headers}
        await s.client().post("/sign-out", {}, *cookie.items())
        await s.client().post(
            "/sign-in/email", {"email": "nobody", "password": "x"}, *headers.items()
        )


@scenario(VERIFIES, original=EXPO)
async def link_into_the_app(s: Side) -> None:
    await s.signed_up("app-link@example.com")
    body = {"email": "app-link@example.com", "callbackURL": "myapp:///verified?a=b"}
    await s.client().post("/send-verification-email", body, ("expo-origin", APP))
    letter = await s.mail("app-link@example.com")
    await s.client().open(letter.link)


@scenario(VERIFIES, original=EXPO)
async def link_to_a_page(s: Side) -> None:
    await s.signed_up("page-link@example.com")
    body = {"email": "page-link@example.com", "callbackURL": f"{PAGE}/verified"}
    await s.client().post("/send-verification-email", body, ("expo-origin", APP))
    letter = await s.mail("page-link@example.com")
    await s.client().open(letter.link)
